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

/* What is meant between quotes, or without blanks around it; with backslashes. */
static char *clean(const char *text, Arena *arena)
{
    while (ascii_is_space(*text))
        text++;
    size_t length = strlen(text);
    if (*text == '"') {
        text++;
        length = strcspn(text, "\"");
    }
    while (length > 0 && ascii_is_space(text[length - 1]))
        length--;
    char *path = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++)
        path[i] = text[i] == '/' ? '\\' : text[i];
    path[length] = '\0';
    return path;
}

/* "\??\C:\x" is "C:\x", "\SystemRoot\x" is "C:\Windows\x". */
static const char *without_prefix(const char *path, const char *windows, Arena *arena)
{
    static const char *const spaces[] = { "\\??\\", "\\\\?\\", "\\\\.\\", "\\DosDevices\\", "GLOBALROOT" };
    static const char *const folders[] = { "%SystemRoot%", "%windir%", "\\SystemRoot" };
    for (size_t i = 0; i < COUNT_OF(spaces); i++) {
        if (ascii_starts_with(path, spaces[i]))
            path += strlen(spaces[i]);
    }
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        size_t length = strlen(folders[i]);
        if (ascii_starts_with(path, folders[i]) && path[length] == '\\')
            return arena_printf(arena, "%s%s", windows, path + length);
    }
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
    const char *path = without_prefix(clean(text, arena), windows, arena);
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
