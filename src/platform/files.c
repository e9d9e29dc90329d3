/* SPDX-License-Identifier: MIT */
/* The portable part of files: of whole paths, and streams. */
#include "platform/file_stream.h"

#include "base/alloc.h"
#include "platform/fs_place.h"

#include <stdlib.h>

/* ---- streams ---- */

FileStream *file_stream_create(intptr_t native, const char *path)
{
    FileStream *stream = alloc_zeroed(sizeof(*stream));
    *stream = (FileStream){ .native = native, .path = alloc_strdup(path) };
    return stream;
}

void file_stream_destroy(FileStream *stream)
{
    free(stream->path);
    free(stream);
}

bool file_read(FileStream *stream, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    if (!file_read_at(stream, stream->position, buffer, size, ret_count, err))
        return false;
    stream->position += *ret_count;
    return true;
}

bool file_write(FileStream *stream, const void *data, size_t size, Error *err)
{
    if (!file_write_at(stream, stream->position, data, size, err))
        return false;
    stream->position += size;
    return true;
}

/* ---- whole paths ---- */

bool file_status(const char *path, FileStatus *ret_status, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_status_at(&place, ret_status, err);
}

bool file_open(const char *path, FileStream **ret_stream, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_open_at(&place, ret_stream, err);
}

bool file_create(const char *path, FileStream **ret_stream, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_create_at(&place, ret_stream, err);
}

bool file_make_folder(const char *path, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_make_folder_at(&place, err);
}

bool file_move(const char *from, const char *to, Error *err)
{
    FsPlace old = fs_place_of(from), new = fs_place_of(to);
    return file_move_at(&old, &new, err);
}

bool file_remove(const char *path, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_remove_at(&place, err);
}

bool file_remove_folder(const char *path, Error *err)
{
    FsPlace place = fs_place_of(path);
    return file_remove_folder_at(&place, err);
}
