/* SPDX-License-Identifier: MIT */
/* The text of a state file: what is written is read back; what is wrong is refused, with the place. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static const char *write_host(void)
{
    Error err;
    const char *text = NULL;
    size_t size = 0;
    if (!sim_host_write(sample.host, &sample.arena, &text, &size, &err))
        fail_msg("%s", err.message);
    assert_int_equal(text[size - 1], '\n');
    return arena_strndup(&sample.arena, text, size);
}

static void assert_same_after_reopening(void)
{
    const char *before = write_host();
    reopen_sample();
    assert_string_equal(write_host(), before);
    assert_int_equal(sim_host_changes(sample.host), 0);
}

static void test_round_trip(void **state)
{
    static const char *const variants[] = { "windows10", "server2022+localized", "server2025+no-gpu", "no-hyperv",
                                            "stale+unplugged+no-rights", "outdated-guest", "checkpoints+no-gpu",
                                            "checkpoints+windows10" };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(variants); i++) {
        open_sample(variants[i], "");
        assert_same_after_reopening();
        assert_int_equal(close_sample(NULL), 0);
    }
    open_sample(NULL,
                "\"jobMilliseconds\": 0, \"asyncResources\": true, \"syncSnapshots\": true, \"jobsVanish\": true, "
                "\"jobsFinishAtOnce\": true, \"jobsCompleteWithWarnings\": true, "
                "\"jobWarningsHaveText\": true, \"batch\": \"halfThenFail\", "
                "\"hotGpuChanges\": true, \"gpuMemoryChanges\": true, "
                "\"refuseEncodeLimits\": true, \"checkpointRefusalCode\": 32768, "
                "\"ampersandEntityRefused\": false, \"ignoreSnapshotName\": true, \"gpuSave\": true, "
                "\"devicePolicy\": true, \"noRights\": true, \"german\": true, \"merge\": \"inJob\", "
                "\"mergeMilliseconds\": 5, \"applyWithGpu\": true, \"automaticCheckpoints\": true, "
                "\"automaticBlocksGpu\": true, \"guestCannotQuiesce\": true, \"guestShutdown\": \"hangs\", "
                "\"guestShutdownMilliseconds\": 6, \"shutdownUnseen\": true, \"guestContact\": \"lost\", "
                "\"guestBootMilliseconds\": 7, \"keepsSavedState\": true, \"addressBits\": 63, \"gpuMmio\": 8, "
                "\"gpuAccessDenied\": true, \"gpuHibernation\": true");
    assert_same_after_reopening();
}

/* Jobs on the way and at their end, failures, checkpoints that were applied. */
static void test_round_trip_in_use(void **state)
{
    (void) state;
    open_sample(NULL, "\"asyncResources\": true");
    finish(create_snapshot(MY_VM, ""));
    finish(snapshot_call("ApplySnapshot", "Snapshot", LAB_FIRST));
    CimInstance *settings = new_instance("Msvm_VirtualSystemSettingData");
    set_value(settings, "ElementName", cim_string("a \"name\" with \\ and \n and \x01 and 開"));
    create_snapshot(LAB_VM, text_of(settings));
    request_state(PLAIN_VM, 2);
    const char *texts[] = { text_of(new_adapter(0)), text_of(new_adapter(1)) };
    add_adapters(MY_VM, texts, 2);
    const char *paths[] = { ADAPTER_PATH(MY_VM, MY_RADEON) };
    remove_resources(paths, 1);
    assert_same_after_reopening();
    sample.now_ms += 1000;
    assert_int_equal(count_adapters(MY_VM), 3);
    assert_int_equal(count_checkpoints(LAB_VM), 3);
    assert_same_after_reopening();
}

/* 64-bit integers beyond what JSON readers keep. */
static void test_large_numbers(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *change = change_of("Msvm_GpuPartitionSettingData", "Microsoft:" MY_VM "\\" MY_GEFORCE);
    set_value(change, "MaxPartitionCompute", cim_uint(CIM_TYPE_UINT64, UINT64_MAX));
    const char *text = text_of(change);
    assert_answer(modify_resources(&text, 1), 0, 0);
    assert_non_null(strstr(write_host(), "\"MaxPartitionCompute\": \"18446744073709551615\""));
    reopen_sample();
    assert_true(cim_instance_uint(row_at(ADAPTER_PATH(MY_VM, MY_GEFORCE)), "MaxPartitionCompute", 0) == UINT64_MAX);
}

/* Defaults are left out; a null where the default is a value is kept. */
static void test_defaults(void **state)
{
    (void) state;
    open_sample(NULL, "");
    const char *text = write_host();
    assert_null(strstr(text, "Microsoft:Hyper-V:SubType:1"));
    assert_null(strstr(text, "LowMmioGapSize\": \"128\""));
    assert_non_null(strstr(text, "\"OnTimeInMilliseconds\": null"));
    assert_true(cim_instance_is_null(
        row_at("Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"HV1\""), "OnTimeInMilliseconds"));
}

/* ---- what is refused ---- */

static void refuse(const char *text, size_t size, const char *expected)
{
    Error err = { .code = ERR_NONE };
    SimHost *host = NULL;
    if (sim_host_read(text, size, &host, &err))
        fail_msg("taken: %s", expected);
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_null(host);
    if (strstr(err.message, expected) == NULL)
        fail_msg("'%s' instead of '%s'", err.message, expected);
}

#define HEAD "\"hyperpointSim\": 1, \"name\": \"H\", \"build\": 22631"
#define V2 "root\\\\virtualization\\\\v2"
#define INSTANCES(rows) "{" HEAD ", \"instances\": {\"" V2 "\": [" rows "]}}"
#define VM "{\"class\": \"Msvm_ComputerSystem\", \"Name\": \"" MY_VM "\"}"
#define CONFIGURATION \
    "{\"class\": \"Msvm_VirtualSystemSettingData\", \"InstanceID\": \"Microsoft:" MY_VM "\", " \
    "\"VirtualSystemIdentifier\": \"" MY_VM "\"}"
#define JOBS(rows) "{" HEAD ", \"instances\": {\"" V2 "\": [" VM ", " CONFIGURATION "]}, \"jobs\": [" rows "]}"
#define JOB(type, more)                                                                                                \
    "{\"id\": \"11111111-2222-3333-4444-555555555555\", \"type\": \"" type                                             \
    "\", \"start\": \"20260701140509.000000+000\", "                                                                   \
    "\"due\": \"20260701140510.000000+000\", \"fromState\": 3" more "}"
#define OF_VM ", \"vm\": \"" MY_VM "\""

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "", "line" },
        { "{", "line 1" },
        { "[]", "no JSON object" },
        { "{}", "no simulated host of format 1" },
        { "{\"hyperpointSim\": 2}", "no simulated host of format 1" },
        { "{\"hyperpointSim\": 1, \"build\": 22631, \"instances\": {}}", "'name'" },
        { "{\"hyperpointSim\": 1, \"name\": \"a\\\\b\", \"build\": 22631, \"instances\": {}}", "'name'" },
        { "{\"hyperpointSim\": 1, \"name\": \"H\", \"build\": 7600, \"instances\": {}}", "'build'" },
        { "{\"hyperpointSim\": 1, \"name\": \"H\", \"name\": \"H\", \"build\": 22631}", "duplicate" },
        { "{" HEAD "}", "'instances'" },
        { "{" HEAD ", \"extra\": 1, \"instances\": {}}", "'extra'" },
        { "{" HEAD ", \"instances\": {\"root\\\\other\": []}}", "'root\\other'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": 1}", "'knobs'" },
        { "{" HEAD ", \"instances\": {}, \"server\": 1}", "'server'" },
        { "{" HEAD ", \"instances\": {}, \"variant\": 1}", "'variant'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"noSuchKnob\": true}}", "'noSuchKnob'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"gpuSave\": 1}}", "'gpuSave'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"batch\": \"some\"}}", "'batch'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"jobMilliseconds\": -1}}", "'jobMilliseconds'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"checkpointRefusalCode\": 0}}", "'checkpointRefusalCode'" },
        { "{" HEAD ", \"instances\": {}, \"hiddenAdapters\": [1]}", "'hiddenAdapters'" },
        { "{" HEAD ", \"instances\": {}, \"lastApplied\": {\"x\": \"y\"}}", "'lastApplied'" },
        { "{" HEAD ", \"instances\": {}, \"lastApplied\": []}", "'lastApplied'" },
        { "{" HEAD ", \"instances\": {}, \"disks\": []}", "'disks'" },
        { "{" HEAD ", \"instances\": {}, \"disks\": {\"a.avhdx\": 1}}", "'disks': 'a.avhdx'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"merge\": \"never\"}}", "'merge'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"merge\": 0}}", "'merge'" },
        { "{" HEAD ", \"instances\": {}, \"knobs\": {\"addressBits\": 64}}", "'addressBits'" },
        { "{" HEAD ", \"instances\": {\"" V2 "\": {}}}", "not a list" },
        { INSTANCES("1"), "instance 1 of 'root\\virtualization\\v2'" },
        { INSTANCES("{\"Name\": \"x\"}"), "'class'" },
        { INSTANCES("{\"class\": \"Msvm_NoSuchClass\"}"), "'Msvm_NoSuchClass'" },
        { INSTANCES("{\"class\": \"CIM_ComputerSystem\"}"), "'CIM_ComputerSystem'" },
        { INSTANCES("{\"class\": \"Msvm_SettingsDefineState\"}"), "'Msvm_SettingsDefineState'" },
        { INSTANCES(CONFIGURATION ", {\"class\": \"Msvm_ComputerSystem\", \"Color\": \"red\"}"),
          "instance 2 of 'root\\virtualization\\v2': class 'Msvm_ComputerSystem' has no property 'Color'" },
        { INSTANCES("{\"class\": \"Msvm_PartitionableGpu\", \"Name\": \"x\", \"SupportsIncomingLiveMigration\": true}"),
          "no property 'SupportsIncomingLiveMigration' on build 22631" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"EnabledState\": \"off\"}"),
          "property 'EnabledState' is not a uint16" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"EnabledState\": 65536}"), "'EnabledState'" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"EnabledState\": -1}"), "'EnabledState'" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"EnabledState\": true}"), "'EnabledState'" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"ElementName\": 5}"), "'ElementName'" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"InstallDate\": \"today\"}"), "'InstallDate'" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"OperationalStatus\": 2}"), "a list of uint16" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"OperationalStatus\": [2, null]}"), "a list of uint16" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\", \"OperationalStatus\": [[2]]}"), "a list of uint16" },
        { INSTANCES("{\"class\": \"Msvm_ComputerSystem\"}"), "lacks a key" },
        { INSTANCES(CONFIGURATION ", " CONFIGURATION), "instance 2 of 'root\\virtualization\\v2': lacks a key" },
        { INSTANCES(VM), "VM '" MY_VM "' has no current configuration" },
        { INSTANCES(VM ", {\"class\": \"Msvm_VirtualSystemSettingData\", \"InstanceID\": \"Microsoft:" MY_VM "\"}"),
          "has no current configuration" },
        { JOBS("1"), "job 1" },
        { JOBS("{}"), "job 1" },
        { JOBS(JOB("start", OF_VM) ", " JOB("no-such-type", OF_VM)), "job 2" },
        { JOBS(JOB("start", "")), "job 1" },
        { JOBS(JOB("start", ", \"vm\": \"x\"")), "job 1" },
        { JOBS(JOB("create-snapshot", OF_VM)), "job 1" },
        { JOBS(JOB("create-snapshot", OF_VM ", \"name\": \"n\"")), "job 1" },
        { JOBS(JOB("create-snapshot", OF_VM ", \"name\": \"n\", \"guids\": [\"x\"]")), "job 1" },
        { JOBS(JOB("apply-snapshot", OF_VM)), "job 1" },
        { JOBS(JOB("modify-system", OF_VM ", \"subject\": \"x\"")), "job 1" },
        { JOBS(JOB("add-resources", OF_VM ", \"subject\": \"x\", \"texts\": [\"x\"]")), "job 1" },
        { JOBS(JOB("remove-resources", "")), "job 1" },
        { JOBS(JOB("start", OF_VM ", \"failure\": {\"code\": 0}")), "job 1" },
        { JOBS(JOB("start", OF_VM ", \"failure\": {\"code\": 1, \"layers\": [\"\",\"\",\"\",\"\",\"\"]}")), "job 1" },
        { JOBS(JOB("start", OF_VM ", \"affected\": [{}]")), "job 1" },
        { JOBS(JOB("start", OF_VM ", \"end\": \"later\"")), "job 1" },
    };
    (void) state;
    open_sample("", "");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        refuse(rows[i].text, strlen(rows[i].text), rows[i].expected);
}

/* The smallest good ones, which the refusals above differ from in one thing each. */
static void test_smallest(void **state)
{
    static const char *const texts[] = {
        "{" HEAD ", \"instances\": {}}",
        INSTANCES(""),
        INSTANCES(VM ", " CONFIGURATION),
        INSTANCES(
            "{\"class\": \"Msvm_PartitionableGpu\", \"Name\": \"x\", \"TotalVRAM\": 5, \"PartitionCount\": \"7\"}"),
        JOBS(JOB("start", OF_VM)),
        JOBS(JOB("create-snapshot", OF_VM ", \"name\": \"n\", \"guids\": [\"" PLAIN_VM "\"]")),
        JOBS(JOB("apply-snapshot", OF_VM ", \"subject\": \"x\"")),
        JOBS(JOB("remove-resources", ", \"texts\": [\"x\"]")),
        JOBS(JOB("start", OF_VM ", \"failure\": {\"code\": 1, \"layers\": [\"\"]}, \"affected\": [{\"path\": \"x\", "
                                "\"effect\": 1}], \"end\": \"20260701140510.000000+000\"")),
    };
    (void) state;
    open_sample("", "");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        Error err;
        SimHost *host = NULL;
        CimInstanceList list = { .items = NULL };
        if (!sim_host_read(texts[i], strlen(texts[i]), &host, &err))
            fail_msg("%s: %s", texts[i], err.message);
        assert_true(sim_host_query(host, sample.now_ms + 1000, "root\\cimv2", "SELECT * FROM Win32_PnPEntity",
                                   &sample.arena, &list, &err)); /* ends the job */
        sim_host_destroy(host);
    }
}

/* Cut off anywhere it is no host. */
static void test_truncated(void **state)
{
    (void) state;
    open_sample("", "");
    const char *text = write_host();
    size_t length = strlen(text) - 2; /* the closing brace and the newline */
    for (size_t size = 0; size <= length; size += size < 200 ? 1 : 97)
        refuse(text, size, "line");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip), TEST(test_round_trip_in_use), TEST(test_large_numbers), TEST(test_defaults),
        TEST(test_refusals),   TEST(test_smallest),          TEST(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
