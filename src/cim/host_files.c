/* SPDX-License-Identifier: MIT */
#include "cim/host_files.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "platform/files.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct LocalFiles {
    HostFiles base;
    char *prefix, *suffix;
} LocalFiles;

/* On a disk that tells letter case apart, "system32" of a registry value is not the "System32" of a copied tree. */
static const char *in_any_case(const char *folder, const char *name, Arena *arena)
{
    const char *path = fs_join(arena, folder, name);
    StringList names;
    Error ignored; /* then the path stays as it is, and whoever opens it tells what is wrong */
    if (fs_exists(path) || !fs_list_folder(folder, arena, &names, &ignored))
        return path;
    for (size_t i = 0; i < names.count; i++) {
        if (text_equals(names.items[i], name))
            return fs_join(arena, folder, names.items[i]);
    }
    return path;
}

static bool refuse_link(const char *here, Error *err)
{
    FileStatus status;
    if (!file_status(here, &status, err))
        return false;
    return status.kind != FILE_LINK || error_set(err, ERR_INVALID, "'%s' is a link, which is not followed", here);
}

/* The path here of "C:\a\b" there. through_links: looks at no part of it. */
static bool translate(const LocalFiles *files, const char *path, bool through_links, Arena *arena,
                      const char **ret_path, Error *err)
{
    if (!ascii_is_alpha(path[0]) || path[1] != ':' || path[2] != '\\' || path[3] == '\0')
        return error_set(err, ERR_INVALID, "'%s' is not a path of the host", path);
    const char *here = arena_printf(arena, "%s%c%s", files->prefix, ascii_upper(path[0]), files->suffix);
    for (const char *part = path + 3; *part != '\0';) {
        size_t length = strcspn(part, "\\");
        const char *name = arena_strndup(arena, part, length);
        if (length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            return error_set(err, ERR_INVALID, "'%s' is not a path of the host", path);
        here = in_any_case(here, name, arena);
        if (!through_links && !refuse_link(here, err))
            return false;
        part += length + (part[length] == '\\');
    }
    *ret_path = here;
    return true;
}

/* Whose files they are: "\\\\" begins the path of another computer's share. */
static bool told(const LocalFiles *files, bool ok, Error *err)
{
    if (!ok)
        err->is_of_host = files->prefix[0] == '\\';
    return ok;
}

static bool list_folder(const LocalFiles *files, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    const char *here;
    StringList names;
    if (!translate(files, folder, false, arena, &here, err) || !fs_list_folder(here, arena, &names, err))
        return false;
    HostEntries entries = { 0 };
    for (size_t i = 0; i < names.count; i++) {
        FileStatus status;
        if (!file_status(fs_join(arena, here, names.items[i]), &status, err))
            return false;
        HostEntry entry = { names.items[i], status.kind == FILE_FOLDER, status.size, status.modified_s };
        if (status.kind == FILE_PLAIN || status.kind == FILE_FOLDER)
            ARRAY_PUSH(arena, &entries, entry);
    }
    *ret_entries = entries;
    return true;
}

static bool local_list(HostFiles *base, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    const LocalFiles *files = (const LocalFiles *) base;
    return told(files, list_folder(files, folder, arena, ret_entries, err), err);
}

static bool local_open(HostFiles *base, const char *path, HostFile **ret_file, Error *err)
{
    Arena arena = ARENA_INIT;
    const char *here;
    FileStream *stream;
    bool ok = translate((LocalFiles *) base, path, true, &arena, &here, err) && file_open(here, &stream, err);
    arena_release(&arena);
    if (!told((const LocalFiles *) base, ok, err))
        return false;
    *ret_file = (HostFile *) stream;
    return true;
}

static bool local_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    return file_read((FileStream *) file, buffer, size, ret_count, err);
}

static bool local_read_at(HostFile *file, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    return file_read_at((const FileStream *) file, offset, buffer, size, ret_count, err);
}

static void local_close_file(HostFile *file)
{
    file_close((FileStream *) file);
}

static void local_close(HostFiles *base)
{
    LocalFiles *files = (LocalFiles *) base;
    free(files->prefix);
    free(files->suffix);
    free(files);
}

HostFiles *host_files_open_local(const char *prefix, const char *suffix)
{
    static const HostFilesOps ops = {
        .list = local_list,
        .open = local_open,
        .read = local_read,
        .read_at = local_read_at,
        .close_file = local_close_file,
        .close = local_close,
    };
    LocalFiles *files = alloc_zeroed(sizeof(*files));
    files->base.ops = &ops;
    files->prefix = alloc_strdup(prefix);
    files->suffix = alloc_strdup(suffix);
    return &files->base;
}

bool host_files_read(HostFiles *files, const char *path, size_t limit, Arena *arena, char **ret_data, size_t *ret_size,
                     Error *err)
{
    enum { PIECE = 64 * 1024 };
    HostFile *file;
    if (!files->ops->open(files, path, &file, err))
        return false;
    size_t capacity = PIECE, size = 0, count = 0;
    char *data = arena_alloc(arena, capacity + 1);
    bool ok = true;
    while ((ok = files->ops->read(file, data + size, capacity - size, &count, err)) && count > 0) {
        size += count;
        if (size > limit) {
            ok = error_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", path, limit);
            break;
        }
        if (size == capacity) {
            char *larger = arena_alloc(arena, 2 * capacity + 1);
            memcpy(larger, data, size);
            data = larger;
            capacity *= 2;
        }
    }
    files->ops->close_file(file);
    if (!ok)
        return false;
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return true;
}

bool host_files_hash(HostFiles *files, const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    enum { PIECE = 256 * 1024 };
    HostFile *file;
    Hash *hash;
    if (files->ops->hash != NULL)
        return files->ops->hash(files, path, ret_text, err);
    if (!hash_create(&hash, err))
        return false;
    if (!files->ops->open(files, path, &file, err)) {
        hash_destroy(hash);
        return false;
    }
    char *buffer = alloc_zeroed(PIECE);
    size_t count = 0;
    bool ok;
    do {
        ok = cancel_is_requested(files->cancel) ? error_set(err, ERR_CANCELLED, "interrupted")
                                                : files->ops->read(file, buffer, PIECE, &count, err);
        if (ok)
            hash_add(hash, buffer, count);
    } while (ok && count == PIECE);
    hash_finish(hash, ret_text);
    hash_destroy(hash);
    free(buffer);
    files->ops->close_file(file);
    return ok;
}

void host_files_close(HostFiles *files)
{
    if (files != NULL)
        files->ops->close(files);
}
