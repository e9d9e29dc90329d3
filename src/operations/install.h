/* SPDX-License-Identifier: MIT */
/* Driver packages in a guest: choosing them, putting them in, taking them out, looking at what is there. Where and how
 * is told by the InstallJob (drivers/install/install.h), which holds everything that the work touches: several jobs can
 * be at work in one process. */
#pragma once

#include "drivers/install/install.h"
#include "drivers/package/compare.h"

/* ---- where ---- */

/* Fills in what the caller has left NULL: the drive of the Windows that runs here, this system's programs, its registry
 * if the job is about this Windows, and the folder of the state. only_looks: nothing will be changed, and no rights are
 * needed. ERR_STATE where an administrator's are, and are not there. */
MUST_CHECK bool install_job_prepare(InstallJob *job, bool only_looks, Error *err);

/* ---- which ---- */

/* All packages of a folder, some of them, or one wherever it is. */
typedef struct PackageChoice {
    const char *folder;
    StringList names; /* with ".zip" or without; empty: all */
    const char *path; /* of the one; NULL: those of the folder */
} PackageChoice;

typedef struct ChosenPackage {
    PackageSource *source;
    const char *winner; /* the name of another one, which is for the same GPU and wins: this one is left out */
    StringList served;  /* device IDs of its GPUs for which others win */
} ChosenPackage;

typedef struct ChosenPackages {
    ChosenPackage *items;
    size_t count, capacity;
} ChosenPackages;

/* Their paths. ERR_NOT_FOUND if there is none, or none of a name; ERR_INVALID for what is no name. */
MUST_CHECK bool packages_find(const PackageChoice *choice, Report *report, Arena *arena, StringList *ret_paths,
                              Error *err);

/* All of them are opened and looked at, so that the first is not installed when the second is none. Only where all of a
 * folder were chosen, those that no GPU wants are left out (rivals.h): what the user named never is. */
MUST_CHECK bool packages_open(const PackageChoice *choice, const StringList *paths, Arena *arena,
                              ChosenPackages *ret_packages, Error *err);
void packages_close(ChosenPackages *packages);

/* As installed packages are called: without ".zip". */
StringList package_names(const StringList *names, Arena *arena);

/* ---- putting in, taking out ---- */

typedef enum PackageOutcome {
    PACKAGE_FAILED,      /* nothing was changed */
    PACKAGE_PUT_BACK,    /* failed, and everything is as it was */
    PACKAGE_UNFINISHED,  /* failed, and a journal stands */
    PACKAGE_INTERRUPTED, /* before it began */
    PACKAGE_LEFT_OUT,    /* for another one */
    PACKAGE_POSTPONED,   /* another one waits for the next start of Windows */
    PACKAGE_NOTHING,     /* to do */
    PACKAGE_PLANNED,     /* it was only looked */
    PACKAGE_WAITING,     /* for the next start of Windows, which does it */
    PACKAGE_INSTALLED,
    PACKAGE_UNINSTALLED,
} PackageOutcome;

/* What became of one package. Its texts live in the job's arena. */
typedef struct PackageReport {
    const char *name;
    bool is_removal;
    PackageOutcome outcome;
    Error why;             /* of PACKAGE_FAILED to PACKAGE_INTERRUPTED */
    const char *winner;    /* of PACKAGE_LEFT_OUT */
    HolderList in_use;     /* files that would be exchanged, once the work has begun */
    /* What was done, or would be; of PACKAGE_NOTHING and those behind it. */
    const char *driver_version; /* NULL: the package has no manifest, or goes */
    size_t written;             /* files */
    uint64_t written_bytes;
    size_t already_there, left_newer, left_to_windows; /* files that stay: right, newer, somebody else's */
    size_t removed;                                    /* files that go, or are put back */
    size_t registry_values;                            /* that are written */
    size_t values_left;                                /* that cannot be: the guest does not run here */
    size_t originals_gone;                             /* files that would have come back */
    StringList replaced;                               /* names of packages whose place it takes */
    StringList newer;                                  /* paths of those left_newer that would give way */
} PackageReport;

typedef struct InstallReport {
    size_t packages; /* that were told of */
    bool changes;    /* something was changed, or would be */
    bool waits;      /* for the next start of Windows */
    bool unfinished; /* a journal stands; what came after it was not begun */
} InstallReport;

/* Is told of each package when it is done with. */
typedef void PackageDone(void *context, const PackageReport *package);

/* One after the other. What fails does not keep the others from being tried, unless a journal stands. */
void packages_install(const InstallJob *job, const ChosenPackages *packages, PackageDone *done, void *context,
                      InstallReport *ret_report);

/* Those of these names; empty: all that are installed. Fails where it cannot be told which: *ret_report is set then,
 * too. */
MUST_CHECK bool packages_uninstall(const InstallJob *job, const StringList *names, PackageDone *done, void *context,
                                   InstallReport *ret_report, Error *err);

/* ---- looking ---- */

typedef struct PackageCheck {
    const char *name, *driver_version;
    size_t files;
    FileFaults faults; /* files, and values of the registry by key and name, that are not as they were installed */
    StringList left;   /* paths of files in whose place others are, which were left alone */
} PackageCheck;

typedef struct PackageChecks {
    PackageCheck *items;
    size_t count, capacity;
} PackageChecks;

/* Every file and value of the installed packages of these names, or of all if there are none. ERR_NOT_FOUND with all
 * names that no package has. Nothing is changed. */
MUST_CHECK bool packages_verify(const InstallJob *job, const StringList *names, PackageChecks *ret_checks, Error *err);

/* ---- recovering ---- */

typedef enum InstallRecoveryOutcome {
    INSTALL_RECOVERY_NOTHING, /* to do */
    INSTALL_RECOVERY_UNDONE,
    INSTALL_RECOVERY_CALLED_OFF,
    INSTALL_RECOVERY_FINISHED,
    /* It was only looked, and would be undone, called off, finished: */
    INSTALL_RECOVERY_UNFINISHED,
    INSTALL_RECOVERY_WAITING,
    INSTALL_RECOVERY_PLACED,
} InstallRecoveryOutcome;

typedef struct InstallRecovery {
    const char *what; /* "installation of 'NVIDIA_20240814'"; NULL: nothing */
    InstallRecoveryOutcome outcome;
    bool unfinished; /* it failed, and a journal stands */
} InstallRecovery;

/* Ends what a run left: undoes what is half done, calls off what waits, finishes what Windows has put in place.
 * *ret_recovery is set in any case. */
MUST_CHECK bool packages_recover(const InstallJob *job, InstallRecovery *ret_recovery, Error *err);
