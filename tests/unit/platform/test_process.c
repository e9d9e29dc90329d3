/* SPDX-License-Identifier: MIT */
/* The program's folder, names, GUIDs, and what a file is not. */
#include "platform/process.h"

#include "base/compiler.h"
#include "platform/console.h"
#include "platform/fs.h"
#include "platform/random.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_program_folder(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const char *folder, *canonical;
    assert_true(process_program_folder(&arena, &folder, &err));
    bool here = fs_exists(fs_join(&arena, folder, "test_process")) ||
                fs_exists(fs_join(&arena, folder, "test_process.exe"));
    assert_true(here);
    assert_true(fs_canonical_path(folder, &arena, &canonical, &err));
    assert_string_equal(canonical, folder);
    arena_release(&arena);
}

static void test_names(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    assert_true(strlen(process_computer_name(&arena)) > 0);
    assert_true(process_id() > 0);
    system_set_environment("HYPERPOINT_TEST", "x");
    assert_string_equal(process_environment("HYPERPOINT_TEST", &arena), "x");
    system_set_environment("HYPERPOINT_TEST", "");
    assert_null(process_environment("HYPERPOINT_TEST", &arena));
    system_set_environment("HYPERPOINT_TEST", NULL);
    assert_null(process_environment("HYPERPOINT_TEST", &arena));
    arena_release(&arena);
}

static void test_guids(void **state)
{
    (void) state;
    char guids[100][GUID_TEXT_LENGTH + 1];
    for (size_t i = 0; i < COUNT_OF(guids); i++) {
        random_guid(guids[i]);
        assert_true(guid_is_valid(guids[i]));
        assert_int_equal(guids[i][14], '4');
        assert_non_null(strchr("89AB", guids[i][19]));
        assert_null(strpbrk(guids[i], "abcdef"));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(guids[i], guids[j]);
    }
}

static void test_cancel(void **state)
{
    (void) state;
    Cancel *cancel = process_cancel_on_interrupt();
    assert_false(cancel_is_requested(cancel));
    assert_ptr_equal(process_cancel_on_interrupt(), cancel);
}

static void test_console(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    FILE *file = capture_open();
    assert_false(console_is_terminal(file));
    assert_int_equal(console_width(file), 80);
    assert_true(console_write(file, "gr\xC3\xBCn\n", 6));
    assert_true(console_write(file, "", 0));
    assert_string_equal(capture_close(file, &arena), "gr\xC3\xBCn\n");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_folder), cmocka_unit_test(test_names),   cmocka_unit_test(test_guids),
        cmocka_unit_test(test_cancel),         cmocka_unit_test(test_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
