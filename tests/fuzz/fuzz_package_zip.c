/* SPDX-License-Identifier: MIT */
/* Fuzz target: a zip from somewhere as a driver package. Whatever is accepted has a place that layout.h allows, goes to
 * no other file's place, and has exactly the size that was told before. Also the same input as a file name. */
#include "base/check.h"
#include "drivers/package/source.h"
#include "platform/files.h"
#include "platform/random.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory where the system has such a place: nothing here has to last. */
static const char *file_name(Arena *arena)
{
    static char id[GUID_TEXT_LENGTH + 1];
    if (id[0] == '\0')
        random_guid(id);
    return fs_join(arena, fs_exists("/dev/shm") ? "/dev/shm" : ".", arena_printf(arena, "fuzz-%s.zip", id));
}

static void put(const char *path, const uint8_t *data, size_t size)
{
    Error err = { .code = ERR_NONE };
    FileStream *stream;
    CHECK(file_remove_tree(path, &err) && file_create(path, &stream, &err));
    CHECK(file_write(stream, data, size, &err) && file_finish(stream, 0, &err));
}

static bool count_bytes(void *context, const void *data, size_t size, Error *err)
{
    (void) data;
    (void) err;
    *(uint64_t *) context += size;
    return true;
}

static void check_package(const PackageSource *source)
{
    Error err = { .code = ERR_NONE };
    PackageReader *reader;
    CHECK(source->entries.count > 0);
    CHECK(package_reader_open(source, &reader, &err));
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *entry = &source->entries.items[i];
        uint64_t bytes = 0;
        CHECK(package_find(source, entry->key) == entry);
        if (entry->size < 16 * 1024 * 1024 && package_read(reader, entry, count_bytes, &bytes, &err))
            CHECK(bytes == entry->size);
    }
    package_reader_close(reader);
}

static void check_name(const char *name)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *path, *again;
    LayoutPlace place;
    if (layout_check(name, &arena, &path, &place, &err)) {
        CHECK(strncmp(path, "Windows/Sys", strlen("Windows/Sys")) == 0);
        CHECK(strstr(path, "..") == NULL || strstr(path, "/../") == NULL);
        CHECK(strpbrk(path, "\\:*?\"<>|") == NULL && strstr(path, "//") == NULL);
        CHECK(layout_check(path, &arena, &again, &place, &err) && strcmp(path, again) == 0);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    PackageSource *source;
    const char *path = file_name(&arena);
    put(path, data, size);
    if (package_open(path, &arena, &source, &err)) {
        check_package(source);
        package_close(source);
    }
    CHECK(file_remove_tree(path, &err));
    check_name(arena_strndup(&arena, (const char *) data, size));
    arena_release(&arena);
    return 0;
}
