/* SPDX-License-Identifier: MIT */
/* A session that wraps another one and lets chosen calls go wrong, in the ways the contract in cim/session.h allows:
 * for the fault matrix. Calls are counted from 1 over all verbs, polls of jobs included.
 *
 * A fault that says "done" hands the call on and then spoils the answer; the others keep it from the host. */
#pragma once

#include "cim/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_CHECKPOINT_ID "C0000000-0000-0000-0000-00000000000A"

typedef enum FaultKind {
    FAULT_REFUSED,     /* a definite error */
    FAULT_WRONG_STATE, /* another one: ERR_STATE */
    FAULT_DENIED,
    FAULT_UNREACHABLE,           /* no connection: nothing was sent */
    FAULT_GARBLED,               /* a reply that cannot be understood */
    FAULT_RETURNS_INVALID_STATE, /* ReturnValue 32775 */
    FAULT_RETURNS_FAILED,        /* ReturnValue 32768 */
    FAULT_LOST_RUNNING,          /* done or begun, no reply; a job that was started is still at work */
    FAULT_LOST_DONE,             /* done to the end, no reply */
    FAULT_LOST_NOT_DONE,         /* not done, no reply */
    FAULT_CUT_DONE,              /* the same two, and no connection from then on */
    FAULT_CUT_NOT_DONE,
    FAULT_JOB_FAILS,         /* 4096, and the job ends with an exception; nothing was done */
    FAULT_JOB_FAILS_DONE,    /* ... although all was done */
    FAULT_JOB_VANISHES_DONE, /* 4096, and the job is gone at the first look */
    FAULT_JOB_VANISHES_NOT_DONE,
    FAULT_NO_RETURN_VALUE, /* done, and the answer lacks its ReturnValue */
    FAULT_NO_JOB_PATH,     /* done, 4096 without a job */
    FAULT_POLL_NOT_FOUND,  /* the job has ended and is gone */
    FAULT_NO_RIGHTS,       /* Hyper-V without rights: queries have no rows, methods are denied */
    FAULT_KILL_BEFORE,     /* SIGKILL */
    FAULT_KILL_AFTER,
    FAULT_CANCEL,     /* Ctrl-C before the call */
    FAULT_VM_STARTED, /* somebody else does something before the call: see FaultScript.disturb */
    FAULT_ADAPTER_ADDED,
    FAULT_ADAPTER_REMOVED,
    FAULT_ADAPTER_EXCHANGED, /* one taken off, another one put on */
    FAULT_LIMITS_EDITED,
    FAULT_KIND_COUNT
} FaultKind;

/* What a call is: a kind of fault goes with some of them. */
typedef enum FaultCall { FAULT_CALL_READ = 1, FAULT_CALL_POLL = 2, FAULT_CALL_INVOKE = 4 } FaultCall;

typedef enum FaultSpan { FAULT_ONCE = 1, FAULT_FROM_THERE_ON = 2 } FaultSpan;

typedef struct FaultRow {
    const char *name;
    unsigned calls; /* FaultCall */
    unsigned spans; /* FaultSpan: the ones that make sense */
} FaultRow;

extern const FaultRow fault_rows[FAULT_KIND_COUNT];

typedef struct Fault {
    FaultKind kind;
    size_t at; /* number of the call */
    FaultSpan span;
} Fault;

enum { FAULTS_PER_RUN = 2, FAULT_TRACE_LENGTH = 400 };

typedef struct FaultTrace {
    FaultCall call;
    char what[40]; /* "invoke CreateSnapshot", "query Msvm_PartitionableGpu" */
} FaultTrace;

/* A way to the host that can fail by itself. */
typedef struct FaultLine {
    bool (*can_fail)(FaultKind kind, FaultCall call);
    /* Before each call, at that time. True: the call is to be handed on, and will fail as that kind of fault says. */
    bool (*begin)(FaultKind kind, FaultCall call, int64_t now_ms);
    void (*end)(void);
} FaultLine;

/* What shall go wrong in a run, and what happened. */
typedef struct FaultScript {
    Fault faults[FAULTS_PER_RUN];
    size_t count;
    /* For the kinds that are somebody else's doing. */
    void (*disturb)(void *context, FaultKind kind);
    void *context;
    Cancel *cancel; /* what the user's Ctrl-C asks to stop */
    const FaultLine *line; /* NULL: all failures are made up here */

    size_t calls; /* so far */
    size_t hits;
    size_t adapter_reads; /* how often the VM's adapters have been read; not those of the checkpoint below */
    FaultTrace trace[FAULT_TRACE_LENGTH];
    size_t job_polls;
} FaultScript;

/* Borrows "inner". The script must live as long as the session; a second session may go on with it. */
CimSession *fault_session_wrap(CimSession *inner, FaultScript *script);
