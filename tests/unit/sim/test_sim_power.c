/* SPDX-License-Identifier: MIT */
/* VMs that are on: whether the guest answers, how it shuts down, and starts that fail because of GPUs. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

enum { RUNNING = 2, OFF = 3, STOPPING = 4, SAVED = 6, DAY_MS = 24 * 60 * 60 * 1000 };

static const CimInstance *component(const char *class_name)
{
    return row_of(arena_printf(&sample.arena, "SELECT * FROM %s WHERE SystemName = '%s'", class_name, RENDER_VM));
}

static CimInstance *shut_down(bool force)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "Force", cim_boolean(force));
    set_value(in, "Reason", cim_string("test"));
    return call(component("Msvm_ShutdownComponent")->path, "InitiateShutdown", in);
}

/* ---- contact ---- */

static void check_contact(uint64_t status)
{
    static const char *const classes[] = { "Msvm_ShutdownComponent", "Msvm_HeartbeatComponent" };
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        size_t count;
        const CimValue *items = cim_instance_array(component(classes[i]), "OperationalStatus", &count);
        assert_int_equal(items[0].uint, status);
        assert_int_equal(count, status == 2 && i == 1 ? 2 : 1);
    }
}

static void test_contact(void **state)
{
    (void) state;
    open_sample(NULL, "");
    check_contact(2);
    assert_int_equal(rows_of("ASSOCIATORS OF {" SYSTEM_PATH(RENDER_VM) "} WHERE AssocClass = Msvm_SystemDevice "
                             "ResultClass = Msvm_HeartbeatComponent").count, 1);
    assert_int_equal(rows_of("SELECT * FROM Msvm_HeartbeatComponent WHERE SystemName = '" MY_VM "'").count, 0);
    assert_answer(request_state(RENDER_VM, 9), 4096, 0);
    check_contact(15);
    assert_answer(shut_down(true), 32780, 0);
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"guestContact\": \"lost\"");
    check_contact(13);
    assert_answer(shut_down(true), 32780, 0);
    assert_answer(request_state(RENDER_VM, 4), 32780, 0);
}

static void test_booting(void **state)
{
    (void) state;
    open_sample(NULL, "\"guestBootMilliseconds\": 90000, \"guestContact\": \"ok\"");
    check_contact(2);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    check_contact(12);
    assert_answer(shut_down(false), 32780, 0);
    sample.now_ms += 90000;
    check_contact(2);
    assert_answer(shut_down(false), 0, 0);
}

/* A component that is switched off is not there from the next start on. */
static void test_disabled(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of("Msvm_ShutdownComponentSettingData",
                                    "Microsoft:" RENDER_VM "\\9F8233AC-BE49-4C79-8EE3-E7E1985B2077");
    set_value(change, "EnabledState", cim_uint(CIM_TYPE_UINT16, 3));
    const char *text = text_of(change);
    assert_answer(modify_resources(&text, 1), 0, 0);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_ShutdownComponent").count, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_HeartbeatComponent").count, 1);
    assert_answer(request_state(RENDER_VM, 4), 32775, 0);
}

/* ---- shutting down ---- */

static void test_shutdown_takes_minutes(void **state)
{
    (void) state;
    open_sample(NULL, "\"guestShutdownMilliseconds\": 180000");
    assert_answer(shut_down(false), 0, 0);
    assert_int_equal(state_of(RENDER_VM), STOPPING);
    assert_answer(shut_down(false), 32782, 0);
    sample.now_ms += 179000;
    reopen_sample();
    assert_int_equal(state_of(RENDER_VM), STOPPING);
    sample.now_ms += 1000;
    assert_int_equal(state_of(RENDER_VM), OFF);
}

static void test_shutdown_unseen(void **state)
{
    (void) state;
    open_sample(NULL, "\"shutdownUnseen\": true, \"guestShutdownMilliseconds\": 60000");
    assert_answer(shut_down(false), 0, 0);
    assert_int_equal(state_of(RENDER_VM), RUNNING);
    assert_answer(shut_down(false), 32782, 0);
    sample.now_ms += 60000;
    assert_int_equal(state_of(RENDER_VM), OFF);
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"shutdownUnseen\": true, \"guestShutdownMilliseconds\": 60000, \"gpuSave\": true");
    assert_answer(shut_down(false), 0, 0);
    assert_answer(request_state(RENDER_VM, 6), 4096, 0);
    sample.now_ms += 60000;
    assert_int_equal(state_of(RENDER_VM), SAVED); /* no guest any more that could shut down */
}

static void test_shutdown_refused(void **state)
{
    (void) state;
    open_sample(NULL, "\"guestShutdown\": \"locked\"");
    assert_answer(shut_down(false), 32781, 0);
    assert_answer(request_state(RENDER_VM, 4), 32781, 0);
    assert_int_equal(state_of(RENDER_VM), RUNNING);
    assert_answer(shut_down(true), 0, 0);
    sample.now_ms += 1000;
    assert_int_equal(state_of(RENDER_VM), OFF);
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"guestShutdown\": \"refused\"");
    assert_answer(shut_down(true), 32768, 0);
    assert_int_equal(state_of(RENDER_VM), RUNNING);
}

/* A guest that hangs stays where it is for as long as anybody looks, and can be turned off. */
static void test_shutdown_hangs(void **state)
{
    (void) state;
    open_sample(NULL, "\"guestShutdown\": \"hangs\", \"jobsFinishAtOnce\": true");
    assert_answer(shut_down(true), 0, 0);
    sample.now_ms += DAY_MS / 2;
    assert_int_equal(state_of(RENDER_VM), STOPPING);
    reopen_sample();
    assert_answer(request_state(RENDER_VM, 2), 32775, 0);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_int_equal(state_of(RENDER_VM), OFF);
    assert_int_equal(rows_of("SELECT * FROM Msvm_ConcreteJob WHERE JobState < 7").count, 0);
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    sample.now_ms += DAY_MS;
    assert_int_equal(state_of(RENDER_VM), RUNNING); /* the request of then is forgotten */
}

static void test_saved(void **state)
{
    (void) state;
    open_sample(NULL, "\"keepsSavedState\": true, \"gpuSave\": true");
    assert_answer(request_state(RENDER_VM, 6), 4096, 0);
    assert_answer(request_state(RENDER_VM, 3), 32775, 0);
    assert_int_equal(state_of(RENDER_VM), SAVED);
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"gpuSave\": true");
    assert_answer(request_state(RENDER_VM, 6), 4096, 0);
    assert_true(cim_instance_boolean(row_at(SETTINGS_PATH(RENDER_VM)), "IsSaved", false));
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_int_equal(state_of(RENDER_VM), OFF);
    assert_false(cim_instance_boolean(row_at(SETTINGS_PATH(RENDER_VM)), "IsSaved", true));
}

/* ---- starts that fail ---- */

static void set_of(const char *class_name, const char *id, const char *property, CimValue value)
{
    CimInstance *change = change_of(class_name, id);
    set_value(change, property, value);
    if (strcmp(class_name, "Msvm_VirtualSystemSettingData") == 0) {
        assert_answer(modify_system(change), 4096, 0);
    } else {
        const char *text = text_of(change);
        assert_answer(modify_resources(&text, 1), 0, 0);
    }
}

#define SET(property, value) set_of("Msvm_VirtualSystemSettingData", "Microsoft:" RENDER_VM, property, value)
#define MEMORY "Microsoft:" RENDER_VM "\\4764334d-e001-4176-82ee-5594ec9b530e"

static void check_start(uint64_t error, const char *text)
{
    const CimInstance *job = finish(request_state(RENDER_VM, 2));
    const char *description = cim_instance_text(job, "ErrorDescription");
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 99), error);
    assert_int_equal(state_of(RENDER_VM), error == 0 ? RUNNING : OFF);
    if (error == 0)
        return;
    assert_non_null(strstr(cim_instance_text(job, "ErrorSummaryDescription"), "'render' failed to start. (Virtual "
                                                                              "machine ID " RENDER_VM ")"));
    if (strstr(description, text) == NULL)
        fail_msg("%s", description);
}

static void stop_with(const char *knobs)
{
    if (sample.host != NULL)
        assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, knobs);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
}

/* The memory is set while the VM has no GPU. */
static void test_start_memory(void **state)
{
    static const uint64_t minimum[] = { 512, 16384 };
    (void) state;
    sample = (Sample){ .host = NULL };
    for (size_t i = 0; i < COUNT_OF(minimum); i++) {
        stop_with("");
        const char *path = ADAPTER_PATH(RENDER_VM, "A1B2C3D4-0001-4002-8003-0123456789AB");
        const char *text = text_of(new_adapter(2));
        assert_answer(remove_resources(&path, 1), 0, 0);
        set_of("Msvm_MemorySettingData", MEMORY, "DynamicMemoryEnabled", cim_boolean(true));
        set_of("Msvm_MemorySettingData", MEMORY, "Reservation", cim_uint(CIM_TYPE_UINT64, minimum[i]));
        assert_answer(add_adapters(RENDER_VM, &text, 1), 0, 0);
        check_start(i == 0 ? 32768 : 0, "incompatible with device assignment or GPU partitioning");
    }
}

static void test_start_mmio(void **state)
{
    (void) state;
    sample = (Sample){ .host = NULL };
    stop_with("\"gpuMmio\": 32769"); /* the VM has 32768 */
    check_start(32768, "Insufficient system resources exist to complete the requested service");
    SET("HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 32769));
    check_start(0, NULL);
    stop_with("\"addressBits\": 36");
    check_start(32773, "The upper MMIO region (0x00000017dffff000) is above the supported physical address range. Make "
                       "sure that the upper MMIO region is below 0x0000001000000000.");
    SET("HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 512));
    check_start(0, NULL);
}

static void test_start_refused(void **state)
{
    (void) state;
    sample = (Sample){ .host = NULL };
    stop_with("\"gpuAccessDenied\": true");
    check_start(32768, "Access is denied");
    stop_with("");
    SET("EnableHibernation", cim_boolean(true));
    check_start(32768, "hibernation");
    stop_with("\"gpuHibernation\": true");
    SET("EnableHibernation", cim_boolean(true));
    check_start(0, NULL);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    SET("AutomaticSnapshotsEnabled", cim_boolean(true));
    const CimInstance *job = finish(request_state(RENDER_VM, 2));
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32775);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "GPUP partitions"));
}

/* ---- automatic checkpoints and GPUs ---- */

static void test_automatic_checkpoint_blocks_gpu(void **state)
{
    (void) state;
    open_sample("checkpoints", "");
    const char *text = text_of(new_adapter(0));
    assert_answer(add_adapters(HISTORY_VM, &text, 1), 0, 0);
    assert_int_equal(close_sample(NULL), 0);
    open_sample("checkpoints", "\"automaticBlocksGpu\": true");
    text = text_of(new_adapter(0));
    assert_answer(add_adapters(HISTORY_VM, &text, 1), 4096, 32775);
    assert_int_equal(count_adapters(HISTORY_VM), 0);
    assert_answer(add_adapters(LAB_VM, &text, 1), 0, 0); /* its checkpoints are none of those */
    assert_answer(snapshot_call("DestroySnapshot", "AffectedSnapshot", HISTORY_AUTOMATIC), 4096, 0);
    rest(HISTORY_VM);
    assert_answer(add_adapters(HISTORY_VM, &text, 1), 0, 0);
}

/* There from the start on until the VM is off; saving keeps it. */
static void test_automatic_checkpoint(void **state)
{
    static const char parents[] = "SELECT * FROM Msvm_ParentChildSettingData WHERE Dependent LIKE '%" PLAIN_VM "%'";
    (void) state;
    open_sample(NULL, "\"automaticCheckpoints\": true");
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    reopen_sample();
    const CimInstance *row = row_of("SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemIdentifier = '"
                                    PLAIN_VM "' AND IsAutomaticSnapshot = TRUE");
    assert_string_equal(cim_instance_text(row, "ElementName"),
                        "Automatic Checkpoint - build agent - (2026/7/1 - 14:05:09)");
    assert_false(cim_instance_boolean(row, "IsSaved", true));
    assert_int_equal(rows_of(parents).count, 1);
    assert_answer(request_state(PLAIN_VM, 6), 4096, 0);
    assert_answer(request_state(PLAIN_VM, 2), 4096, 0);
    assert_int_equal(count_checkpoints(PLAIN_VM), 1); /* a restored VM gets none */
    assert_answer(create_snapshot(PLAIN_VM, ""), 4096, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_VirtualSystemSettingData WHERE IsAutomaticSnapshot = TRUE").count, 1);
    assert_answer(request_state(PLAIN_VM, 3), 4096, 0);
    assert_int_equal(count_checkpoints(PLAIN_VM), 1);
    rest(PLAIN_VM); /* its disk is merged */
    assert_int_equal(rows_of(parents).count, 1);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    assert_int_equal(count_checkpoints(RENDER_VM), 0); /* they are off for it */
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_contact),
        TEST(test_booting),
        TEST(test_disabled),
        TEST(test_shutdown_takes_minutes),
        TEST(test_shutdown_unseen),
        TEST(test_shutdown_refused),
        TEST(test_shutdown_hangs),
        TEST(test_saved),
        TEST(test_start_memory),
        TEST(test_start_mmio),
        TEST(test_start_refused),
        TEST(test_automatic_checkpoint_blocks_gpu),
        TEST(test_automatic_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
