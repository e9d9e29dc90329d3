/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include "base/compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NORETURN static void out_of_memory(void)
{
    (void) fputs("out of memory\n", stderr);
    abort();
}

void *alloc_zeroed(size_t size)
{
    void *memory = calloc(1, size > 0 ? size : 1);
    if (memory == NULL)
        out_of_memory();
    return memory;
}

void *alloc_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size > 0 ? size : 1);
    if (resized == NULL)
        out_of_memory();
    return resized;
}

char *alloc_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(alloc_zeroed(size), text, size);
}
