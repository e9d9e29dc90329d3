/* SPDX-License-Identifier: MIT */
/* See expectation.h. */
#include "expectation.h"

#include "base/check.h"
#include "base/compiler.h"
#include "back_end.h"

#include <string.h>

void somebody_disturbs(void *context, FaultKind kind)
{
    Guest *guest = context;
    Disturbance *disturbance = &guest->disturbance;
    if (kind == FAULT_VM_STARTED) {
        if (!vm_runs(guest->place))
            disturbance->started = somebody_starts_vm(guest->place);
        return;
    }
    guest->kind = kind;
    /* What is read of a VM that runs is read again when it is off. */
    size_t early = guest->scenario->vm.runs && guest->script->adapter_reads > 0 ? 1 : 0;
    guest->adapter_reads = guest->script->adapter_reads - early;
    guest->all_reads = guest->script->adapter_reads;
    if (kind == FAULT_ADAPTER_REMOVED || kind == FAULT_ADAPTER_EXCHANGED)
        somebody_removes_adapter(guest->place, guest->arena, disturbance);
    if (kind == FAULT_ADAPTER_ADDED || kind == FAULT_ADAPTER_EXCHANGED)
        somebody_adds_adapter(guest->place, guest->scenario->foreign_gpu, guest->arena, disturbance);
    if (kind == FAULT_LIMITS_EDITED)
        somebody_edits_limits(guest->place, guest->arena, disturbance);
}

static void push_state(States *states, HostState state)
{
    for (size_t i = 0; i < states->count; i++) {
        const HostState *known = &states->items[i];
        if (known->checkpoints == state.checkpoints && known->restored == state.restored &&
            strcmp(known->memory, state.memory) == 0 && host_state_same_adapters(known, &state))
            return;
    }
    CHECK(states->count < STATES_MAX);
    states->items[states->count++] = state;
}

static HostState disturbed(const HostState *state, const Disturbance *disturbance, Arena *arena)
{
    HostState without = host_state_without(state, disturbance->removed, arena);
    HostState edited = host_state_edited(&without, disturbance->edited_from, disturbance->edited_to, arena);
    return host_state_with(&edited, disturbance->added, arena);
}

/* What was put on stays. What was taken off is the command's to put back once it has looked at the adapters again
 * before it takes them off itself; up to that look it may stay off, too. Limits that were edited stay where the
 * adapter stays, and are gone with one that the command takes off. */
static void push_states(States *states, const HostState *state, const char *asked_memory, const Guest *guest,
                        Arena *arena)
{
    const Disturbance *disturbance = &guest->disturbance;
    bool before_check = guest->adapter_reads == 1;
    Disturbance stays = *disturbance;
    stays.removed = NULL;
    HostState with = disturbed(state, &stays, arena);
    push_state(states, with);
    /* Memory cannot be put back while a foreign adapter is on. */
    with.memory = disturbance->added != NULL ? asked_memory : with.memory;
    push_state(states, with);
    if (before_check)
        push_state(states, disturbed(state, disturbance, arena));
    /* An adapter of the same GPU that took its place counts as put back by whoever took it off. */
    if (disturbance->added != NULL && disturbance->removed != NULL)
        push_state(states, *state);
    stays.edited_from = NULL;
    if (!before_check)
        push_state(states, disturbed(state, &stays, arena));
}

/* ---- where a journal may stand ---- */

/* What a fault that lasts makes impossible. One that passes excuses nothing: all that fails once is tried again. */
static const struct {
    FaultKind kind;
    Excuse excuse;
} lasting_faults[] = {
    /* Nobody can see what the VM is like, so nothing counts as put back. */
    { FAULT_REFUSED, EXCUSE_ANY },
    { FAULT_DENIED, EXCUSE_ANY },
    { FAULT_UNREACHABLE, EXCUSE_ANY },
    { FAULT_GARBLED, EXCUSE_ANY },
    { FAULT_CUT_DONE, EXCUSE_ANY },
    { FAULT_CUT_NOT_DONE, EXCUSE_ANY },
    { FAULT_NO_RIGHTS, EXCUSE_ANY },
    /* Nothing can be put back any more; but it is plain to see where there is nothing to put back. */
    { FAULT_WRONG_STATE, EXCUSE_NOT_BACK },
    { FAULT_RETURNS_INVALID_STATE, EXCUSE_NOT_BACK },
    { FAULT_RETURNS_FAILED, EXCUSE_NOT_BACK },
    { FAULT_LOST_NOT_DONE, EXCUSE_NOT_BACK },
    { FAULT_JOB_FAILS, EXCUSE_NOT_BACK },
    { FAULT_JOB_VANISHES_NOT_DONE, EXCUSE_NOT_BACK },
};

static bool was_unreachable(const FaultScript *script, size_t number)
{
    for (size_t i = 0; i < script->count; i++) {
        const Fault *fault = &script->faults[i];
        if (fault->kind == FAULT_UNREACHABLE &&
            (fault->at == number || (fault->span == FAULT_FROM_THERE_ON && fault->at < number)))
            return true;
    }
    return false;
}

/* Whether anything that changes the VM may have got to the host. Through COM nobody can tell of a call without one. */
static bool has_sent_changes(const FaultScript *script)
{
    for (size_t number = 1; number <= script->calls; number++) {
        if (script->trace[number - 1].call == FAULT_CALL_INVOKE &&
            (back_end_line() != NULL || !was_unreachable(script, number)))
            return true;
    }
    return false;
}

Excuse excuse_of(const Disturbance *disturbance, const FaultScript *script, const FileScript *files, bool is_recovery)
{
    /* The journal cannot be removed. */
    if (files->fault == FILE_FAULT_NO_SPACE && files->from_there_on)
        return EXCUSE_ANY;
    /* A recover that has changed nothing may be run again; anything else has no business with a journal then. */
    if (!has_sent_changes(script))
        return is_recovery ? EXCUSE_ANY : EXCUSE_NONE;
    /* The host does not change all of a VM that runs. */
    Excuse excuse = disturbance->started ? EXCUSE_NOT_BACK : EXCUSE_NONE;
    for (size_t i = 0; i < script->count; i++) {
        for (size_t k = 0; k < COUNT_OF(lasting_faults); k++) {
            const Fault *fault = &script->faults[i];
            if (fault->span == FAULT_FROM_THERE_ON && fault->kind == lasting_faults[k].kind &&
                lasting_faults[k].excuse > excuse)
                excuse = lasting_faults[k].excuse;
        }
    }
    /* What somebody took off may stay off, and limits that he set as he set them, but both have to be tried. */
    bool may_stay = disturbance->removed != NULL || disturbance->edited_from != NULL;
    return excuse == EXCUSE_NOT_BACK && may_stay ? EXCUSE_ANY : excuse;
}

static bool has_adapter(const HostState *state, const char *adapter)
{
    for (size_t i = 0; i < state->adapters.count; i++) {
        if (strcmp(state->adapters.items[i], adapter) == 0)
            return true;
    }
    return false;
}

Expectation expect(const Ground *ground, const Guest *guest, const FaultScript *script, const FileScript *files,
                   Arena *arena)
{
    const Disturbance *disturbance = &guest->disturbance;
    Expectation expectation = { .excuse = excuse_of(disturbance, script, files, false) };
    if (disturbance->edited_from != NULL && !has_adapter(&ground->before, disturbance->edited_from) &&
        !has_adapter(&ground->asked, disturbance->edited_from)) {
        expectation.was_half_made = true;
        expectation.excuse = EXCUSE_ANY;
    }
    bool changed = disturbance->added != NULL || disturbance->removed != NULL || disturbance->edited_from != NULL;
    if (!changed) {
        push_state(&expectation.before, ground->before);
        push_state(&expectation.asked, ground->asked);
    } else if (guest->adapter_reads == 0) {
        /* As if it had been so before. */
        HostState with = disturbed(&ground->before, disturbance, arena);
        push_state(&expectation.before, with);
        with.memory = disturbance->added != NULL ? ground->asked.memory : with.memory;
        push_state(&expectation.before, with);
        expectation.asked = ground->asked_after[guest->kind];
    } else {
        expectation.must_refuse = guest->adapter_reads == 1;
        push_states(&expectation.before, &ground->before, ground->asked.memory, guest, arena);
        push_states(&expectation.asked, &ground->asked, ground->asked.memory, guest, arena);
        /* Once all is mended it is only looked at. */
        if (guest->scenario->mends && guest->all_reads == script->adapter_reads)
            push_state(&expectation.asked, disturbed(&ground->asked, disturbance, arena));
    }
    return expectation;
}
