/* SPDX-License-Identifier: MIT */
#include "drivers/package/folder.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "platform/files.h"
#include "platform/text.h"

/* What cannot be read is no package. */
static bool has_windows(const char *folder)
{
    Arena arena = ARENA_INIT;
    StringList names;
    Error ignored = { .code = ERR_NONE };
    bool has = fs_list_folder(folder, &arena, &names, &ignored) && text_list_has(&names, "Windows");
    arena_release(&arena);
    return has;
}

/* What the name leads to, for links are followed; FILE_LINK: to nothing. */
static bool find_kind(const char *path, Arena *arena, FileKind *ret_kind, Error *err)
{
    FileStatus status;
    const char *real;
    Error ignored = { .code = ERR_NONE };
    if (!file_status(path, &status, err))
        return false;
    if (status.kind == FILE_LINK && fs_canonical_path(path, arena, &real, &ignored) && !file_status(real, &status, err))
        return false;
    *ret_kind = status.kind;
    return true;
}

typedef struct Named {
    const char *name, *path;
    FileKind kind;
    bool is_zip; /* by its name */
} Named;

static bool has_zip(const Named *all, size_t count, const char *zip)
{
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind == FILE_PLAIN && text_equals(all[i].name, zip))
            return true;
    }
    return false;
}

/* Why it is no package, as a sentence; NULL: it is one, or it is nothing that anybody would take for one. */
static const char *why_not(const Named *named, const Named *all, size_t count, Arena *arena, bool *ret_is_package)
{
    const char *name = named->name;
    *ret_is_package = false;
    if (named->kind == FILE_LINK)
        return arena_printf(arena, "'%s' is a link to nothing", name);
    if (named->kind == FILE_FOLDER && has_zip(all, count, arena_printf(arena, "%s.zip", name)))
        return arena_printf(arena, "'%s' is there as a zip, too; the zip is taken", name);
    if (named->kind == FILE_FOLDER && !has_windows(named->path))
        return arena_printf(arena, "'%s' is no driver package: it has no folder Windows", name);
    if (named->kind == FILE_OTHER && named->is_zip)
        return arena_printf(arena, "'%s' is no driver package: it is no file", name);
    *ret_is_package = named->kind == FILE_FOLDER || (named->kind == FILE_PLAIN && named->is_zip);
    return NULL;
}

bool package_folder_list(const char *folder, Arena *arena, StringList *ret_paths, StringList *ret_passed_over,
                         Error *err)
{
    StringList names, paths = { 0 }, passed_over = { 0 };
    if (!fs_list_folder_upto(folder, LIMIT_FOLDER_PACKAGES, arena, &names, err))
        return err->code == ERR_INVALID ? error_hint(err, "give the packages a folder of their own") : false;
    Named *all = ARENA_NEW_ARRAY(arena, Named, names.count + 1);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i], *path = fs_join(arena, folder, name);
        all[i] = (Named){ .name = name, .path = path, .is_zip = ascii_ends_with(name, ".zip") };
        if (!find_kind(path, arena, &all[i].kind, err))
            return false;
    }
    for (size_t i = 0; i < names.count; i++) {
        bool is_package;
        if (all[i].name[0] == '.')
            continue;
        const char *reason = why_not(&all[i], all, names.count, arena, &is_package);
        if (reason != NULL)
            ARRAY_PUSH(arena, &passed_over, reason);
        if (is_package)
            ARRAY_PUSH(arena, &paths, all[i].path);
    }
    *ret_paths = paths;
    *ret_passed_over = passed_over;
    return true;
}
