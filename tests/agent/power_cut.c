/* SPDX-License-Identifier: MIT */
#include "agent/power_cut.h"

#include "base/check.h"
#include "platform/files.h"
#include "support/file_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lock(PowerCut *cut)
{
    while (atomic_flag_test_and_set(&cut->lock))
        ;
}

static void unlock(PowerCut *cut)
{
    atomic_flag_clear(&cut->lock);
}

/* NULL: it is not dirty. */
static uint64_t *find(PowerCut *cut, uint64_t number)
{
    for (size_t i = 0; i < POWER_CUT_FILES; i++) {
        if (cut->dirty[i] == number)
            return &cut->dirty[i];
    }
    return NULL;
}

static void mark(PowerCut *cut, uint64_t number)
{
    if (number == 0 || find(cut, number) != NULL)
        return;
    uint64_t *place = find(cut, 0);
    CHECK(place != NULL);
    *place = number;
}

/* Of a file its data, of a folder everything (syncfs). */
static void flush(PowerCut *cut, const char *path)
{
    FileStatus status;
    Error ignored = { .code = ERR_NONE };
    uint64_t *place = find(cut, fs_stamp(path).inode);
    if (file_status(path, &status, &ignored) && status.kind == FILE_FOLDER)
        memset(cut->dirty, 0, sizeof(cut->dirty));
    else if (place != NULL)
        *place = 0;
    if (cut->kept[0] != '\0')
        file_tree_replace(cut->root, cut->kept);
}

static void settle(PowerCut *cut)
{
    if (cut->path[0] != '\0' && cut->step == FS_STEP_WRITE)
        mark(cut, fs_stamp(cut->path).inode);
    else if (cut->path[0] != '\0' && cut->step == FS_STEP_FLUSH)
        flush(cut, cut->path);
    cut->path[0] = '\0';
}

void power_cut_watch(PowerCut *cut, FsStep step, const char *path)
{
    lock(cut);
    settle(cut);
    CHECK(strlen(path) < sizeof(cut->path));
    memcpy(cut->path, path, strlen(path) + 1);
    cut->step = step;
    unlock(cut);
}

void power_cut_settle(PowerCut *cut)
{
    lock(cut);
    settle(cut);
    unlock(cut);
}

static void blank(const char *path, uint64_t size)
{
    FILE *stream = fopen(path, "r+b");
    CHECK(stream != NULL);
    for (uint64_t i = 0; i < size; i++)
        CHECK(putc('\0', stream) == '\0');
    CHECK(fclose(stream) == 0);
}

/* "all": whatever the file's number. */
static void blank_files(PowerCut *cut, const char *path, bool all)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    StringList names;
    FileStatus status;
    CHECK(file_status(path, &status, &err));
    FsStamp stamp = fs_stamp(path);
    if (status.kind == FILE_PLAIN && (all || (stamp.inode != 0 && find(cut, stamp.inode) != NULL))) {
        blank(path, stamp.size);
    } else if (status.kind == FILE_FOLDER) {
        CHECK(fs_list_folder(path, &arena, &names, &err));
        for (size_t i = 0; i < names.count; i++)
            blank_files(cut, fs_join(&arena, path, names.items[i]), all);
    }
    arena_release(&arena);
}

void power_cut_happen(PowerCut *cut, bool early)
{
    Arena arena = ARENA_INIT;
    const char *inbox = fs_join(&arena, cut->root, "ProgramData/HyperPoint-inbox");
    if (early && fs_exists(cut->kept))
        file_tree_replace(cut->kept, cut->root);
    else
        blank_files(cut, cut->root, false);
    if (fs_exists(inbox)) /* what the host has brought is flushed by nobody */
        blank_files(cut, inbox, true);
    memset(cut->dirty, 0, sizeof(cut->dirty));
    cut->path[0] = '\0';
    arena_release(&arena);
}
