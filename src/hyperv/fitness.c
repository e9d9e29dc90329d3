/* SPDX-License-Identifier: MIT */
#include "hyperv/fitness.h"

#include <inttypes.h>

static void look_at_mmio(const Vm *vm, const char *property, const char *name, uint64_t least_mb, const char *words,
                         const char *program, Arena *arena, StringList *obstacles)
{
    uint64_t now_mb = cim_instance_uint(vm->settings, property, 0);
    if (cim_instance_is_null(vm->settings, property) || now_mb >= least_mb)
        return;
    ARRAY_PUSH(arena, obstacles,
               arena_printf(arena,
                            "the %s MMIO space of VM '%s' is %" PRIu64 " MB, an assignment makes it %" PRIu64
                            " MB; shut the VM down, then: %s -VM \"%s\" %s",
                            name, vm->name, now_mb, least_mb, program, vm->name, words));
}

StringList vm_gpu_obstacles(const Vm *vm, const VmResources *resources, const char *program, Arena *arena)
{
    StringList obstacles = { 0 };
    look_at_mmio(vm, "HighMmioGapSize", "high", FIT_HIGH_MMIO_MB, "-HIGHMMIO 32GB", program, arena, &obstacles);
    look_at_mmio(vm, "LowMmioGapSize", "low", FIT_LOW_MMIO_MB, "-LOWMMIO 1GB", program, arena, &obstacles);
    if (!cim_instance_is_null(vm->settings, "GuestControlledCacheTypes") &&
        !cim_instance_boolean(vm->settings, "GuestControlledCacheTypes", true))
        ARRAY_PUSH(arena, &obstacles,
                   arena_printf(arena,
                                "the guest of VM '%s' does not control cache types; shut the VM down, then on the "
                                "host: Set-VM -Name \"%s\" -GuestControlledCacheTypes $true",
                                vm->name, vm->name));
    if (vm_memory_hinders_gpus(resources))
        ARRAY_PUSH(arena, &obstacles,
                   arena_printf(arena,
                                "VM '%s' has dynamic memory and starts with %" PRIu64 " MB, its minimum is %" PRIu64
                                " MB, and with a GPU they must be equal; shut the VM down, then: %s -VM \"%s\" "
                                "-FIXMEMORY",
                                vm->name, cim_instance_uint(resources->memory, MEMORY_STARTUP, 0),
                                cim_instance_uint(resources->memory, MEMORY_MINIMUM, 0), program, vm->name));
    return obstacles;
}
