/* SPDX-License-Identifier: MIT */
/* The parameters of both programs, which have some in common: one table each for parsing, help, and the man pages'
 * check. A parameter that only some verbs take names them by their flags (Param.takers). */
#pragma once

#include "base/arena.h"
#include "cli/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Options {
    /* both */
    bool what_if, silent, json, json_lines, verbose, help, version;
    const char *root; /* the drive of a guest's Windows, as a folder */
    /* hyperpoint */
    StringList vms, hosts; /* words of -VM and -HOST, as they came: names, lists of names, patterns */
    const char *vm, *host; /* those that this run is for; NULL: none, or the one of here */
    int parallel;          /* -1: not given */
    const char *verb; /* as written; NULL: checkpoint */
    StringList gpus;
    const char *checkpoint_name; /* of prune: a pattern */
    const char *checkpoint;      /* which: as checkpoint_find() takes it */
    bool subtree;
    bool discard;                 /* restore: no checkpoint of the present state */
    bool forget;                  /* attach: what is remembered, and put nothing on */
    int keep;                     /* -1: not given */
    uint64_t older_than;          /* seconds, 0: not given */
    int checkpoint_type;          /* index into its choices, -1: not given */
    uint64_t low_mmio, high_mmio; /* bytes, 0: not given */
    bool fix_memory;
    bool stop, turn_off, discard_saved, start;
    bool restart_guest, bring, fix;
    uint64_t timeout;        /* seconds, 0: not given */
    const char *destination; /* folder of driver packages */
    const char *guest;       /* a running guest, as a host */
    bool anonymous;          /* capture: without names */
    bool drivers;            /* capture: with what there is of drivers' files */
    bool zip;
    /* installdrivers */
    const char *source;  /* folder of driver packages */
    StringList packages; /* names */
    const char *package; /* path of one */
    bool force, replace_newer;
    bool verify, uninstall, recover;
    int service; /* a ServiceVerb; -1: not given */
    bool yes;
} Options;

/* What a verb of hyperpoint takes and needs. */
typedef enum VerbFlag {
    VERB_NEEDS_VM = 1 << 0,
    VERB_TAKES_VM = 1 << 1,
    VERB_TAKES_GPU = 1 << 2,
    VERB_NEEDS_GPU = 1 << 3,
    VERB_CHECKPOINTS = 1 << 4,    /* takes -NAME and -CHECKPOINTTYPE */
    VERB_ASSIGNS = 1 << 5,        /* takes -LOWMMIO, -HIGHMMIO and -FIXMEMORY */
    VERB_CHANGES = 1 << 6,        /* takes -WHATIF */
    VERB_PACKAGES = 1 << 7,       /* takes -DEST */
    VERB_PACKS = 1 << 8,          /* takes -ZIP */
    VERB_COMPARES = 1 << 9,       /* takes -ROOT and -GUEST */
    VERB_STOPS = 1 << 10,         /* takes -STOP and what goes with it */
    VERB_OF_CHECKPOINT = 1 << 11, /* needs -CHECKPOINT */
    VERB_RENAMES = 1 << 12,       /* needs -NAME */
    VERB_TAKES_SUBTREE = 1 << 13, /* takes -SUBTREE */
    VERB_PRUNES = 1 << 14,        /* takes -KEEP, -OLDERTHAN and -NAME */
    VERB_RESTORES = 1 << 15,      /* takes -DISCARD and -NAME */
    VERB_ATTACHES = 1 << 16,      /* takes -FORGET */
    VERB_UPDATES = 1 << 17,        /* takes -RESTARTGUEST, -BRING, and -START and -STOP in another sense */
    VERB_RECOVERS = 1 << 18,       /* its VMs may be known from journals alone */
    VERB_CHECKS = 1 << 19,         /* takes -FIX, -YES and -DEST */
    VERB_CAPTURES = 1 << 24,       /* takes -DEST, as the file to write, -ANONYMOUS and -DRIVERS */
} VerbFlag;

/* The same of installdrivers. */
typedef enum InstallVerbFlag {
    INSTALL_VERB_PUTS = 1,  /* takes -SRC, -DRVSRC and -REPLACENEWER */
    INSTALL_VERB_NAMES = 2, /* takes -DRV */
    INSTALL_VERB_WORKS = 4, /* takes -FORCE */
    INSTALL_VERB_ASKS = 8,  /* takes -YES */
} InstallVerbFlag;

/* installdrivers -SERVICE */
typedef enum ServiceVerb {
    SERVICE_INSTALL,
    SERVICE_REMOVE,
    SERVICE_STATUS_OF,
    SERVICE_RUN,
    SERVICE_OFFER, /* after an installation of packages; no verb of its own */
} ServiceVerb;

extern const Param hyperpoint_params[];
extern const size_t hyperpoint_param_count;
extern const Param installdrivers_params[];
extern const size_t installdrivers_param_count;
