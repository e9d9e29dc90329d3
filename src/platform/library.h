/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when they are used for the first time: to load them takes longer than most runs do. On
 * Windows they are a part of the program, and there is nothing to load.
 *
 *     #define ZIP_FUNCTIONS(EACH) EACH(zip_close) EACH(zip_open_from_source)
 *     typedef struct ZipLibrary {
 *         ZIP_FUNCTIONS(LIBRARY_MEMBER)
 *     } ZipLibrary;
 *
 *     static ZipLibrary functions;                                                  x_posix.c
 *     static const char *const names[] = { ZIP_FUNCTIONS(LIBRARY_NAME) };
 *     static Library library = { .file = "libzip.so.4", .functions = &functions, ... };
 *
 *     static const ZipLibrary functions = { ZIP_FUNCTIONS(LIBRARY_LINKED) };        x_win32.c
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Of a struct that has a pointer for each function of the list, of the type that the library's header tells. */
#define LIBRARY_MEMBER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name) #name,
#define LIBRARY_LINKED(name) .name = (name),

typedef struct Library {
    const char *file;         /* "libzip.so.4": of the version that the program was built for */
    void *functions;          /* the struct; filled in here */
    const char *const *names; /* in the order of its members */
    size_t count;
    bool is_loaded;
} Library;

/* Any thread may call it, as often as it likes. ERR_UNSUPPORTED if the library is not there, or lacks a function. */
MUST_CHECK bool library_load(Library *library, Error *err);
