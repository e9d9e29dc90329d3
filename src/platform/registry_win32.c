/* SPDX-License-Identifier: MIT */
/* The registry of this Windows, always in its 64-bit view. Windows SDK, "Registry Functions". */
#include "platform/registry.h"

#include "base/check.h"
#include "platform/error_win32.h"
#include "platform/fs.h"
#include "platform/fs_win32.h"

/* A value that somebody changes meanwhile may be larger at the second call. */
static LSTATUS read_native(HKEY key, const wchar_t *name, Arena *arena, RegistryValue *value)
{
    DWORD type, size = 0;
    unsigned char *data = NULL;
    LSTATUS result = RegQueryValueExW(key, name, NULL, &type, NULL, &size);
    while (result == ERROR_SUCCESS || result == ERROR_MORE_DATA) {
        data = arena_alloc(arena, (size_t) size + 1);
        result = RegQueryValueExW(key, name, NULL, &type, data, &size);
        if (result == ERROR_SUCCESS) {
            *value = (RegistryValue){ .state = REGISTRY_VALUE, .type = type, .data = data, .size = size };
            break;
        }
    }
    return result;
}

static bool read_value(Registry *registry, const char *key, const char *name, Arena *arena, RegistryValue *ret_value,
                       Error *err)
{
    (void) registry;
    HKEY native;
    RegistryValue value = { .state = REGISTRY_NO_KEY };
    LSTATUS result =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide_from_utf8(arena, key), 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &native);
    if (result == ERROR_SUCCESS) {
        value.state = REGISTRY_NO_VALUE;
        result = read_native(native, wide_from_utf8(arena, name), arena, &value);
        (void) RegCloseKey(native); /* only read */
    }
    if (result != ERROR_SUCCESS && result != ERROR_FILE_NOT_FOUND && result != ERROR_PATH_NOT_FOUND)
        return error_set_win32(err, (uint32_t) result, "cannot read '%s' of the registry key '%s'", name, key);
    *ret_value = value;
    return true;
}

static bool list_values(Registry *registry, const char *key, size_t limit, Arena *arena, StringList *ret_names,
                        Error *err)
{
    (void) registry;
    enum { NAME_UNITS = 16383 }; /* the longest there can be */
    HKEY native;
    StringList names = { 0 };
    wchar_t *name = ARENA_NEW_ARRAY(arena, wchar_t, NAME_UNITS + 1);
    LSTATUS result =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide_from_utf8(arena, key), 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &native);
    bool is_open = result == ERROR_SUCCESS;
    while (result == ERROR_SUCCESS && names.count <= limit) {
        DWORD length = NAME_UNITS + 1;
        result = RegEnumValueW(native, (DWORD) names.count, name, &length, NULL, NULL, NULL, NULL);
        if (result == ERROR_SUCCESS)
            ARRAY_PUSH(arena, &names, utf8_from_wide(arena, name));
    }
    if (is_open)
        (void) RegCloseKey(native); /* only read */
    if (names.count > limit)
        return registry_refuse_count(key, limit, err);
    if (result != ERROR_NO_MORE_ITEMS && result != ERROR_FILE_NOT_FOUND && result != ERROR_PATH_NOT_FOUND)
        return error_set_win32(err, (uint32_t) result, "cannot read the registry key '%s'", key);
    *ret_names = names;
    return true;
}

static LSTATUS set_native(const wchar_t *key, const wchar_t *name, const RegistryValue *value)
{
    HKEY native;
    LSTATUS result = RegCreateKeyExW(HKEY_LOCAL_MACHINE, key, 0, NULL, 0,
                                     KEY_SET_VALUE | KEY_QUERY_VALUE | KEY_WOW64_64KEY, NULL, &native, NULL);
    if (result != ERROR_SUCCESS)
        return result;
    result = RegSetValueExW(native, name, 0, value->type, value->data, (DWORD) value->size);
    if (result == ERROR_SUCCESS)
        result = RegFlushKey(native);
    (void) RegCloseKey(native); /* it has been flushed, or has failed */
    return result;
}

static bool is_empty(HKEY key)
{
    DWORD keys, values;
    return RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL) ==
               ERROR_SUCCESS &&
           keys == 0 && values == 0;
}

static LSTATUS remove_native(const wchar_t *key, const wchar_t *name, bool also_key)
{
    HKEY native;
    LSTATUS result =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, key, 0, KEY_SET_VALUE | KEY_QUERY_VALUE | KEY_WOW64_64KEY, &native);
    if (result != ERROR_SUCCESS)
        return result == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : result;
    result = RegDeleteValueW(native, name);
    if (result == ERROR_FILE_NOT_FOUND)
        result = ERROR_SUCCESS;
    bool remove_key = result == ERROR_SUCCESS && also_key && is_empty(native);
    if (result == ERROR_SUCCESS)
        result = RegFlushKey(native); /* that an empty key is gone need not survive a power cut */
    (void) RegCloseKey(native);       /* as above */
    remove_key &= result == ERROR_SUCCESS;
    return remove_key ? RegDeleteKeyExW(HKEY_LOCAL_MACHINE, key, KEY_WOW64_64KEY, 0) : result;
}

static bool write_value(Registry *registry, const char *key, const char *name, const RegistryValue *value, Error *err)
{
    (void) registry;
    CHECK(value->size <= MAXDWORD);
    Arena arena = ARENA_INIT;
    const wchar_t *wide_key = wide_from_utf8(&arena, key), *wide_name = wide_from_utf8(&arena, name);
    LSTATUS result = !fs_may(FS_STEP_WRITE, key) ? (LSTATUS) GetLastError()
                     : value->state == REGISTRY_VALUE
                         ? set_native(wide_key, wide_name, value)
                         : remove_native(wide_key, wide_name, value->state == REGISTRY_NO_KEY);
    arena_release(&arena);
    return result == ERROR_SUCCESS ||
           error_set_win32(err, (uint32_t) result, "cannot write '%s' of the registry key '%s'", name, key);
}

Registry *registry_system(void)
{
    static Registry registry = { .read = read_value, .list = list_values, .write = write_value };
    return &registry;
}
