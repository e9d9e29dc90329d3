/* SPDX-License-Identifier: MIT */
/* A running guest, asked through its own WMI: which drivers and packages it has, whether its GPUs work, and what may be
 * the cause where they do not. */
#pragma once

#include "drivers/guest/gpu.h"
#include "drivers/guest/known_builds.h"
#include "hyperv/vm/fitness.h"
#include "operations/driver_state.h"

typedef struct GuestView {
    CimSession *session;
    const char *name, *store; /* the guest as it was given; its HostDriverStore */
    StringList packages;      /* that installdrivers has installed */
    bool has_journal;         /* what installdrivers began is not finished */
    GuestGpus gpus;
    FoundDrivers found; /* so far */
    bool is_listed;     /* all its folders are among what was found */
} GuestView;

MUST_CHECK bool guest_view_open(CimSession *session, const char *name, Arena *arena, GuestView *ret_view, Error *err);

/* Sees that the folder, if the guest has it, is among what was found; if not, all its folders are. */
MUST_CHECK bool guest_view_find(GuestView *view, const char *folder, Arena *arena, Error *err);

typedef struct KnownBuildRefs {
    const KnownBuild **items;
    size_t count, capacity;
} KnownBuildRefs;

typedef struct GuestBuilds {
    WindowsBuild guest, host;
    KnownBuildRefs problems; /* that are known to come with them */
} GuestBuilds;

typedef struct GuestVm {
    const char *name;
    size_t partitions; /* that are assigned to it */
    VmObstacles obstacles;
} GuestVm;

typedef struct GuestReport {
    const char *name;
    StringList packages;
    GuestGpus gpus;
    const GuestBuilds *builds; /* NULL: Windows does not tell them */
    const GuestVm *vm;         /* looked at where not every GPU works; NULL: it was not */
    const char *vm_problem;    /* why it could not be looked at, or NULL */
    const struct GuestAgent *agent; /* what its service tells, where that was asked; or NULL */
} GuestReport;

/* "vm_name" is the VM that the guest runs in; NULL: none was named. */
GuestReport guest_view_report(const GuestView *view, HyperVHost *host, const char *vm_name, Arena *arena);

/* The parts of it: "vm", and "builds" for a guest of that build. */
void guest_report_look_at_vm(GuestReport *report, HyperVHost *host, const char *vm_name, Arena *arena);
const GuestBuilds *guest_builds_judge(const WindowsBuild *guest, HyperVHost *host, Arena *arena);

/* There is one, and all do. */
bool guest_gpus_work(const GuestGpus *gpus);
