/* SPDX-License-Identifier: MIT */
/* Installing driver packages in a guest, and what belongs to it. Each is all or nothing; see install_swap.h. */
#pragma once

#include "drivers/install/foreseen.h"
#include "drivers/install/plan.h"
#include "drivers/install/swap.h"
#include "platform/clock.h"
#include "platform/holders.h"

typedef struct InstallJob {
    const char *root;         /* the folder that stands for the guest's system drive */
    const char *state_folder; /* for the lock that keeps a second installer on this computer away */
    bool force;               /* go on although files are in use */
    bool replace_newer;       /* take the package's files also where the guest's are newer */
    bool what_if;             /* change nothing */
    Foreseen *foreseen;       /* with what_if: what plans before would have changed, and this one's changes after it */
    const StringList *served; /* of the package's GPUs, the device IDs of those that others of the run serve, or NULL */
    Holders *holders;
    Registry
        *registry; /* of the guest; NULL if it does not run here: its values stay, and nothing waits for its start */
    const Cancel *cancel;
    Clock *clock;
    Report *report;
    Arena *arena;
} InstallJob;

typedef struct InstallResult {
    SwapState state;  /* set on failure, too */
    bool nothing;     /* all is as it would be */
    InstallPlan plan; /* what was, or would be, done */
    HolderList holders;
} InstallResult;

/* Installs the package; what a run before left half done is undone first. ERR_BUSY: files are in use (holders), and the
 * job does not say "force". With it those who use them are asked to end, and started again afterwards; what cannot be
 * replaced even then waits for the next start of Windows (SWAP_WAITING), and everything with it. ERR_STATE: another
 * installation waits. Nothing to do is success with SWAP_UNTOUCHED. */
MUST_CHECK bool install_package(const InstallJob *job, const PackageSource *source, InstallResult *result, Error *err);

/* Removes an installed package and puts back what was there before the first package of ours came. */
MUST_CHECK bool install_uninstall(const InstallJob *job, const char *name, InstallResult *result, Error *err);

/* Ends what a run left: undoes what is half done, calls off what waits, finishes what Windows has put in place.
 * *ret_what is told unless nothing was found, *ret_found also on failure. With what_if it is only looked for. */
MUST_CHECK bool install_recover(const InstallJob *job, SwapFound *ret_found, const char **ret_what, Error *err);

/* ERR_STATE, with what to do, where a run before left something half done, or waiting. Of the job are used the
 * registry, the report and the arena. Nothing is changed. */
MUST_CHECK bool install_is_finished(const InstallJob *job, const Tree *tree, Error *err);

/* Every installed package; what a run before left is ended first, as by install_package(). */
MUST_CHECK bool install_list(const InstallJob *job, InstalledPackages *ret_packages, SwapState *ret_state, Error *err);

/* Files of the installed packages that are gone, were changed, or were left to somebody else. */
typedef struct InstallProblem {
    const char *package, *problem; /* "is missing", "was changed"; NULL: it is another one, which was left alone */
    const char *path;              /* or a value of the registry: "SYSTEM\\...\\0000\\NAME" */
} InstallProblem;

typedef struct InstallProblems {
    InstallProblem *items;
    size_t count, capacity;
} InstallProblems;

/* Reads every file of the installed packages (of these names, or all if there are none), and their values if the guest
 * runs here. ERR_NOT_FOUND, before any is read, with all names that no package has. Nothing is changed. */
MUST_CHECK bool install_verify(const InstallJob *job, const StringList *names, InstalledPackages *ret_packages,
                               InstallProblems *ret_problems, Error *err);
