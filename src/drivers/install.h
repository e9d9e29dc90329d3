/* SPDX-License-Identifier: MIT */
/* Installing driver packages in a guest, and what belongs to it. Each is all or nothing; see install_swap.h. */
#pragma once

#include "drivers/install_plan.h"
#include "drivers/install_swap.h"
#include "platform/clock.h"
#include "platform/holders.h"

typedef struct InstallJob {
    const char *root;         /* the folder that stands for the guest's system drive */
    const char *state_folder; /* for the lock that keeps a second installer on this computer away */
    bool force;               /* go on although files are in use */
    bool what_if;             /* change nothing */
    Clock *clock;
    Report *report;
    Arena *arena;
} InstallJob;

typedef struct InstallResult {
    SwapState state;  /* set on failure, too */
    InstallPlan plan; /* what was, or would be, done */
    HolderList holders;
} InstallResult;

/* Installs the package; what a run before left half done is undone first. ERR_BUSY: files are in use (holders), and the
 * job does not say "force". Nothing to do is success with SWAP_UNTOUCHED. */
MUST_CHECK bool install_package(const InstallJob *job, const PackageSource *source, InstallResult *result, Error *err);

/* Removes an installed package and puts back what was there before the first package of ours came. */
MUST_CHECK bool install_uninstall(const InstallJob *job, const char *name, InstallResult *result, Error *err);

/* Undoes what a run left half done. *ret_what: NULL if there is nothing. With what_if it is only told. */
MUST_CHECK bool install_recover(const InstallJob *job, const char **ret_what, Error *err);

/* Files of the installed packages that are gone or were changed. */
typedef struct InstallProblem {
    const char *package, *path, *problem; /* "is missing", "was changed" */
} InstallProblem;

typedef struct InstallProblems {
    InstallProblem *items;
    size_t count, capacity;
} InstallProblems;

/* Reads every file of the installed packages (of that name, or all if NULL). */
MUST_CHECK bool install_verify(const InstallJob *job, const char *name, InstalledPackages *ret_packages,
                               InstallProblems *ret_problems, Error *err);
