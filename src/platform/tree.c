/* SPDX-License-Identifier: MIT */
/* The portable part of trees that others can change. */
#include "platform/tree_way.h"

#include "platform/random.h"

#include <string.h>

bool tree_refuse(const char *path, bool is_link, Error *err)
{
    (void) error_set(err, ERR_STATE, "'%s' is %s", path,
                     is_link ? "a link, and could lead anywhere" : "a file, not a folder");
    return error_hint(err, "only real folders are worked in; look at it, and move it out of the way");
}

/* Both separators and a drive's or stream's colon: the rule is one, wherever the tree lies. */
static bool leads_elsewhere(const char *part)
{
    return part[0] == '\0' || strcmp(part, ".") == 0 || strcmp(part, "..") == 0 || strpbrk(part, "\\:") != NULL;
}

bool tree_split(const char *path, Arena *arena, StringList *ret_parts, Error *err)
{
    StringList parts = { 0 };
    for (const char *part = path; *path != '\0'; part += strcspn(part, "/") + 1) {
        size_t length = strcspn(part, "/");
        ARRAY_PUSH(arena, &parts, arena_strndup(arena, part, length));
        if (leads_elsewhere(parts.items[parts.count - 1]) || parts.count > TREE_DEPTH)
            return error_set(err, ERR_INVALID, "'%s' is no path of a file below a folder", path);
        if (part[length] == '\0')
            break;
    }
    *ret_parts = parts;
    return true;
}

const char *tree_full(const Tree *tree, const char *path, Arena *arena)
{
    return *path == '\0' ? tree_root(tree) : fs_join(arena, tree_root(tree), path);
}

bool tree_status(const Tree *tree, const char *path, FileStatus *ret_status, Error *err)
{
    Way way;
    Error failure = { .code = ERR_NONE };
    if (!tree_way_open(tree, path, &way, &failure)) {
        *ret_status = (FileStatus){ .kind = FILE_NONE };
        if (failure.code == ERR_NOT_FOUND)
            return true;
        *err = failure;
        return false;
    }
    bool ok = file_status_at(&way.place, ret_status, err);
    tree_way_close(&way);
    return ok;
}

typedef bool Opening(const FsPlace *place, FileStream **ret_stream, Error *err);

static bool open_by(const Tree *tree, const char *path, Opening *opening, FileStream **ret_stream, Error *err)
{
    Way way;
    if (!tree_way_open(tree, path, &way, err))
        return false;
    bool ok = opening(&way.place, ret_stream, err);
    tree_way_close(&way);
    return ok;
}

bool tree_open_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    return open_by(tree, path, file_open_at, ret_stream, err);
}

bool tree_create_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    return open_by(tree, path, file_create_at, ret_stream, err);
}

bool tree_make_folder(const Tree *tree, const char *path, Error *err)
{
    Way way;
    if (!tree_way_open(tree, path, &way, err))
        return false;
    bool ok = file_make_folder_at(&way.place, err);
    tree_way_close(&way);
    return ok;
}

typedef bool Move(const FsPlace *from, const FsPlace *to, Error *err);

static bool move_by(const Tree *tree, const char *from, const char *to, Move *move, Error *err)
{
    Way old, fresh;
    if (!tree_way_open(tree, from, &old, err))
        return false;
    bool ok = tree_way_open(tree, to, &fresh, err);
    if (ok) {
        ok = move(&old.place, &fresh.place, err);
        tree_way_close(&fresh);
    }
    tree_way_close(&old);
    return ok;
}

bool tree_move(const Tree *tree, const char *from, const char *to, Error *err)
{
    return move_by(tree, from, to, file_move_at, err);
}

typedef bool Removal(const FsPlace *place, Error *err);

/* Without the folders above it there is nothing to remove. */
static bool remove_by(const Tree *tree, const char *path, Removal *removal, Error *err)
{
    Way way;
    Error failure = { .code = ERR_NONE };
    if (!tree_way_open(tree, path, &way, &failure)) {
        if (failure.code == ERR_NOT_FOUND)
            return true;
        *err = failure;
        return false;
    }
    bool ok = removal(&way.place, err);
    tree_way_close(&way);
    return ok;
}

bool tree_remove_file(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, tree_remove_flushed_at, err);
}

bool tree_remove(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove_at, err);
}

bool tree_remove_folder(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove_folder_at, err);
}

bool tree_read(const Tree *tree, const char *path, size_t limit, Arena *arena, char **ret_data, size_t *ret_size,
               Error *err)
{
    FileStream *file;
    FileStatus status;
    size_t size;
    if (!tree_status(tree, path, &status, err) || !tree_open_file(tree, path, &file, err))
        return false;
    size_t wanted = status.size <= limit ? (size_t) status.size + 1 : 1; /* one more shows a file that grows */
    char *data = arena_alloc(arena, wanted + 1);
    bool ok = file_read(file, data, wanted, &size, err);
    file_close(file);
    if (ok && size == wanted)
        ok = status.size > limit
                 ? error_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", tree_full(tree, path, arena), limit)
                 : error_set(err, ERR_STATE, "'%s' was changed while it was read", tree_full(tree, path, arena));
    if (!ok)
        return false;
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return true;
}

static bool write_new(const Tree *tree, const char *path, const void *data, size_t size, Error *err)
{
    FileStream *file;
    if (!tree_create_file(tree, path, &file, err))
        return false;
    if (file_write(file, data, size, err) && file_flush(file, err))
        return file_finish_unflushed(file, 0, err);
    file_close(file);
    return false;
}

bool tree_replace_file(const Tree *tree, const char *path, const void *data, size_t size, Error *err)
{
    Arena arena = ARENA_INIT;
    Error ignored = { .code = ERR_NONE }; /* the first error is what matters */
    char guid[GUID_TEXT_LENGTH + 1];
    random_guid(guid);
    const char *fresh = arena_printf(&arena, "%s.%.8s.tmp", path, guid);
    bool ok = write_new(tree, fresh, data, size, err) && move_by(tree, fresh, path, tree_move_over_at, err);
    if (!ok)
        (void) !tree_remove(tree, fresh, &ignored);
    arena_release(&arena);
    return ok;
}

static bool make_missing(const Tree *tree, const char *path, Error *err)
{
    FileStatus status;
    if (!tree_status(tree, path, &status, err))
        return false;
    if (status.kind == FILE_NONE)
        return tree_make_folder(tree, path, err);
    Arena arena = ARENA_INIT;
    bool ok = status.kind == FILE_FOLDER || tree_refuse(tree_full(tree, path, &arena), status.kind == FILE_LINK, err);
    arena_release(&arena);
    return ok;
}

bool tree_make_folders(const Tree *tree, const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = true;
    for (const char *end = path; ok && *end != '\0';) {
        end += strcspn(end, "/");
        ok = make_missing(tree, arena_strndup(&arena, path, (size_t) (end - path)), err);
        end += *end == '/';
    }
    arena_release(&arena);
    return ok;
}

/* Each step goes its own way from the root, so that none believes what the one before has seen. */
bool tree_remove_tree(const Tree *tree, const char *path, Error *err)
{
    FileStatus status;
    if (!tree_status(tree, path, &status, err))
        return false;
    if (status.kind != FILE_FOLDER)
        return status.kind == FILE_NONE || tree_remove(tree, path, err);
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    bool ok = tree_list(tree, path, &arena, &names, err);
    for (size_t i = 0; i < names.count; i++) {
        Error failure = { .code = ERR_NONE };
        const char *inner = *path == '\0' ? names.items[i] : arena_printf(&arena, "%s/%s", path, names.items[i]);
        if (!tree_remove_tree(tree, inner, &failure) && ok) {
            *err = failure;
            ok = false;
        }
    }
    arena_release(&arena);
    return ok && (*path == '\0' || tree_remove_folder(tree, path, err)); /* the root itself stays */
}

/* For those who have a path: what is in it through the tree, then itself. */
bool file_remove_tree(const char *path, Error *err)
{
    FileStatus status;
    Tree *tree;
    if (!file_status(path, &status, err))
        return false;
    if (status.kind != FILE_FOLDER)
        return status.kind == FILE_NONE || file_remove(path, err);
    if (!tree_open(path, &tree, err))
        return false;
    bool ok = tree_remove_tree(tree, "", err);
    tree_close(tree);
    return ok && file_remove_folder(path, err);
}
