/* SPDX-License-Identifier: MIT */
/* Trees of files on every platform: what is there, streams, moves, removals, and steps that fail. */
#include "platform/files.h"

#include "base/compiler.h"
#include "platform/clock.h"
#include "support/fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

enum { NO_STEP = -1 };

/* Every step of this kind fails, on a path with this in it. */
static int failing_step = NO_STEP;
static const char *failing_path = "";

int fs_fault_point(FsStep step, const char *path)
{
    return (int) step == failing_step && strstr(path, failing_path) != NULL ? EIO : 0;
}

static int tear_down(void **state)
{
    failing_step = NO_STEP;
    failing_path = "";
    return fixture_tear_down(state);
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
    if (!file_status(path, &status, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return status;
}

static FileKind kind(Fixture *fixture, const char *name)
{
    return status_of(fixture, in_folder(fixture, name)).kind;
}

static void test_status(void **state)
{
    Fixture *fixture = *state;
    Clock *clock = clock_system();
    int64_t before = clock->now_ms(clock);
    const char *path = put(fixture, "file");
    FileStatus status = status_of(fixture, path);
    FsStamp stamp = fs_stamp(path);
    assert_int_equal(status.kind, FILE_PLAIN);
    assert_int_equal(status.size, 4);
    assert_in_range(status.modified_s, before / 1000 - 1, clock->now_ms(clock) / 1000 + 1);
    assert_true(fs_stamp_equals(&status.stamp, &stamp));
    assert_int_equal(kind(fixture, "none"), FILE_NONE);
    assert_int_equal(kind(fixture, "none/below"), FILE_NONE);
    assert_int_equal(kind(fixture, "file/below"), FILE_NONE);
    assert_int_equal(status_of(fixture, fixture->folder).kind, FILE_FOLDER);
}

static void test_write(void **state)
{
    Fixture *fixture = *state;
    enum { SOME_TIME = 1723597324 };
    const char *path = in_folder(fixture, "file");
    FileStream *stream, *second = NULL;
    assert_true(file_create(path, &stream, &fixture->err));
    assert_true(file_write(stream, "one", 3, &fixture->err));
    assert_true(file_write_at(stream, 5, "zwei", 4, &fixture->err));
    assert_true(file_write(stream, " t", 2, &fixture->err)); /* goes on where it was */
    assert_true(file_write(stream, "", 0, &fixture->err));
    assert_true(file_flush(stream, &fixture->err));
    assert_true(file_finish(stream, SOME_TIME, &fixture->err));
    assert_true(file_flush_all(fixture->folder, &fixture->err));
    assert_string_equal(content(fixture, in_folder(fixture, "file")), "one tzwei");
    assert_int_equal(status_of(fixture, path).modified_s, SOME_TIME);

    assert_false(file_create(path, &second, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_null(second);
    assert_string_equal(content(fixture, in_folder(fixture, "file")), "one tzwei");
    assert_false(file_create(in_folder(fixture, "no/file"), &second, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);

    assert_true(file_create(in_folder(fixture, "empty"), &stream, &fixture->err));
    assert_true(file_finish(stream, 0, &fixture->err));
    FileStatus empty = status_of(fixture, in_folder(fixture, "empty"));
    assert_int_equal(empty.size, 0);
    assert_true(empty.modified_s > SOME_TIME);
}

static void test_read(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    FileStream *stream = NULL;
    char buffer[8];
    size_t count;
    assert_true(fs_replace_file(path,
                                "012345\0"
                                "789",
                                10, FS_SHARED, &fixture->err));
    assert_true(file_open(path, &stream, &fixture->err));
    assert_true(file_read(stream, buffer, 4, &count, &fixture->err));
    assert_int_equal(count, 4);
    assert_true(file_read_at(stream, 6, buffer, 2, &count, &fixture->err)); /* does not move where reading goes on */
    assert_int_equal(count, 2);
    assert_memory_equal(buffer,
                        "\0"
                        "7",
                        2);
    assert_true(file_read(stream, buffer, 8, &count, &fixture->err));
    assert_int_equal(count, 6);
    assert_memory_equal(buffer,
                        "45\0"
                        "789",
                        6);
    assert_true(file_read(stream, buffer, 8, &count, &fixture->err));
    assert_int_equal(count, 0);
    assert_true(file_read_at(stream, UINT64_C(1) << 40, buffer, 8, &count, &fixture->err));
    assert_int_equal(count, 0);
    file_close(stream);
    file_close(NULL);
    stream = NULL;
    assert_false(file_open(in_folder(fixture, "none"), &stream, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_null(stream);
}

static void test_folders(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "a");
    uint64_t bytes = 0;
    assert_true(file_make_folder(path, &fixture->err));
    assert_int_equal(kind(fixture, "a"), FILE_FOLDER);
    assert_false(file_make_folder(path, &fixture->err));
    assert_false(file_make_folder(in_folder(fixture, "no/folder"), &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    (void) put(fixture, "a/file");
    assert_false(file_remove_folder(path, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_true(file_remove(in_folder(fixture, "a/file"), &fixture->err));
    assert_true(file_remove_folder(path, &fixture->err));
    assert_int_equal(kind(fixture, "a"), FILE_NONE);
    assert_true(file_remove_folder(path, &fixture->err));
    assert_true(file_free_space(fixture->folder, &bytes, &fixture->err));
    assert_true(bytes > 0);
    assert_false(file_free_space(in_folder(fixture, "none"), &bytes, &fixture->err));
}

/* What is at the target is never replaced, whatever it is. */
static void test_move(void **state)
{
    Fixture *fixture = *state;
    const char *file = put(fixture, "file"), *other = put(fixture, "other"), *folder = in_folder(fixture, "folder");
    const char *second = in_folder(fixture, "second"), *moved = in_folder(fixture, "folder/moved");
    assert_true(file_make_folder(folder, &fixture->err) && file_make_folder(second, &fixture->err));
    const struct {
        const char *from, *to;
    } refused[] = { { file, other }, { file, folder }, { folder, file }, { folder, second } };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(file_move(refused[i].from, refused[i].to, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_STATE);
    }
    assert_string_equal(content(fixture, in_folder(fixture, "file")), "file");
    assert_string_equal(content(fixture, in_folder(fixture, "other")), "other");
    assert_false(file_move(in_folder(fixture, "none"), in_folder(fixture, "new"), &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);

    FileStream *reader; /* our own readers are in nobody's way */
    assert_true(file_open(file, &reader, &fixture->err));
    assert_true(file_move(file, moved, &fixture->err));
    file_close(reader);
    assert_int_equal(kind(fixture, "file"), FILE_NONE);
    assert_true(file_move(folder, in_folder(fixture, "renamed"), &fixture->err));
    assert_string_equal(content(fixture, in_folder(fixture, "renamed/moved")), "file");
}

static void test_remove(void **state)
{
    Fixture *fixture = *state;
    const char *path = put(fixture, "file");
    assert_true(file_remove(path, &fixture->err));
    assert_int_equal(kind(fixture, "file"), FILE_NONE);
    assert_true(file_remove(path, &fixture->err));
    assert_true(file_remove_tree(path, &fixture->err));
}

/* A file that cannot be removed stays, with the folders above it; the others go all the same. */
static void test_remove_tree(void **state)
{
    Fixture *fixture = *state;
    static const char *const files[] = { "t/1", "t/a/stuck", "t/a/b/3", "t/c/4" };
    assert_true(fs_make_folders(in_folder(fixture, "t/a/b"), FS_SHARED, &fixture->err));
    assert_true(fs_make_folders(in_folder(fixture, "t/c"), FS_SHARED, &fixture->err));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        (void) put(fixture, files[i]);
    failing_step = FS_STEP_REMOVE;
    failing_path = "stuck";
    assert_false(file_remove_tree(in_folder(fixture, "t"), &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_non_null(strstr(fixture->err.message, "stuck"));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_int_equal(kind(fixture, files[i]), i == 1 ? FILE_PLAIN : FILE_NONE);
    failing_step = NO_STEP;
    assert_true(file_remove_tree(in_folder(fixture, "t"), &fixture->err));
    assert_int_equal(kind(fixture, "t"), FILE_NONE);
}

/* A step that fails says so and leaves everything as it was. */
static void test_steps_fail(void **state)
{
    Fixture *fixture = *state;
    const char *file = put(fixture, "file"), *none = in_folder(fixture, "none"), *folder = in_folder(fixture, "folder");
    const char *written = in_folder(fixture, "written");
    FileStream *stream = NULL, *untouched = NULL;
    assert_true(file_make_folder(folder, &fixture->err) && file_create(written, &stream, &fixture->err));
    failing_step = FS_STEP_WRITE;
    assert_false(file_write(stream, "x", 1, &fixture->err));
    assert_false(file_write_at(stream, 1, "x", 1, &fixture->err));
    failing_step = FS_STEP_FLUSH;
    assert_false(file_flush(stream, &fixture->err));
    assert_false(file_flush_all(fixture->folder, &fixture->err));
    file_close(stream);
    assert_int_equal(status_of(fixture, written).size, 0);
    failing_step = FS_STEP_OPEN;
    assert_false(file_create(none, &untouched, &fixture->err));
    assert_null(untouched);
    failing_step = FS_STEP_MAKE_FOLDER;
    assert_false(file_make_folder(none, &fixture->err));
    failing_step = FS_STEP_RENAME;
    assert_false(file_move(file, none, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_int_equal(fixture->err.native, EIO);
    failing_step = FS_STEP_REMOVE;
    assert_false(file_remove(file, &fixture->err));
    assert_false(file_remove_folder(folder, &fixture->err));
    assert_int_equal(kind(fixture, "none"), FILE_NONE);
    assert_string_equal(content(fixture, in_folder(fixture, "file")), "file");
    assert_int_equal(kind(fixture, "folder"), FILE_FOLDER);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_status), TEST(test_write),  TEST(test_read),        TEST(test_folders),
        TEST(test_move),   TEST(test_remove), TEST(test_remove_tree), TEST(test_steps_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
