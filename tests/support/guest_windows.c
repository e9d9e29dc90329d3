/* SPDX-License-Identifier: MIT */
#include "support/guest_windows.h"

#include "base/check.h"
#include "platform/files.h"
#include "support/system.h"

#include <stdio.h>
#include <string.h>

typedef struct FolderRegistry {
    Registry registry; /* first: callers hand it back */
    const char *folder;
} FolderRegistry;

/* ---- values as files: the type, then the data ---- */

static const char *key_prefix(const char *key, Arena *arena)
{
    char *prefix = arena_printf(arena, "%s@", key);
    for (char *c = prefix; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '+';
    }
    return prefix;
}

static const char *file_of(const FolderRegistry *folder, const char *key, const char *name, Arena *arena)
{
    return fs_join(arena, folder->folder, arena_printf(arena, "%s%s", key_prefix(key, arena), name));
}

static bool has_key(const FolderRegistry *folder, const char *key, Arena *arena, bool *ret_has, Error *err)
{
    StringList names;
    const char *prefix = key_prefix(key, arena);
    if (!fs_list_folder(folder->folder, arena, &names, err))
        return false;
    *ret_has = false;
    for (size_t i = 0; i < names.count; i++)
        *ret_has |= strncmp(names.items[i], prefix, strlen(prefix)) == 0;
    return true;
}

static bool read_value(Registry *registry, const char *key, const char *name, Arena *arena, RegistryValue *ret_value,
                       Error *err)
{
    const FolderRegistry *folder = (const FolderRegistry *) registry;
    const char *file = file_of(folder, key, name, arena);
    bool has;
    char *data;
    size_t size;
    if (!has_key(folder, key, arena, &has, err))
        return false;
    if (!fs_exists(file)) {
        *ret_value = (RegistryValue){ .state = has ? REGISTRY_NO_VALUE : REGISTRY_NO_KEY };
        return true;
    }
    if (!fs_read_file(file, 1 << 20, arena, &data, &size, err))
        return false;
    CHECK(size > 0);
    *ret_value = (RegistryValue){
        .state = REGISTRY_VALUE, .type = (unsigned char) data[0], .data = (unsigned char *) data + 1, .size = size - 1
    };
    return true;
}

static bool may(FsStep step, const char *file, Error *err)
{
    int fault = fs_fault_point(step, file);
    return fault == 0 || error_set_errno(err, fault, "cannot write '%s'", file);
}

/* All of it or nothing, also when another thread of this process comes to the step at which it is killed. */
static void put_file(const FolderRegistry *folder, const char *file, const RegistryValue *value, Arena *arena)
{
    const char *temporary = fs_join(arena, folder->folder, ".new"); /* of no key */
    FILE *stream = fopen(temporary, "wb");
    CHECK(stream != NULL && putc((int) value->type, stream) != EOF);
    CHECK(fwrite(value->data, 1, value->size, stream) == value->size && fclose(stream) == 0);
    system_replace_file(temporary, file);
}

/* One step, as in the registry; a second one (the flush) may fail when it is done already. A key is there as long as it
 * has values, so REGISTRY_NO_VALUE and REGISTRY_NO_KEY come to the same. */
static bool write_value(Registry *registry, const char *key, const char *name, const RegistryValue *value, Error *err)
{
    Arena arena = ARENA_INIT;
    const FolderRegistry *folder = (const FolderRegistry *) registry;
    const char *file = file_of(folder, key, name, &arena);
    bool ok = may(FS_STEP_WRITE, file, err);
    if (ok && value->state == REGISTRY_VALUE)
        put_file(folder, file, value, &arena);
    else if (ok)
        (void) remove(file); /* it may be gone already */
    ok = ok && may(FS_STEP_FLUSH, file, err);
    arena_release(&arena);
    return ok;
}

Registry *guest_registry_open(const char *folder, Arena *arena)
{
    FolderRegistry *registry = ARENA_NEW(arena, FolderRegistry);
    *registry = (FolderRegistry){ .registry = { .read = read_value, .write = write_value },
                                  .folder = arena_strdup(arena, folder) };
    return &registry->registry;
}

/* ---- for tests ---- */

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

static StringList texts_of(Registry *registry, const char *key, const char *name, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    RegistryValue value;
    must(registry->read(registry, key, name, arena, &value, &err), &err);
    return registry_value_texts(&value, arena);
}

void guest_registry_set(Registry *registry, const char *key, const char *name, const char *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    RegistryValue value = registry_text_value(text, &arena);
    must(registry->write(registry, key, name, &value, &err), &err);
    arena_release(&arena);
}

const char *guest_registry_text(Registry *registry, const char *key, const char *name, Arena *arena)
{
    StringList texts = texts_of(registry, key, name, arena);
    return texts.count > 0 ? texts.items[0] : NULL;
}

/* "\??\" and '\\' as Windows has them. */
static const char *here(const char *text, Arena *arena)
{
    CHECK(strncmp(text, "\\??\\", 4) == 0);
    char *path = arena_strdup(arena, text + 4);
    for (char *c = path; *c != '\0'; c++) {
        if (*c == '\\')
            *c = '/';
    }
    return path;
}

static bool fails(const char *path, const char *failing)
{
    const char *name = strrchr(path, '/') + 1;
    return failing != NULL && strcmp(name, failing) == 0;
}

void guest_start(Registry *registry, const char *failing)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    RegistryValue none = { .state = REGISTRY_NO_VALUE };
    StringList texts = texts_of(registry, SESSION_MANAGER_KEY, PENDING_MOVES, &arena);
    for (size_t i = 0; i + 1 < texts.count; i += 2) {
        const char *from = here(texts.items[i], &arena);
        Error passed_over = { .code = ERR_NONE };
        if (fails(from, failing))
            continue;
        if (texts.items[i + 1][0] == '\0') {
            (void) !file_remove(from, &passed_over);
            continue;
        }
        const char *to = here(texts.items[i + 1], &arena);
        if (!fails(to, failing))
            (void) !file_move(from, to, &passed_over);
    }
    must(registry->write(registry, SESSION_MANAGER_KEY, PENDING_MOVES, &none, &err), &err);
    arena_release(&arena);
}
