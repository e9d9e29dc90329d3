/* SPDX-License-Identifier: MIT */
#include "hyperv/vm/fitness.h"

uint64_t fit_addressable_mb(unsigned address_bits)
{
    bool is_known = address_bits >= 32 && address_bits < 64;
    return is_known ? UINT64_C(1) << (address_bits - 20) : UINT64_MAX;
}

uint64_t vm_fit_high_mmio_mb(const Vm *vm, unsigned address_bits)
{
    uint64_t begin = cim_instance_uint(vm->settings, "HighMmioGapBase", 0);
    uint64_t end = fit_addressable_mb(address_bits);
    uint64_t room = begin < end ? end - begin : 0;
    return room < FIT_HIGH_MMIO_MB ? room : FIT_HIGH_MMIO_MB;
}

static void look_at_mmio(const Vm *vm, const char *property, VmObstacleKind kind, uint64_t least_mb, Arena *arena,
                         VmObstacles *obstacles)
{
    VmObstacle obstacle = { .kind = kind,
                            .vm_name = vm->name,
                            .vm_address = vm->address,
                            .is_mb = cim_instance_uint(vm->settings, property, 0),
                            .right_mb = least_mb };
    if (!cim_instance_is_null(vm->settings, property) && obstacle.is_mb < least_mb)
        ARRAY_PUSH(arena, obstacles, obstacle);
}

VmObstacles vm_gpu_obstacles(const Vm *vm, const VmResources *resources, unsigned address_bits, Arena *arena)
{
    VmObstacles obstacles = { 0 };
    uint64_t fit_mb = vm_fit_high_mmio_mb(vm, address_bits);
    look_at_mmio(vm, "HighMmioGapSize", OBSTACLE_HIGH_MMIO, fit_mb, arena, &obstacles);
    look_at_mmio(vm, "LowMmioGapSize", OBSTACLE_LOW_MMIO, FIT_LOW_MMIO_MB, arena, &obstacles);
    if (!cim_instance_is_null(vm->settings, "GuestControlledCacheTypes") &&
        !cim_instance_boolean(vm->settings, "GuestControlledCacheTypes", true)) {
        VmObstacle obstacle = { .kind = OBSTACLE_CACHE_TYPES, .vm_name = vm->name, .vm_address = vm->address };
        ARRAY_PUSH(arena, &obstacles, obstacle);
    }
    if (vm_memory_hinders_gpus(resources)) {
        VmObstacle obstacle = { .kind = OBSTACLE_MEMORY,
                                .vm_name = vm->name,
                                .vm_address = vm->address,
                                .is_mb = cim_instance_uint(resources->memory, MEMORY_MINIMUM, 0),
                                .right_mb = cim_instance_uint(resources->memory, MEMORY_STARTUP, 0) };
        ARRAY_PUSH(arena, &obstacles, obstacle);
    }
    return obstacles;
}
