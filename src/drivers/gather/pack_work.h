/* SPDX-License-Identifier: MIT */
/* Threads that read the files of a driver: each file is hashed, and deflated for a zip or written below a folder. Files
 * are begun in order; how much is read and not yet taken is limited. For pack.c. */
#pragma once

#include "base/cancel.h"
#include "drivers/gather/finder.h"
#include "drivers/package/zip_write.h"

/* Above this a file is not held in memory: for a zip pack_work_stream() reads it. */
enum { PACK_WHOLE = 64 * 1024 * 1024 };

typedef struct PackWork PackWork;

/* Begins. folder NULL: for a zip. "driver" must live as long. */
MUST_CHECK bool pack_work_start(HostFiles *files, const Driver *driver, const char *folder, const Cancel *cancel,
                                PackWork **ret_work, Error *err);

/* Waits for the file; files must be taken in order. ret_piece (NULL for a folder) gets its data. */
MUST_CHECK bool pack_work_take(PackWork *work, size_t index, ZipPiece *ret_piece, Error *err);

/* The next bytes of a large file for a zip. */
MUST_CHECK bool pack_work_stream(PackWork *work, size_t index, void *buffer, size_t size, size_t *ret_count,
                                 Error *err);

/* Of a file that has been taken, or streamed to its end. */
const char *pack_work_hash(const PackWork *work, size_t index);

/* Stops the threads, also in the middle. NULL is fine. */
void pack_work_end(PackWork *work);
