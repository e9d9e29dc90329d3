/* SPDX-License-Identifier: MIT */
/* A host answers whatever it likes: registry values and names of files are the lines of the input, one after the other.
 * What is found must lie in the driver store there, and go where packages may go here. */
#include "base/check.h"
#include "cim/schema.h"
#include "drivers/gather/finder.h"
#include "drivers/package/layout.h"
#include "platform/clock.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ANSWERS_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *rest, *end;
static unsigned answers;

/* NULL at the end of the input. */
static const char *next_line(Arena *arena)
{
    if (rest >= end || ++answers > ANSWERS_MAX)
        return NULL;
    const char *line = rest;
    while (rest < end && *rest != '\n')
        rest++;
    const char *text = arena_strndup(arena, line, strnlen(line, (size_t) (rest - line)));
    rest += rest < end;
    return text;
}

/* ---- the registry: "|" parts the strings of a value, or the names of values ---- */

static CimValue split(const char *line, Arena *arena)
{
    StringList texts = { 0 };
    while (*line != '\0') {
        size_t length = strcspn(line, "|");
        ARRAY_PUSH(arena, &texts, arena_strndup(arena, line, length));
        line += length + (line[length] == '|');
    }
    return cim_text_array(arena, CIM_TYPE_STRING, texts.items, texts.count);
}

static bool invoke(CimSession *session, const char *ns, const char *path, const char *method, const CimInstance *in,
                   Arena *arena, CimInstance **ret_out, Error *err)
{
    (void) session, (void) ns, (void) path, (void) in, (void) err;
    CimInstance *out = cim_instance_create(arena, "");
    const char *line = next_line(arena);
    cim_instance_set(out, arena, "ReturnValue", cim_uint(CIM_TYPE_UINT32, line == NULL || *line == '-' ? 2 : 0));
    if (line != NULL && strcmp(method, "EnumValues") == 0) {
        CimValue names = split(line, arena);
        CimValue *types = ARENA_NEW_ARRAY(arena, CimValue, names.array.count);
        for (size_t i = 0; i < names.array.count; i++)
            types[i] = cim_sint(CIM_TYPE_SINT32, names.array.items[i].text[0] % 9);
        cim_instance_set(out, arena, "sNames", names);
        cim_instance_set(out, arena, "Types", cim_array(CIM_TYPE_SINT32, types, names.array.count));
    } else if (line != NULL) {
        cim_instance_set(out, arena, "sValue",
                         strcmp(method, "GetMultiStringValue") == 0 ? split(line, arena) : cim_string(line));
    }
    *ret_out = out;
    return true;
}

static bool query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list, Error *err)
{
    (void) session, (void) ns, (void) wql, (void) err;
    CimInstance *row = cim_instance_create(arena, "CIM_DataFile");
    cim_instance_set(row, arena, "Name", cim_string(next_line(arena)));
    ARRAY_PUSH(arena, list, row);
    return true;
}

static bool get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                Error *err)
{
    (void) session, (void) ns, (void) path, (void) arena, (void) ret_instance;
    return error_set(err, ERR_NOT_FOUND, "nothing is asked for by path");
}

static void close_session(CimSession *session)
{
    (void) session;
}

/* ---- the files: a line of names, those that end with '/' are folders ---- */

struct HostFile {
    bool is_read;
};

static bool list(HostFiles *files, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    (void) files;
    const char *line = next_line(arena);
    if (line == NULL)
        return error_set(err, ERR_NOT_FOUND, "no '%s'", folder);
    CimValue names = split(line, arena);
    HostEntries entries = { 0 };
    for (size_t i = 0; i < names.array.count; i++) {
        const char *name = names.array.items[i].text;
        size_t length = strlen(name);
        bool is_folder = length > 0 && name[length - 1] == '/';
        HostEntry entry = { arena_strndup(arena, name, length - is_folder), is_folder, length, 0 };
        ARRAY_PUSH(arena, &entries, entry);
    }
    *ret_entries = entries;
    return true;
}

static HostFile only_file;

static bool open_file(HostFiles *files, const char *path, HostFile **ret_file, Error *err)
{
    (void) files, (void) path, (void) err;
    only_file.is_read = false;
    *ret_file = &only_file;
    return true;
}

static bool read_file(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    (void) size, (void) err;
    static const char inf[] = "[Version]\nDriverVer=1,2\nCopyINF=a.inf,b.inf\n";
    *ret_count = file->is_read ? 0 : sizeof(inf) - 1;
    memcpy(buffer, inf, *ret_count);
    file->is_read = true;
    return true;
}

static bool read_file_at(HostFile *file, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    (void) file, (void) err;
    *ret_count = offset < 64 && size > 0 ? 1 : 0;
    memset(buffer, (int) offset, *ret_count);
    return true;
}

static void close_file(HostFile *file)
{
    (void) file;
}

/* ---- */

static void ignore(Report *report, const char *text)
{
    (void) report, (void) text;
}

static void check_driver(const Driver *driver, Arena *arena)
{
    Error err;
    CHECK(layout_check_part(driver->manifest.name, &err));
    for (size_t i = 0; i < driver->files.count; i++) {
        const char *path;
        LayoutPlace place;
        CHECK(layout_check(driver->files.items[i].path, arena, &path, &place, &err));
        CHECK(strcmp(path, driver->files.items[i].path) == 0 && place != LAYOUT_IN_OWN);
        CHECK(strstr(driver->files.items[i].source, "FileRepository\\") != NULL);
        CHECK(strstr(driver->files.items[i].source, "\\..\\") == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const CimSessionOps session_ops = {
        .name = "fuzz", .query = query, .get = get, .invoke = invoke, .close = close_session
    };
    static const HostFilesOps files_ops = {
        .list = list, .open = open_file, .read = read_file, .read_at = read_file_at, .close_file = close_file
    };
    rest = (const char *) data;
    end = rest + size;
    answers = 0;
    CimSession session;
    cim_session_init(&session, &session_ops, "fuzz", clock_system());
    HostFiles files = { .ops = &files_ops };
    Report report = { .notice = ignore, .warning = ignore };
    ManifestGpu gpu[] = { { "one", "PCI\\VEN_8086&DEV_1\\1" }, { "two", "PCI\\VEN_8086&DEV_2\\2" } };
    ManifestGpus gpus = { gpu, 2, 2 };
    Arena arena = ARENA_INIT;
    Drivers drivers;
    Error err = { .code = ERR_NONE };
    const DriversRequest request = { .session = &session, .files = &files, .gpus = &gpus, .report = &report };
    if (drivers_find(&request, &arena, &drivers, &err)) {
        for (size_t i = 0; i < drivers.count; i++)
            check_driver(&drivers.items[i], &arena);
    }
    arena_release(&arena);
    return 0;
}
