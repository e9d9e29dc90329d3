/* SPDX-License-Identifier: MIT */
/* Who has files open: Linux tells in /proc (proc(5): fd, maps, comm). Elsewhere nobody is found. Files in use can be
 * replaced all the same, so nobody has to stop. */
#define _GNU_SOURCE /* getline's place in older headers */

#include "platform/holders.h"

#include "base/ascii.h"
#include "platform/fs.h"
#include "platform/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Wanted {
    uint64_t device, inode;
    const char *path;
    uint64_t last_process; /* already told */
} Wanted;

typedef struct Search {
    Arena *arena;
    Wanted *wanted;
    size_t count;
    HolderList holders;
} Search;

static int compare_wanted(const void *a, const void *b)
{
    const Wanted *x = a, *y = b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    return (x->device > y->device) - (x->device < y->device);
}

static const char *program_of(uint64_t process, Arena *arena)
{
    char *text;
    size_t size;
    Error ignored = { .code = ERR_NONE }; /* it has ended since */
    if (!fs_read_file(arena_printf(arena, "/proc/%llu/comm", (unsigned long long) process), 4096, arena, &text, &size,
                      &ignored))
        return "?";
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* The path is one of a process' open files: is it one of ours? */
static void look_at(Search *search, const char *path, uint64_t process)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    Wanted key = { .device = (uint64_t) status.st_dev, .inode = (uint64_t) status.st_ino };
    Wanted *found = bsearch(&key, search->wanted, search->count, sizeof(key), compare_wanted);
    if (found == NULL || found->last_process == process)
        return;
    found->last_process = process;
    Holder holder = { .path = found->path, .process = process, .program = program_of(process, search->arena) };
    ARRAY_PUSH(search->arena, &search->holders, holder);
}

static void look_at_maps(Search *search, uint64_t process)
{
    char name[64];
    (void) snprintf(name, sizeof(name), "/proc/%llu/maps", (unsigned long long) process);
    FILE *maps = fopen(name, "re");
    if (maps == NULL)
        return; /* ended, or somebody else's */
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, maps) > 0) {
        char *path = strchr(line, '/');
        if (path == NULL)
            continue;
        path[strcspn(path, "\n")] = '\0';
        look_at(search, path, process);
    }
    free(line);
    (void) fclose(maps); /* only read */
}

static void look_into(Search *search, uint64_t process)
{
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    Error ignored = { .code = ERR_NONE }; /* ended, or somebody else's */
    const char *folder = arena_printf(&arena, "/proc/%llu/fd", (unsigned long long) process);
    if (fs_list_folder(folder, &arena, &names, &ignored)) {
        for (size_t i = 0; i < names.count; i++)
            look_at(search, fs_join(&arena, folder, names.items[i]), process);
        look_at_maps(search, process);
    }
    arena_release(&arena);
}

static bool find(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    (void) holders;
    Search search = { .arena = arena, .wanted = ARENA_NEW_ARRAY(arena, Wanted, paths->count + 1) };
    for (size_t i = 0; i < paths->count; i++) {
        struct stat status;
        if (stat(paths->items[i], &status) == 0)
            search.wanted[search.count++] = (Wanted){ .device = (uint64_t) status.st_dev,
                                                      .inode = (uint64_t) status.st_ino,
                                                      .path = paths->items[i] };
    }
    StringList names = { 0 };
    if (search.count > 0 && fs_exists("/proc/self/fd") && !fs_list_folder("/proc", arena, &names, err))
        return false;
    qsort(search.wanted, search.count, sizeof(Wanted), compare_wanted);
    for (size_t i = 0; i < names.count; i++) {
        unsigned long long process;
        if (ascii_parse_uint64(names.items[i], &process) && process != process_id())
            look_into(&search, process);
    }
    *ret_holders = search.holders;
    return true;
}

static bool stop(Holders *holders, const StringList *paths, Error *err)
{
    (void) holders;
    (void) paths;
    (void) err;
    return true;
}

static bool restart(Holders *holders, Error *err)
{
    (void) holders;
    (void) err;
    return true;
}

Holders *holders_system(void)
{
    static Holders system = { .find = find, .stop = stop, .restart = restart };
    return &system;
}
