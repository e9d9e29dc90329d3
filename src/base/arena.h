/* SPDX-License-Identifier: MIT */
/* Memory that is freed all at once.
 *
 * Values (strings, instances, lists) live in an arena and need no owner of their own. A command has one arena;
 * loops that may run long (job polls) use arena_mark/arena_reset so that waiting does not grow.
 * When memory runs out the program prints one line and aborts: to everybody else that is a kill, and what
 * survives a kill (the journal) survives it. No function here fails. */
#pragma once

#include "base/compiler.h"

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *last;
} Arena;

typedef struct ArenaMark {
    ArenaBlock *block;
    size_t used;
} ArenaMark;

/* An Arena of zeros is an empty arena. */
#define ARENA_INIT                                                                                                     \
    {                                                                                                                  \
        NULL                                                                                                           \
    }

/* Zeroed memory, aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);

/* The same for count elements; aborts when count * size overflows. */
void *arena_alloc_array(Arena *arena, size_t count, size_t size);

/* A copy of the string, of its first "length" bytes, of "size" bytes of memory. */
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t length);
void *arena_memdup(Arena *arena, const void *data, size_t size);

/* A formatted string of any length. */
char *arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Everything allocated after the mark is freed by the reset; marks nest. */
ArenaMark arena_mark(const Arena *arena);
void arena_reset(Arena *arena, ArenaMark mark);

/* Frees everything; the arena is empty and usable again. */
void arena_release(Arena *arena);

#define ARENA_NEW(arena, type) ((type *) arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count) ((type *) arena_alloc_array((arena), (count), sizeof(type)))

/* Growing arrays in an arena: any struct with members "items", "count", "capacity".
 *     ARRAY_PUSH(arena, &list, value); */
void *array_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);

#define ARRAY_PUSH(arena, array, value)                                                                                \
    do {                                                                                                               \
        if ((array)->count == (array)->capacity)                                                                       \
            (array)->items =                                                                                           \
                array_grow((arena), (array)->items, (array)->count, &(array)->capacity, sizeof(*(array)->items));      \
        (array)->items[(array)->count++] = (value);                                                                    \
    } while (0)

/* A list of strings, the commonest of such arrays. */
typedef struct StringList {
    const char **items;
    size_t count;
    size_t capacity;
} StringList;
