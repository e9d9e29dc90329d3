/* SPDX-License-Identifier: MIT */
/* Who has files open, and how to make them let go. Tests put others in the place of the system's own. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Holder {
    const char *path; /* as it was asked for */
    uint64_t process;
    const char *program; /* "explorer.exe"; a service's name where it is one */
    bool is_service;
} Holder;

typedef struct HolderList {
    Holder *items;
    size_t count, capacity;
} HolderList;

typedef struct Holders Holders;

struct Holders {
    /* Processes other than this one that have any of the files open or loaded. Those that this user may not look into
     * are not found. */
    bool (*find)(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err);

    /* Asks the programs that have any of the files open to end, and stops such services. Nobody is killed: ERR_BUSY
     * says that some did not end. restart() is due afterwards, also then. */
    bool (*stop)(Holders *holders, const StringList *paths, Error *err);

    /* Starts again what stop() stopped, as far as it can be: services, and programs that have asked Windows for it. */
    bool (*restart)(Holders *holders, Error *err);
};

/* This system's own. Linux: found in /proc; nobody is stopped, since files in use can be replaced. Windows: the Restart
 * Manager. */
Holders *holders_system(void);
