/* SPDX-License-Identifier: MIT */
/* Heap memory for objects with an owner. Aborts with one line when memory runs out (see arena.h). */
#pragma once

#include <stddef.h>

/* Zeroed. Free with free(). */
void *alloc_zeroed(size_t size);

/* As realloc. Free with free(). */
void *alloc_resize(void *memory, size_t size);

/* A copy on the heap. Free with free(). */
char *alloc_strdup(const char *text);
