/* SPDX-License-Identifier: MIT */
/* What an installation or removal would do: found by reading only. */
#pragma once

#include "base/report.h"
#include "drivers/install/owner.h"
#include "drivers/install/installed.h"
#include "drivers/install/target.h"
#include "drivers/package/manifest.h"
#include "drivers/package/source.h"

typedef enum PlannedAction {
    PLANNED_WRITE,
    PLANNED_SAME,  /* the guest has it already */
    PLANNED_NEWER, /* the guest has a newer one, and the vendor says that it stays then, or another package has it */
    PLANNED_KEPT,  /* the guest's one stays: owner.h */
} PlannedAction;

typedef struct PlannedFile {
    const PackageEntry *entry;
    const ManifestFile *expected; /* NULL without a manifest, and for the manifest itself */
    TargetFile target;
    const InstalledFile *ours; /* what a package of ours put there, or NULL */
    bool is_shared;            /* that package stays */
    bool is_altered;           /* somebody has put another file there since */
    PlannedAction action;
    Owner owner;                       /* of PLANNED_KEPT */
    char sha256[HASH_TEXT_LENGTH + 1]; /* of the package's file; "" until it has been read */
} PlannedFile;

/* A file of a package that goes: removed, or what was there before is put back. */
typedef struct PlannedRemoval {
    const InstalledFile *ours;
    TargetFile target;
    bool original_is_gone;
    bool stays; /* somebody (Windows Update, a setup program) has put another file there, which others use */
} PlannedRemoval;

typedef struct InstallPlan {
    const PackageSource *source; /* NULL: a removal */
    const char *name;            /* that the package is installed under; NULL with a removal */
    const Tree *tree;            /* the guest's; NULL when the work there is over */
    bool replaces_newer;         /* no file is PLANNED_NEWER */
    const Manifest *manifest;    /* the package's; NULL: it has none, or this is a removal */
    struct {
        PlannedFile *items;
        size_t count, capacity;
    } files;
    struct {
        PlannedRemoval *items;
        size_t count, capacity;
    } removals;
    InstalledPackages installed; /* all that are, by name */
    StringList replaced;         /* names of those that go */
    InstallValues values;        /* to be written into the registry */
    InstallValues own_values;    /* of the package from then on */
    size_t values_left;          /* that cannot be written, because the guest does not run here */
    uint64_t bytes_to_write;
    size_t files_to_write;
    size_t files_to_remove; /* or to put back */
    size_t originals_gone;  /* that would have come back */
    size_t files_given_up;  /* were the package's, and are somebody's newer ones now */
} InstallPlan;

/* Every record in the guest. ERR_PROTOCOL names a file that cannot be understood. */
MUST_CHECK bool install_read_packages(InstallTarget *target, Arena *arena, InstalledPackages *ret_packages, Error *err);

typedef struct InstallPlanRequest {
    const PackageSource *source;
    const StringList *served; /* of its GPUs, the device IDs of those that other packages of the run serve */
    bool replaces_newer;
    const Cancel *cancel;
    Report *report;
} InstallPlanRequest;

/* The package is whole (it holds what its manifest lists, and nothing else), and each file has a place. Reads the files
 * that are there, and of the package what is needed to tell whether they are the same. */
MUST_CHECK bool install_plan(const InstallPlanRequest *request, InstallTarget *target, Arena *arena,
                             InstallPlan *ret_plan, Error *err);

/* ERR_NOT_FOUND if no package of that name is installed. */
MUST_CHECK bool install_plan_removal(const char *name, InstallTarget *target, Report *report, Arena *arena,
                                     InstallPlan *ret_plan, Error *err);

/* The package of that name goes, or is installed anew. */
bool install_is_replaced(const InstallPlan *plan, const char *name);

/* It was a package's, and is the guest's own from now on. What only another package that stays has given up is not
 * told of. */
bool install_is_given_up(const PlannedFile *file);
