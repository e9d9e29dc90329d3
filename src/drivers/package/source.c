/* SPDX-License-Identifier: MIT */
#include "drivers/package/source.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"
#include "drivers/package/zip_read.h"
#include "platform/files.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

struct PackageReader {
    const PackageSource *source;
    ZipReader *zip; /* a zip */
    void *data;     /* a folder */
    size_t capacity;
};

/* ---- what is in it ---- */

const char *package_key(const char *path, Arena *arena)
{
    size_t size = strlen(path), used = 0;
    char *key = arena_alloc(arena, 2 * size + 1); /* no upper case is more than twice as long */
    for (size_t i = 0; i < size;) {
        uint32_t c = utf8_next(path, size, &i);
        used += utf8_encode(c == '/' ? 1 : text_upcase(c), key + used); /* 1: before all that a name may hold */
    }
    return key;
}

bool package_key_is_below(const char *rest)
{
    return *rest == 1;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const PackageEntry *) a)->key, ((const PackageEntry *) b)->key);
}

static int compare_key(const void *key, const void *entry)
{
    return strcmp(key, ((const PackageEntry *) entry)->key);
}

/* A file, or a folder. */
static bool count_thing(PackageSource *source, Error *err)
{
    return source->things++ < LIMIT_PACKAGE_FILES ||
           error_set(err, ERR_INVALID, "the package is larger than any driver");
}

static bool add_entry(void *context, const char *name, const PackageEntry *described, Error *err)
{
    PackageSource *source = context;
    PackageEntry entry = *described;
    if (!layout_check(name, &source->arena, &entry.path, &entry.place, err))
        return false;
    entry.key = package_key(entry.path, &source->arena);
    if (!count_thing(source, err))
        return false;
    if (entry.size > LIMIT_PACKAGE_BYTES - source->total_size)
        return error_set(err, ERR_INVALID, "the package is larger than any driver");
    if (entry.place == LAYOUT_IN_SYSTEM && ++source->system_files > LIMIT_PACKAGE_SYSTEM_FILES)
        return error_set(err, ERR_INVALID, "the package has more than %d files for System32 and SysWOW64",
                         LIMIT_PACKAGE_SYSTEM_FILES);
    source->total_size += entry.size;
    ARRAY_PUSH(&source->arena, &source->entries, entry);
    return true;
}

static bool add_folder(PackageSource *source, const char *path, unsigned depth, Error *err);

static bool add_item(PackageSource *source, const char *path, unsigned depth, Error *err)
{
    FileStatus status;
    if (!tree_status(source->tree, path, &status, err))
        return false;
    if (status.kind == FILE_FOLDER)
        return add_folder(source, path, depth + 1, err);
    if (status.kind != FILE_PLAIN)
        return error_set(err, ERR_INVALID, "'%s' in the package is a link or a device", path);
    PackageEntry entry = { .size = status.size, .modified_s = status.modified_s, .file = path };
    return add_entry(source, path, &entry, err);
}

static bool add_folder(PackageSource *source, const char *path, unsigned depth, Error *err)
{
    enum { DEPTH = 40 };
    StringList names;
    if (depth > DEPTH)
        return error_set(err, ERR_INVALID, "the folders in '%s' are nested too deep", source->path);
    if (!count_thing(source, err) || !tree_list(source->tree, path, &source->arena, &names, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < names.count; i++) {
        const char *item = names.items[i];
        /* A backslash is an ordinary letter of names on some systems, and no separator. */
        ok = layout_check_part(item, err) &&
             add_item(source, *path == '\0' ? item : arena_printf(&source->arena, "%s/%s", path, item), depth, err);
    }
    return ok;
}

/* Nothing may go to the same place as something else, or below a file. */
static bool check_collisions(const PackageSource *source, Error *err)
{
    for (size_t i = 1; i < source->entries.count; i++) {
        const PackageEntry *a = &source->entries.items[i - 1], *b = &source->entries.items[i];
        size_t length = strlen(a->key);
        if (strncmp(a->key, b->key, length) == 0 && (b->key[length] == '\0' || package_key_is_below(b->key + length)))
            return error_set(err, ERR_INVALID, "'%s' and '%s' in the package go to the same place", a->path, b->path);
    }
    return true;
}

/* The last part of the path without ".zip". */
static const char *name_of(const char *path, bool is_zip, Arena *arena)
{
    size_t end = strlen(path);
    while (end > 0 && strchr("/\\", path[end - 1]) != NULL)
        end--;
    size_t start = end;
    while (start > 0 && strchr("/\\:", path[start - 1]) == NULL)
        start--;
    size_t length = end - start;
    if (is_zip && length > 4 && ascii_ncasecmp(path + end - 4, ".zip", 4) == 0)
        length -= 4;
    return arena_strndup(arena, path + start, length);
}

static bool read_entries(PackageSource *source, Error *err)
{
    bool ok = source->is_zip ? zip_list(source->path, add_entry, source, err)
                             : tree_open(source->path, &source->tree, err) && add_folder(source, "", 0, err);
    if (!ok)
        return false;
    if (source->entries.count == 0)
        return error_set(err, ERR_INVALID, "no file is in it");
    qsort(source->entries.items, source->entries.count, sizeof(source->entries.items[0]), compare_entries);
    return check_collisions(source, err);
}

void package_close(PackageSource *source)
{
    if (source == NULL)
        return;
    Arena arena = source->arena;
    tree_close(source->tree);
    free(source);
    arena_release(&arena);
}

const PackageEntry *package_find(const PackageSource *source, const char *key)
{
    return bsearch(key, source->entries.items, source->entries.count, sizeof(source->entries.items[0]), compare_key);
}

/* ---- reading ---- */

bool package_reader_open(const PackageSource *source, PackageReader **ret_reader, Error *err)
{
    ZipReader *zip = NULL;
    if (source->is_zip && !zip_reader_open(source->path, &zip, err))
        return false;
    PackageReader *reader = alloc_zeroed(sizeof(*reader));
    *reader = (PackageReader){ .source = source, .zip = zip };
    *ret_reader = reader;
    return true;
}

void package_reader_close(PackageReader *reader)
{
    if (reader == NULL)
        return;
    zip_reader_close(reader->zip);
    free(reader->data);
    free(reader);
}

static bool read_pieces(PackageReader *reader, const PackageEntry *entry, FileStream *file, PackageTake *take,
                        void *context, Error *err)
{
    enum { PIECE = 1024 * 1024 };
    size_t wanted = entry->size <= PACKAGE_WHOLE ? (size_t) entry->size + 1 : PIECE;
    if (wanted > reader->capacity) {
        free(reader->data);
        reader->data = alloc_resize(NULL, wanted);
        reader->capacity = wanted;
    }
    uint64_t done = 0;
    for (;;) {
        size_t count;
        if (!file_read(file, reader->data, wanted, &count, err))
            return false;
        done += count;
        bool at_end = count < wanted;
        if (done > entry->size || (at_end && done < entry->size))
            return error_set(err, ERR_STATE, "'%s' in the package was changed while it was read", entry->path);
        if ((count > 0 || entry->size == 0) && !take(context, reader->data, count, err))
            return false;
        if (at_end)
            return true;
    }
}

bool package_read(PackageReader *reader, const PackageEntry *entry, PackageTake *take, void *context, Error *err)
{
    if (reader->zip != NULL)
        return zip_reader_read(reader->zip, entry, take, context, err);
    FileStream *file;
    if (!tree_open_file(reader->source->tree, entry->file, &file, err))
        return false;
    bool ok = read_pieces(reader, entry, file, take, context, err);
    file_close(file);
    return ok;
}

typedef struct Collected {
    char *data;
    size_t size;
} Collected;

static bool collect(void *context, const void *data, size_t size, Error *err)
{
    (void) err;
    Collected *collected = context;
    memcpy(collected->data + collected->size, data, size);
    collected->size += size;
    return true;
}

bool package_read_small(PackageReader *reader, const PackageEntry *entry, size_t limit, Arena *arena, char **ret_data,
                        size_t *ret_size, Error *err)
{
    if (entry->size > limit)
        return error_set(err, ERR_INVALID, "'%s' in the package is larger than %zu bytes", entry->path, limit);
    Collected collected = { .data = arena_alloc(arena, (size_t) entry->size + 1) };
    if (!package_read(reader, entry, collect, &collected, err))
        return false;
    *ret_data = collected.data;
    *ret_size = collected.size;
    return true;
}

static bool add_to_hash(void *context, const void *data, size_t size, Error *err)
{
    (void) err;
    hash_add(context, data, size);
    return true;
}

bool package_hash(PackageReader *reader, const PackageEntry *entry, char ret_sha256[HASH_TEXT_LENGTH + 1], Error *err)
{
    Hash *hash;
    if (!hash_create(&hash, err))
        return false;
    bool ok = package_read(reader, entry, add_to_hash, hash, err);
    hash_finish(hash, ret_sha256);
    hash_destroy(hash);
    return ok;
}

/* ---- opening ---- */

/* NULL: it has none. */
static const PackageEntry *find_manifest(const PackageSource *source, Arena *arena)
{
    return package_find(source, package_key(manifest_path(source->name, arena), arena));
}

bool package_hash_manifest(const PackageSource *source, char ret_sha256[HASH_TEXT_LENGTH + 1], Error *err)
{
    Arena arena = ARENA_INIT;
    PackageReader *reader;
    const PackageEntry *entry = find_manifest(source, &arena);
    arena_release(&arena);
    if (entry == NULL)
        return error_set(err, ERR_INVALID, "the package '%s' has no manifest", source->name);
    if (!package_reader_open(source, &reader, err))
        return false;
    bool ok = package_hash(reader, entry, ret_sha256, err);
    package_reader_close(reader);
    return ok;
}

static bool read_manifest(PackageSource *source, Arena *arena, Error *err)
{
    const PackageEntry *entry = find_manifest(source, arena);
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *other = &source->entries.items[i];
        if (other->place == LAYOUT_IN_OWN && other != entry) {
            (void) error_set(err, ERR_INVALID, "'%s' in the package is not the manifest of '%s'", other->path,
                             source->name);
            return error_hint(err, "give the package the name back that it was gathered with");
        }
    }
    PackageReader *reader;
    char *text;
    size_t size;
    if (entry == NULL)
        return true;
    if (!package_reader_open(source, &reader, err))
        return false;
    Manifest *manifest = ARENA_NEW(arena, Manifest);
    bool ok = package_read_small(reader, entry, LIMIT_MANIFEST_BYTES, arena, &text, &size, err) &&
              (manifest_parse(text, size, arena, manifest, err) ||
               error_prefix(err, "its manifest cannot be understood"));
    package_reader_close(reader);
    source->manifest = manifest;
    return ok;
}

/* By the first manifest in it; that there is a second one is seen later. */
static bool name_by_manifest(PackageSource *source, Error *err)
{
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *entry = &source->entries.items[i];
        if (entry->place != LAYOUT_IN_OWN)
            continue;
        const char *file = entry->path + strlen(LAYOUT_OWN "/");
        if (strchr(file, '/') == NULL && ascii_ends_with(file, ".json")) {
            source->name = arena_strndup(&source->arena, file, strlen(file) - strlen(".json"));
            return true;
        }
    }
    return error_set(err, ERR_INVALID, "it has no manifest");
}

static bool open_package(const char *path, bool is_nameless, Arena *arena, PackageSource **ret_source, Error *err)
{
    FileStatus status;
    Arena own = ARENA_INIT;
    const char *resolved;
    bool ok = fs_canonical_path(path, &own, &resolved, err) && file_status(resolved, &status, err);
    if (ok && status.kind != FILE_PLAIN && status.kind != FILE_FOLDER)
        ok = status.kind == FILE_NONE ? error_set(err, ERR_NOT_FOUND, "there is no package '%s'", path)
                                      : error_set(err, ERR_INVALID, "'%s' is neither a folder nor a zip", path);
    if (!ok) {
        arena_release(&own);
        return false;
    }
    PackageSource *source = alloc_zeroed(sizeof(*source));
    source->arena = own;
    source->path = resolved;
    source->is_zip = status.kind == FILE_PLAIN;
    source->name = name_of(resolved, source->is_zip, &source->arena);
    if (!layout_check_part(source->name, err) || !read_entries(source, err) ||
        (is_nameless && !name_by_manifest(source, err)) || !read_manifest(source, arena, err)) {
        package_close(source);
        return error_prefix(err, "package '%s'", path);
    }
    *ret_source = source;
    return true;
}

/* Gathering goes by sizes and times, and may take the damaged one for good. */
bool package_hint_damaged(Error *err)
{
    return error_hint(err, "copy the package again; if it is like that where it was gathered, remove it there and "
                           "gather it anew");
}

bool package_open(const char *path, Arena *arena, PackageSource **ret_source, Error *err)
{
    return open_package(path, false, arena, ret_source, err);
}

bool package_open_nameless(const char *path, Arena *arena, PackageSource **ret_source, Error *err)
{
    return open_package(path, true, arena, ret_source, err);
}
