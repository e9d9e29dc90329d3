/* SPDX-License-Identifier: MIT */
#include "platform/tree.h"

#include "base/compiler.h"
#include "support/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Tree *open_tree(Fixture *fixture)
{
    Tree *tree = NULL;
    const char *root;
    assert_true(fs_canonical_path(fixture->folder, &fixture->arena, &root, &fixture->err));
    assert_true(tree_open(root, &tree, &fixture->err));
    assert_string_equal(tree_root(tree), root);
    return tree;
}

static FileKind kind(Fixture *fixture, const Tree *tree, const char *path)
{
    FileStatus status;
    assert_true(tree_status(tree, path, &status, &fixture->err));
    return status.kind;
}

static void test_files_and_folders(void **state)
{
    Fixture *fixture = *state;
    Tree *tree = open_tree(fixture);
    StringList names;
    char *data;
    size_t size;
    assert_int_equal(kind(fixture, tree, ""), FILE_FOLDER);
    assert_int_equal(kind(fixture, tree, "a/b/c"), FILE_NONE);
    assert_true(tree_make_folders(tree, "a/b", &fixture->err));
    assert_true(tree_make_folders(tree, "a/b", &fixture->err));
    for (size_t i = 0; i < 2; i++) { /* the second takes the place of the first */
        assert_true(tree_replace_file(tree, "a/b/file", "text", i, &fixture->err));
        assert_true(tree_read(tree, "a/b/file", 1, &fixture->arena, &data, &size, &fixture->err));
        assert_int_equal(size, i);
    }
    assert_false(tree_read(tree, "a/b/file", 0, &fixture->arena, &data, &size, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_true(tree_list(tree, "a/b", &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 1);
    assert_true(tree_move(tree, "a/b/file", "a/moved", &fixture->err));
    assert_true(tree_replace_file(tree, "a/b/file", "", 0, &fixture->err));
    assert_false(tree_move(tree, "a/b/file", "a/moved", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_false(tree_remove_folder(tree, "a", &fixture->err));
    assert_true(tree_remove_file(tree, "a/moved", &fixture->err));
    assert_true(tree_remove_file(tree, "none/moved", &fixture->err));
    assert_true(tree_remove_tree(tree, "a", &fixture->err));
    assert_int_equal(kind(fixture, tree, "a"), FILE_NONE);
    tree_close(tree);
}

static void test_paths_that_lead_elsewhere(void **state)
{
    Fixture *fixture = *state;
    static const char *const paths[] = { "..",    "../x", "a/../../x", "/etc", "a//b", "a/",   "./a",
                                         "a/./b", "C:x",  "a\\..\\b",  "a:b",  "a/..", "a/b:c" };
    Tree *tree = open_tree(fixture);
    FileStatus status;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_false(tree_status(tree, paths[i], &status, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_false(tree_make_folder(tree, paths[i], &fixture->err));
        assert_false(tree_remove_tree(tree, paths[i], &fixture->err));
    }
    tree_close(tree);
}

static void test_a_file_is_no_folder(void **state)
{
    Fixture *fixture = *state;
    Tree *tree = open_tree(fixture);
    FileStatus status;
    assert_true(tree_replace_file(tree, "file", "", 0, &fixture->err));
    assert_false(tree_status(tree, "file/x", &status, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_non_null(strstr(fixture->err.message, "is a file, not a folder"));
    tree_close(tree);
}

static void test_lock(void **state)
{
    Fixture *fixture = *state;
    Tree *tree = open_tree(fixture), *other = open_tree(fixture);
    TreeLock *lock, *second = NULL;
    StringList names;
    assert_true(tree_make_folder(tree, "a", &fixture->err));
    for (size_t i = 0; i < 2; i++) {
        assert_true(tree_lock(tree, "a", &lock, &fixture->err));
        assert_false(tree_lock(other, "a", &second, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_BUSY);
        tree_unlock(lock);
    }
    assert_true(tree_list(tree, "a", &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 0);
    tree_unlock(second);
    tree_close(tree);
    tree_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_and_folders, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_paths_that_lead_elsewhere, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_is_no_folder, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_lock, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
