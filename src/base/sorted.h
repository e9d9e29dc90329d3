/* SPDX-License-Identifier: MIT */
/* Looking up in an array that is sorted. */
#pragma once

#include <stddef.h>

/* How many items come before the first one that is not less than the key: 0 to count. "compare" is that of bsearch():
 * the key's order against an item, <0, 0, >0. The items may be NULL if there are none. */
size_t sorted_place(const void *key, const void *items, size_t count, size_t size,
                    int (*compare)(const void *key, const void *item));
