/* SPDX-License-Identifier: MIT */
/* One point of the fault matrix: was the promise kept? docs/safety.md says what is promised.
 *
 * After a run that went wrong the VM is as it was, or as asked, or a journal stands and recover gets it to one of the
 * two. */
#pragma once

#include "expectation.h"
#include "host_state.h"
#include "place.h"
#include "scenarios.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Verdict {
    size_t problems;
    size_t gpus_lost, gpus_too_many;
    const char *text; /* what is wrong, for people */
} Verdict;

/* Looks at what a run left, sees to it that nothing but recover goes on from there, and recovers. */
Verdict judge(Place *place, const Scenario *scenario, const Expectation *expectation, const Run *run,
              const Disturbance *disturbance, Arena *arena);
