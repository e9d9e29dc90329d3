/* SPDX-License-Identifier: MIT */
/* Trees of files where links are common: they are never followed, and go without what they lead to. */
#define _XOPEN_SOURCE 700 /* symlink, mkfifo */

#include "platform/files.h"

#include "base/compiler.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Fixture {
    Arena arena;
    const char *folder;
    const char *target; /* a folder, with a file in it */
    const char *file;
    Error err;
} Fixture;

static const char *in_folder(Fixture *fixture, const char *name)
{
    return fs_join(&fixture->arena, fixture->folder, name);
}

static int set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .arena = ARENA_INIT };
    fixture.folder = system_make_folder(&fixture.arena);
    fixture.target = in_folder(&fixture, "target");
    fixture.file = in_folder(&fixture, "target/file");
    assert_true(file_make_folder(fixture.target, &fixture.err) && fs_append_file(fixture.file, "x", &fixture.err));
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    system_remove_folder(fixture->folder);
    arena_release(&fixture->arena);
    return 0;
}

static FileKind kind(Fixture *fixture, const char *path)
{
    FileStatus status;
    assert_true(file_status(path, &status, &fixture->err));
    return status.kind;
}

static void test_links(void **state)
{
    Fixture *fixture = *state;
    const char *link = in_folder(fixture, "link"), *moved = in_folder(fixture, "moved");
    const char *const targets[] = { fixture->target, fixture->file, in_folder(fixture, "none") };
    FileStream *stream = NULL;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(symlink(targets[i], link), 0);
        assert_int_equal(kind(fixture, link), FILE_LINK);
        assert_false(file_open(link, &stream, &fixture->err));
        assert_false(file_create(link, &stream, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_STATE);
        assert_false(file_move(fixture->file, link, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_STATE);
        assert_true(file_move(link, moved, &fixture->err));
        assert_int_equal(kind(fixture, moved), FILE_LINK);
        assert_true(file_remove(moved, &fixture->err));
        assert_int_equal(kind(fixture, moved), FILE_NONE);
    }
    assert_null(stream);
    assert_int_equal(kind(fixture, in_folder(fixture, "none")), FILE_NONE);
    assert_int_equal(kind(fixture, fixture->file), FILE_PLAIN);
}

static void test_tree_with_links(void **state)
{
    Fixture *fixture = *state;
    const char *tree = in_folder(fixture, "tree");
    assert_true(file_make_folder(tree, &fixture->err));
    assert_int_equal(symlink(fixture->target, in_folder(fixture, "tree/folder")), 0);
    assert_int_equal(symlink(fixture->file, in_folder(fixture, "tree/file")), 0);
    assert_int_equal(symlink(tree, in_folder(fixture, "tree/itself")), 0);
    assert_int_equal(mkfifo(in_folder(fixture, "tree/pipe"), 0600), 0);
    assert_int_equal(kind(fixture, in_folder(fixture, "tree/pipe")), FILE_OTHER);
    assert_true(file_remove_tree(tree, &fixture->err));
    assert_int_equal(kind(fixture, tree), FILE_NONE);
    assert_int_equal(kind(fixture, fixture->file), FILE_PLAIN);
    /* The tree is a link itself. */
    assert_int_equal(symlink(fixture->target, tree), 0);
    assert_true(file_remove_tree(tree, &fixture->err));
    assert_int_equal(kind(fixture, tree), FILE_NONE);
    assert_int_equal(kind(fixture, fixture->file), FILE_PLAIN);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_links), TEST(test_tree_with_links) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
