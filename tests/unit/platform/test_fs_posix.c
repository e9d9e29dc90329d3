/* SPDX-License-Identifier: MIT */
/* Files where access rights are mode bits and links are common. */
#define _XOPEN_SOURCE 700 /* symlink */

#include "platform/files.h"

#include "base/compiler.h"
#include "support/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void (*before_lock)(const char *path), (*before_open)(const char *path);

int fs_fault_point(FsStep step, const char *path)
{
    if (step == FS_STEP_LOCK && before_lock != NULL)
        before_lock(path);
    if (step == FS_STEP_OPEN && before_open != NULL)
        before_open(path);
    return 0;
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void test_join(void **state)
{
    Fixture *fixture = *state;
    assert_string_equal(fs_join(&fixture->arena, "a", "b"), "a/b");
    assert_string_equal(fs_join(&fixture->arena, "a/", "b"), "a/b");
    assert_string_equal(fs_join(&fixture->arena, "/", "b"), "/b");
    assert_string_equal(fs_join(&fixture->arena, "", "b"), "b");
}

/* A file that does not tell its size. */
static void test_unknown_size(void **state)
{
    Fixture *fixture = *state;
    char *data;
    size_t size;
    assert_true(fs_read_file("/proc/self/maps", 1000000, &fixture->arena, &data, &size, &fixture->err));
    assert_true(size > 100 && strlen(data) == size);
}

static bool reads(Fixture *fixture, const char *path)
{
    char *data;
    size_t size;
    return fs_read_file(path, 100, &fixture->arena, &data, &size, &fixture->err);
}

static bool appends(Fixture *fixture, const char *path)
{
    return fs_append_file(path, "x", &fixture->err);
}

static bool replaces(Fixture *fixture, const char *path)
{
    return fs_replace_file(path, "x", 1, FS_SHARED, &fixture->err);
}

static bool locks(Fixture *fixture, const char *path)
{
    FsLock *lock;
    return fs_lock_wait(path, FS_SHARED, NULL, &lock, &fixture->err);
}

static bool opens(Fixture *fixture, const char *path)
{
    FileStream *stream;
    return file_open(path, &stream, &fixture->err);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    assert_true(strlen(path) < sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(close(fd), 0);
}

/* Whatever is in the place of a file is refused, at once, and stays what it is: nothing is at the other end of the
 * pipe, and the device has no end. Behind links, too; where those are not followed they are refused as such. */
static void test_odd_kinds(void **state)
{
    Fixture *fixture = *state;
    const char *pipe = in_folder(fixture, "pipe"), *socket = in_folder(fixture, "socket");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    make_socket(socket);
    const struct {
        const char *path, *kind;
    } kinds[] = {
        { pipe, "a pipe" },           { socket, "a socket" },       { "/dev/zero", "a device" },
        { "/dev/null", "a device" }, { fixture->folder, "a folder" },
    };
    static const struct {
        bool (*call)(Fixture *fixture, const char *path);
        bool follows;
    } calls[] = { { reads, true }, { appends, false }, { replaces, true }, { locks, false }, { opens, false } };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const char *link = in_folder(fixture, arena_printf(&fixture->arena, "link-%zu", i));
        assert_int_equal(symlink(kinds[i].path, link), 0);
        struct stat before, after;
        assert_int_equal(lstat(kinds[i].path, &before), 0);
        for (size_t j = 0; j < COUNT_OF(calls); j++) {
            assert_false(calls[j].call(fixture, kinds[i].path));
            assert_int_equal(fixture->err.code, ERR_INVALID);
            assert_non_null(strstr(fixture->err.message, kinds[i].kind));
            assert_false(calls[j].call(fixture, link));
            assert_non_null(strstr(fixture->err.message, calls[j].follows ? kinds[i].kind : "a link"));
        }
        assert_int_equal(lstat(kinds[i].path, &after), 0);
        assert_int_equal(before.st_mode, after.st_mode);
        assert_int_equal(before.st_ino, after.st_ino);
    }
}

/* A link to nothing must not become a file at its other end. */
static void test_dangling_links(void **state)
{
    Fixture *fixture = *state;
    const char *target = in_folder(fixture, "target"), *link = in_folder(fixture, "link");
    assert_int_equal(symlink("target", link), 0);
    assert_false(locks(fixture, link));
    assert_false(appends(fixture, link));
    assert_false(replaces(fixture, link));
    assert_false(fs_exists(target));
}

/* What has become a pipe since it was looked at. */
static void exchange(const char *path)
{
    before_open = NULL;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void test_exchanged(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file");
    assert_true(appends(fixture, path));
    before_open = exchange;
    assert_false(locks(fixture, path));
    assert_non_null(strstr(fixture->err.message, "a pipe"));
}

static void test_modes(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file"), *lock_path = in_folder(fixture, "lock");
    assert_true(fs_replace_file(path, "one", 3, FS_SHARED, &fixture->err));
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(chmod(path, 0664), 0);
    assert_true(fs_replace_file(path, "", 0, FS_SHARED, &fixture->err));
    assert_int_equal(mode_of(path), 0664);
    assert_true(fs_replace_file(path, "secret", 6, FS_PRIVATE, &fixture->err));
    assert_int_equal(mode_of(path), 0600);
    FsLock *lock;
    assert_true(fs_lock(lock_path, FS_PRIVATE, &lock, &fixture->err));
    assert_int_equal(mode_of(lock_path), 0600);
    fs_unlock(lock);
    assert_true(fs_make_folders(in_folder(fixture, "a/b/"), FS_PRIVATE, &fixture->err));
    assert_int_equal(mode_of(in_folder(fixture, "a")), 0700);
    assert_int_equal(mode_of(in_folder(fixture, "a/b")), 0700);
    assert_true(fs_make_folders(in_folder(fixture, "a/b"), FS_SHARED, &fixture->err));
    assert_int_equal(mode_of(in_folder(fixture, "a/b")), 0700);
}

/* Through a link, the linked file. */
static void test_replace_link(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "file"), *link = in_folder(fixture, "link");
    assert_int_equal(symlink("file", link), 0);
    assert_true(fs_append_file(path, "one", &fixture->err));
    assert_true(fs_replace_file(link, "two", 3, FS_SHARED, &fixture->err));
    assert_string_equal(content(fixture, path), "two");
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void test_canonical_links(void **state)
{
    Fixture *fixture = *state;
    const char *path = "untouched";
    assert_true(fs_append_file(in_folder(fixture, "file"), "", &fixture->err));
    assert_int_equal(symlink(".", in_folder(fixture, "here")), 0);
    assert_int_equal(symlink("none", in_folder(fixture, "dangling")), 0);
    static const struct {
        const char *path;
        const char *expected; /* NULL: an error */
    } cases[] = {
        { "here/here//./file", "file" },
        { "here/new", "new" },
        { "none/../file", NULL },
        { "dangling", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool ok = fs_canonical_path(in_folder(fixture, cases[i].path), &fixture->arena, &path, &fixture->err);
        assert_int_equal(ok, cases[i].expected != NULL);
        if (ok)
            assert_string_equal(path, in_folder(fixture, cases[i].expected));
    }
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(fixture->folder), 0);
    assert_true(fs_canonical_path("new", &fixture->arena, &path, &fixture->err));
    assert_string_equal(path, in_folder(fixture, "new"));
    assert_int_equal(chdir(before), 0);
    free(before);
    assert_true(fs_canonical_path("/nonexistent-file", &fixture->arena, &path, &fixture->err));
    assert_string_equal(path, "/nonexistent-file");
}

static void remove_once(const char *path)
{
    before_lock = NULL;
    assert_int_equal(unlink(path), 0);
}

/* The file is removed between the opening and the locking: what is locked in the end is the file that is there. */
static void test_lock_race(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock = NULL, *second = NULL;
    before_lock = remove_once;
    assert_true(fs_lock(path, FS_PRIVATE, &lock, &fixture->err));
    assert_true(fs_exists(path));
    assert_false(fs_lock(path, FS_PRIVATE, &second, &fixture->err));
    fs_unlock(lock);
}

/* Started programs do not keep the lock. */
static void test_lock_not_inherited(void **state)
{
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "lock");
    FsLock *lock = NULL;
    assert_true(fs_lock(path, FS_PRIVATE, &lock, &fixture->err));
    assert_int_not_equal(system(arena_printf(&fixture->arena, "ls -l /proc/self/fd | grep -q '%s'", path)), 0);
    fs_unlock(lock);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        TEST(test_join),           TEST(test_unknown_size),    TEST(test_odd_kinds),  TEST(test_dangling_links),
        TEST(test_exchanged),      TEST(test_modes),           TEST(test_replace_link),
        TEST(test_canonical_links), TEST(test_lock_race),      TEST(test_lock_not_inherited),
    };
    (void) alarm(300); /* what waits for a pipe would wait for good */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
