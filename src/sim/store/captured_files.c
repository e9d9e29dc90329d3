/* SPDX-License-Identifier: MIT */
#include "sim/store/captured_files.h"

#include "base/alloc.h"
#include "platform/text.h"
#include "sim/store/host_model.h"

#include <stdlib.h>
#include <string.h>

typedef struct CapturedFiles {
    HostFiles base;
    Arena arena;
    SimFiles list;
} CapturedFiles;

struct HostFile {
    const SimFile *file;
    size_t position;
};

static const SimFile *find_file(const HostFiles *base, const char *path, Error *err)
{
    const CapturedFiles *files = (const CapturedFiles *) base;
    for (size_t i = 0; i < files->list.count; i++) {
        if (*files->list.items[i].sha256 != '\0' && text_equals(files->list.items[i].path, path))
            return &files->list.items[i];
    }
    (void) error_set(err, ERR_NOT_FOUND, "cannot open '%s': the captured host has no such file", path);
    return NULL;
}

/* The name behind the folder, and *ret_is_folder; NULL: it is not in there. */
static const char *name_in(const char *path, const char *folder, Arena *arena, bool *ret_is_folder)
{
    size_t length = strlen(folder);
    if (strlen(path) <= length || path[length] != '\\' || !text_equals(arena_strndup(arena, path, length), folder))
        return NULL;
    const char *rest = path + length + 1;
    size_t end = strcspn(rest, "\\");
    *ret_is_folder = rest[end] != '\0';
    return arena_strndup(arena, rest, end);
}

static bool captured_list(HostFiles *base, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    const CapturedFiles *files = (const CapturedFiles *) base;
    HostEntries entries = { 0 };
    bool is_there = false;
    for (size_t i = 0; i < files->list.count; i++) {
        const SimFile *file = &files->list.items[i];
        bool is_folder = false;
        const char *name = name_in(file->path, folder, arena, &is_folder);
        is_there = is_there || name != NULL;
        if (name == NULL || *name == '\0') /* outside; the folder itself */
            continue;
        HostEntry entry = { name, is_folder, is_folder ? 0 : file->size, file->modified_s };
        bool is_new = true;
        for (size_t k = 0; k < entries.count; k++)
            is_new = is_new && !text_equals(entries.items[k].name, entry.name);
        if (is_new)
            ARRAY_PUSH(arena, &entries, entry);
    }
    if (!is_there) {
        (void) error_set(err, ERR_NOT_FOUND, "cannot open '%s': the captured host has no such folder", folder);
        return error_hint(err, "it has to be captured together with the files of its drivers");
    }
    *ret_entries = entries;
    return true;
}

static bool captured_open(HostFiles *base, const char *path, HostFile **ret_file, Error *err)
{
    const SimFile *file = find_file(base, path, err);
    if (file == NULL)
        return false;
    *ret_file = alloc_zeroed(sizeof(**ret_file));
    (*ret_file)->file = file;
    return true;
}

static bool captured_read_at(HostFile *file, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    if (file->file->text == NULL) {
        (void) error_set(err, ERR_UNSUPPORTED, "a captured host has not what is in '%s'", file->file->path);
        return error_hint(err, "make packages on the host itself");
    }
    size_t all = strlen(file->file->text), start = offset < all ? (size_t) offset : all;
    *ret_count = size < all - start ? size : all - start;
    memcpy(buffer, file->file->text + start, *ret_count);
    return true;
}

static bool captured_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    if (!captured_read_at(file, file->position, buffer, size, ret_count, err))
        return false;
    file->position += *ret_count;
    return true;
}

static bool captured_hash(HostFiles *base, const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    const SimFile *file = find_file(base, path, err);
    if (file == NULL)
        return false;
    memcpy(ret_text, file->sha256, HASH_TEXT_LENGTH + 1);
    return true;
}

static bool captured_describe(HostFiles *base, const char *path, HostImage *ret_image, Error *err)
{
    const SimFile *file = find_file(base, path, err);
    if (file == NULL)
        return false;
    *ret_image = (HostImage){ .bits = file->bits,
                              .is_library = file->is_library,
                              .has_number = file->has_number,
                              .is_microsoft = file->is_microsoft,
                              .number = file->number };
    return true;
}

static void captured_close_file(HostFile *file)
{
    free(file);
}

static void captured_close(HostFiles *base)
{
    arena_release(&((CapturedFiles *) base)->arena);
    free(base);
}

HostFiles *captured_files_open(const SimHost *host)
{
    static const HostFilesOps ops = {
        .list = captured_list,
        .open = captured_open,
        .read = captured_read,
        .read_at = captured_read_at,
        .close_file = captured_close_file,
        .close = captured_close,
        .hash = captured_hash,
        .describe = captured_describe,
    };
    CapturedFiles *files = alloc_zeroed(sizeof(*files));
    files->base.ops = &ops;
    files->base.has_no_contents = true;
    for (size_t i = 0; i < host->files.count; i++) {
        SimFile file = host->files.items[i];
        file.path = arena_strdup(&files->arena, file.path);
        file.sha256 = arena_strdup(&files->arena, file.sha256);
        file.text = file.text != NULL ? arena_strdup(&files->arena, file.text) : NULL;
        ARRAY_PUSH(&files->arena, &files->list, file);
    }
    return &files->base;
}
