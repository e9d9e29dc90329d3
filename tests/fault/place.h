/* SPDX-License-Identifier: MIT */
/* Where the fault matrix works: a folder of its own with the state file of a simulated host, the program's state
 * folder (journal, locks) and the program's own folder; a clock that moves only when somebody waits; and runs of the
 * program in it, in this process or in a child that may be killed. */
#pragma once

#include "base/arena.h"
#include "machine.h"
#include "platform/clock.h"
#include "platform/fs.h"
#include "support/fault_files.h"
#include "support/fault_session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACE_VM "vm1"

/* Shared with children, so that time goes on where a killed one left it. */
typedef struct PlaceClock {
    Clock clock;
    int64_t now_ms;
} PlaceClock;

typedef struct Place {
    const char *folder;
    const char *host_file;      /* host.json */
    const char *state_folder;   /* state */
    const char *program_folder; /* program */
    PlaceClock *clock;
    CimSession *session;         /* with the host; kept, since opening one takes most of the time */
    CimSession *program_session; /* what the program's runs borrow: the same, or one that gets there by another way */
    Arena arena;
    const char *restored; /* the text that the state file was last restored to, and the file then */
    FsStamp restored_stamp;
} Place;

/* All that a run can see of what went before. */
typedef struct Snapshot {
    const char *host;                   /* text of the state file */
    const char *journal_file, *journal; /* NULL: none */
    const char *memo_file, *memo;       /* of detached GPUs; NULL: none */
    const char *config;                 /* adapter.config; NULL: none */
    int64_t now_ms;
} Snapshot;

typedef struct Run {
    int exit_code;         /* RUN_KILLED */
    const char *out, *err; /* what it printed */
    bool is_unheard;       /* it ran in a process of its own, to be killed: both are "", also where nothing killed it */
} Run;

enum { RUN_KILLED = MACHINE_KILLED };

/* "parent" is an existing folder. The session is there after the first place_restore(). */
Place place_create(const char *parent, int number);
void place_destroy(Place *place);

void place_restore(Place *place, const Snapshot *snapshot);
Snapshot place_take(Place *place, Arena *arena);

/* The journal's file, or NULL; the file that remembers detached GPUs, or NULL. */
const char *place_journal(const Place *place, Arena *arena);
const char *place_memo(const Place *place, Arena *arena);

/* hyperpoint WORDS -VM vm1 -HOST sim:... ; script and files may be NULL. */
Run place_run(Place *place, const char *const *words, FaultScript *script, FileScript *files, bool in_child,
              Arena *arena);
