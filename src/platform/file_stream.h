/* SPDX-License-Identifier: MIT */
/* What files.c shares with files_posix.c and files_win32.c. */
#pragma once

#include "platform/files.h"

struct FileStream {
    intptr_t native; /* a descriptor, or a HANDLE */
    char *path;
    uint64_t position; /* where file_read() and file_write() go on */
};

FileStream *file_stream_create(intptr_t native, const char *path);

/* The file itself has been closed. */
void file_stream_destroy(FileStream *stream);
