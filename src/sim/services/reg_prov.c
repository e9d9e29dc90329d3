/* SPDX-License-Identifier: MIT */
#include "sim/services/reg_prov.h"

#include "base/ascii.h"
#include "sim/services/call.h"
#include "sim/store/registry.h"

#include <string.h>

/* winreg.h; winerror.h. Unverified: the provider's own numbers for a value of another kind, and for a missing one. */
#define LOCAL_MACHINE UINT32_C(0x80000002)
enum { NO_ERROR_AT_ALL = 0, WRONG_FUNCTION = 1, FILE_NOT_FOUND = 2 };

/* The part of the path that comes next below the key, or NULL. Keys above those that are stored exist with them. */
static const char *child_of(const char *path, const char *key, Arena *arena)
{
    size_t length = strlen(key);
    if (ascii_ncasecmp(path, key, length) != 0 || path[length] != '\\')
        return NULL;
    const char *child = path + length + 1;
    return arena_strndup(arena, child, strcspn(child, "\\"));
}

static const char *key_of(const SimCall *call)
{
    bool is_machine = cim_instance_uint(call->in, "hDefKey", LOCAL_MACHINE) == LOCAL_MACHINE;
    return is_machine ? sim_call_text(call, "sSubKeyName") : NULL;
}

static uint32_t enum_key(SimCall *call)
{
    const char *path = key_of(call);
    bool exists = sim_registry_find(call->host, path) != NULL;
    StringList names = { 0 };
    for (size_t i = 0; path != NULL && i < call->host->registry.count; i++) {
        const char *child = child_of(call->host->registry.items[i].path, path, call->arena);
        bool is_new = child != NULL;
        for (size_t j = 0; is_new && j < names.count; j++)
            is_new = !ascii_equals(names.items[j], child);
        if (is_new)
            ARRAY_PUSH(call->arena, &names, child);
    }
    if (!exists && names.count == 0)
        return FILE_NOT_FOUND;
    cim_instance_set(call->out, call->arena, "sNames",
                     cim_text_array(call->arena, CIM_TYPE_STRING, names.items, names.count));
    return NO_ERROR_AT_ALL;
}

static uint32_t enum_values(SimCall *call)
{
    const SimKey *key = sim_registry_find(call->host, key_of(call));
    if (key == NULL)
        return FILE_NOT_FOUND;
    CimValue *names = ARENA_NEW_ARRAY(call->arena, CimValue, key->values.count);
    CimValue *kinds = ARENA_NEW_ARRAY(call->arena, CimValue, key->values.count);
    for (size_t i = 0; i < key->values.count; i++) {
        names[i] = cim_string(arena_strdup(call->arena, key->values.items[i].name));
        kinds[i] = cim_sint(CIM_TYPE_SINT32, key->values.items[i].kind);
    }
    cim_instance_set(call->out, call->arena, "sNames", cim_array(CIM_TYPE_STRING, names, key->values.count));
    cim_instance_set(call->out, call->arena, "Types", cim_array(CIM_TYPE_SINT32, kinds, key->values.count));
    return NO_ERROR_AT_ALL;
}

static const SimValue *find_value(SimCall *call)
{
    const SimKey *key = sim_registry_find(call->host, key_of(call));
    const char *name = sim_call_text(call, "sValueName");
    for (size_t i = 0; key != NULL && name != NULL && i < key->values.count; i++) {
        if (ascii_equals(key->values.items[i].name, name))
            return &key->values.items[i];
    }
    return NULL;
}

static uint32_t get_value(SimCall *call)
{
    const SimValue *value = find_value(call);
    if (value == NULL)
        return FILE_NOT_FOUND;
    const CimValue *text = cim_instance_find(call->out, "sValue");
    if (value->kind == SIM_VALUE_DWORD) {
        if (text != NULL)
            return WRONG_FUNCTION;
        cim_instance_set(call->out, call->arena, "uValue", cim_uint(CIM_TYPE_UINT32, value->number));
        return NO_ERROR_AT_ALL;
    }
    if (text == NULL || text->is_array != (value->kind == SIM_VALUE_TEXTS))
        return WRONG_FUNCTION;
    CimValue texts = cim_text_array(call->arena, CIM_TYPE_STRING, value->texts.items, value->texts.count);
    texts = cim_value_copy(&texts, call->arena);
    cim_instance_set(call->out, call->arena, "sValue", text->is_array ? texts : texts.array.items[0]);
    return NO_ERROR_AT_ALL;
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "StdRegProv", "EnumKey", enum_key },
    { "StdRegProv", "EnumValues", enum_values },
    { "StdRegProv", "GetDWORDValue", get_value },
    { "StdRegProv", "GetExpandedStringValue", get_value },
    { "StdRegProv", "GetMultiStringValue", get_value },
    { "StdRegProv", "GetStringValue", get_value },
};

const SimService sim_reg_prov_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
};
