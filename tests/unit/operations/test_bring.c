/* SPDX-License-Identifier: MIT */
/* update-drivers -BRING against a simulated host whose guest is a folder: what is brought, what is refused before
 * anything is made, and that nothing stays open, whichever call fails. */
#include "operations/bring.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "cim/sim/sim_session.h"
#include "operations/recover.h"
#include "platform/fs.h"
#include "support/fault_session.h"
#include "support/guest_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define PROGRAM "MZ, the program"

static Error err;
static UpdateReport report;

static void open_stage(const char *knobs)
{
    stage_open(knobs, NULL);
    assert_true(fs_replace_file(stage_path(BRING_PROGRAM), PROGRAM, strlen(PROGRAM), FS_SHARED, &err));
}

static bool bring(const char *vm_name, bool only_look)
{
    UpdateRequest request = stage_request(false);
    Vm vm;
    request.only_look = only_look;
    err = (Error){ .code = ERR_NONE };
    report = (UpdateReport){ .vm_name = NULL };
    if (!sim_files_open(stage_path("sim.json"), &request.files, &err))
        fail_msg("%s", err.message);
    bool ok = vm_find(&stage.host, vm_name, &stage.arena, &vm, &err) &&
              bring_vm(&stage.host, &vm, &request, stage_path(BRING_PROGRAM), &stage.arena, &report, &err);
    host_files_close(request.files);
    return ok;
}

/* NULL: there is none. */
static const char *brought(const char *name)
{
    char *text;
    size_t size;
    Error none;
    const char *folder = strstr(report.folder, "HyperPoint-");
    const char *path = stage_path(arena_printf(&stage.arena, "guest/Windows/Temp/%s/%s", folder, name));
    return fs_read_file(path, LIMIT_STATE_FILE_BYTES, &stage.arena, &text, &size, &none) ? text : NULL;
}

static void test_bring(void **state)
{
    (void) state;
    open_stage("");
    if (!bring("render", false))
        fail_msg("%s", err.message);
    assert_int_equal(report.ending, ENDING_DONE);
    assert_int_equal(report.drivers.count, 1);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_BROUGHT);
    assert_string_equal(brought(BRING_PROGRAM), PROGRAM);
    const char *zip = arena_printf(&stage.arena, "hostdrivers/%s.zip", report.drivers.items[0].name);
    assert_memory_equal(brought(zip), "PK", 2);
    stage_check_closed();
    const char *first = report.folder;
    assert_true(bring("render", false));
    assert_string_not_equal(first, report.folder);
}

static void test_only_looks(void **state)
{
    (void) state;
    open_stage("");
    assert_true(bring("render", true));
    assert_int_equal(report.ending, ENDING_PLANNED);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_PLANNED);
    assert_false(fs_exists(stage_path("cache")));
    stage_check_closed();
}

/* Before a package is made, which may take a minute. */
static void test_refused(void **state)
{
    (void) state;
    static const struct {
        const char *vm, *text;
        ErrorCode code;
        bool has_program;
    } rows[] = {
        { "my vm", "is off, not running", ERR_STATE, true },
        { "render", "the program to bring is not there: '", ERR_NOT_FOUND, false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_stage("");
        if (!rows[i].has_program)
            assert_true(fs_remove_file(stage_path(BRING_PROGRAM), &err));
        for (int only_look = 0; only_look <= 1; only_look++) {
            assert_false(bring(rows[i].vm, only_look != 0));
            assert_int_equal(err.code, rows[i].code);
            assert_non_null(strstr(err.message, rows[i].text));
            assert_int_equal(report.ending, ENDING_REFUSED);
            assert_false(fs_exists(stage_path("cache")));
        }
        stage_check_closed();
        assert_int_equal(stage_close(NULL), 0);
    }
}

static void test_put_back(void **state)
{
    (void) state;
    static const struct {
        const char *knobs;
        ErrorCode code;
    } rows[] = {
        { "\"guestCopy\": \"diskFull\"", ERR_NO_SPACE },
        { "\"guestContact\": \"none\"", ERR_TIMEOUT },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_stage(rows[i].knobs);
        assert_false(bring("render", false));
        assert_int_equal(err.code, rows[i].code);
        assert_int_equal(report.ending, ENDING_PUT_BACK);
        stage_check_closed();
        assert_int_equal(stage_close(NULL), 0);
    }
}

/* ---- calls fail ---- */

static void recover_if_needed(const char *what)
{
    Error failure = { .code = ERR_NONE };
    RecoveryReport recovery;
    RecoveryRequest request = { .only_look = false };
    if (!stage_has_journal())
        return;
    if (!recover_vm(&stage.host, "render", &request, &stage.arena, &recovery, &failure))
        fail_msg("recovery after %s: %s", what, failure.message);
}

/* *ret_calls: how many there were. True: it hit. */
static bool run_with_fault(FaultKind kind, FaultSpan span, size_t at, size_t *ret_calls)
{
    FaultScript script = {
        .faults = { { .kind = kind, .at = at, .span = span } }, .count = 1, .cancel = &stage.cancel
    };
    open_stage("");
    CimSession *direct = stage.host.session;
    stage.host.session = fault_session_wrap(direct, &script);
    bool ok = bring("render", false);
    cim_session_close(stage.host.session);
    stage.host.session = direct;
    cancel_reset(&stage.cancel);
    const char *what = arena_printf(&stage.arena, "'%s' at call %zu", fault_rows[kind].name, at);
    if (!ok && report.ending != ENDING_UNFINISHED && stage_has_journal())
        fail_msg("after %s: a journal stands, and nobody says so", what);
    if (ok && brought(BRING_PROGRAM) == NULL)
        fail_msg("after %s: it is told that all was brought", what);
    recover_if_needed(what);
    stage_check_closed();
    assert_int_equal(stage_close(NULL), 0);
    *ret_calls = script.calls;
    return script.hits > 0;
}

static void test_calls_fail(void **state)
{
    (void) state;
    static const struct {
        FaultKind kind;
        FaultSpan span;
    } rows[] = {
        { FAULT_REFUSED, FAULT_ONCE },      { FAULT_UNREACHABLE, FAULT_FROM_THERE_ON },
        { FAULT_LOST_DONE, FAULT_ONCE },    { FAULT_LOST_NOT_DONE, FAULT_ONCE },
        { FAULT_JOB_FAILS, FAULT_ONCE },    { FAULT_CANCEL, FAULT_ONCE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t hits = 0, calls = 1;
        for (size_t at = 1 + i; at <= calls || at == 1 + i; at += STRIDE)
            hits += run_with_fault(rows[i].kind, rows[i].span, at, &calls);
        assert_true(hits > 0 || STRIDE > 1);
    }
}

#define TEST(function) cmocka_unit_test_teardown(function, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bring),    TEST(test_only_looks), TEST(test_refused),
        TEST(test_put_back), TEST(test_calls_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
