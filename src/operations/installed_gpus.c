/* SPDX-License-Identifier: MIT */
#include "operations/installed_gpus.h"

/* Whether it was restarted. */
static bool restart(Devices *devices, const GuestGpu *gpu, Arena *arena, InstalledGpus *told)
{
    Error failure = { .code = ERR_NONE };
    RestartedGpu restarted = { .name = gpu->name, .device_id = gpu->device_id, .state = guest_gpu_state(gpu, arena) };
    bool ok = !told->only_looked && devices->restart(devices, gpu->device_id, &failure);
    if (failure.code != ERR_NONE)
        restarted.failure = arena_strdup(arena, failure.message);
    ARRAY_PUSH(arena, &told->restarted, restarted);
    return ok;
}

bool installed_gpus_restart(CimSession *guest, Devices *devices, bool only_look, Arena *arena, InstalledGpus *ret_gpus,
                            Error *err)
{
    bool any = false;
    *ret_gpus = (InstalledGpus){ .only_looked = only_look };
    if (!guest_gpus_read(guest, arena, &ret_gpus->gpus, err))
        return false;
    ret_gpus->was_asked = true;
    for (size_t i = 0; i < ret_gpus->gpus.count; i++) {
        const GuestGpu *gpu = &ret_gpus->gpus.items[i];
        any |= guest_gpu_is_restartable(gpu) && restart(devices, gpu, arena, ret_gpus);
    }
    ret_gpus->is_known = !any || guest_gpus_read(guest, arena, &ret_gpus->gpus, err);
    return ret_gpus->is_known;
}
