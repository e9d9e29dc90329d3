/* SPDX-License-Identifier: MIT */
/* Renaming and removing checkpoints of a VM: lock, look for what is unfinished, read, plan, carry out. What cannot be
 * undone needs no journal: each checkpoint is there, or it is gone, and what was begun the host ends by itself. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "operations/begin.h"
#include "operations/checkpoint_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which ones prune removes: those that are beyond the newest ones to keep and older than that. */
typedef struct PruneRule {
    const char *pattern;   /* names with '*' and '?', any letter case; NULL: those that HyperPoint made */
    size_t keep; /* so many of them stay, the newest; without a pattern so many of each maker */
    int64_t older_than_ms; /* 0: of any age */
} PruneRule;

typedef struct CheckpointPlan {
    CheckpointInfoList remove; /* in this order */
    CheckpointInfoList keep;   /* of prune: those that the rule is about, and that stay */
} CheckpointPlan;

typedef struct RemovalRequest {
    const char *verb_name;
    const char *checkpoint; /* as checkpoint_find() takes it; NULL: by the rule */
    bool subtree;           /* and all below it */
    PruneRule rule;
    /* Told what will be done, before anything is. */
    void (*planned)(void *context, const CheckpointPlan *plan);
    void *context;
} RemovalRequest;

typedef struct RemovalReport {
    ChangeEnding ending;
    CheckpointPlan plan;
    CheckpointInfoList removed; /* also where a later one failed */
    bool is_unsure;             /* the last one may be gone, too */
} RemovalReport;

/* Removes checkpoints one by one, from the leaves of a subtree up, so that nothing goes that was not in the plan. Ends
 * at the first failure. Returns when all disks are merged. Five round trips with the finding of the VM, and two for
 * each checkpoint. ERR_NOT_FOUND, ERR_AMBIGUOUS as checkpoint_find(); ERR_STATE for what belongs to a replication.
 * *ret_report is set in any case. "only_look": nothing is changed, no lock is taken. */
MUST_CHECK bool checkpoints_remove(HyperVHost *host, const Vm *vm, const RemovalRequest *request, bool only_look,
                                   Arena *arena, RemovalReport *ret_report, Error *err);

typedef struct RenameReport {
    ChangeEnding ending;
    CheckpointInfo before; /* from ENDING_PLANNED on */
    bool is_unsure;        /* it may have the new name all the same */
} RenameReport;

MUST_CHECK bool checkpoints_rename(HyperVHost *host, const Vm *vm, const char *verb_name, const char *checkpoint,
                                   const char *new_name, bool only_look, Arena *arena, RenameReport *ret_report,
                                   Error *err);
