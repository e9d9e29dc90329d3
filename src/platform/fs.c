/* SPDX-License-Identifier: MIT */
/* The portable part of files. */
#include "platform/fs_kind.h"

#include "base/ascii.h"
#include "base/limits.h"

#include <string.h>

bool fs_refuse_kind(const char *path, const char *kind, Error *err)
{
    return error_set(err, ERR_INVALID, "'%s' is %s, not a file", path, kind);
}

bool fs_refuse_names(const char *path, size_t limit, Error *err)
{
    (void) error_set(err, ERR_INVALID, "more than %zu things are in '%s'", limit, path);
    return error_hint(err, "take out of it what does not belong there, and try again");
}

bool fs_list_folder(const char *path, Arena *arena, StringList *ret_names, Error *err)
{
    return fs_list_folder_upto(path, LIMIT_FOLDER_NAMES, arena, ret_names, err);
}

static bool is_leftover(const char *found, const char *name)
{
    static const char ending[] = ".tmp";
    size_t length = strlen(name), random_length = sizeof(".01234567") - 1;
    return strncmp(found, name, length) == 0 && found[length] == '.' &&
           strlen(found) == length + random_length + sizeof(ending) - 1 && ascii_ends_with(found, ending);
}

void fs_remove_leftovers(const char *folder, const char *name)
{
    Arena arena = ARENA_INIT;
    Error ignored = { .code = ERR_NONE };
    StringList names = { 0 };
    if (!fs_list_folder(folder, &arena, &names, &ignored))
        names.count = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (is_leftover(names.items[i], name))
            (void) !fs_remove_file(fs_join(&arena, folder, names.items[i]), &ignored);
    }
    arena_release(&arena);
}

bool fs_stamp_equals(const FsStamp *a, const FsStamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns;
}
