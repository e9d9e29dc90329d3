/* SPDX-License-Identifier: MIT */
#include "present/advice.h"

#include <inttypes.h>

static const char *mmio_obstacle(const VmObstacle *obstacle, const char *which, const char *words, const char *program,
                                 Arena *arena)
{
    return arena_printf(arena,
                        "the %s MMIO space of VM '%s' is %" PRIu64 " MB, an assignment makes it %" PRIu64
                        " MB; shut the VM down, then: %s -VM \"%s\" %s",
                        which, obstacle->vm_name, obstacle->is_mb, obstacle->right_mb, program, obstacle->vm_name,
                        words);
}

const char *advice_vm_obstacle(const VmObstacle *obstacle, const char *program, Arena *arena)
{
    const char *vm = obstacle->vm_name;
    switch (obstacle->kind) {
    case OBSTACLE_HIGH_MMIO:
        return mmio_obstacle(obstacle, "high", "-HIGHMMIO 32GB", program, arena);
    case OBSTACLE_LOW_MMIO:
        return mmio_obstacle(obstacle, "low", "-LOWMMIO 1GB", program, arena);
    case OBSTACLE_CACHE_TYPES:
        return arena_printf(arena,
                            "the guest of VM '%s' does not control cache types; shut the VM down, then on the host: "
                            "Set-VM -Name \"%s\" -GuestControlledCacheTypes $true",
                            vm, vm);
    case OBSTACLE_MEMORY:
        break;
    }
    return arena_printf(arena,
                        "VM '%s' has dynamic memory and starts with %" PRIu64 " MB, its minimum is %" PRIu64
                        " MB, and with a GPU they must be equal; shut the VM down, then: %s -VM \"%s\" -FIXMEMORY",
                        vm, obstacle->right_mb, obstacle->is_mb, program, vm);
}

/* The remedy, and what to look at besides. */
static const char *remaining_advice(const GuestGpu *gpu, unsigned advice, Arena *arena)
{
    static const struct {
        GuestAdvice advice;
        const char *text;
    } looks[] = {
        { GUEST_ADVICE_VERIFY, "look for files that have vanished: installdrivers -VERIFY in the guest" },
        { GUEST_ADVICE_CHECK_DRIVERS,
          "it may not have the host's active driver: hyperpoint -DO check-drivers tells" },
        { GUEST_ADVICE_CHECK_VM,
          "the VM's MMIO space and memory may be wrong for a GPU: hyperpoint -VM \"my vm\" -DO check-drivers -GUEST "
          "looks at them" },
    };
    const char *text = (advice & GUEST_ADVICE_MORE_MMIO) != 0
                           ? "give the VM more MMIO space, on the host: hyperpoint with -HIGHMMIO 64GB, at its next "
                             "checkpoint or assignment"
                           : guest_gpu_remedy(gpu);
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        if ((advice & looks[i].advice) != 0)
            text = arena_printf(arena, "%s; %s", text, looks[i].text);
    }
    return text;
}

StringList advice_guest_gpu(const GuestGpu *gpu, const GuestFindings *findings, const VmObstacles *obstacles,
                            const char *program, Arena *arena)
{
    StringList texts = { 0 };
    unsigned advice = guest_gpu_advice(gpu, findings);
    for (size_t i = 0; (advice & GUEST_ADVICE_MEND_VM) != 0 && i < obstacles->count; i++)
        ARRAY_PUSH(arena, &texts, advice_vm_obstacle(&obstacles->items[i], program, arena));
    if ((advice & GUEST_ADVICE_UPDATE) != 0)
        ARRAY_PUSH(arena, &texts,
                   "it has not the driver that is active on the host: hyperpoint -DO get-drivers there, and "
                   "installdrivers in the guest");
    if ((advice & GUEST_ADVICE_LOOK) != 0)
        ARRAY_PUSH(arena, &texts, "the guest's Device Manager tells more about it");
    if ((advice & (GUEST_ADVICE_REMEDY | GUEST_ADVICE_MORE_MMIO)) != 0)
        ARRAY_PUSH(arena, &texts, remaining_advice(gpu, advice, arena));
    return texts;
}

const char *advice_no_guest_gpu(const GuestVm *vm, const char *program, Arena *arena)
{
    if (vm == NULL)
        return arena_printf(
            arena, "the guest gets its GPU when the VM is started with one assigned: %s -VM \"my vm\" -DO add-auto",
            program);
    if (vm->partitions == 0)
        return arena_printf(arena, "VM '%s' has no GPU assigned; shut it down, then: %s -VM \"%s\" -DO add-auto",
                            vm->name, program, vm->name);
    return arena_printf(arena,
                        "VM '%s' has a GPU assigned, and this guest shows none: see that -GUEST is its guest, shut the "
                        "VM down, and start it again",
                        vm->name);
}
