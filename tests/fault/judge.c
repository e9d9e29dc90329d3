/* SPDX-License-Identifier: MIT */
/* See judge.h. Exit codes: cli/exit_code.h. */
#include "judge.h"

#include "base/check.h"
#include "base/compiler.h"
#include "cli/exit_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct Judgement {
    Place *place;
    const Scenario *scenario;
    const Expectation *expectation;
    const Disturbance *disturbance;
    Arena *arena;
    Verdict verdict;
} Judgement;

static void problem(Judgement *judgement, const HostState *state_or_null, const char *format, ...) PRINTF_LIKE(3, 4);

static void problem(Judgement *judgement, const HostState *state_or_null, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    Verdict *verdict = &judgement->verdict;
    verdict->problems++;
    verdict->text = arena_printf(judgement->arena, "%s    %s\n", verdict->text, text);
    if (state_or_null != NULL)
        verdict->text = arena_printf(judgement->arena, "%s      %s\n", verdict->text,
                                     host_state_format(state_or_null, judgement->arena));
}

/* extra_checkpoint: a checkpoint more is fine, since one that was made is never deleted. */
static bool is_one_of(const HostState *state, const States *states, bool extra_checkpoint)
{
    for (size_t i = 0; i < states->count; i++) {
        const HostState *wanted = &states->items[i];
        bool checkpoints = state->checkpoints == wanted->checkpoints ||
                           (extra_checkpoint && state->checkpoints == wanted->checkpoints + 1);
        if (checkpoints && state->restored == wanted->restored && strcmp(state->settings, wanted->settings) == 0 &&
            strcmp(state->memory, wanted->memory) == 0 && host_state_same_adapters(state, wanted))
            return true;
    }
    return false;
}

/* Of what was to be mended some may be, and some not; the adapters are all there. */
static bool is_mended_in_part(const Judgement *judgement, const HostState *state)
{
    const Expectation *expectation = judgement->expectation;
    for (size_t i = 0; judgement->scenario->mends && i < expectation->before.count; i++) {
        for (size_t k = 0; k < expectation->asked.count; k++) {
            const HostState *before = &expectation->before.items[i], *asked = &expectation->asked.items[k];
            bool adapters = host_state_same_adapters(state, before) || host_state_same_adapters(state, asked);
            if (adapters && state->checkpoints == before->checkpoints && host_state_mixes(state, before, asked))
                return true;
        }
    }
    return false;
}

/* ---- counting GPUs ---- */

static size_t count_missing(const HostState *state, const HostState *wanted)
{
    size_t missing = 0;
    for (size_t i = 0; i < wanted->adapters.count; i++) {
        const char *adapter = wanted->adapters.items[i];
        bool is_first = true; /* of its GPU; the list is sorted by GPU */
        for (size_t k = 0; k < i; k++)
            is_first = is_first && strncmp(wanted->adapters.items[k], adapter, strcspn(adapter, ";") + 1) != 0;
        size_t have = host_state_count_gpu(state, adapter), want = host_state_count_gpu(wanted, adapter);
        if (is_first && have < want)
            missing += want - have;
    }
    return missing;
}

/* How far the state is from the nearest one that is allowed; what is remembered is not lost. */
static size_t count_lost(const HostState *state, const Expectation *expectation, Arena *arena)
{
    const States *sets[] = { &expectation->before, &expectation->asked };
    HostState all = host_state_attached(state, arena);
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        for (size_t k = 0; k < sets[i]->count; k++) {
            HostState wanted = host_state_attached(&sets[i]->items[k], arena);
            size_t missing = count_missing(&all, &wanted);
            least = missing < least ? missing : least;
        }
    }
    return least;
}

/* At no time are there more adapters of a GPU than the VM had or shall have. */
static void check_no_duplicates(Judgement *judgement, const HostState *state)
{
    const Expectation *expectation = judgement->expectation;
    const States *sets[] = { &expectation->before, &expectation->asked };
    for (size_t i = 0; i < state->adapters.count && !expectation->was_half_made; i++) {
        size_t most = 0;
        for (size_t k = 0; k < COUNT_OF(sets); k++) {
            for (size_t n = 0; n < sets[k]->count; n++) {
                size_t count = host_state_count_gpu(&sets[k]->items[n], state->adapters.items[i]);
                most = count > most ? count : most;
            }
        }
        if (host_state_count_gpu(state, state->adapters.items[i]) > most) {
            judgement->verdict.gpus_too_many++;
            problem(judgement, state, "more adapters than wanted");
            return;
        }
    }
}

/* ---- the run ---- */

static bool may_stand(const Expectation *expectation, const HostState *state, bool extra_checkpoint)
{
    return expectation->excuse == EXCUSE_NOT_BACK ? !is_one_of(state, &expectation->before, extra_checkpoint)
                                                  : expectation->excuse == EXCUSE_ANY;
}

static bool says(const Run *run, const char *text)
{
    return run->is_unheard || strstr(run->err, text) != NULL;
}

/* What a check says of what it has mended. Whatever could not be read was not mended, and is told. */
static bool is_true_of_mending(const Judgement *judgement, const Run *run, const HostState *state, bool journal)
{
    const Expectation *expectation = judgement->expectation;
    bool in_part = is_mended_in_part(judgement, state);
    switch (run->exit_code) {
    case EXIT_DONE:
        return !journal && (is_one_of(state, &expectation->asked, false) || (in_part && says(run, "not checked")));
    case EXIT_DIFFERS:
        return !journal && in_part && (run->is_unheard || strstr(run->out, "Findings (Total:") != NULL);
    case EXIT_REFUSED:
    case EXIT_NO_HOST:
        return !journal && is_one_of(state, &expectation->before, false);
    case EXIT_PARTLY: /* it could not look again, or the VM's power */
        return !journal && in_part && says(run, "hyperpoint: error: ");
    case EXIT_UNFINISHED:
        return journal && may_stand(expectation, state, false);
    }
    return false;
}

static void check_exit_code(Judgement *judgement, const Run *run, const HostState *state, bool journal)
{
    const Expectation *expectation = judgement->expectation;
    const States found = { .items = { expectation->found }, .count = 1 };
    bool checkpoint = judgement->scenario->takes_checkpoint;
    bool ok = false;
    switch (run->exit_code) {
    case EXIT_DONE:
        ok = !journal && !expectation->must_refuse &&
             (is_one_of(state, &expectation->asked, false) ||
              (expectation->is_recovery && is_one_of(state, &expectation->before, checkpoint)));
        break;
    case EXIT_REFUSED:
    case EXIT_NO_HOST:
        ok = expectation->is_recovery ? journal && is_one_of(state, &found, false)
                                      : !journal && is_one_of(state, &expectation->before, false);
        break;
    case EXIT_PUT_BACK:
        ok = !journal && !expectation->is_recovery && is_one_of(state, &expectation->before, checkpoint);
        break;
    case EXIT_PARTLY: /* the VM's power, which the message has to tell of */
        ok = judgement->scenario->vm.runs && !journal && says(run, "VM '" PLACE_VM "'") &&
             (is_one_of(state, &expectation->before, checkpoint) || is_one_of(state, &expectation->asked, false));
        break;
    case EXIT_UNFINISHED:
        ok = journal && may_stand(expectation, state, checkpoint);
        break;
    }
    if (judgement->scenario->mends && !expectation->is_recovery)
        ok = is_true_of_mending(judgement, run, state, journal);
    if (!ok && !expectation->was_half_made)
        problem(judgement, state, "exit code %d%s, and the VM is", run->exit_code,
                journal ? " with a journal" : " without a journal");
    if (run->exit_code == EXIT_UNFINISHED &&
        !says(run, expectation->is_recovery ? "hint:" : "-DO recover"))
        problem(judgement, NULL, "the message does not say what to do");
}

/* It runs again where all is well, and is off while a journal stands. */
static void check_power(Judgement *judgement, const Run *run, const HostState *state, bool journal)
{
    if (!judgement->scenario->vm.runs || judgement->expectation->is_recovery || judgement->disturbance->started)
        return;
    bool must_run = run->exit_code == EXIT_DONE || run->exit_code == EXIT_REFUSED ||
                    run->exit_code == EXIT_NO_HOST || run->exit_code == EXIT_PUT_BACK ||
                    run->exit_code == EXIT_DIFFERS;
    if ((must_run && !state->runs) || (journal && state->runs))
        problem(judgement, state, "exit code %d%s, and the VM is %s", run->exit_code,
                journal ? " with a journal" : "", state->runs ? "on" : "off");
}

/* Another change must not begin while a journal stands. */
static void check_refuses(Judgement *judgement)
{
    static const char *const words[] = { "-DO", "remove-all", NULL };
    Run run = place_run(judgement->place, words, NULL, NULL, false, judgement->arena);
    if (run.exit_code != EXIT_UNFINISHED || strstr(run.err, "-DO recover") == NULL)
        problem(judgement, NULL, "another command with a journal standing: exit code %d\n%s", run.exit_code, run.err);
    if (place_journal(judgement->place, judgement->arena) == NULL)
        problem(judgement, NULL, "another command has removed the journal");
}

static Run run_recover(Judgement *judgement)
{
    static const char *const words[] = { "-DO", "recover", NULL };
    return place_run(judgement->place, words, NULL, NULL, false, judgement->arena);
}

static void recover(Judgement *judgement)
{
    if (judgement->disturbance->started && vm_runs(judgement->place)) {
        Run early = run_recover(judgement);
        if (early.exit_code != EXIT_UNFINISHED || place_journal(judgement->place, judgement->arena) == NULL)
            problem(judgement, NULL, "recover of a running VM: exit code %d\n%s%s", early.exit_code, early.out,
                    early.err);
        somebody_turns_vm_off(judgement->place);
    }
    Run run = run_recover(judgement);
    if (run.exit_code != EXIT_DONE)
        problem(judgement, NULL, "recover fails with exit code %d\n%s%s", run.exit_code, run.out, run.err);
    else if (place_journal(judgement->place, judgement->arena) != NULL)
        problem(judgement, NULL, "recover succeeds and leaves the journal");
}

static void recover_again(Judgement *judgement, const HostState *end)
{
    Run run = run_recover(judgement);
    HostState state = host_state_read(judgement->place, judgement->arena);
    const States same = { .items = { *end }, .count = 1 };
    if (run.exit_code != EXIT_DONE || strstr(run.out, "Nothing to recover") == NULL)
        problem(judgement, NULL, "recover with nothing to do: exit code %d\n%s%s", run.exit_code, run.out, run.err);
    if (!is_one_of(&state, &same, false))
        problem(judgement, &state, "recover with nothing to do has changed the VM to");
}

Verdict judge(Place *place, const Scenario *scenario, const Expectation *expectation, const Run *run,
              const Disturbance *disturbance, Arena *arena)
{
    Judgement judgement = { .place = place,
                            .scenario = scenario,
                            .expectation = expectation,
                            .disturbance = disturbance,
                            .arena = arena,
                            .verdict = { .text = "" } };
    bool killed = run->exit_code == RUN_KILLED;
    bool journal = place_journal(place, arena) != NULL;
    HostState state = { .settings = NULL, .memory = "" };
    if (!killed) {
        state = host_state_read(place, arena);
        check_exit_code(&judgement, run, &state, journal);
        check_power(&judgement, run, &state, journal);
        /* What a checkpoint brought along may still be there while the journal stands. */
        if (!journal || !scenario->vm.has_target)
            check_no_duplicates(&judgement, &state);
    }
    /* What a killed run had asked for may be still at work: no time passes until recover looks. */
    if (journal) {
        check_refuses(&judgement);
        recover(&judgement);
    }
    if (killed || journal)
        state = host_state_read(place, arena);
    /* A restore that is undone leaves the checkpoint that it made first, also where it was put back, and then something
     * was wrong with the start. */
    bool is_after = killed || run->exit_code == EXIT_PARTLY || expectation->is_recovery;
    bool extra_checkpoint = scenario->takes_checkpoint && (journal || run->exit_code == EXIT_PUT_BACK ||
                                                           (is_after && scenario->vm.has_target));
    if (!is_one_of(&state, &expectation->before, extra_checkpoint) &&
        !is_one_of(&state, &expectation->asked, false) && !is_mended_in_part(&judgement, &state) &&
        !expectation->was_half_made)
        problem(&judgement, &state, "in the end the VM is neither as it was nor as asked");
    check_no_duplicates(&judgement, &state);
    judgement.verdict.gpus_lost = count_lost(&state, expectation, arena);
    if (judgement.verdict.gpus_lost > 0)
        problem(&judgement, NULL, "%zu GPUs lost", judgement.verdict.gpus_lost);
    recover_again(&judgement, &state);
    return judgement.verdict;
}
