/* SPDX-License-Identifier: MIT */
/* Headers, section, resource folders, resource: what each of them says about where the next one lies is followed only
 * inside the file, and never twice. */
#include "drivers/package/pe_version.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "base/limits.h"

#include <string.h>

/* ---- bytes ---- */

/* The piece of the file that was read last: what is looked for lies close together. */
typedef struct Window {
    PeRead *read;
    void *context;
    uint64_t start;
    size_t size;
    unsigned char bytes[4096];
} Window;

/* A part of the file. */
typedef struct Bytes {
    Window *window;
    uint64_t start, size;
} Bytes;

/* Empty if not all of it is there. */
static Bytes slice(Bytes from, uint64_t offset, uint64_t size)
{
    if (offset > from.size || size > from.size - offset)
        return (Bytes){ from.window, 0, 0 };
    return (Bytes){ from.window, from.start + offset, size };
}

/* Little endian; 0 if it is not there: that is neither a signature nor a count of anything. */
static uint32_t read_16(Bytes from, uint64_t offset)
{
    Bytes found = slice(from, offset, 2);
    Window *window = found.window;
    if (found.size == 0)
        return 0;
    if (found.start < window->start || found.start + 2 > window->start + window->size) {
        window->start = found.start;
        window->size = window->read(window->context, found.start, window->bytes, sizeof(window->bytes));
        if (window->size < 2)
            return 0;
    }
    const unsigned char *bytes = window->bytes + (found.start - window->start);
    return (uint32_t) bytes[0] | (uint32_t) bytes[1] << 8;
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
    return (Bytes){ file.window, 0, 0 };
}

static PeKind find_kind(Bytes file)
{
    enum { PE32 = 0x10B, PE32_PLUS = 0x20B, DLL = 0x2000 };
    uint64_t header = read_32(file, 0x3C);
    uint32_t format = read_16(file, header + 24);
    bool is_image = read_16(file, 0) == 0x5A4D && read_32(file, header) == 0x4550; /* "MZ", "PE" */
    return (PeKind){ .bits = !is_image             ? 0
                             : format == PE32      ? 32
                             : format == PE32_PLUS ? 64
                                                   : 0,
                     .is_library = (read_16(file, header + 22) & DLL) != 0 };
}

/* All resources of a 32-bit or a 64-bit image. */
static Bytes find_resources(Bytes file)
{
    enum { RESOURCES = 2 };
    unsigned bits = find_kind(file).bits;
    if (bits == 0)
        return (Bytes){ file.window, 0, 0 };
    uint64_t directories = read_32(file, 0x3C) + UINT64_C(24) + (bits == 32 ? 96 : 112);
    if (read_32(file, directories - 4) <= RESOURCES)
        return (Bytes){ file.window, 0, 0 };
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
static Bytes find_version(Bytes file)
{
    enum { OFFSET = INT32_MAX }; /* the bit above: it is a folder */
    static const uint32_t numbers[] = { VERSION, ANY, ANY };
    Bytes resources = find_resources(file);
    uint32_t place = 0;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        place = find_entry(resources, place & OFFSET, numbers[i]);
        bool is_folder = place > OFFSET;
        if (place == 0 || is_folder != (i + 1 < COUNT_OF(numbers)))
            return (Bytes){ file.window, 0, 0 };
    }
    uint32_t size = read_32(resources, place + UINT64_C(4));
    return size > LIMIT_PE_VERSION_BYTES ? (Bytes){ file.window, 0, 0 }
                                         : slice(at_address(file, read_32(resources, place)), 0, size);
}

/* ---- what is in it ---- */

/* VS_FIXEDFILEINFO: after the lengths and the name "VS_VERSION_INFO", which all resources have. */
enum { FIXED = 40 };

static uint64_t align(uint64_t offset)
{
    return (offset + 3) / 4 * 4;
}

/* With its NUL. */
static bool has_name(Bytes version, uint64_t offset, const char *name)
{
    for (size_t i = 0; i <= strlen(name); i++) {
        if (read_16(version, offset + 2 * i) != (unsigned char) name[i])
            return false;
    }
    return true;
}

static void take_company(Bytes version, uint64_t offset, PeVersion *told)
{
    char company[PE_COMPANY_LENGTH + 1] = "";
    for (size_t i = 0; i < PE_COMPANY_LENGTH; i++) {
        uint32_t unit = read_16(version, offset + 2 * i);
        if (unit == 0)
            break;
        company[i] = unit >= ' ' && unit < 0x7F ? (char) unit : '?';
    }
    told->is_microsoft |= ascii_starts_with(company, "Microsoft");
    if (told->company[0] == '\0')
        memcpy(told->company, company, sizeof(company));
}

/* The companies at StringFileInfo, any language and code page, CompanyName. A block is its length, 4 bytes more, its
 * name with NUL, and either a value or more blocks, each at a multiple of 4. */
static void find_companies(Bytes version, uint64_t offset, uint64_t end, size_t depth, PeVersion *told)
{
    static const char *const path[] = { "StringFileInfo", NULL, "CompanyName" };
    for (uint64_t next; offset < end; offset = align(next)) {
        uint64_t name = offset + 6, inside = name;
        next = offset + read_16(version, offset);
        if (next <= name || next > end)
            return;
        while (inside < next && read_16(version, inside) != 0)
            inside += 2;
        inside = align(inside + 2);
        if (path[depth] != NULL && !has_name(version, name, path[depth]))
            continue;
        if (depth + 1 == COUNT_OF(path))
            take_company(slice(version, 0, next), inside, told);
        else
            find_companies(version, inside, next, depth + 1, told);
    }
}

PeVersion pe_read_version(PeRead *read, void *context, uint64_t size)
{
    Window window = { .read = read, .context = context };
    PeVersion told = { .has_number = false };
    Bytes version = find_version((Bytes){ &window, 0, size });
    Bytes fixed = slice(version, FIXED, 16); /* signature, version of the structure, the file's version in two halves */
    if (version.size == 0)
        return told;
    told.has_number = read_32(fixed, 0) == 0xFEEF04BD;
    if (told.has_number)
        told.number = (uint64_t) read_32(fixed, 8) << 32 | read_32(fixed, 12);
    find_companies(version, align(FIXED + read_16(version, 2)), version.size, 0, &told);
    return told;
}

PeKind pe_read_kind(PeRead *read, void *context, uint64_t size)
{
    Window window = { .read = read, .context = context };
    return find_kind((Bytes){ &window, 0, size });
}

typedef struct Memory {
    const char *data;
    size_t size;
} Memory;

static size_t read_memory(void *context, uint64_t offset, void *buffer, size_t size)
{
    const Memory *memory = context;
    if (offset >= memory->size)
        return 0;
    if (size > memory->size - (size_t) offset)
        size = memory->size - (size_t) offset;
    memcpy(buffer, memory->data + offset, size);
    return size;
}

PeVersion pe_version_of(const void *data, size_t size)
{
    Memory memory = { data, size };
    return pe_read_version(read_memory, &memory, size);
}
