/* SPDX-License-Identifier: MIT */
/* VMs of the simulated host: defining, settings, destroying, states. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define MIB(value) cim_uint(CIM_TYPE_UINT64, value)

static CimInstance *change_vm(const char *vm_guid)
{
    return change_of("Msvm_VirtualSystemSettingData", arena_printf(&sample.arena, "Microsoft:%s", vm_guid));
}

static CimInstance *set_of_vm(const char *vm_guid, const char *property, CimValue value)
{
    CimInstance *settings = change_vm(vm_guid);
    set_value(settings, property, value);
    return modify_system(settings);
}

static CimInstance *destroy(const char *vm_path)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, vm_path));
    return call_service(MANAGEMENT, "DestroySystem", in);
}

/* ---- settings ---- */

static void test_rename(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(set_of_vm(MY_VM, "ElementName", cim_string("new name")), 0, 0);
    assert_string_equal(cim_instance_text(row_at(SYSTEM_PATH(MY_VM)), "ElementName"), "new name");
    assert_answer(set_of_vm(LAB_FIRST, "ElementName", cim_string("first")), 0, 0); /* a checkpoint */
    assert_string_equal(cim_instance_text(row_at(SETTINGS_PATH(LAB_FIRST)), "ElementName"), "first");
    assert_string_equal(cim_instance_text(row_at(SYSTEM_PATH(LAB_VM)), "ElementName"), "lab");
    assert_answer(set_of_vm(RENDER_VM, "ElementName", cim_string("running")), 0, 0);
}

static void test_settings(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_vm(MY_VM);
    set_value(change, "GuestControlledCacheTypes", cim_boolean(true));
    set_value(change, "LowMmioGapSize", MIB(1024));
    set_value(change, "HighMmioGapSize", MIB(32768));
    set_value(change, "AutomaticSnapshotsEnabled", cim_boolean(false));
    CimInstance *out = modify_system(change);
    assert_int_equal(cim_instance_uint(row_at(SETTINGS_PATH(MY_VM)), "LowMmioGapSize", 0), 128); /* not yet */
    assert_answer(out, 4096, 0);
    const CimInstance *settings = row_at(SETTINGS_PATH(MY_VM));
    assert_true(cim_instance_boolean(settings, "GuestControlledCacheTypes", false));
    assert_int_equal(cim_instance_uint(settings, "LowMmioGapSize", 0), 1024);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapSize", 0), 32768);
    assert_false(cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", true));
    /* The whole configuration with one change, as clients over COM send it. */
    CimInstance *whole = row_at(SETTINGS_PATH(MY_VM));
    set_value(whole, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 5));
    set_value(whole, "VirtualSystemType", cim_string("Microsoft:Hyper-V:Snapshot:Realized")); /* cannot be changed */
    assert_answer(modify_system(whole), 4096, 0);
    settings = row_at(SETTINGS_PATH(MY_VM));
    assert_int_equal(cim_instance_uint(settings, "UserSnapshotType", 0), 5);
    assert_string_equal(cim_instance_text(settings, "VirtualSystemType"), "Microsoft:Hyper-V:System:Realized");
}

static void test_settings_refusals(void **state)
{
    static const char too_long[] = "12345678901234567890123456789012345678901234567890"
                                   "123456789012345678901234567890123456789012345678901";
    const struct {
        const char *vm, *property;
        CimValue value;
        uint64_t error;
    } rows[] = {
        { MY_VM, "LowMmioGapSize", MIB(127), 32773 },
        { MY_VM, "LowMmioGapSize", MIB(3585), 32773 },
        { MY_VM, "LowMmioGapSize", MIB(1073741824), 32773 }, /* bytes are a common mistake */
        { MY_VM, "HighMmioGapSize", MIB((1 << 20) + 1), 32773 },
        { MY_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 1), 32773 },
        { MY_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 6), 32773 },
        { MY_VM, "ElementName", cim_string(""), 32773 },
        { MY_VM, "ElementName", cim_string(too_long), 32773 },
        { MY_VM, "NoSuchProperty", cim_string("x"), 32773 },
        { MY_VM, "GuestControlledCacheTypes", cim_string("true"), 32773 },
        { LAB_FIRST, "LowMmioGapSize", MIB(256), 32773 },
        { RENDER_VM, "LowMmioGapSize", MIB(256), 32775 },
        { RENDER_VM, "GuestControlledCacheTypes", cim_boolean(false), 32775 },
        { RENDER_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 5), 0 },
        { RENDER_VM, "LowMmioGapSize", MIB(1024), UINT64_MAX }, /* what it is already */
        { MY_VM, "LowMmioGapSize", MIB(3584), 0 },
        { MY_VM, "HighMmioGapSize", MIB(1 << 20), 0 },
    };
    (void) state;
    open_sample(NULL, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_answer(set_of_vm(rows[i].vm, rows[i].property, rows[i].value), rows[i].error == UINT64_MAX ? 0 : 4096,
                      rows[i].error);
    assert_answer(modify_system(new_instance("Msvm_VirtualSystemSettingData")), 32773, 0);
    assert_answer(set_of_vm("nobody", "ElementName", cim_string("x")), 32773, 0);
    assert_answer(call_service(MANAGEMENT, "ModifySystemSettings", NULL), 32773, 0);
    CimInstance *in = new_instance("__PARAMETERS"); /* half a character */
    set_value(in, "SystemSettings",
              cim_string("<INSTANCE CLASSNAME=\"Msvm_VirtualSystemSettingData\"><PROPERTY NAME=\"InstanceID\" "
                         "TYPE=\"string\"><VALUE>Microsoft:" MY_VM "</VALUE></PROPERTY><PROPERTY NAME=\"ElementName\" "
                         "TYPE=\"string\"><VALUE>&#xD800;</VALUE></PROPERTY></INSTANCE>"));
    assert_answer(call_service(MANAGEMENT, "ModifySystemSettings", in), 32773, 0);
}

/* A setting that the build does not have yet. */
static void test_old_build(void **state)
{
    (void) state;
    open_sample("windows10", "");
    assert_null(cim_instance_find(row_at(SETTINGS_PATH(MY_VM)), "VirtualSlitType"));
    assert_answer(set_of_vm(MY_VM, "VirtualSlitType", cim_uint(CIM_TYPE_UINT16, 1)), 4096, 32773);
    assert_string_equal(cim_instance_text(row_at(SETTINGS_PATH(MY_VM)), "Version"), "9.2");
}

/* ---- defining and destroying ---- */

static void test_define_and_destroy(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *settings = new_instance("Msvm_VirtualSystemSettingData"), *in = new_instance("__PARAMETERS");
    set_value(settings, "ElementName", cim_string("fresh"));
    set_value(settings, "VirtualSystemSubType", cim_string("Microsoft:Hyper-V:SubType:2"));
    set_value(in, "SystemSettings", cim_string(text_of(settings)));
    CimInstance *out = call_service(MANAGEMENT, "DefineSystem", in);
    assert_answer(out, 0, 0);
    const char *path = cim_instance_text(out, "ResultingSystem");
    const CimInstance *vm = row_at(path);
    assert_string_equal(cim_instance_text(vm, "ElementName"), "fresh");
    assert_int_equal(cim_instance_uint(vm, "EnabledState", 0), 3);
    const CimInstance *made = row_of(arena_printf(&sample.arena,
                                                  "ASSOCIATORS OF {%s} WHERE AssocClass = "
                                                  "Msvm_SettingsDefineState",
                                                  path));
    assert_string_equal(cim_instance_text(made, "VirtualSystemSubType"), "Microsoft:Hyper-V:SubType:2");
    assert_true(cim_instance_boolean(made, "AutomaticSnapshotsEnabled", false));
    const char *guid = cim_instance_text(vm, "Name");
    assert_answer(create_snapshot(guid, ""), 4096, 0);
    assert_answer(destroy(path), 4096, 0);
    assert_false(is_there(path));
    assert_int_equal(
        rows_of(arena_printf(&sample.arena, "SELECT * FROM CIM_SettingData WHERE InstanceID LIKE '%%%s%%'", guid))
            .count,
        0);
    assert_int_equal(count_checkpoints(guid), 0);
    assert_answer(destroy(path), 32773, 0);
    assert_answer(destroy(SYSTEM_PATH(RENDER_VM)), 32775, 0);
}

static void test_define_variations(void **state)
{
    (void) state;
    open_sample("server2022", "");
    CimInstance *out = call_service(MANAGEMENT, "DefineSystem", NULL);
    assert_answer(out, 0, 0);
    assert_string_equal(cim_instance_text(row_at(cim_instance_text(out, "ResultingSystem")), "ElementName"),
                        "New Virtual Machine");
    const char *guid = cim_instance_text(row_at(cim_instance_text(out, "ResultingSystem")), "Name");
    const CimInstance *settings = row_at(arena_printf(&sample.arena,
                                                      "Msvm_VirtualSystemSettingData.InstanceID="
                                                      "\"Microsoft:%s\"",
                                                      guid));
    assert_false(cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", true)); /* a server */
    CimInstance *in = new_instance("__PARAMETERS");
    const char *texts[] = { "x" };
    set_value(in, "ResourceSettings", cim_text_array(&sample.arena, CIM_TYPE_STRING, texts, 1));
    assert_answer(call_service(MANAGEMENT, "DefineSystem", in), 32770, 0);
    in = new_instance("__PARAMETERS");
    set_value(in, "SystemSettings", cim_string("x"));
    assert_answer(call_service(MANAGEMENT, "DefineSystem", in), 32773, 0);
    set_value(in, "SystemSettings", cim_string(text_of(new_adapter(0))));
    assert_answer(call_service(MANAGEMENT, "DefineSystem", in), 32773, 0);
}

/* Far more objects than the sample host has. */
static void test_many_vms(void **state)
{
    (void) state;
    enum { COUNT = 500 };
    open_sample(NULL, "");
    const char *paths[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        paths[i] = cim_instance_text(call_service(MANAGEMENT, "DefineSystem", NULL), "ResultingSystem");
    reopen_sample();
    assert_int_equal(rows_of("SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'New Virtual Machine'").count,
                     COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(is_there(paths[i]));
    assert_int_equal(
        rows_of("SELECT * FROM Msvm_SettingsDefineState WHERE ManagedElement LIKE '%:Msvm_ComputerSystem.%'").count,
        COUNT + 5);
    assert_answer(destroy(paths[COUNT / 2]), 4096, 0);
    assert_false(is_there(paths[COUNT / 2]));
    assert_true(is_there(paths[COUNT / 2 + 1]));
}

/* ---- states ---- */

/* From the state of the row before, request, and expect. 0: refused. */
static void test_transitions(void **state)
{
    static const struct {
        uint16_t request;
        uint64_t job_type, meanwhile, then;
    } rows[] = {
        { 3, 0, 0, 3 },   { 4, 0, 0, 3 },      { 6, 0, 0, 3 },      { 9, 0, 0, 3 },      { 11, 0, 0, 3 },
        { 2, 12, 10, 2 }, { 2, 0, 0, 2 },      { 32773, 0, 0, 2 },  { 9, 26, 32776, 9 }, { 9, 0, 0, 9 },
        { 4, 0, 0, 9 },   { 2, 27, 32777, 2 }, { 10, 29, 10, 2 },   { 11, 28, 10, 2 },   { 6, 14, 32773, 6 },
        { 6, 0, 0, 6 },   { 2, 15, 10, 2 },    { 4, 16, 4, 3 },     { 2, 12, 10, 2 },    { 3, 13, 2, 3 },
        { 2, 12, 10, 2 }, { 9, 26, 32776, 9 }, { 6, 14, 32773, 6 }, { 3, 13, 6, 3 },
    };
    (void) state;
    open_sample(NULL, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CimInstance *out = request_state(PLAIN_VM, rows[i].request);
        assert_int_equal(return_value(out), rows[i].job_type == 0 ? 32775 : 4096);
        if (rows[i].job_type != 0) {
            assert_int_equal(state_of(PLAIN_VM), rows[i].meanwhile);
            const CimInstance *job = finish(out);
            assert_int_equal(cim_instance_uint(job, "JobType", 0), rows[i].job_type);
            assert_int_equal(cim_instance_uint(job, "JobState", 0), 7);
        }
        if (state_of(PLAIN_VM) != rows[i].then)
            fail_msg("row %zu: state %d", i, (int) state_of(PLAIN_VM));
    }
    const char *host_path = row_of("SELECT * FROM Msvm_ComputerSystem WHERE InstallDate IS NULL")->path;
    assert_answer(call(host_path, "RequestStateChange", NULL), 32770, 0);
}

static size_t count_devices(const char *class_name, const char *vm_guid)
{
    return rows_of(arena_printf(&sample.arena, "SELECT * FROM %s WHERE SystemName = '%s'", class_name, vm_guid)).count;
}

static void test_devices(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_int_equal(count_devices("CIM_LogicalDevice", PLAIN_VM), 0);
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    assert_int_equal(count_devices("Msvm_ShutdownComponent", PLAIN_VM), 1);
    assert_int_equal(count_devices("Msvm_KvpExchangeComponent", PLAIN_VM), 1);
    assert_int_equal(count_devices("Msvm_GuestServiceInterfaceComponent", PLAIN_VM), 0); /* off by default */
    assert_false(cim_instance_is_null(row_at(SYSTEM_PATH(PLAIN_VM)), "ProcessID"));
    sample.now_ms += 5000;
    assert_true(cim_instance_uint(row_at(SYSTEM_PATH(PLAIN_VM)), "OnTimeInMilliseconds", 0) >= 5000);
    assert_answer(request_state(PLAIN_VM, 3), 4096, 0);
    assert_int_equal(count_devices("CIM_LogicalDevice", PLAIN_VM), 0);
    assert_true(cim_instance_is_null(row_at(SYSTEM_PATH(PLAIN_VM)), "ProcessID"));
    assert_int_equal(cim_instance_uint(row_at(SYSTEM_PATH(PLAIN_VM)), "OnTimeInMilliseconds", 99), 0);
}

static void test_shutdown_component(void **state)
{
    (void) state;
    open_sample(NULL, "");
    const char *path = row_of("SELECT * FROM Msvm_ShutdownComponent WHERE SystemName = '" RENDER_VM "'")->path;
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "Force", cim_boolean(true));
    set_value(in, "Reason", cim_string("test"));
    assert_answer(call(path, "InitiateReboot", in), 0, 0);
    assert_int_equal(state_of(RENDER_VM), 10);
    assert_answer(call(path, "InitiateShutdown", in), 32782, 0); /* not now */
    sample.now_ms += 1000;
    assert_int_equal(state_of(RENDER_VM), 2);
    assert_answer(call(path, "InitiateShutdown", in), 0, 0);
    assert_int_equal(state_of(RENDER_VM), 4);
    sample.now_ms += 1000;
    assert_int_equal(state_of(RENDER_VM), 3);
    assert_false(is_there(path));
}

/* ---- GPUs at start ---- */

static void check_start(const char *vm_guid, uint64_t error, const char *text)
{
    const CimInstance *job = finish(request_state(vm_guid, 2));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 99), error);
    assert_int_equal(state_of(vm_guid), error == 0 ? 2 : 3);
    if (error != 0 && strstr(cim_instance_text(job, "ErrorDescription"), text) == NULL)
        fail_msg("%s", cim_instance_text(job, "ErrorDescription"));
    if (error != 0)
        assert_int_equal(count_devices("CIM_LogicalDevice", vm_guid), 0);
}

static void test_start_with_gpus(void **state)
{
    (void) state;
    open_sample(NULL, "");
    check_start(MY_VM, 32775, "GPUP partitions"); /* the automatic checkpoint at start */
    assert_answer(set_of_vm(MY_VM, "AutomaticSnapshotsEnabled", cim_boolean(false)), 4096, 0);
    check_start(MY_VM, 0, "");
    assert_int_equal(count_devices("Msvm_GpuPartition", MY_VM), 2);
    const CimInstance *partition = row_of("SELECT * FROM Msvm_GpuPartition WHERE SystemName = '" MY_VM "' AND "
                                          "DeviceID = 'Microsoft:" MY_RADEON "'");
    assert_non_null(strstr(cim_instance_text(partition, "DeviceInstancePath"), "22222222"));
    assert_int_equal(cim_instance_uint(partition, "CurrentVRAM", 0), 100000000);
    assert_string_equal(row_of(arena_printf(&sample.arena,
                                            "ASSOCIATORS OF {%s} WHERE AssocClass = "
                                            "Msvm_SettingsDefineState",
                                            partition->path))
                            ->path,
                        row_at(ADAPTER_PATH(MY_VM, MY_RADEON))->path);
    assert_answer(request_state(MY_VM, 6), 4096, 32768); /* cannot be saved */
    assert_int_equal(state_of(MY_VM), 2);
    assert_answer(request_state(MY_VM, 9), 4096, 0);
    assert_answer(request_state(MY_VM, 3), 4096, 0);
    assert_int_equal(count_devices("Msvm_GpuPartition", MY_VM), 0);
}

static void test_saving_with_gpu(void **state)
{
    (void) state;
    open_sample(NULL, "\"gpuSave\": true");
    assert_answer(request_state(RENDER_VM, 6), 4096, 0);
    assert_int_equal(state_of(RENDER_VM), 6);
    const char *path = ADAPTER_PATH(RENDER_VM, "A1B2C3D4-0001-4002-8003-0123456789AB");
    assert_answer(remove_resources(&path, 1), 32775, 0); /* a saved VM cannot be changed */
    const char *text = text_of(new_adapter(0));
    assert_answer(add_adapters(RENDER_VM, &text, 1), 32775, 0);
}

static void test_start_failures(void **state)
{
    (void) state;
    open_sample("stale+unplugged", "");
    check_start(STALE_VM, 32768, "GPUPARAV");
    check_start(UNPLUGGED_VM, 32775, "GPUP partitions");
    assert_answer(set_of_vm(UNPLUGGED_VM, "AutomaticSnapshotsEnabled", cim_boolean(false)), 4096, 0);
    check_start(UNPLUGGED_VM, 32768, "4&2283f625&0&0019");
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"devicePolicy\": true");
    assert_answer(set_of_vm(MY_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 2)), 4096, 0);
    check_start(MY_VM, 32768, "RequireSecureDeviceAssignment"); /* no checkpoint, no automatic one either */
}

/* Partitions are counted when VMs start: any number may be configured. */
static void test_capacity(void **state)
{
    (void) state;
    open_sample("no-gpu", "");
    const char *text = text_of(new_adapter(-1));
    assert_answer(add_adapters(PLAIN_VM, &text, 1), 0, 0);
    assert_answer(set_of_vm(PLAIN_VM, "AutomaticSnapshotsEnabled", cim_boolean(false)), 4096, 0);
    check_start(PLAIN_VM, 32768, "Insufficient system resources");
    assert_int_equal(close_sample(NULL), 0);

    open_sample(NULL, "");
    const char *texts[33];
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        texts[i] = text_of(new_adapter(0));
    assert_answer(add_adapters(PLAIN_VM, texts, COUNT_OF(texts)), 0, 0);
    assert_answer(set_of_vm(PLAIN_VM, "AutomaticSnapshotsEnabled", cim_boolean(false)), 4096, 0);
    check_start(PLAIN_VM, 32768, "Insufficient system resources"); /* the GPU has 32 */
    const char *path =
        rows_of("SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE 'Microsoft:" PLAIN_VM "%'")
            .items[0]
            ->path;
    assert_answer(remove_resources(&path, 1), 0, 0);
    check_start(PLAIN_VM, 0, "");
    assert_int_equal(count_devices("Msvm_GpuPartition", PLAIN_VM), 32);
}

/* An adapter that names no GPU gets the first one with room. */
static void test_any_gpu(void **state)
{
    (void) state;
    open_sample(NULL, "");
    const char *text = text_of(new_adapter(-1));
    assert_answer(add_adapters(PLAIN_VM, &text, 1), 0, 0);
    assert_answer(set_of_vm(PLAIN_VM, "AutomaticSnapshotsEnabled", cim_boolean(false)), 4096, 0);
    check_start(PLAIN_VM, 0, "");
    const CimInstance *partition = row_of("SELECT * FROM Msvm_GpuPartition WHERE SystemName = '" PLAIN_VM "'");
    assert_non_null(strstr(cim_instance_text(partition, "DeviceInstancePath"), "11111111"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_rename),
        TEST(test_settings),
        TEST(test_settings_refusals),
        TEST(test_old_build),
        TEST(test_define_and_destroy),
        TEST(test_define_variations),
        TEST(test_many_vms),
        TEST(test_transitions),
        TEST(test_devices),
        TEST(test_shutdown_component),
        TEST(test_start_with_gpus),
        TEST(test_saving_with_gpu),
        TEST(test_start_failures),
        TEST(test_capacity),
        TEST(test_any_gpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
