/* SPDX-License-Identifier: MIT */
/* A tree in which folders are links, or become some while it is used. */
#define _GNU_SOURCE /* renameat2 */

#include "platform/tree.h"

#include "base/compiler.h"
#include "support/fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

enum { ROUNDS = 500 };

typedef struct Scene {
    Fixture *fixture;
    Tree *tree;
    const char *outside; /* a folder with one file "x" */
} Scene;

static Scene make_scene(Fixture *fixture)
{
    Scene scene = { .fixture = fixture, .outside = in_folder(fixture, "outside") };
    const char *root = in_folder(fixture, "root");
    assert_int_equal(mkdir(scene.outside, 0777), 0);
    assert_int_equal(mkdir(root, 0777), 0);
    assert_true(fs_append_file(in_folder(fixture, "outside/x"), "outside", &fixture->err));
    assert_int_equal(mkdir(in_folder(fixture, "root/folder"), 0777), 0);
    assert_int_equal(symlink(scene.outside, in_folder(fixture, "root/link")), 0);
    assert_true(fs_canonical_path(root, &fixture->arena, &root, &fixture->err));
    assert_true(tree_open(root, &scene.tree, &fixture->err));
    return scene;
}

/* Everything that a tree can do, to a folder of that name. Whether all of it was refused. */
static bool try_all(const Scene *scene, const char *folder)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    FileStream *stream = NULL;
    TreeLock *lock = NULL;
    StringList names;
    char *data;
    size_t size;
    const char *x = arena_printf(&arena, "%s/x", folder), *y = arena_printf(&arena, "%s/y", folder);
    bool done = tree_read(scene->tree, x, 100, &arena, &data, &size, &err);
    if (done)
        assert_string_not_equal(data, "outside");
    if (tree_list(scene->tree, folder, &arena, &names, &err)) {
        for (size_t i = 0; i < names.count; i++)
            assert_string_not_equal(names.items[i], "z"); /* is outside only */
        done = true;
    }
    done = tree_create_file(scene->tree, y, &stream, &err) || done;
    file_close(stream);
    done = tree_replace_file(scene->tree, x, "in", 2, &err) || done;
    done = tree_move(scene->tree, x, arena_printf(&arena, "%s/moved", folder), &err) || done;
    done = tree_remove_file(scene->tree, x, &err) || done;
    done = tree_make_folder(scene->tree, arena_printf(&arena, "%s/made", folder), &err) || done;
    done = tree_remove_folder(scene->tree, arena_printf(&arena, "%s/made", folder), &err) || done;
    done = tree_lock(scene->tree, folder, &lock, &err) || done;
    tree_unlock(lock);
    if (err.code != ERR_NONE)
        assert_int_not_equal(err.code, ERR_INVALID);
    arena_release(&arena);
    return !done;
}

static void assert_outside_untouched(const Scene *scene)
{
    Fixture *fixture = scene->fixture;
    StringList names;
    char *data;
    size_t size;
    assert_true(fs_list_folder(scene->outside, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 2);
    assert_true(fs_read_file(in_folder(fixture, "outside/x"), 100, &fixture->arena, &data, &size, &fixture->err));
    assert_string_equal(data, "outside");
}

static void test_links_are_refused(void **state)
{
    Fixture *fixture = *state;
    Scene scene = make_scene(fixture);
    Tree *other = NULL;
    assert_true(fs_append_file(in_folder(fixture, "outside/z"), "", &fixture->err));
    assert_true(try_all(&scene, "link"));
    assert_false(try_all(&scene, "folder"));
    assert_false(tree_list(scene.tree, "link", &fixture->arena, &(StringList){ 0 }, &fixture->err));
    assert_non_null(strstr(fixture->err.message, "is a link"));
    assert_false(tree_open(in_folder(fixture, "root/link"), &other, &fixture->err));
    assert_true(tree_remove_tree(scene.tree, "link", &fixture->err)); /* the link itself */
    assert_outside_untouched(&scene);
    tree_close(scene.tree);
}

/* Folder and link change places as fast as they can, for as long as the test goes on. */
static pid_t start_exchanging(const Scene *scene)
{
    const char *folder = in_folder(scene->fixture, "root/folder"), *link = in_folder(scene->fixture, "root/link");
    pid_t child = fork();
    assert_true(child >= 0);
    while (child == 0)
        (void) renameat2(AT_FDCWD, folder, AT_FDCWD, link, RENAME_EXCHANGE);
    return child;
}

static void test_an_exchange_leads_nowhere(void **state)
{
    Fixture *fixture = *state;
    Scene scene = make_scene(fixture);
    size_t done = 0, refused = 0;
    assert_true(fs_append_file(in_folder(fixture, "outside/z"), "", &fixture->err));
    pid_t child = start_exchanging(&scene);
    for (size_t i = 0; i < ROUNDS; i++) {
        Error ignored = { .code = ERR_NONE };
        bool was_refused = try_all(&scene, "folder");
        refused += was_refused;
        done += !was_refused;
        (void) !tree_remove_tree(scene.tree, "folder", &ignored);
        (void) !tree_make_folder(scene.tree, "folder", &ignored);
        (void) !symlink(scene.outside, in_folder(fixture, "root/link"));
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_outside_untouched(&scene);
    assert_true(done > 0);
    print_message("%zu rounds with something done, %zu without\n", done, refused);
    tree_close(scene.tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_links_are_refused, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_an_exchange_leads_nowhere, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
