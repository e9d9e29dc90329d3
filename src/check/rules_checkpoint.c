/* SPDX-License-Identifier: MIT */
/* Rules about checkpoints of a VM that has GPUs, and about GPUs that are detached. */
#include "check/rules.h"

#include <string.h>

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

enum { LONG_DAYS = 30 };

enum { OPERATION_MERGING = 32772 };

static void find_checkpoint(Judge *judge, const CheckpointFact *checkpoint)
{
    Finding *finding = judge_find(judge);
    finding->text = checkpoint->name;
    finding->more = checkpoint->id;
}

/* Unverified: that an automatic checkpoint of before keeps a GPU from being assigned, as one report says. In any case
 * all that the VM writes goes into its file, and it stays. */
void rule_automatic_left(Judge *judge)
{
    const CheckpointFacts *checkpoints = &judge->vm->checkpoints;
    for (size_t i = 0; i < checkpoints->count; i++) {
        if (checkpoints->items[i].kind == CHECKPOINT_AUTOMATIC)
            find_checkpoint(judge, &checkpoints->items[i]);
    }
}

void rule_missing_checkpoint(Judge *judge)
{
    const CheckpointFacts *checkpoints = &judge->vm->checkpoints;
    for (size_t i = 0; i < checkpoints->count; i++) {
        if (checkpoints->items[i].kind == CHECKPOINT_MISSING)
            find_checkpoint(judge, &checkpoints->items[i]);
    }
}

/* A backup that is under way has one, too. */
void rule_backup_left(Judge *judge)
{
    const CheckpointFacts *checkpoints = &judge->vm->checkpoints;
    for (size_t i = 0; i < checkpoints->count; i++) {
        const CheckpointFact *checkpoint = &checkpoints->items[i];
        if (checkpoint->kind == CHECKPOINT_RECOVERY && checkpoint->created_ms != 0 &&
            checkpoint->created_ms < judge->view->now_ms - DAY_MS)
            find_checkpoint(judge, checkpoint);
    }
}

void rule_checkpoints_disabled(Judge *judge)
{
    if (judge->vm->resources.partitions.count > 0 && judge->vm->vm.checkpoint_type == CHECKPOINTS_DISABLED)
        (void) judge_find(judge);
}

void rule_merging(Judge *judge)
{
    if (judge->vm->status.operation == OPERATION_MERGING)
        (void) judge_find(judge);
}

void rule_detached_gone(Judge *judge)
{
    for (size_t i = 0; i < judge->vm->detached.count; i++) {
        if (gpu_list_lacks(&judge->view->gpus, &judge->vm->detached.items[i]))
            judge_find(judge)->gpu = judge->vm->detached_names.items[i];
    }
}

/* Both texts are of one form (clock_format_utc()). */
void rule_detached_long(Judge *judge)
{
    const char *since = judge->vm->detached_since;
    if (since != NULL && strcmp(since, clock_format_utc(judge->arena, judge->view->now_ms - LONG_DAYS * DAY_MS)) < 0)
        judge_find(judge)->text = since;
}
