/* SPDX-License-Identifier: MIT */
/* Mending what a check has found, by the operations that every verb uses: each VM a change of its own, in the journal
 * before anything is done. */
#pragma once

#include "check/rules.h"
#include "operations/change.h"
#include "operations/recover.h"

typedef struct MendRequest {
    const char *verb_name;     /* for the journal */
    const char *config_folder; /* of adapter config files */
    PowerRequest power;        /* what may be done to VMs that are not off */
    bool only_look;
} MendRequest;

/* Why something is not mended. */
typedef struct MendFailure {
    unsigned settles; /* SettleFlag: which settings; 0: no setting was wanted */
    Error err;
} MendFailure;

typedef struct MendFailures {
    MendFailure *items;
    size_t count, capacity;
} MendFailures;

/* What is wanted of one VM, and what came of it. With only_look: what could come of it. */
typedef struct Mend {
    const Vm *vm;
    bool recovers;    /* its unfinished change is ended first */
    unsigned settles; /* SettleFlag */
    bool is_recovered;
    unsigned settled;      /* those of settles that are done */
    MendFailures failures; /* of the rest; an interruption is the last one */
    bool is_unfinished;
    bool has_changed; /* something of it was done */
    PowerReport power;
} Mend;

typedef struct Mends {
    Mend *items;
    size_t count, capacity;
} Mends;

/* The finding is to be mended, too: one row for each VM. */
void mends_add(Mends *mends, const Finding *finding, Arena *arena);

/* That of the VM, or NULL. */
const Mend *mends_find(const Mends *mends, const VmFacts *facts);

/* All that was wanted. */
bool mend_is_done(const Mend *mend);

bool mend_was_cancelled(const Mend *mend);

void mend_vm(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend);
