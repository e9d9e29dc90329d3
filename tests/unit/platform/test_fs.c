/* SPDX-License-Identifier: MIT */
/* Files on every platform: contents, every step failing in turn, and locks between processes. */
#include "platform/fs.h"

#include "base/compiler.h"
#include "platform/process.h"
#include "support/fixture.h"
#include "support/system.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* The step that fails, counted from 1; 0: none. */
static int failing_step;
static int steps_taken;
static void (*before_lock)(const char *path);

int fs_fault_point(FsStep step, const char *path)
{
    if (step == FS_STEP_LOCK && before_lock != NULL)
        before_lock(path);
    return ++steps_taken == failing_step ? EIO : 0;
}

static int tear_down(void **state)
{
    failing_step = 0;
    return fixture_tear_down(state);
}

static size_t count_names(Fixture *fixture)
{
    StringList names;
    assert_true(fs_list_folder(fixture->folder, &fixture->arena, &names, &fixture->err));
    return names.count;
}

static void test_read(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    char *data;
    size_t size;
    assert_true(fs_replace_file(path, "a\0b", 3, FS_SHARED, &fixture->err));
    assert_true(fs_read_file(path, 3, &fixture->arena, &data, &size, &fixture->err));
    assert_int_equal(size, 3);
    assert_memory_equal(data, "a\0b", 4);
    data = NULL;
    assert_false(fs_read_file(path, 2, &fixture->arena, &data, &size, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_null(data);
    assert_false(fs_read_file(in_folder(fixture, "none"), 9, &fixture->arena, &data, &size, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(fs_read_file(fixture->folder, 9, &fixture->arena, &data, &size, &fixture->err));
}

static void test_replace(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_replace_file(path, "one", 3, FS_SHARED, &fixture->err));
    assert_string_equal(content(fixture, path), "one");
    assert_true(fs_replace_file(path, "", 0, FS_SHARED, &fixture->err));
    assert_string_equal(content(fixture, path), "");
    assert_true(fs_replace_file(path, "secret", 6, FS_PRIVATE, &fixture->err));
    assert_string_equal(content(fixture, path), "secret");
    assert_int_equal(count_names(fixture), 1);
    assert_false(fs_replace_file(in_folder(fixture, "no/file"), "x", 1, FS_SHARED, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(fs_replace_file(fixture->folder, "x", 1, FS_SHARED, &fixture->err));
    assert_int_equal(count_names(fixture), 1);
}

/* Whichever step fails, the old or the new content is there and nothing else. */
static void test_replace_fails(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_replace_file(path, "old", 3, FS_SHARED, &fixture->err));
    for (failing_step = 1;; failing_step++) {
        steps_taken = 0;
        bool ok = fs_replace_file(path, "new", 3, FS_SHARED, &fixture->err);
        assert_int_equal(count_names(fixture), 1);
        if (ok)
            break;
        assert_int_equal(fixture->err.code, ERR_IO);
        assert_int_equal(fixture->err.native, EIO);
        assert_string_equal(content(fixture, path), failing_step < 5 ? "old" : "new");
    }
    assert_int_equal(failing_step, 6); /* open, write, flush, rename, flush the folder */
    assert_string_equal(content(fixture, path), "new");
}

static void test_remove(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_remove_file(path, &fixture->err));
    assert_true(fs_append_file(path, "x", &fixture->err));
    steps_taken = 0;
    failing_step = 1;
    assert_false(fs_remove_file(path, &fixture->err));
    assert_true(fs_exists(path));
    failing_step = 3;
    assert_false(fs_remove_file(path, &fixture->err));
    assert_false(fs_exists(path));
    failing_step = 0;
    assert_false(fs_remove_file(fixture->folder, &fixture->err));
}

static void test_append(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_append_file(path, "one\n", &fixture->err));
    assert_true(fs_append_file(path, "", &fixture->err));
    assert_true(fs_append_file(path, "two\n", &fixture->err));
    assert_string_equal(content(fixture, path), "one\ntwo\n");
    for (failing_step = 1; failing_step <= 2; failing_step++) {
        steps_taken = 0;
        assert_false(fs_append_file(path, "three\n", &fixture->err));
    }
    assert_string_equal(content(fixture, path), "one\ntwo\n");
}

static void test_make_folders(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "a/b//c/");
    assert_true(fs_make_folders(path, FS_PRIVATE, &fixture->err));
    assert_true(fs_exists(path));
    assert_true(fs_make_folders(path, FS_SHARED, &fixture->err));
    assert_true(fs_make_folders("/", FS_SHARED, &fixture->err));
    path = in_folder(fixture, "a/b/d");
    steps_taken = 0;
    failing_step = 1;
    assert_false(fs_make_folders(path, FS_SHARED, &fixture->err));
    assert_false(fs_exists(path));
    failing_step = 0;
    const char *file = in_folder(fixture, "a/b/file");
    assert_true(fs_append_file(file, "", &fixture->err));
    assert_false(fs_make_folders(file, FS_SHARED, &fixture->err));
    assert_false(fs_make_folders(in_folder(fixture, "a/b/file/x"), FS_SHARED, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
}

static void test_list(void **state)
{
    Fixture *fixture = *state;
    static const char *const names[] = { "b", "a", "\xC3\xBC", "C", ".x" };
    static const char *const sorted[] = { ".x", "C", "a", "b", "\xC3\xBC" };
    StringList found = { .count = 7 };
    assert_int_equal(count_names(fixture), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(fs_append_file(in_folder(fixture, names[i]), "", &fixture->err));
    assert_true(fs_list_folder(fixture->folder, &fixture->arena, &found, &fixture->err));
    assert_int_equal(found.count, COUNT_OF(sorted));
    for (size_t i = 0; i < COUNT_OF(sorted); i++)
        assert_string_equal(found.items[i], sorted[i]);
    assert_false(fs_list_folder(in_folder(fixture, "none"), &fixture->arena, &found, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(fs_list_folder(in_folder(fixture, "a"), &fixture->arena, &found, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_true(fs_list_folder_upto(fixture->folder, COUNT_OF(names), &fixture->arena, &found, &fixture->err));
    assert_int_equal(found.count, COUNT_OF(names));
    found.count = 7;
    assert_false(fs_list_folder_upto(fixture->folder, COUNT_OF(names) - 1, &fixture->arena, &found, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_non_null(strstr(fixture->err.message, "more than 4 things are in"));
    assert_int_equal(found.count, 7);
}

static void test_canonical(void **state)
{
    Fixture *fixture = *state;
    const char *path = "untouched";
    assert_true(fs_append_file(in_folder(fixture, "file"), "", &fixture->err));
    static const struct {
        const char *path;
        const char *expected; /* NULL: an error */
    } cases[] = {
        { "file", "file" }, { ".//./file", "file" }, { "new", "new" },
        { "new/", "new" },  { "none/new", NULL },    { "file/new", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool ok = fs_canonical_path(in_folder(fixture, cases[i].path), &fixture->arena, &path, &fixture->err);
        assert_int_equal(ok, cases[i].expected != NULL);
        if (ok)
            assert_string_equal(path, in_folder(fixture, cases[i].expected));
    }
    assert_false(fs_canonical_path("", &fixture->arena, &path, &fixture->err));
}

static void test_stamp(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    FsStamp none = fs_stamp(path), zero = { 0 };
    assert_true(fs_stamp_equals(&none, &zero));
    assert_true(fs_append_file(path, "a", &fixture->err));
    FsStamp first = fs_stamp(path), again = fs_stamp(path);
    assert_false(fs_stamp_equals(&first, &zero));
    assert_true(fs_stamp_equals(&first, &again));
    assert_true(fs_replace_file(path, "b", 1, FS_SHARED, &fixture->err));
    FsStamp replaced = fs_stamp(path);
    assert_false(fs_stamp_equals(&first, &replaced));
    assert_true(fs_append_file(path, "c", &fixture->err));
    FsStamp longer = fs_stamp(path);
    assert_false(fs_stamp_equals(&replaced, &longer));
}

static bool try_lock(const char *path, FsLock **ret_lock)
{
    Error err;
    bool ok = fs_lock(path, FS_PRIVATE, ret_lock, &err);
    if (!ok)
        assert_int_equal(err.code, ERR_BUSY);
    return ok;
}

/* Locks the file, says so, and holds the lock until it is killed. */
static int play_holder(const char *path)
{
    FsLock *lock = NULL;
    child_say(try_lock(path, &lock) ? 'y' : 'n');
    child_hold();
    return 1;
}

static const ChildRole roles[] = { { "holder", play_holder }, { NULL, NULL } };

static Child *start_holder(const char *path)
{
    Child *child = child_start(&roles[0], path);
    assert_int_equal(child_hear(child), 'y');
    return child;
}

static void test_lock(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock = NULL, *second = NULL;
    assert_true(try_lock(path, &lock));
    assert_false(try_lock(path, &second));
    assert_null(second);
    assert_true(fs_lock_write(lock, "process 12345\n", &fixture->err));
    assert_true(fs_lock_write(lock, "me\n", &fixture->err));
    assert_string_equal(content(fixture, path), "me\n");
    fs_unlock(lock);
    fs_unlock(NULL);
    assert_true(fs_exists(path));
    /* A killed process leaves no lock. */
    Child *child = start_holder(path);
    assert_false(try_lock(path, &lock));
    child_kill(child);
    assert_true(try_lock(path, &lock));
    fs_unlock(lock);
    steps_taken = 0;
    failing_step = 2;
    assert_false(fs_lock(path, FS_PRIVATE, &lock, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    failing_step = 0;
    assert_false(fs_lock(in_folder(fixture, "no/lock"), FS_PRIVATE, &lock, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
}

static void test_lock_shared(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *first = NULL, *second = NULL, *alone = NULL;
    Cancel cancel = { .parent = NULL };
    assert_true(fs_lock_shared(path, FS_PRIVATE, NULL, &first, &fixture->err));
    assert_true(fs_lock_shared(path, FS_PRIVATE, NULL, &second, &fixture->err));
    fs_unlock(first);
    assert_false(try_lock(path, &alone));
    fs_unlock(second);
    assert_true(try_lock(path, &alone));
    cancel_request(&cancel);
    assert_false(fs_lock_shared(path, FS_PRIVATE, &cancel, &first, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    fs_unlock(alone);
}

static Child *holder;

static void kill_holder_at_third_try(const char *path)
{
    (void) path;
    if (steps_taken == 3)
        child_kill(holder);
}

static void test_lock_wait(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock = NULL;
    holder = start_holder(path);
    Cancel cancel = { .parent = NULL };
    cancel_request(&cancel);
    assert_false(fs_lock_wait(path, FS_PRIVATE, &cancel, &lock, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    steps_taken = 0;
    before_lock = kill_holder_at_third_try;
    assert_true(fs_lock_wait(path, FS_PRIVATE, NULL, &lock, &fixture->err));
    before_lock = NULL;
    assert_true(steps_taken >= 3);
    fs_unlock(lock);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, tear_down)

int main(int argc, char **argv)
{
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        TEST(test_read),   TEST(test_replace),      TEST(test_replace_fails), TEST(test_remove),
        TEST(test_append), TEST(test_make_folders), TEST(test_list),          TEST(test_canonical),
        TEST(test_stamp),  TEST(test_lock),         TEST(test_lock_shared),   TEST(test_lock_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
