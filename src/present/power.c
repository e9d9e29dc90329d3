/* SPDX-License-Identifier: MIT */
#include "present/power.h"

#include "json/document.h"
#include "present/result.h"

static json_t *write_state(const void *member)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(vm_state_name(*(const VmState *) member, &arena));
    arena_release(&arena);
    return json;
}

static const char *const ending_names[] = {
    [POWER_AS_IT_WAS] = "as-it-was", [POWER_GOING_DOWN] = "going-down",   [POWER_OFF] = "off",
    [POWER_STARTED] = "started",     [POWER_NOT_STARTED] = "not-started",
};

static const Field power_fields[] = {
    FIELD_OTHER(PowerReport, before, write_state, NULL, "before"),
    FIELD_BOOLEAN(PowerReport, stops, "stops"),
    FIELD_BOOLEAN(PowerReport, starts, "starts"),
    FIELD_NAME(PowerReport, ending, ending_names, "outcome"),
};
const Shape power_shape = SHAPE(PowerReport, power_fields);

const char *stop_words(const PowerReport *report, Arena *arena)
{
    const char *how = "";
    if (report->before == VM_STATE_SAVED)
        how = ": its memory is thrown away";
    else if (report->before == VM_STATE_PAUSED)
        how = ": its power is turned off, and its memory is lost";
    else if (report->may_turn_off)
        how = ": its power is turned off if its guest does not shut down";
    return arena_printf(arena, "bring the VM down, which is %s%s", vm_state_name(report->before, arena), how);
}

void present_power(Output *output, const char *vm_name, const PowerReport *report)
{
    present_member(output, "power", &power_shape, report);
    if (report->ending == POWER_STARTED)
        output_done(output, "VM '%s' has been started again\n", vm_name);
    else if (report->ending != POWER_AS_IT_WAS && report->ending != POWER_GOING_DOWN)
        output_done(output, "VM '%s' is off\n", vm_name);
}

void present_start(Output *output, const char *vm_name, const PowerReport *report)
{
    present_member(output, "power", &power_shape, report);
    if (!report->starts)
        output_done(output, "Nothing to do: VM '%s' is running\n", vm_name);
    else if (report->ending == POWER_AS_IT_WAS)
        output_result(output, "Plan for VM '%s' (nothing is changed):\n  1. start it\n", vm_name);
    else if (report->ending == POWER_STARTED)
        output_done(output, "VM '%s' has been started\n", vm_name);
}
