/* SPDX-License-Identifier: MIT */
/* Who has files open. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

typedef struct Holder {
    const char *path; /* as it was asked for */
    uint64_t process;
    const char *program; /* "explorer.exe"; a service's name where it is one */
} Holder;

typedef struct HolderList {
    Holder *items;
    size_t count, capacity;
} HolderList;

/* Processes other than this one that have any of the files open or loaded. Those that this user may not look into are
 * not found. */
MUST_CHECK bool holders_find(const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err);
