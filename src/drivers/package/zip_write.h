/* SPDX-License-Identifier: MIT */
/* Writes a zip whose entries were deflated elsewhere, in threads. libzip makes the container (PKWARE, "APPNOTE.TXT -
 * .ZIP File Format Specification"), libdeflate the data. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- deflating, one deflater for each thread ---- */

typedef struct ZipPiece {
    void *data; /* deflated; free() */
    size_t size;
    uint64_t original_size;
    uint32_t crc;
} ZipPiece;

typedef struct ZipDeflater ZipDeflater;

ZipDeflater *zip_deflater_create(void);
void zip_deflater_destroy(ZipDeflater *deflater);
void zip_deflate(ZipDeflater *deflater, const void *data, size_t size, ZipPiece *ret_piece);

/* ---- the file ---- */

typedef struct ZipEntry {
    const char *path;
    uint64_t size;
    int64_t modified_s;
    bool is_streamed; /* too large to be held in memory: read, and deflated while it is written */
} ZipEntry;

/* Where the data comes from, asked in the order of the entries. */
typedef struct ZipFeed ZipFeed;
struct ZipFeed {
    /* The entry, deflated. May wait for it. */
    bool (*get)(ZipFeed *feed, size_t index, ZipPiece *ret_piece, Error *err);
    /* The next bytes of a streamed entry; 0 at its end. */
    bool (*read)(ZipFeed *feed, size_t index, void *buffer, size_t size, size_t *ret_count, Error *err);
};

/* A new file, flushed to the disk; on failure there is none. */
MUST_CHECK bool zip_write(const char *path, const ZipEntry *entries, size_t count, ZipFeed *feed, Error *err);
