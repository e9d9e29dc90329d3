/* SPDX-License-Identifier: MIT */
/* The simulated host of a scenario: how it is made, what of it counts, and what somebody else may do to it. */
#pragma once

#include "base/arena.h"
#include "place.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An adapter that the VM has from the beginning. */
typedef struct AdapterSpec {
    int gpu;          /* its order on the host, from 1; 0: without instance path */
    uint64_t limit;   /* Min; Optimal is one more, Max two */
    unsigned kinds;   /* which kinds have limits: 1 VRAM, 2 Encode, 4 Decode, 8 Compute; the rest is null */
    const char *pool; /* NULL: the primordial one */
} AdapterSpec;

/* A host that differs from a Windows 11 with usual habits. */
typedef struct HostSpec {
    const char *name;
    const char *variant;
    const char *knobs; /* JSON */
} HostSpec;

enum { ADAPTERS_MAX = 3 };

typedef struct VmSpec {
    AdapterSpec adapters[ADAPTERS_MAX];
    size_t adapter_count;
    int checkpoint_type; /* UserSnapshotType; 0: production */
    bool dynamic_memory; /* with another minimum than it starts with */
    /* It has the checkpoint "target", which holds two adapters, one of them as the VM's first, and other settings. */
    bool has_target;
    bool stands_on_target;
    bool runs;           /* with a guest that shuts down when it is asked to */
} VmSpec;

/* The text of a state file: the sample host with no VM but one, with these adapters. Automatic checkpoints are off
 * where HyperPoint has been at work before, and on in a new VM. */
const char *host_build(Place *place, const HostSpec *host, const VmSpec *vm, bool automatic_checkpoints, Arena *arena);

/* What HyperPoint promises to keep, or to change as asked. */
typedef struct HostState {
    StringList adapters;  /* a text for each: GPU, pool, NUMA placement, limits; sorted */
    StringList ids;       /* their InstanceIDs, in the same order */
    StringList order;     /* the texts in the host's order */
    const char *settings; /* of the VM: automatic checkpoints, checkpoint type, MMIO space, cache types,
                           * stop action */
    const char *memory;   /* its minimum memory; "" where it is not dynamic */
    size_t checkpoints;
    StringList remembered; /* a text for each GPU that is remembered as detached: GPU and limits; sorted */
    bool restored; /* it stands on the checkpoint "target", and goes on in new disks */
    bool runs; /* the VM */
} HostState;

/* As it is when all jobs that are under way have ended. */
HostState host_state_read(const Place *place, Arena *arena);

/* What is remembered must be the same, too. */
bool host_state_same_adapters(const HostState *a, const HostState *b);
/* Each setting, and the memory, is as in one of the two. */
bool host_state_mixes(const HostState *state, const HostState *a, const HostState *b);
bool host_state_same_order(const HostState *a, const HostState *b);

/* The state with an adapter of that text more, less, or with another text; the same if the text is NULL, or if the last
 * two have none of that text. */
HostState host_state_with(const HostState *state, const char *adapter, Arena *arena);
HostState host_state_without(const HostState *state, const char *adapter, Arena *arena);
HostState host_state_edited(const HostState *state, const char *from, const char *to, Arena *arena);

/* What is remembered, as if it were on the VM. */
HostState host_state_attached(const HostState *state, Arena *arena);

/* For messages. */
const char *host_state_format(const HostState *state, Arena *arena);

/* How many of the adapters are of the same GPU as this one. */
size_t host_state_count_gpu(const HostState *state, const char *adapter);

/* ---- somebody else ---- */

/* What somebody else did. */
typedef struct Disturbance {
    bool started;        /* the VM runs */
    const char *added;   /* text of the adapter that was put on; NULL: none */
    const char *removed; /* text of the adapter that was taken off; NULL: none */
    const char *edited_from, *edited_to; /* texts of the adapter whose limits were changed; NULL: none */
} Disturbance;

bool vm_runs(const Place *place);

/* Starts the VM, if need be when the host has finished what keeps it from it. False if it cannot be. */
bool somebody_starts_vm(const Place *place);
void somebody_turns_vm_off(const Place *place);

/* Each fills in what it did: nothing where the host refused, or there was no adapter. */
void somebody_adds_adapter(const Place *place, int gpu, Arena *arena, Disturbance *disturbance);
void somebody_removes_adapter(const Place *place, Arena *arena, Disturbance *disturbance);
void somebody_edits_limits(const Place *place, Arena *arena, Disturbance *disturbance);
