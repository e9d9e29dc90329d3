/* SPDX-License-Identifier: MIT */
#include "check/mend.h"

static Mend *find(const Mends *mends, const VmFacts *facts)
{
    for (size_t i = 0; i < mends->count; i++) {
        if (mends->items[i].vm == &facts->vm)
            return &mends->items[i];
    }
    return NULL;
}

const Mend *mends_find(const Mends *mends, const VmFacts *facts)
{
    return find(mends, facts);
}

void mends_add(Mends *mends, const Finding *finding, Arena *arena)
{
    Mend *mend = find(mends, finding->vm);
    if (mend == NULL) {
        ARRAY_PUSH(arena, mends, ((Mend){ .vm = &finding->vm->vm }));
        mend = &mends->items[mends->count - 1];
    }
    mend->recovers = mend->recovers || finding->fix == FIX_RECOVER;
    if (finding->fix == FIX_SETTLE)
        mend->settles |= finding->settles;
}

static bool recover(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    const RecoveryRequest recovery = { .power = request->power, .only_look = request->only_look };
    RecoveryReport report;
    bool ok = recover_vm(host, arena_printf(arena, "id:%s", mend->vm->guid), &recovery, arena, &report, &mend->problem);
    mend->power = report.power;
    mend->is_unfinished = !ok && report.journal_stands;
    mend->has_changed = report.outcome == RECOVERY_DONE;
    return ok;
}

/* What the recovery has made of the VM is read again. */
static bool settle(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    const PlanRequest plan = { .verb = PLAN_SETTLE,
                               .verb_name = request->verb_name,
                               .config_folder = request->config_folder,
                               .settles = mend->settles,
                               .fix_memory = (mend->settles & SETTLE_MEMORY) != 0,
                               .power = request->power };
    Vm vm;
    ChangeReport report;
    if (!vm_find_again(host, mend->vm, arena, &vm, &mend->problem))
        return false;
    bool ok = change_vm(host, &vm, &plan, request->only_look, arena, &report, &mend->problem);
    if (report.power.stops)
        mend->power = report.power;
    mend->is_unfinished = report.ending == ENDING_UNFINISHED;
    mend->was_put_back = report.ending == ENDING_PUT_BACK;
    mend->has_changed = mend->has_changed || report.ending == ENDING_DONE;
    return ok;
}

/* While a change is unfinished none can be planned: of what comes after it only a guess is possible. */
void mend_vm(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    bool ok = !mend->recovers || recover(host, request, arena, mend);
    if (ok && mend->settles != 0 && !(mend->recovers && request->only_look))
        ok = settle(host, request, arena, mend);
    mend->is_done = ok;
}
