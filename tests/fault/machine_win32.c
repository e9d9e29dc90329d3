/* SPDX-License-Identifier: MIT */
/* One process does it all. */
#include "machine.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "support/system.h"

#include <stdlib.h>

const bool machine_has_forks = false;

int machine_run_in_child(int (*run)(void *context), void *context)
{
    (void) run;
    (void) context;
    CHECK(!"without forks, nobody asks for that");
    return MACHINE_KILLED;
}

void *machine_shared_memory(size_t size)
{
    return alloc_zeroed(size);
}

void machine_free_shared_memory(void *memory, size_t size)
{
    (void) size;
    free(memory);
}

bool machine_work(void (*work)(const char *folder, int number), int workers)
{
    (void) workers;
    Arena arena = ARENA_INIT;
    /* A folder in memory, if there is one: flushing to a disk would take most of the time. */
    const char *memory = process_environment("FAULT_MATRIX_FOLDER", &arena);
    if (memory != NULL)
        system_set_environment("TMP", memory);
    const char *folder = system_make_folder(&arena);
    work(folder, 0);
    machine_remove_tree(folder);
    arena_release(&arena);
    return true;
}

void machine_end_if_orphaned(void)
{
}

void machine_remove_tree(const char *folder)
{
    if (fs_exists(folder))
        system_remove_folder(folder);
}
