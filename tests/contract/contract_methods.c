/* SPDX-License-Identifier: MIT */
/* Methods: embedded instances and references in and out, jobs, refusals, and what whole operations rest on. */
#include "contract/contract_fixture.h"

#include "base/compiler.h"
#include "cim/cimxml.h"
#include "cim/path.h"
#include "cim/schema.h"

#include <string.h>

/* A change that is done when the call returns; the embedded instance given as one, and as text. */
static void test_synchronous_method(void **state)
{
    Fixture *f = *state;
    static const char *const names[] = { "another name", "a name & more <text>" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CimInstance *settings = vm_settings_named(f, names[i]), *in = parameters(f);
        set(f, settings, "InstanceID", cim_string("Microsoft:" MY_VM));
        CimValue value = cim_embedded(settings);
        const char *text;
        assert_true(cimxml_write(settings, &f->arena, &text, &f->err));
        set(f, in, "SystemSettings", i == 0 ? value : cim_string(text));
        CimInstance *out = invoke(f, service(f, MANAGEMENT), "ModifySystemSettings", in);
        assert_int_equal(return_value(out), 0);
        assert_true(value_of(out, "Job", CIM_TYPE_REFERENCE, false)->is_null);
        assert_string_equal(cim_instance_text(get(f, SYSTEM(MY_VM)), "ElementName"), names[i]);
        assert_string_equal(cim_instance_text(get(f, SETTINGS(MY_VM)), "ElementName"), names[i]);
    }
}

/* Arrays of embedded instances in, arrays of references out, and back in. */
static void test_arrays(void **state)
{
    Fixture *f = *state;
    CimInstance *adapters[2], *in = parameters(f);
    CimValue items[2];
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        adapters[i] = cim_instance_create(&f->arena, "Msvm_GpuPartitionSettingData");
        set(f, adapters[i], "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770));
        set(f, adapters[i], "ResourceSubType", cim_string("Microsoft:Hyper-V:GPU Partition"));
        set(f, adapters[i], "PoolID", cim_string(""));
        set(f, adapters[i], "MinPartitionVRAM", cim_null(CIM_TYPE_UINT64));
        items[i] = cim_embedded(adapters[i]);
    }
    set(f, in, "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, SETTINGS(MY_VM)));
    set(f, in, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, items, COUNT_OF(items)));
    const char *management = service(f, MANAGEMENT);
    CimInstance *out = invoke(f, management, "AddResourceSettings", in);
    assert_int_equal(return_value(out), 0);
    const CimValue *made = value_of(out, "ResultingResourceSettings", CIM_TYPE_REFERENCE, true);
    assert_int_equal(made->array.count, 2);
    for (size_t i = 0; i < made->array.count; i++)
        assert_true(cim_instance_is_null(get(f, made->array.items[i].text), "HostResource"));
    in = parameters(f);
    set(f, in, "ResourceSettings", *made);
    out = invoke(f, management, "RemoveResourceSettings", in);
    assert_int_equal(return_value(out), 0);
    assert_int_equal(associators(f, SETTINGS(MY_VM), "Msvm_VirtualSystemSettingDataComponent",
                                 "Msvm_GpuPartitionSettingData").count, 2);
}

static CimInstance *create_snapshot(Fixture *f, const char *vm_path)
{
    CimInstance *in = parameters(f);
    set(f, in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, vm_path));
    set(f, in, "SnapshotSettings", cim_string(""));
    set(f, in, "SnapshotType", cim_uint(CIM_TYPE_UINT16, 2));
    return invoke(f, service(f, SNAPSHOTS), "CreateSnapshot", in);
}

static void test_job(void **state)
{
    Fixture *f = *state;
    CimInstance *out = create_snapshot(f, SYSTEM(LAB_VM));
    assert_int_equal(return_value(out), 4096);
    assert_true(cim_instance_is_null(out, "ResultingSnapshot"));
    CimInstance *job = wait_for_job(f, out);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 7);
    assert_int_equal(cim_instance_uint(job, "PercentComplete", 0), 100);
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 99), 0);
    assert_int_equal(cim_instance_uint(job, "JobType", 0), 70);
    assert_true(cim_datetime_is_valid(value_of(job, "StartTime", CIM_TYPE_DATETIME, false)->text));
    assert_string_equal(cim_instance_text(job, "TimeBeforeRemoval"), "00000000000500.000000:000");
    assert_int_equal(associators(f, SYSTEM(LAB_VM), "Msvm_SnapshotOfVirtualSystem", NULL).count, 3);
    CimInstanceList affected = associators(f, job->path, "Msvm_AffectedJobElement", "Msvm_VirtualSystemSettingData");
    assert_int_equal(affected.count, 1);
    assert_string_equal(cim_instance_text(affected.items[0], "VirtualSystemType"),
                        "Microsoft:Hyper-V:Snapshot:Realized");
    assert_ptr_equal(strstr(cim_instance_text(affected.items[0], "ElementName"), "lab - ("),
                     cim_instance_text(affected.items[0], "ElementName"));
}

static void test_refused_job(void **state)
{
    Fixture *f = *state;
    CimInstance *out = create_snapshot(f, SYSTEM(MY_VM)); /* it has GPU partitions */
    assert_int_equal(return_value(out), 4096);
    CimInstance *job = wait_for_job(f, out);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 10);
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32775);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "\n\n"));
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "GPUP partitions"));
    assert_string_equal(cim_instance_text(job, "ErrorSummaryDescription"), "Checkpoint operation failed.");
    out = invoke(f, job->path, "GetErrorEx", NULL);
    assert_int_equal(return_value(out), 0);
    const CimValue *errors = value_of(out, "Errors", CIM_TYPE_STRING, true);
    assert_int_equal(errors->array.count, 3);
    CimInstance *error = NULL;
    assert_true(cimxml_read(errors->array.items[2].text, &f->arena, &error, &f->err));
    assert_string_equal(error->class_name, "Msvm_Error");
    assert_non_null(strstr(cim_instance_text(error, "Message"), "GPUP partitions"));
    out = invoke(f, job->path, "GetError", NULL);
    assert_false(value_of(out, "Error", CIM_TYPE_STRING, false)->is_null);
    assert_int_equal(associators(f, SYSTEM(MY_VM), "Msvm_SnapshotOfVirtualSystem", NULL).count, 0);
}

/* A refusal by ReturnValue is no error of the call. */
static void test_refused_call(void **state)
{
    Fixture *f = *state;
    CimInstance *in = parameters(f);
    set(f, in, "RequestedState", cim_uint(CIM_TYPE_UINT16, 32769));
    CimInstance *out = invoke(f, SYSTEM(LAB_VM), "RequestStateChange", in);
    assert_int_equal(return_value(out), 32775);
    assert_true(cim_instance_is_null(out, "Job"));
}

/* ---- the life of a checkpoint, and a guest that shuts down ---- */

static CimInstance *ask_snapshots(Fixture *f, const char *method, const char *parameter, const char *path)
{
    CimInstance *in = parameters(f);
    set(f, in, parameter, cim_text(CIM_TYPE_REFERENCE, path));
    CimInstance *out = invoke(f, service(f, SNAPSHOTS), method, in);
    assert_int_equal(return_value(out), 4096);
    CimInstance *job = wait_for_job(f, out);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 7);
    return job;
}

/* OperationalStatus[1] of the VM; 0: none. */
static uint64_t operation_of(Fixture *f, const char *vm_path)
{
    const CimValue *status = value_of(get(f, vm_path), "OperationalStatus", CIM_TYPE_UINT16, true);
    return status->array.count > 1 ? status->array.items[1].uint : 0;
}

/* Name and notes together; notes may have several lines. */
static void test_checkpoint_notes(void **state)
{
    Fixture *f = *state;
    const char *note = "first line\nsecond & <line>", *path = cim_instance_text(get(f, SETTINGS(LAB_VM)), "Parent");
    CimInstance *settings = vm_settings_named(f, "renamed"), *in = parameters(f);
    set(f, settings, "InstanceID", cim_string(cim_instance_text(get(f, path), "InstanceID")));
    set(f, settings, "Notes", cim_text_array(&f->arena, CIM_TYPE_STRING, &note, 1));
    set(f, in, "SystemSettings", cim_embedded(settings));
    assert_int_equal(return_value(invoke(f, service(f, MANAGEMENT), "ModifySystemSettings", in)), 0);
    const CimInstance *checkpoint = get(f, path);
    assert_string_equal(cim_instance_text(checkpoint, "ElementName"), "renamed");
    const CimValue *notes = value_of(checkpoint, "Notes", CIM_TYPE_STRING, true);
    assert_int_equal(notes->array.count, 1);
    assert_string_equal(notes->array.items[0].text, note);
}

/* Back to the older one of two, and the newer one away. */
static void test_apply_and_destroy(void **state)
{
    Fixture *f = *state;
    const char *newer = cim_instance_text(get(f, SETTINGS(LAB_VM)), "Parent");
    const char *older = cim_instance_text(get(f, newer), "Parent");
    (void) ask_snapshots(f, "ApplySnapshot", "Snapshot", older);
    assert_true(cim_path_equals(cim_instance_text(get(f, SETTINGS(LAB_VM)), "Parent"), older));
    assert_int_equal(associators(f, older, "Msvm_ParentChildSettingData", NULL).count, 2);
    (void) ask_snapshots(f, "DestroySnapshot", "AffectedSnapshot", newer);
    (void) ask_snapshots(f, "DestroySnapshotTree", "SnapshotSettingData", older);
    assert_int_equal(associators(f, SYSTEM(LAB_VM), "Msvm_SnapshotOfVirtualSystem", NULL).count, 0);
    for (int polls = 0; polls < 1000 && operation_of(f, SYSTEM(LAB_VM)) != 0; polls++)
        f->session->clock->sleep_ms(f->session->clock, 50);
    assert_int_equal(operation_of(f, SYSTEM(LAB_VM)), 0); /* merged */
    CimInstanceList disks =
        query_in(f, NS_CIMV2, "SELECT Name, FileSize FROM CIM_DataFile WHERE Name LIKE '%\\\\lab%'");
    assert_int_equal(disks.count, 1);
    assert_true(value_of(disks.items[0], "FileSize", CIM_TYPE_UINT64, false)->uint > UINT64_C(1) << 32);
}

static void test_guest_shuts_down(void **state)
{
    Fixture *f = *state;
    CimInstance *in = parameters(f);
    const CimInstance *heartbeat = one(f, "SELECT * FROM Msvm_HeartbeatComponent WHERE SystemName = '" RENDER_VM "'");
    assert_int_equal(value_of(heartbeat, "OperationalStatus", CIM_TYPE_UINT16, true)->array.items[0].uint, 2);
    set(f, in, "Force", cim_boolean(false));
    set(f, in, "Reason", cim_string("the contract"));
    const CimInstance *component = one(f, "SELECT * FROM Msvm_ShutdownComponent WHERE SystemName = '" RENDER_VM "'");
    assert_int_equal(return_value(invoke(f, component->path, "InitiateShutdown", in)), 0);
    for (int polls = 0; polls < 1000 && cim_instance_uint(get(f, SYSTEM(RENDER_VM)), "EnabledState", 0) != 3; polls++)
        f->session->clock->sleep_ms(f->session->clock, 50);
    assert_int_equal(cim_instance_uint(get(f, SYSTEM(RENDER_VM)), "EnabledState", 0), 3);
    assert_int_equal(query(f, "SELECT * FROM Msvm_HeartbeatComponent").count, 0);
}

/* ---- data items, and files for the guest ---- */

static CimInstance *ask_for_item(Fixture *f, const char *method, const char *name, const char *data)
{
    CimInstance *item = cim_instance_create(&f->arena, "Msvm_KvpExchangeDataItem"), *in = parameters(f);
    set(f, item, "Name", cim_string(name));
    set(f, item, "Data", cim_string(data));
    set(f, item, "Source", cim_uint(CIM_TYPE_UINT16, 0));
    CimValue items = cim_embedded(item);
    set(f, in, "TargetSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM(RENDER_VM)));
    set(f, in, "DataItems", cim_array(CIM_TYPE_INSTANCE, &items, 1));
    CimInstance *out = invoke(f, service(f, MANAGEMENT), method, in);
    assert_int_equal(return_value(out), 4096);
    return wait_for_job(f, out);
}

/* The only item of the configuration, or NULL. */
static CimInstance *item_of(Fixture *f)
{
    CimInstanceList rows = associators(f, SETTINGS(RENDER_VM), "Msvm_VirtualSystemSettingDataComponent",
                                       "Msvm_KvpExchangeComponentSettingData");
    CimInstance *item = NULL;
    size_t count;
    assert_int_equal(rows.count, 1);
    const CimValue *items = cim_instance_array(rows.items[0], "HostExchangeItems", &count);
    if (count > 0 && !cimxml_read(items[0].text, &f->arena, &item, &f->err))
        fail_msg("%s", f->err.message);
    return item;
}

static void test_data_items(void **state)
{
    Fixture *f = *state;
    assert_null(item_of(f));
    assert_int_equal(cim_instance_uint(ask_for_item(f, "ModifyKvpItems", "key", "x"), "JobState", 0), 10);
    assert_int_equal(cim_instance_uint(ask_for_item(f, "AddKvpItems", "key", "a & b"), "JobState", 0), 7);
    assert_int_equal(cim_instance_uint(ask_for_item(f, "AddKvpItems", "key", "x"), "JobState", 0), 10);
    assert_string_equal(cim_instance_text(item_of(f), "Data"), "a & b");
    assert_int_equal(cim_instance_uint(ask_for_item(f, "ModifyKvpItems", "key", "c"), "JobState", 0), 7);
    assert_string_equal(cim_instance_text(item_of(f), "Data"), "c");
    assert_int_equal(cim_instance_uint(ask_for_item(f, "RemoveKvpItems", "key", ""), "JobState", 0), 7);
    assert_null(item_of(f));
}

static void test_file_for_guest(void **state)
{
    Fixture *f = *state;
    CimInstance *change = cim_instance_create(&f->arena, "Msvm_GuestServiceInterfaceComponentSettingData");
    CimInstance *setting = cim_instance_create(&f->arena, "Msvm_CopyFileToGuestSettingData"), *in = parameters(f);
    CimValue item = cim_embedded(change);
    set(f, change, "InstanceID", cim_string("Microsoft:" RENDER_VM "\\6C09BB55-D683-4DA0-8931-C9BF705F6480"));
    set(f, change, "EnabledState", cim_uint(CIM_TYPE_UINT16, 2));
    set(f, in, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    assert_int_equal(return_value(invoke(f, service(f, MANAGEMENT), "ModifyResourceSettings", in)), 0);
    const CimInstance *component =
        one(f, "SELECT * FROM Msvm_GuestServiceInterfaceComponent WHERE SystemName = '" RENDER_VM "'");
    assert_int_equal(value_of(component, "OperationalStatus", CIM_TYPE_UINT16, true)->array.count, 1);
    CimInstanceList services = associators(f, component->path, "Msvm_RegisteredGuestService", NULL);
    assert_int_equal(services.count, 1);
    assert_string_equal(services.items[0]->class_name, "Msvm_GuestFileService");
    in = parameters(f);
    item = cim_embedded(setting);
    set(f, setting, "SourcePath", cim_string("C:\\a & b.zip"));
    set(f, setting, "DestinationPath", cim_string("%ProgramData%\\b.zip"));
    set(f, setting, "OverwriteExisting", cim_boolean(true));
    set(f, setting, "CreateFullPath", cim_boolean(true));
    set(f, in, "CopyFileToGuestSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    CimInstance *out = invoke(f, services.items[0]->path, "CopyFilesToGuest", in);
    assert_int_equal(return_value(out), 4096);
    const CimInstance *job = wait_for_job(f, out);
    assert_string_equal(job->class_name, "Msvm_CopyFileToGuestJob");
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 7); /* into a guest that nobody sees */
    assert_string_equal(cim_instance_text(job, "VirtualSystemName"), "render");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
const struct CMUnitTest method_tests[METHOD_TEST_COUNT] = {
    TEST(test_synchronous_method), TEST(test_arrays),           TEST(test_job),
    TEST(test_refused_job),        TEST(test_refused_call),     TEST(test_checkpoint_notes),
    TEST(test_apply_and_destroy),  TEST(test_guest_shuts_down),
    TEST(test_data_items),         TEST(test_file_for_guest),
};
