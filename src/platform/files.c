/* SPDX-License-Identifier: MIT */
/* The portable part of trees of files. */
#include "platform/files.h"

bool file_remove_tree(const char *path, Error *err)
{
    FileStatus status;
    if (!file_status(path, &status, err))
        return false;
    if (status.kind != FILE_FOLDER)
        return status.kind == FILE_NONE || file_remove(path, err);
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    bool ok = fs_list_folder(path, &arena, &names, err);
    for (size_t i = 0; i < names.count; i++) {
        Error failure = { .code = ERR_NONE };
        if (!file_remove_tree(fs_join(&arena, path, names.items[i]), &failure) && ok) {
            *err = failure;
            ok = false;
        }
    }
    arena_release(&arena);
    return ok && file_remove_folder(path, err);
}
