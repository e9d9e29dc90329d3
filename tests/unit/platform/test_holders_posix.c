/* SPDX-License-Identifier: MIT */
/* Who has files open, as Linux tells: other processes that have them open or mapped, whatever name they used. */
#define _XOPEN_SOURCE 700 /* symlink */

#include "platform/holders.h"

#include "platform/fs.h"
#include "platform/process.h"
#include "support/system.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Fixture {
    Arena arena;
    const char *folder;
    Holders *holders;
    StringList paths; /* "opened", "mapped", "free", and "none", which is not there */
    Error err;
} Fixture;

enum { OPENED, MAPPED, FREE, NONE };

static int set_up(void **state)
{
    static Fixture fixture;
    static const char *const names[] = { "opened", "mapped", "free", "none" };
    fixture = (Fixture){ .arena = ARENA_INIT, .holders = holders_system() };
    fixture.folder = system_make_folder(&fixture.arena);
    for (size_t i = OPENED; i <= NONE; i++) {
        const char *path = fs_join(&fixture.arena, fixture.folder, names[i]);
        ARRAY_PUSH(&fixture.arena, &fixture.paths, path);
        assert_true(i == NONE || fs_append_file(path, "x", &fixture.err));
    }
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

static HolderList find(Fixture *fixture, const StringList *paths)
{
    HolderList found = { .count = 99 };
    if (!fixture->holders->find(fixture->holders, paths, &fixture->arena, &found, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return found;
}

static int play_opener(const char *path)
{
    child_say(open(path, O_RDONLY) >= 0 ? 'y' : 'n');
    child_hold();
    return 1;
}

/* As a library is: without a descriptor. */
static int play_mapper(const char *path)
{
    int fd = open(path, O_RDONLY);
    void *memory = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
    child_say(fd >= 0 && memory != MAP_FAILED && close(fd) == 0 ? 'y' : 'n');
    child_hold();
    return 1;
}

static Child *start(int (*play)(const char *path), const char *path)
{
    const ChildRole role = { "holder", play };
    Child *child = child_start(&role, path);
    assert_int_equal(child_hear(child), 'y');
    return child;
}

static void test_find(void **state)
{
    Fixture *fixture = *state;
    StringList paths = fixture->paths, no_paths = { 0 };
    const char *link = fs_join(&fixture->arena, fixture->folder, "link");
    assert_int_equal(symlink(paths.items[OPENED], link), 0);
    assert_int_equal(find(fixture, &paths).count, 0);

    Child *children[] = { start(play_opener, link), start(play_mapper, paths.items[MAPPED]) };
    HolderList found = find(fixture, &paths);
    assert_int_equal(found.count, 2);
    bool first = found.items[0].path == paths.items[OPENED];
    assert_ptr_equal(found.items[first ? 0 : 1].path, paths.items[OPENED]);
    assert_ptr_equal(found.items[first ? 1 : 0].path, paths.items[MAPPED]);
    assert_int_not_equal(found.items[0].process, found.items[1].process);
    for (size_t i = 0; i < found.count; i++) {
        assert_int_not_equal(found.items[i].process, process_id());
        assert_string_equal(found.items[i].program, "test_holders_po"); /* Linux keeps 15 letters */
        assert_false(found.items[i].is_service);
    }
    assert_int_equal(find(fixture, &no_paths).count, 0);
    /* What can be replaced while it is used stops nobody. */
    assert_true(fixture->holders->stop(fixture->holders, &paths, &fixture->err));
    assert_true(fixture->holders->restart(fixture->holders, &fixture->err));
    assert_int_equal(find(fixture, &paths).count, 2);

    child_kill(children[0]);
    found = find(fixture, &paths);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].path, paths.items[MAPPED]);
    child_kill(children[1]);
    assert_int_equal(find(fixture, &paths).count, 0);
}

static void test_not_ourselves(void **state)
{
    Fixture *fixture = *state;
    int fd = open(fixture->paths.items[OPENED], O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(find(fixture, &fixture->paths).count, 0);
    assert_int_equal(close(fd), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_find), TEST(test_not_ourselves) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
