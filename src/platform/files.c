/* SPDX-License-Identifier: MIT */
/* The portable part of trees of files. */
#include "platform/file_stream.h"

#include "base/alloc.h"

#include <stdlib.h>

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
