/* SPDX-License-Identifier: MIT */
/* Replaces what tells whose host it is: names, GUIDs, paths, serial numbers, whatever people have written. What takes
 * its place is an HMAC-SHA-256 by a secret of the user's: the same for the same text, in whatever letter case, today
 * and tomorrow, and nobody else can find out of which. What is not known to be the same on many hosts is replaced. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "platform/hash.h"

typedef struct Anonymous {
    Hash *hash;
    unsigned char secret[HASH_SIZE];
    const char *host; /* its name, which stands in many places */
} Anonymous;

/* The user's secret, made once in that folder. only_look: if there is none yet, one that is forgotten. */
MUST_CHECK bool anonymous_open(const char *folder, bool only_look, Anonymous *ret_anonymous, Error *err);
void anonymous_close(Anonymous *anonymous);

/* ---- single things ---- */

/* "name-4f0c2a9b1d" */
const char *anonymous_word(const Anonymous *anonymous, const char *prefix, const char *text, Arena *arena);
/* Of 36 characters. GUIDs of Windows and Hyper-V themselves stay. */
const char *anonymous_guid(const Anonymous *anonymous, const char *guid, Arena *arena);
/* A computer's. */
const char *anonymous_computer(const Anonymous *anonymous, const char *name, Arena *arena);
/* Windows' own folders and those that Hyper-V makes stay, and what kind of file it is. */
const char *anonymous_path(const Anonymous *anonymous, const char *path, Arena *arena);
/* "PCI\VEN_...\4&1f0a...", also as a path of the device; NULL: it is none. The kind of the device stays. */
const char *anonymous_device(const Anonymous *anonymous, const char *id, Arena *arena);
/* GUIDs, and numbers as long as they, in a text that is known otherwise. */
const char *anonymous_ids(const Anonymous *anonymous, const char *text, Arena *arena);

/* Each part of a text, however long, between two of the separators, or up to an end, as "replace" gives it. */
typedef struct Parts {
    const char *(*replace)(struct Parts *parts, const char *part, Arena *arena);
    const Anonymous *anonymous;
    const char *separators;
} Parts;
const char *anonymous_parts(Parts *parts, const char *text, Arena *arena);

/* ---- what has a place on a host ---- */

/* The text of a property. */
const char *anonymous_text(const Anonymous *anonymous, const char *class_name, const char *property, const char *text,
                           Arena *arena);
/* Of the registry: a key, and a text of the value of that name. */
const char *anonymous_key(const Anonymous *anonymous, const char *key, Arena *arena);
const char *anonymous_value(const Anonymous *anonymous, const char *name, const char *text, Arena *arena);
