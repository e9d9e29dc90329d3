/* SPDX-License-Identifier: MIT */
#include "drivers/package/folder.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "platform/files.h"
#include "platform/text.h"

static bool has_name(const StringList *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (text_equals(names->items[i], name))
            return true;
    }
    return false;
}

/* What cannot be read is no package. */
static bool has_windows(const char *folder)
{
    Arena arena = ARENA_INIT;
    StringList names;
    Error ignored = { .code = ERR_NONE };
    bool has = fs_list_folder(folder, &arena, &names, &ignored) && has_name(&names, "Windows");
    arena_release(&arena);
    return has;
}

bool package_folder_list(const char *folder, Arena *arena, StringList *ret_paths, StringList *ret_passed_over,
                         Error *err)
{
    StringList names, paths = { 0 }, passed_over = { 0 };
    if (!fs_list_folder_upto(folder, LIMIT_FOLDER_PACKAGES, arena, &names, err))
        return err->code == ERR_INVALID ? error_hint(err, "give the packages a folder of their own") : false;
    for (size_t i = 0; i < names.count; i++) {
        FileStatus status;
        const char *name = names.items[i], *path = fs_join(arena, folder, name);
        if (name[0] == '.')
            continue;
        if (!file_status(path, &status, err))
            return false;
        bool is_package = status.kind == FILE_PLAIN && ascii_ends_with(name, ".zip");
        if (status.kind == FILE_FOLDER && has_name(&names, arena_printf(arena, "%s.zip", name))) {
            ARRAY_PUSH(arena, &passed_over, arena_printf(arena, "'%s' is there as a zip, too; the zip is taken", name));
        } else if (status.kind == FILE_FOLDER) {
            is_package = has_windows(path);
            if (!is_package)
                ARRAY_PUSH(arena, &passed_over,
                           arena_printf(arena, "'%s' is no driver package: it has no folder Windows", name));
        }
        if (is_package)
            ARRAY_PUSH(arena, &paths, path);
    }
    *ret_paths = paths;
    *ret_passed_over = passed_over;
    return true;
}
