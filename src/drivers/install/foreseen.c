/* SPDX-License-Identifier: MIT */
#include "drivers/install/foreseen.h"

#include "base/ascii.h"
#include "base/sorted.h"
#include "drivers/install/swap.h"
#include "drivers/install/values.h"
#include "drivers/install/workers.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct ForeseenFiles {
    ForeseenFile *items; /* sorted by key */
    size_t count, capacity;
} ForeseenFiles;

struct Foreseen {
    Registry registry; /* as it will be */
    Registry *below;   /* as it is */
    InstallValues values;
    ForeseenFiles files;
    uint64_t used, freed; /* bytes */
    Arena *arena;
};

/* ---- the registry ---- */

static bool makes_key(const Foreseen *foreseen, const char *key)
{
    for (size_t i = 0; i < foreseen->values.count; i++) {
        if (ascii_equals(foreseen->values.items[i].key, key) &&
            foreseen->values.items[i].after.state == REGISTRY_VALUE)
            return true;
    }
    return false;
}

static bool read_value(Registry *registry, const char *key, const char *name, Arena *arena, RegistryValue *ret_value,
                       Error *err)
{
    const Foreseen *foreseen = (const Foreseen *) registry;
    const InstallValue *written = install_find_value(&foreseen->values, key, name);
    if (written != NULL) {
        *ret_value = written->after;
        return true;
    }
    if (!foreseen->below->read(foreseen->below, key, name, arena, ret_value, err))
        return false;
    if (ret_value->state == REGISTRY_NO_KEY && makes_key(foreseen, key))
        ret_value->state = REGISTRY_NO_VALUE;
    return true;
}

/* The last one of a value counts. */
static void add_values(Foreseen *foreseen, const InstallValues *values)
{
    for (size_t i = 0; i < values->count; i++) {
        InstallValue value = values->items[i];
        const InstallValue *before = install_find_value(&foreseen->values, value.key, value.name);
        if (before != NULL)
            foreseen->values.items[before - foreseen->values.items].after = value.after;
        else
            ARRAY_PUSH(foreseen->arena, &foreseen->values, value);
    }
}

Foreseen *foreseen_create(Registry *registry, Arena *arena)
{
    Foreseen *foreseen = ARENA_NEW(arena, Foreseen);
    *foreseen = (Foreseen){ .registry = { .read = read_value }, .below = registry, .arena = arena };
    return foreseen;
}

Registry *foreseen_registry(Foreseen *foreseen)
{
    return foreseen->below != NULL ? &foreseen->registry : NULL;
}

uint64_t foreseen_space(const Foreseen *foreseen, uint64_t space)
{
    uint64_t most = space + foreseen->freed;
    return most > foreseen->used ? most - foreseen->used : 0;
}

/* ---- what there is ---- */

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const ForeseenFile *) a)->key, ((const ForeseenFile *) b)->key);
}

static int compare_key(const void *key, const void *file)
{
    return strcmp(key, ((const ForeseenFile *) file)->key);
}

/* How many come before that key. */
static size_t place_of(const ForeseenFiles *files, const char *key)
{
    return sorted_place(key, files->items, files->count, sizeof(ForeseenFile), compare_key);
}

const ForeseenFile *foreseen_find(const Foreseen *foreseen, const char *path)
{
    Arena arena = ARENA_INIT;
    const char *key = package_key(path, &arena);
    size_t place = place_of(&foreseen->files, key);
    bool found = place < foreseen->files.count && strcmp(foreseen->files.items[place].key, key) == 0;
    arena_release(&arena);
    return found ? &foreseen->files.items[place] : NULL;
}

/* The first file below that folder that will be there, from that number on, or "count". What lies below one folder
 * lies together. */
static size_t next_below(const ForeseenFiles *files, const char *prefix, size_t number)
{
    size_t length = strlen(prefix);
    for (; number < files->count; number++) {
        if (strncmp(files->items[number].key, prefix, length) != 0)
            return files->count;
        if (files->items[number].status.kind != FILE_NONE)
            return number;
    }
    return number;
}

/* What the keys of all that is below the folder begin with. */
static const char *prefix_of(const char *folder, Arena *arena)
{
    return *folder == '\0' ? "" : package_key(arena_printf(arena, "%s/", folder), arena);
}

bool foreseen_is_above(const Foreseen *foreseen, const char *path)
{
    Arena arena = ARENA_INIT;
    const ForeseenFiles *files = &foreseen->files;
    const char *prefix = prefix_of(path, &arena);
    bool found = next_below(files, prefix, place_of(files, prefix)) < files->count;
    arena_release(&arena);
    return found;
}

/* The part of the path behind so many others: its key need not be as long. */
static const char *part_of(const char *path, size_t depth, Arena *arena)
{
    for (; depth > 0; depth--)
        path = strchr(path, '/') + 1;
    return arena_strndup(arena, path, strcspn(path, "/"));
}

StringList foreseen_names(const Foreseen *foreseen, const char *folder, Arena *arena)
{
    const ForeseenFiles *files = &foreseen->files;
    StringList names = { 0 };
    const char *prefix = prefix_of(folder, arena);
    size_t depth = 0;
    for (const char *end = prefix; *end != '\0'; end++)
        depth += package_key_is_below(end);
    for (size_t i = place_of(files, prefix); (i = next_below(files, prefix, i)) < files->count; i++) {
        const char *name = part_of(files->items[i].path, depth, arena);
        if (names.count == 0 || !text_equals(names.items[names.count - 1], name)) /* one for all below a folder */
            ARRAY_PUSH(arena, &names, name);
    }
    return names;
}

/* ---- what comes ---- */

static void set(ForeseenFiles *changes, const char *path, ForeseenFile file, Arena *arena)
{
    file.path = path;
    file.key = package_key(path, arena);
    ARRAY_PUSH(arena, changes, file);
}

/* What the target has there, as content for another place. */
static bool content_of(InstallTarget *target, const char *path, ForeseenFile *ret_content, Error *err)
{
    TargetFile file;
    if (!target_find(target, path, &file, err))
        return false;
    *ret_content = file.foreseen != NULL ? *file.foreseen : (ForeseenFile){ .moved = file.path };
    ret_content->status = file.status;
    return true;
}

static ForeseenFile entry_of(const InstallPlan *plan, const PlannedFile *file)
{
    ForeseenFile made = { .source = plan->source, .entry = file->entry };
    made.status = (FileStatus){ .kind = FILE_PLAIN,
                                .size = file->entry->size,
                                .modified_s = file->expected != NULL ? file->expected->modified_s
                                                                     : file->entry->modified_s };
    memcpy(made.sha256, file->sha256, sizeof(made.sha256));
    return made;
}

static bool add_step(Foreseen *foreseen, InstallTarget *target, const InstallPlan *plan, const InstallStep *step,
                     ForeseenFiles *changes, Error *err)
{
    Arena *arena = foreseen->arena;
    ForeseenFile kept, made = { .status = { .kind = FILE_NONE } };
    if (step->old != NULL && ascii_starts_with(step->old, INSTALL_WORK "/")) {
        foreseen->freed += step->was.size;
    } else if (step->old != NULL) {
        if (!content_of(target, step->path, &kept, err))
            return false;
        set(changes, step->old, kept, arena);
    }
    if (step->file != NULL) {
        made = entry_of(plan, step->file);
        foreseen->used += made.status.size;
    } else if (step->text != NULL) {
        made = (ForeseenFile){ .status = { .kind = FILE_PLAIN, .size = strlen(step->text) }, .text = step->text };
    } else if (step->fresh != NULL) {
        if (!content_of(target, step->fresh, &made, err))
            return false;
        set(changes, step->fresh, (ForeseenFile){ .status = { .kind = FILE_NONE } }, arena);
    }
    set(changes, step->path, made, arena);
    return true;
}

bool foreseen_add(Foreseen *foreseen, InstallTarget *target, const InstallPlan *plan, const InstallJournal *journal,
                  Error *err)
{
    Arena *arena = foreseen->arena;
    ForeseenFiles changes = { 0 }, files = { 0 };
    for (size_t i = 0; i < journal->steps.count; i++) {
        if (!add_step(foreseen, target, plan, &journal->steps.items[i], &changes, err))
            return false;
    }
    if (changes.count > 0)
        qsort(changes.items, changes.count, sizeof(ForeseenFile), compare_keys);
    for (size_t i = 0, j = 0; i < foreseen->files.count || j < changes.count;) {
        int order = i == foreseen->files.count ? 1
                    : j == changes.count       ? -1
                                               : compare_keys(&foreseen->files.items[i], &changes.items[j]);
        ARRAY_PUSH(arena, &files, order < 0 ? foreseen->files.items[i] : changes.items[j]);
        i += order <= 0;
        j += order >= 0;
    }
    foreseen->files = files; /* who holds one of the former ones keeps it */
    add_values(foreseen, &journal->values);
    return true;
}

/* ---- what is in it ---- */

const char *foreseen_place(const TargetFile *file)
{
    return file->foreseen == NULL ? file->path : file->foreseen->moved;
}

bool foreseen_hash(const Tree *tree, const TargetFile *file, Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1],
                   Error *err)
{
    const char *place = foreseen_place(file);
    if (place != NULL)
        return install_hash_file(tree, place, hash, ret_text, err);
    memcpy(ret_text, file->foreseen->sha256, HASH_TEXT_LENGTH + 1);
    return true;
}

/* Where it can be read no more, the file has ended. */
static size_t read_piece(void *context, uint64_t offset, void *buffer, size_t size)
{
    Error ignored = { .code = ERR_NONE };
    size_t count;
    return file_read_at(context, offset, buffer, size, &count, &ignored) ? count : 0;
}

static bool version_of_entry(const ForeseenFile *file, PeVersion *ret_version, Error *err)
{
    PackageReader *reader = NULL;
    if (!package_reader_open(file->source, &reader, err))
        return false;
    bool ok = install_entry_version(reader, file->entry, ret_version, err);
    package_reader_close(reader);
    return ok;
}

bool foreseen_version(const Tree *tree, const TargetFile *file, PeVersion *ret_version, Error *err)
{
    FileStream *stream;
    const char *place = foreseen_place(file);
    if (place == NULL)
        return version_of_entry(file->foreseen, ret_version, err);
    if (!tree_open_file(tree, place, &stream, err))
        return false;
    *ret_version = pe_read_version(read_piece, stream, file->status.size);
    file_close(stream);
    return true;
}
