/* SPDX-License-Identifier: MIT */
/* Both ends of update-drivers, each in a process of its own, on a stage (support/guest_stage.h) whose folder they
 * share: the host's run, and the guest's service, which lives when the host's end waits. Time is one for both. Either
 * can be killed at a step of its own, and at any step of either the test, which is the third process, can do something
 * while both stand still. POSIX. */
#pragma once

#include "agent/power_cut.h"
#include "operations/update.h"
#include "support/fault_files.h"
#include "support/fault_session.h"

typedef enum EndsPlace {
    ENDS_CALL,       /* a call of the host's end */
    ENDS_HOST_FILE,  /* a step on a file of its own: journal, cache */
    ENDS_GUEST_FILE, /* a step of the service on a file of the guest; the first process of it */
    ENDS_PLACE_COUNT
} EndsPlace;

typedef enum EndsFault {
    ENDS_NOTHING,
    ENDS_KILL,       /* before the step */
    ENDS_KILL_AFTER, /* a call */
    ENDS_DEED,
    ENDS_STOP, /* the service is asked to end, as Windows does it */
} EndsFault;

/* What goes wrong in a run. */
typedef struct EndsScript {
    EndsPlace place;
    size_t at; /* 0: nothing */
    EndsFault fault;
    bool keep_flushed; /* for a power cut that is "early" */
    const char *busy;  /* the end of a path: this file of the guest is in use until Windows starts; NULL: none */
    void (*deed)(void);
} EndsScript;

/* Steps of a run that nothing went wrong in. */
typedef struct EndsTrace {
    size_t counts[ENDS_PLACE_COUNT];
    FaultTrace calls[FAULT_TRACE_LENGTH];
    FsStep files[ENDS_PLACE_COUNT][FILE_TRACE_LENGTH];
} EndsTrace;

/* In memory that all three share. */
typedef struct Ends {
    int64_t now_ms;
    int64_t wait_ms; /* of the service's last step */
    bool is_over;    /* the host's run has come to its end by itself: */
    bool ok;
    ChangeEnding ending;
    size_t packages; /* that the guest tells of, afterwards */
    Error err;
    bool was_hit;
    EndsTrace trace;
    PowerCut cut;
} Ends;

extern Ends *ends;

/* On the stage in that folder, which is opened for the test, too. */
void ends_open(const char *folder, const EndsScript *script);
void ends_close(void);

/* The host's end from its begin to its end; false: it was killed. The script counts for the first one. */
bool ends_update(void);

/* The service lives on by itself until it has nothing more to do; false: it never comes to that. It starts, if it does
 * not run. */
bool ends_settle(void);

/* Windows has started anew: nothing is in use. The service does not run. */
void ends_free_files(void);

/* The service's process ends: killed, or asked to; it starts again when it is to live next, or somewhat later. */
void ends_kill_service(void);
void ends_stop_service(void);
