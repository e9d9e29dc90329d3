/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan_detached.h"

#include "base/ascii.h"
#include "base/compiler.h"

#include <string.h>

bool plan_check_memory(const VmView *view, Error *err)
{
    if (view->detached_failure.code == ERR_NONE)
        return true;
    *err = view->detached_failure;
    return false;
}

/* ---- detach ---- */

static bool refuse_changed(const VmView *view, size_t index, Error *err)
{
    (void) error_set(err, ERR_STATE, "%s has been assigned to VM '%s' since it was detached, with other settings",
                     view->detached->names.items[index], view->vm.name);
    return error_advise(err, ADVICE_TAKE_OFF_FIRST, NULL);
}

/* All that is remembered is on the VM again: it has been put back by other hands. */
static bool is_out_of_date(const VmView *view, const DetachedMatch *matches)
{
    for (size_t i = 0; i < view->detached->partitions.count; i++) {
        if (!matches[i].is_same)
            return false;
    }
    return true;
}

/* What is remembered is given up for nothing but what has taken its place: all that the VM holds has to be among it. */
static bool remember_beside(const VmView *view, const DetachedMatch *matches, const GpuPartitionList *others,
                            Arena *arena, DetachedGpus *detached, Error *err)
{
    const DetachedGpus *former = view->detached;
    *detached = (DetachedGpus){
        .since = former->since, .parent = former->parent, .disks = former->disks, .names = former->names
    };
    for (size_t i = 0; i < former->partitions.count; i++) {
        if (matches[i].row != NULL && !matches[i].is_same)
            return refuse_changed(view, i, err);
        const GpuPartition *partition = matches[i].row != NULL ? matches[i].row : &former->partitions.items[i];
        ARRAY_PUSH(arena, &detached->partitions, *partition);
    }
    if (others->count == 0)
        return true;
    (void) error_set(err, ERR_STATE, "VM '%s' holds other GPUs than those that were detached from it, which are still "
                                     "remembered", view->vm.name);
    return error_advise(err, ADVICE_ATTACH_FIRST, NULL);
}

static DetachedGpus remember_present(const VmView *view, Arena *arena)
{
    const GpuPartitionList *present = &view->resources.partitions;
    DetachedGpus detached = { .since = view->read_at, .parent = view->vm.parent, .disks = view->resources.disks };
    for (size_t i = 0; i < present->count; i++) {
        ARRAY_PUSH(arena, &detached.partitions, present->items[i]);
        ARRAY_PUSH(arena, &detached.names, gpu_list_name_of(&view->gpus, &present->items[i]));
    }
    return detached;
}

static bool check_comes_back(const VmView *view, const GpuPartition *partition, Error *err)
{
    if (!gpu_list_lacks(&view->gpus, partition))
        return true;
    (void) error_set(err, ERR_STATE, "the GPU of adapter '%s' (%s) is gone from the host and could not be put back",
                     partition->adapter_id, gpu_list_name_of(&view->gpus, partition));
    return error_advise(err, ADVICE_TAKE_OFF_GONE, partition->adapter_id);
}

bool plan_to_remember(const VmView *view, Report *report, Arena *arena, ChangeRecord *record, Error *err)
{
    const GpuPartitionList *present = &view->resources.partitions;
    const char *vm = view->vm.name;
    DetachedGpus *detached = ARENA_NEW(arena, DetachedGpus);
    if (!plan_check_memory(view, err))
        return false;
    if (present->count == 0) {
        report_notice(report, view->detached != NULL ? "the GPUs of VM '%s' are detached already"
                                                     : "VM '%s' holds no GPU partition", vm);
        return true;
    }
    for (size_t i = 0; i < present->count; i++) {
        if (!check_comes_back(view, &present->items[i], err))
            return false;
    }
    *detached = remember_present(view, arena);
    if (view->detached != NULL) {
        GpuPartitionList others;
        const DetachedMatch *matches = detached_compare(view->detached, present, arena, &others);
        bool is_over = is_out_of_date(view, matches);
        if (!is_over && !remember_beside(view, matches, &others, arena, detached, err))
            return false;
        report_notice(report, is_over ? "the GPUs that were detached from VM '%s' are on it again; they are remembered "
                                        "as they are now"
                                      : "some of the GPUs that were detached from VM '%s' are on it again; all of them "
                                        "stay remembered", vm);
    }
    record->detached = detached;
    record->remembered = view->detached;
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

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* A checkpoint that is applied leaves the VM in new files; what lies in its drives may be another at any time. */
static bool goes_on_in_other_disks(const StringList *then, const StringList *now)
{
    static const char *const endings[] = { ".avhdx", ".avhd" };
    for (size_t i = 0; i < then->count; i++) {
        bool matters = false, is_there = false;
        for (size_t k = 0; k < COUNT_OF(endings); k++)
            matters = matters || ascii_ends_with(then->items[i], endings[k]);
        for (size_t k = 0; k < now->count; k++)
            is_there = is_there || ascii_equals(then->items[i], now->items[k]);
        if (matters && !is_there)
            return true;
    }
    return false;
}

static void tell_what_else(const VmView *view, const GpuPartitionList *others, Report *report)
{
    const DetachedGpus *then = view->detached;
    for (size_t i = 0; i < others->count; i++)
        report_notice(report, "VM '%s' holds %s, which was assigned since; it stays", view->vm.name,
                      gpu_list_name_of(&view->gpus, &others->items[i]));
    if (!is_same_text(then->parent, view->vm.parent) || goes_on_in_other_disks(&then->disks, &view->resources.disks))
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

static bool find_what_to_attach(Attaching *attaching, Error *err)
{
    const VmView *view = attaching->view;
    GpuPartitionList others;
    if (view->detached == NULL)
        return settle_for_nothing(view, attaching->report, err);
    const DetachedMatch *matches =
        detached_compare(view->detached, &view->resources.partitions, attaching->arena, &others);
    for (size_t i = 0; i < view->detached->partitions.count; i++) {
        if (matches[i].is_same)
            report_notice(attaching->report, "%s is on VM '%s' again already", view->detached->names.items[i],
                          view->vm.name);
        else if (matches[i].row != NULL ? !refuse_changed(view, i, err) : !put_back_one(attaching, i, err))
            return false;
    }
    tell_what_else(view, &others, attaching->report);
    return true;
}

bool plan_what_to_attach(const VmView *view, const SelectorList *selectors, Report *report, Arena *arena,
                         GpuPartitionList *ret_back, Error *err)
{
    Attaching attaching = { .view = view, .report = report, .arena = arena };
    if (!plan_check_memory(view, err) ||
        !selectors_resolve(selectors, &view->gpus, false, arena, &attaching.substitutes, &attaching.count, err) ||
        !find_what_to_attach(&attaching, err))
        return false;
    if (attaching.used < attaching.count) {
        const Gpu *gpu = attaching.substitutes[attaching.used];
        (void) error_set(err, ERR_STATE, "%s (order:%zu) is not needed: no %sGPU that was detached is gone",
                         gpu->name != NULL ? gpu->name : gpu->device_id, gpu->order,
                         attaching.used > 0 ? "other " : "");
        return error_advise(err, ADVICE_FEWER_SUBSTITUTES, NULL);
    }
    *ret_back = attaching.back;
    return true;
}

void plan_to_forget(const VmView *view, ChangeRecord *record)
{
    record->detached = view->detached;
    record->attaches = view->detached != NULL;
}

/* ---- others ---- */

void plan_tell_detached(const VmView *view, Report *report, Arena *arena)
{
    if (view->detached_failure.code != ERR_NONE)
        report_warning(report, "%s", view->detached_failure.message);
    if (view->detached != NULL)
        report_notice(report, "the GPUs that were detached from VM '%s' stay remembered: %s", view->vm.name,
                      report_words(report, ADVICE_ATTACH, view->vm.address, arena));
}
