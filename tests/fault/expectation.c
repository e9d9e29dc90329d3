/* SPDX-License-Identifier: MIT */
/* See expectation.h. */
#include "expectation.h"

#include "base/check.h"
#include "base/compiler.h"

#include <string.h>

void somebody_disturbs(void *context, FaultKind kind)
{
    Guest *guest = context;
    Disturbance *disturbance = &guest->disturbance;
    if (kind == FAULT_VM_STARTED) {
        disturbance->started = somebody_starts_vm(guest->place);
        return;
    }
    guest->kind = kind;
    guest->adapter_reads = guest->script->adapter_reads;
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
        if (known->checkpoints == state.checkpoints && strcmp(known->memory, state.memory) == 0 &&
            host_state_same_adapters(known, &state))
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

/* Where a journal may stand afterwards, and why; anywhere else the program has to come to an end by itself. */
static bool may_stay_unfinished(const Guest *guest, const FaultScript *script, const FileScript *files)
{
    static const struct {
        FaultKind kind;
        const char *why;
    } first_faults[] = {
        { FAULT_VM_STARTED, "the host changes no GPUs of a VM that runs" },
    };
    if (files->fault != FILE_FAULT_NONE)
        return true; /* the journal itself cannot be written or removed */
    if (script->count > 1)
        return true; /* the second fault strikes while things are being put back */
    for (size_t i = 0; i < script->count; i++) {
        if (script->faults[i].span == FAULT_FROM_THERE_ON)
            return true; /* the host does nothing any more */
        for (size_t k = 0; k < COUNT_OF(first_faults); k++) {
            if (script->faults[i].kind == first_faults[k].kind)
                return true;
        }
    }
    return guest->disturbance.started;
}

Expectation expect(const Ground *ground, const Guest *guest, const FaultScript *script, const FileScript *files,
                   Arena *arena)
{
    const Disturbance *disturbance = &guest->disturbance;
    Expectation expectation = { .may_stay_unfinished = may_stay_unfinished(guest, script, files) };
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
    }
    return expectation;
}
