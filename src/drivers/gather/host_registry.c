/* SPDX-License-Identifier: MIT */
#include "drivers/gather/host_registry.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cim/schema.h"

#include <inttypes.h>
#include <string.h>

#define LOCAL_MACHINE UINT32_C(0x80000002)

/* winnt.h */
enum { TYPE_TEXT = 1, TYPE_EXPAND = 2, TYPE_DWORD = 4, TYPE_TEXTS = 7 };

enum { RESULT_DONE = 0, RESULT_ACCESS_DENIED = 5 };

/* *ret_out NULL: no such key or value. Unverified: which numbers the provider has for that; 1 and 2 have been seen. */
static bool call(CimSession *session, const char *method, const char *key, const char *name, Arena *arena,
                 CimInstance **ret_out, Error *err)
{
    CimInstance *in = cim_instance_create(arena, ""), *out;
    cim_instance_set(in, arena, "hDefKey", cim_uint(CIM_TYPE_UINT32, LOCAL_MACHINE));
    cim_instance_set(in, arena, "sSubKeyName", cim_string(key));
    if (name != NULL)
        cim_instance_set(in, arena, "sValueName", cim_string(name));
    if (!cim_session_invoke(session, NS_CIMV2, "StdRegProv", method, in, arena, &out, err))
        return error_prefix(err, "cannot read registry key '%s'", key);
    uint64_t result = cim_instance_uint(out, "ReturnValue", UINT64_MAX);
    if (result == RESULT_ACCESS_DENIED) {
        (void) error_set_native(err, ERR_DENIED, ERROR_SOURCE_CIM_RETURN, (int64_t) result,
                                "cannot read registry key '%s': access denied", key);
        return error_hint(err, "run as an administrator of the host");
    }
    *ret_out = result == RESULT_DONE ? out : NULL;
    return true;
}

bool registry_read_text(CimSession *session, const char *key, const char *name, Arena *arena, const char **ret_text,
                        Error *err)
{
    CimInstance *out;
    /* Reads REG_SZ as well as REG_EXPAND_SZ. */
    if (!call(session, "GetExpandedStringValue", key, name, arena, &out, err))
        return false;
    *ret_text = out != NULL ? cim_instance_text(out, "sValue") : NULL;
    return true;
}

bool registry_read_number(CimSession *session, const char *key, const char *name, uint64_t *ret_number, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstance *out;
    bool ok = call(session, "GetDWORDValue", key, name, &arena, &out, err);
    if (ok)
        *ret_number = out != NULL ? cim_instance_uint(out, "uValue", REGISTRY_NO_NUMBER) : REGISTRY_NO_NUMBER;
    arena_release(&arena);
    return ok;
}

/* The strings of a value of several: none if there is no such value. */
static bool read_texts(CimSession *session, const char *key, const char *name, Arena *arena, StringList *ret_texts,
                       Error *err)
{
    CimInstance *out;
    if (!call(session, "GetMultiStringValue", key, name, arena, &out, err))
        return false;
    StringList texts = { 0 };
    if (out != NULL)
        cim_instance_texts(out, "sValue", arena, &texts);
    *ret_texts = texts;
    return true;
}

static bool read_number(CimSession *session, const char *key, const char *name, Arena *arena, ManifestValue *value,
                        bool *ret_found, Error *err)
{
    CimInstance *out;
    if (!call(session, "GetDWORDValue", key, name, arena, &out, err))
        return false;
    *ret_found = out != NULL;
    value->number = out != NULL ? (uint32_t) cim_instance_uint(out, "uValue", 0) : 0;
    return true;
}

static bool read_value(CimSession *session, uint64_t type, Arena *arena, ManifestValue *value, bool *ret_found,
                       Error *err)
{
    const char *text = NULL;
    *ret_found = false;
    switch (type) {
    case TYPE_TEXT:
    case TYPE_EXPAND:
        value->kind = VALUE_TEXT;
        if (!registry_read_text(session, value->key, value->name, arena, &text, err))
            return false;
        if (text != NULL)
            ARRAY_PUSH(arena, &value->texts, text);
        *ret_found = text != NULL;
        return true;
    case TYPE_TEXTS:
        value->kind = VALUE_TEXTS;
        *ret_found = true;
        return read_texts(session, value->key, value->name, arena, &value->texts, err);
    case TYPE_DWORD:
        value->kind = VALUE_DWORD;
        return read_number(session, value->key, value->name, arena, value, ret_found, err);
    default:
        return true;
    }
}

static bool is_wanted(const char *name, const char *const *names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (ascii_equals(names[i], name))
            return true;
    }
    return names == NULL;
}

static bool is_text(uint64_t type)
{
    return type == TYPE_TEXT || type == TYPE_EXPAND || type == TYPE_TEXTS;
}

static bool read_values(CimSession *session, const char *key, const char *const *names, bool texts_only, Arena *arena,
                        ManifestValues *ret_values, Error *err)
{
    CimInstance *out;
    if (!call(session, "EnumValues", key, NULL, arena, &out, err))
        return false;
    StringList found = { 0 };
    CimUintList types = { 0 };
    if (out != NULL) {
        cim_instance_texts(out, "sNames", arena, &found);
        cim_instance_uints(out, "Types", arena, &types);
    }
    if (found.count > LIMIT_KEY_VALUES)
        return error_set(err, ERR_INVALID, "registry key '%s' has more than %d values", key, LIMIT_KEY_VALUES);
    ManifestValues values = { 0 };
    for (size_t i = 0; i < found.count && i < types.count; i++) {
        ManifestValue value = { .key = key, .name = found.items[i] };
        bool is_there;
        if (!is_wanted(value.name, names) || (texts_only && !is_text(types.items[i])))
            continue;
        if (!read_value(session, types.items[i], arena, &value, &is_there, err))
            return false;
        if (is_there)
            ARRAY_PUSH(arena, &values, value);
    }
    *ret_values = values;
    return true;
}

bool registry_read_values(CimSession *session, const char *key, const char *const *names, Arena *arena,
                          ManifestValues *ret_values, Error *err)
{
    return read_values(session, key, names, false, arena, ret_values, err);
}

bool registry_same_texts(const StringList *a, const StringList *b)
{
    bool is_same = a->count == b->count;
    for (size_t i = 0; is_same && i < a->count; i++)
        is_same = strcmp(a->items[i], b->items[i]) == 0;
    return is_same;
}

bool registry_read_all_texts(CimSession *session, const char *key, Arena *arena, ManifestValues *ret_values, Error *err)
{
    return read_values(session, key, NULL, true, arena, ret_values, err);
}
