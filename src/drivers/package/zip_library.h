/* SPDX-License-Identifier: MIT */
/* The functions of libzip that are used: platform/library.h. */
#pragma once

#include "platform/library.h"

#include <zip.h>

#define ZIP_FUNCTIONS(EACH)                                                                                            \
    EACH(zip_close)                                                                                                    \
    EACH(zip_discard)                                                                                                  \
    EACH(zip_error_code_zip)                                                                                           \
    EACH(zip_error_fini)                                                                                               \
    EACH(zip_error_init)                                                                                               \
    EACH(zip_error_set)                                                                                                \
    EACH(zip_error_strerror)                                                                                           \
    EACH(zip_error_to_data)                                                                                            \
    EACH(zip_fclose)                                                                                                   \
    EACH(zip_file_add)                                                                                                 \
    EACH(zip_file_extra_field_set)                                                                                     \
    EACH(zip_file_get_external_attributes)                                                                             \
    EACH(zip_fopen_index)                                                                                              \
    EACH(zip_fread)                                                                                                    \
    EACH(zip_get_error)                                                                                                \
    EACH(zip_get_name)                                                                                                 \
    EACH(zip_get_num_entries)                                                                                          \
    EACH(zip_open_from_source)                                                                                         \
    EACH(zip_set_file_compression)                                                                                     \
    EACH(zip_source_free)                                                                                              \
    EACH(zip_source_function)                                                                                          \
    EACH(zip_source_function_create)                                                                                   \
    EACH(zip_source_seek_compute_offset)                                                                               \
    EACH(zip_stat_index)                                                                                               \
    EACH(zip_stat_init)                                                                                                \
    EACH(zip_strerror)

typedef struct ZipLibrary {
    ZIP_FUNCTIONS(LIBRARY_MEMBER)
} ZipLibrary;

/* Filled in once zip_library_load() has gone well. */
extern ZipLibrary libzip;

MUST_CHECK bool zip_library_load(Error *err);
