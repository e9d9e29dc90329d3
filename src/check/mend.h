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

/* What is wanted of one VM, and what came of it. */
typedef struct Mend {
    const Vm *vm;
    bool recovers;    /* its unfinished change is ended first */
    unsigned settles; /* SettleFlag */
    bool is_done;     /* all of it; with only_look: it could be */
    bool is_unfinished, was_put_back;
    bool has_changed; /* something of it was done */
    Error problem;    /* why it is not done */
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

void mend_vm(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend);
