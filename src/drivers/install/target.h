/* SPDX-License-Identifier: MIT */
/* The guest's system drive as a place for files: finds where a path of a package is on it. Names are found whatever
 * their case, as Windows does, on file systems that tell case, too (a guest's disk mounted on Linux). A link or
 * junction on the way could lead anywhere, so it is refused. */
#pragma once

#include "platform/files.h"

typedef struct InstallTarget InstallTarget;

typedef struct TargetFile {
    const char *path; /* relative to the root, spelled as on the disk */
    const char *full; /* the same with the root */
    FileStatus status;
} TargetFile;

/* "root": a folder with a folder Windows in it, else ERR_NOT_FOUND. Lives in the arena. */
MUST_CHECK bool target_open(const char *root, Arena *arena, InstallTarget **ret_target, Error *err);

/* The file of that path. Asking for files of one folder after another (as in order of package_key()) is fast.
 * ERR_STATE for a link or a file among its folders, or if it is itself something other than a file. */
MUST_CHECK bool target_find(InstallTarget *target, const char *path, TargetFile *ret_file, Error *err);

/* Folders of the files asked for that are not there, the ones above first; relative to the root. */
StringList target_missing_folders(const InstallTarget *target);

/* The canonical root, and a path below it. */
const char *target_root(const InstallTarget *target);
const char *target_full(const InstallTarget *target, const char *path, Arena *arena);
