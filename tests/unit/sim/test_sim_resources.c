/* SPDX-License-Identifier: MIT */
/* Adding, changing and removing GPU partitions: what the simulated host takes and what it refuses. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define LIMIT(value) cim_uint(CIM_TYPE_UINT64, value)

static const char *device_of(const CimInstance *out)
{
    size_t count;
    const CimValue *made = cim_instance_array(out, "ResultingResourceSettings", &count);
    assert_int_equal(count, 1);
    return made[0].text;
}

static CimInstance *add(const char *vm_guid, const CimInstance *adapter)
{
    const char *text = text_of(adapter);
    return add_adapters(vm_guid, &text, 1);
}

static CimInstance *modify(const CimInstance *adapter)
{
    const char *text = text_of(adapter);
    return modify_resources(&text, 1);
}

static CimInstance *change_of_radeon(void)
{
    return change_of("Msvm_GpuPartitionSettingData", "Microsoft:" MY_VM "\\" MY_RADEON);
}

/* ---- adding ---- */

static void test_add(void **state)
{
    (void) state;
    open_sample(NULL, "");
    const CimInstance *row = row_at(device_of(add(PLAIN_VM, new_adapter(3))));
    assert_int_equal(count_adapters(PLAIN_VM), 1);
    size_t count;
    const CimValue *gpu = cim_instance_array(row, "HostResource", &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(gpu[0].text, "33333333"));
    assert_true(cim_instance_is_null(row, "MaxPartitionVRAM"));
    assert_string_equal(cim_instance_text(row, "ElementName"), "GPU Partition Settings");
    assert_int_equal(cim_instance_uint(row, "VirtualQuantity", 0), 1);
    row = row_at(device_of(add(PLAIN_VM, new_adapter(-1))));
    assert_true(cim_instance_is_null(row, "HostResource"));
    reopen_sample();
    assert_int_equal(count_adapters(PLAIN_VM), 2);
}

/* A relative path is taken and read back as the full one. */
static void test_add_relative_path(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *adapter = new_adapter(2);
    size_t count;
    const char *full = cim_instance_array(adapter, "HostResource", &count)[0].text;
    const char *relative = strchr(full, ':') + 1;
    set_value(adapter, "HostResource", cim_text_array(&sample.arena, CIM_TYPE_STRING, &relative, 1));
    const CimInstance *row = row_at(device_of(add(PLAIN_VM, adapter)));
    assert_string_equal(cim_instance_array(row, "HostResource", &count)[0].text, full);
}

static void test_add_template(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *template = row_of("SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE '%\\\\Default'");
    const CimInstance *row = row_at(device_of(add(PLAIN_VM, template)));
    assert_non_null(strstr(cim_instance_text(row, "InstanceID"), PLAIN_VM));
    set_value(template, "NumaAwarePlacement", cim_boolean(true));
    set_value(template, "__PATH", cim_string("ignored"));
    row = row_at(device_of(add(PLAIN_VM, template)));
    assert_true(cim_instance_boolean(row, "NumaAwarePlacement", false));
}

/* Each makes a good adapter bad. */
static void test_add_refusals(void **state)
{
    static const struct {
        const char *property;
        CimValue value;
        const char *why;
    } rows[] = {
        { "ResourceType", { .type = CIM_TYPE_UINT16, .is_null = true }, "ResourceType" },
        { "ResourceSubType", { .type = CIM_TYPE_STRING, .is_null = true }, "ResourceSubType" },
        { "ResourceSubType", { .type = CIM_TYPE_STRING, .text = "Microsoft:Hyper-V:Memory" }, "ResourceSubType" },
        { "MinPartitionVRAM", { .type = CIM_TYPE_UINT64, .uint = 0 }, "MinPartitionVRAM" },
        { "OptimalPartitionCompute", { .type = CIM_TYPE_UINT64, .uint = 5 }, "OptimalPartitionCompute" },
        { "PoolID", { .type = CIM_TYPE_STRING, .text = "no such pool" }, "PoolID" },
        { "HostResource", { .type = CIM_TYPE_STRING, .text = "a scalar" }, "HostResource" },
        { "Weight", { .type = CIM_TYPE_STRING, .text = "heavy" }, "Weight" },
        { "NoSuchProperty", { .type = CIM_TYPE_STRING, .text = "x" }, "NoSuchProperty" },
    };
    (void) state;
    open_sample(NULL, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CimInstance *adapter = new_adapter(0);
        set_value(adapter, rows[i].property, rows[i].value);
        const CimInstance *job = finish(add(PLAIN_VM, adapter));
        assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32773);
        const char *description = cim_instance_text(job, "ErrorDescription");
        assert_non_null(strstr(description, "'build agent' failed to add device 'GPU Partition'"));
        if (strstr(description, rows[i].why) == NULL)
            fail_msg("%s: %s", rows[i].why, description);
    }
    assert_int_equal(count_adapters(PLAIN_VM), 0);
}

/* Other resources: disks can be added, memory comes with the VM. */
static void test_add_others(void **state)
{
    static const char *const refused[] = { "Msvm_MemorySettingData", "Msvm_ComputerSystem", "NoSuchClass" };
    (void) state;
    open_sample(NULL, "");
    CimInstance *disk = new_instance("Msvm_StorageAllocationSettingData");
    const char *file = "D:\\disks\\x.vhdx";
    set_value(disk, "HostResource", cim_text_array(&sample.arena, CIM_TYPE_STRING, &file, 1));
    set_value(disk, "Parent", cim_text(CIM_TYPE_REFERENCE, SETTINGS_PATH(PLAIN_VM)));
    const CimInstance *row = row_at(device_of(add(PLAIN_VM, disk)));
    size_t count;
    assert_string_equal(cim_instance_array(row, "HostResource", &count)[0].text, file);
    assert_string_equal(cim_instance_text(row, "Parent"), SETTINGS_PATH(PLAIN_VM));
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_answer(add(PLAIN_VM, new_instance(refused[i])), 4096, 32773);
    CimInstance *change = change_of("Msvm_GpuPartitionSettingData", "Microsoft:" LAB_FIRST "\\x");
    assert_answer(modify(change), 4096, 32773);
    change = change_of("Msvm_MemorySettingData", "Microsoft:" LAB_FIRST "\\4764334d-e001-4176-82ee-5594ec9b530e");
    assert_answer(modify(change), 32775, 0); /* a checkpoint's */
}

/* HostResource takes the object path of a GPU that the host has, not the path of the device. */
static void test_add_wrong_gpu(void **state)
{
    static const char *const paths[] = {
        "\\\\?\\PCI#VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1#4&11111111&0&0008#{064092b3-625e-43bf-9eb5-dc845897dd59}"
        "\\GPUPARAV",
        "Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\",Name=\"gone\"",
        SYSTEM_PATH(MY_VM),
        "",
    };
    (void) state;
    open_sample(NULL, "");
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        CimInstance *adapter = new_adapter(-1);
        set_value(adapter, "HostResource", cim_text_array(&sample.arena, CIM_TYPE_STRING, &paths[i], 1));
        assert_answer(add(PLAIN_VM, adapter), 4096, 32773);
    }
    assert_int_equal(count_adapters(PLAIN_VM), 0);
}

static void test_add_unreadable_text(void **state)
{
    static const struct {
        const char *text;
        uint64_t result;
    } rows[] = {
        { "", 32773 },
        { "instance of Msvm_GpuPartitionSettingData {};", 32773 },
        { "<INSTANCE CLASSNAME=\"Msvm_GpuPartitionSettingData\">", 32773 },
        { "<INSTANCE CLASSNAME=\"Msvm_GpuPartitionSettingData\"><PROPERTY NAME=\"PoolID\" TYPE=\"string\"><VALUE>&amp;"
          "</VALUE></PROPERTY></INSTANCE>", 32768 },
    };
    (void) state;
    open_sample(NULL, "");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_answer(add_adapters(PLAIN_VM, &rows[i].text, 1), rows[i].result, 0);
    const char *ampersand = rows[3].text;
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"ampersandEntityRefused\": false");
    assert_answer(add_adapters(PLAIN_VM, &ampersand, 1), 4096, 32773); /* now it can be read, and lacks its identity */
}

static void test_add_to_wrong_configuration(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(add("00000000-0000-0000-0000-000000000000", new_adapter(0)), 32773, 0);
    assert_answer(add(LAB_FIRST, new_adapter(0)), 32775, 0); /* a checkpoint */
    assert_answer(add(RENDER_VM, new_adapter(0)), 32775, 0); /* running */
    assert_int_equal(count_adapters(RENDER_VM), 1);
    assert_answer(add_adapters(PLAIN_VM, NULL, 0), 32773, 0);
}

/* Before build 20348 a chosen GPU is taken and not kept. */
static void test_old_builds_forget_the_gpu(void **state)
{
    (void) state;
    open_sample("windows10", "");
    assert_true(cim_instance_is_null(row_at(device_of(add(PLAIN_VM, new_adapter(1)))), "HostResource"));
    assert_true(cim_instance_is_null(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "HostResource"));
    assert_null(cim_instance_find(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "NumaAwarePlacement"));
    assert_int_equal(close_sample(NULL), 0);
    open_sample("server2022", "");
    assert_false(cim_instance_is_null(row_at(device_of(add(PLAIN_VM, new_adapter(1)))), "HostResource"));
}

/* A property of a later build is refused. */
static void test_unknown_on_this_build(void **state)
{
    (void) state;
    open_sample("windows10", "");
    CimInstance *adapter = new_adapter(-1);
    set_value(adapter, "NumaAwarePlacement", cim_boolean(false));
    assert_answer(add(PLAIN_VM, adapter), 4096, 32773);
}

static void test_hot_changes(void **state)
{
    (void) state;
    open_sample("server2025", "");
    CimInstance *out = add(RENDER_VM, new_adapter(4));
    assert_answer(out, 0, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_GpuPartition").count, 2);
    const char *path = device_of(out);
    assert_answer(remove_resources(&path, 1), 0, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_GpuPartition").count, 1);
    assert_int_equal(close_sample(NULL), 0);
    open_sample("server2025", "\"hotGpuChanges\": false");
    assert_answer(add(RENDER_VM, new_adapter(4)), 32775, 0);
}

/* ---- changing ---- */

static void test_modify(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of_radeon();
    set_value(change, "MinPartitionVRAM", LIMIT(0));
    set_value(change, "MaxPartitionVRAM", LIMIT(11811160064)); /* more than the GPU has: there is no upper check */
    set_value(change, "MaxPartitionDecode", LIMIT(UINT64_MAX));
    set_value(change, "OptimalPartitionVRAM", cim_null(CIM_TYPE_UINT64)); /* keeps its value */
    assert_answer(modify(change), 0, 0);
    const CimInstance *row = row_at(ADAPTER_PATH(MY_VM, MY_RADEON));
    assert_int_equal(cim_instance_uint(row, "MinPartitionVRAM", 99), 0);
    assert_true(cim_instance_uint(row, "MaxPartitionVRAM", 0) == 11811160064);
    assert_true(cim_instance_uint(row, "MaxPartitionDecode", 0) == UINT64_MAX);
    assert_int_equal(cim_instance_uint(row, "OptimalPartitionVRAM", 0), 100000000);
    assert_int_equal(cim_instance_uint(row, "MinPartitionEncode", 0), 80000000);
    /* A whole row sent back changes nothing. */
    assert_answer(modify(row), 0, 0);
    CimInstance *same = row_at(ADAPTER_PATH(MY_VM, MY_RADEON));
    assert_true(cim_value_equals(&(CimValue){ .type = CIM_TYPE_INSTANCE, .instance = row },
                                 &(CimValue){ .type = CIM_TYPE_INSTANCE, .instance = same }));
}

static void test_modify_refusals(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of_radeon();
    set_value(change, "MaxPartitionVRAM", LIMIT(UINT64_MAX));
    assert_answer(modify(change), 4096, 32773);
    assert_answer(modify(change_of("Msvm_GpuPartitionSettingData", "Microsoft:" MY_VM "\\nothing")), 4096, 32773);
    assert_answer(modify(new_instance("Msvm_GpuPartitionSettingData")), 4096, 32773);
    assert_answer(modify(change_of("Msvm_MemorySettingData", "Microsoft:" MY_VM "\\" MY_RADEON)), 4096, 32773);
    assert_answer(modify(change_of("Msvm_GpuPartitionSettingData",
                                   "Microsoft:Definition\\0DCC3FD1-21BD-423E-AB0B-A3A7451CE985\\Default")),
                  4096, 32773);
    change = change_of("Msvm_GpuPartitionSettingData",
                       "Microsoft:" RENDER_VM "\\A1B2C3D4-0001-4002-8003-0123456789AB");
    set_value(change, "MinPartitionVRAM", LIMIT(1));
    assert_answer(modify(change), 32775, 0); /* running */
    assert_int_equal(cim_instance_uint(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "MaxPartitionVRAM", 0), 100000000);
}

static void test_encode_limits(void **state)
{
    (void) state;
    open_sample(NULL, "\"refuseEncodeLimits\": true");
    CimInstance *change = change_of_radeon();
    set_value(change, "MaxPartitionVRAM", LIMIT(5));
    set_value(change, "MaxPartitionEncode", LIMIT(100000000));
    assert_answer(modify(change), 4096, 32773);
    assert_int_equal(cim_instance_uint(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "MaxPartitionVRAM", 0), 100000000);
    set_value(change, "MaxPartitionEncode", LIMIT(UINT64_MAX));
    assert_answer(modify(change), 0, 0);
}

#define MEMORY(vm) "Microsoft:" vm "\\4764334d-e001-4176-82ee-5594ec9b530e"

static CimInstance *memory_change(const char *id, bool dynamic, uint64_t startup, uint64_t minimum)
{
    CimInstance *change = change_of("Msvm_MemorySettingData", id);
    set_value(change, "DynamicMemoryEnabled", cim_boolean(dynamic));
    set_value(change, "VirtualQuantity", LIMIT(startup));
    set_value(change, "Reservation", LIMIT(minimum));
    return change;
}

/* With a GPU, the memory stays as it is; on some hosts it may become what a GPU needs. */
static void test_memory(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(modify(memory_change(MEMORY(LAB_VM), true, 4096, 512)), 0, 0); /* no GPU */
    assert_answer(modify(memory_change(MEMORY(LAB_VM), true, 512, 4096)), 4096, 32773);
    assert_answer(modify(memory_change(MEMORY(MY_VM), true, 8192, 512)), 4096, 32773);
    assert_answer(modify(memory_change(MEMORY(MY_VM), true, 8192, 8192)), 4096, 32773);
    assert_answer(modify(memory_change(MEMORY(MY_VM), false, 8192, 8192)), 0, 0); /* as it is */
}

static void test_memory_for_gpus(void **state)
{
    (void) state;
    open_sample(NULL, "\"gpuMemoryChanges\": true");
    assert_answer(modify(memory_change(MEMORY(MY_VM), true, 8192, 512)), 4096, 32773);
    assert_answer(modify(memory_change(MEMORY(MY_VM), true, 8192, 8192)), 0, 0);
    assert_answer(modify(memory_change(MEMORY(MY_VM), false, 8192, 512)), 0, 0);
}

/* Integration components can be switched while the VM runs. */
static void test_integration_component(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of("Msvm_GuestServiceInterfaceComponentSettingData",
                                    "Microsoft:" RENDER_VM "\\6C09BB55-D683-4DA0-8931-C9BF705F6480");
    set_value(change, "EnabledState", cim_uint(CIM_TYPE_UINT16, 2));
    assert_answer(modify(change), 0, 0);
    assert_int_equal(cim_instance_uint(row_of("SELECT * FROM Msvm_GuestServiceInterfaceComponentSettingData WHERE "
                                              "InstanceID LIKE '%" RENDER_VM "%'"), "EnabledState", 0), 2);
}

/* ---- removing ---- */

static void test_remove(void **state)
{
    static const char *const both[] = { ADAPTER_PATH(MY_VM, MY_RADEON), ADAPTER_PATH(MY_VM, MY_GEFORCE),
                                        ADAPTER_PATH(MY_VM, MY_RADEON) };
    static const char *const mixed[] = { ADAPTER_PATH(MY_VM, MY_RADEON), ADAPTER_PATH(MY_VM, "gone") };
    static const char *const others[] = { SYSTEM_PATH(MY_VM), "no path", SETTINGS_PATH(MY_VM) };
    (void) state;
    open_sample(NULL, "");
    assert_answer(remove_resources(mixed, 2), 4096, 32773);
    assert_answer(remove_resources(others, 1), 4096, 32773);
    assert_answer(remove_resources(others + 1, 1), 4096, 32773);
    assert_answer(remove_resources(others + 2, 1), 4096, 32773);
    assert_answer(remove_resources(NULL, 0), 32773, 0);
    assert_int_equal(count_adapters(MY_VM), 2);
    assert_answer(remove_resources(both, 3), 0, 0); /* one of them named twice */
    assert_int_equal(count_adapters(MY_VM), 0);
}

static void test_remove_running(void **state)
{
    static const char *const path[] = { ADAPTER_PATH(RENDER_VM, "A1B2C3D4-0001-4002-8003-0123456789AB") };
    (void) state;
    open_sample(NULL, "");
    assert_answer(remove_resources(path, 1), 32775, 0);
    assert_int_equal(count_adapters(RENDER_VM), 1);
}

/* ---- batches ---- */

static void add_three(const char *knobs, bool second_is_bad, size_t expected)
{
    open_sample(NULL, knobs);
    CimInstance *bad = new_adapter(1);
    if (second_is_bad)
        set_value(bad, "MaxPartitionVRAM", LIMIT(1));
    const char *const texts[] = { text_of(new_adapter(0)), text_of(bad), text_of(new_adapter(2)) };
    CimInstance *out = add_adapters(PLAIN_VM, texts, COUNT_OF(texts));
    if (return_value(out) == 4096)
        finish(out);
    assert_int_equal(count_adapters(PLAIN_VM), expected);
    assert_int_equal(close_sample(NULL), 0);
}

static void test_batches(void **state)
{
    (void) state;
    add_three("", false, 3);
    add_three("", true, 0);
    add_three("\"asyncResources\": true", false, 3);
    add_three("\"asyncResources\": true", true, 0);
    add_three("\"batch\": \"half\"", false, 3);
    add_three("\"batch\": \"half\"", true, 1);
    add_three("\"batch\": \"half\", \"asyncResources\": true", true, 1);
    add_three("\"batch\": \"halfThenFail\"", false, 1);
    add_three("\"batch\": \"halfThenFail\"", true, 1);
    open_sample(NULL, "\"batch\": \"halfThenFail\"");
    assert_answer(add(PLAIN_VM, new_adapter(0)), 0, 0); /* a single one is no batch */
    static const char *const both[] = { ADAPTER_PATH(MY_VM, MY_RADEON), ADAPTER_PATH(MY_VM, MY_GEFORCE) };
    assert_answer(remove_resources(both, 2), 4096, 32768);
    assert_false(is_there(both[0]));
    assert_true(is_there(both[1]));
}

/* With jobs the resources come and go when the job ends, not before. */
static void test_asynchronous(void **state)
{
    (void) state;
    open_sample(NULL, "\"asyncResources\": true");
    CimInstance *out = add(PLAIN_VM, new_adapter(0));
    assert_int_equal(return_value(out), 4096);
    assert_true(cim_instance_is_null(out, "ResultingResourceSettings"));
    assert_int_equal(count_adapters(PLAIN_VM), 0);
    reopen_sample();
    const CimInstance *job = finish(out);
    assert_int_equal(cim_instance_uint(job, "JobType", 0), 30);
    assert_int_equal(count_adapters(PLAIN_VM), 1);
    const char *affected = arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_AffectedJobElement "
                                                       "ResultClass = Msvm_GpuPartitionSettingData", job->path);
    const char *path = row_of(affected)->path;
    out = remove_resources(&path, 1);
    assert_int_equal(count_adapters(PLAIN_VM), 1);
    assert_answer(out, 4096, 0);
    assert_int_equal(count_adapters(PLAIN_VM), 0);
    CimInstance *change = change_of_radeon();
    set_value(change, "MinPartitionVRAM", LIMIT(7));
    out = modify(change);
    assert_int_equal(cim_instance_uint(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "MinPartitionVRAM", 0), 80000000);
    assert_answer(out, 4096, 0);
    assert_int_equal(cim_instance_uint(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "MinPartitionVRAM", 0), 7);
}

/* The VM is destroyed while its new adapter is on the way. */
static void test_vm_gone_meanwhile(void **state)
{
    (void) state;
    open_sample(NULL, "\"asyncResources\": true");
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM_PATH(PLAIN_VM)));
    CimInstance *destroyed = call_service(MANAGEMENT, "DestroySystem", in);
    CimInstance *added = add(PLAIN_VM, new_adapter(0));
    assert_answer(destroyed, 4096, 0);
    assert_answer(added, 4096, 32775);
    assert_int_equal(count_adapters(PLAIN_VM), 0);
}

/* It is started while its new adapter is on the way, on a host that changes GPUs only of VMs that are off. */
static void test_started_meanwhile(void **state)
{
    (void) state;
    open_sample(NULL, "\"asyncResources\": true, \"jobMilliseconds\": 100");
    CimInstance *started = request_state(PLAIN_VM, 2);
    assert_answer(add(PLAIN_VM, new_adapter(0)), 32775, 0); /* on its way */
    assert_answer(started, 4096, 0);
    assert_answer(request_state(PLAIN_VM, 3), 4096, 0);
    CimInstance *added = add(PLAIN_VM, new_adapter(0));
    sample.now_ms -= 50; /* a clock that is set back lets the start overtake */
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    assert_answer(added, 4096, 32775);
    assert_int_equal(count_adapters(PLAIN_VM), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_add),
        TEST(test_add_relative_path),
        TEST(test_add_template),
        TEST(test_add_refusals),
        TEST(test_add_others),
        TEST(test_add_wrong_gpu),
        TEST(test_add_unreadable_text),
        TEST(test_add_to_wrong_configuration),
        TEST(test_old_builds_forget_the_gpu),
        TEST(test_unknown_on_this_build),
        TEST(test_hot_changes),
        TEST(test_modify),
        TEST(test_modify_refusals),
        TEST(test_memory),
        TEST(test_memory_for_gpus),
        TEST(test_encode_limits),
        TEST(test_integration_component),
        TEST(test_remove),
        TEST(test_remove_running),
        TEST(test_batches),
        TEST(test_asynchronous),
        TEST(test_vm_gone_meanwhile),
        TEST(test_started_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
