/* SPDX-License-Identifier: MIT */
/* JSON as text: what HyperPoint writes into files and pipes, and reads from them. A document of ours is an object whose
 * member "format" tells what it is and of which version. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* An object of that format ("hyperpoint-journal/1"), with no member twice. ERR_PROTOCOL with line and column, or with
 * the format that it has instead. The caller owns the reference (json_decref). */
MUST_CHECK bool json_document_parse(const char *text, size_t size, const char *format, json_t **ret_root, Error *err);

/* The same of any format: *ret_format, which lives as long as the root; NULL: the document tells none. */
MUST_CHECK bool json_document_load(const char *text, size_t size, const char **ret_format, json_t **ret_root,
                                   Error *err);

/* ERR_PROTOCOL for a document of another format than the one that is wanted. Always returns false. */
bool json_document_refuse(const char *found, const char *format, Error *err);

/* The text of a value, indented, in ASCII (other characters escaped), with a line feed at the end. Takes the
 * reference. */
const char *json_document_format(json_t *root, Arena *arena);

/* A string, or null for NULL. Bytes that are no UTF-8 become U+FFFD: for what is shown, since readers refuse the whole
 * of a document otherwise. The caller owns the reference. */
json_t *json_text(const char *text);

/* A 64-bit number as a string of decimal digits: readers of JSON lose or refuse numbers from 2^53 or 2^63 on. */
json_t *json_uint64(uint64_t value);

/* object[name] = value; takes the reference of the value. */
void json_put(json_t *object, const char *name, json_t *value);

/* Appends to an array; takes the reference of the value. */
void json_push(json_t *array, json_t *value);
