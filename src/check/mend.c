/* SPDX-License-Identifier: MIT */
#include "check/mend.h"

#include <string.h>

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

bool mend_is_done(const Mend *mend)
{
    return mend->failures.count == 0;
}

bool mend_was_cancelled(const Mend *mend)
{
    return mend->failures.count > 0 && mend->failures.items[mend->failures.count - 1].err.code == ERR_CANCELLED;
}

/* What is so of the VM as a whole is told once. */
static void add_failure(Mend *mend, unsigned settles, const Error *err, Arena *arena)
{
    for (size_t i = 0; i < mend->failures.count; i++) {
        MendFailure *failure = &mend->failures.items[i];
        if (strcmp(failure->err.message, err->message) == 0) {
            failure->settles |= settles;
            return;
        }
    }
    ARRAY_PUSH(arena, &mend->failures, ((MendFailure){ .settles = settles, .err = *err }));
}

static void recover(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    const RecoveryRequest recovery = { .power = request->power, .only_look = request->only_look };
    RecoveryReport report;
    Error err;
    bool ok = recover_vm(host, vm_id_text(mend->vm->guid, arena), &recovery, arena, &report, &err);
    mend->power = report.power;
    mend->is_unfinished = !ok && report.journal_stands;
    mend->is_recovered = ok;
    mend->has_changed = report.outcome == RECOVERY_DONE;
    if (!ok)
        add_failure(mend, mend->settles, &err, arena);
}

/* ---- settings ---- */

/* One change. What came before has made something else of the VM: it is read again. */
static bool change(HyperVHost *host, const MendRequest *request, unsigned settles, bool only_look, Arena *arena,
                   const Vm *vm, ChangeReport *report, Error *err)
{
    const PlanRequest plan = { .verb = PLAN_SETTLE,
                               .verb_name = request->verb_name,
                               .config_folder = request->config_folder,
                               .settles = settles,
                               .fix_memory = (settles & SETTLE_MEMORY) != 0,
                               .power = request->power };
    Vm now;
    *report = (ChangeReport){ .ending = ENDING_REFUSED };
    return vm_find_again(host, vm, arena, &now, err) &&
           change_vm(host, &now, &plan, only_look, arena, report, err);
}

/* Of these settings those that could be changed if there were no others; why the rest cannot. */
static unsigned find_possible(HyperVHost *host, const MendRequest *request, unsigned settles, Arena *arena, Mend *mend)
{
    HyperVHost silent = *host;
    silent.report = report_silent();
    unsigned possible = 0;
    for (unsigned flag = 1; flag <= settles && !mend_was_cancelled(mend); flag <<= 1) {
        ChangeReport report;
        Error err;
        if ((settles & flag) == 0)
            continue;
        if (change(&silent, request, flag, true, arena, mend->vm, &report, &err))
            possible |= flag;
        else
            add_failure(mend, flag, &err, arena);
    }
    return possible;
}

/* Whether a part of what has failed may go well. A VM that had to be brought down is not brought down once more. */
static bool is_worth_dividing(const Mend *mend, unsigned settles, const ChangeReport *report, const Error *err)
{
    bool is_one = (settles & (settles - 1)) == 0;
    bool is_over = err->code == ERR_CANCELLED || err->code == ERR_UNREACHABLE || err->code == ERR_TIMEOUT;
    return !is_one && !is_over && !mend->is_unfinished && !report->power.stops;
}

/* All of them in one change. False: it failed, and the failure is noted unless a part of them may go well. */
static bool settle_at_once(HyperVHost *host, const MendRequest *request, unsigned settles, Arena *arena, Mend *mend,
                           bool *ret_divide)
{
    ChangeReport report;
    Error err;
    bool ok = change(host, request, settles, request->only_look, arena, mend->vm, &report, &err);
    if (report.power.stops)
        mend->power = report.power;
    mend->is_unfinished = report.ending == ENDING_UNFINISHED;
    mend->has_changed = mend->has_changed || report.ending == ENDING_DONE;
    if (ok)
        mend->settled |= settles;
    *ret_divide = !ok && is_worth_dividing(mend, settles, &report, &err);
    if (!ok && !*ret_divide)
        add_failure(mend, settles, &err, arena);
    return ok;
}

static void settle_singly(HyperVHost *host, const MendRequest *request, unsigned settles, Arena *arena, Mend *mend)
{
    for (unsigned flag = 1; flag <= settles && !mend->is_unfinished && !mend_was_cancelled(mend); flag <<= 1) {
        bool ignored;
        if ((settles & flag) != 0)
            (void) settle_at_once(host, request, flag, arena, mend, &ignored); /* noted */
    }
}

/* What cannot be changed keeps nothing else from being changed. */
static void settle(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    bool divide;
    unsigned settles = mend->settles;
    if (settle_at_once(host, request, settles, arena, mend, &divide) || !divide)
        return;
    unsigned possible = find_possible(host, request, settles, arena, mend);
    bool is_less = possible != 0 && possible != settles;
    if (is_less && (settle_at_once(host, request, possible, arena, mend, &divide) || !divide))
        return;
    settle_singly(host, request, possible, arena, mend);
}

/* While a change is unfinished none can be planned: of what comes after it only a guess is possible. */
void mend_vm(HyperVHost *host, const MendRequest *request, Arena *arena, Mend *mend)
{
    if (mend->recovers)
        recover(host, request, arena, mend);
    if (!mend_is_done(mend) || mend->settles == 0)
        return;
    if (mend->recovers && request->only_look)
        mend->settled = mend->settles;
    else
        settle(host, request, arena, mend);
}
