/* SPDX-License-Identifier: MIT */
/* CIM values and instances: typed data as every back end delivers and takes it.
 *
 * A value always knows its CIM type, also while it is null. Values, their strings and arrays live in an arena (or are
 * constants); nobody frees one. Types and their text forms: DMTF DSP0004 (CIM Infrastructure), section 5.2. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CimType {
    CIM_TYPE_BOOLEAN,
    CIM_TYPE_SINT8,
    CIM_TYPE_SINT16,
    CIM_TYPE_SINT32,
    CIM_TYPE_SINT64,
    CIM_TYPE_UINT8,
    CIM_TYPE_UINT16,
    CIM_TYPE_UINT32,
    CIM_TYPE_UINT64,
    CIM_TYPE_REAL32,
    CIM_TYPE_REAL64,
    CIM_TYPE_CHAR16,
    CIM_TYPE_STRING,
    CIM_TYPE_DATETIME,  /* text of 25 characters, yyyymmddHHMMSS.mmmmmmsUUU or ddddddddHHMMSS.mmmmmm:000 */
    CIM_TYPE_REFERENCE, /* text: an object path, see path.h */
    CIM_TYPE_INSTANCE,  /* embedded instance */
    CIM_TYPE_COUNT
} CimType;

typedef struct CimInstance CimInstance;

typedef struct CimValue CimValue;
struct CimValue {
    CimType type; /* of the items, for an array */
    bool is_array;
    bool is_null; /* the whole value; items of an array are never null */
    union {
        bool boolean;
        int64_t sint;    /* SINT8..SINT64 */
        uint64_t uint;   /* UINT8..UINT64, CHAR16 */
        double real;     /* REAL32, REAL64 */
        const char *text; /* STRING, DATETIME, REFERENCE */
        const CimInstance *instance;
        struct {
            const CimValue *items; /* each of the same type, none an array */
            size_t count;
        } array;
    };
};

typedef struct CimProperty {
    const char *name;
    CimValue value;
} CimProperty;

/* A list of properties: an instance of a class, the parameters of a method, what a method gives back. */
struct CimInstance {
    const char *class_name;
    const char *path; /* object path; with or without the \\HOST\namespace: part, as the host gave it. NULL: none */
    CimProperty *properties;
    size_t count;
    size_t capacity; /* 0 for constant instances */
};

typedef struct CimUintList {
    uint64_t *items;
    size_t count;
    size_t capacity;
} CimUintList;

typedef struct CimInstanceList {
    CimInstance **items;
    size_t count;
    size_t capacity;
} CimInstanceList;

/* ---- types ---- */

/* "uint64", "string", ... as in MOF and CIM-XML; "reference" and "instance" for the last two. */
const char *cim_type_name(CimType type);
bool cim_type_parse(const char *name, CimType *ret_type);

bool cim_type_is_unsigned(CimType type); /* UINT8 to UINT64; CHAR16 is a character, not a number */
bool cim_type_is_signed(CimType type);
bool cim_type_is_text(CimType type); /* STRING, DATETIME, REFERENCE */

/* ---- making values; strings are not copied ---- */

CimValue cim_null(CimType type);
CimValue cim_null_array(CimType type);
CimValue cim_boolean(bool value);
CimValue cim_uint(CimType type, uint64_t value); /* CHECKs the range */
CimValue cim_sint(CimType type, int64_t value);  /* CHECKs the range */
CimValue cim_string(const char *text);           /* NULL gives a null */
CimValue cim_text(CimType type, const char *text);
CimValue cim_embedded(const CimInstance *instance);
CimValue cim_array(CimType type, const CimValue *items, size_t count);
/* An array of strings or references (the pointers are kept, the array of values is made in the arena). */
CimValue cim_text_array(Arena *arena, CimType type, const char *const *texts, size_t count);

/* Reads a scalar of the type from its text ("true" in any case, decimal or 0x integers within the type's range, finite
 * decimal reals, one character for CHAR16, 25-character datetimes). ERR_INVALID otherwise, and for INSTANCE.
 * The text is copied into the arena where it is kept. */
MUST_CHECK bool cim_value_parse(CimType type, const char *text, Arena *arena, CimValue *ret_value, Error *err);

/* The text form of a scalar: the inverse of the above. Null gives NULL. Not for embedded instances. */
const char *cim_value_format(const CimValue *value, Arena *arena);

/* Same type, nullness and content; strings and class names compared exactly, properties in any order, the paths of
 * embedded instances not at all. */
bool cim_value_equals(const CimValue *a, const CimValue *b);

/* A deep copy. */
CimValue cim_value_copy(const CimValue *value, Arena *arena);

/* The text has the form of a CIM datetime or interval of 25 characters; digits may be asterisks, ranges are not looked
 * at. */
bool cim_datetime_is_valid(const char *text);

/* A CIM datetime in UTC of milliseconds since 1970 (held to the years 0 to 9999), and back (an interval, asterisks or
 * a day that does not exist give false). */
const char *cim_datetime_format(Arena *arena, int64_t unix_ms);
bool cim_datetime_parse(const char *text, int64_t *ret_unix_ms);
/* An interval of that many milliseconds; a negative one gives zero. */
const char *cim_interval_format(Arena *arena, int64_t ms);

/* ---- instances ---- */

/* Empty. The class name (never NULL; "" for method parameters) is kept, not copied. */
CimInstance *cim_instance_create(Arena *arena, const char *class_name);
/* A deep copy, which has room for more properties. */
CimInstance *cim_instance_copy(const CimInstance *instance, Arena *arena);

/* Sets or adds a property; the name is kept, not copied. The instance must come from cim_instance_create/copy with the
 * same arena. */
void cim_instance_set(CimInstance *instance, Arena *arena, const char *name, CimValue value);

/* The property's value, or NULL when the instance does not have it. Names without regard to case. */
const CimValue *cim_instance_find(const CimInstance *instance, const char *name);

/* Convenience for reading what may be absent: each gives the fallback when the property is missing, null, an array,
 * or of another kind. cim_instance_text: NULL as fallback. */
const char *cim_instance_text(const CimInstance *instance, const char *name);
uint64_t cim_instance_uint(const CimInstance *instance, const char *name, uint64_t fallback);
bool cim_instance_boolean(const CimInstance *instance, const char *name, bool fallback);
/* The items of an array property. None when it is missing, null, no array, or its items are of another kind: the type
 * is the host's choice. */
void cim_instance_texts(const CimInstance *instance, const char *name, Arena *arena, StringList *ret_texts);
void cim_instance_uints(const CimInstance *instance, const char *name, Arena *arena, CimUintList *ret_numbers);
/* The bare items, for src/cim and tests; who reads what a host says uses the two above. */
const CimValue *cim_instance_array(const CimInstance *instance, const char *name, size_t *ret_count);
bool cim_instance_is_null(const CimInstance *instance, const char *name); /* or missing */
