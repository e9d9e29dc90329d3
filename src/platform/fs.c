/* SPDX-License-Identifier: MIT */
/* The portable part of files. */
#include "platform/fs_kind.h"

bool fs_refuse_kind(const char *path, const char *kind, Error *err)
{
    return error_set(err, ERR_INVALID, "'%s' is %s, not a file", path, kind);
}

bool fs_stamp_equals(const FsStamp *a, const FsStamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns;
}
