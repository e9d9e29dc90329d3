/* SPDX-License-Identifier: MIT */
#include "drivers/package_folder.h"

#include "base/ascii.h"
#include "platform/files.h"
#include "platform/text.h"

#include <string.h>

static bool is_zip_name(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && ascii_equals(name + length - 4, ".zip");
}

static bool has_name(const StringList *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (text_equals(names->items[i], name))
            return true;
    }
    return false;
}

bool package_folder_list(const char *folder, Arena *arena, StringList *ret_paths, StringList *ret_beaten, Error *err)
{
    StringList names, paths = { 0 }, beaten = { 0 };
    if (!fs_list_folder(folder, arena, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        FileStatus status;
        const char *path = fs_join(arena, folder, names.items[i]);
        if (names.items[i][0] == '.')
            continue;
        if (!file_status(path, &status, err))
            return false;
        if (status.kind == FILE_FOLDER && has_name(&names, arena_printf(arena, "%s.zip", names.items[i])))
            ARRAY_PUSH(arena, &beaten, names.items[i]);
        else if (status.kind == FILE_FOLDER || (status.kind == FILE_PLAIN && is_zip_name(names.items[i])))
            ARRAY_PUSH(arena, &paths, path);
    }
    *ret_paths = paths;
    *ret_beaten = beaten;
    return true;
}
