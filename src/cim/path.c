/* SPDX-License-Identifier: MIT */
/* Reads, writes and compares WMI object paths. Grammar: Windows SDK, "Describing the Location of a WMI Object". */
#include "cim/path.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/str.h"
#include "platform/text.h"

#include <string.h>

static bool is_name_character(char c)
{
    return ascii_is_alpha(c) || ascii_is_digit(c) || c == '_';
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    if (ascii_is_digit(text[0]))
        return 0;
    while (is_name_character(text[length]))
        length++;
    return length;
}

bool cim_name_is_valid(const char *text)
{
    size_t length = name_length(text);
    return length > 0 && text[length] == '\0';
}

static bool is_slash(char c)
{
    return c == '\\' || c == '/';
}

/* A namespace that ends in ':' at *position is taken; *ret_ns stays NULL if there is none. */
static bool take_namespace(const char **position, Arena *arena, const char **ret_ns)
{
    size_t length = 0;
    const char *text = *position;
    while (is_name_character(text[length]) || is_slash(text[length]))
        length++;
    if (length == 0 || text[length] != ':')
        return false;
    char *ns = arena_strndup(arena, text, length);
    for (char *c = ns; *c != '\0'; c++) {
        if (*c == '/')
            *c = '\\';
    }
    *ret_ns = ns;
    *position = text + length + 1;
    return true;
}

static bool take_host(const char **position, Arena *arena, const char **ret_host)
{
    const char *host = *position + 2;
    size_t length = strcspn(host, "\\/\"'");
    if (length == 0 || !is_slash(host[length]))
        return false;
    *ret_host = arena_strndup(arena, host, length);
    *position = host + length + 1;
    return true;
}

/* A text in quotes, in which a backslash makes the next character an ordinary one. */
static bool take_quoted(const char **position, Arena *arena, CimValue *ret_value)
{
    const char *text = *position;
    char quote = *text++;
    char *copy = arena_alloc(arena, strlen(text) + 1);
    size_t length = 0;
    for (; *text != quote; text++) {
        if (*text == '\\')
            text++;
        if (*text == '\0')
            return false;
        copy[length++] = *text;
    }
    *position = text + 1;
    *ret_value = cim_string(copy);
    return true;
}

/* A number or boolean, up to the comma or the end. */
static bool take_word(const char **position, Arena *arena, CimValue *ret_value)
{
    Error ignored; /* what is no word is reported with its position by the caller */
    size_t length = strcspn(*position, ",");
    const char *word = arena_strndup(arena, *position, length);
    CimType type = ascii_is_alpha(word[0]) ? CIM_TYPE_BOOLEAN : word[0] == '-' ? CIM_TYPE_SINT64 : CIM_TYPE_UINT64;
    *position += length;
    return cim_value_parse(type, word, arena, ret_value, &ignored);
}

static bool take_key(const char **position, Arena *arena, CimPath *path)
{
    size_t length = name_length(*position);
    if (length == 0 || (*position)[length] != '=' || path->count == LIMIT_PATH_KEYS)
        return false;
    const char *name = arena_strndup(arena, *position, length);
    for (size_t i = 0; i < path->count; i++) {
        if (ascii_equals(path->keys[i].name, name))
            return false;
    }
    *position += length + 1;
    CimProperty *key = &path->keys[path->count++];
    key->name = name;
    char first = **position;
    return first == '"' || first == '\'' ? take_quoted(position, arena, &key->value)
                                         : take_word(position, arena, &key->value);
}

static bool take_path(const char **position, Arena *arena, CimPath *path)
{
    if (is_slash((*position)[0]) && is_slash((*position)[1])) {
        if (!take_host(position, arena, &path->host) || !take_namespace(position, arena, &path->ns))
            return false;
    } else {
        (void) take_namespace(position, arena, &path->ns); /* may be missing */
    }
    size_t length = name_length(*position);
    if (length == 0)
        return false;
    path->class_name = arena_strndup(arena, *position, length);
    *position += length;
    if (**position == '\0')
        return true;
    path->keys = ARENA_NEW_ARRAY(arena, CimProperty, LIMIT_PATH_KEYS);
    for (char expected = '.'; **position == expected; expected = ',') {
        ++*position;
        if (!take_key(position, arena, path))
            return false;
    }
    return **position == '\0';
}

bool cim_path_parse(const char *text, Arena *arena, CimPath *ret_path, Error *err)
{
    CimPath path = { .host = NULL };
    if (strlen(text) > LIMIT_PATH_BYTES)
        return error_set(err, ERR_INVALID, "object path longer than %d bytes", LIMIT_PATH_BYTES);
    const char *position = text;
    if (!take_path(&position, arena, &path))
        return error_set(err, ERR_INVALID, "'%s' is not an object path (see character %zu)", text,
                         (size_t) (position - text) + 1);
    *ret_path = path;
    return true;
}

static void append_key(Str *text, const CimProperty *key, Arena *arena)
{
    CHECK(!key->value.is_null);
    str_append(text, key->name);
    str_append_char(text, '=');
    if (!cim_type_is_text(key->value.type)) {
        str_append(text, cim_value_format(&key->value, arena));
        return;
    }
    str_append_char(text, '"');
    for (const char *c = key->value.text; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            str_append_char(text, '\\');
        str_append_char(text, *c);
    }
    str_append_char(text, '"');
}

const char *cim_path_format(const CimPath *path, Arena *arena)
{
    Str text;
    str_init(&text, SIZE_MAX);
    if (path->host != NULL) {
        CHECK(path->ns != NULL);
        str_append(&text, "\\\\");
        str_append(&text, path->host);
        str_append_char(&text, '\\');
    }
    if (path->ns != NULL) {
        str_append(&text, path->ns);
        str_append_char(&text, ':');
    }
    str_append(&text, path->class_name);
    for (size_t i = 0; i < path->count; i++) {
        str_append_char(&text, i == 0 ? '.' : ',');
        append_key(&text, &path->keys[i], arena);
    }
    const char *copy = arena_strndup(arena, str_text(&text), text.length);
    str_release(&text);
    return copy;
}

static const CimValue *find_key(const CimPath *path, const char *name)
{
    for (size_t i = 0; i < path->count; i++) {
        if (ascii_equals(path->keys[i].name, name))
            return &path->keys[i].value;
    }
    return NULL;
}

const char *cim_path_key(const CimPath *path, const char *name)
{
    const CimValue *value = find_key(path, name);
    return value != NULL && cim_type_is_text(value->type) ? value->text : NULL;
}

const char *cim_path_make(Arena *arena, const char *class_name, const char *key, const char *value)
{
    CimProperty property = { .name = key, .value = cim_string(value) };
    CimPath path = { .class_name = class_name, .keys = &property, .count = 1 };
    return cim_path_format(&path, arena);
}

static bool paths_equal(const CimPath *a, const CimPath *b)
{
    if (a->count != b->count || !ascii_equals(a->class_name, b->class_name))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const CimValue *x = &a->keys[i].value, *y = find_key(b, a->keys[i].name);
        if (y == NULL || x->type != y->type)
            return false;
        if (x->type == CIM_TYPE_STRING ? !text_equals(x->text, y->text) : !cim_value_equals(x, y))
            return false;
    }
    return true;
}

bool cim_path_equals(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    Arena arena = ARENA_INIT;
    CimPath x, y;
    Error ignored; /* a text that is no path equals nothing but itself */
    bool equal =
        cim_path_parse(a, &arena, &x, &ignored) && cim_path_parse(b, &arena, &y, &ignored) && paths_equal(&x, &y);
    arena_release(&arena);
    return equal;
}
