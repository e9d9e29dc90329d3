/* SPDX-License-Identifier: MIT */
#include "platform/registry_file.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf.h"
#include "platform/fs.h"
#include "platform/text.h"

#include <string.h>

#define FIRST_LINE "Windows Registry Editor Version 5.00"
#define TOP "HKEY_LOCAL_MACHINE\\"

typedef struct RegistryFile {
    Registry registry; /* first: callers hand it back */
    const char *path;
} RegistryFile;

typedef struct Value {
    const char *name;
    RegistryValue value;
} Value;

typedef struct Key {
    const char *path;
    struct {
        Value *items;
        size_t count, capacity;
    } values;
} Key;

typedef struct Keys {
    Key *items;
    size_t count, capacity;
} Keys;

/* ---- reading ---- */

/* Up to the '"' that ends it, which *at is moved past; NULL if none does. */
static const char *read_quoted(const char **at, Arena *arena)
{
    const char *in = *at + 1;
    char *text = arena_alloc(arena, strlen(in) + 1), *out = text;
    if (**at != '"')
        return NULL;
    for (; *in != '"'; in++) {
        in += *in == '\\';
        if (*in == '\0')
            return NULL;
        *out++ = *in;
    }
    *at = in + 1;
    return text;
}

static uint32_t hex_digit(char c)
{
    return (uint32_t) (ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

/* At most eight digits, up to "end", which is moved past; "end" '\0' is not. */
static bool read_hex(const char **at, char end, uint32_t *ret_number)
{
    uint32_t number = 0;
    const char *in = *at;
    for (; ascii_is_xdigit(*in) && in - *at < 8; in++)
        number = number << 4 | hex_digit(*in);
    if (in == *at || *in != end)
        return false;
    *at = in + (end != '\0');
    *ret_number = number;
    return true;
}

/* "61,00,00,00" */
static bool read_bytes(const char *text, RegistryValue *value, Arena *arena)
{
    size_t size = (strlen(text) + 1) / 3;
    unsigned char *data = arena_alloc(arena, size);
    for (size_t i = 0; i < size; i++) {
        uint32_t byte;
        if (!read_hex(&text, i + 1 < size ? ',' : '\0', &byte) || byte > UINT8_MAX)
            return false;
        data[i] = (unsigned char) byte;
    }
    value->data = data;
    value->size = size;
    return *text == '\0';
}

static bool read_data(const char *text, RegistryValue *ret_value, Arena *arena)
{
    uint32_t number;
    if (*text == '"') {
        const char *quoted = read_quoted(&text, arena);
        if (quoted == NULL || *text != '\0')
            return false;
        *ret_value = registry_text_value(quoted, arena);
        return true;
    }
    if (strncmp(text, "dword:", 6) == 0) {
        text += 6;
        if (!read_hex(&text, '\0', &number))
            return false;
        *ret_value = registry_dword_value(number, arena);
        return true;
    }
    if (strncmp(text, "hex(", 4) != 0)
        return false;
    text += 4;
    *ret_value = (RegistryValue){ .state = REGISTRY_VALUE };
    return read_hex(&text, ')', &ret_value->type) && *text++ == ':' && read_bytes(text, ret_value, arena);
}

static bool read_line(const char *line, Keys *keys, Arena *arena)
{
    size_t length = strlen(line), top = strlen(TOP);
    if (length == 0 || *line == ';')
        return true;
    if (*line == '[') {
        if (line[length - 1] != ']' || strncmp(line + 1, TOP, top) != 0 || length <= top + 2)
            return false;
        ARRAY_PUSH(arena, keys, ((Key){ .path = arena_strndup(arena, line + 1 + top, length - top - 2) }));
        return true;
    }
    Value value = { .name = "" };
    if (*line == '@')
        line++;
    else
        value.name = read_quoted(&line, arena);
    if (keys->count == 0 || value.name == NULL || *line++ != '=' || !read_data(line, &value.value, arena))
        return false;
    ARRAY_PUSH(arena, &keys->items[keys->count - 1].values, value);
    return true;
}

static bool refuse_line(const RegistryFile *file, size_t number, Error *err)
{
    return error_set(err, ERR_PROTOCOL, "line %zu of the registry '%s' cannot be read", number, file->path);
}

static bool read_keys(const RegistryFile *file, Arena *arena, Keys *ret_keys, Error *err)
{
    Keys keys = { 0 };
    Error failure;
    char *text;
    size_t size, number = 1;
    if (!fs_read_file(file->path, LIMIT_REGISTRY_FILE_BYTES, arena, &text, &size, &failure)) {
        if (failure.code == ERR_NOT_FOUND) {
            *ret_keys = keys;
            return true;
        }
        *err = failure;
        return false;
    }
    if (!utf8_is_valid(text, size) || strlen(text) != size)
        return error_set(err, ERR_PROTOCOL, "the registry '%s' is no text in UTF-8", file->path);
    for (char *line = text, *end; line != NULL; line = end, number++) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        if (number == 1 ? strcmp(line, FIRST_LINE) != 0 : !read_line(line, &keys, arena))
            return refuse_line(file, number, err);
    }
    *ret_keys = keys;
    return true;
}

/* ---- writing ---- */

static void write_quoted(Str *str, const char *text)
{
    str_append_char(str, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            str_append_char(str, '\\');
        str_append_char(str, *text);
    }
    str_append_char(str, '"');
}

static bool fits_line(const char *text)
{
    return strpbrk(text, "\r\n") == NULL && utf8_is_valid(text, strlen(text));
}

/* The text that reads back as the same bytes, or NULL. */
static const char *quotable_text(const RegistryValue *value, Arena *arena)
{
    StringList texts = registry_value_texts(value, arena);
    if (value->type != REGISTRY_TYPE_TEXT || texts.count != 1 || !fits_line(texts.items[0]))
        return NULL;
    RegistryValue again = registry_text_value(texts.items[0], arena);
    return registry_value_equals(value, &again) ? texts.items[0] : NULL;
}

static void write_data(Str *str, const RegistryValue *value, Arena *arena)
{
    const char *text = quotable_text(value, arena);
    const unsigned char *data = value->data;
    if (text != NULL) {
        write_quoted(str, text);
    } else if (value->type == REGISTRY_TYPE_DWORD && value->size == 4) {
        str_appendf(str, "dword:%02x%02x%02x%02x", data[3], data[2], data[1], data[0]);
    } else {
        str_appendf(str, "hex(%x):", (unsigned) value->type);
        for (size_t i = 0; i < value->size; i++)
            str_appendf(str, i == 0 ? "%02x" : ",%02x", data[i]);
    }
}

static bool write_keys(const RegistryFile *file, const Keys *keys, Arena *arena, Error *err)
{
    Str str;
    const char *text;
    str_init(&str, LIMIT_REGISTRY_FILE_BYTES);
    str_append(&str, FIRST_LINE "\n");
    for (size_t i = 0; i < keys->count; i++) {
        const Key *key = &keys->items[i];
        str_appendf(&str, "\n[" TOP "%s]\n", key->path);
        for (size_t j = 0; j < key->values.count; j++) {
            const Value *value = &key->values.items[j];
            if (*value->name == '\0')
                str_append_char(&str, '@');
            else
                write_quoted(&str, value->name);
            str_append_char(&str, '=');
            write_data(&str, &value->value, arena);
            str_append_char(&str, '\n');
        }
    }
    return str_finish(&str, arena, &text, err) && fs_replace_file(file->path, text, strlen(text), FS_SHARED, err);
}

/* ---- the registry ---- */

static Key *find_key(const Keys *keys, const char *path)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (text_equals(keys->items[i].path, path))
            return &keys->items[i];
    }
    return NULL;
}

static Value *find_value(const Key *key, const char *name)
{
    for (size_t i = 0; key != NULL && i < key->values.count; i++) {
        if (text_equals(key->values.items[i].name, name))
            return &key->values.items[i];
    }
    return NULL;
}

/* Something is in it: a key that is not listed is there if one below it is. */
static bool has_keys_below(const Keys *keys, const char *path, Arena *arena)
{
    const char *prefix = arena_printf(arena, "%s\\", path);
    size_t length = strlen(prefix);
    for (size_t i = 0; i < keys->count; i++) {
        const char *other = keys->items[i].path;
        if (strlen(other) > length && text_equals(arena_strndup(arena, other, length), prefix))
            return true;
    }
    return false;
}

static bool read_value(Registry *registry, const char *key, const char *name, Arena *arena, RegistryValue *ret_value,
                       Error *err)
{
    Keys keys;
    if (!read_keys((const RegistryFile *) registry, arena, &keys, err))
        return false;
    const Key *found = find_key(&keys, key);
    const Value *value = find_value(found, name);
    bool has_key = found != NULL || has_keys_below(&keys, key, arena);
    *ret_value = value != NULL ? value->value
                               : (RegistryValue){ .state = has_key ? REGISTRY_NO_VALUE : REGISTRY_NO_KEY };
    return true;
}

static bool list_values(Registry *registry, const char *key, size_t limit, Arena *arena, StringList *ret_names,
                        Error *err)
{
    Keys keys;
    StringList names = { 0 };
    if (!read_keys((const RegistryFile *) registry, arena, &keys, err))
        return false;
    const Key *found = find_key(&keys, key);
    if (found != NULL && found->values.count > limit)
        return registry_refuse_count(key, limit, err);
    for (size_t i = 0; found != NULL && i < found->values.count; i++)
        ARRAY_PUSH(arena, &names, found->values.items[i].name);
    *ret_names = names;
    return true;
}

static void set_value(Keys *keys, const char *path, const char *name, const RegistryValue *value, Arena *arena)
{
    Key *key = find_key(keys, path);
    if (key == NULL) {
        ARRAY_PUSH(arena, keys, ((Key){ .path = path }));
        key = &keys->items[keys->count - 1];
    }
    Value *found = find_value(key, name);
    if (found != NULL)
        found->value = *value;
    else
        ARRAY_PUSH(arena, &key->values, ((Value){ .name = name, .value = *value }));
}

static void remove_value(Keys *keys, const char *path, const char *name, bool also_key)
{
    Key *key = find_key(keys, path);
    Value *value = find_value(key, name);
    if (value != NULL) {
        Value *end = key->values.items + key->values.count--;
        memmove(value, value + 1, (size_t) (end - value - 1) * sizeof(*value));
    }
    if (also_key && key != NULL && key->values.count == 0) {
        Key *end = keys->items + keys->count--;
        memmove(key, key + 1, (size_t) (end - key - 1) * sizeof(*key));
    }
}

static bool check_fits(const char *key, const char *name, Error *err)
{
    return (fits_line(key) && fits_line(name)) ||
           error_set(err, ERR_INVALID, "a key or a name of the registry has more than one line");
}

static bool write_value(Registry *registry, const char *key, const char *name, const RegistryValue *value, Error *err)
{
    const RegistryFile *file = (const RegistryFile *) registry;
    Arena arena = ARENA_INIT;
    Keys keys;
    FsLock *lock = NULL;
    bool ok = check_fits(key, name, err) &&
              fs_lock_wait(arena_printf(&arena, "%s.lock", file->path), FS_SHARED, NULL, &lock, err) &&
              read_keys(file, &arena, &keys, err);
    if (ok && value->state == REGISTRY_VALUE)
        set_value(&keys, key, name, value, &arena);
    else if (ok)
        remove_value(&keys, key, name, value->state == REGISTRY_NO_KEY);
    ok = ok && write_keys(file, &keys, &arena, err);
    fs_unlock(lock);
    arena_release(&arena);
    return ok;
}

Registry *registry_file_open(const char *path, Arena *arena)
{
    RegistryFile *file = ARENA_NEW(arena, RegistryFile);
    *file = (RegistryFile){ .registry = { .read = read_value, .list = list_values, .write = write_value },
                            .path = arena_strdup(arena, path) };
    return &file->registry;
}
