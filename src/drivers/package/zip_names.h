/* SPDX-License-Identifier: MIT */
/* The names in a zip as they are: libzip's end at the first NUL, and those that stand before each file's data it does
 * not compare. PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 4.3. */
#pragma once

#include "platform/files.h"

/* "index" counts the files as the directory has them. */
typedef bool ZipName(void *context, uint64_t index, const char *name, size_t length, Error *err);

/* Hands on each name of the directory. ERR_INVALID if there is no directory right at the zip's end, if a name holds a
 * NUL, or if the header before a file's data has another name. */
MUST_CHECK bool zip_each_name(const FileStream *file, uint64_t size, ZipName *take, void *context, Error *err);
