/* SPDX-License-Identifier: MIT */
/* Trees of files: what is there, streams, moves. For whoever reads and writes many files or large ones; single small
 * ones go through fs.h, whose rules on paths, errors, fault points and what is opened hold here as well. Links are
 * never followed by the last part of a path: they are FILE_LINK, and not opened. What others may have prepared is
 * reached through tree.h alone. */
#pragma once

#include "platform/fs.h"

typedef enum FileKind {
    FILE_NONE, /* nothing there */
    FILE_PLAIN,
    FILE_FOLDER,
    FILE_LINK,  /* or a junction */
    FILE_OTHER, /* a device, a pipe */
} FileKind;

typedef struct FileStatus {
    FileKind kind;
    uint64_t size;
    int64_t modified_s; /* since 1970 */
    FsStamp stamp;
} FileStatus;

/* Something missing is success, with FILE_NONE. */
MUST_CHECK bool file_status(const char *path, FileStatus *ret_status, Error *err);

/* The file has a second name (a hard link) somewhere below the folder. False where that cannot be told. */
bool file_is_linked_below(const char *path, const char *folder);

/* A file to read from the beginning, or a new one to write (ERR_STATE if there is one of that name). */
typedef struct FileStream FileStream;

MUST_CHECK bool file_open(const char *path, FileStream **ret_stream, Error *err);
MUST_CHECK bool file_create(const char *path, FileStream **ret_stream, Error *err);

/* Fewer bytes than asked for only at the end. */
MUST_CHECK bool file_read(FileStream *stream, void *buffer, size_t size, size_t *ret_count, Error *err);

/* The same from anywhere; several threads may do so at once. */
MUST_CHECK bool file_read_at(const FileStream *stream, uint64_t offset, void *buffer, size_t size, size_t *ret_count,
                             Error *err);

MUST_CHECK bool file_write(FileStream *stream, const void *data, size_t size, Error *err);

/* The same anywhere in a file that is being written; does not move where file_write() goes on. */
MUST_CHECK bool file_write_at(FileStream *stream, uint64_t offset, const void *data, size_t size, Error *err);

/* What was written is on the disk. */
MUST_CHECK bool file_flush(FileStream *stream, Error *err);

/* Gives the written file its time (0: now) and closes it. Its data is on the disk after file_flush_all(). Frees the
 * stream in either case. */
MUST_CHECK bool file_finish(FileStream *stream, int64_t modified_s, Error *err);

/* The same without the disk's having to hurry: file_flush_all() says nothing about this file. */
MUST_CHECK bool file_finish_unflushed(FileStream *stream, int64_t modified_s, Error *err);

/* Closes a file that was read, or one whose writing failed. NULL is fine. */
void file_close(FileStream *stream);

/* One new folder, in one that is there. */
MUST_CHECK bool file_make_folder(const char *path, Error *err);

/* Gives a file or folder another name on the same disk, where nothing is of that name (ERR_STATE). */
MUST_CHECK bool file_move(const char *from, const char *to, Error *err);

/* What file_finish(), file_make_folder() and file_move() did on the disk of this folder survives a power cut. That
 * holds on Linux, where syncfs() waits for data and folders, and on Windows, where guests are; sync() of other systems
 * may return before the disk has everything. */
MUST_CHECK bool file_flush_all(const char *folder, Error *err);

/* Bytes that can be written on the disk of this folder. */
MUST_CHECK bool file_free_space(const char *folder, uint64_t *ret_bytes, Error *err);

/* Removes an empty folder; ERR_STATE if something is in it. A missing one is success. */
MUST_CHECK bool file_remove_folder(const char *path, Error *err);

/* Removes a file, or a link as such. A missing one is success. */
MUST_CHECK bool file_remove(const char *path, Error *err);

/* Removes a file or a folder with all that is in it, links as such. A missing one is success. Goes on after a failure
 * and tells the first. */
MUST_CHECK bool file_remove_tree(const char *path, Error *err);
