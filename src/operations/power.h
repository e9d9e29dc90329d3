/* SPDX-License-Identifier: MIT */
/* The power of a VM around a change: down before, up again after; and starting one. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/power.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

typedef enum PowerEnding {
    POWER_AS_IT_WAS,  /* nothing has been done about it */
    POWER_GOING_DOWN, /* asked to go down, and not seen off: it may be later */
    POWER_OFF,
    POWER_STARTED,
    POWER_NOT_STARTED, /* and off */
} PowerEnding;

typedef struct PowerReport {
    VmState before;
    bool stops, starts; /* what is to be done about it */
    bool may_turn_off;  /* with "stops": its power, where its guest does not shut down */
    PowerEnding ending;
    StartFailure failure; /* of POWER_NOT_STARTED */
    bool is_unfinished;   /* the verb's: not started because of a journal that stands */
} PowerReport;

/* What will be done to a VM in that state. */
PowerReport power_plan(const VmStatus *status, const PowerRequest *request);

/* Brings the VM down, if the plan says so. */
MUST_CHECK bool power_down(HyperVHost *host, const Vm *vm, const VmStatus *status, const PowerRequest *request,
                           PowerReport *report, Error *err);

/* Starts again what power_down() has brought down, if the plan says so; an interruption does not keep it from that. */
void power_up(HyperVHost *host, const Vm *vm, Arena *arena, PowerReport *report);

/* The verb: starts a VM that is off or saved, resumes a paused one; one that runs is left alone. Not while a change of
 * it is unfinished. "only_look": nothing is done. *ret_report is set in any case. */
MUST_CHECK bool start_vm(HyperVHost *host, const Vm *vm, bool only_look, Arena *arena, PowerReport *ret_report,
                         Error *err);
