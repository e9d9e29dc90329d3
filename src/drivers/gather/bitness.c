/* SPDX-License-Identifier: MIT */
#include "drivers/gather/bitness.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "drivers/gather/host_image.h"

#include <string.h>

static bool is_one_of(const char *part, size_t length, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == length && ascii_ncasecmp(part, names[i], length) == 0)
            return true;
    }
    return false;
}

/* By the innermost folder that is called so; 0: none is. */
static unsigned bits_of_folder(const char *path)
{
    static const char *const of_64[] = { "x64", "amd64", "arm64", "x86_64", "win64", "64", "64bit" };
    static const char *const of_32[] = { "x86", "i386", "x32", "win32", "wow64", "syswow64", "32", "32bit" };
    unsigned bits = 0;
    for (const char *end; (end = strchr(path, '\\')) != NULL; path = end + 1) {
        size_t length = (size_t) (end - path);
        if (is_one_of(path, length, of_64, COUNT_OF(of_64)))
            bits = 64;
        else if (is_one_of(path, length, of_32, COUNT_OF(of_32)))
            bits = 32;
    }
    return bits;
}

BitnessFit bitness_fit(HostFiles *files, const DriverFile *file, const char *target)
{
    PeKind kind = host_image_kind(files, file->source, file->size);
    unsigned wanted = ascii_starts_with(target, "Windows/System32/") ? 64 : 32;
    if (kind.bits == 0) {
        kind.bits = bits_of_folder(file->source);
        kind.is_library = ascii_ends_with(file->source, ".dll");
    }
    if (kind.bits == 0)
        return BITNESS_UNKNOWN;
    if (kind.bits == wanted)
        return BITNESS_RIGHT;
    return kind.is_library ? BITNESS_WRONG : BITNESS_OTHER;
}
