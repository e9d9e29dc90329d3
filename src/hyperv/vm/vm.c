/* SPDX-License-Identifier: MIT */
#include "hyperv/vm/vm.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/visible.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"
#include "hyperv/vm/kvp.h"
#include "platform/text.h"

#include <string.h>

#define ID_PREFIX "id:"

#define SETTINGS_CLASS "Msvm_VirtualSystemSettingData"
#define TYPE_REALIZED "Microsoft:Hyper-V:System:Realized"

/* Part of Msvm_VirtualSystemSettingData since build 20348, with a value or null. */
#define PROPERTY_SINCE_20348 "VirtualSlitType"

static const char *copy_text(const CimInstance *row, const char *name, Arena *arena)
{
    const char *text = cim_instance_text(row, name);
    return text != NULL ? arena_strdup(arena, text) : NULL;
}

static const char *upper_copy(const char *text, Arena *arena)
{
    char *copy = arena_strdup(arena, text);
    for (char *p = copy; *p != '\0'; p++)
        *p = ascii_upper(*p);
    return copy;
}

/* Two keys, in the order in which WMI writes them. */
static const char *system_path(const char *guid, const char *any_path, Arena *arena)
{
    CimProperty keys[] = {
        { "CreationClassName", cim_string("Msvm_ComputerSystem") },
        { "Name", cim_string(guid) },
    };
    Error no_host = { .code = ERR_NONE };
    CimPath path = { 0 }, known = { 0 };
    if (any_path != NULL && cim_path_parse(any_path, arena, &known, &no_host)) {
        path.host = known.host;
        path.ns = known.ns;
    }
    path.class_name = "Msvm_ComputerSystem";
    path.keys = keys;
    path.count = COUNT_OF(keys);
    return cim_path_format(&path, arena);
}

const char *vm_id_text(const char *guid, Arena *arena)
{
    return arena_printf(arena, ID_PREFIX "%s", guid);
}

const char *vm_id_in(const char *text)
{
    return ascii_starts_with(text, ID_PREFIX) ? text + strlen(ID_PREFIX) : NULL;
}

const char *vm_address(const char *name, const char *guid, Arena *arena)
{
    bool is_plain = *name != '\0' && *name != '-' && strpbrk(name, "\"$`\\%!") == NULL &&
                    vm_id_in(name) == NULL && visible_is_plain(name);
    return is_plain ? name : vm_id_text(guid, arena);
}

Vm vm_from_settings(const CimInstance *row, Arena *arena)
{
    const char *guid = cim_instance_text(row, "VirtualSystemIdentifier");
    Vm vm = { .settings = cim_instance_copy(row, arena) };
    vm.guid = upper_copy(guid != NULL ? guid : "", arena);
    vm.name = copy_text(row, "ElementName", arena);
    if (vm.name == NULL)
        vm.name = "";
    vm.address = vm_address(vm.name, vm.guid, arena);
    vm.system_path = system_path(vm.guid, row->path, arena);
    vm.settings_id = copy_text(row, "InstanceID", arena);
    vm.settings_path = vm.settings->path;
    vm.parent = copy_text(row, "Parent", arena);
    if (vm.parent != NULL && *vm.parent == '\0')
        vm.parent = NULL;
    vm.host_tells_gpus = cim_instance_find(row, PROPERTY_SINCE_20348) != NULL;
    /* A cluster whose VMs lie elsewhere (on file shares) is not recognised. */
    const char *folder = cim_instance_text(row, "ConfigurationDataRoot");
    for (; folder != NULL && *folder != '\0'; folder++)
        vm.is_clustered = vm.is_clustered || ascii_starts_with(folder, "\\ClusterStorage\\");
    vm.checkpoint_type = (CheckpointType) cim_instance_uint(row, "UserSnapshotType", CHECKPOINTS_UNKNOWN);
    return vm;
}

static bool find_settings(HyperVHost *host, const char *property, const char *value, Arena *arena,
                          CimInstanceList *ret_rows, Error *err)
{
    Str text;
    str_init(&text, LIMIT_WQL_BYTES);
    str_appendf(&text,
                "SELECT * FROM " SETTINGS_CLASS " WHERE VirtualSystemType = '" TYPE_REALIZED "' AND %s = ", property);
    wql_append_literal(&text, value);
    const char *query;
    return str_finish(&text, arena, &query, err) &&
           cim_session_query(host->session, NS_VIRTUALIZATION, query, arena, ret_rows, err);
}

/* Names closest to the one asked for, for the hint. */
static void suggest(const char *name, const CimInstanceList *systems, Arena *arena, Error *err)
{
    StringList names = { 0 };
    for (size_t i = 0; i < systems->count; i++) {
        const char *guid = cim_instance_text(systems->items[i], "Name");
        const char *candidate = cim_instance_text(systems->items[i], "ElementName");
        if (guid != NULL && guid_is_valid(guid) && candidate != NULL)
            ARRAY_PUSH(arena, &names, candidate);
    }
    const char *similar = text_list_like(&names, name, arena);
    if (*similar != '\0')
        (void) error_hint(err, "did you mean %s?", similar);
    else
        (void) error_advise(err, ADVICE_LIST_VMS, NULL);
}

static bool not_found(HyperVHost *host, const char *name, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstanceList systems;
    bool visible;
    if (host_is_visible(host, &arena, &visible, &systems, err)) {
        if (!visible) {
            (void) host_rights_error(host, err);
        } else {
            const char *id = vm_id_in(name);
            (void) error_set(err, ERR_NOT_FOUND, "no VM %s '%s' on '%s'", id != NULL ? "with the ID" : "named",
                             id != NULL ? id : name, host->session->host);
            suggest(name, &systems, &arena, err);
        }
    }
    arena_release(&arena);
    return false;
}

static bool ambiguous(const char *name, const CimInstanceList *rows, Error *err)
{
    (void) error_set(err, ERR_AMBIGUOUS, "%zu VMs are named '%s'", rows->count, name);
    Str ids;
    str_init(&ids, sizeof(err->advice.data));
    for (size_t i = 0; i < rows->count; i++) {
        const char *guid = cim_instance_text(rows->items[i], "VirtualSystemIdentifier");
        str_appendf(&ids, "%s%s", i > 0 ? " " : "", guid != NULL ? guid : "?");
    }
    (void) error_advise(err, ADVICE_NAME_VM_BY_ID, str_text(&ids));
    str_release(&ids);
    return false;
}

bool vm_check_name(const char *name, Error *err)
{
    const char *id = vm_id_in(name);
    if (id == NULL || guid_is_valid(id))
        return true;
    (void) error_set(err, ERR_USAGE, "'%s' is not an ID", name);
    return error_advise(err, ADVICE_WRITE_VM_ID, NULL);
}

bool vm_find(HyperVHost *host, const char *name, Arena *arena, Vm *ret_vm, Error *err)
{
    const char *id = vm_id_in(name);
    const char *property = id != NULL ? "VirtualSystemIdentifier" : "ElementName";
    const char *value = id != NULL ? id : name;
    CimInstanceList rows;
    if (!vm_check_name(name, err) || !find_settings(host, property, value, arena, &rows, err))
        return false;
    if (rows.count == 0)
        return not_found(host, name, err);
    if (rows.count > 1)
        return ambiguous(name, &rows, err);
    *ret_vm = vm_from_settings(rows.items[0], arena);
    if (id != NULL)
        ret_vm->address = vm_id_text(ret_vm->guid, arena); /* others may have its name */
    if (!guid_is_valid(ret_vm->guid) || ret_vm->settings_id == NULL)
        return error_set(err, ERR_PROTOCOL, "the host describes VM '%s' without its ID", name);
    return true;
}

bool vm_find_again(HyperVHost *host, const Vm *vm, Arena *arena, Vm *ret_vm, Error *err)
{
    const char *address = vm->address;
    if (!vm_find(host, vm_id_text(vm->guid, arena), arena, ret_vm, err))
        return false;
    ret_vm->address = address;
    return true;
}

void vm_use_only_name(Vm *vm, const char *only_name_or_null, Arena *arena)
{
    if (only_name_or_null != NULL && strcmp(only_name_or_null, vm->name) == 0)
        vm->address = vm_address(vm->name, vm->guid, arena);
}

VmStatus vm_status_of(const CimInstance *row)
{
    Arena arena = ARENA_INIT;
    CimUintList operational;
    cim_instance_uints(row, "OperationalStatus", &arena, &operational);
    VmStatus status = { .state = (VmState) cim_instance_uint(row, "EnabledState", 0),
                        .operation = operational.count > 1 ? (uint16_t) operational.items[1] : 0,
                        .replication_mode = (uint16_t) cim_instance_uint(row, "ReplicationMode", 0) };
    arena_release(&arena);
    return status;
}

typedef bool GetFunction(CimSession *session, const char *ns, const char *path, Arena *arena,
                         CimInstance **ret_instance, Error *err);

static bool read_status(HyperVHost *host, const Vm *vm, GetFunction *get, VmStatus *ret_status, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstance *row;
    bool ok = get(host->session, NS_VIRTUALIZATION, vm->system_path, &arena, &row, err);
    if (ok) {
        *ret_status = vm_status_of(row);
    } else if (err->code == ERR_NOT_FOUND) {
        (void) error_set(err, ERR_NOT_FOUND, "VM '%s' is gone", vm->name);
    }
    arena_release(&arena);
    return ok;
}

bool vm_read_status(HyperVHost *host, const Vm *vm, VmStatus *ret_status, Error *err)
{
    return read_status(host, vm, cim_session_get, ret_status, err);
}

bool vm_poll_status(HyperVHost *host, const Vm *vm, VmStatus *ret_status, Error *err)
{
    return read_status(host, vm, cim_session_poll, ret_status, err);
}

/* WMI answers those without rights with no rows, so no rows are believed only of a VM that can be seen. */
static bool check_visible(HyperVHost *host, const Vm *vm, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstance *row;
    bool ok = cim_session_get(host->session, NS_VIRTUALIZATION, vm->settings_path, &arena, &row, err);
    if (!ok && err->code == ERR_NOT_FOUND) {
        (void) error_set(err, ERR_DENIED, "the host does not show VM '%s' any more", vm->name);
        (void) error_hint(err, "it has been deleted, or you may not see it any more");
        (void) error_advise(err, ADVICE_LIST_VMS, NULL);
    }
    arena_release(&arena);
    return ok;
}

static bool read_components(HyperVHost *host, const Vm *vm, const char *result_class, Arena *arena,
                            VmResources *ret_resources, Error *err)
{
    CimInstanceList rows;
    if (!cim_session_associators(host->session, NS_VIRTUALIZATION, vm->settings_path,
                                 "Msvm_VirtualSystemSettingDataComponent", result_class, arena, &rows, err) ||
        (rows.count == 0 && !check_visible(host, vm, err)))
        return false;
    VmResources resources = { .has_direct_assignment = false };
    for (size_t i = 0; i < rows.count; i++) {
        StringList files;
        if (ascii_equals(rows.items[i]->class_name, "Msvm_GpuPartitionSettingData"))
            ARRAY_PUSH(arena, &resources.partitions, partition_from_instance(rows.items[i], arena));
        else if (ascii_equals(rows.items[i]->class_name, "Msvm_PciExpressSettingData"))
            resources.has_direct_assignment = true;
        else if (ascii_equals(rows.items[i]->class_name, "Msvm_MemorySettingData"))
            resources.memory = cim_instance_copy(rows.items[i], arena);
        cim_instance_texts(rows.items[i], "HostResource", arena, &files);
        if (ascii_equals(rows.items[i]->class_name, KVP_SETTINGS_CLASS))
            resources.own_items = kvp_own_names(rows.items[i], arena);
        if (ascii_equals(rows.items[i]->class_name, "Msvm_StorageAllocationSettingData") && files.count > 0)
            ARRAY_PUSH(arena, &resources.disks, arena_strdup(arena, files.items[0]));
    }
    if (resources.partitions.count > LIMIT_VM_ADAPTERS) {
        (void) error_set(err, ERR_STATE, "VM '%s' has more than %d GPU adapters", vm->name, LIMIT_VM_ADAPTERS);
        return error_hint(err, "take them off in PowerShell: Remove-VMGpuPartitionAdapter");
    }
    *ret_resources = resources;
    return true;
}

bool vm_read_resources(HyperVHost *host, const Vm *vm, Arena *arena, VmResources *ret_resources, Error *err)
{
    return read_components(host, vm, NULL, arena, ret_resources, err);
}

bool vm_read_partitions(HyperVHost *host, const Vm *vm, Arena *arena, GpuPartitionList *ret_partitions, Error *err)
{
    VmResources resources;
    if (!read_components(host, vm, "Msvm_GpuPartitionSettingData", arena, &resources, err))
        return false;
    *ret_partitions = resources.partitions;
    return true;
}

bool vm_memory_hinders_gpus(const VmResources *resources)
{
    const CimInstance *memory = resources->memory;
    return memory != NULL && cim_instance_boolean(memory, "DynamicMemoryEnabled", false) &&
           cim_instance_uint(memory, MEMORY_MINIMUM, 0) != cim_instance_uint(memory, MEMORY_STARTUP, 0);
}

bool vm_error_not_running(const Vm *vm, const VmStatus *status, Error *err)
{
    Arena arena = ARENA_INIT;
    (void) error_set(err, ERR_STATE, "VM '%s' is %s, not running", vm->name, vm_state_name(status->state, &arena));
    arena_release(&arena);
    return false;
}

bool vm_check_not_busy(const Vm *vm, const VmStatus *status, Error *err)
{
    static const struct {
        uint16_t number;
        const char *what;
    } operations[] = {
        { 32768, "a checkpoint of it is being created" },
        { 32769, "a checkpoint is being applied to it" },
        { 32770, "a checkpoint of it is being deleted" },
        { 32771, "it waits to be started" },
        { 32772, "its disks are being merged" },
        { 32773, "it is being exported" },
        { 32774, "it is being migrated" },
    };
    if (status->operation != 0) {
        const char *what = "the host is working on it";
        for (size_t i = 0; i < COUNT_OF(operations); i++) {
            if (operations[i].number == status->operation)
                what = operations[i].what;
        }
        (void) error_set(err, ERR_BUSY, "VM '%s' cannot be changed: %s", vm->name, what);
        return error_hint(err, "wait until that has finished and try again");
    }
    return true;
}

bool vm_check_idle(const Vm *vm, const VmStatus *status, Error *err)
{
    if (!vm_check_not_busy(vm, status, err))
        return false;
    if (status->state == VM_STATE_OFF)
        return true;
    Arena arena = ARENA_INIT;
    (void) error_set(err, ERR_STATE, "VM '%s' is %s, not off", vm->name, vm_state_name(status->state, &arena));
    arena_release(&arena);
    if (status->state == VM_STATE_SAVED)
        return error_hint(err, "start the VM and shut it down from inside, or delete its saved state; then try again");
    if (status->state == VM_STATE_STOPPING)
        return error_hint(err, "wait until it is off and try again");
    if (status->state == VM_STATE_PAUSED) {
        (void) error_hint(err, "resume the VM, in Hyper-V Manager or with Resume-VM, and shut it down");
        return error_advise(err, ADVICE_TURN_OFF, NULL);
    }
    if (status->state != VM_STATE_RUNNING)
        return error_hint(err, "wait until that has ended and try again");
    (void) error_hint(err, "shut the VM down and try again: changing GPUs now would break the VM and its checkpoints");
    return error_advise(err, ADVICE_STOP_AND_START, NULL);
}

const char *vm_state_name(VmState state, Arena *arena)
{
    switch (state) {
    case VM_STATE_RUNNING:
        return "running";
    case VM_STATE_OFF:
        return "off";
    case VM_STATE_SAVED:
        return "saved";
    case VM_STATE_PAUSED:
        return "paused";
    case VM_STATE_STOPPING:
        break;
    }
    return arena_printf(arena, "in transition (%d)", (int) state);
}

bool vm_read_checkpoints(HyperVHost *host, const Vm *vm, Arena *arena, VmCheckpoints *ret_checkpoints, Error *err)
{
    CimInstanceList rows;
    if (!host_select(host, NS_VIRTUALIZATION, SETTINGS_CLASS, "VirtualSystemIdentifier", vm->guid, arena, &rows, err))
        return false;
    VmCheckpoints found = { .current = { 0 } };
    for (size_t i = 0; i < rows.count; i++) {
        const char *type = cim_instance_text(rows.items[i], "VirtualSystemType");
        if (type != NULL && ascii_equals(type, TYPE_REALIZED))
            found.current = vm_from_settings(rows.items[i], arena);
        else if (type != NULL && ascii_starts_with(type, "Microsoft:Hyper-V:Snapshot:"))
            ARRAY_PUSH(arena, &found.checkpoints, rows.items[i]);
    }
    if (found.current.guid == NULL)
        return error_set(err, ERR_NOT_FOUND, "VM '%s' is gone", vm->name);
    *ret_checkpoints = found;
    return true;
}
