/* SPDX-License-Identifier: MIT */
/* Whose place a package takes among those that are installed, and the name that it is installed under. Decides by the
 * records alone. */
#pragma once

#include "drivers/install/installed.h"
#include "drivers/package/manifest.h"

typedef struct Newcomer {
    const char *name;
    const Manifest *manifest; /* NULL: it has none */
    StringList served;        /* device IDs of its GPUs that other packages of the same run serve */
} Newcomer;

/* An installed package goes if it is the same provider's and each of its GPUs has its driver without it: from the
 * newcomer, or from a package that stays. One without a manifest, or without GPUs, and one that meets such a newcomer,
 * goes by its name alone. *ret_name is the newcomer's own, with a number where a package of that name stays. */
void replaced_find(const InstalledPackages *installed, const Newcomer *newcomer, Arena *arena, StringList *ret_replaced,
                   const char **ret_name);
