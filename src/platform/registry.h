/* SPDX-License-Identifier: MIT */
/* Values of the registry, below HKEY_LOCAL_MACHINE. Tests put another one in the place of the system's own. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum RegistryState {
    REGISTRY_NO_KEY,
    REGISTRY_NO_VALUE, /* the key is there */
    REGISTRY_VALUE,
} RegistryState;

/* Numbers of winnt.h. */
enum { REGISTRY_TYPE_TEXT = 1, REGISTRY_TYPE_DWORD = 4, REGISTRY_TYPE_TEXTS = 7 };

/* As Windows keeps it: text is UTF-16, little endian, with its terminators. */
typedef struct RegistryValue {
    RegistryState state;
    uint32_t type;
    const unsigned char *data;
    size_t size; /* bytes */
} RegistryValue;

/* Values made of UTF-8. Those that hold text live in the arena. */
RegistryValue registry_text_value(const char *text, Arena *arena);
RegistryValue registry_texts_value(const StringList *texts, Arena *arena);
RegistryValue registry_dword_value(uint32_t number, Arena *arena);

/* The texts in the data, each up to its terminator; the one that ends a list is an empty text. */
StringList registry_value_texts(const RegistryValue *value, Arena *arena);

/* The same state, and for values the same type and data. */
bool registry_value_equals(const RegistryValue *a, const RegistryValue *b);

typedef struct Registry Registry;

struct Registry {
    /* What is not there is success. */
    bool (*read)(Registry *registry, const char *key, const char *name, Arena *arena, RegistryValue *ret_value,
                 Error *err);

    /* Names of the key's values; none if it is not there. ERR_INVALID when there are more than "limit". */
    bool (*list)(Registry *registry, const char *key, size_t limit, Arena *arena, StringList *ret_names, Error *err);

    /* Makes it so, on the disk: missing keys are made; REGISTRY_NO_VALUE removes the value, REGISTRY_NO_KEY the key as
     * well if nothing else is in it. */
    bool (*write)(Registry *registry, const char *key, const char *name, const RegistryValue *value, Error *err);
};

/* Sets the error of a key with more values than that. Always returns false. */
bool registry_refuse_count(const char *key, size_t limit, Error *err);

/* The one of the Windows that runs here; NULL elsewhere. */
Registry *registry_system(void);
