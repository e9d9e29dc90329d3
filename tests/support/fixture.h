/* SPDX-License-Identifier: MIT */
/* What a test about files has for itself: a folder, which goes with all that is in it, and an arena. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct Fixture {
    Arena arena;
    const char *folder; /* empty at first */
    Error err;
} Fixture;

/* For cmocka: *state becomes a Fixture. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* The path of something in the folder. */
const char *in_folder(Fixture *fixture, const char *name);

/* Of a file; NULL if it cannot be read. */
const char *content(Fixture *fixture, const char *path);
