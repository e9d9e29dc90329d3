/* SPDX-License-Identifier: MIT */
/* The guest's system drive as a place for files: finds where a path of a package, a record or a journal is on it.
 * Names are found whatever their case, as Windows does, on file systems that tell case, too (a guest's disk mounted on
 * Linux). What is done there goes through the tree (platform/tree.h), which lets no link lead out of it. */
#pragma once

#include "platform/tree.h"

typedef struct InstallTarget InstallTarget;

/* What will be there when others that were only planned have been done (foreseen.h). */
typedef struct Foreseen Foreseen;
typedef struct ForeseenFile ForeseenFile;

typedef struct TargetFile {
    const char *path; /* relative to the root, spelled as on the disk: for the tree */
    const char *full; /* the same with the root: to be shown */
    FileStatus status;
    const ForeseenFile *foreseen; /* it will be there; NULL: it is, or nothing is */
} TargetFile;

/* Opens the folder as a tree: ERR_NOT_FOUND unless a folder Windows is in it. */
MUST_CHECK bool target_open_tree(const char *root, Tree **ret_tree, Error *err);

/* The tree as it is now, or as it is foreseen; both live longer than the target. Lives in the arena. */
MUST_CHECK bool target_open(const Tree *tree, const Foreseen *foreseen, Arena *arena, InstallTarget **ret_target,
                            Error *err);

const Tree *target_tree(const InstallTarget *target);

/* What is there, whatever it is. Asking for what is in one folder after another (as in order of package_key()) is fast.
 * ERR_STATE for a link or a file among its folders. */
MUST_CHECK bool target_find(InstallTarget *target, const char *path, TargetFile *ret_file, Error *err);

/* The same for what is a file, a link in the place of one, or nothing; ERR_STATE for anything else. */
MUST_CHECK bool target_find_file(InstallTarget *target, const char *path, TargetFile *ret_file, Error *err);

/* The names in a folder that was found. */
MUST_CHECK bool target_list(const InstallTarget *target, const char *path, Arena *arena, StringList *ret_names,
                            Error *err);

/* Folders above what was asked for that are not there, the ones above first; relative to the root. */
StringList target_missing_folders(const InstallTarget *target);

/* The canonical root, and a path below it, to be shown. */
const char *target_root(const InstallTarget *target);
const char *target_full(const InstallTarget *target, const char *path, Arena *arena);
