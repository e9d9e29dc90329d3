/* SPDX-License-Identifier: MIT */
#include "drivers/guest/files.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"
#include "drivers/package/layout.h"
#include "drivers/package/source.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 40 };

typedef struct Reading {
    CimSession *guest;
    const char *drive; /* "C:" */
    Arena *arena;
    GuestFiles files;
} Reading;

static char *with(char from, char to, const char *text, Arena *arena)
{
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == from)
            *c = to;
    }
    return copy;
}

/* "Windows/System32/x.dll" as "C:\Windows\System32\x.dll" */
static const char *full_path(const Reading *reading, const char *path)
{
    return arena_printf(reading->arena, "%s\\%s", reading->drive, with('/', '\\', path, reading->arena));
}

static void add_rows(Reading *reading, const CimInstanceList *rows)
{
    size_t length = strlen(reading->drive);
    for (size_t i = 0; i < rows->count; i++) {
        const char *name = cim_instance_text(rows->items[i], "Name");
        if (name == NULL || strlen(name) <= length + 1)
            continue;
        uint64_t size = cim_instance_uint(rows->items[i], "FileSize", UINT64_MAX);
        GuestFile file = { .key = package_key(with('\\', '/', name + length + 1, reading->arena), reading->arena),
                           .has_size = size != UINT64_MAX,
                           .size = size };
        ARRAY_PUSH(reading->arena, &reading->files, file);
    }
}

static bool list_folder(Reading *reading, const char *folder, Error *err)
{
    CimInstanceList rows;
    const char *path = cim_path_make(reading->arena, "Win32_Directory", "Name", full_path(reading, folder));
    if (cim_session_associators(reading->guest, NS_CIMV2, path, "CIM_DirectoryContainsFile", "CIM_DataFile",
                                reading->arena, &rows, err)) {
        add_rows(reading, &rows);
        return true;
    }
    if (err->code != ERR_NOT_FOUND)
        return false;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

static bool ask_for(Reading *reading, const StringList *paths, size_t first, size_t count, Error *err)
{
    Str query;
    const char *wql;
    CimInstanceList rows;
    str_init(&query, LIMIT_WQL_BYTES);
    str_append(&query, "SELECT Name, FileSize FROM CIM_DataFile WHERE ");
    for (size_t i = first; i < first + count; i++) {
        str_append(&query, i > first ? " OR Name = " : "Name = ");
        wql_append_literal(&query, full_path(reading, paths->items[i]));
    }
    if (!str_finish(&query, reading->arena, &wql, err) ||
        !cim_session_query(reading->guest, NS_CIMV2, wql, reading->arena, &rows, err))
        return false;
    add_rows(reading, &rows);
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const GuestFile *) a)->key, ((const GuestFile *) b)->key);
}

/* The folders of files of the driver store, each once. */
static bool read_folders(Reading *reading, const StringList *paths, Error *err)
{
    StringList folders = { 0 };
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i];
        if (strncmp(path, LAYOUT_STORE "/", strlen(LAYOUT_STORE "/")) == 0)
            ARRAY_PUSH(reading->arena, &folders,
                       arena_strndup(reading->arena, path, (size_t) (strrchr(path, '/') - path)));
    }
    text_list_sort(&folders);
    for (size_t i = 0; i < folders.count; i++) {
        bool is_new = i == 0 || strcmp(folders.items[i - 1], folders.items[i]) != 0;
        if (is_new && !list_folder(reading, folders.items[i], err))
            return false;
    }
    return true;
}

bool guest_files_read(CimSession *guest, const char *store, const StringList *paths, Arena *arena,
                      GuestFiles *ret_files, Error *err)
{
    Reading reading = { .guest = guest, .drive = arena_strndup(arena, store, 2), .arena = arena };
    StringList others = { 0 };
    if (!read_folders(&reading, paths, err))
        return false;
    for (size_t i = 0; i < paths->count; i++) {
        if (strncmp(paths->items[i], LAYOUT_STORE "/", strlen(LAYOUT_STORE "/")) != 0)
            ARRAY_PUSH(arena, &others, paths->items[i]);
    }
    for (size_t i = 0; i < others.count; i += AT_ONCE) {
        size_t left = others.count - i;
        if (!ask_for(&reading, &others, i, left < AT_ONCE ? left : AT_ONCE, err))
            return false;
    }
    if (reading.files.count > 0)
        qsort(reading.files.items, reading.files.count, sizeof(*reading.files.items), compare_keys);
    *ret_files = reading.files;
    return true;
}

const GuestFile *guest_files_find(const GuestFiles *files, const char *path, Arena *arena)
{
    GuestFile wanted = { .key = package_key(path, arena) };
    return files->count > 0 ? bsearch(&wanted, files->items, files->count, sizeof(wanted), compare_keys) : NULL;
}
