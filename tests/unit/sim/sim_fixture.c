/* SPDX-License-Identifier: MIT */
#include "unit/sim/sim_fixture.h"

#include "base/guid.h"
#include "cim/cimxml.h"
#include "cim/schema.h"
#include "cim/wql.h"
#include "support/test_clock.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

Sample sample;

static void read_sample(const char *text, size_t size)
{
    Error err;
    if (!sim_host_read(text, size, &sample.host, &err))
        fail_msg("%s", err.message);
}

static const char *write_sample(size_t *ret_size)
{
    Error err;
    const char *text;
    if (!sim_host_write(sample.host, &sample.arena, &text, ret_size, &err))
        fail_msg("%s", err.message);
    sim_host_destroy(sample.host);
    sample.host = NULL;
    return text;
}

void open_sample(const char *variant, const char *knobs)
{
    Error err;
    sample = (Sample){ .now_ms = TEST_CLOCK_START };
    if (!sim_host_create_sample(variant, sample.now_ms, &sample.host, &err))
        fail_msg("%s", err.message);
    if (*knobs == '\0')
        return;
    size_t size;
    json_t *state = json_loads(write_sample(&size), 0, NULL);
    json_t *wanted = json_loads(arena_printf(&sample.arena, "{%s}", knobs), 0, NULL);
    assert_non_null(wanted);
    json_object_update(json_object_get(state, "knobs"), wanted);
    char *text = json_dumps(state, 0);
    read_sample(text, strlen(text));
    free(text);
    json_decref(wanted);
    json_decref(state);
}

int close_sample(void **state)
{
    (void) state;
    sim_host_destroy(sample.host);
    arena_release(&sample.arena);
    return 0;
}

void reopen_sample(void)
{
    size_t size;
    const char *text = write_sample(&size);
    read_sample(text, size);
}

/* ---- reading ---- */

CimInstanceList rows_of(const char *wql)
{
    Error err;
    CimInstanceList list = { .items = NULL };
    bool is_cimv2 = strstr(wql, "Win32_") != NULL || strstr(wql, "CIM_DataFile") != NULL;
    const char *ns = is_cimv2 ? NS_CIMV2 : NS_VIRTUALIZATION;
    if (!sim_host_query(sample.host, sample.now_ms, ns, wql, &sample.arena, &list, &err))
        fail_msg("%s: %s", wql, err.message);
    return list;
}

CimInstance *row_of(const char *wql)
{
    CimInstanceList list = rows_of(wql);
    if (list.count != 1)
        fail_msg("%s: %zu rows", wql, list.count);
    return list.items[0];
}

CimInstance *row_at(const char *path)
{
    Error err;
    CimInstance *row = NULL;
    if (!sim_host_get(sample.host, sample.now_ms, NS_VIRTUALIZATION, path, &sample.arena, &row, &err))
        fail_msg("%s: %s", path, err.message);
    return row;
}

bool is_there(const char *path)
{
    Error err;
    CimInstance *row;
    bool found = sim_host_get(sample.host, sample.now_ms, NS_VIRTUALIZATION, path, &sample.arena, &row, &err);
    assert_true(found || err.code == ERR_NOT_FOUND);
    return found;
}

/* ---- embedded instances ---- */

CimInstance *new_instance(const char *class_name)
{
    return cim_instance_create(&sample.arena, class_name);
}

void set_value(CimInstance *instance, const char *name, CimValue value)
{
    cim_instance_set(instance, &sample.arena, name, value);
}

const char *text_of(const CimInstance *instance)
{
    Error err;
    const char *text = NULL;
    if (!cimxml_write(instance, &sample.arena, &text, &err))
        fail_msg("%s", err.message);
    return text;
}

CimInstance *new_adapter(int gpu)
{
    CimInstance *adapter = new_instance("Msvm_GpuPartitionSettingData");
    set_value(adapter, "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770));
    set_value(adapter, "ResourceSubType", cim_string("Microsoft:Hyper-V:GPU Partition"));
    set_value(adapter, "PoolID", cim_string(""));
    if (gpu >= 0) {
        const char *path = rows_of("SELECT * FROM Msvm_PartitionableGpu").items[gpu]->path;
        set_value(adapter, "HostResource", cim_text_array(&sample.arena, CIM_TYPE_STRING, &path, 1));
    }
    return adapter;
}

CimInstance *change_of(const char *class_name, const char *instance_id)
{
    CimInstance *instance = new_instance(class_name);
    set_value(instance, "InstanceID", cim_string(instance_id));
    return instance;
}

/* ---- calls ---- */

CimInstance *call(const char *path, const char *method, const CimInstance *in)
{
    Error err;
    CimInstance *out = NULL;
    if (!sim_host_invoke(sample.host, sample.now_ms, NS_VIRTUALIZATION, path, method, in, &sample.arena, &out, &err))
        fail_msg("%s: %s", method, err.message);
    return out;
}

CimInstance *call_service(const char *service, const char *method, const CimInstance *in)
{
    return call(row_of(arena_printf(&sample.arena, "SELECT * FROM %s", service))->path, method, in);
}

static CimInstance *call_with_list(const char *method, const char *settings_path, CimType type,
                                   const char *const *texts, size_t count)
{
    CimInstance *in = new_instance("__PARAMETERS");
    if (settings_path != NULL)
        set_value(in, "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, settings_path));
    set_value(in, "ResourceSettings", cim_text_array(&sample.arena, type, texts, count));
    return call_service(MANAGEMENT, method, in);
}

CimInstance *add_adapters(const char *vm_guid, const char *const *texts, size_t count)
{
    const char *path =
        arena_printf(&sample.arena, "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:%s\"", vm_guid);
    return call_with_list("AddResourceSettings", path, CIM_TYPE_STRING, texts, count);
}

CimInstance *modify_resources(const char *const *texts, size_t count)
{
    return call_with_list("ModifyResourceSettings", NULL, CIM_TYPE_STRING, texts, count);
}

CimInstance *remove_resources(const char *const *paths, size_t count)
{
    return call_with_list("RemoveResourceSettings", NULL, CIM_TYPE_REFERENCE, paths, count);
}

CimInstance *modify_system(const CimInstance *settings)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "SystemSettings", cim_string(text_of(settings)));
    return call_service(MANAGEMENT, "ModifySystemSettings", in);
}

static const char *system_path(const char *vm_guid)
{
    return arena_printf(&sample.arena, "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"%s\"",
                        vm_guid);
}

CimInstance *create_snapshot(const char *vm_guid, const char *settings_text)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, system_path(vm_guid)));
    set_value(in, "SnapshotSettings", cim_string(settings_text));
    set_value(in, "SnapshotType", cim_uint(CIM_TYPE_UINT16, 2));
    return call_service(SNAPSHOTS, "CreateSnapshot", in);
}

CimInstance *snapshot_call(const char *method, const char *parameter, const char *snapshot_guid)
{
    CimInstance *in = new_instance("__PARAMETERS");
    const char *path =
        arena_printf(&sample.arena, "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:%s\"", snapshot_guid);
    set_value(in, parameter, cim_text(CIM_TYPE_REFERENCE, path));
    return call_service(SNAPSHOTS, method, in);
}

CimInstance *request_state(const char *vm_guid, uint16_t state)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "RequestedState", cim_uint(CIM_TYPE_UINT16, state));
    return call(system_path(vm_guid), "RequestStateChange", in);
}

/* ---- answers ---- */

uint64_t return_value(const CimInstance *out)
{
    return cim_instance_uint(out, "ReturnValue", UINT64_MAX);
}

CimInstance *finish(const CimInstance *out)
{
    const char *path = cim_instance_text(out, "Job");
    assert_non_null(path);
    for (int i = 0; i < 100; i++, sample.now_ms += 100) {
        CimInstance *job = row_at(path);
        if (cim_instance_uint(job, "JobState", 0) >= 7)
            return job;
    }
    fail_msg("job does not end");
    return NULL;
}

void assert_answer(const CimInstance *out, uint64_t expected_return, uint64_t expected_error)
{
    assert_int_equal(return_value(out), expected_return);
    assert_int_equal(cim_instance_is_null(out, "Job"), expected_return != 4096);
    if (expected_return != 4096)
        return;
    const CimInstance *job = finish(out);
    const char *description = cim_instance_text(job, "ErrorDescription");
    if (cim_instance_uint(job, "ErrorCode", UINT64_MAX) != expected_error)
        fail_msg("ErrorCode %d, %s", (int) cim_instance_uint(job, "ErrorCode", 0), description);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), expected_error == 0 ? 7 : 10);
    assert_int_equal(description == NULL, expected_error == 0);
}

void rest(const char *vm_guid)
{
    for (int i = 0; i < 100 && operation_of(vm_guid) != 0; i++)
        sample.now_ms += 100;
    assert_int_equal(operation_of(vm_guid), 0);
}

size_t count_adapters(const char *vm_guid)
{
    return rows_of(arena_printf(&sample.arena,
                                "SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE 'Microsoft:%s%%'",
                                vm_guid)).count;
}

size_t count_checkpoints(const char *vm_guid)
{
    return rows_of(arena_printf(&sample.arena,
                                "SELECT * FROM Msvm_VirtualSystemSettingData WHERE "
                                "VirtualSystemIdentifier = '%s' AND VirtualSystemType LIKE '%%Snapshot%%'",
                                vm_guid))
        .count;
}

uint64_t state_of(const char *vm_guid)
{
    return cim_instance_uint(row_at(system_path(vm_guid)), "EnabledState", UINT64_MAX);
}

uint64_t operation_of(const char *vm_guid)
{
    size_t count;
    const CimValue *items = cim_instance_array(row_at(system_path(vm_guid)), "OperationalStatus", &count);
    return count > 1 ? items[1].uint : 0;
}
