/* SPDX-License-Identifier: MIT */
/* Finishes or undoes what an interrupted change of a VM left behind. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/recovery.h"
#include "operations/inventory.h"
#include "operations/power.h"

#include <stdbool.h>

typedef enum RecoveryOutcome {
    RECOVERY_FAILED,
    RECOVERY_NOTHING,    /* no change of the VM is unfinished */
    RECOVERY_UNFINISHED, /* only looked: the rest tells what would be done */
    RECOVERY_DONE,
} RecoveryOutcome;

typedef struct RecoveryReport {
    const char *vm_name, *vm_guid; /* NULL: the VM was not found, and no journal of it either */
    const char *vm_address;        /* vm_address(), of a VM that was found */
    RecoveryOutcome outcome;
    bool journal_stands; /* of RECOVERY_FAILED */
    /* From RECOVERY_UNFINISHED on: */
    RecoveryResult result;
    AssignedGpuList adapters; /* its partitions, with what is known of their GPUs */
    PowerReport power;
} RecoveryReport;

typedef struct RecoveryRequest {
    const char *only_name;    /* of vm_use_only_name() */
    SelectorList substitutes; /* take the place of GPUs that are gone since, one each. Empty: none */
    PowerRequest power;       /* what may be done to a VM that is not off */
    bool only_look;           /* nothing is changed, no lock is taken */
} RecoveryRequest;

/* The VM of that name, or "id:GUID". *ret_report is set in any case. A VM that is gone from the host, with a journal
 * that stands, is ERR_NOT_FOUND with vm_name and vm_guid. */
MUST_CHECK bool recover_vm(HyperVHost *host, const char *name, const RecoveryRequest *request, Arena *arena,
                           RecoveryReport *ret_report, Error *err);

/* "id:GUID" of each VM of the host of which a journal stands. */
MUST_CHECK bool recover_list(const HyperVHost *host, Arena *arena, StringList *ret_names, Error *err);
