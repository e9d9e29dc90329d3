/* SPDX-License-Identifier: MIT */
/* What both programs look for beside themselves: beside the real file, whatever link they were started by. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/connect.h"

/* "given": of the environment, for tests; NULL: the folder of the program. */
MUST_CHECK bool places_find_program(const char *given, Arena *arena, const char **ret_folder, Error *err);

/* Where packages lie that are brought into guests: on the host itself, whose own services read them. A simulated host
 * is here. */
typedef struct PackageCache {
    const char *here;    /* as this computer has the folder */
    const char *on_host; /* the same, as the host has it */
} PackageCache;

PackageCache places_cache(const HostAddress *address, const char *state_folder, Arena *arena);

/* Where packages are, if neither -DEST nor -SRC says so. */
const char *places_packages(const char *program_folder, Arena *arena);
