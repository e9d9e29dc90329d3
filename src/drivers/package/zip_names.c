/* SPDX-License-Identifier: MIT */
#include "drivers/package/zip_names.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "drivers/package/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of each header before what varies, and the most that varies: a name, and what is extra. */
enum { END = 22, LOCATOR = 20, END_64 = 56, ENTRY = 46, LOCAL = 30, VARYING = UINT16_MAX };

typedef struct Walk {
    const FileStream *file;
    uint64_t size, next, count; /* of the zip; where the next entry of its directory is, how many there are */
    unsigned char *entry, *local;
} Walk;

static uint64_t number(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    while (size > 0)
        value = value << 8 | bytes[--size];
    return value;
}

static bool fail_damaged(Error *err)
{
    (void) error_set(err, ERR_INVALID, "the zip's directory is damaged");
    return package_hint_damaged(err);
}

static bool fail_other_name(uint64_t index, Error *err)
{
    return error_set(err, ERR_INVALID, "entry %" PRIu64 " of the zip has another name before its data", index);
}

/* All of it, or an error. */
static bool read_all(const Walk *walk, uint64_t offset, unsigned char *bytes, size_t size, Error *err)
{
    size_t count;
    if (offset > walk->size || size > walk->size - offset)
        return fail_damaged(err);
    if (!file_read_at(walk->file, offset, bytes, size, &count, err))
        return false;
    return count == size || fail_damaged(err);
}

/* The numbers of large zips are in a header of their own. */
static bool find_directory_64(Walk *walk, uint64_t end, Error *err)
{
    unsigned char locator[LOCATOR], end_64[END_64];
    if (end < LOCATOR)
        return fail_damaged(err);
    if (!read_all(walk, end - LOCATOR, locator, LOCATOR, err) ||
        !read_all(walk, number(locator + 8, 8), end_64, END_64, err))
        return false;
    if (number(locator, 4) != 0x07064B50 || number(end_64, 4) != 0x06064B50)
        return fail_damaged(err);
    walk->count = number(end_64 + 32, 8);
    walk->next = number(end_64 + 48, 8);
    return true;
}

static bool find_directory(Walk *walk, Error *err)
{
    size_t size = walk->size < END + VARYING ? (size_t) walk->size : END + VARYING;
    unsigned char *tail = alloc_resize(NULL, size + 1);
    bool ok = read_all(walk, walk->size - size, tail, size, err);
    size_t place = size + 1 - END; /* one more than the last possible one */
    bool found = false;
    while (ok && size >= END && !found && place-- > 0)
        found = number(tail + place, 4) == 0x06054B50 && place + END + number(tail + place + 20, 2) == size;
    if (ok && !found)
        ok = fail_damaged(err);
    if (ok) {
        walk->count = number(tail + place + 10, 2);
        walk->next = number(tail + place + 16, 4);
        if (walk->count == UINT16_MAX || walk->next == UINT32_MAX || number(tail + place + 12, 4) == UINT32_MAX)
            ok = find_directory_64(walk, walk->size - size + place, err);
    }
    free(tail);
    return ok;
}

/* Where the file's own header is; UINT64_MAX if the entry does not tell. "extra": what follows the name. */
static uint64_t local_place(const unsigned char *entry, const unsigned char *extra, size_t size)
{
    enum { PLACE = 42, SIZE = 24, PACKED_SIZE = 20, ZIP64 = 1 };
    uint64_t place = number(entry + PLACE, 4);
    size_t before = (number(entry + SIZE, 4) == UINT32_MAX ? sizeof(uint64_t) : 0) +
                    (number(entry + PACKED_SIZE, 4) == UINT32_MAX ? sizeof(uint64_t) : 0);
    if (place != UINT32_MAX)
        return place;
    while (size >= 4) {
        size_t length = (size_t) number(extra + 2, 2);
        if (length > size - 4)
            break;
        if (number(extra, 2) == ZIP64 && length >= before + 8)
            return number(extra + 4 + before, 8);
        extra += 4 + length;
        size -= 4 + length;
    }
    return UINT64_MAX;
}

static bool walk_entry(Walk *walk, uint64_t index, ZipName *take, void *context, Error *err)
{
    unsigned char *entry = walk->entry, *local = walk->local;
    if (!read_all(walk, walk->next, entry, ENTRY, err))
        return false;
    size_t length = (size_t) number(entry + 28, 2), extra = (size_t) number(entry + 30, 2);
    if (number(entry, 4) != 0x02014B50)
        return fail_damaged(err);
    if (!read_all(walk, walk->next + ENTRY, entry + ENTRY, length + extra, err) ||
        !read_all(walk, local_place(entry, entry + ENTRY + length, extra), local, LOCAL, err))
        return false;
    const char *name = (const char *) entry + ENTRY;
    if (memchr(name, '\0', length) != NULL)
        return error_set(err, ERR_INVALID, "the name of entry %" PRIu64 " of the zip has a NUL in it", index);
    if (number(local, 4) != 0x04034B50 || number(local + 26, 2) != length)
        return fail_other_name(index, err);
    if (!read_all(walk, local_place(entry, entry + ENTRY + length, extra) + LOCAL, local + LOCAL, length, err))
        return false;
    if (memcmp(local + LOCAL, name, length) != 0)
        return fail_other_name(index, err);
    walk->next += ENTRY + length + extra + number(entry + 32, 2);
    return take(context, index, name, length, err);
}

bool zip_each_name(const FileStream *file, uint64_t size, ZipName *take, void *context, Error *err)
{
    Walk walk = { .file = file, .size = size };
    if (!find_directory(&walk, err))
        return false;
    if (walk.count > LIMIT_PACKAGE_FILES)
        return error_set(err, ERR_INVALID, "the zip has %" PRIu64 " entries; no driver has so many", walk.count);
    walk.entry = alloc_resize(NULL, ENTRY + 2 * VARYING);
    walk.local = alloc_resize(NULL, LOCAL + VARYING);
    bool ok = true;
    for (uint64_t i = 0; ok && i < walk.count; i++)
        ok = walk_entry(&walk, i, take, context, err);
    free(walk.entry);
    free(walk.local);
    return ok;
}
