/* SPDX-License-Identifier: MIT */
#include "drivers/gather/host_path.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "platform/text.h"

#include <string.h>

enum { MAX_DEPTH = 64 };

const char *host_path_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    if (strlen(path) <= length || path[length] != '\\')
        return NULL;
    /* Compared as a whole, because letters of either case may differ in bytes. */
    char start[1024];
    if (length >= sizeof(start))
        return NULL;
    memcpy(start, path, length);
    start[length] = '\0';
    return text_equals(start, folder) ? path + length + 1 : NULL;
}

/* What is meant between quotes, or without blanks around it, or behind "@" (of a resource); with backslashes. */
static char *clean(const char *text, Arena *arena)
{
    while (ascii_is_space(*text) || *text == '@')
        text++;
    size_t length = strlen(text);
    if (*text == '"' || *text == '\'') {
        const char quote[] = { *text, '\0' };
        text++;
        length = strcspn(text, quote);
    }
    while (length > 0 && ascii_is_space(text[length - 1]))
        length--;
    char *path = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++)
        path[i] = text[i] == '/' ? '\\' : text[i];
    path[length] = '\0';
    return path;
}

/* Without what says only how the path is written: "\??\", "\\?\", "\GLOBAL??\", "\\?\GLOBALROOT", "file:///". */
static const char *without_space(const char *path)
{
    static const char *const spaces[] = {
        "file:\\\\\\", "\\??\\", "\\\\?\\", "\\\\.\\", "\\DosDevices\\", "\\GLOBAL??\\", "GLOBALROOT",
    };
    for (size_t i = 0; i < COUNT_OF(spaces); i++) {
        if (ascii_starts_with(path, spaces[i]))
            path += strlen(spaces[i]);
    }
    return path;
}

/* What is behind the name of a volume, with its backslash: "\Device\HarddiskVolume3\x", "Volume{...}\x". NULL: none.
 * Which drive that is, only the host knows; drivers are where Windows is. */
static const char *behind_volume(const char *path)
{
    static const char *const names[] = { "\\Device\\HarddiskVolume", "Volume{" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (ascii_starts_with(path, names[i]))
            return strchr(path + strlen(names[i]), '\\');
    }
    return NULL;
}

/* "\\HOST\C$\x" and "UNC\HOST\C$\x", a drive as its share: "C$\x". NULL: it is none. */
static const char *behind_host(const char *path)
{
    bool is_unc = ascii_starts_with(path, "UNC\\");
    if (!is_unc && !(path[0] == '\\' && path[1] == '\\'))
        return NULL;
    const char *share = strchr(path + (is_unc ? strlen("UNC\\") : 2), '\\');
    return share != NULL && ascii_is_alpha(share[1]) && share[2] == '$' && share[3] == '\\' ? share + 1 : NULL;
}

/* Folders of Windows, as values name them, and where they are below it. */
static const struct WindowsFolder {
    const char *name, *place;
} windows_folders[] = {
    { "%SystemRoot%", "" },       { "%windir%", "" },
    { "\\SystemRoot", "" },       { "SystemRoot", "" },
    { "System32", "\\System32" }, { "SysWOW64", "\\SysWOW64" },
    { "SyChpe32", "\\SyChpe32" }, { "DriverStore", "\\System32\\DriverStore" },
};

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

/* Of which of them the path begins with, or NULL. */
static const struct WindowsFolder *find_windows_folder(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(windows_folders); i++) {
        const char *name = windows_folders[i].name;
        if (ascii_starts_with(path, name) && is_slash(path[strlen(name)]))
            return &windows_folders[i];
    }
    return NULL;
}

bool host_path_begins(const char *text)
{
    while (*text != '\0' && (ascii_is_space(*text) || strchr("@\"'", *text) != NULL))
        text++;
    return (ascii_is_alpha(text[0]) && text[1] == ':' && is_slash(text[2])) || *text == '\\' || *text == '%' ||
           find_windows_folder(text) != NULL;
}

/* With the drive where the form tells it: "\??\C:\x" is "C:\x", "\SystemRoot\x" is "C:\Windows\x". */
static const char *with_drive(const char *text, const char *windows, Arena *arena)
{
    const char *path = without_space(text), *volume = behind_volume(path), *share = behind_host(path);
    const struct WindowsFolder *folder = find_windows_folder(path);
    if (folder != NULL)
        return arena_printf(arena, "%s%s%s", windows, folder->place, path + strlen(folder->name));
    if (volume != NULL)
        return arena_printf(arena, "%.2s%s", windows, volume);
    if (share != NULL)
        return arena_printf(arena, "%c:%s", share[0], share + 2);
    if (ascii_starts_with(path, "%SystemDrive%\\"))
        return arena_printf(arena, "%.2s%s", windows, path + strlen("%SystemDrive%"));
    if (path[0] == '\\' && path[1] != '\\')
        return arena_printf(arena, "%.2s%s", windows, path);
    return path;
}

/* Without "." and "..", and with one backslash between the parts. NULL: it climbs out of its drive. */
static const char *normalize(const char *path, Arena *arena)
{
    char *tidy = arena_alloc(arena, strlen(path) + 1);
    size_t starts[MAX_DEPTH], depth = 0, used = 2;
    memcpy(tidy, path, 2); /* the drive */
    for (const char *part = path + 2; *part != '\0';) {
        part += strspn(part, "\\");
        size_t length = strcspn(part, "\\");
        if (length == 2 && memcmp(part, "..", 2) == 0) {
            if (depth == 0)
                return NULL;
            used = starts[--depth];
        } else if (length > 0 && !(length == 1 && *part == '.')) {
            if (depth == MAX_DEPTH)
                return NULL;
            starts[depth++] = used;
            tidy[used++] = '\\';
            memcpy(tidy + used, part, length);
            used += length;
        }
        part += length;
    }
    tidy[used] = '\0';
    return depth > 0 ? tidy : NULL;
}

static bool has_bad_letters(const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char) *c < 0x20 || strchr("<>:\"|?*", *c) != NULL)
            return true;
    }
    return false;
}

const char *host_path_resolve(const char *text, const char *windows, const char *base, Arena *arena, bool *ret_is_full)
{
    const char *path = with_drive(clean(text, arena), windows, arena);
    *ret_is_full = ascii_is_alpha(path[0]) && path[1] == ':' && path[2] == '\\';
    if (!*ret_is_full && (*path == '\0' || *path == '\\' || *path == '%' || base == NULL))
        return NULL;
    if (!*ret_is_full)
        path = arena_printf(arena, "%s\\%s", base, path);
    if (has_bad_letters(path + 2))
        return NULL;
    path = normalize(path, arena);
    /* What a program of 32 bits calls System32. */
    const char *native = arena_printf(arena, "%s\\Sysnative", windows);
    const char *rest = path != NULL ? host_path_below(path, native) : NULL;
    return rest != NULL ? arena_printf(arena, "%s\\System32\\%s", windows, rest) : path;
}
