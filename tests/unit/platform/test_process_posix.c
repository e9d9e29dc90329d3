/* SPDX-License-Identifier: MIT */
/* Folders of the XDG Base Directory Specification, and signals. */
#include "platform/process.h"

#include "base/compiler.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>

static void test_state_folder(void **state)
{
    (void) state;
    static const struct {
        const char *xdg, *home;
        const char *expected; /* NULL: an error */
    } cases[] = {
        { "/x/state", "/home/u", "/x/state/hyperpoint" },
        { "", "/home/u", "/home/u/.local/state/hyperpoint" },
        { "relative", "/home/u", "/home/u/.local/state/hyperpoint" },
        { "", "/", "/.local/state/hyperpoint" },
        { "", "relative", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        Error err;
        const char *folder;
        system_set_environment("XDG_STATE_HOME", cases[i].xdg);
        system_set_environment("HOME", cases[i].home);
        bool ok = process_state_folder(i % 2 == 0, &arena, &folder, &err);
        assert_int_equal(ok, cases[i].expected != NULL);
        if (ok)
            assert_string_equal(folder, cases[i].expected);
        else
            assert_int_equal(err.code, ERR_NOT_FOUND);
        arena_release(&arena);
    }
}

static void test_cancel(void **state)
{
    (void) state;
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        Cancel *cancel = process_cancel_on_interrupt();
        assert_false(cancel_is_requested(cancel));
        assert_int_equal(raise(signals[i]), 0);
        assert_true(cancel_is_requested(cancel));
        assert_int_equal(raise(SIGINT), 0);
        assert_true(cancel_is_requested(cancel));
        cancel_reset(cancel);
    }
    assert_int_equal(raise(SIGPIPE), 0);
}

/* nohup: a signal that was ignored at the start stays so. */
static void test_cancel_ignored(void **state)
{
    (void) state;
    assert_true(signal(SIGHUP, SIG_IGN) != SIG_ERR);
    Cancel *cancel = process_cancel_on_interrupt();
    assert_int_equal(raise(SIGHUP), 0);
    assert_false(cancel_is_requested(cancel));
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(cancel_is_requested(cancel));
    cancel_reset(cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_folder),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
