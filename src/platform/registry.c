/* SPDX-License-Identifier: MIT */
/* Data of values. Windows SDK, "Registry Value Types". */
#include "platform/registry.h"

#include "base/utf.h"

#include <string.h>

static void put_unit(unsigned char *data, size_t index, uint16_t unit)
{
    data[2 * index] = (unsigned char) (unit & 0xFF);
    data[2 * index + 1] = (unsigned char) (unit >> 8);
}

/* The texts one after the other, each with its terminator. */
static RegistryValue joined(uint32_t type, const char *const *texts, size_t count, Arena *arena)
{
    size_t units = 1, at = 0; /* one more: the end of a list */
    for (size_t i = 0; i < count; i++)
        units += strlen(texts[i]) + 1;
    unsigned char *data = arena_alloc(arena, 2 * units);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const uint16_t *text = utf16_from_utf8(arena, texts[i], strlen(texts[i]), &length);
        for (size_t j = 0; j <= length; j++)
            put_unit(data, at++, text[j]);
    }
    if (type == REGISTRY_TYPE_TEXTS)
        put_unit(data, at++, 0);
    return (RegistryValue){ .state = REGISTRY_VALUE, .type = type, .data = data, .size = 2 * at };
}

RegistryValue registry_text_value(const char *text, Arena *arena)
{
    return joined(REGISTRY_TYPE_TEXT, &text, 1, arena);
}

RegistryValue registry_texts_value(const StringList *texts, Arena *arena)
{
    return joined(REGISTRY_TYPE_TEXTS, texts->items, texts->count, arena);
}

RegistryValue registry_dword_value(uint32_t number, Arena *arena)
{
    unsigned char *data = arena_alloc(arena, sizeof(number));
    put_unit(data, 0, (uint16_t) (number & 0xFFFF));
    put_unit(data, 1, (uint16_t) (number >> 16));
    return (
        RegistryValue){ .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_DWORD, .data = data, .size = sizeof(number) };
}

StringList registry_value_texts(const RegistryValue *value, Arena *arena)
{
    StringList texts = { 0 };
    size_t count = value->size / 2;
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, count + 1); /* ends with a terminator in any case */
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t) (value->data[2 * i] | value->data[2 * i + 1] << 8);
    for (size_t begin = 0, end; begin < count; begin = end + 1) {
        for (end = begin; units[end] != 0; end++)
            ;
        ARRAY_PUSH(arena, &texts, utf8_from_utf16(arena, units + begin, end - begin, NULL));
    }
    return texts;
}

bool registry_value_equals(const RegistryValue *a, const RegistryValue *b)
{
    return a->state == b->state &&
           (a->state != REGISTRY_VALUE ||
            (a->type == b->type && a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0)));
}

bool registry_refuse_count(const char *key, size_t limit, Error *err)
{
    return error_set(err, ERR_INVALID, "the registry key '%s' has more than %zu values", key, limit);
}
