/* SPDX-License-Identifier: MIT */
/* Files where paths have two forms, names are UTF-16, and what is open is in the way. */
#include "platform/files.h"

#include "base/check.h"
#include "base/compiler.h"
#include "platform/error_win32.h"
#include "platform/win32.h"
#include "support/fixture.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* Somebody who has a file open, and lets go of it after a first try has failed. */
static HANDLE scanner = INVALID_HANDLE_VALUE;

int fs_fault_point(FsStep step, const char *path)
{
    (void) path;
    if (step == FS_STEP_TRY_AGAIN && scanner != INVALID_HANDLE_VALUE) {
        (void) CloseHandle(scanner); /* only read */
        scanner = INVALID_HANDLE_VALUE;
    }
    return 0;
}

static HANDLE open_with(Fixture *fixture, const char *path, DWORD access, DWORD sharing)
{
    HANDLE file = CreateFileW(wide_from_utf8(&fixture->arena, path), access, sharing, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    return file;
}

static void test_join(void **state)
{
    Fixture *fixture = *state;
    assert_string_equal(fs_join(&fixture->arena, "a", "b"), "a\\b");
    assert_string_equal(fs_join(&fixture->arena, "a/", "b"), "a/b");
    assert_string_equal(fs_join(&fixture->arena, "a\\", "b"), "a\\b");
    assert_string_equal(fs_join(&fixture->arena, "C:\\", "b"), "C:\\b");
    assert_string_equal(fs_join(&fixture->arena, "C:", "b"), "C:b"); /* in the current folder of that drive */
    assert_string_equal(fs_join(&fixture->arena, "", "b"), "b");
}

/* Both slashes, the long form, and another way there are one and the same path. */
static void test_canonical(void **state)
{
    Fixture *fixture = *state;
    const char *expected = in_folder(fixture, "File");
    assert_true(fs_append_file(expected, "x", &fixture->err));
    char *slashes = arena_strdup(&fixture->arena, expected);
    for (char *c = slashes; *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c;
    const char *const ways[] = {
        expected,
        slashes,
        arena_printf(&fixture->arena, "\\\\?\\%s", expected),
        in_folder(fixture, "none\\..\\File"),
        in_folder(fixture, "file"), /* the name as it is on the disk */
        in_folder(fixture, "File\\"),
    };
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const char *path;
        if (!fs_canonical_path(ways[i], &fixture->arena, &path, &fixture->err))
            fail_msg("%s", fixture->err.message);
        assert_string_equal(path, expected);
    }
    wchar_t before[MAX_PATH];
    assert_true(GetCurrentDirectoryW(MAX_PATH, before) > 0);
    assert_true(SetCurrentDirectoryW(wide_from_utf8(&fixture->arena, fixture->folder)));
    const char *path;
    assert_true(fs_canonical_path("new", &fixture->arena, &path, &fixture->err));
    assert_string_equal(path, in_folder(fixture, "new"));
    assert_string_equal(content(fixture, "File"), "x");
    assert_true(SetCurrentDirectoryW(before));
    assert_true(fs_canonical_path("C:\\nonexistent-file", &fixture->arena, &path, &fixture->err));
    assert_string_equal(path, "C:\\nonexistent-file");
}

/* Far beyond MAX_PATH. */
static void test_long_paths(void **state)
{
    Fixture *fixture = *state;
    const char *part = "a folder with quite a long name, so that few of them are needed to leave all old limits behind";
    const char *folder = fixture->folder;
    for (int i = 0; i < 6; i++)
        folder = fs_join(&fixture->arena, folder, part);
    assert_true(strlen(folder) > 500);
    assert_true(fs_make_folders(folder, FS_PRIVATE, &fixture->err));
    const char *path = fs_join(&fixture->arena, folder, "file");
    const char *canonical;
    assert_true(fs_replace_file(path, "one", 3, FS_SHARED, &fixture->err));
    assert_true(fs_replace_file(path, "two", 3, FS_SHARED, &fixture->err));
    assert_true(fs_append_file(path, " three", &fixture->err));
    assert_string_equal(content(fixture, path), "two three");
    assert_true(fs_canonical_path(path, &fixture->arena, &canonical, &fixture->err));
    assert_string_equal(canonical, path);
    FsStamp stamp = fs_stamp(path);
    assert_int_equal(stamp.size, 9);
    StringList names;
    assert_true(fs_list_folder(folder, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 1);
    FsLock *lock;
    assert_true(fs_lock(fs_join(&fixture->arena, folder, "lock"), FS_PRIVATE, &lock, &fixture->err));
    fs_unlock(lock);
    assert_true(fs_remove_file(path, &fixture->err));
    assert_false(fs_exists(path));
}

static void test_names(void **state)
{
    Fixture *fixture = *state;
    static const char *const names[] = {
        "\xC3\xBC ber",
        "\xE8\x99\x9A\xE6\x8B\x9F\xE6\x9C\xBA",
        "\xF0\x9F\x98\x80",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *path = in_folder(fixture, names[i]);
        assert_true(fs_append_file(path, names[i], &fixture->err));
        assert_string_equal(content(fixture, path), names[i]);
        StringList found;
        assert_true(fs_list_folder(fixture->folder, &fixture->arena, &found, &fixture->err));
        assert_int_equal(found.count, 1);
        assert_string_equal(found.items[0], names[i]);
        assert_true(fs_remove_file(path, &fixture->err));
    }
    /* Nothing can be called that: there is no such file, and none can be made. */
    assert_null(content(fixture, in_folder(fixture, "a?b")));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(fs_append_file(in_folder(fixture, "a|b"), "", &fixture->err));
}

/* Somebody who reads is in nobody's way; somebody who lets nobody in is waited for, and then named as the reason. */
static void test_in_use(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_replace_file(path, "old", 3, FS_SHARED, &fixture->err));
    HANDLE other = open_with(fixture, path, GENERIC_READ, 0);
    DWORD start = GetTickCount();
    assert_null(content(fixture, path));
    assert_int_equal(fixture->err.code, ERR_BUSY);
    assert_true(fixture->err.hint[0] != '\0');
    assert_true(GetTickCount() - start >= 1000);
    assert_false(fs_replace_file(path, "new", 3, FS_SHARED, &fixture->err));
    assert_false(fs_remove_file(path, &fixture->err));
    StringList names;
    assert_true(fs_list_folder(fixture->folder, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 1);
    assert_true(CloseHandle(other));
    assert_string_equal(content(fixture, path), "old");
    assert_true(fs_replace_file(path, "new", 3, FS_SHARED, &fixture->err));
}

static int play_idler(const char *argument)
{
    (void) argument;
    child_say('y');
    child_hold();
    return 1;
}

static const ChildRole idler_role = { "idler", play_idler };

static void test_in_use_for_a_moment(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    for (int i = 0; i < 3; i++) {
        assert_true(fs_replace_file(path, "old", 3, FS_SHARED, &fixture->err));
        scanner = open_with(fixture, path, GENERIC_READ, 0);
        if (i == 0)
            assert_string_equal(content(fixture, path), "old");
        else if (i == 1)
            assert_true(fs_replace_file(path, "new", 3, FS_SHARED, &fixture->err));
        else
            assert_true(fs_remove_file(path, &fixture->err));
        assert_ptr_equal(scanner, INVALID_HANDLE_VALUE);
    }
}

static void test_read_only(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(fs_append_file(path, "x", &fixture->err));
    const wchar_t *native = wide_from_utf8(&fixture->arena, path);
    assert_true(SetFileAttributesW(native, FILE_ATTRIBUTE_READONLY));
    HANDLE file = CreateFileW(native, FILE_APPEND_DATA, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        assert_true(CloseHandle(file));
        skip(); /* Wine, started by root, lets everything pass */
    }
    assert_false(fs_append_file(path, "y", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_int_equal(fixture->err.source, ERROR_SOURCE_WIN32);
    assert_int_equal(fixture->err.native, ERROR_ACCESS_DENIED);
    assert_string_equal(content(fixture, path), "x");
}

/* Others can read what the holder has written, and nobody can take the file away. */
static void test_lock_file(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock;
    assert_true(fs_lock(path, FS_PRIVATE, &lock, &fixture->err));
    assert_true(fs_lock_write(lock, "who", &fixture->err));
    HANDLE reader = open_with(fixture, path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
    char text[8];
    DWORD size;
    assert_true(ReadFile(reader, text, sizeof(text), &size, NULL));
    assert_int_equal(size, 3);
    assert_true(CloseHandle(reader));
    assert_false(DeleteFileW(wide_from_utf8(&fixture->arena, path)));
    assert_int_equal(GetLastError(), ERROR_SHARING_VIOLATION);
    fs_unlock(lock);
}

/* Started programs do not have the file open: after it was let go here, it can be removed. */
static void test_lock_not_inherited(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock;
    assert_true(fs_lock(path, FS_PRIVATE, &lock, &fixture->err));
    Child *child = child_start(&idler_role, "");
    assert_int_equal(child_hear(child), 'y');
    fs_unlock(lock);
    assert_true(DeleteFileW(wide_from_utf8(&fixture->arena, path)));
    child_kill(child);
}

/* Nothing is at the other end of the pipe. */
static void test_odd_kinds(void **state)
{
    Fixture *fixture = *state;
    const char *pipe = arena_printf(&fixture->arena, "\\\\.\\pipe\\hyperpoint-%lu", GetCurrentProcessId());
    HANDLE server = CreateNamedPipeW(wide_from_utf8(&fixture->arena, pipe), PIPE_ACCESS_DUPLEX, PIPE_WAIT, 4, 0, 0, 0,
                                     NULL);
    assert_true(server != INVALID_HANDLE_VALUE);
    const struct {
        const char *path, *kind;
    } kinds[] = {
        { pipe, "a device" },
        { arena_printf(&fixture->arena, "\\\\?\\%s", pipe + 4), "a device" },
        { "NUL", "a device" },
        { "CON", "a device" },
        { "\\\\.\\C:", "a device" },
        { fixture->folder, "a folder" },
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const char *path = kinds[i].path;
        char *data;
        size_t size;
        FsLock *lock;
        FileStream *stream;
        for (size_t call = 0; call < 4; call++) {
            fixture->err = (Error){ .code = ERR_NONE };
            bool ok = call == 0   ? fs_read_file(path, 100, &fixture->arena, &data, &size, &fixture->err)
                      : call == 1 ? fs_append_file(path, "x", &fixture->err)
                      : call == 2 ? fs_lock_wait(path, FS_SHARED, NULL, &lock, &fixture->err)
                                  : file_open(path, &stream, &fixture->err);
            if (ok || fixture->err.code != ERR_INVALID || strstr(fixture->err.message, kinds[i].kind) == NULL)
                fail_msg("call %zu of '%s': %s", call, path, ok ? "done" : fixture->err.message);
        }
        assert_false(fs_replace_file(path, "x", 1, FS_SHARED, &fixture->err));
    }
    (void) CloseHandle(server);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(int argc, char **argv)
{
    const ChildRole roles[] = { idler_role, { NULL, NULL } };
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        TEST(test_join),      TEST(test_canonical), TEST(test_long_paths),
        TEST(test_names),     TEST(test_in_use),    TEST(test_in_use_for_a_moment),
        TEST(test_read_only), TEST(test_lock_file), TEST(test_lock_not_inherited),
        TEST(test_odd_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
