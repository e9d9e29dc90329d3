/* SPDX-License-Identifier: MIT */
/* A host as a whole, with all of its VMs: what the rules (rules.h) judge. It is read in the same number of round trips
 * however many VMs there are, and nothing is changed. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "drivers/guest/known_builds.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/kvp.h"
#include "hyperv/vm/power.h"
#include "hyperv/vm/vm.h"
#include "operations/driver_state.h"
#include "operations/guest_watch.h"
#include "operations/inventory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was looked at, and what could not be. */
typedef enum CheckArea {
    AREA_VMS,       /* their settings and checkpoints */
    AREA_GPUS,
    AREA_MEMORY,    /* of the VMs */
    AREA_DEVICES,   /* direct assignment */
    AREA_WINDOWS,   /* builds of the host */
    AREA_POLICY,    /* of the host, for devices */
    AREA_SESSIONS,  /* whether the host allows enhanced sessions */
    AREA_STARTS,    /* jobs of starts that failed lately */
    AREA_DRIVERS,   /* versions of the host's drivers */
    AREA_PROCESSOR, /* how far it can address */
    AREA_PACKAGES,  /* of drivers, in a folder of this computer */
    AREA_GUEST,     /* what the guest of a VM tells; one row for each VM that has GPUs */
    AREA_COUNT
} CheckArea;

typedef struct CheckedArea {
    unsigned area;       /* CheckArea */
    const char *vm_name, *vm_guid; /* of AREA_GUEST */
    bool was_read;
    const char *reason; /* why it was not; NULL: it was */
} CheckedArea;

typedef struct CheckedAreas {
    CheckedArea *items;
    size_t count, capacity;
} CheckedAreas;

typedef struct CheckpointFact {
    CheckpointKind kind;
    const char *id, *name;
    int64_t created_ms; /* 0: it does not tell */
} CheckpointFact;

typedef struct CheckpointFacts {
    CheckpointFact *items;
    size_t count, capacity;
} CheckpointFacts;

/* What a VM's guest tells of itself. */
typedef struct GuestFacts {
    KvpContact contact;
    bool has_build;
    WindowsBuild build;  /* the revision only where HyperPoint's service runs there */
    bool has_agent;      /* it does, and the next is set */
    GuestAgent agent;
} GuestFacts;

/* The last start of a VM that failed, while the host remembers it. */
typedef struct FailedStart {
    const char *text; /* the host's own; NULL: there is none */
    StartProblem problem;
} FailedStart;

typedef struct VmFacts {
    Vm vm;
    VmStatus status;
    bool is_known; /* Msvm_ComputerSystem has it: the status is set */
    uint16_t enhanced_session; /* EnhancedSessionModeState, 0: not told */
    VmResources resources;     /* partitions, memory, has_direct_assignment */
    CheckpointFacts checkpoints;
    GuestFacts guest;
    FailedStart failed_start;
    const char *detached_since; /* NULL: nothing is */
    GpuPartitionList detached;  /* what is remembered, and not on it again */
    StringList detached_names;  /* of their GPUs */
} VmFacts;

typedef struct VmFactsList {
    VmFacts *items;
    size_t count, capacity;
} VmFactsList;

/* A driver of a display adapter of the host. */
typedef struct HostDriver {
    const char *device_id, *version;
} HostDriver;

typedef struct HostDrivers {
    HostDriver *items;
    size_t count, capacity;
} HostDrivers;

typedef struct HostView {
    int64_t now_ms;
    VmFactsList vms;
    GpuList gpus;
    bool host_tells_gpus; /* as in Vm */
    bool is_gpu_in_use;   /* some VM runs with a partition */
    HostDrivers drivers;
    bool has_windows;
    WindowsBuild windows;
    const KnownBuild *known; /* builds with known trouble */
    size_t known_count;
    unsigned address_bits;       /* of the processor; 0: not known */
    bool requires_secure, requires_supported; /* policies for devices that are assigned */
    bool allows_sessions;        /* enhanced sessions */
    FoundDrivers packages;       /* of drivers, in a folder of this computer */
    UnfinishedChangeList unfinished;
    StringList gone_memos;       /* names of VMs that are gone, of which detached GPUs are remembered */
    CheckedAreas areas;
} HostView;

typedef struct HostViewRequest {
    const char *packages; /* a folder; NULL: none */
} HostViewRequest;

/* Without the VMs and their settings, or the GPUs, it fails; what else cannot be read is told among the areas. */
MUST_CHECK bool host_view_read(HyperVHost *host, const HostViewRequest *request, Arena *arena, HostView *ret_view,
                               Error *err);

/* The VM holds GPUs, or shall get some back. */
bool vm_facts_concern_gpus(const VmFacts *facts);

/* The VM runs, and its GPUs with it. */
bool vm_facts_run(const VmFacts *facts);

/* It is neither off nor saved: what it holds it has, also while it is paused. */
bool vm_facts_are_on(const VmFacts *facts);

/* Of the driver that is active for the device now; NULL: not known. */
const char *host_view_driver_version(const HostView *view, const char *device_id);
