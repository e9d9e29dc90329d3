/* SPDX-License-Identifier: MIT */
#include "json/document.h"

#include "base/check.h"
#include "base/utf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool json_document_load(const char *text, size_t size, const char **ret_format, json_t **ret_root, Error *err)
{
    json_error_t problem;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        return error_set(err, ERR_PROTOCOL, "not JSON: line %d, column %d: %s", problem.line, problem.column,
                         problem.text);
    *ret_format = json_string_value(json_object_get(root, "format"));
    *ret_root = root;
    return true;
}

bool json_document_refuse(const char *found, const char *format, Error *err)
{
    if (found == NULL)
        return error_set(err, ERR_PROTOCOL, "it does not say that its format is '%s'", format);
    return error_set(err, ERR_PROTOCOL, "its format is '%s', not '%s'", found, format);
}

bool json_document_parse(const char *text, size_t size, const char *format, json_t **ret_root, Error *err)
{
    const char *found;
    json_t *root;
    if (!json_document_load(text, size, &found, &root, err))
        return false;
    if (found != NULL && strcmp(found, format) == 0) {
        *ret_root = root;
        return true;
    }
    (void) json_document_refuse(found, format, err);
    json_decref(root);
    return false;
}

const char *json_document_format(json_t *root, Arena *arena)
{
    CHECK(root != NULL);
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    CHECK(text != NULL);
    const char *copy = arena_printf(arena, "%s\n", text);
    free(text);
    json_decref(root);
    return copy;
}

json_t *json_text(const char *text)
{
    if (text == NULL)
        return json_null();
    size_t size = strlen(text);
    if (utf8_is_valid(text, size))
        return json_string(text);
    Arena arena = ARENA_INIT;
    char *valid = arena_alloc(&arena, 3 * size + 1);
    char *out = valid;
    for (size_t position = 0; position < size;) {
        uint32_t code_point = utf8_next(text, size, &position);
        bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        out += utf8_encode(is_surrogate ? 0xFFFD : code_point, out);
    }
    json_t *string = json_string(valid);
    arena_release(&arena);
    return string;
}

json_t *json_uint64(uint64_t value)
{
    char digits[24];
    (void) snprintf(digits, sizeof(digits), "%" PRIu64, value);
    return json_string(digits);
}

void json_put(json_t *object, const char *name, json_t *value)
{
    CHECK(json_object_set_new(object, name, value) == 0);
}

void json_push(json_t *array, json_t *value)
{
    CHECK(json_array_append_new(array, value) == 0);
}
