/* SPDX-License-Identifier: MIT */
/* What a point of the fault matrix may end in, and what somebody else does to the VM meanwhile. */
#pragma once

#include "base/arena.h"
#include "host_state.h"
#include "place.h"
#include "scenarios.h"
#include "support/fault_session.h"

#include <stdbool.h>
#include <stddef.h>

enum { STATES_MAX = 8 };

typedef struct States {
    HostState items[STATES_MAX];
    size_t count;
} States;

typedef struct Expectation {
    States before; /* as it was; several where somebody else had a hand in it */
    States asked;
    bool must_refuse; /* somebody changed the adapters between the plan and the look before they come off */
    bool may_stay_unfinished;
    bool is_recovery; /* the run is a recover of an earlier command, not a command */
    HostState found;  /* is_recovery: what it set out from */
} Expectation;

/* What the states are without anybody else: before the command, and after it. asked_after: what it makes of a VM to
 * which somebody did that before, by FaultKind; none where it refuses. */
typedef struct Ground {
    HostState before, asked;
    States asked_after[FAULT_KIND_COUNT];
} Ground;

/* Somebody else at a point. */
typedef struct Guest {
    const Place *place;
    const Scenario *scenario;
    Arena *arena;
    const FaultScript *script;
    Disturbance disturbance;
    FaultKind kind;       /* what was done to the adapters */
    size_t adapter_reads; /* of the run, when that happened */
} Guest;

/* Does what the kind of fault says; a FaultScript's "disturb", with a Guest. */
void somebody_disturbs(void *context, FaultKind kind);

/* The point's faults. Recoveries: fill in the rest. */
Expectation expect(const Ground *ground, const Guest *guest, const FaultScript *script, const FileScript *files,
                   Arena *arena);
