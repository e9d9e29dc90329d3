/* SPDX-License-Identifier: MIT */
/* The portable part of files: paths and stamps. No system call here. */
#include "platform/fs.h"

#include <string.h>

const char *fs_join(Arena *arena, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *separator = length > 0 && folder[length - 1] != '/' ? "/" : "";
    return arena_printf(arena, "%s%s%s", folder, separator, name);
}

bool fs_stamp_equals(const FsStamp *a, const FsStamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}
