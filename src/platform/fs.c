/* SPDX-License-Identifier: MIT */
/* The portable part of files. */
#include "platform/fs_kind.h"

#include "base/limits.h"

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

bool fs_stamp_equals(const FsStamp *a, const FsStamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns;
}
