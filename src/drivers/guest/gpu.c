/* SPDX-License-Identifier: MIT */
#include "drivers/guest/gpu.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <inttypes.h>

#define VIRTUAL_RENDER_DEVICE "PCI\\VEN_1414&DEV_008E"

bool guest_gpus_read(CimSession *guest, Arena *arena, GuestGpus *ret_gpus, Error *err)
{
    Str query;
    const char *wql;
    CimInstanceList rows;
    str_init(&query, LIMIT_WQL_BYTES);
    str_append(&query, "SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE ");
    wql_append_prefix_pattern(&query, VIRTUAL_RENDER_DEVICE);
    if (!str_finish(&query, arena, &wql, err) || !cim_session_query(guest, NS_CIMV2, wql, arena, &rows, err))
        return false;
    GuestGpus gpus = { 0 };
    for (size_t i = 0; i < rows.count; i++) {
        const char *name = cim_instance_text(rows.items[i], "Name");
        GuestGpu gpu = { .name = name != NULL ? name : "Unknown GPU",
                         .device_id = cim_instance_text(rows.items[i], "DeviceID"),
                         .problem =
                             (uint32_t) cim_instance_uint(rows.items[i], "ConfigManagerErrorCode", GUEST_GPU_UNKNOWN) };
        /* Devices of earlier assignments linger, but are not present. */
        if (cim_instance_boolean(rows.items[i], "Present", true))
            ARRAY_PUSH(arena, &gpus, gpu);
    }
    *ret_gpus = gpus;
    return true;
}

/* The codes that a virtual GPU has been seen with, or can be brought to. */
static const struct Problem {
    uint32_t code;
    const char *text, *advice;
} problems[] = {
    { 10, "does not start", "restart the guest" },
    { 12, "finds no room for its memory",
      "give the VM more MMIO space, on the host: hyperpoint with -HIGHMMIO 64GB, at its next checkpoint or "
      "assignment" },
    { 14, "waits for a restart", "restart the guest" },
    { 22, "is disabled", "enable it in the guest's Device Manager" },
    { 28, "has no driver", "it is a part of Windows (vrd.inf): update the guest's Windows" },
    { 43, "has stopped",
      "restart the guest; if that does not help, it has not the driver that is active on the host: hyperpoint -DO "
      "get-drivers there, and installdrivers in the guest" },
};

static const struct Problem *find_problem(const GuestGpu *gpu)
{
    for (size_t i = 0; i < COUNT_OF(problems); i++) {
        if (problems[i].code == gpu->problem)
            return &problems[i];
    }
    return NULL;
}

const char *guest_gpu_state(const GuestGpu *gpu, Arena *arena)
{
    if (gpu->problem == 0)
        return "works";
    if (gpu->problem == GUEST_GPU_UNKNOWN)
        return "does not tell whether it works";
    const struct Problem *problem = find_problem(gpu);
    return arena_printf(arena, "%s (code %" PRIu32 ")", problem != NULL ? problem->text : "has a problem",
                        gpu->problem);
}

const char *guest_gpu_advice(const GuestGpu *gpu)
{
    if (gpu->problem == 0)
        return NULL;
    const struct Problem *problem = find_problem(gpu);
    return problem != NULL ? problem->advice : "the guest's Device Manager tells more about it";
}
