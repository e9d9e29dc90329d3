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

/* Whether a journal may stand after a run; the later, the more is excused. */
typedef enum Excuse {
    EXCUSE_NONE,     /* the program has to come to an end by itself */
    EXCUSE_NOT_BACK, /* while the VM is not as it was */
    EXCUSE_ANY,
} Excuse;

typedef struct Expectation {
    States before; /* as it was; several where somebody else had a hand in it */
    States asked;
    bool must_refuse; /* somebody changed the adapters between the plan and the look before they come off */
    Excuse excuse;
    bool was_half_made; /* somebody set limits of an adapter that was just being put on: nothing tells it from somebody
                           else's, and what was not set before cannot be unset. Only that nothing gets lost is sure */
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
    size_t all_reads;     /* the same, with those that are repeated */
} Guest;

/* Does what the kind of fault says; a FaultScript's "disturb", with a Guest. */
void somebody_disturbs(void *context, FaultKind kind);

/* Of a run that has ended. A recovery: there was a journal before. */
Excuse excuse_of(const Disturbance *disturbance, const FaultScript *script, const FileScript *files, bool is_recovery);

/* The point's faults. Recoveries: fill in the rest. */
Expectation expect(const Ground *ground, const Guest *guest, const FaultScript *script, const FileScript *files,
                   Arena *arena);
