/* SPDX-License-Identifier: MIT */
/* The guest as it will be: what packages that were only planned would change of it. The next one is planned against
 * that, so that the plan of several is what a run does. Nothing is written: each plan's steps are made as they are for
 * a journal, and of every file it is kept where its content will come from. Folders that would be empty count as
 * there. */
#pragma once

#include "drivers/install/install_journal.h"
#include "drivers/install/plan.h"

struct ForeseenFile {
    const char *key;  /* package_key() of its path */
    const char *path; /* as it will be spelled */
    FileStatus status; /* FILE_NONE: it goes; "stamp" is nobody's */
    /* Its content, one of: */
    const char *moved;           /* that of a file which is in the guest now, there */
    const PackageSource *source; /* that of an entry of a package, which has to stay open */
    const PackageEntry *entry;
    char sha256[HASH_TEXT_LENGTH + 1]; /* of that entry */
    const char *text;                  /* that of a record */
};

/* A guest as it is. The registry: that guest's, or NULL. */
Foreseen *foreseen_create(Registry *registry, Arena *arena);

/* That registry as it will be, to be read; or NULL. */
Registry *foreseen_registry(Foreseen *foreseen);

/* What the plan's journal tells has been done, for all who look from now on. */
MUST_CHECK bool foreseen_add(Foreseen *foreseen, InstallTarget *target, const InstallPlan *plan,
                             const InstallJournal *journal, Error *err);

/* What will be free on the disk, of what is free on it now. */
uint64_t foreseen_space(const Foreseen *foreseen, uint64_t space);

/* NULL: nothing happens to what is there. */
const ForeseenFile *foreseen_find(const Foreseen *foreseen, const char *path);

/* Something will be below that path. */
bool foreseen_is_above(const Foreseen *foreseen, const char *path);

/* Names of files and folders that come into the folder, or stay in it with other content. */
StringList foreseen_names(const Foreseen *foreseen, const char *folder, Arena *arena);

/* Of a file that a target has found, be it there or foreseen: where in the tree its content is now (NULL: in a
 * package), its hash, and what it says about itself. */
const char *foreseen_place(const TargetFile *file);
MUST_CHECK bool foreseen_hash(const Tree *tree, const TargetFile *file, Hash *hash,
                              char ret_text[HASH_TEXT_LENGTH + 1], Error *err);
MUST_CHECK bool foreseen_version(const Tree *tree, const TargetFile *file, PeVersion *ret_version, Error *err);
