/* SPDX-License-Identifier: MIT */
/* A struct described once, as data: its shape. By it a record is written as JSON and read back, and by the same shape
 * results are shown as text (present/result.h), so that no record is spelled out twice.
 *
 *     static const Field gpu_fields[] = {
 *         FIELD_TEXT(ManifestGpu, name, "name"),
 *         FIELD_TEXT(ManifestGpu, device_id, "deviceId"),
 *     };
 *     static const Shape gpu_shape = SHAPE(ManifestGpu, gpu_fields);
 *
 * The macros compare the member's type with the field's kind when they are compiled. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum FieldKind {
    FIELD_KIND_TEXT,    /* const char *: a string */
    FIELD_KIND_CHARS,   /* char[N]: a string of N - 1 bytes at most */
    FIELD_KIND_TEXTS,   /* StringList: an array of strings */
    FIELD_KIND_BOOLEAN, /* bool: true or false */
    FIELD_KIND_SIZE,    /* size_t: a number; what the program counts itself */
    FIELD_KIND_UINT32,  /* uint32_t: a number */
    FIELD_KIND_UINT64,  /* uint64_t: a string of decimal digits */
    FIELD_KIND_INT64,   /* int64_t: the same, with a sign */
    FIELD_KIND_NAME,    /* an enum: a string from its list of names */
    FIELD_KIND_RECORD,  /* a struct: an object */
    FIELD_KIND_POINTER, /* a pointer to a struct: an object; NULL as the flags say */
    FIELD_KIND_LIST,    /* a struct of items, count and capacity: an array of objects */
    FIELD_KIND_OTHER,   /* by functions of its own */
    FIELD_KIND_SHOWN,   /* nothing in JSON: a line that is shown */
} FieldKind;

typedef enum FieldFlag {
    FIELD_NULLABLE = 1, /* NULL is null, and the other way round; texts, and what FIELD_OTHER makes of it */
    FIELD_OPTIONAL = 2, /* not written where it is NULL, empty, zero or false; missing it is read as that */
    FIELD_EACH = 4,     /* of a list: each item is shown on a line of its own, with the label before it */
} FieldFlag;

/* How a record is shown. */
typedef struct TextLayout {
    int indent;      /* of its lines, but for the heading */
    int label_width;
    size_t most;     /* items of a list; of more their number is told. 0: all */
    bool has_gap;    /* an empty line follows */
} TextLayout;

typedef struct Shape Shape;

typedef struct Field {
    FieldKind kind;
    unsigned flags;
    size_t offset;
    size_t size;       /* FIELD_KIND_CHARS: of the array */
    size_t limit;      /* items of a list that are read; 0: all that the document has */
    const char *name;  /* of the JSON member */
    const char *label; /* before the text that is shown; "": none; NULL: it is not shown */

    const Shape *shape;        /* FIELD_KIND_RECORD, _POINTER, _LIST: of the record, of each item */
    const char *const *names;  /* FIELD_KIND_NAME */
    size_t name_count;

    /* FIELD_KIND_OTHER, of the member. Writing NULL leaves the member out. */
    json_t *(*write)(const void *member);
    bool (*read)(const json_t *json, Arena *arena, void *member, Error *err);

    /* The text that is shown, of the whole record; NULL: the member's, by its kind. May give NULL: no line. */
    const char *(*show)(const void *record, Arena *arena);
} Field;

struct Shape {
    size_t size; /* of the record */
    const Field *fields;
    size_t count;
    /* What the types cannot say, asked of a record that has been read. NULL: nothing. */
    bool (*check)(const void *record, Arena *arena, Error *err);
    /* The line above the labelled ones where it is shown. NULL: none. */
    const char *(*heading)(const void *record, Arena *arena);
    const TextLayout *layout; /* NULL: labels of 12 characters, and an empty line at the end */
};

#define FIELD_AT_(type, member, of) (offsetof(type, member) + 0 * sizeof(char[_Generic(((type *) 0)->member, of: 1)]))

/* (struct, member, "name of the JSON member", and what else the field has: .flags = FIELD_NULLABLE, .label = "...") */
#define FIELD_TEXT(type, member, ...)                                                                                  \
    { .kind = FIELD_KIND_TEXT, .offset = FIELD_AT_(type, member, const char *), .name = __VA_ARGS__ }
#define FIELD_CHARS(type, member, ...)                                                                                 \
    { .kind = FIELD_KIND_CHARS, .offset = FIELD_AT_(type, member, char *), .size = sizeof(((type *) 0)->member),       \
      .name = __VA_ARGS__ }
#define FIELD_TEXTS(type, member, ...)                                                                                 \
    { .kind = FIELD_KIND_TEXTS, .offset = FIELD_AT_(type, member, StringList), .name = __VA_ARGS__ }
#define FIELD_BOOLEAN(type, member, ...)                                                                               \
    { .kind = FIELD_KIND_BOOLEAN, .offset = FIELD_AT_(type, member, bool), .name = __VA_ARGS__ }
#define FIELD_SIZE(type, member, ...)                                                                                  \
    { .kind = FIELD_KIND_SIZE, .offset = FIELD_AT_(type, member, size_t), .name = __VA_ARGS__ }
#define FIELD_UINT32(type, member, ...)                                                                                \
    { .kind = FIELD_KIND_UINT32, .offset = FIELD_AT_(type, member, uint32_t), .name = __VA_ARGS__ }
#define FIELD_UINT64(type, member, ...)                                                                                \
    { .kind = FIELD_KIND_UINT64, .offset = FIELD_AT_(type, member, uint64_t), .name = __VA_ARGS__ }
#define FIELD_INT64(type, member, ...)                                                                                 \
    { .kind = FIELD_KIND_INT64, .offset = FIELD_AT_(type, member, int64_t), .name = __VA_ARGS__ }
#define FIELD_NAME(type, member, list, ...)                                                                            \
    { .kind = FIELD_KIND_NAME, .offset = FIELD_AT_(type, member, unsigned), .names = list,                             \
      .name_count = sizeof(list) / sizeof((list)[0]), .name = __VA_ARGS__ }
#define FIELD_RECORD(type, member, of, ...)                                                                            \
    { .kind = FIELD_KIND_RECORD, .offset = offsetof(type, member), .shape = of, .name = __VA_ARGS__ }
/* The member is "const T *". */
#define FIELD_POINTER(type, member, of, ...)                                                                           \
    { .kind = FIELD_KIND_POINTER, .offset = offsetof(type, member), .shape = of, .name = __VA_ARGS__ }
#define FIELD_LIST(type, member, of, ...)                                                                              \
    { .kind = FIELD_KIND_LIST, .offset = offsetof(type, member), .shape = of, .name = __VA_ARGS__ }
#define FIELD_OTHER(type, member, writer, reader, ...)                                                                 \
    { .kind = FIELD_KIND_OTHER, .offset = offsetof(type, member), .write = writer, .read = reader, .name = __VA_ARGS__ }
/* A member of the JSON that several members of the struct make up: the functions get the record. */
#define FIELD_OF_RECORD(writer, reader, ...)                                                                           \
    { .kind = FIELD_KIND_OTHER, .write = writer, .read = reader, .name = __VA_ARGS__ }
/* A line that is only shown. */
#define FIELD_SHOWN(text, ...)                                                                                         \
    { .kind = FIELD_KIND_SHOWN, .show = text, .label = __VA_ARGS__ }

/* (struct, its fields), and what else the shape has: .check, .heading, .layout */
#define SHAPE(type, ...) SHAPE_(type, __VA_ARGS__, )
#define SHAPE_(type, list, ...)                                                                                        \
    { .size = sizeof(type), .fields = list, .count = sizeof(list) / sizeof((list)[0]), __VA_ARGS__ }

/* An object with the record's members, in the order of the fields. Text that is no UTF-8 becomes readable, as
 * json_text() says. The caller owns the reference. */
json_t *shape_write(const Shape *shape, const void *record);

/* The members of the record, put into an object that is there. */
void shape_write_into(const Shape *shape, const void *record, json_t *object);

/* Fills in the record (its other members stay as they are). ERR_PROTOCOL names the member that is missing or wrong,
 * and the way to it: "'files', item 3: its member 'size' is missing or no 64-bit number in a string". Members that no
 * field names are passed over. On failure the record holds nothing that may be used. */
MUST_CHECK bool shape_read(const Shape *shape, const json_t *json, Arena *arena, void *record, Error *err);

/* What a list of records looks like to the code that knows only its shape. */
typedef struct ShapeItems {
    const void *items;
    size_t count;
} ShapeItems;

/* The items of a list, whose own type the caller does not know. */
ShapeItems shape_items(const void *list);

/* What a pointer to a record points to, whose own type the caller does not know; or NULL. */
const void *shape_pointed(const void *pointer);

/* An array of the records of a list (a struct of items, count and capacity). The caller owns the reference. */
json_t *shape_write_list(const Shape *shape, const void *list);
