/* SPDX-License-Identifier: MIT */
/* Headers, section, resource folders, resource: what each of them says about where the next one lies is followed only
 * inside the file, and never twice. */
#include "drivers/package/pe_version.h"

#include "base/compiler.h"

#include <string.h>

/* ---- bytes ---- */

typedef struct Bytes {
    const unsigned char *data;
    uint64_t size;
} Bytes;

/* Empty if not all of it is there. */
static Bytes slice(Bytes from, uint64_t offset, uint64_t size)
{
    if (offset > from.size || size > from.size - offset)
        return (Bytes){ NULL, 0 };
    return (Bytes){ from.data + offset, size };
}

/* Little endian; 0 if it is not there: that is neither a signature nor a count of anything. */
static uint32_t read_16(Bytes from, uint64_t offset)
{
    Bytes found = slice(from, offset, 2);
    return found.size == 0 ? 0 : (uint32_t) found.data[0] | (uint32_t) found.data[1] << 8;
}

static uint32_t read_32(Bytes from, uint64_t offset)
{
    Bytes found = slice(from, offset, 4);
    return found.size == 0 ? 0 : read_16(found, 0) | read_16(found, 2) << 16;
}

/* ---- the resource in the file ---- */

/* From that address of the loaded image to the end of its section. */
static Bytes at_address(Bytes file, uint32_t address)
{
    uint64_t header = read_32(file, 0x3C);
    uint64_t section = header + 24 + read_16(file, header + 20);
    for (uint32_t count = read_16(file, header + 6); count > 0; count--, section += 40) {
        uint32_t start = read_32(file, section + 12), size = read_32(file, section + 16);
        if (address >= start && address - start < size)
            return slice(slice(file, read_32(file, section + 20), size), address - start, size - (address - start));
    }
    return (Bytes){ NULL, 0 };
}

/* All resources of a 32-bit or a 64-bit image. */
static Bytes find_resources(Bytes file)
{
    enum { PE32 = 0x10B, PE32_PLUS = 0x20B, RESOURCES = 2 };
    uint64_t header = read_32(file, 0x3C), optional = header + 24;
    uint32_t format = read_16(file, optional);
    bool is_image = read_16(file, 0) == 0x5A4D && read_32(file, header) == 0x4550; /* "MZ", "PE" */
    if (!is_image || (format != PE32 && format != PE32_PLUS))
        return (Bytes){ NULL, 0 };
    uint64_t directories = optional + (format == PE32 ? 96 : 112);
    if (read_32(file, directories - 4) <= RESOURCES)
        return (Bytes){ NULL, 0 };
    return at_address(file, read_32(file, directories + 8 * RESOURCES));
}

enum { ANY = 0, VERSION = 16 };

/* Where the entry of that number is, in a folder of resources; 0 if there is none. */
static uint32_t find_entry(Bytes resources, uint32_t folder, uint32_t number)
{
    uint32_t count = read_16(resources, folder + UINT64_C(12)) + read_16(resources, folder + UINT64_C(14));
    for (uint64_t entry = folder + UINT64_C(16); count > 0; count--, entry += 8) {
        if (number == ANY || read_32(resources, entry) == number)
            return read_32(resources, entry + 4);
    }
    return 0;
}

/* Three folders deep: by type, name, language. The first name and language will do: there is no more than one. */
static Bytes find_version(const void *data, size_t size)
{
    enum { OFFSET = INT32_MAX }; /* the bit above: it is a folder */
    static const uint32_t numbers[] = { VERSION, ANY, ANY };
    Bytes file = { data, size }, resources = find_resources(file);
    uint32_t place = 0;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        place = find_entry(resources, place & OFFSET, numbers[i]);
        bool is_folder = place > OFFSET;
        if (place == 0 || is_folder != (i + 1 < COUNT_OF(numbers)))
            return (Bytes){ NULL, 0 };
    }
    return slice(at_address(file, read_32(resources, place)), 0, read_32(resources, place + UINT64_C(4)));
}

/* ---- what is in it ---- */

/* VS_FIXEDFILEINFO: after the lengths and the name "VS_VERSION_INFO", which all resources have. */
enum { FIXED = 40 };

static uint64_t align(uint64_t offset)
{
    return (offset + 3) / 4 * 4;
}

static bool begins_with(Bytes version, uint64_t offset, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (read_16(version, offset + 2 * i) != (unsigned char) text[i])
            return false;
    }
    return true;
}

/* Whether the value at that path (NULL: any name) begins with the text. A block is its length, 4 bytes more, its name
 * with NUL, and either a value or more blocks, each at a multiple of 4. */
static bool has_text(Bytes version, uint64_t offset, uint64_t end, const char *const *path, size_t depth,
                     const char *text)
{
    for (uint64_t next; offset < end; offset = align(next)) {
        uint64_t name = offset + 6, inside = name;
        next = offset + read_16(version, offset);
        if (next <= name || next > end)
            return false;
        while (inside < next && read_16(version, inside) != 0)
            inside += 2;
        inside = align(inside + 2);
        if (path[0] != NULL && !begins_with(version, name, path[0], strlen(path[0]) + 1))
            continue;
        if (depth == 1 ? begins_with(version, inside, text, strlen(text))
                       : has_text(version, inside, next, path + 1, depth - 1, text))
            return true;
    }
    return false;
}

bool pe_file_version(const void *data, size_t size, uint64_t *ret_version)
{
    Bytes version = find_version(data, size);
    Bytes fixed = slice(version, FIXED, 16); /* signature, version of the structure, the file's version in two halves */
    if (read_32(fixed, 0) != 0xFEEF04BD)
        return false;
    *ret_version = (uint64_t) read_32(fixed, 8) << 32 | read_32(fixed, 12);
    return true;
}

bool pe_is_microsoft(const void *data, size_t size)
{
    static const char *const path[] = { "StringFileInfo", NULL, "CompanyName" }; /* NULL: language and code page */
    Bytes version = find_version(data, size);
    uint64_t after_fixed = align(FIXED + read_16(version, 2));
    return has_text(version, after_fixed, version.size, path, COUNT_OF(path), "Microsoft");
}
