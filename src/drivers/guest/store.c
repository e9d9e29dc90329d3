/* SPDX-License-Identifier: MIT */
#include "drivers/guest/store.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "drivers/package/layout.h"

#include <string.h>

bool guest_store_find(CimSession *guest, Arena *arena, const char **ret_store, Error *err)
{
    CimInstanceList rows;
    if (!cim_session_query(guest, NS_CIMV2, "SELECT SystemDrive FROM Win32_OperatingSystem", arena, &rows, err))
        return false;
    const char *drive = rows.count > 0 ? cim_instance_text(rows.items[0], "SystemDrive") : NULL;
    if (drive == NULL)
        return error_set(err, ERR_PROTOCOL, "the guest does not tell which drive its Windows is on");
    *ret_store = arena_printf(arena, "%s\\Windows\\System32\\HostDriverStore", drive);
    return true;
}

static bool has_named(CimSession *guest, const char *class_name, const char *name, Arena *arena, bool *ret_has,
                      Error *err)
{
    CimInstance *unused;
    bool has = cim_session_get(guest, NS_CIMV2, cim_path_make(arena, class_name, "Name", name), arena, &unused, err);
    if (!has && err->code != ERR_NOT_FOUND)
        return false;
    if (!has)
        *err = (Error){ .code = ERR_NONE };
    *ret_has = has;
    return true;
}

bool guest_store_has(CimSession *guest, const char *store, const char *folder, Arena *arena, bool *ret_has, Error *err)
{
    return has_named(guest, "Win32_Directory", arena_printf(arena, "%s\\FileRepository\\%s", store, folder), arena,
                     ret_has, err);
}

bool guest_store_has_journal(CimSession *guest, const char *store, Arena *arena, bool *ret_has, Error *err)
{
    return has_named(guest, "CIM_DataFile", arena_printf(arena, "%s\\HyperPoint\\work\\journal.json", store), arena,
                     ret_has, err);
}

/* The names of what the association finds in a folder: none if there is no such folder. */
static bool list_folder(CimSession *guest, const char *folder, const char *association, const char *class_name,
                        Arena *arena, StringList *ret_names, Error *err)
{
    CimInstanceList rows;
    StringList names = { 0 };
    size_t length = strlen(folder);
    if (!cim_session_associators(guest, NS_CIMV2, cim_path_make(arena, "Win32_Directory", "Name", folder), association,
                                 class_name, arena, &rows, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        *err = (Error){ .code = ERR_NONE };
        rows = (CimInstanceList){ 0 };
    }
    for (size_t i = 0; i < rows.count; i++) {
        const char *name = cim_instance_text(rows.items[i], "Name");
        /* The folder above is associated as well. */
        if (name != NULL && ascii_ncasecmp(name, folder, length) == 0 && name[length] == '\\')
            ARRAY_PUSH(arena, &names, name + length + 1);
    }
    *ret_names = names;
    return true;
}

bool guest_store_folders(CimSession *guest, const char *store, Arena *arena, StringList *ret_names, Error *err)
{
    return list_folder(guest, arena_printf(arena, "%s\\FileRepository", store), "Win32_SubDirectory", "Win32_Directory",
                       arena, ret_names, err);
}

bool guest_store_packages(CimSession *guest, const char *store, Arena *arena, StringList *ret_names, Error *err)
{
    StringList files, names = { 0 };
    if (!list_folder(guest, arena_printf(arena, "%s\\HyperPoint", store), "CIM_DirectoryContainsFile", "CIM_DataFile",
                     arena, &files, err))
        return false;
    for (size_t i = 0; i < files.count; i++) {
        size_t length = strlen(files.items[i]);
        if (ascii_ends_with(files.items[i], LAYOUT_RECORD_ENDING))
            ARRAY_PUSH(arena, &names, arena_strndup(arena, files.items[i], length - strlen(LAYOUT_RECORD_ENDING)));
    }
    *ret_names = names;
    return true;
}
