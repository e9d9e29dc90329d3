/* SPDX-License-Identifier: MIT */
/* One point of the fault matrix: was the promise kept? docs/safety.md says what is promised.
 *
 * After a run that went wrong the VM is as it was, or as asked, or a journal stands and recover gets it to one of the
 * two. */
#pragma once

#include "host_state.h"
#include "place.h"
#include "scenarios.h"

#include <stdbool.h>
#include <stddef.h>

enum { STATES_MAX = 3 };

typedef struct States {
    HostState items[STATES_MAX];
    size_t count;
} States;

/* What a point may end in. */
typedef struct Expectation {
    States before; /* as it was; several where somebody else had a hand in it */
    States asked;
    bool is_recovery; /* the run is a recover of an earlier command, not a command */
    HostState found;  /* is_recovery: what it set out from */
} Expectation;

typedef struct Verdict {
    size_t problems;
    size_t gpus_lost;
    const char *text; /* what is wrong, for people */
} Verdict;

/* Looks at what a run left, sees to it that nothing but recover goes on from there, and recovers. */
Verdict judge(Place *place, const Scenario *scenario, const Expectation *expectation, const Run *run,
              const Disturbance *disturbance, Arena *arena);
