/* SPDX-License-Identifier: MIT */
/* Sessions on a state file: made, shared, locked, damaged, not writable. */
#include "cim/cimxml.h"
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "support/test_clock.h"
#include "unit/sim/sim_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define STATE_FILE "test_sim_session.json"

static TestClock test_clock;
static Arena arena;

/* ---- faults ---- */

static int fault; /* errno; 0: none */
static FsStep fault_step;
static unsigned fault_after; /* that many such steps pass before it */

/* Somebody without the lock, such as an editor: replaces the file with this text right after the session has. */
static const char *text_of_editor;
static bool was_renamed;

static void play_editor(FsStep step)
{
    const char *text = text_of_editor;
    Error err;
    if (text != NULL && was_renamed) {
        text_of_editor = NULL;
        if (!fs_replace_file(STATE_FILE, text, strlen(text), FS_SHARED, &err))
            fail_msg("%s", err.message);
    }
    was_renamed = step == FS_STEP_RENAME;
}

int fs_fault_point(FsStep step, const char *path)
{
    (void) path;
    play_editor(step);
    if (fault == 0 || step != fault_step)
        return 0;
    if (fault_after > 0) {
        fault_after--;
        return 0;
    }
    return fault;
}

static void set_fault(int error, FsStep step)
{
    fault = error;
    fault_step = step;
    fault_after = 0;
}

/* ---- fixture ---- */

static void remove_file(const char *path)
{
    Error err;
    if (!fs_remove_file(path, &err))
        fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    (void) state;
    test_clock_init(&test_clock);
    set_fault(0, FS_STEP_OPEN);
    remove_file(STATE_FILE);
    return 0;
}

static int clean_up(void **state)
{
    (void) state;
    set_fault(0, FS_STEP_OPEN);
    arena_release(&arena);
    remove_file(STATE_FILE);
    remove_file(STATE_FILE ".lock");
    return 0;
}

static CimSession *open_session(const char *variant)
{
    Error err;
    CimSession *session = NULL;
    if (!sim_session_open(STATE_FILE, variant, &test_clock.clock, &session, &err))
        fail_msg("%s", err.message);
    return session;
}

static const char *read_file(void)
{
    Error err;
    char *text;
    size_t size;
    if (!fs_read_file(STATE_FILE, 1 << 24, &arena, &text, &size, &err))
        fail_msg("%s", err.message);
    return text;
}

static void write_file(const char *text)
{
    Error err;
    if (!fs_replace_file(STATE_FILE, text, strlen(text), FS_SHARED, &err))
        fail_msg("%s", err.message);
}

static bool get_vm(CimSession *session, const char *path, CimInstance **ret_vm, Error *err)
{
    return cim_session_get(session, NS_VIRTUALIZATION, path, &arena, ret_vm, err);
}

static const char *name_of(CimSession *session, const char *path)
{
    Error err;
    CimInstance *vm = NULL;
    if (!get_vm(session, path, &vm, &err))
        fail_msg("%s", err.message);
    return cim_instance_text(vm, "ElementName");
}

static const char management[] =
    "Msvm_VirtualSystemManagementService.CreationClassName=\"Msvm_VirtualSystemManagementService\","
    "Name=\"vmms\",SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"HV1\"";

static bool rename_vm(CimSession *session, const char *name, Error *err)
{
    CimInstance *settings = cim_instance_create(&arena, "Msvm_VirtualSystemSettingData"), *out;
    CimInstance *in = cim_instance_create(&arena, "__PARAMETERS");
    cim_instance_set(settings, &arena, "InstanceID", cim_string("Microsoft:" MY_VM));
    cim_instance_set(settings, &arena, "ElementName", cim_string(name));
    cim_instance_set(in, &arena, "SystemSettings", cim_embedded(settings));
    if (!cim_session_invoke(session, NS_VIRTUALIZATION, management, "ModifySystemSettings", in, &arena, &out, err))
        return false;
    assert_int_equal(cim_instance_uint(out, "ReturnValue", 99), 0);
    return true;
}

static void rename_vm_well(CimSession *session, const char *name)
{
    Error err;
    if (!rename_vm(session, name, &err))
        fail_msg("%s", err.message);
}

static void start_vm(CimSession *session)
{
    Error err;
    CimInstance *in = cim_instance_create(&arena, "__PARAMETERS"), *out;
    cim_instance_set(in, &arena, "RequestedState", cim_uint(CIM_TYPE_UINT16, 2));
    if (!cim_session_invoke(session, NS_VIRTUALIZATION, SYSTEM_PATH(PLAIN_VM), "RequestStateChange", in, &arena, &out,
                            &err))
        fail_msg("%s", err.message);
    assert_int_equal(cim_instance_uint(out, "ReturnValue", 99), 4096);
}

static uint64_t plain_vm_state(CimSession *session)
{
    Error err;
    CimInstance *vm = NULL;
    if (!get_vm(session, SYSTEM_PATH(PLAIN_VM), &vm, &err))
        fail_msg("%s", err.message);
    return cim_instance_uint(vm, "EnabledState", 0);
}

/* ---- tests ---- */

static void test_made_by_the_first(void **state)
{
    (void) state;
    assert_false(fs_exists(STATE_FILE));
    CimSession *session = open_session("server2022");
    assert_true(fs_exists(STATE_FILE));
    assert_non_null(strstr(read_file(), "\"variant\": \"server2022\""));
    assert_non_null(strstr(session->host, STATE_FILE));
    cim_session_close(session);
    session = open_session("windows10"); /* it keeps what it has */
    assert_non_null(strstr(read_file(), "\"variant\": \"server2022\""));
    cim_session_close(session);
}

/* The session never takes somebody else's file for the one it wrote. */
static void test_replaced_while_being_written(void **state)
{
    (void) state;
    CimSession *session = open_session(NULL);
    rename_vm_well(session, "edited");
    text_of_editor = read_file();
    rename_vm_well(session, "written");
    assert_null(text_of_editor);
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "edited");
    cim_session_close(session);
}

/* A file that vanishes is made again. */
static void test_made_again(void **state)
{
    (void) state;
    CimSession *session = open_session(NULL);
    rename_vm_well(session, "renamed");
    remove_file(STATE_FILE);
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "my vm");
    cim_session_close(session);
}

static void test_in_memory(void **state)
{
    (void) state;
    Error err;
    CimSession *a = NULL, *b = NULL;
    assert_true(sim_session_open("", NULL, &test_clock.clock, &a, &err));
    assert_true(sim_session_open(NULL, "no-gpu", &test_clock.clock, &b, &err));
    rename_vm_well(a, "renamed");
    assert_string_equal(name_of(a, SYSTEM_PATH(MY_VM)), "renamed");
    assert_string_equal(name_of(b, SYSTEM_PATH(MY_VM)), "my vm");
    cim_session_close(a);
    cim_session_close(b);
}

/* The memory of a long session is given back now and then; nothing may be lost by that. */
static void test_many_changes(void **state)
{
    (void) state;
    Error err;
    CimSession *session = NULL;
    assert_true(sim_session_open("", NULL, &test_clock.clock, &session, &err));
    start_vm(session);
    for (int i = 0; i < 5000; i++) {
        Arena keep = arena;
        arena = (Arena) ARENA_INIT;
        rename_vm_well(session, i % 2 == 0 ? "even" : "odd");
        arena_release(&arena);
        arena = keep;
    }
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "odd");
    assert_int_equal(plain_vm_state(session), 10);
    test_clock_advance(&test_clock, 1000);
    assert_int_equal(plain_vm_state(session), 2);
    cim_session_close(session);
}

static void test_shared(void **state)
{
    (void) state;
    CimSession *a = open_session(NULL), *b = open_session(NULL);
    rename_vm_well(a, "from a");
    assert_string_equal(name_of(b, SYSTEM_PATH(MY_VM)), "from a");
    rename_vm_well(b, "from b");
    assert_string_equal(name_of(a, SYSTEM_PATH(MY_VM)), "from b");
    /* A job that one began is ended by the other. */
    start_vm(a);
    assert_int_equal(plain_vm_state(b), 10);
    test_clock_advance(&test_clock, 1000);
    assert_int_equal(plain_vm_state(b), 2);
    assert_non_null(strstr(read_file(), "\"end\""));
    assert_int_equal(plain_vm_state(a), 2);
    cim_session_close(a);
    cim_session_close(b);
}

/* Reading, and refused calls, leave the file alone. */
static void test_written_only_for_changes(void **state)
{
    (void) state;
    Error err;
    CimSession *session = open_session(NULL);
    FsStamp before = fs_stamp(STATE_FILE);
    CimInstance *vm, *out;
    assert_true(get_vm(session, SYSTEM_PATH(MY_VM), &vm, &err));
    assert_false(
        cim_session_invoke(session, NS_VIRTUALIZATION, SYSTEM_PATH(MY_VM), "NoSuchMethod", NULL, &arena, &out, &err));
    assert_true(cim_session_invoke(session, NS_VIRTUALIZATION, SYSTEM_PATH(MY_VM), "RequestStateChange", NULL, &arena,
                                   &out, &err));
    assert_int_equal(cim_instance_uint(out, "ReturnValue", 0), 32775);
    FsStamp after = fs_stamp(STATE_FILE);
    assert_true(fs_stamp_equals(&before, &after));
    rename_vm_well(session, "other");
    after = fs_stamp(STATE_FILE);
    assert_false(fs_stamp_equals(&before, &after));
    cim_session_close(session);
}

/* ---- what goes wrong ---- */

static void assert_not_opened(ErrorCode code, const char *text)
{
    Error err = { .code = ERR_NONE };
    CimSession *session = NULL;
    assert_false(sim_session_open(STATE_FILE, NULL, &test_clock.clock, &session, &err));
    assert_null(session);
    if (err.code != code)
        fail_msg("%s: %s", error_code_name(err.code), err.message);
    if (strstr(err.message, text) == NULL)
        fail_msg("%s", err.message);
}

static void test_damaged_file(void **state)
{
    (void) state;
    Error err;
    CimInstance *vm;
    write_file("{\"hyperpointSim\": 1, \"na");
    assert_not_opened(ERR_PROTOCOL, STATE_FILE);
    assert_string_equal(read_file(), "{\"hyperpointSim\": 1, \"na"); /* left as it was */
    write_file("");
    assert_not_opened(ERR_PROTOCOL, STATE_FILE);
    remove_file(STATE_FILE);
    CimSession *session = open_session(NULL);
    const char *good = read_file();
    write_file("nonsense");
    assert_false(get_vm(session, SYSTEM_PATH(MY_VM), &vm, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_true(strlen(err.hint) > 0);
    write_file(good); /* somebody repairs it: the session goes on */
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "my vm");
    cim_session_close(session);
}

static void test_unknown_variant(void **state)
{
    (void) state;
    Error err;
    CimSession *session = NULL;
    assert_false(sim_session_open(STATE_FILE, "windows7", &test_clock.clock, &session, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.hint, "server2025"));
    assert_false(fs_exists(STATE_FILE));
    assert_false(fs_exists(STATE_FILE ".lock"));
}

static void test_no_folder(void **state)
{
    (void) state;
    Error err;
    CimSession *session = NULL;
    assert_false(sim_session_open("no/such/folder/host.json", NULL, &test_clock.clock, &session, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* What cannot be written has not happened, whichever step fails. */
static void test_disk_full(void **state)
{
    static const FsStep steps[] = { FS_STEP_WRITE, FS_STEP_FLUSH, FS_STEP_RENAME };
    (void) state;
    Error err;
    CimSession *session = open_session(NULL);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const char *before = read_file();
        set_fault(ENOSPC, steps[i]);
        assert_false(rename_vm(session, "renamed", &err));
        assert_int_equal(err.code, ERR_NO_SPACE);
        set_fault(0, FS_STEP_OPEN);
        assert_string_equal(read_file(), before);
        assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "my vm");
    }
    rename_vm_well(session, "renamed");
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "renamed");
    cim_session_close(session);
}

/* The new file is in place already when the flush of the folder fails: nobody can tell whether it stays. */
static void test_flush_of_folder_fails(void **state)
{
    (void) state;
    Error err;
    CimSession *session = open_session(NULL);
    set_fault(EIO, FS_STEP_FLUSH);
    fault_after = 1; /* the flush of the file */
    assert_false(rename_vm(session, "renamed", &err));
    assert_int_equal(err.code, ERR_UNKNOWN_OUTCOME);
    set_fault(0, FS_STEP_OPEN);
    assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "renamed");
    cim_session_close(session);
}

/* Without write access: reading goes on, and sees jobs end; changes are refused and leave nothing behind. */
static void test_read_only(void **state)
{
    static const FsStep steps[] = { FS_STEP_OPEN, FS_STEP_LOCK, FS_STEP_RENAME };
    (void) state;
    Error err;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        CimSession *session = open_session(NULL);
        start_vm(session);
        const char *before = read_file();
        set_fault(EACCES, steps[i]);
        assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "my vm");
        assert_false(rename_vm(session, "renamed", &err));
        assert_int_equal(err.code, ERR_DENIED);
        assert_string_equal(name_of(session, SYSTEM_PATH(MY_VM)), "my vm");
        test_clock_advance(&test_clock, 1000);
        assert_int_equal(plain_vm_state(session), 2);
        assert_int_equal(plain_vm_state(session), 2);
        assert_string_equal(read_file(), before);
        CimSession *other = open_session(NULL);
        assert_int_equal(plain_vm_state(other), 2);
        set_fault(0, FS_STEP_OPEN);
        assert_int_equal(plain_vm_state(session), 2);
        assert_string_not_equal(read_file(), before);
        cim_session_close(session);
        cim_session_close(other);
        remove_file(STATE_FILE);
        set_fault(EACCES, steps[i]);
        assert_not_opened(ERR_DENIED, STATE_FILE); /* cannot be made either */
        set_fault(0, FS_STEP_OPEN);
    }
    cim_session_close(open_session(NULL));
}

/* A reader that cannot write for another reason says so. */
static void test_disk_full_at_the_end_of_a_job(void **state)
{
    (void) state;
    Error err;
    CimInstance *vm;
    CimSession *session = open_session(NULL);
    start_vm(session);
    test_clock_advance(&test_clock, 1000);
    set_fault(ENOSPC, FS_STEP_WRITE);
    assert_false(get_vm(session, SYSTEM_PATH(PLAIN_VM), &vm, &err));
    assert_int_equal(err.code, ERR_NO_SPACE);
    set_fault(0, FS_STEP_OPEN);
    assert_int_equal(plain_vm_state(session), 2);
    cim_session_close(session);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, clean_up)
    const struct CMUnitTest tests[] = {
        TEST(test_made_by_the_first),
        TEST(test_replaced_while_being_written),
        TEST(test_made_again),
        TEST(test_in_memory),
        TEST(test_many_changes),
        TEST(test_shared),
        TEST(test_written_only_for_changes),
        TEST(test_damaged_file),
        TEST(test_unknown_variant),
        TEST(test_no_folder),
        TEST(test_disk_full),
        TEST(test_flush_of_folder_fails),
        TEST(test_read_only),
        TEST(test_disk_full_at_the_end_of_a_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
