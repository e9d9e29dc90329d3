/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include "base/alloc.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_SIZE = 4096, LARGEST_BLOCK_SIZE = 1024 * 1024 };

struct ArenaBlock {
    ArenaBlock *previous;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char memory[];
};

static ArenaBlock *add_block(Arena *arena, size_t wanted)
{
    size_t size = arena->last == NULL ? FIRST_BLOCK_SIZE : arena->last->size * 2;
    if (size > LARGEST_BLOCK_SIZE)
        size = LARGEST_BLOCK_SIZE;
    if (size < wanted)
        size = wanted;
    CHECK(size <= SIZE_MAX - sizeof(ArenaBlock));
    ArenaBlock *block = alloc_resize(NULL, sizeof(ArenaBlock) + size);
    *block = (ArenaBlock){ .previous = arena->last, .size = size };
    arena->last = block;
    return block;
}

void *arena_alloc(Arena *arena, size_t size)
{
    const size_t alignment = _Alignof(max_align_t);
    CHECK(size <= SIZE_MAX - alignment);
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    ArenaBlock *block = arena->last;
    if (block == NULL || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    void *memory = block->memory + block->used;
    block->used += rounded;
    return memset(memory, 0, rounded);
}

void *arena_alloc_array(Arena *arena, size_t count, size_t size)
{
    CHECK(size == 0 || count <= SIZE_MAX / size);
    return arena_alloc(arena, count * size);
}

void *arena_memdup(Arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *arena_strndup(Arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(Arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    CHECK(length >= 0);
    char *text = arena_alloc(arena, (size_t) length + 1);
    va_start(arguments, format);
    (void) vsnprintf(text, (size_t) length + 1, format, arguments);
    va_end(arguments);
    return text;
}

ArenaMark arena_mark(const Arena *arena)
{
    return (ArenaMark){ .block = arena->last, .used = arena->last != NULL ? arena->last->used : 0 };
}

void arena_reset(Arena *arena, ArenaMark mark)
{
    while (arena->last != mark.block) {
        ArenaBlock *block = arena->last;
        CHECK(block != NULL);
        arena->last = block->previous;
        free(block);
    }
    if (arena->last != NULL)
        arena->last->used = mark.used;
}

void arena_release(Arena *arena)
{
    arena_reset(arena, (ArenaMark){ .block = NULL });
}

void *array_grow(Arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *grown = arena_alloc_array(arena, wanted, item_size);
    if (count > 0)
        memcpy(grown, items, count * item_size);
    *capacity = wanted;
    return grown;
}
