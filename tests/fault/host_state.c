/* SPDX-License-Identifier: MIT */
/* See host_state.h. The state file's format: docs/simulator.md. */
#include "host_state.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/str.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "hyperv/gpu/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPU_SUBTYPE "Microsoft:Hyper-V:GPU Partition"

enum { JOBS_END_MS = 10 * 1000, PATIENCE = 5 };

static void must(bool ok, const Error *err)
{
    if (!ok) {
        (void) fprintf(stderr, "the simulated host: %s\n", err->message);
        abort();
    }
}

static CimInstanceList select_rows(CimSession *session, const char *wql, Arena *arena)
{
    CimInstanceList list;
    Error err = { .code = ERR_NONE };
    must(cim_session_query(session, NS_VIRTUALIZATION, wql, arena, &list, &err), &err);
    return list;
}

static CimInstance *invoke(CimSession *session, const char *path, const char *method, const CimInstance *in,
                           Arena *arena)
{
    CimInstance *out;
    Error err = { .code = ERR_NONE };
    must(cim_session_invoke(session, NS_VIRTUALIZATION, path, method, in, arena, &out, &err), &err);
    return out;
}

static const char *only_path(CimSession *session, const char *class_name, Arena *arena)
{
    CimInstanceList rows = select_rows(session, arena_printf(arena, "SELECT * FROM %s", class_name), arena);
    CHECK(rows.count == 1);
    return rows.items[0]->path;
}

/* ---- making ---- */

/* A new sample host with one VM more; its GUID. */
static const char *define_vm(CimSession *session, Arena *arena)
{
    CimInstance *settings = cim_instance_create(arena, "Msvm_VirtualSystemSettingData");
    cim_instance_set(settings, arena, "ElementName", cim_string(PLACE_VM));
    cim_instance_set(settings, arena, "VirtualSystemSubType", cim_string("Microsoft:Hyper-V:SubType:2"));
    CimInstance *in = cim_instance_create(arena, "DefineSystem");
    cim_instance_set(in, arena, "SystemSettings", cim_embedded(settings));
    const char *service = only_path(session, "Msvm_VirtualSystemManagementService", arena);
    const char *path = cim_instance_text(invoke(session, service, "DefineSystem", in, arena), "ResultingSystem");
    CimPath parsed;
    Error err = { .code = ERR_NONE };
    must(cim_path_parse(path, arena, &parsed, &err), &err);
    return cim_path_key(&parsed, "Name");
}

static bool is_of_class(const json_t *instance, const char *class_name)
{
    return strcmp(json_string_value(json_object_get(instance, "class")), class_name) == 0;
}

/* Small files make a fast matrix: no changing command looks at these. */
static void strip_classes(json_t *instances)
{
    static const char *const classes[] = {
        "CIM_DataFile",
        "Win32_VideoController",
        "Win32_PnPSignedDriver",
        "Msvm_GuestServiceInterfaceComponentSettingData",
        "Msvm_KvpExchangeComponentSettingData",
        "Msvm_ShutdownComponentSettingData",
        "Msvm_HeartbeatComponentSettingData",
        "Msvm_AllocationCapabilities",
        "Msvm_MemorySettingData",
    };
    for (size_t i = json_array_size(instances); i-- > 0;) {
        bool strip = false;
        for (size_t k = 0; k < COUNT_OF(classes); k++)
            strip = strip || is_of_class(json_array_get(instances, i), classes[k]);
        if (strip)
            CHECK(json_array_remove(instances, i) == 0);
    }
}

/* Whatever mentions another VM. */
static void strip_other_vms(json_t *instances, const char *guid)
{
    StringList others = { 0 };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < json_array_size(instances); i++) {
        const json_t *instance = json_array_get(instances, i);
        const char *name = json_string_value(json_object_get(instance, "Name"));
        if (is_of_class(instance, "Msvm_ComputerSystem") && name != NULL && guid_is_valid(name) &&
            strcmp(name, guid) != 0)
            ARRAY_PUSH(&arena, &others, arena_strdup(&arena, name));
    }
    for (size_t i = json_array_size(instances); i-- > 0;) {
        char *text = json_dumps(json_array_get(instances, i), 0);
        bool mentions_other = false;
        for (size_t k = 0; k < others.count; k++)
            mentions_other = mentions_other || strstr(text, others.items[k]) != NULL;
        free(text);
        if (mentions_other)
            CHECK(json_array_remove(instances, i) == 0);
    }
    arena_release(&arena);
}

static void set_limit(json_t *adapter, size_t index, uint64_t value)
{
    char text[24];
    (void) snprintf(text, sizeof(text), "%llu", (unsigned long long) value);
    CHECK(json_object_set_new(adapter, partition_limit_names[index], json_string(text)) == 0);
}

static json_t *make_adapter(const AdapterSpec *spec, size_t number, const char *guid, const CimInstanceList *gpus,
                            bool tells_gpu)
{
    char id[128];
    (void) snprintf(id, sizeof(id), "Microsoft:%s\\A0000000-0000-0000-0000-00000000000%zu", guid, number);
    json_t *adapter = json_pack("{s:s, s:s}", "class", "Msvm_GpuPartitionSettingData", "InstanceID", id);
    CHECK(adapter != NULL);
    if (spec->gpu > 0 && tells_gpu) {
        CHECK((size_t) spec->gpu <= gpus->count);
        json_t *resource = json_pack("[s]", gpus->items[spec->gpu - 1]->path);
        CHECK(json_object_set_new(adapter, "HostResource", resource) == 0);
    }
    if (spec->pool != NULL)
        CHECK(json_object_set_new(adapter, "PoolID", json_string(spec->pool)) == 0);
    /* Min, Max, Optimal of each kind, in the order of the names. */
    static const uint64_t steps[] = { 0, 2, 1 };
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if ((spec->kinds & (1u << (i / COUNT_OF(steps)))) != 0)
            set_limit(adapter, i, spec->limit + steps[i % COUNT_OF(steps)]);
    }
    return adapter;
}

static void add_pool(json_t *instances, const char *pool)
{
    json_t *row = json_pack("{s:s, s:s, s:i, s:s, s:s}", "class", "Msvm_ResourcePool", "InstanceID",
                            "Microsoft:B0000000-0000-0000-0000-000000000001", "ResourceType", 32770, "ResourceSubType",
                            GPU_SUBTYPE, "PoolID", pool);
    CHECK(row != NULL && json_array_append_new(instances, row) == 0);
}

static void add_dynamic_memory(json_t *instances, const char *guid)
{
    char id[128];
    (void) snprintf(id, sizeof(id), "Microsoft:%s\\4764334d-e001-4176-82ee-5594ec9b530e", guid);
    json_t *row =
        json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "class", "Msvm_MemorySettingData", "InstanceID", id,
                  "DynamicMemoryEnabled", 1, "VirtualQuantity", "4096", "Reservation", "512", "Limit", "8192");
    CHECK(row != NULL && json_array_append_new(instances, row) == 0);
}

/* ---- a checkpoint ---- */

#define DISK_FOLDER "C:\\disks\\"
#define DISK_OF_BEFORE DISK_FOLDER "vm1_0A000000-0000-0000-0000-00000000000D.avhdx"

static void add_disk(json_t *instances, const char *guid, const char *file)
{
    char id[160];
    (void) snprintf(id, sizeof(id), "Microsoft:%s\\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\\0\\0\\D", guid);
    json_t *row = json_pack("{s:s, s:s, s:[s]}", "class", "Msvm_StorageAllocationSettingData", "InstanceID", id,
                            "HostResource", file);
    CHECK(row != NULL && json_array_append_new(instances, row) == 0);
}

/* With what it brings along when it is applied: settings, and adapters of which one looks like the VM's own. */
static void add_target(json_t *root, json_t *instances, const VmSpec *vm, const char *guid, const CimInstanceList *gpus,
                       bool tells_gpu)
{
    json_t *current = NULL;
    for (size_t i = 0; i < json_array_size(instances); i++) {
        if (is_of_class(json_array_get(instances, i), "Msvm_VirtualSystemSettingData"))
            current = json_array_get(instances, i);
    }
    CHECK(current != NULL);
    json_t *target = json_deep_copy(current);
    json_t *other = json_pack("{s:s, s:s, s:s, s:b, s:b, s:s}", "InstanceID", "Microsoft:" FAULT_CHECKPOINT_ID,
                              "VirtualSystemType", "Microsoft:Hyper-V:Snapshot:Realized", "ElementName", "target",
                              "AutomaticSnapshotsEnabled", 1, "GuestControlledCacheTypes", 1, "LowMmioGapSize", "256");
    CHECK(target != NULL && other != NULL && json_object_update(target, other) == 0);
    json_decref(other);
    CHECK(json_array_append_new(instances, target) == 0);
    if (vm->stands_on_target) {
        const char *path = "\\\\HV1\\root\\virtualization\\v2:Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:"
                           FAULT_CHECKPOINT_ID "\"";
        CHECK(json_object_set_new(current, "Parent", json_string(path)) == 0);
    }
    static const AdapterSpec own = { .gpu = 4, .limit = 11, .kinds = 1 };
    for (size_t i = 0; i < 2; i++) {
        const AdapterSpec *spec = i == 0 && vm->adapter_count > 0 ? &vm->adapters[0] : &own;
        CHECK(json_array_append_new(instances, make_adapter(spec, i, FAULT_CHECKPOINT_ID, gpus, tells_gpu)) == 0);
    }
    add_disk(instances, FAULT_CHECKPOINT_ID, DISK_FOLDER "vm1.vhdx");
    add_disk(instances, guid, DISK_OF_BEFORE);
    json_t *parents = json_pack("{s:s}", DISK_OF_BEFORE, DISK_FOLDER "vm1.vhdx");
    CHECK(parents != NULL && json_object_set_new(root, "disks", parents) == 0);
}

static void make_run(json_t *instances, const char *guid)
{
    for (size_t i = 0; i < json_array_size(instances); i++) {
        json_t *instance = json_array_get(instances, i);
        const char *name = json_string_value(json_object_get(instance, "Name"));
        if (is_of_class(instance, "Msvm_ComputerSystem") && name != NULL && strcmp(name, guid) == 0)
            CHECK(json_object_set_new(instance, "EnabledState", json_integer(2)) == 0);
    }
    json_t *component = json_pack("{s:s, s:s, s:s}", "class", "Msvm_ShutdownComponent", "SystemName", guid, "DeviceID",
                                  "Microsoft:9F8233AC-BE49-4C79-8EE3-E7E1985B2077");
    CHECK(component != NULL && json_array_append_new(instances, component) == 0);
}

static void set_up_vm(json_t *instances, const VmSpec *vm, bool automatic_checkpoints, const char *guid,
                      const CimInstanceList *gpus, bool tells_gpu)
{
    for (size_t i = 0; i < json_array_size(instances); i++) {
        json_t *instance = json_array_get(instances, i);
        if (!is_of_class(instance, "Msvm_VirtualSystemSettingData"))
            continue;
        CHECK(json_object_set_new(instance, "AutomaticSnapshotsEnabled", json_boolean(automatic_checkpoints)) == 0);
        int type = vm->checkpoint_type != 0 ? vm->checkpoint_type : 3;
        CHECK(json_object_set_new(instance, "UserSnapshotType", json_integer(type)) == 0);
    }
    if (vm->runs)
        make_run(instances, guid);
    if (vm->dynamic_memory)
        add_dynamic_memory(instances, guid);
    for (size_t i = 0; i < vm->adapter_count; i++) {
        json_t *adapter = make_adapter(&vm->adapters[i], i, guid, gpus, tells_gpu);
        CHECK(json_array_append_new(instances, adapter) == 0);
        if (vm->adapters[i].pool != NULL)
            add_pool(instances, vm->adapters[i].pool);
    }
}

const char *host_build(Place *place, const HostSpec *host, const VmSpec *vm, bool automatic_checkpoints, Arena *arena)
{
    CimSession *session;
    Error err = { .code = ERR_NONE };
    (void) remove(place->host_file); /* may not be there */
    must(sim_session_open(place->host_file, host->variant, &place->clock->clock, &session, &err), &err);
    const char *guid = define_vm(session, arena);
    CimInstanceList gpus = select_rows(session, "SELECT * FROM Msvm_PartitionableGpu", arena);
    cim_session_close(session);

    json_error_t problem;
    json_t *root = json_load_file(place->host_file, 0, &problem);
    json_t *knobs = json_loads(host->knobs, 0, &problem);
    CHECK(root != NULL && knobs != NULL);
    json_t *instances = json_object_get(json_object_get(root, "instances"), NS_VIRTUALIZATION);
    bool tells_gpu = json_integer_value(json_object_get(root, "build")) >= 20348;
    strip_classes(instances);
    strip_classes(json_object_get(json_object_get(root, "instances"), NS_CIMV2));
    strip_other_vms(instances, guid);
    set_up_vm(instances, vm, automatic_checkpoints, guid, &gpus, tells_gpu);
    if (vm->has_target)
        add_target(root, instances, vm, guid, &gpus, tells_gpu);
    CHECK(json_object_update(json_object_get(root, "knobs"), knobs) == 0);
    CHECK(json_object_set_new(root, "hiddenAdapters", json_array()) == 0);
    CHECK(json_object_set_new(root, "lastApplied", json_object()) == 0);
    CHECK(json_object_set_new(root, "jobs", json_array()) == 0);
    char *text = json_dumps(root, JSON_COMPACT);
    const char *copy = arena_strdup(arena, text);
    free(text);
    json_decref(knobs);
    json_decref(root);
    return copy;
}

/* ---- reading ---- */

static const char *value_text(const CimInstance *row, const char *name, Arena *arena)
{
    const CimValue *value = cim_instance_find(row, name);
    if (value == NULL)
        return "absent";
    const char *text = cim_value_format(value, arena);
    return text != NULL ? text : "null";
}

static const char *adapter_text(const CimInstance *row, Arena *arena)
{
    Str text;
    str_init(&text, 4096);
    size_t count;
    const CimValue *resources = cim_instance_array(row, "HostResource", &count);
    const char *gpu = count > 0 ? strchr(resources[0].text, '#') : "none";
    str_appendf(&text, "GPU %.*s; pool '%s'; NUMA %s; limits", (int) strcspn(gpu != NULL ? gpu : "?", "{"),
                gpu != NULL ? gpu : "?", value_text(row, "PoolID", arena),
                value_text(row, "NumaAwarePlacement", arena));
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++)
        str_appendf(&text, " %s", value_text(row, partition_limit_names[i], arena));
    const char *result;
    Error err = { .code = ERR_NONE };
    must(str_finish(&text, arena, &result, &err), &err);
    return result;
}

static void insert_sorted(HostState *state, const char *text, const char *id, Arena *arena)
{
    ARRAY_PUSH(arena, &state->adapters, text);
    ARRAY_PUSH(arena, &state->ids, id);
    for (size_t i = state->adapters.count - 1; i > 0 && strcmp(state->adapters.items[i - 1], text) > 0; i--) {
        state->adapters.items[i] = state->adapters.items[i - 1];
        state->ids.items[i] = state->ids.items[i - 1];
        state->adapters.items[i - 1] = text;
        state->ids.items[i - 1] = id;
    }
}

/* The memo's file, read without the program's code. */
static void read_remembered(const Place *place, HostState *state, Arena *arena)
{
    const char *file = place_memo(place, arena);
    json_t *root = file != NULL ? json_load_file(file, 0, NULL) : NULL;
    json_t *partitions = json_object_get(json_object_get(root, "record"), "partitions");
    size_t i;
    json_t *partition;
    CHECK(file == NULL || json_is_array(partitions));
    HostState texts = { .settings = NULL };
    json_array_foreach(partitions, i, partition)
    {
        const char *resource = json_string_value(json_object_get(partition, "hostResource"));
        const char *gpu = resource != NULL ? strchr(resource, '#') : "none";
        const char *text = arena_printf(arena, "GPU %.*s; limits", (int) strcspn(gpu, "{"), gpu);
        for (size_t k = 0; k < PARTITION_LIMIT_COUNT; k++) {
            const char *limit =
                json_string_value(json_object_get(json_object_get(partition, "limits"), partition_limit_names[k]));
            text = arena_printf(arena, "%s %s", text, limit != NULL ? limit : "null");
        }
        insert_sorted(&texts, text, "", arena);
    }
    state->remembered = texts.adapters;
    json_decref(root);
}

static const char *vm_path(CimSession *session, Arena *arena)
{
    CimInstanceList rows =
        select_rows(session, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '" PLACE_VM "'", arena);
    CHECK(rows.count == 1);
    return rows.items[0]->path;
}

static uint64_t vm_state(CimSession *session, const char *path, Arena *arena)
{
    CimInstance *row;
    Error err = { .code = ERR_NONE };
    must(cim_session_get(session, NS_VIRTUALIZATION, path, arena, &row, &err), &err);
    return cim_instance_uint(row, "EnabledState", 0);
}

bool vm_runs(const Place *place)
{
    Arena arena = ARENA_INIT;
    bool runs = vm_state(place->session, vm_path(place->session, &arena), &arena) == 2;
    arena_release(&arena);
    return runs;
}

HostState host_state_read(const Place *place, Arena *arena)
{
    static const char *const properties[] = {
        "AutomaticSnapshotsEnabled", "UserSnapshotType", "LowMmioGapSize",
        "HighMmioGapSize",           "HighMmioGapBase",  "GuestControlledCacheTypes",
        "AutomaticShutdownAction"
    };
    HostState state = { .settings = NULL, .memory = "" };
    place->clock->now_ms += JOBS_END_MS;
    CimSession *session = place->session;
    CimInstanceList rows = select_rows(session, "SELECT * FROM Msvm_VirtualSystemSettingData", arena);
    CimInstanceList adapters = select_rows(session, "SELECT * FROM Msvm_GpuPartitionSettingData", arena);

    const char *own_prefix = NULL;
    for (size_t i = 0; i < rows.count; i++) {
        const CimInstance *row = rows.items[i];
        if (!ascii_equals(cim_instance_text(row, "VirtualSystemType"), "Microsoft:Hyper-V:System:Realized")) {
            state.checkpoints++;
            continue;
        }
        own_prefix = arena_printf(arena, "%s\\", cim_instance_text(row, "InstanceID"));
        const char *parent = cim_instance_text(row, "Parent");
        state.restored = parent != NULL && strstr(parent, FAULT_CHECKPOINT_ID) != NULL;
        state.settings = "";
        for (size_t k = 0; k < COUNT_OF(properties); k++)
            state.settings = arena_printf(arena, "%s%s%s %s", state.settings, k > 0 ? ", " : "", properties[k],
                                          value_text(row, properties[k], arena));
    }
    CHECK(own_prefix != NULL);
    CimInstanceList disks = select_rows(session, "SELECT * FROM Msvm_StorageAllocationSettingData", arena);
    for (size_t i = 0; i < disks.count; i++) {
        StringList files;
        cim_instance_texts(disks.items[i], "HostResource", arena, &files);
        if (ascii_starts_with(cim_instance_text(disks.items[i], "InstanceID"), own_prefix) && files.count > 0 &&
            strcmp(files.items[0], DISK_OF_BEFORE) == 0)
            state.restored = false;
    }
    state.runs = vm_runs(place);
    CimInstanceList memory = select_rows(session, "SELECT * FROM Msvm_MemorySettingData", arena);
    for (size_t i = 0; i < memory.count; i++) {
        if (ascii_starts_with(cim_instance_text(memory.items[i], "InstanceID"), own_prefix))
            state.memory = value_text(memory.items[i], "Reservation", arena);
    }
    for (size_t i = 0; i < adapters.count; i++) {
        const char *id = cim_instance_text(adapters.items[i], "InstanceID");
        if (!ascii_starts_with(id, own_prefix))
            continue;
        const char *text = adapter_text(adapters.items[i], arena);
        ARRAY_PUSH(arena, &state.order, text);
        insert_sorted(&state, text, id, arena);
    }
    read_remembered(place, &state, arena);
    return state;
}

static bool same_texts(const StringList *a, const StringList *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

/* The settings are parts with ", " between them. */
static const char *next_part(const char *part)
{
    size_t length = strcspn(part, ",");
    return part + length + (part[length] != '\0' ? 2 : 0);
}

static bool same_part(const char *a, const char *b)
{
    size_t length = strcspn(a, ",");
    return length == strcspn(b, ",") && strncmp(a, b, length) == 0;
}

bool host_state_mixes(const HostState *state, const HostState *a, const HostState *b)
{
    bool mixes = strcmp(state->memory, a->memory) == 0 || strcmp(state->memory, b->memory) == 0;
    const char *of_a = a->settings, *of_b = b->settings;
    for (const char *part = state->settings; mixes && *part != '\0'; part = next_part(part)) {
        mixes = same_part(part, of_a) || same_part(part, of_b);
        of_a = next_part(of_a);
        of_b = next_part(of_b);
    }
    return mixes;
}

bool host_state_same_adapters(const HostState *a, const HostState *b)
{
    return same_texts(&a->adapters, &b->adapters) && same_texts(&a->remembered, &b->remembered);
}

bool host_state_same_order(const HostState *a, const HostState *b)
{
    return same_texts(&a->order, &b->order);
}

static HostState without_adapters(const HostState *state)
{
    return (HostState){
        .settings = state->settings,
        .memory = state->memory,
        .checkpoints = state->checkpoints,
        .remembered = state->remembered,
        .restored = state->restored,
    };
}

HostState host_state_with(const HostState *state, const char *adapter, Arena *arena)
{
    HostState copy = without_adapters(state);
    for (size_t i = 0; i < state->adapters.count; i++)
        insert_sorted(&copy, state->adapters.items[i], state->ids.items[i], arena);
    if (adapter != NULL)
        insert_sorted(&copy, adapter, "", arena);
    return copy;
}

HostState host_state_without(const HostState *state, const char *adapter, Arena *arena)
{
    HostState copy = without_adapters(state);
    bool dropped = false;
    for (size_t i = 0; i < state->adapters.count; i++) {
        if (!dropped && adapter != NULL && strcmp(state->adapters.items[i], adapter) == 0)
            dropped = true;
        else
            insert_sorted(&copy, state->adapters.items[i], state->ids.items[i], arena);
    }
    return copy;
}

HostState host_state_edited(const HostState *state, const char *from, const char *to, Arena *arena)
{
    HostState without = host_state_without(state, from, arena);
    return host_state_with(&without, without.adapters.count < state->adapters.count ? to : NULL, arena);
}

size_t host_state_count_gpu(const HostState *state, const char *adapter)
{
    size_t length = strcspn(adapter, ";") + 1;
    size_t count = 0;
    for (size_t i = 0; i < state->adapters.count; i++)
        count += strncmp(state->adapters.items[i], adapter, length) == 0;
    return count;
}

const char *host_state_format(const HostState *state, Arena *arena)
{
    const char *text = arena_printf(arena, "%s; memory %s; %zu checkpoint%s%s", state->settings, state->memory,
                                    state->checkpoints, state->checkpoints == 1 ? "" : "s",
                                    state->restored ? ", restored" : "");
    for (size_t i = 0; i < state->adapters.count; i++)
        text = arena_printf(arena, "%s\n        %s", text, state->adapters.items[i]);
    for (size_t i = 0; i < state->remembered.count; i++)
        text = arena_printf(arena, "%s\n        remembered: %s", text, state->remembered.items[i]);
    return text;
}

HostState host_state_attached(const HostState *state, Arena *arena)
{
    HostState all = host_state_with(state, NULL, arena);
    for (size_t i = 0; i < state->remembered.count; i++)
        insert_sorted(&all, state->remembered.items[i], "", arena);
    return all;
}

/* ---- somebody else ---- */

static bool change_vm_state(const Place *place, uint16_t request, uint64_t wanted)
{
    Arena arena = ARENA_INIT;
    CimSession *session = place->session;
    const char *path = vm_path(session, &arena);
    CimInstance *in = cim_instance_create(&arena, "RequestStateChange");
    cim_instance_set(in, &arena, "RequestedState", cim_uint(CIM_TYPE_UINT16, request));
    bool reached = vm_state(session, path, &arena) == wanted;
    for (int i = 0; i < PATIENCE && !reached; i++) {
        (void) invoke(session, path, "RequestStateChange", in, &arena); /* refused while the host works on the VM */
        place->clock->now_ms += JOBS_END_MS;
        reached = vm_state(session, path, &arena) == wanted;
    }
    arena_release(&arena);
    return reached;
}

bool somebody_starts_vm(const Place *place)
{
    return change_vm_state(place, 2, 2);
}

void somebody_turns_vm_off(const Place *place)
{
    CHECK(change_vm_state(place, 3, 3));
}

static const CimInstance *new_adapter(const char *gpu_path, Arena *arena)
{
    CimInstance *adapter = cim_instance_create(arena, "Msvm_GpuPartitionSettingData");
    cim_instance_set(adapter, arena, "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770));
    cim_instance_set(adapter, arena, "ResourceSubType", cim_string(GPU_SUBTYPE));
    cim_instance_set(adapter, arena, "HostResource", cim_text_array(arena, CIM_TYPE_STRING, &gpu_path, 1));
    return adapter;
}

/* The text of what the first state has and the second has not; NULL: nothing. */
static const char *find_missing(const HostState *more, const HostState *less)
{
    for (size_t i = 0; i < more->ids.count; i++) {
        bool found = false;
        for (size_t k = 0; k < less->ids.count; k++)
            found = found || strcmp(more->ids.items[i], less->ids.items[k]) == 0;
        if (!found)
            return more->adapters.items[i];
    }
    return NULL;
}

/* Calls a method that changes resources, which may be refused. */
static void change_resources(const Place *place, const char *method, const CimInstance *in, Arena *arena)
{
    (void) invoke(place->session, only_path(place->session, "Msvm_VirtualSystemManagementService", arena), method, in,
                  arena);
}

void somebody_adds_adapter(const Place *place, int gpu, Arena *arena, Disturbance *disturbance)
{
    HostState before = host_state_read(place, arena);
    CimSession *session = place->session;
    CimInstanceList gpus = select_rows(session, "SELECT * FROM Msvm_PartitionableGpu", arena);
    CimInstanceList systems = select_rows(session,
                                          "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType = "
                                          "'Microsoft:Hyper-V:System:Realized'",
                                          arena);
    CHECK(gpu >= 1 && (size_t) gpu <= gpus.count && systems.count == 1);
    CimValue item = cim_embedded(new_adapter(gpus.items[gpu - 1]->path, arena));
    CimInstance *in = cim_instance_create(arena, "AddResourceSettings");
    cim_instance_set(in, arena, "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, systems.items[0]->path));
    cim_instance_set(in, arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    change_resources(place, "AddResourceSettings", in, arena);
    HostState after = host_state_read(place, arena);
    disturbance->added = find_missing(&after, &before);
}

void somebody_removes_adapter(const Place *place, Arena *arena, Disturbance *disturbance)
{
    HostState before = host_state_read(place, arena);
    if (before.ids.count == 0)
        return;
    const char *path = partition_path(before.ids.items[0], arena);
    CimInstance *in = cim_instance_create(arena, "RemoveResourceSettings");
    cim_instance_set(in, arena, "ResourceSettings", cim_text_array(arena, CIM_TYPE_REFERENCE, &path, 1));
    change_resources(place, "RemoveResourceSettings", in, arena);
    HostState after = host_state_read(place, arena);
    disturbance->removed = find_missing(&before, &after);
}

void somebody_edits_limits(const Place *place, Arena *arena, Disturbance *disturbance)
{
    HostState before = host_state_read(place, arena);
    if (before.ids.count == 0)
        return;
    CimInstance *adapter = cim_instance_create(arena, "Msvm_GpuPartitionSettingData");
    cim_instance_set(adapter, arena, "InstanceID", cim_string(before.ids.items[0]));
    for (size_t i = PARTITION_LIMIT_MIN_VRAM; i <= PARTITION_LIMIT_OPTIMAL_VRAM; i++)
        cim_instance_set(adapter, arena, partition_limit_names[i], cim_uint(CIM_TYPE_UINT64, 12345678));
    CimValue item = cim_embedded(adapter);
    CimInstance *in = cim_instance_create(arena, "ModifyResourceSettings");
    cim_instance_set(in, arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    change_resources(place, "ModifyResourceSettings", in, arena);
    HostState after = host_state_read(place, arena);
    for (size_t i = 0; i < after.ids.count; i++) {
        if (strcmp(after.ids.items[i], before.ids.items[0]) == 0 &&
            strcmp(after.adapters.items[i], before.adapters.items[0]) != 0) {
            disturbance->edited_from = before.adapters.items[0];
            disturbance->edited_to = after.adapters.items[i];
        }
    }
}
