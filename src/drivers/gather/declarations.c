/* SPDX-License-Identifier: MIT */
#include "drivers/gather/declarations.h"

#include "drivers/gather/host_registry.h"

#include <string.h>

#define SERVICES "SYSTEM\\CurrentControlSet\\Services\\"

static const struct {
    const char *subkey, *folder;
    FileRule rule;
} subkeys[] = {
    { "CopyToVmOverwrite", "Windows/System32", RULE_ALWAYS },
    { "CopyToVmWhenNewer", "Windows/System32", RULE_NEWER },
    { "CopyToVmOverwriteWow64", "Windows/SysWOW64", RULE_ALWAYS },
    { "CopyToVmWhenNewerWow64", "Windows/SysWOW64", RULE_NEWER },
};

static bool read_key(CimSession *session, const char *key, Arena *arena, Declarations *declarations, Error *err)
{
    for (size_t i = 0; i < COUNT_OF(subkeys); i++) {
        ManifestValues values;
        const char *path = arena_printf(arena, "%s\\%s", key, subkeys[i].subkey);
        if (!registry_read_all_texts(session, path, arena, &values, err))
            return false;
        for (size_t j = 0; j < values.count; j++) {
            Declaration declaration = { &values.items[j], subkeys[i].folder, subkeys[i].rule };
            if (values.items[j].texts.count > 0 && *values.items[j].texts.items[0] != '\0')
                ARRAY_PUSH(arena, declarations, declaration);
        }
    }
    return true;
}

static bool has_declaration(const Declarations *declarations, const Declaration *declaration)
{
    for (size_t i = 0; i < declarations->count; i++) {
        const Declaration *known = &declarations->items[i];
        if (strcmp(known->folder, declaration->folder) == 0 && known->rule == declaration->rule &&
            registry_same_texts(&known->value->texts, &declaration->value->texts))
            return true;
    }
    return false;
}

void declarations_add(Declarations *declarations, const Declarations *more, Arena *arena)
{
    for (size_t i = 0; i < more->count; i++) {
        if (!has_declaration(declarations, &more->items[i]))
            ARRAY_PUSH(arena, declarations, more->items[i]);
    }
}

bool declarations_read(CimSession *session, const ActiveDriver *active, Arena *arena, Declarations *ret_declarations,
                       Error *err)
{
    Declarations declarations = { 0 };
    const char *service = active->service != NULL ? arena_printf(arena, SERVICES "%s", active->service) : NULL;
    if (!read_key(session, active->class_key, arena, &declarations, err) ||
        (service != NULL && !read_key(session, service, arena, &declarations, err)))
        return false;
    *ret_declarations = declarations;
    return true;
}
