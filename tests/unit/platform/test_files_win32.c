/* SPDX-License-Identifier: MIT */
/* Trees of files where what is open is in the way, and what is loaded can be renamed only. */
#include "platform/files.h"

#include "base/check.h"
#include "base/compiler.h"
#include "platform/error_win32.h"
#include "platform/fs_win32.h"
#include "support/fixture.h"

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

static const char *put(Fixture *fixture, const char *name)
{
    const char *path = in_folder(fixture, name);
    assert_true(fs_append_file(path, name, &fixture->err));
    return path;
}

static FileStatus status_of(Fixture *fixture, const char *path)
{
    FileStatus status;
    assert_true(file_status(path, &status, &fixture->err));
    return status;
}

static HANDLE open_with(Fixture *fixture, const char *path, DWORD sharing)
{
    HANDLE file =
        CreateFileW(native_path(&fixture->arena, path), GENERIC_READ, sharing, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    return file;
}

/* Nobody may move or remove it; reading is another matter. */
static void test_held(void **state)
{
    Fixture *fixture = *state;
    const char *path = put(fixture, "file"), *moved = in_folder(fixture, "moved");
    FileStream *stream;
    HANDLE holder = open_with(fixture, path, FILE_SHARE_READ | FILE_SHARE_WRITE);
    assert_false(file_move(path, moved, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_BUSY);
    assert_int_equal(fixture->err.native, ERROR_SHARING_VIOLATION);
    assert_non_null(strstr(fixture->err.message, path));
    assert_false(file_remove(path, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_BUSY);
    assert_false(file_remove_tree(fixture->folder, &fixture->err));
    assert_true(file_open(path, &stream, &fixture->err));
    file_close(stream);
    assert_true(CloseHandle(holder));
    assert_int_equal(status_of(fixture, moved).kind, FILE_NONE);
    assert_true(file_move(path, moved, &fixture->err));
}

/* Who lets others move it reads on in the file under its new name. */
static void test_shared(void **state)
{
    Fixture *fixture = *state;
    const char *path = put(fixture, "file"), *moved = in_folder(fixture, "moved");
    HANDLE reader = open_with(fixture, path, FILE_SHARE_READ | FILE_SHARE_DELETE);
    char text[8] = "";
    DWORD count;
    assert_true(file_move(path, moved, &fixture->err));
    assert_true(fs_replace_file(path, "new", 3, FS_SHARED, &fixture->err));
    assert_true(ReadFile(reader, text, sizeof(text) - 1, &count, NULL));
    assert_string_equal(text, "file");
    assert_true(CloseHandle(reader));
}

static void copy_program(Fixture *fixture, const char *path)
{
    wchar_t program[MAX_PATH + 1];
    assert_in_range(GetModuleFileNameW(NULL, program, COUNT_OF(program)), 1, MAX_PATH);
    assert_true(CopyFileW(program, native_path(&fixture->arena, path), TRUE));
}

static void test_loaded(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "library.dll"), *moved = in_folder(fixture, "moved.dll");
    copy_program(fixture, path);
    HMODULE library = LoadLibraryW(native_path(&fixture->arena, path));
    assert_non_null(library);
    assert_false(file_remove(path, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_true(file_move(path, moved, &fixture->err));
    copy_program(fixture, path); /* another one takes its place */
    assert_false(file_remove(moved, &fixture->err));
    assert_true(FreeLibrary(library));
    assert_true(file_remove(moved, &fixture->err));
}

static void test_held_for_a_moment(void **state)
{
    Fixture *fixture = *state;
    const char *path = put(fixture, "file"), *moved = in_folder(fixture, "moved");
    for (int i = 0; i < 3; i++) {
        const char *held = i == 2 ? moved : path;
        scanner = open_with(fixture, held, 0);
        FileStream *stream;
        if (i == 0) {
            assert_true(file_open(held, &stream, &fixture->err));
            file_close(stream);
        } else if (i == 1) {
            assert_true(file_move(held, moved, &fixture->err));
        } else {
            assert_true(file_remove(held, &fixture->err));
        }
        assert_ptr_equal(scanner, INVALID_HANDLE_VALUE);
    }
}

/* Files keep that from the disk that they were copied from. */
static void test_read_only(void **state)
{
    Fixture *fixture = *state;
    const char *path = put(fixture, "file"), *moved = in_folder(fixture, "moved");
    assert_true(SetFileAttributesW(native_path(&fixture->arena, path), FILE_ATTRIBUTE_READONLY));
    assert_true(file_move(path, moved, &fixture->err));
    assert_true(file_remove(moved, &fixture->err));
    assert_int_equal(status_of(fixture, moved).kind, FILE_NONE);
}

/* Far beyond MAX_PATH, in every script. */
static void test_long_paths(void **state)
{
    Fixture *fixture = *state;
    static const char *const parts[] = {
        "a folder with quite a long name, so that few of them are needed to leave all old limits behind",
        "\xC3\xBC \xE8\x99\x9A\xE6\x8B\x9F\xE6\x9C\xBA \xF0\x9F\x98\x80",
    };
    const char *folder = fixture->folder;
    for (size_t i = 0; i < 8; i++) {
        folder = fs_join(&fixture->arena, folder, parts[i % COUNT_OF(parts)]);
        assert_true(file_make_folder(folder, &fixture->err));
    }
    assert_true(strlen(folder) > 400);
    const char *path = fs_join(&fixture->arena, folder, "file"), *moved = fs_join(&fixture->arena, folder, "moved");
    FileStream *stream;
    char text[8] = "";
    size_t count;
    assert_true(file_create(path, &stream, &fixture->err) && file_write(stream, "x", 1, &fixture->err));
    assert_true(file_finish(stream, 1723597324, &fixture->err));
    assert_true(file_move(path, moved, &fixture->err));
    assert_int_equal(status_of(fixture, moved).modified_s, 1723597324);
    assert_true(file_open(moved, &stream, &fixture->err));
    assert_true(file_read(stream, text, sizeof(text), &count, &fixture->err));
    file_close(stream);
    assert_string_equal(text, "x");
    uint64_t space;
    assert_true(file_free_space(folder, &space, &fixture->err));
    assert_true(file_remove_tree(in_folder(fixture, parts[0]), &fixture->err));
    assert_int_equal(status_of(fixture, in_folder(fixture, parts[0])).kind, FILE_NONE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_held),      TEST(test_shared),     TEST(test_loaded), TEST(test_held_for_a_moment),
        TEST(test_read_only), TEST(test_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
