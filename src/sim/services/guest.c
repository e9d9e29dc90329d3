/* SPDX-License-Identifier: MIT */
/* Integration components. Windows SDK, pages of Msvm_ShutdownComponent, Msvm_HeartbeatComponent and of their
 * methods. */
#include "sim/services/guest.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "sim/services/guest_files.h"
#include "sim/services/kvp.h"
#include "sim/store/vm_model.h"

/* ---- making ---- */

/* A state file may lack the settings of a component; then it is as by default. */
bool sim_guest_is_enabled(const SimHost *host, const SimObject *vm, const char *settings_class, bool usual)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = sim_settings_resources(host, sim_vm_settings(host, vm), settings_class, &scratch);
    bool enabled = list.count > 0 ? sim_object_uint(list.items[0], "EnabledState") == 2 : usual;
    arena_release(&scratch);
    return enabled;
}

void sim_guest_create_components(SimHost *host, const SimObject *vm)
{
    static const struct {
        const char *settings, *component, *device_id;
    } rows[] = {
        { "Msvm_ShutdownComponentSettingData", "Msvm_ShutdownComponent",
          "Microsoft:9F8233AC-BE49-4C79-8EE3-E7E1985B2077" },
        { "Msvm_HeartbeatComponentSettingData", "Msvm_HeartbeatComponent",
          "Microsoft:84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (sim_guest_is_enabled(host, vm, rows[i].settings, true))
            CHECK(sim_object_insert(host, sim_device_create(host, vm, rows[i].component, rows[i].device_id)));
    }
    if (sim_guest_is_enabled(host, vm, "Msvm_KvpExchangeComponentSettingData", false))
        sim_kvp_create_component(host, vm);
    sim_guest_files_switch(host, vm);
}

/* ---- contact ---- */

/* Unverified: that a restart of the guest shows in the same way as its first start. */
bool sim_guest_boots(const SimHost *host, const SimObject *vm, int64_t at_ms)
{
    int64_t since, boot_ms = host->knobs.guest_boot_milliseconds;
    const char *changed = sim_object_text(vm, "TimeOfLastStateChange");
    return boot_ms > 0 && cim_datetime_parse(changed, &since) && at_ms - since < boot_ms;
}

/* What stands in the state file: of a captured host's component that had no contact, until the VM starts anew. */
static uint16_t stored_contact(const SimObject *component)
{
    const CimValue *status = sim_object_value(component, "OperationalStatus");
    bool tells = status != NULL && !status->is_null && status->array.count > 0;
    uint64_t number = tells ? status->array.items[0].uint : SIM_STATUS_OK;
    bool has_none = number == SIM_STATUS_NO_CONTACT || number == SIM_STATUS_LOST;
    return has_none ? (uint16_t) number : SIM_STATUS_OK;
}

static const SimObject *find_shutdown_component(const SimHost *host, const SimObject *vm)
{
    SimWalk walk = sim_walk(host, "Msvm_ShutdownComponent");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (ascii_equals(sim_object_text(object, "SystemName"), sim_vm_guid(vm)))
            return object;
    }
    return NULL;
}

uint16_t sim_guest_contact(const SimHost *host, const SimObject *vm, int64_t at_ms)
{
    if (sim_vm_state(vm) == SIM_STATE_PAUSED)
        return SIM_STATUS_PAUSED;
    const SimObject *component = host->is_captured ? find_shutdown_component(host, vm) : NULL;
    if (component != NULL && stored_contact(component) != SIM_STATUS_OK)
        return stored_contact(component);
    if (sim_guest_boots(host, vm, at_ms) || host->knobs.guest_contact == SIM_CONTACT_NONE)
        return SIM_STATUS_NO_CONTACT;
    return host->knobs.guest_contact == SIM_CONTACT_LOST ? SIM_STATUS_LOST : SIM_STATUS_OK;
}

bool sim_guest_shows_contact(const SimObject *object)
{
    static const char *const classes[] = { "Msvm_ShutdownComponent", "Msvm_HeartbeatComponent",
                                           "Msvm_KvpExchangeComponent", "Msvm_GuestServiceInterfaceComponent" };
    bool shows = false;
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        shows |= sim_object_is(object, classes[i]);
    return shows;
}

void sim_guest_show_contact(const SimHost *host, const SimObject *component, CimInstance *row, Arena *arena)
{
    const SimObject *vm = sim_vm_find(host, sim_object_text(component, "SystemName"));
    uint16_t status = vm == NULL ? SIM_STATUS_NO_CONTACT : sim_guest_contact(host, vm, host->now_ms);
    if (status == SIM_STATUS_OK)
        status = stored_contact(component);
    if (status == SIM_STATUS_OK && sim_object_is(component, "Msvm_GuestServiceInterfaceComponent") &&
        !sim_guest_files_are_ready(host, vm, host->now_ms))
        status = SIM_STATUS_NO_CONTACT;
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, 2);
    items[0] = cim_uint(CIM_TYPE_UINT16, status);
    items[1] = cim_uint(CIM_TYPE_UINT16, SIM_STATUS_OK); /* the guest's applications */
    bool tells_more = status == SIM_STATUS_OK && sim_object_is(component, "Msvm_HeartbeatComponent");
    cim_instance_set(row, arena, "OperationalStatus", cim_array(CIM_TYPE_UINT16, items, tells_more ? 2 : 1));
    if (sim_object_is(component, "Msvm_KvpExchangeComponent"))
        sim_kvp_show_items(host, component, row, arena);
}

/* ---- shutting down ---- */

/* What the guest answers; 0: it is on its way. */
static uint32_t ask(const SimHost *host, const SimObject *vm, bool force)
{
    if (sim_job_at_work(host, "shut-down", vm) != NULL || sim_job_at_work(host, "reboot", vm) != NULL)
        return SIM_RETURN_SHUTTING_DOWN;
    if (sim_vm_state(vm) != SIM_STATE_RUNNING || sim_vm_is_held(vm) ||
        sim_guest_contact(host, vm, host->now_ms) != SIM_STATUS_OK)
        return SIM_RETURN_NOT_READY;
    if (host->knobs.guest_shutdown == SIM_SHUTDOWN_REFUSED)
        return SIM_RETURN_FAILED;
    return host->knobs.guest_shutdown == SIM_SHUTDOWN_LOCKED && !force ? SIM_RETURN_LOCKED : SIM_RETURN_OK;
}

/* Unverified: whether EnabledState tells that the guest is shutting down (a knob). */
static SimJob *begin(SimHost *host, SimObject *vm, const char *type)
{
    SimJob *job = sim_job_create(host, type, vm);
    bool hangs = host->knobs.guest_shutdown == SIM_SHUTDOWN_HANGS;
    job->duration_ms = hangs ? SIM_KNOB_MAX : host->knobs.guest_shutdown_milliseconds;
    job->keeps_state = host->knobs.shutdown_unseen;
    return job;
}

uint32_t sim_guest_request(SimCall *call, SimObject *vm, const char *type)
{
    if (find_shutdown_component(call->host, vm) == NULL)
        return SIM_RETURN_INVALID_STATE;
    uint32_t result = ask(call->host, vm, false);
    return result != SIM_RETURN_OK ? result : sim_call_start_job(call, begin(call->host, vm, type));
}

/* The methods of the component answer at once and show no job of their own; the VM follows later. */
static uint32_t initiate(SimCall *call, const char *type)
{
    SimObject *vm = sim_vm_find(call->host, sim_object_text(call->object, "SystemName"));
    if (vm == NULL)
        return SIM_RETURN_NOT_READY;
    uint32_t result = ask(call->host, vm, cim_instance_boolean(call->in, "Force", false));
    if (result == SIM_RETURN_OK)
        sim_job_start(call->host, begin(call->host, vm, type));
    return result;
}

static uint32_t initiate_shutdown(SimCall *call)
{
    return initiate(call, "shut-down");
}

static uint32_t initiate_reboot(SimCall *call)
{
    return initiate(call, "reboot");
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_ShutdownComponent", "InitiateShutdown", initiate_shutdown },
    { "Msvm_ShutdownComponent", "InitiateReboot", initiate_reboot },
};

const SimService sim_guest_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
};
