/* SPDX-License-Identifier: MIT */
/* A change of one VM as a whole: lock, look for what is unfinished, read, plan, carry out. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/change.h"
#include "hyperv/change/plan.h"
#include "operations/begin.h"
#include "operations/inventory.h"
#include "operations/power.h"

#include <stdbool.h>

typedef struct ChangeReport {
    ChangeEnding ending;
    GpuList gpus;        /* of the host. This and the next from ENDING_PLANNED on */
    ChangeRecord record; /* what was, what shall be; adapters that were added have their IDs */
    ChangeResult result; /* a checkpoint that was created is told of on failure, too */
    PowerReport power;
    /* Of ENDING_DONE: for good, off and on again, new. */
    AssignedGpuList removed, put_back, added;
    AssignedGpuList forgotten; /* of PLAN_FORGET */
} ChangeReport;

/* Changes a VM that has been found. *ret_report is set in any case. "only_look": the lock is not taken and nothing is
 * changed; what the plan meets (what it refuses, what it warns of) is the same. */
MUST_CHECK bool change_vm(HyperVHost *host, const Vm *vm, const PlanRequest *request, bool only_look, Arena *arena,
                          ChangeReport *ret_report, Error *err);
