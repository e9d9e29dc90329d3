/* SPDX-License-Identifier: MIT */
#include "hyperv/vm/guest_file.h"

#include "cim/path.h"
#include "cim/schema.h"
#include "hyperv/host/wait.h"
#include "hyperv/vm/component.h"

#include <string.h>

#define SETTING_CLASS "Msvm_GuestServiceInterfaceComponentSettingData"
#define COMPONENT_CLASS "Msvm_GuestServiceInterfaceComponent"

enum {
    STATE_ON = 2,
    STATE_OFF = 3,
    STATUS_OK = 2,
    READY_TIMEOUT_S = 60, /* after a start the guest needs a while */
};

/* ---- on and off ---- */

bool guest_way_look(HyperVHost *host, const Vm *vm, Arena *arena, GuestWay *ret_way, Error *err)
{
    CimInstanceList rows;
    if (!cim_session_associators(host->session, NS_VIRTUALIZATION, vm->settings_path,
                                 "Msvm_VirtualSystemSettingDataComponent", SETTING_CLASS, arena, &rows, err))
        return false;
    const char *id = rows.count > 0 ? cim_instance_text(rows.items[0], "InstanceID") : NULL;
    if (id == NULL)
        return error_set(err, ERR_UNSUPPORTED, "the host shows no guest service interface of VM '%s'", vm->name);
    *ret_way = (GuestWay){ .setting_id = id,
                           .was_open = cim_instance_uint(rows.items[0], "EnabledState", STATE_OFF) == STATE_ON };
    return true;
}

static bool is_switched(HyperVHost *host, const GuestWay *way, uint64_t state, bool *ret_is, Arena *arena, Error *err)
{
    CimInstance *row;
    const char *path = cim_path_make(arena, SETTING_CLASS, "InstanceID", way->setting_id);
    if (!cim_session_get(host->session, NS_VIRTUALIZATION, path, arena, &row, err))
        return false;
    *ret_is = cim_instance_uint(row, "EnabledState", 0) == state;
    return true;
}

/* A call that failed may have been carried out. */
static bool switch_to(HyperVHost *host, const Vm *vm, const GuestWay *way, uint16_t state, const char *what,
                      Arena *arena, Error *err)
{
    const char *service;
    bool is_done = false;
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena, &service,
                           err))
        return false;
    CimInstance *setting = cim_instance_create(arena, SETTING_CLASS);
    cim_instance_set(setting, arena, "InstanceID", cim_string(way->setting_id));
    cim_instance_set(setting, arena, "EnabledState", cim_uint(CIM_TYPE_UINT16, state));
    CimValue item = cim_embedded(setting);
    CimInstance *in = cim_instance_create(arena, "ModifyResourceSettings");
    cim_instance_set(in, arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    if (host_call(host, service, "ModifyResourceSettings", in, what, arena, NULL, &failure) ||
        (error_leaves_doubt(&failure) && host_await_jobs(host, vm->system_path, NULL, &lost) &&
         is_switched(host, way, state, &is_done, arena, &lost) && is_done))
        return true;
    *err = failure;
    return error_prefix(err, "VM '%s'", vm->name);
}

bool guest_way_close(HyperVHost *host, const Vm *vm, const GuestWay *way, Error *err)
{
    Arena arena = ARENA_INIT;
    bool is_closed = false;
    bool ok = way->was_open || (is_switched(host, way, STATE_OFF, &is_closed, &arena, err) &&
                                (is_closed || switch_to(host, vm, way, STATE_OFF, "switch the guest services off again",
                                                        &arena, err)));
    arena_release(&arena);
    return ok;
}

/* ---- ready ---- */

static bool is_ready(const CimInstance *row, Arena *arena)
{
    CimUintList status;
    cim_instance_uints(row, "OperationalStatus", arena, &status);
    return status.count > 0 && status.items[0] == STATUS_OK;
}

static bool refuse_unready(const Vm *vm, bool is_there, Error *err)
{
    if (!is_there)
        (void) error_set(err, ERR_STATE, "the guest services of VM '%s' do not start", vm->name);
    else
        (void) error_set(err, ERR_TIMEOUT, "the guest services of VM '%s' have no contact with its guest", vm->name);
    return error_hint(err, "in the guest, the service 'Hyper-V Guest Service Interface' (vmicguestinterface) has to "
                           "run");
}

static bool wait_until_ready(HyperVHost *host, const Vm *vm, Error *err)
{
    Arena kept = ARENA_INIT, arena = ARENA_INIT;
    const char *path = NULL;
    bool ok = true;
    for (Waiting waiting = wait_begin(host);; wait_pause(&waiting)) {
        const CimInstance *row;
        arena_release(&arena);
        ok = component_look(host, vm, COMPONENT_CLASS, path, &arena, &row, err);
        if (!ok || (row != NULL && is_ready(row, &arena)))
            break;
        if (row == NULL)
            path = NULL;
        else if (path == NULL)
            path = arena_strdup(&kept, row->path);
        if (wait_passed_s(&waiting) >= READY_TIMEOUT_S) {
            ok = refuse_unready(vm, row != NULL, err);
            break;
        }
        host->report->progress(host->report, "wait for the guest services", -1);
    }
    host->report->progress(host->report, NULL, -1);
    arena_release(&arena);
    arena_release(&kept);
    return ok;
}

bool guest_way_open(HyperVHost *host, const Vm *vm, const GuestWay *way, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = (way->was_open || switch_to(host, vm, way, STATE_ON, "switch the guest services on", &arena, err)) &&
              wait_until_ready(host, vm, err);
    arena_release(&arena);
    return ok;
}

/* ---- the file ---- */

/* By the numbers in the host's text, which are there in every language. */
static bool explain_copy(const Vm *vm, Error *err)
{
    static const struct {
        const char *number;
        ErrorCode code;
        const char *hint;
    } causes[] = {
        { "0x80070070", ERR_NO_SPACE, "make room on the guest's drive" },
        { "0x80070005", ERR_DENIED, "the guest's file service may not write there, or the host may not read the file" },
        { "0x80070002", ERR_NOT_FOUND, "the host's service vmms does not find the file: it must lie on the host" },
        { "0x80070003", ERR_NOT_FOUND, "one of the folders is not there" },
    };
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        if (err->source == ERROR_SOURCE_JOB && strstr(err->message, causes[i].number) != NULL) {
            err->code = causes[i].code;
            (void) error_hint(err, "%s", causes[i].hint);
            break;
        }
    }
    return error_prefix(err, "VM '%s'", vm->name);
}

static const CimInstance *copy_parameters(const GuestFile *file, Arena *arena)
{
    CimInstance *setting = cim_instance_create(arena, "Msvm_CopyFileToGuestSettingData");
    cim_instance_set(setting, arena, "SourcePath", cim_string(file->source));
    cim_instance_set(setting, arena, "DestinationPath", cim_string(file->destination));
    cim_instance_set(setting, arena, "OverwriteExisting", cim_boolean(true));
    cim_instance_set(setting, arena, "CreateFullPath", cim_boolean(true));
    CimValue *item = ARENA_NEW(arena, CimValue);
    *item = cim_embedded(setting);
    CimInstance *in = cim_instance_create(arena, "CopyFilesToGuest");
    cim_instance_set(in, arena, "CopyFileToGuestSettings", cim_array(CIM_TYPE_INSTANCE, item, 1));
    return in;
}

/* From the VM by way of the component to the service. */
static bool find_service(HyperVHost *host, const Vm *vm, Arena *arena, const char **ret_path, Error *err)
{
    const CimInstance *component;
    CimInstanceList rows;
    if (!component_look(host, vm, COMPONENT_CLASS, NULL, arena, &component, err))
        return false;
    if (component == NULL)
        return refuse_unready(vm, false, err);
    if (!cim_session_associators(host->session, NS_VIRTUALIZATION, component->path, "Msvm_RegisteredGuestService",
                                 "Msvm_GuestFileService", arena, &rows, err))
        return false;
    if (rows.count == 0)
        return refuse_unready(vm, false, err);
    *ret_path = rows.items[0]->path;
    return true;
}

static bool copy_once(HyperVHost *host, const char *service, const GuestFile *file, Arena *arena, Error *err)
{
    const char *what = arena_printf(arena, "copy %s into the guest", file->name);
    host->bytes_to_move = file->size;
    bool ok = host_call(host, service, "CopyFilesToGuest", copy_parameters(file, arena), what, arena, NULL, err);
    host->bytes_to_move = 0;
    return ok;
}

/* One file is on its way at a time, and an earlier one may still be: its reply was lost, or who asked was killed. */
static bool copy(HyperVHost *host, const Vm *vm, const char *service, const GuestFile *file, Arena *arena, Error *err)
{
    Error busy = { .code = ERR_NONE };
    if (copy_once(host, service, file, arena, &busy))
        return true;
    if (busy.code == ERR_STATE)
        return host_await_jobs(host, vm->system_path, "finish an earlier copy", err) &&
               copy_once(host, service, file, arena, err);
    *err = busy;
    return false;
}

bool guest_way_bring(HyperVHost *host, const Vm *vm, const GuestFile *file, Error *err)
{
    Arena arena = ARENA_INIT;
    const char *service = NULL;
    bool ok = find_service(host, vm, &arena, &service, err);
    if (ok && !copy(host, vm, service, file, &arena, err))
        ok = explain_copy(vm, err);
    arena_release(&arena);
    return ok;
}
