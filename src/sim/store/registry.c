/* SPDX-License-Identifier: MIT */
#include "sim/store/registry.h"

#include "base/ascii.h"

SimKey *sim_registry_find(SimHost *host, const char *path)
{
    for (size_t i = 0; path != NULL && i < host->registry.count; i++) {
        if (ascii_equals(host->registry.items[i].path, path))
            return &host->registry.items[i];
    }
    return NULL;
}

SimKey *sim_registry_key(SimHost *host, const char *path)
{
    SimKey *key = sim_registry_find(host, path);
    if (key != NULL)
        return key;
    ARRAY_PUSH(&host->arena, &host->registry, ((SimKey){ .path = path }));
    return &host->registry.items[host->registry.count - 1];
}

void sim_key_add(SimHost *host, SimKey *key, SimValue value)
{
    ARRAY_PUSH(&host->arena, &key->values, value);
}

void sim_key_set_text(SimHost *host, SimKey *key, const char *name, const char *text)
{
    sim_key_set_texts(host, key, name, &text, 1);
    key->values.items[key->values.count - 1].kind = SIM_VALUE_TEXT;
}

void sim_key_set_texts(SimHost *host, SimKey *key, const char *name, const char *const *texts, size_t count)
{
    SimValue value = { .name = name, .kind = SIM_VALUE_TEXTS };
    for (size_t i = 0; i < count; i++)
        ARRAY_PUSH(&host->arena, &value.texts, texts[i]);
    sim_key_add(host, key, value);
}
