/* SPDX-License-Identifier: MIT */
/* Brings the drivers of a running guest up to date: compare what the guest tells with what the host has, make the
 * package, bring it, ask for its installation, follow that, see what came of it. What is switched on or asked for
 * meanwhile is in the VM's journal first, and taken back at the end, however that comes. */
#pragma once

#include "base/arena.h"
#include "cim/host_files.h"
#include "operations/begin.h"
#include "operations/gather.h"
#include "operations/guest_watch.h"
#include "operations/power.h"

typedef struct UpdateRequest {
    HostFiles *files; /* of the host */
    SelectorList selectors; /* of GPUs; empty: those that the VM has */
    const char *cache;      /* folder of the packages, as this computer has it */
    const char *host_cache; /* the same folder, as the host's own services have it */
    bool restart_guest;     /* where the installation needs it, and the guest's administrator allows it */
    PowerRequest power;     /* start: a VM that is off is started; stop: and shut down again. timeout_s: for both, and
                               for a restart */
    bool may_bring;         /* a guest without the service gets package and program instead, by bring_vm(); so its word
                               is not waited for */
    bool only_look;
} UpdateRequest;

typedef enum UpdateOutcome {
    UPDATE_FAILED,    /* not begun, or ended with an error */
    UPDATE_PLANNED,   /* only looked: it would be brought */
    UPDATE_CURRENT,   /* the guest has it already */
    UPDATE_INSTALLED,
    UPDATE_WAITING,   /* for a restart of the guest */
    UPDATE_BROUGHT,   /* to be installed by hand */
} UpdateOutcome;

typedef struct UpdatedDriver {
    const char *name;    /* of the package; NULL: it was not made */
    const char *version; /* of the driver on the host */
    StringList gpus;
    uint64_t size;       /* of the zip; 0: it was not made */
    unsigned outcome;    /* UpdateOutcome */
} UpdatedDriver;

typedef struct UpdatedDrivers {
    UpdatedDriver *items;
    size_t count, capacity;
} UpdatedDrivers;

typedef struct UpdateReport {
    const char *vm_name;
    ChangeEnding ending;
    bool has_agent;      /* the guest has told of itself, and the next is set */
    bool lacks_service;  /* there is none in it, or one that is not understood */
    GuestAgent before;
    GuestAgent after;    /* once something was installed; the same as before otherwise */
    UpdatedDrivers drivers;
    LeftOutGpus left_out; /* GPUs whose drivers cannot be gathered */
    size_t gone;          /* GPUs of the VM that the host does not have any more */
    const char *folder;   /* in the guest, that package and program were brought to, or would be; NULL: they were not */
    bool may_restart;     /* the guest is restarted where that is needed: it is wanted, and allowed there */
    bool was_restarted;
    bool was_started, was_stopped;
} UpdateReport;

/* *ret_report is set in any case. */
MUST_CHECK bool update_vm(HyperVHost *host, const Vm *vm, const UpdateRequest *request, Arena *arena,
                          UpdateReport *ret_report, Error *err);

/* Nothing is left to do, and the guest's GPU works, as it tells. */
bool update_is_well(const UpdateReport *report);
bool update_waits(const UpdateReport *report);

/* Not every GPU's driver was looked for that a guest needs. */
bool update_is_partial(const UpdateReport *report);
