/* SPDX-License-Identifier: MIT */
#include "operations/checkpoint_change.h"

#include "hyperv/checkpoint/checkpoint_edit.h"
#include "platform/text.h"

#include <string.h>

/* ---- what may be removed ---- */

static bool refuse_replica(const CheckpointTree *tree, size_t index, Error *err)
{
    Arena arena = ARENA_INIT;
    const CheckpointNode *node = &tree->items[index];
    (void) error_set(err, ERR_STATE, "checkpoint %s of VM '%s' is of the type '%s', which Hyper-V looks after itself",
                     checkpoint_label(node, &arena), tree->vm.name, checkpoint_kind_names[node->kind]);
    arena_release(&arena);
    return false;
}

/* One that was named. A backup leaves its own behind when it is cut short; that one may go. */
static bool check_named(HyperVHost *host, const CheckpointTree *tree, size_t index, Error *err)
{
    const CheckpointNode *node = &tree->items[index];
    if (node->kind == CHECKPOINT_REPLICA || node->kind == CHECKPOINT_PLANNED || node->kind == CHECKPOINT_OTHER)
        return refuse_replica(tree, index, err);
    if (node->kind == CHECKPOINT_RECOVERY)
        report_warning(host->report, "checkpoint '%s' is of a backup, which fails if it is under way, and may have to "
                                     "begin anew", node->name);
    return true;
}

/* Below the one that was named nothing goes that belongs to a backup or a replication. */
static bool check_below(const CheckpointTree *tree, size_t index, size_t top, Error *err)
{
    if (checkpoint_is_users(&tree->items[index]) || tree->items[index].kind == CHECKPOINT_MISSING)
        return true;
    (void) refuse_replica(tree, index, err);
    return error_prefix(err, "below '%s'", tree->items[top].name);
}

static void push_info(const CheckpointTree *tree, size_t index, Arena *arena, CheckpointInfoList *list)
{
    const GpuList unnamed = { 0 };
    ARRAY_PUSH(arena, list, checkpoint_info_make(tree, index, &unnamed, arena));
}

static bool plan_named(HyperVHost *host, const CheckpointTree *tree, const RemovalRequest *request, Arena *arena,
                       CheckpointPlan *plan, Error *err)
{
    size_t top;
    if (!checkpoint_find(tree, request->checkpoint, &top, err) || !check_named(host, tree, top, err))
        return false;
    /* Children stand behind their parents. */
    for (size_t i = tree->count; request->subtree && i-- > top + 1;) {
        if (!checkpoint_is_below(tree, i, top))
            continue;
        if (!check_below(tree, i, top, err))
            return false;
        push_info(tree, i, arena, &plan->remove);
    }
    push_info(tree, top, arena, &plan->remove);
    return true;
}

/* ---- prune ---- */

static bool is_meant(const CheckpointNode *node, const PruneRule *rule)
{
    if (!checkpoint_is_users(node))
        return false;
    return rule->pattern != NULL ? text_matches(node->name, rule->pattern) : node->maker != CHECKPOINT_OF_OTHERS;
}

/* One of which the host does not tell the time stays. */
static bool is_subject(const CheckpointNode *node, const PruneRule *rule)
{
    return node->has_time && is_meant(node, rule);
}

/* What a restore made does not push out what was asked for. */
static bool counts_with(const CheckpointNode *a, const CheckpointNode *b, const PruneRule *rule)
{
    return rule->pattern != NULL || a->maker == b->maker;
}

/* How many of those that the rule is about are newer; of two of the same moment the later in the tree is. */
static size_t count_newer(const CheckpointTree *tree, size_t index, const PruneRule *rule)
{
    size_t newer = 0;
    for (size_t i = 0; i < tree->count; i++) {
        int64_t mine = tree->items[index].created_ms, its = tree->items[i].created_ms;
        newer += i != index && is_subject(&tree->items[i], rule) &&
                 counts_with(&tree->items[i], &tree->items[index], rule) && (its > mine || (its == mine && i > index));
    }
    return newer;
}

static void plan_prune(const CheckpointTree *tree, const PruneRule *rule, int64_t now_ms, Arena *arena,
                       CheckpointPlan *plan)
{
    for (size_t i = tree->count; i-- > 0;) {
        const CheckpointNode *node = &tree->items[i];
        if (!is_meant(node, rule))
            continue;
        bool goes = is_subject(node, rule) && count_newer(tree, i, rule) >= rule->keep &&
                    (rule->older_than_ms == 0 || now_ms - node->created_ms > rule->older_than_ms);
        push_info(tree, i, arena, goes ? &plan->remove : &plan->keep);
    }
}

/* ---- removing ---- */

/* What keeps a checkpoint from being removed now, apart from a merge, which is waited for. */
static bool check_not_busy(HyperVHost *host, const Vm *vm, Error *err)
{
    VmStatus status;
    return checkpoint_wait_merged(host, vm, NULL, err) && vm_read_status(host, vm, &status, err) &&
           vm_check_not_busy(vm, &status, err);
}

static void advise_unmerged(HyperVHost *host, const CheckpointInfo *info, const Error *why)
{
    report_notice(host->report, "checkpoint '%s' is gone; Hyper-V goes on merging its disks by itself (%s)",
                  info->node.name, why->message);
}

static bool remove_all(HyperVHost *host, const CheckpointTree *tree, Arena *arena, RemovalReport *report, Error *err)
{
    const CheckpointInfoList *list = &report->plan.remove;
    for (size_t i = 0; i < list->count; i++) {
        const CheckpointInfo *info = &list->items[i];
        CheckpointRemovalEnd end;
        bool ok = checkpoint_remove(host, tree, checkpoint_index_of(tree, info->node.id), arena, &end, err);
        if (end == REMOVAL_DONE || end == REMOVAL_UNMERGED)
            ARRAY_PUSH(arena, &report->removed, *info);
        report->is_unsure = end == REMOVAL_UNKNOWN;
        if (end == REMOVAL_UNMERGED)
            advise_unmerged(host, info, err);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_plan(HyperVHost *host, const Vm *vm, const RemovalRequest *request, Arena *arena,
                      CheckpointTree *ret_tree, CheckpointPlan *plan, Error *err)
{
    Clock *clock = host->session->clock;
    if (!check_not_busy(host, vm, err) || !checkpoint_tree_read(host, vm, arena, ret_tree, err) ||
        !checkpoint_tree_read_disks(host, ret_tree, arena, err))
        return false;
    if (request->checkpoint != NULL)
        return plan_named(host, ret_tree, request, arena, plan, err);
    plan_prune(ret_tree, &request->rule, clock->now_ms(clock), arena, plan);
    return true;
}

static bool plan_and_remove(HyperVHost *host, const Vm *vm, const RemovalRequest *request, bool only_look,
                            Arena *arena, RemovalReport *report, Error *err)
{
    CheckpointTree tree;
    if (!read_plan(host, vm, request, arena, &tree, &report->plan, err))
        return false;
    request->planned(request->context, &report->plan);
    if (only_look || report->plan.remove.count == 0) {
        report->ending = only_look ? ENDING_PLANNED : ENDING_NOT_NEEDED;
        return true;
    }
    report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = remove_all(host, &tree, arena, report, err);
    if (ok)
        report->ending = ENDING_DONE;
    return ok;
}

bool checkpoints_remove(HyperVHost *host, const Vm *vm, const RemovalRequest *request, bool only_look, Arena *arena,
                        RemovalReport *ret_report, Error *err)
{
    Journal *journal = NULL;
    *ret_report = (RemovalReport){ .ending = ENDING_REFUSED };
    if (!change_begin(host, vm, request->verb_name, only_look, arena, &journal, &ret_report->ending, err))
        return false;
    bool ok = plan_and_remove(host, vm, request, only_look, arena, ret_report, err);
    journal_close(journal);
    return ok;
}

/* ---- renaming ---- */

static bool is_taken(const CheckpointTree *tree, size_t index, const char *name)
{
    bool any = false;
    for (size_t i = 0; i < tree->count; i++)
        any = any || (i != index && text_equals(tree->items[i].name, name));
    return any;
}

static bool rename_found(HyperVHost *host, const Vm *vm, const char *checkpoint, const char *new_name, bool only_look,
                         Arena *arena, RenameReport *report, Error *err)
{
    CheckpointTree tree;
    size_t index;
    const GpuList unnamed = { 0 };
    if (!checkpoint_tree_read(host, vm, arena, &tree, err) || !checkpoint_find(&tree, checkpoint, &index, err))
        return false;
    report->before = checkpoint_info_make(&tree, index, &unnamed, arena);
    if (!checkpoint_is_users(&tree.items[index]))
        return refuse_replica(&tree, index, err);
    if (is_taken(&tree, index, new_name))
        report_warning(host->report, "another checkpoint of VM '%s' is named '%s', too: only their IDs tell them apart",
                       vm->name, new_name);
    if (only_look || strcmp(tree.items[index].name, new_name) == 0) {
        report->ending = only_look ? ENDING_PLANNED : ENDING_NOT_NEEDED;
        return true;
    }
    report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = checkpoint_rename(host, &tree, index, new_name, arena, err);
    report->is_unsure = !ok && error_outcome_is_unknown(err);
    if (ok)
        report->ending = ENDING_DONE;
    return ok;
}

bool checkpoints_rename(HyperVHost *host, const Vm *vm, const char *verb_name, const char *checkpoint,
                        const char *new_name, bool only_look, Arena *arena, RenameReport *ret_report, Error *err)
{
    Journal *journal = NULL;
    *ret_report = (RenameReport){ .ending = ENDING_REFUSED };
    if (!change_begin(host, vm, verb_name, only_look, arena, &journal, &ret_report->ending, err))
        return false;
    bool ok = rename_found(host, vm, checkpoint, new_name, only_look, arena, ret_report, err);
    journal_close(journal);
    return ok;
}
