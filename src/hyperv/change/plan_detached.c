/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan_detached.h"

#include "base/check.h"

#include <string.h>

static bool check_memory_is_known(const VmView *view, Error *err)
{
    if (view->detached_failure.code == ERR_NONE)
        return true;
    *err = view->detached_failure;
    return false;
}

/* ---- detach ---- */

/* All that is remembered is on the VM again: it has been put back by other hands. */
static bool is_out_of_date(const VmView *view, Arena *arena)
{
    GpuPartitionList others;
    const DetachedMatch *matches = detached_compare(view->detached, &view->resources.partitions, arena, &others);
    for (size_t i = 0; i < view->detached->partitions.count; i++) {
        if (!matches[i].is_same)
            return false;
    }
    return true;
}

/* What is remembered is given up for nothing but what has taken its place. */
static bool check_memory_is_free(const VmView *view, Report *report, Arena *arena, Error *err)
{
    if (view->detached == NULL)
        return true;
    if (is_out_of_date(view, arena)) {
        report_notice(report, "the GPUs that were detached from VM '%s' are on it again; they are remembered as they "
                              "are now", view->vm.name);
        return true;
    }
    (void) error_set(err, ERR_STATE, "VM '%s' holds other GPUs than those that were detached from it, which are still "
                                     "remembered", view->vm.name);
    return error_advise(err, ADVICE_ATTACH_FIRST, NULL);
}

static bool check_comes_back(const VmView *view, const GpuPartition *partition, Error *err)
{
    if (!gpu_list_lacks(&view->gpus, partition))
        return true;
    (void) error_set(err, ERR_STATE, "the GPU of adapter '%s' (%s) is gone from the host and could not be put back",
                     partition->adapter_id, gpu_list_name_of(&view->gpus, partition));
    return error_advise(err, ADVICE_TAKE_OFF_GONE, partition->adapter_id);
}

bool plan_what_to_remember(const VmView *view, Report *report, Arena *arena, const DetachedGpus **ret_detached,
                           Error *err)
{
    const GpuPartitionList *present = &view->resources.partitions;
    DetachedGpus *detached = ARENA_NEW(arena, DetachedGpus);
    *ret_detached = NULL;
    if (!check_memory_is_known(view, err))
        return false;
    if (present->count == 0) {
        report_notice(report, view->detached != NULL ? "the GPUs of VM '%s' are detached already"
                                                     : "VM '%s' holds no GPU partition", view->vm.name);
        return true;
    }
    if (!check_memory_is_free(view, report, arena, err))
        return false;
    for (size_t i = 0; i < present->count; i++) {
        if (!check_comes_back(view, &present->items[i], err))
            return false;
        ARRAY_PUSH(arena, &detached->partitions, present->items[i]);
        ARRAY_PUSH(arena, &detached->names, gpu_list_name_of(&view->gpus, &present->items[i]));
    }
    detached->since = view->read_at;
    detached->parent = view->vm.parent;
    *ret_detached = detached;
    return true;
}

/* ---- attach ---- */

typedef struct Attaching {
    const VmView *view;
    Report *report;
    Arena *arena;
    const Gpu **substitutes;
    size_t count, used;
    GpuPartitionList back;
} Attaching;

static bool refuse_changed(const VmView *view, size_t index, Error *err)
{
    (void) error_set(err, ERR_STATE, "%s has been assigned to VM '%s' since it was detached, with other settings",
                     view->detached->names.items[index], view->vm.name);
    return error_advise(err, ADVICE_TAKE_OFF_FIRST, NULL);
}

static bool refuse_gone(const VmView *view, size_t index, Error *err)
{
    (void) error_set(err, ERR_STATE, "%s, which was detached from VM '%s', is gone from the host",
                     view->detached->names.items[index], view->vm.name);
    return error_advise(err, ADVICE_REPLACE_DETACHED, NULL);
}

static bool put_back_one(Attaching *attaching, size_t index, Error *err)
{
    const VmView *view = attaching->view;
    GpuPartition partition = view->detached->partitions.items[index];
    partition.previous_id = partition.adapter_id;
    partition.adapter_id = NULL;
    if (gpu_list_lacks(&view->gpus, &partition)) {
        if (attaching->used == attaching->count)
            return refuse_gone(view, index, err);
        const Gpu *gpu = attaching->substitutes[attaching->used++];
        report_notice(attaching->report, "%s takes the place of %s, which is gone",
                      gpu->name != NULL ? gpu->name : gpu->device_id, view->detached->names.items[index]);
        partition.host_resource = gpu->path;
    }
    gpu_list_refresh(&view->gpus, &partition);
    ARRAY_PUSH(attaching->arena, &attaching->back, partition);
    return true;
}

static void tell_what_else(const VmView *view, const GpuPartitionList *others, Report *report)
{
    const char *then = view->detached->parent, *now = view->vm.parent;
    for (size_t i = 0; i < others->count; i++)
        report_notice(report, "VM '%s' holds %s, which was assigned since; it stays", view->vm.name,
                      gpu_list_name_of(&view->gpus, &others->items[i]));
    if ((then != NULL) != (now != NULL) || (then != NULL && strcmp(then, now) != 0))
        report_notice(report,
                      "since the GPUs of VM '%s' were detached a checkpoint of it has been made, applied or removed",
                      view->vm.name);
}

static bool settle_for_nothing(const VmView *view, Report *report, Error *err)
{
    if (view->resources.partitions.count > 0) {
        report_notice(report, "no GPU of VM '%s' is detached", view->vm.name);
        return true;
    }
    (void) error_set(err, ERR_STATE, "VM '%s' holds no GPU, and none is remembered that was detached from it",
                     view->vm.name);
    return error_advise(err, ADVICE_ASSIGN, NULL);
}

bool plan_what_to_attach(const VmView *view, const SelectorList *selectors, Report *report, Arena *arena,
                         GpuPartitionList *ret_back, Error *err)
{
    Attaching attaching = { .view = view, .report = report, .arena = arena };
    GpuPartitionList others;
    *ret_back = attaching.back;
    if (!check_memory_is_known(view, err))
        return false;
    if (view->detached == NULL)
        return settle_for_nothing(view, report, err);
    if (selectors->count > 0 &&
        !selectors_resolve(selectors, &view->gpus, false, arena, &attaching.substitutes, &attaching.count, err))
        return false;
    const DetachedMatch *matches = detached_compare(view->detached, &view->resources.partitions, arena, &others);
    for (size_t i = 0; i < view->detached->partitions.count; i++) {
        if (matches[i].is_same)
            report_notice(report, "%s is on VM '%s' again already", view->detached->names.items[i], view->vm.name);
        else if (matches[i].row != NULL ? !refuse_changed(view, i, err) : !put_back_one(&attaching, i, err))
            return false;
    }
    if (attaching.used < attaching.count) {
        const Gpu *gpu = attaching.substitutes[attaching.used];
        (void) error_set(err, ERR_USAGE, "%s (order:%zu) is not needed: no more GPUs that were detached are gone",
                         gpu->name != NULL ? gpu->name : gpu->device_id, gpu->order);
        return error_advise(err, ADVICE_FEWER_SUBSTITUTES, NULL);
    }
    tell_what_else(view, &others, report);
    *ret_back = attaching.back;
    return true;
}

/* ---- forget ---- */

bool plan_what_to_forget(const VmView *view, Report *report, const DetachedGpus **ret_detached, Error *err)
{
    if (!check_memory_is_known(view, err))
        return false;
    if (view->detached == NULL)
        report_notice(report, "no GPU of VM '%s' is detached", view->vm.name);
    *ret_detached = view->detached;
    return true;
}

/* ---- others ---- */

void plan_tell_detached(const VmView *view, Report *report, Arena *arena)
{
    if (view->detached_failure.code != ERR_NONE)
        report_warning(report, "%s", view->detached_failure.message);
    if (view->detached != NULL)
        report_notice(report, "the GPUs that were detached from VM '%s' stay remembered: %s", view->vm.name,
                      report_words(report, ADVICE_ATTACH, view->vm.name, arena));
}
