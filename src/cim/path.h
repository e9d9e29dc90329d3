/* SPDX-License-Identifier: MIT */
/* WMI object paths:  \\HOST\root\virtualization\v2:Class.Key1="text",Key2=5
 * The host and namespace part may be missing, and '/' may stand for '\' in it. Inside quoted values '\' and '"' are
 * written '\\' and '\"'. Grammar: Windows SDK, "Describing the Location of a WMI Object". */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"

#include <stdbool.h>

/* The text can name a class, a property or a method: letters of ASCII, digits and '_', no digit first. */
bool cim_name_is_valid(const char *text);

typedef struct CimPath {
    const char *host;       /* NULL: not given */
    const char *ns;         /* "root\virtualization\v2", NULL: not given */
    const char *class_name;
    CimProperty *keys;      /* STRING, UINT64, SINT64 or BOOLEAN values, as written; 0 keys: a class path.
                             * For cim_path_format() any scalar but an embedded instance; none is null. */
    size_t count;
} CimPath;

/* ERR_INVALID with the position. Singletons ("Class=@") and keys without name ("Class="x"") are refused: Hyper-V has
 * neither. */
MUST_CHECK bool cim_path_parse(const char *text, Arena *arena, CimPath *ret_path, Error *err);

/* The inverse, with '\' in the namespace. Keys come out in the order they have. A host needs a namespace. */
const char *cim_path_format(const CimPath *path, Arena *arena);

/* The value of a text key, or NULL. */
const char *cim_path_key(const CimPath *path, const char *name);

/* Builds a path Class.key="value" without host: for a class with one text key. */
const char *cim_path_make(Arena *arena, const char *class_name, const char *key, const char *value);

/* The paths name the same object: class, keys and values compared without regard to case and to the order of keys; host
 * and namespace ignored. Two texts that are no paths are equal if they are the same text. */
bool cim_path_equals(const char *a, const char *b);
