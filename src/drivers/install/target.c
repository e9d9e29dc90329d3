/* SPDX-License-Identifier: MIT */
#include "drivers/install/target.h"

#include "drivers/install/foreseen.h"
#include "drivers/package/source.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 40 };

typedef struct Name {
    const char *key, *name;
} Name;

typedef struct Names {
    Name *items; /* sorted by key */
    size_t count, capacity;
} Names;

typedef struct Folder {
    const char *key;  /* of its own name */
    const char *path; /* relative to the root; "" is the root */
    Names names;      /* what is in it */
} Folder;

struct InstallTarget {
    Arena *arena;
    const Tree *tree;
    const Foreseen *foreseen; /* NULL: nothing */
    Folder stack[DEPTH]; /* the root and the folders on the way to the last file */
    size_t depth;
    Names missing; /* paths of folders */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const Name *) a)->key, ((const Name *) b)->key);
}

static const Name *find_name(const Folder *folder, const char *key)
{
    if (folder->names.count == 0)
        return NULL;
    Name wanted = { .key = key };
    return bsearch(&wanted, folder->names.items, folder->names.count, sizeof(wanted), compare_names);
}

const char *target_root(const InstallTarget *target)
{
    return tree_root(target->tree);
}

const Tree *target_tree(const InstallTarget *target)
{
    return target->tree;
}

const char *target_full(const InstallTarget *target, const char *path, Arena *arena)
{
    return tree_full(target->tree, path, arena);
}

StringList target_missing_folders(const InstallTarget *target)
{
    StringList paths = { 0 };
    for (size_t i = 0; i < target->missing.count; i++)
        ARRAY_PUSH(target->arena, &paths, target->missing.items[i].name);
    return paths;
}

static const char *join(Arena *arena, const char *folder, const char *name)
{
    return *folder == '\0' ? name : arena_printf(arena, "%s/%s", folder, name);
}

/* What was planned goes, comes, or is a file in the place of the folder. */
static bool list_foreseen(const InstallTarget *target, const char *path, Arena *arena, StringList *ret_names,
                          Error *err)
{
    StringList there = { 0 }, names = { 0 }, coming = foreseen_names(target->foreseen, path, arena);
    const ForeseenFile *itself = foreseen_find(target->foreseen, path);
    FileStatus status = { .kind = FILE_NONE };
    if (itself != NULL && itself->status.kind != FILE_NONE)
        return tree_refuse(target_full(target, path, arena), itself->status.kind == FILE_LINK, err);
    if (itself == NULL && (!tree_status(target->tree, path, &status, err) ||
                           (status.kind != FILE_NONE && !tree_list(target->tree, path, arena, &there, err))))
        return false;
    for (size_t i = 0; i < there.count; i++) {
        const char *inner = join(arena, path, there.items[i]);
        if (foreseen_find(target->foreseen, inner) == NULL && !foreseen_is_above(target->foreseen, inner))
            ARRAY_PUSH(arena, &names, there.items[i]);
    }
    for (size_t i = 0; i < coming.count; i++)
        ARRAY_PUSH(arena, &names, coming.items[i]);
    text_list_sort(&names);
    *ret_names = names;
    return true;
}

bool target_list(const InstallTarget *target, const char *path, Arena *arena, StringList *ret_names, Error *err)
{
    return target->foreseen != NULL ? list_foreseen(target, path, arena, ret_names, err)
                                    : tree_list(target->tree, path, arena, ret_names, err);
}

/* Makes the folder the last one of the stack. */
static bool enter(InstallTarget *target, const char *key, const char *path, bool exists, Error *err)
{
    StringList names = { 0 };
    if (target->depth == DEPTH)
        return error_set(err, ERR_INVALID, "'%s' is too deep", path);
    if (exists && !target_list(target, path, target->arena, &names, err))
        return false;
    Folder folder = { .key = key, .path = path };
    for (size_t i = 0; i < names.count; i++) {
        Name name = { .key = package_key(names.items[i], target->arena), .name = names.items[i] };
        ARRAY_PUSH(target->arena, &folder.names, name);
    }
    if (folder.names.count > 0)
        qsort(folder.names.items, folder.names.count, sizeof(Name), compare_names);
    target->stack[target->depth++] = folder;
    return true;
}

static bool refuse_root(const char *root, Error *err)
{
    (void) error_set(err, ERR_NOT_FOUND, "'%s' is not the system drive of a guest: it has no folder Windows", root);
    return error_advise(err, ADVICE_NAME_DRIVE, NULL);
}

static bool has_windows(const Tree *tree, const char *root, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    bool ok = tree_list(tree, "", &arena, &names, err), found = text_list_has(&names, "Windows");
    arena_release(&arena);
    return ok && (found || refuse_root(root, err));
}

bool target_open_tree(const char *root, Tree **ret_tree, Error *err)
{
    Arena arena = ARENA_INIT;
    FileStatus status;
    const char *path;
    Tree *tree = NULL;
    bool ok = fs_canonical_path(root, &arena, &path, err) && file_status(path, &status, err) &&
              (status.kind == FILE_FOLDER || error_set(err, ERR_NOT_FOUND, "there is no folder '%s'", root)) &&
              tree_open(path, &tree, err) && has_windows(tree, root, err);
    arena_release(&arena);
    if (ok)
        *ret_tree = tree;
    else
        tree_close(tree);
    return ok;
}

bool target_open(const Tree *tree, const Foreseen *foreseen, Arena *arena, InstallTarget **ret_target, Error *err)
{
    InstallTarget *target = ARENA_NEW(arena, InstallTarget);
    target->arena = arena;
    target->tree = tree;
    target->foreseen = foreseen;
    if (!enter(target, "", "", true, err))
        return false;
    *ret_target = target;
    return true;
}

/* The spelling in which a missing folder was asked for first; later ones are the same folder. There may be thousands:
 * they are asked for in order, so that the place of the next one is close to the end. */
static const char *note_missing(InstallTarget *target, const char *path)
{
    Name folder = { .key = package_key(path, target->arena), .name = path };
    Names *missing = &target->missing;
    size_t place = missing->count;
    while (place > 0 && strcmp(missing->items[place - 1].key, folder.key) > 0)
        place--;
    if (place > 0 && strcmp(missing->items[place - 1].key, folder.key) == 0)
        return missing->items[place - 1].name;
    ARRAY_PUSH(target->arena, missing, folder);
    memmove(&missing->items[place + 1], &missing->items[place], (missing->count - 1 - place) * sizeof(folder));
    missing->items[place] = folder;
    return path;
}

/* The folder of that name in the last one of the stack. */
static bool enter_below(InstallTarget *target, const char *part, const char *key, Error *err)
{
    const Folder *above = &target->stack[target->depth - 1];
    const Name *found = find_name(above, key);
    const char *path = join(target->arena, above->path, found != NULL ? found->name : part);
    if (found == NULL)
        return enter(target, key, note_missing(target, path), false, err);
    return enter(target, key, path, true, err);
}

/* What is or will be there. */
static bool look_at(const InstallTarget *target, TargetFile *file, Error *err)
{
    const ForeseenFile *foreseen =
        target->foreseen != NULL ? foreseen_find(target->foreseen, file->path) : NULL;
    if (foreseen != NULL && foreseen->status.kind != FILE_NONE) {
        file->foreseen = foreseen;
        file->status = foreseen->status;
        return true;
    }
    if (foreseen == NULL && !tree_status(target->tree, file->path, &file->status, err))
        return false;
    if (file->status.kind == FILE_NONE && target->foreseen != NULL && foreseen_is_above(target->foreseen, file->path))
        file->status.kind = FILE_FOLDER;
    return true;
}

bool target_find(InstallTarget *target, const char *path, TargetFile *ret_file, Error *err)
{
    size_t level = 1;
    const char *part = path;
    for (const char *end; (end = strchr(part, '/')) != NULL; part = end + 1, level++) {
        const char *name = arena_strndup(target->arena, part, (size_t) (end - part));
        const char *key = package_key(name, target->arena);
        if (level < target->depth && strcmp(target->stack[level].key, key) == 0)
            continue;
        target->depth = level;
        if (!enter_below(target, name, key, err))
            return false;
    }
    target->depth = level;
    const Folder *folder = &target->stack[level - 1];
    const Name *found = find_name(folder, package_key(part, target->arena));
    TargetFile file = { .path = join(target->arena, folder->path, found != NULL ? found->name : part) };
    file.path = arena_strdup(target->arena, file.path);
    file.full = target_full(target, file.path, target->arena);
    if (!look_at(target, &file, err))
        return false;
    *ret_file = file;
    return true;
}

bool target_find_file(InstallTarget *target, const char *path, TargetFile *ret_file, Error *err)
{
    TargetFile file;
    if (!target_find(target, path, &file, err))
        return false;
    if (file.status.kind == FILE_FOLDER || file.status.kind == FILE_OTHER)
        return error_set(err, ERR_STATE, "'%s' is not a file", file.full);
    *ret_file = file;
    return true;
}
