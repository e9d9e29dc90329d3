/* SPDX-License-Identifier: MIT */
/* Differencing disks of checkpoints: branches, merging, and what else comes along with a checkpoint that is applied. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"
#include "base/str.h"
#include "cim/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define MERGING 32772
#define DELETING 32770
#define DISKS "C:\\ProgramData\\Microsoft\\Windows\\Virtual Hard Disks\\"

/* The file of the only disk of a configuration. */
static const char *disk_of(const char *guid)
{
    size_t count;
    const CimInstance *storage =
        row_of(arena_printf(&sample.arena,
                            "SELECT * FROM Msvm_StorageAllocationSettingData WHERE InstanceID LIKE 'Microsoft:%s%%'",
                            guid));
    const CimValue *items = cim_instance_array(storage, "HostResource", &count);
    assert_int_equal(count, 1);
    return items[0].text;
}

static CimInstance *file_of(const char *path)
{
    Str wql;
    str_init(&wql, SIZE_MAX);
    str_append(&wql, "SELECT Name, FileSize FROM CIM_DataFile WHERE Name = '");
    for (; *path != '\0'; path++)
        str_appendf(&wql, *path == '\\' ? "\\\\" : "%c", *path);
    str_append(&wql, "'");
    CimInstanceList rows = rows_of(arena_strdup(&sample.arena, str_text(&wql)));
    str_release(&wql);
    assert_true(rows.count <= 1);
    return rows.count == 0 ? NULL : rows.items[0];
}

static uint64_t size_of(const char *path)
{
    const CimInstance *file = file_of(path);
    assert_non_null(file);
    return cim_instance_uint(file, "FileSize", 0);
}

static size_t count_files(void)
{
    return rows_of("SELECT Name FROM CIM_DataFile WHERE Extension = 'avhdx'").count;
}

static CimInstance *apply(const char *guid)
{
    return snapshot_call("ApplySnapshot", "Snapshot", guid);
}

static CimInstance *destroy(const char *guid)
{
    return snapshot_call("DestroySnapshot", "AffectedSnapshot", guid);
}

/* ---- branching ---- */

static void test_create(void **state)
{
    (void) state;
    open_sample(NULL, "");
    const char *before = disk_of(PLAIN_VM);
    assert_string_equal(before, DISKS "build agent.vhdx");
    assert_int_equal(size_of(before) >> 30, 24);
    const CimInstance *job = finish(create_snapshot(PLAIN_VM, ""));
    const char *checkpoint =
        row_of(arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_AffectedJobElement "
                                           "ResultClass = Msvm_VirtualSystemSettingData", job->path))->path;
    const char *guid = strstr(checkpoint, "Microsoft:") + strlen("Microsoft:");
    assert_string_equal(disk_of(arena_strndup(&sample.arena, guid, 36)), before);
    const char *first = disk_of(PLAIN_VM);
    assert_true(strncmp(first, DISKS "build agent_", strlen(DISKS "build agent_")) == 0);
    assert_int_equal(strlen(first), strlen(DISKS "build agent_") + 36 + strlen(".avhdx"));
    assert_true(size_of(first) < size_of(before));
    reopen_sample();
    /* The name does not grow from checkpoint to checkpoint. */
    assert_answer(create_snapshot(PLAIN_VM, ""), 4096, 0);
    assert_int_equal(strlen(disk_of(PLAIN_VM)), strlen(first));
    assert_string_not_equal(disk_of(PLAIN_VM), first);
}

/* Applying throws the present disk away, and keeps the checkpoint's as it is. */
static void test_apply(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    const char *now = disk_of(HISTORY_VM), *kept = disk_of(HISTORY_DRIVERS);
    size_t files = count_files();
    assert_answer(apply(HISTORY_DRIVERS), 4096, 0);
    assert_int_equal(count_files(), files); /* one gone, one new */
    assert_null(file_of(now));
    assert_string_equal(disk_of(HISTORY_DRIVERS), kept);
    assert_string_not_equal(disk_of(HISTORY_VM), kept);
    assert_int_equal(operation_of(HISTORY_VM), 0); /* nothing to merge */
}

static void test_apply_brings_along(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    assert_int_equal(count_adapters(HISTORY_VM), 0);
    assert_answer(apply(HISTORY_GPU), 4096, 0);
    const CimInstance *settings = row_at(SETTINGS_PATH(HISTORY_VM));
    assert_int_equal(count_adapters(HISTORY_VM), 1);
    assert_int_equal(cim_instance_uint(settings, "LowMmioGapSize", 0), 1024);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapSize", 0), 32768);
    assert_true(cim_instance_boolean(settings, "GuestControlledCacheTypes", false));
    assert_false(cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", true));
    assert_true(cim_path_equals(cim_instance_text(settings, "Parent"), SETTINGS_PATH(HISTORY_GPU)));
    assert_string_equal(row_of("ASSOCIATORS OF {" SETTINGS_PATH(HISTORY_VM) "} WHERE AssocClass = "
                               "Msvm_ParentChildSettingData ResultRole = Antecedent")->path,
                        row_at(SETTINGS_PATH(HISTORY_GPU))->path);
    /* An automatic checkpoint makes no automatic configuration. */
    assert_answer(apply(HISTORY_AUTOMATIC), 4096, 32775); /* the GPU that came along */
    assert_int_equal(close_sample(NULL), 0);
    open_sample("checkpoints+no-gpu", "");
    assert_answer(apply(HISTORY_AUTOMATIC), 4096, 0);
    assert_false(cim_instance_boolean(row_at(SETTINGS_PATH(HISTORY_VM)), "IsAutomaticSnapshot", true));
}

/* What others store with the VM for its guest is revived, too. */
static void test_apply_revives_items(void **state)
{
    static const char id[] = "Microsoft:" LAB_VM "\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F";
    static const char path[] = "Msvm_KvpExchangeComponentSettingData.InstanceID=\"Microsoft:" LAB_VM
                               "\\\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F\"";
    const char *item = "<INSTANCE/>", *text;
    size_t count;
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of("Msvm_KvpExchangeComponentSettingData", id);
    set_value(change, "HostExchangeItems", cim_text_array(&sample.arena, CIM_TYPE_STRING, &item, 1));
    text = text_of(change);
    assert_answer(modify_resources(&text, 1), 0, 0);
    assert_answer(apply(LAB_FIRST), 4096, 0);
    (void) cim_instance_array(row_at(path), "HostExchangeItems", &count);
    assert_int_equal(count, 0);
}

static void test_apply_refusals(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    assert_answer(apply(HISTORY_REPLICA), 32775, 0);
    assert_answer(apply(HISTORY_RECOVERY), 4096, 0);
    const char *text = text_of(new_adapter(0));
    assert_answer(add_adapters(HISTORY_VM, &text, 1), 0, 0);
    const char *now = disk_of(HISTORY_VM);
    const CimInstance *job = finish(apply(HISTORY_FRESH));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32775);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "GPUP partitions"));
    assert_int_equal(count_adapters(HISTORY_VM), 1);
    assert_string_equal(disk_of(HISTORY_VM), now);
    assert_int_equal(close_sample(NULL), 0);
    open_sample("checkpoints", "\"applyWithGpu\": true");
    text = text_of(new_adapter(0));
    assert_answer(add_adapters(HISTORY_VM, &text, 1), 0, 0);
    assert_answer(apply(HISTORY_FRESH), 4096, 0);
    assert_int_equal(count_adapters(HISTORY_VM), 0);
}

/* ---- merging ---- */

/* A job of its own, with progress; the VM can be started meanwhile, and nothing else. */
static void test_merge(void **state)
{
    (void) state;
    open_sample(NULL, "\"mergeMilliseconds\": 4000");
    const char *kept = disk_of(LAB_SECOND), *child = disk_of(LAB_VM);
    uint64_t both = size_of(kept) + size_of(child);
    assert_answer(destroy(LAB_SECOND), 4096, 0);
    assert_int_equal(operation_of(LAB_VM), MERGING);
    assert_string_equal(disk_of(LAB_VM), child);
    assert_answer(apply(LAB_FIRST), 32775, 0);
    assert_answer(destroy(LAB_FIRST), 32775, 0);
    assert_answer(create_snapshot(LAB_VM, ""), 32775, 0);
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM_PATH(LAB_VM)));
    assert_answer(call_service(MANAGEMENT, "DestroySystem", in), 32775, 0);
    reopen_sample();
    sample.now_ms += 2000;
    const CimInstance *job = row_of("SELECT * FROM Msvm_ConcreteJob WHERE JobType = 50");
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 4);
    assert_in_range(cim_instance_uint(job, "PercentComplete", 0), 30, 70);
    assert_string_equal(row_of(arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = "
                                            "Msvm_AffectedJobElement", job->path))->path,
                        row_at(SYSTEM_PATH(LAB_VM))->path);
    assert_answer(request_state(LAB_VM, 2), 4096, 0);
    assert_int_equal(operation_of(LAB_VM), MERGING);
    rest(LAB_VM);
    assert_string_equal(disk_of(LAB_VM), kept); /* the child went into its parent */
    assert_null(file_of(child));
    assert_int_equal(size_of(kept), both);
}

static void test_merge_in_job(void **state)
{
    (void) state;
    open_sample(NULL, "\"merge\": \"inJob\", \"mergeMilliseconds\": 4000");
    const char *kept = disk_of(LAB_SECOND);
    CimInstance *out = destroy(LAB_SECOND);
    sample.now_ms += 4000;
    assert_int_equal(operation_of(LAB_VM), DELETING);
    assert_true(is_there(SETTINGS_PATH(LAB_SECOND)));
    assert_answer(out, 4096, 0);
    assert_int_equal(operation_of(LAB_VM), 0);
    assert_string_equal(disk_of(LAB_VM), kept);
}

static void test_merge_at_power_off(void **state)
{
    (void) state;
    open_sample(NULL, "\"merge\": \"atPowerOff\"");
    const char *kept = disk_of(LAB_SECOND), *child = disk_of(LAB_VM);
    assert_answer(request_state(LAB_VM, 2), 4096, 0);
    assert_answer(destroy(LAB_SECOND), 4096, 0);
    assert_int_equal(operation_of(LAB_VM), 0);
    sample.now_ms += 60000;
    assert_string_equal(disk_of(LAB_VM), child);
    reopen_sample();
    assert_answer(request_state(LAB_VM, 3), 4096, 0);
    assert_int_equal(operation_of(LAB_VM), MERGING);
    rest(LAB_VM);
    assert_string_equal(disk_of(LAB_VM), kept);
    assert_answer(destroy(LAB_FIRST), 4096, 0); /* off: it does not wait for anything */
    assert_int_equal(operation_of(LAB_VM), MERGING);
}

/* A disk with two branches cannot be merged before one of them is gone. */
static void test_branches(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    const char *shared = disk_of(HISTORY_DRIVERS), *running = disk_of(HISTORY_RUNNING);
    assert_answer(destroy(HISTORY_DRIVERS), 4096, 0);
    assert_int_equal(operation_of(HISTORY_VM), 0);
    assert_non_null(file_of(shared));
    /* Its children hang below its parent, the VM too. */
    assert_true(cim_path_equals(cim_instance_text(row_at(SETTINGS_PATH(HISTORY_VM)), "Parent"),
                                SETTINGS_PATH(HISTORY_FRESH)));
    assert_true(cim_path_equals(cim_instance_text(row_at(SETTINGS_PATH(HISTORY_AUTOMATIC)), "Parent"),
                                SETTINGS_PATH(HISTORY_FRESH)));
    assert_answer(destroy(HISTORY_RUNNING), 4096, 0); /* a leaf: its disk goes, two branches are left */
    assert_int_equal(operation_of(HISTORY_VM), 0);
    assert_null(file_of(running));
    assert_answer(snapshot_call("DestroySnapshotTree", "SnapshotSettingData", HISTORY_AUTOMATIC), 4096, 0);
    assert_int_equal(operation_of(HISTORY_VM), MERGING);
    rest(HISTORY_VM);
    assert_string_equal(disk_of(HISTORY_VM), shared);
    assert_answer(snapshot_call("DestroySnapshotTree", "SnapshotSettingData", HISTORY_FRESH), 4096, 0);
    rest(HISTORY_VM);
    assert_int_equal(count_checkpoints(HISTORY_VM), 0);
    assert_string_equal(disk_of(HISTORY_VM), DISKS "history.vhdx");
    assert_true(cim_instance_is_null(row_at(SETTINGS_PATH(HISTORY_VM)), "Parent"));
    assert_int_equal(count_files(), 2); /* those of "lab" */
}

/* A file from an earlier version tells nothing of disks: checkpoints and the VM have the same one. */
static void test_without_disks(void **state)
{
    (void) state;
    open_sample(NULL, "");
    assert_answer(create_snapshot(PLAIN_VM, ""), 4096, 0);
    const char *text = "<INSTANCE CLASSNAME=\"Msvm_StorageAllocationSettingData\"><PROPERTY NAME=\"InstanceID\" "
                       "TYPE=\"string\"><VALUE>Microsoft:" LAB_VM "\\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\\0\\0\\L"
                       "</VALUE></PROPERTY><PROPERTY.ARRAY NAME=\"HostResource\" TYPE=\"string\"><VALUE.ARRAY>"
                       "<VALUE>D:\\else\\where.iso</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>";
    assert_answer(modify_resources(&text, 1), 0, 0);
    assert_answer(create_snapshot(LAB_VM, ""), 4096, 0);
    assert_string_equal(disk_of(LAB_VM), "D:\\else\\where.iso"); /* no hard disk */
    assert_answer(destroy(LAB_FIRST), 4096, 0);
    rest(LAB_VM);
}

/* ---- kinds ---- */

static void test_kinds(void **state)
{
    static const struct {
        const char *path, *type;
        bool is_automatic, holds_memory;
    } rows[] = {
        { SETTINGS_PATH(HISTORY_FRESH), "Microsoft:Hyper-V:Snapshot:Realized", false, false },
        { SETTINGS_PATH(HISTORY_RUNNING), "Microsoft:Hyper-V:Snapshot:Realized", false, true },
        { SETTINGS_PATH(HISTORY_AUTOMATIC), "Microsoft:Hyper-V:Snapshot:Realized", true, false },
        { SETTINGS_PATH(HISTORY_RECOVERY), "Microsoft:Hyper-V:Snapshot:Recovery", false, false },
        { SETTINGS_PATH(HISTORY_REPLICA), "Microsoft:Hyper-V:Snapshot:Replica:Standard", false, false },
    };
    (void) state;
    open_sample("checkpoints", "");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const CimInstance *row = row_at(rows[i].path);
        assert_string_equal(cim_instance_text(row, "VirtualSystemType"), rows[i].type);
        assert_int_equal(cim_instance_boolean(row, "IsAutomaticSnapshot", false), rows[i].is_automatic);
        assert_int_equal(cim_instance_boolean(row, "IsSaved", false), rows[i].holds_memory);
    }
    assert_int_equal(rows_of("ASSOCIATORS OF {" SYSTEM_PATH(HISTORY_VM) "} WHERE AssocClass = "
                             "Msvm_SnapshotOfVirtualSystem").count, 7);
    assert_answer(destroy(HISTORY_RECOVERY), 4096, 0); /* a backup's leftover can be removed */
    rest(HISTORY_VM);
    assert_answer(apply(HISTORY_RUNNING), 4096, 0);
    assert_int_equal(state_of(HISTORY_VM), 6);
}

static CimInstance *set_type(uint16_t type)
{
    CimInstance *change = change_of("Msvm_VirtualSystemSettingData", "Microsoft:" PLAIN_VM);
    set_value(change, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, type));
    return modify_system(change);
}

/* Type 3 falls back to a checkpoint with memory, type 4 fails. */
static void test_guest_cannot_quiesce(void **state)
{
    (void) state;
    open_sample(NULL, "\"guestCannotQuiesce\": true");
    assert_answer(set_type(4), 4096, 0);
    assert_answer(create_snapshot(PLAIN_VM, ""), 4096, 0); /* nobody needs the guest while the VM is off */
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    const CimInstance *job = finish(create_snapshot(PLAIN_VM, ""));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32768);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "Production checkpoints cannot be created"));
    assert_answer(set_type(3), 4096, 0);
    assert_answer(create_snapshot(PLAIN_VM, ""), 4096, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemIdentifier = '" PLAIN_VM
                             "' AND IsSaved = TRUE").count, 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_create),
        TEST(test_apply),
        TEST(test_apply_brings_along),
        TEST(test_apply_revives_items),
        TEST(test_apply_refusals),
        TEST(test_merge),
        TEST(test_merge_in_job),
        TEST(test_merge_at_power_off),
        TEST(test_branches),
        TEST(test_without_disks),
        TEST(test_kinds),
        TEST(test_guest_cannot_quiesce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
