/* SPDX-License-Identifier: MIT */
#include "drivers/guest/gpu.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <inttypes.h>
#include <string.h>

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

/* Where the cause may be; all that may be cured by drivers may be cured by a driver that begins anew. */
enum { IN_VM = 1, IN_DRIVERS = 2 };

/* The codes that a device driven by vrd.inf may have. Source: Windows driver documentation, "Device Manager error
 * messages"; which of them users see with GPU partitions, and what helped: reports (10, 12, 31, 43). */
static const struct Problem {
    uint32_t code;
    int causes;                /* where this program can look for them */
    const char *text, *remedy; /* the remedy where nothing was found there; NULL: more MMIO space */
} problems[] = {
    { 1, IN_DRIVERS, "is not configured", "restart the guest" },
    { 3, IN_VM | IN_DRIVERS, "has a damaged driver or too little memory",
      "give the VM more memory, restart the guest" },
    { 10, IN_VM | IN_DRIVERS, "does not start", "restart the guest" },
    { 12, IN_VM, "finds no room for its memory", NULL },
    { 14, 0, "waits for a restart", "restart the guest" },
    { 18, IN_DRIVERS, "wants its driver to be installed again", "restart the guest" },
    { 19, 0, "has damaged settings in the registry",
      "remove the device in the guest's Device Manager, restart the guest" },
    { 21, 0, "is being removed", "restart the guest" },
    { 22, 0, "is disabled", "enable it in the guest's Device Manager" },
    { 24, IN_VM, "is not there or does not work", "shut the VM down, and start it again" },
    { 28, 0, "has no driver", "it is a part of Windows (vrd.inf): update the guest's Windows" },
    { 31, IN_VM | IN_DRIVERS, "does not work, because Windows cannot load what it needs", "restart the guest" },
    { 32, 0, "has a driver whose service is disabled", "enable the service vrd in the guest" },
    { 37, IN_VM | IN_DRIVERS, "has a driver that fails to begin", "restart the guest" },
    { 39, IN_DRIVERS, "has a driver that is damaged or missing", "restart the guest" },
    { 43, IN_VM | IN_DRIVERS, "has stopped",
      "restart the guest, for instance because the host's driver was changed while the VM was running; try without the "
      "enhanced session" },
    { 45, 0, "is not connected",
      "it is left from an earlier assignment: shut the VM down, and start it with a GPU assigned" },
    { 47, 0, "is prepared for its removal", "restart the guest" },
    { 48, 0, "has a driver that Windows blocks", "update the guest's Windows" },
    { 52, 0, "has a driver whose signature Windows does not accept", "update the guest's Windows" },
};

static const char restart[] = "restart the guest"; /* and why, in some remedies */

static const struct Problem *find_problem(const GuestGpu *gpu)
{
    for (size_t i = 0; i < COUNT_OF(problems); i++) {
        if (problems[i].code == gpu->problem)
            return &problems[i];
    }
    return NULL;
}

bool guest_gpu_is_restartable(const GuestGpu *gpu)
{
    const struct Problem *problem = find_problem(gpu);
    return problem != NULL && (problem->causes & IN_DRIVERS) != 0;
}

bool guest_gpu_needs_restart(const GuestGpu *gpu)
{
    const struct Problem *problem = find_problem(gpu);
    return problem != NULL && problem->remedy != NULL && strncmp(problem->remedy, restart, strlen(restart)) == 0;
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

const char *guest_gpu_remedy(const GuestGpu *gpu)
{
    const struct Problem *problem = find_problem(gpu);
    return problem != NULL ? problem->remedy : NULL;
}

/* What was looked at and is right is not told to look at. */
static unsigned remaining_advice(const struct Problem *problem, const GuestFindings *findings)
{
    unsigned advice = problem->remedy != NULL ? GUEST_ADVICE_REMEDY : GUEST_ADVICE_MORE_MMIO;
    if ((problem->causes & IN_DRIVERS) != 0 && findings->drivers != GUEST_DRIVERS_INSTALLED &&
        !findings->is_unrecorded)
        advice |= GUEST_ADVICE_VERIFY;
    if ((problem->causes & IN_DRIVERS) != 0 && findings->drivers == GUEST_DRIVERS_UNKNOWN)
        advice |= GUEST_ADVICE_CHECK_DRIVERS;
    if ((problem->causes & IN_VM) != 0 && findings->vm == GUEST_VM_UNKNOWN)
        advice |= GUEST_ADVICE_CHECK_VM;
    return advice;
}

unsigned guest_gpu_advice(const GuestGpu *gpu, const GuestFindings *findings)
{
    unsigned advice = 0;
    if (gpu->problem == 0)
        return 0;
    const struct Problem *problem = find_problem(gpu);
    if (problem == NULL)
        return GUEST_ADVICE_LOOK;
    if ((problem->causes & IN_VM) != 0 && findings->vm == GUEST_VM_HINDERS)
        advice |= GUEST_ADVICE_MEND_VM;
    if ((problem->causes & IN_DRIVERS) != 0 && findings->drivers == GUEST_DRIVERS_DIFFER)
        advice |= GUEST_ADVICE_UPDATE;
    return advice != 0 ? advice : remaining_advice(problem, findings);
}
