/* SPDX-License-Identifier: MIT */
#include "drivers/package/zip_library.h"

ZipLibrary libzip;

bool zip_library_load(Error *err)
{
    static const char *const names[] = { ZIP_FUNCTIONS(LIBRARY_NAME) };
    static Library library = { .file = LIBZIP_FILE, .functions = &libzip, .names = names, .count = COUNT_OF(names) };
    return library_load(&library, err);
}
