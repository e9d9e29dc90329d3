/* SPDX-License-Identifier: MIT */
/* Zips as packages: package_source.c alone uses this. PKWARE, "APPNOTE.TXT - .ZIP File Format Specification". */
#pragma once

#include "drivers/package/source.h"

/* Calls "add" for each file, names as they are in the zip. Refuses what no package is: encrypted files, links, methods
 * other than stored and deflated, sizes that cannot be. */
typedef bool ZipAdd(void *context, const char *name, const PackageEntry *entry, Error *err);

MUST_CHECK bool zip_list(const char *path, ZipAdd *add, void *context, Error *err);

typedef struct ZipReader ZipReader;

MUST_CHECK bool zip_reader_open(const char *path, ZipReader **ret_reader, Error *err);
void zip_reader_close(ZipReader *reader);

/* As package_read(). */
MUST_CHECK bool zip_reader_read(ZipReader *reader, const PackageEntry *entry, PackageTake *take, void *context,
                                Error *err);
