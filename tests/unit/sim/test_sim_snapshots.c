/* SPDX-License-Identifier: MIT */
/* Checkpoints of the simulated host. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"
#include "cim/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define CREATING 32768
#define APPLYING 32769
#define DELETING 32770

static CimInstance *set_of_vm(const char *vm_guid, const char *property, CimValue value)
{
    CimInstance *settings = change_of("Msvm_VirtualSystemSettingData",
                                      arena_printf(&sample.arena, "Microsoft:%s", vm_guid));
    set_value(settings, property, value);
    return modify_system(settings);
}

/* The checkpoint that the job made. */
static CimInstance *made_by(const CimInstance *job)
{
    return row_of(arena_printf(&sample.arena,
                               "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_AffectedJobElement "
                               "ResultClass = Msvm_VirtualSystemSettingData", job->path));
}

static CimInstance *create(const char *vm_guid)
{
    CimInstance *job = finish(create_snapshot(vm_guid, ""));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 99), 0);
    return made_by(job);
}

static const char *guid_of(const CimInstance *settings)
{
    return cim_instance_text(settings, "InstanceID") + strlen("Microsoft:");
}

/* ---- creating ---- */

static void test_create(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    assert_int_equal(return_value(out), 4096);
    assert_true(cim_instance_is_null(out, "ResultingSnapshot"));
    assert_int_equal(count_checkpoints(PLAIN_VM), 0); /* not yet */
    assert_int_equal(operation_of(PLAIN_VM), CREATING);
    reopen_sample();
    const CimInstance *job = finish(out);
    assert_int_equal(operation_of(PLAIN_VM), 0);
    const CimInstance *checkpoint = made_by(job);
    assert_string_equal(cim_instance_text(checkpoint, "ElementName"), "build agent - (2026/7/1 - 14:05:09)");
    assert_string_equal(cim_instance_text(checkpoint, "VirtualSystemType"), "Microsoft:Hyper-V:Snapshot:Realized");
    assert_string_equal(cim_instance_text(checkpoint, "VirtualSystemIdentifier"), PLAIN_VM);
    assert_string_equal(cim_instance_text(checkpoint, "CreationTime"), "20260701140509.000000+000");
    assert_false(cim_instance_boolean(checkpoint, "IsSaved", true));
    assert_true(cim_instance_is_null(checkpoint, "Parent"));
    assert_true(cim_path_equals(cim_instance_text(row_at(SETTINGS_PATH(PLAIN_VM)), "Parent"), checkpoint->path));
    CimInstanceList resources = rows_of(arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = "
                                                     "Msvm_VirtualSystemSettingDataComponent", checkpoint->path));
    assert_int_equal(resources.count, 7);
    for (size_t i = 0; i < resources.count; i++)
        assert_non_null(strstr(cim_instance_text(resources.items[i], "InstanceID"), guid_of(checkpoint)));
    assert_string_equal(row_of("ASSOCIATORS OF {" SYSTEM_PATH(PLAIN_VM) "} WHERE AssocClass = "
                               "Msvm_MostCurrentSnapshotInBranch")->path, checkpoint->path);
}

static void test_create_named(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *settings = new_instance("Msvm_VirtualSystemSettingData");
    set_value(settings, "ElementName", cim_string("before & after"));
    const CimInstance *checkpoint = made_by(finish(create_snapshot(PLAIN_VM, text_of(settings))));
    assert_string_equal(cim_instance_text(checkpoint, "ElementName"), "before & after");
    assert_answer(create_snapshot(PLAIN_VM, "no instance"), 32773, 0);
    const char *text = text_of(settings);
    assert_answer(create_snapshot(PLAIN_VM, arena_printf(&sample.arena, "%s&lt;", text)), 32768, 0);
}

static void test_name_ignored(void **state)
{
    (void) state;
    open_sample("localized", "\"ignoreSnapshotName\": true");
    CimInstance *settings = new_instance("Msvm_VirtualSystemSettingData");
    set_value(settings, "ElementName", cim_string("wanted"));
    const CimInstance *checkpoint = made_by(finish(create_snapshot(PLAIN_VM, text_of(settings))));
    assert_string_equal(cim_instance_text(checkpoint, "ElementName"), "build agent - (01.07.2026 - 14:05:09)");
}

static void test_create_synchronous(void **state)
{
    (void) state;
    open_sample(NULL, "\"syncSnapshots\": true");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    assert_answer(out, 0, 0);
    const CimInstance *checkpoint = row_at(cim_instance_text(out, "ResultingSnapshot"));
    assert_string_equal(cim_instance_text(checkpoint, "VirtualSystemIdentifier"), PLAIN_VM);
    assert_answer(create_snapshot(MY_VM, ""), 4096, 32775); /* a refusal is a job all the same */
}

static void check_refusal(const char *vm_guid, uint64_t code, const char *text)
{
    const CimInstance *job = finish(create_snapshot(vm_guid, ""));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), code);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), text));
    assert_int_equal(count_checkpoints(vm_guid), 0);
    assert_int_equal(operation_of(vm_guid), 0);
}

static void test_refused_with_gpu(void **state)
{
    static const char *const paths[] = { ADAPTER_PATH(MY_VM, MY_RADEON), ADAPTER_PATH(MY_VM, MY_GEFORCE) };
    (void) state;
    open_sample(NULL, "");
    check_refusal(MY_VM, 32775, "Production checkpoints cannot be created for 'my vm'");
    check_refusal(RENDER_VM, 32775, "assigned one or more GPUP partitions");
    assert_answer(set_of_vm(MY_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 5)), 4096, 0);
    const CimInstance *job = finish(create_snapshot(MY_VM, ""));
    assert_null(strstr(cim_instance_text(job, "ErrorDescription"), "Production"));
    assert_answer(remove_resources(paths, 2), 0, 0);
    create(MY_VM);
    assert_int_equal(close_sample(NULL), 0);
    open_sample("localized", "\"checkpointRefusalCode\": 32768");
    check_refusal(MY_VM, 32768, "GPUP-Partition");
}

static void test_refused_with_device(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *device = new_instance("Msvm_PciExpressSettingData");
    set_value(device, "ResourceType", cim_uint(CIM_TYPE_UINT16, 32769));
    set_value(device, "ResourceSubType", cim_string("Microsoft:Hyper-V:Virtual Pci Express Port"));
    const char *text = text_of(device);
    assert_answer(add_adapters(PLAIN_VM, &text, 1), 0, 0);
    check_refusal(PLAIN_VM, 32775, "physical devices");
}

/* WMI shows no adapter, and the checkpoint is refused all the same. */
static void test_refused_with_hidden_adapter(void **state)
{
    (void) state;
    open_sample("stale", "");
    assert_int_equal(count_adapters(STALE_VM), 0);
    check_refusal(STALE_VM, 32775, "GPUP partitions");
}

static void test_refused_calls(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(create_snapshot("00000000-0000-0000-0000-000000000000", ""), 32773, 0);
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, row_of("SELECT * FROM Msvm_ComputerSystem WHERE "
                                                                          "InstallDate IS NULL")->path));
    assert_answer(call_service(SNAPSHOTS, "CreateSnapshot", in), 32773, 0); /* the host is no VM */
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM_PATH(PLAIN_VM)));
    set_value(in, "SnapshotType", cim_uint(CIM_TYPE_UINT16, 32768));
    assert_answer(call_service(SNAPSHOTS, "CreateSnapshot", in), 32770, 0);
    assert_answer(set_of_vm(PLAIN_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 2)), 4096, 0);
    assert_answer(create_snapshot(PLAIN_VM, ""), 32775, 0); /* checkpoints are disabled */
}

/* While one operation runs the VM takes no other. */
static void test_busy(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *first = create_snapshot(LAB_VM, "");
    assert_answer(create_snapshot(LAB_VM, ""), 32775, 0);
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST), 32775, 0);
    assert_answer(snapshot_call("DestroySnapshot", "AffectedSnapshot", LAB_FIRST), 32775, 0);
    assert_answer(request_state(LAB_VM, 2), 32775, 0);
    assert_answer(set_of_vm(LAB_VM, "ElementName", cim_string("x")), 32775, 0);
    const char *text = text_of(new_adapter(0));
    assert_answer(add_adapters(LAB_VM, &text, 1), 32775, 0);
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM_PATH(LAB_VM)));
    assert_answer(call_service(MANAGEMENT, "DestroySystem", in), 32775, 0);
    assert_answer(first, 4096, 0);
    assert_int_equal(count_checkpoints(LAB_VM), 3);
}

/* Only a standard checkpoint holds the memory of a running VM. */
static void test_memory(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    assert_false(cim_instance_boolean(create(PLAIN_VM), "IsSaved", true));
    assert_answer(set_of_vm(PLAIN_VM, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, 5)), 4096, 0);
    const CimInstance *live = create(PLAIN_VM);
    assert_true(cim_instance_boolean(live, "IsSaved", false));
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", guid_of(live)), 32775, 0); /* the VM runs */
    assert_answer(request_state(PLAIN_VM, 3), 4096, 0);
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", guid_of(live)), 4096, 0);
    assert_int_equal(state_of(PLAIN_VM), 6);
    assert_true(cim_instance_boolean(row_at(SETTINGS_PATH(PLAIN_VM)), "IsSaved", false));
}

/* ---- applying ---- */

static void test_apply(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of("Msvm_ProcessorSettingData",
                                    "Microsoft:" LAB_VM "\\b637f346-6a0e-4dec-af52-bd70cb80a21d\\0");
    set_value(change, "VirtualQuantity", cim_uint(CIM_TYPE_UINT64, 6));
    const char *texts[] = { text_of(change) };
    assert_answer(modify_resources(texts, 1), 0, 0);
    const char *notes[] = { "keep me" };
    assert_answer(set_of_vm(LAB_VM, "Notes", cim_text_array(&sample.arena, CIM_TYPE_STRING, notes, 1)), 0, 0);
    assert_answer(set_of_vm(LAB_VM, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, 512)), 4096, 0);

    CimInstance *out = snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST);
    assert_int_equal(operation_of(LAB_VM), APPLYING);
    assert_answer(out, 4096, 0);
    const CimInstance *settings = row_at(SETTINGS_PATH(LAB_VM));
    assert_int_equal(cim_instance_uint(settings, "LowMmioGapSize", 0), 128);
    size_t count;
    assert_string_equal(cim_instance_array(settings, "Notes", &count)[0].text, "keep me");
    assert_string_equal(cim_instance_text(settings, "ElementName"), "lab");
    assert_true(cim_path_equals(cim_instance_text(settings, "Parent"), SETTINGS_PATH(LAB_FIRST)));
    assert_int_equal(
        cim_instance_uint(
            row_of("SELECT * FROM Msvm_ProcessorSettingData WHERE InstanceID LIKE 'Microsoft:" LAB_VM "%'"),
            "VirtualQuantity", 0),
        2);
    reopen_sample();
    assert_true(cim_path_equals(row_of("ASSOCIATORS OF {" SYSTEM_PATH(LAB_VM) "} WHERE AssocClass = "
                                       "Msvm_LastAppliedSnapshot")->path, SETTINGS_PATH(LAB_FIRST)));
}

static void test_apply_refusals(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_VM), 32773, 0); /* no checkpoint */
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", "00000000-0000-0000-0000-000000000000"), 32773, 0);
    assert_answer(request_state(LAB_VM, 2), 4096, 0);
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST), 32775, 0);
    assert_answer(request_state(LAB_VM, 6), 4096, 0);
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST), 4096, 0); /* saved is still enough */
    assert_int_equal(state_of(LAB_VM), 3);
}

/* ---- destroying ---- */

static void test_destroy(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = snapshot_call("DestroySnapshot", "AffectedSnapshot", LAB_SECOND);
    assert_int_equal(operation_of(LAB_VM), DELETING);
    assert_true(is_there(SETTINGS_PATH(LAB_SECOND)));
    assert_answer(out, 4096, 0);
    assert_false(is_there(SETTINGS_PATH(LAB_SECOND)));
    assert_int_equal(rows_of("SELECT * FROM Msvm_MemorySettingData WHERE InstanceID LIKE '%" LAB_SECOND "%'").count, 0);
    rest(LAB_VM);
    /* The VM now hangs below the other one. */
    assert_true(cim_path_equals(cim_instance_text(row_at(SETTINGS_PATH(LAB_VM)), "Parent"), SETTINGS_PATH(LAB_FIRST)));
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST), 4096, 0);
    assert_answer(snapshot_call("DestroySnapshot", "AffectedSnapshot", LAB_FIRST), 4096, 0);
    assert_true(cim_instance_is_null(row_at(SETTINGS_PATH(LAB_VM)), "Parent"));
    assert_int_equal(rows_of("SELECT * FROM Msvm_LastAppliedSnapshot").count, 0);
}

static void test_destroy_tree(void **state)
{
    (void) state;
    open_sample(NULL, "");
    /* A second branch below the first checkpoint. */
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST), 4096, 0);
    const char *branch = create(LAB_VM)->path;
    assert_int_equal(count_checkpoints(LAB_VM), 3);
    assert_int_equal(rows_of("ASSOCIATORS OF {" SETTINGS_PATH(LAB_FIRST) "} WHERE AssocClass = "
                             "Msvm_ParentChildSettingData ResultRole = Dependent").count, 2);
    assert_answer(snapshot_call("DestroySnapshotTree", "SnapshotSettingData", LAB_SECOND), 4096, 0);
    assert_int_equal(count_checkpoints(LAB_VM), 2);
    assert_true(is_there(branch));
    rest(LAB_VM);
    assert_answer(snapshot_call("DestroySnapshotTree", "SnapshotSettingData", LAB_FIRST), 4096, 0);
    assert_int_equal(count_checkpoints(LAB_VM), 0);
    assert_true(cim_instance_is_null(row_at(SETTINGS_PATH(LAB_VM)), "Parent"));
}

/* Name and notes are all that can be changed of a checkpoint; each leaves the other alone. */
static void test_rename(void **state)
{
    static const char *const notes[] = { "first\nline", "second" };
    size_t count;
    (void) state;
    open_sample(NULL, "");
    assert_answer(set_of_vm(LAB_FIRST, "Notes", cim_text_array(&sample.arena, CIM_TYPE_STRING, notes, 2)), 0, 0);
    assert_answer(set_of_vm(LAB_FIRST, "ElementName", cim_string("renamed")), 0, 0);
    const CimInstance *row = row_at(SETTINGS_PATH(LAB_FIRST));
    assert_string_equal(cim_instance_text(row, "ElementName"), "renamed");
    assert_string_equal(cim_instance_array(row, "Notes", &count)[0].text, "first\nline");
    assert_int_equal(count, 1); /* the other one is not kept */
    assert_string_equal(cim_instance_text(row_at(SYSTEM_PATH(LAB_VM)), "ElementName"), "lab");
    assert_answer(set_of_vm(LAB_FIRST, "ElementName", cim_string("")), 4096, 32773);
    assert_answer(set_of_vm(LAB_FIRST, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, 512)), 4096, 32773);
    assert_answer(request_state(LAB_VM, 2), 4096, 0);
    assert_answer(set_of_vm(LAB_FIRST, "ElementName", cim_string("while it runs")), 0, 0);
    (void) cim_instance_array(row_at(SETTINGS_PATH(LAB_FIRST)), "Notes", &count);
    assert_int_equal(count, 1);
}

/* The memory is gone, the rest of the checkpoint stays. */
static void test_clear_state(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    assert_answer(snapshot_call("ClearSnapshotState", "SnapshotSettingData", HISTORY_RUNNING), 4096, 0);
    assert_false(cim_instance_boolean(row_at(SETTINGS_PATH(HISTORY_RUNNING)), "IsSaved", true));
    assert_answer(snapshot_call("ApplySnapshot", "Snapshot", HISTORY_RUNNING), 4096, 0);
    assert_int_equal(state_of(HISTORY_VM), 3);
    assert_answer(snapshot_call("ClearSnapshotState", "SnapshotSettingData", HISTORY_VM), 32773, 0);
}

static void test_not_simulated(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(snapshot_call("ConvertToReferencePoint", "AffectedSnapshot", LAB_FIRST), 32770, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_create),
        TEST(test_create_named),
        TEST(test_name_ignored),
        TEST(test_create_synchronous),
        TEST(test_refused_with_gpu),
        TEST(test_refused_with_device),
        TEST(test_refused_with_hidden_adapter),
        TEST(test_refused_calls),
        TEST(test_busy),
        TEST(test_memory),
        TEST(test_apply),
        TEST(test_apply_refusals),
        TEST(test_rename),
        TEST(test_clear_state),
        TEST(test_destroy),
        TEST(test_destroy_tree),
        TEST(test_not_simulated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
