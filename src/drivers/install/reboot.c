/* SPDX-License-Identifier: MIT */
#include "drivers/install/reboot.h"

#include "drivers/package/layout.h"
#include "platform/text.h"

#include <string.h>

#define SESSION_MANAGER "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
#define PENDING "PendingFileRenameOperations"
#define NT_PREFIX "\\??\\"

/* Texts in pairs: what is moved, and where to ("": it is removed; a '!' before it: it replaces what is there). */
static bool read_list(Registry *registry, Arena *arena, StringList *ret_texts, Error *err)
{
    RegistryValue value;
    if (!registry->read(registry, SESSION_MANAGER, PENDING, arena, &value, err))
        return false;
    if (value.state == REGISTRY_VALUE && value.type != REGISTRY_TYPE_TEXTS)
        return error_set(err, ERR_STATE, "'" PENDING "' of the registry is no list");
    *ret_texts = registry_value_texts(&value, arena);
    ret_texts->count -= ret_texts->count % 2; /* the end of the list */
    return true;
}

static bool write_list(Registry *registry, const StringList *texts, Arena *arena, Error *err)
{
    RegistryValue value = { .state = REGISTRY_NO_VALUE };
    if (texts->count > 0)
        value = registry_texts_value(texts, arena);
    return registry->write(registry, SESSION_MANAGER, PENDING, &value, err);
}

/* As the session manager wants it: "\??\C:\Windows\...". */
static const char *nt_path(const Tree *tree, const char *path, Arena *arena)
{
    char *full = arena_printf(arena, NT_PREFIX "%s", tree_full(tree, path, arena));
    for (char *c = full; *c != '\0'; c++) {
        if (*c == '/')
            *c = '\\';
    }
    return full;
}

/* One side of each move of an installation is in the folder that is the installer's own. */
static bool is_ours(const char *own, const char *text)
{
    Arena arena = ARENA_INIT;
    size_t length = strlen(own);
    text += *text == '!';
    bool ours = strlen(text) > length && text[length] == '\\' && text_equals(arena_strndup(&arena, text, length), own);
    arena_release(&arena);
    return ours;
}

/* The others' moves. */
static StringList without_ours(const StringList *texts, const Tree *tree, Arena *arena)
{
    StringList rest = { 0 };
    const char *own = nt_path(tree, LAYOUT_OWN, arena);
    for (size_t i = 0; i < texts->count; i += 2) {
        if (is_ours(own, texts->items[i]) || is_ours(own, texts->items[i + 1]))
            continue;
        ARRAY_PUSH(arena, &rest, texts->items[i]);
        ARRAY_PUSH(arena, &rest, texts->items[i + 1]);
    }
    return rest;
}

bool reboot_schedule(Registry *registry, const Tree *tree, const InstallSteps *steps, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList texts = { 0 };
    bool ok = read_list(registry, &arena, &texts, err);
    for (size_t i = 0; ok && i < steps->count; i++) {
        const InstallStep *step = &steps->items[i];
        const char *path = nt_path(tree, step->path, &arena);
        if (step->old != NULL) {
            ARRAY_PUSH(&arena, &texts, path);
            ARRAY_PUSH(&arena, &texts, nt_path(tree, step->old, &arena));
        }
        if (step->fresh != NULL) {
            ARRAY_PUSH(&arena, &texts, nt_path(tree, step->fresh, &arena));
            ARRAY_PUSH(&arena, &texts, path);
        }
    }
    ok = ok && write_list(registry, &texts, &arena, err);
    arena_release(&arena);
    return ok;
}

bool reboot_is_scheduled(Registry *registry, const Tree *tree, bool *ret_scheduled, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList texts = { 0 };
    bool ok = read_list(registry, &arena, &texts, err);
    if (ok)
        *ret_scheduled = without_ours(&texts, tree, &arena).count < texts.count;
    arena_release(&arena);
    return ok;
}

bool reboot_call_off(Registry *registry, const Tree *tree, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList texts = { 0 };
    bool ok = read_list(registry, &arena, &texts, err);
    if (ok) {
        StringList rest = without_ours(&texts, tree, &arena);
        ok = rest.count == texts.count || write_list(registry, &rest, &arena, err);
    }
    arena_release(&arena);
    return ok;
}
