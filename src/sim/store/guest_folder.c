/* SPDX-License-Identifier: MIT */
/* What the file service of a guest does with a path: Windows SDK, "Msvm_CopyFileToGuestSettingData class"; the lengths
 * are those of the messages between host and guest (Linux kernel, hyperv.h). */
#include "sim/store/guest_folder.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "base/utf.h"
#include "platform/files.h"
#include "platform/registry_file.h"
#include "platform/text.h"
#include "platform/tree.h"
#include "sim/store/vm_model.h"

#include <string.h>

enum { PATH_UNITS = 260, /* of a folder, and of a name, with the terminator */ PIECE_SIZE = 1 << 16 };

const SimGuest *sim_guest_find(const SimHost *host, const SimObject *vm)
{
    for (size_t i = 0; i < host->guests.count && host->folder != NULL; i++) {
        if (ascii_equals(host->guests.items[i].vm, sim_vm_guid(vm)))
            return &host->guests.items[i];
    }
    return NULL;
}

static bool is_this_computer(const SimGuest *guest)
{
    return *guest->folder == '\0';
}

Registry *sim_guest_registry(const SimHost *host, const SimGuest *guest, Arena *arena)
{
    if (is_this_computer(guest))
        return registry_system();
    return registry_file_open(fs_join(arena, sim_host_place(host, guest->folder, arena), "registry.reg"), arena);
}

/* ---- paths ---- */

static bool has_drive(const char *path)
{
    return ascii_is_alpha(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

/* Variables of a service; what is none stays as it is. */
static const char *expand(const char *path, Arena *arena)
{
    static const struct {
        const char *name, *value;
    } variables[] = {
        { "%ALLUSERSPROFILE%", "C:\\ProgramData" }, { "%ProgramData%", "C:\\ProgramData" },
        { "%ProgramFiles%", "C:\\Program Files" },  { "%PUBLIC%", "C:\\Users\\Public" },
        { "%SystemDrive%", "C:" },                  { "%SystemRoot%", "C:\\Windows" },
        { "%TEMP%", "C:\\Windows\\Temp" },          { "%TMP%", "C:\\Windows\\Temp" },
        { "%windir%", "C:\\Windows" },
    };
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        if (ascii_starts_with(path, variables[i].name))
            return arena_printf(arena, "%s%s", variables[i].value, path + strlen(variables[i].name));
    }
    return path;
}

static size_t units(const char *text, Arena *arena)
{
    size_t count;
    (void) utf16_from_utf8(arena, text, strlen(text), &count);
    return count;
}

/* The host's file as this computer has it: on the host's drives, or else where it is here. */
static const char *host_file(const SimHost *host, const char *path, Arena *arena)
{
    if (host->drives == NULL || !has_drive(path))
        return path;
    char *rest = arena_strdup(arena, path + 3);
    for (char *c = rest; *c != '\0'; c++)
        *c = *c == '\\' ? '/' : *c;
    const char *on_drive =
        arena_printf(arena, "%s/%c/%s", sim_host_place(host, host->drives, arena), ascii_upper(path[0]), rest);
    return fs_exists(on_drive) ? on_drive : path;
}

uint64_t sim_host_file_size(const SimHost *host, const char *path)
{
    Arena scratch = ARENA_INIT;
    Error none;
    FileStatus status;
    bool ok = file_status(host_file(host, path, &scratch), &status, &none) && status.kind == FILE_PLAIN;
    arena_release(&scratch);
    return ok ? status.size : 0;
}

/* The name as the folder has it, whatever its case, or as it was given. */
static const char *spelled(const Tree *tree, const char *folder, const char *name, Arena *arena)
{
    Error none;
    StringList names = { 0 };
    if (!tree_list(tree, folder, arena, &names, &none))
        return name;
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], name) == 0)
            return name;
    }
    for (size_t i = 0; i < names.count; i++) {
        if (text_equals(names.items[i], name))
            return names.items[i];
    }
    return name;
}

/* Where it is in the tree of its drive. */
static const char *find_in_tree(const Tree *tree, const char *path, Arena *arena)
{
    const char *found = "";
    for (size_t length; *path != '\0'; path += length) {
        path += strspn(path, "\\/");
        length = strcspn(path, "\\/");
        const char *name = spelled(tree, found, arena_strndup(arena, path, length), arena);
        if (length > 0)
            found = *found == '\0' ? name : arena_printf(arena, "%s/%s", found, name);
    }
    return found;
}

static const char *last_part(const char *path)
{
    const char *name = path;
    for (; *path != '\0'; path++) {
        if (*path == '\\' || *path == '/')
            name = path + 1;
    }
    return name;
}

static const char *folder_of(const char *path, Arena *arena)
{
    const char *name = last_part(path);
    return name == path ? "" : arena_strndup(arena, path, (size_t) (name - path) - 1);
}

/* ---- a file on its way ---- */

static bool is_protected(const char *path)
{
    static const char *const folders[] = { "Windows/System32", "Windows/SysWOW64" };
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        size_t length = strlen(folders[i]);
        if (ascii_starts_with(path, folders[i]) && (path[length] == '/' || path[length] == '\0'))
            return true;
    }
    return false;
}

static bool copy_bytes(FileStream *from, FileStream *to, uint64_t size, Error *err)
{
    unsigned char piece[PIECE_SIZE];
    for (uint64_t done = 0; done < size;) {
        size_t count, wanted = size - done < PIECE_SIZE ? (size_t) (size - done) : PIECE_SIZE;
        if (!file_read(from, piece, wanted, &count, err) || count == 0 || !file_write(to, piece, count, err))
            return false;
        done += count;
    }
    return true;
}

static SimGuestPut copy_into(const Tree *tree, const char *path, FileStream *from, uint64_t size)
{
    Error err = { .code = ERR_NONE };
    FileStream *to;
    if (!tree_remove(tree, path, &err) || !tree_create_file(tree, path, &to, &err))
        return err.code == ERR_DENIED ? SIM_PUT_DENIED : SIM_PUT_FAILED;
    if (copy_bytes(from, to, size, &err))
        return file_finish_unflushed(to, 0, &err) ? SIM_PUT_DONE : SIM_PUT_FAILED;
    file_close(to);
    return SIM_PUT_FAILED;
}

static SimGuestPut put_into(const Tree *tree, const SimGuestFile *file, const char *path, FileStream *from,
                            uint64_t size, Arena *arena)
{
    Error none = { .code = ERR_NONE };
    FileStatus status, above;
    if (!tree_status(tree, path, &status, &none))
        return SIM_PUT_NO_FOLDER;
    if (status.kind == FILE_FOLDER)
        return put_into(tree, file, find_in_tree(tree, arena_printf(arena, "%s/%s", path, last_part(file->source)),
                                                 arena), from, size, arena);
    const char *folder = folder_of(path, arena);
    if (units(folder, arena) + 3 >= PATH_UNITS || units(last_part(path), arena) >= PATH_UNITS)
        return SIM_PUT_TOO_LONG;
    if (is_protected(path))
        return SIM_PUT_DENIED;
    if (status.kind != FILE_NONE && !file->overwrite)
        return SIM_PUT_EXISTS;
    if (!tree_status(tree, folder, &above, &none) || (above.kind == FILE_NONE && !file->create_path) ||
        (above.kind == FILE_NONE && !tree_make_folders(tree, folder, &none)))
        return SIM_PUT_NO_FOLDER;
    return copy_into(tree, path, from, file->is_cut ? size / 2 : size);
}

SimGuestPut sim_guest_put_file(const SimHost *host, const SimGuest *guest, const SimGuestFile *file)
{
    Arena arena = ARENA_INIT;
    Error none = { .code = ERR_NONE };
    FileStream *from = NULL;
    Tree *tree = NULL;
    SimGuestPut result = SIM_PUT_NO_FOLDER;
    const char *source = host_file(host, file->source, &arena), *path = expand(file->destination, &arena);
    char drive = ascii_upper(path[0]);
    const char *root = is_this_computer(guest) ? arena_printf(&arena, "%c:/", drive)
                                               : sim_host_place(host, guest->folder, &arena);
    if (!file_open(source, &from, &none))
        result = SIM_PUT_NO_SOURCE;
    else if (has_drive(path) && (is_this_computer(guest) || drive == 'C') && tree_open(root, &tree, &none))
        result = put_into(tree, file, find_in_tree(tree, path + 3, &arena), from,
                          sim_host_file_size(host, file->source), &arena);
    tree_close(tree);
    file_close(from);
    arena_release(&arena);
    return result;
}
