/* SPDX-License-Identifier: MIT */
/* Names of files in packages. Microsoft, "Naming Files, Paths, and Namespaces" says what Windows makes of names. */
#include "drivers/package/layout.h"

#include "base/ascii.h"
#include "base/utf.h"
#include "drivers/package/vendor.h"

#include <string.h>

enum { PART_BYTES = 255, PATH_BYTES = 1024, PATH_DEPTH = 32 };

/* Folders whose contents are allowed. "deep": folders below it, too. */
static const struct {
    const char *folder;
    LayoutPlace place;
    bool deep;
    bool flat_file; /* a file right in it is fine */
} places[] = {
    { LAYOUT_STORE, LAYOUT_IN_STORE, true, false }, /* every file belongs to a package folder */
    { LAYOUT_OWN, LAYOUT_IN_OWN, false, true },
    { "Windows/System32/lxss/lib", LAYOUT_IN_SYSTEM, true, true },
    { "Windows/System32/drivers", LAYOUT_IN_SYSTEM, true, true },
    { "Windows/System32", LAYOUT_IN_SYSTEM, false, true },
    { "Windows/SysWOW64", LAYOUT_IN_SYSTEM, false, true },
    { "Windows/SyChpe32", LAYOUT_IN_SYSTEM, false, true },
};

/* CON, NUL.txt, COM1, LPT\u00B9: Windows opens a device, in whatever folder. */
static bool is_device(const char *part, size_t length)
{
    static const char *const names[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$" };
    static const char *const digits[] = {
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "\u00B9", "\u00B2", "\u00B3"
    };
    size_t stem = 0;
    while (stem < length && part[stem] != '.')
        stem++;
    while (stem > 0 && part[stem - 1] == ' ')
        stem--;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strlen(names[i]) == stem && ascii_ncasecmp(part, names[i], stem) == 0)
            return true;
    }
    if (stem < 4 || (ascii_ncasecmp(part, "COM", 3) != 0 && ascii_ncasecmp(part, "LPT", 3) != 0))
        return false;
    for (size_t i = 0; i < COUNT_OF(digits); i++) {
        if (strlen(digits[i]) == stem - 3 && strncmp(part + 3, digits[i], stem - 3) == 0)
            return true;
    }
    return false;
}

/* KERNEL~1.DLL: what Windows may have called another file of that folder. Names longer than that, in either half, are
 * never given. */
static bool is_short_name(const char *part, size_t length)
{
    enum { STEM = 8, ENDING = 3 };
    const char *dot = memchr(part, '.', length);
    size_t stem = dot != NULL ? (size_t) (dot - part) : length;
    size_t tilde = stem;
    while (tilde > 0 && ascii_is_digit(part[tilde - 1]))
        tilde--;
    bool fits = stem <= STEM &&
                (dot == NULL || (length - stem - 1 <= ENDING && memchr(dot + 1, '.', length - stem - 1) == NULL));
    return fits && tilde < stem && tilde > 0 && part[tilde - 1] == '~';
}

/* What is wrong with one part of a path, or NULL. */
static const char *part_problem(const char *part, size_t length)
{
    if (length == 0)
        return "has an empty part";
    if (length > PART_BYTES)
        return "has a part that is too long";
    if (strspn(part, ".") >= length)
        return "climbs out of its folder";
    if (part[length - 1] == '.' || part[length - 1] == ' ' || part[0] == ' ')
        return "has a part that begins or ends with a blank or ends with a dot";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char) part[i];
        if (c < 0x20 || c == 0x7F || strchr("<>:\"|?*", c) != NULL)
            return "has characters that no file name may have";
    }
    if (is_device(part, length))
        return "names a device";
    if (is_short_name(part, length))
        return "may be the short name of another file";
    return NULL;
}

bool layout_check_part(const char *part, Error *err)
{
    const char *problem = strpbrk(part, "/\\") != NULL         ? "is not a plain name"
                          : !utf8_is_valid(part, strlen(part)) ? "is not valid text"
                                                               : part_problem(part, strlen(part));
    return problem == NULL || error_set(err, ERR_INVALID, "the name '%s' %s", part, problem);
}

/* "times" the usual limits. */
static const char *path_problem(const char *path, size_t size, unsigned times)
{
    if (size > times * PATH_BYTES)
        return "is too long";
    if (!utf8_is_valid(path, size))
        return "is not valid text";
    if (path[0] == '/')
        return "is absolute";
    size_t depth = 0;
    for (const char *part = path;; part += strcspn(part, "/") + 1) {
        size_t length = strcspn(part, "/");
        const char *problem = part_problem(part, length);
        if (problem != NULL)
            return problem;
        if (++depth > times * PATH_DEPTH)
            return "is too deep";
        if (part[length] == '\0')
            return NULL;
    }
}

static char *with_slashes(const char *name, Arena *arena)
{
    char *path = arena_strdup(arena, name);
    for (char *c = path; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '/';
    }
    return path;
}

static bool check_path(const char *path, const char *name, Error *err)
{
    const char *problem = path_problem(path, strlen(path), 1);
    return problem == NULL || error_set(err, ERR_INVALID, "the name '%s' in the package %s", name, problem);
}

bool layout_check_folder(const char *name, Error *err)
{
    Arena arena = ARENA_INIT;
    char *path = with_slashes(name, &arena);
    size_t length = strlen(path);
    if (length > 0 && path[length - 1] == '/')
        path[length - 1] = '\0';
    bool ok = check_path(path, name, err);
    arena_release(&arena);
    return ok;
}

bool layout_check(const char *name, Arena *arena, const char **ret_path, LayoutPlace *ret_place, Error *err)
{
    char *path = with_slashes(name, arena);
    if (!check_path(path, name, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        size_t length = strlen(places[i].folder);
        if (ascii_ncasecmp(path, places[i].folder, length) != 0 || path[length] != '/')
            continue;
        bool is_flat = strchr(path + length + 1, '/') == NULL;
        if (is_flat ? !places[i].flat_file : !places[i].deep)
            continue;
        if (ascii_starts_with(path, "Windows/System32/drivers/etc/")) /* hosts, services: no driver's business */
            break;
        memcpy(path, places[i].folder, length);
        *ret_path = path;
        *ret_place = places[i].place;
        return true;
    }
    (void) error_set(err, ERR_INVALID, "the package holds '%s', and drivers have no files there", name);
    return error_hint(err, "files of packages go to %s, Windows/System32 and Windows/SysWOW64", LAYOUT_STORE);
}

/* ---- places of the installer ---- */

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return ascii_ncasecmp(path, folder, length) == 0 && path[length] == '/';
}

static bool refuse_place(const char *path, const char *problem, Error *err)
{
    return error_set(err, ERR_INVALID, "the path '%s' %s", path, problem);
}

/* Originals are kept under their whole paths. */
bool layout_check_own(const char *path, Error *err)
{
    const char *problem = path_problem(path, strlen(path), 2);
    if (problem == NULL && !is_below(path, LAYOUT_OWN))
        problem = "is not below " LAYOUT_OWN;
    return problem == NULL || refuse_place(path, problem, err);
}

bool layout_check_step(const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    Error ignored = { .code = ERR_NONE }; /* what is wrong with it as a package's file says less */
    const char *checked;
    LayoutPlace place;
    bool ok = layout_check(path, &arena, &checked, &place, &ignored) || layout_check_own(path, &ignored) ||
              refuse_place(path, "is no place that installdrivers changes", err);
    arena_release(&arena);
    return ok;
}

/* Above a place, or where a file of a package could be. */
bool layout_check_made_folder(const char *path, Error *err)
{
    const char *problem = path_problem(path, strlen(path), 2);
    if (problem != NULL)
        return refuse_place(path, problem, err);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        size_t length = strlen(path);
        if (ascii_ncasecmp(places[i].folder, path, length) == 0 && strchr("/", places[i].folder[length]) != NULL)
            return true;
    }
    Arena arena = ARENA_INIT;
    bool ok = is_below(path, LAYOUT_OWN) || is_below(path, LAYOUT_STORE) ||
              layout_check_step(arena_printf(&arena, "%s/any", path), err);
    arena_release(&arena);
    return ok;
}

bool layout_check_value(const char *key, const char *name, Error *err)
{
    bool is_class_key = ascii_starts_with(key, LAYOUT_CLASS_KEY "\\");
    const char *number = is_class_key ? key + strlen(LAYOUT_CLASS_KEY "\\") : "";
    if (strlen(number) == 4 && strspn(number, "0123456789") == 4 && vendor_has_value(name))
        return true;
    return error_set(err, ERR_INVALID, "'%s' of the registry key '%s' is nothing that a driver package may set", name,
                     key);
}
