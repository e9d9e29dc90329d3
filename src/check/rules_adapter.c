/* SPDX-License-Identifier: MIT */
/* Rules about single GPU adapters of a VM. */
#include "check/rules.h"

void rule_gpu_gone(Judge *judge)
{
    if (judge->adapter->host_resource != NULL && judge->gpu == NULL)
        (void) judge_find(judge);
}

/* A VM that is on has its partition. */
void rule_gpu_full(Judge *judge)
{
    if (judge->gpu == NULL || vm_facts_are_on(judge->vm) || gpu_has_room(judge->gpu))
        return;
    Finding *finding = judge_find(judge);
    finding->is = judge->gpu->partitions_in_use;
    finding->right = judge->gpu->partitions;
}

static bool is_outside(const PartitionLimit *limit, const GpuQuota *quota)
{
    return limit->is_set && ((quota->min.is_set && limit->value < quota->min.value) ||
                             (quota->max.is_set && limit->value > quota->max.value));
}

/* Of paravirtual GPUs limits are not held to (Microsoft's own word on Easy-GPU-PV's tracker), so only those count that
 * contradict each other. */
void rule_limits(Judge *judge)
{
    const PartitionLimits *limits = &judge->adapter->limits;
    Error contradiction = { .code = ERR_NONE };
    const char *text = NULL;
    if (!partition_limits_check(limits, &contradiction))
        text = arena_strdup(judge->arena, contradiction.message);
    bool is_held_to = judge->gpu != NULL && gpu_is_sriov(judge->gpu);
    for (size_t i = 0; text == NULL && is_held_to && i < PARTITION_LIMIT_COUNT; i++) {
        const GpuQuota *quota = &judge->gpu->quotas[i / PARTITION_LIMITS_PER_KIND];
        if (is_outside(&limits->items[i], quota))
            text = arena_printf(judge->arena, "%s is outside of what the GPU allows", partition_limit_names[i]);
    }
    if (text != NULL)
        judge_find(judge)->text = text;
}

void rule_accelerator(Judge *judge)
{
    if (judge->gpu != NULL && gpu_is_accelerator(judge->gpu))
        (void) judge_find(judge);
}
