/* SPDX-License-Identifier: MIT */
#include "support/fixture.h"

#include "platform/fs.h"
#include "support/system.h"

int fixture_set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .arena = ARENA_INIT };
    fixture.folder = system_make_folder(&fixture.arena);
    *state = &fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    Fixture *fixture = *state;
    system_remove_folder(fixture->folder);
    arena_release(&fixture->arena);
    return 0;
}

const char *in_folder(Fixture *fixture, const char *name)
{
    return fs_join(&fixture->arena, fixture->folder, name);
}

const char *content(Fixture *fixture, const char *path)
{
    char *data;
    size_t size;
    return fs_read_file(path, 1000000, &fixture->arena, &data, &size, &fixture->err) ? data : NULL;
}
