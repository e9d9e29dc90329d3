/* SPDX-License-Identifier: MIT */
/* The fault matrix: every call of every changing command goes wrong in turn, in every way that cim/session.h allows,
 * once and from there on; so does every step of the journal on the disk; and so does the recovery from that. No GPU
 * may get lost. What each command promises: docs/safety.md. How to read a failure: docs/testing.md.
 *
 *     fault_matrix [--all] [PART]
 *         --all    also what does not depend on the way to the host, where the matrix is walked for that
 *         PART     only points whose name contains it, with all their failures */
#include "back_end.h"
#include "base/check.h"
#include "base/compiler.h"
#include "host_state.h"
#include "judge.h"
#include "machine.h"
#include "place.h"
#include "scenarios.h"
#include "support/fault_files.h"
#include "support/fault_session.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Rows of the summary. */
enum {
    ROW_FILES = FAULT_KIND_COUNT,
    ROW_RECOVERY = ROW_FILES + FILE_FAULT_COUNT,
    ROW_PAIRS,
    ROW_COUNT,
    TASKS_MAX = 200,
    DETAILS_MAX = 30, /* failures told in full, per worker */
};

/* Between the workers, which are processes. */
typedef struct Shared {
    atomic_size_t next_task;
    atomic_size_t points[ROW_COUNT];
    atomic_size_t passed, failed, gpus_lost, broken_tasks;
} Shared;

static Shared *shared;
static const char *filter; /* NULL: all points */
static bool walks_all;
static size_t details;

/* A scenario on a host. */
typedef struct Stage {
    Place *place;
    const Scenario *scenario;
    const HostSpec *host;
    Arena arena;
    Snapshot base;
    HostState before, asked;
    FaultScript plain; /* of the run without faults */
    FileScript plain_files;
    States asked_with_added, asked_without_removed; /* where somebody else was there before the command */
} Stage;

/* What goes wrong in a run. */
typedef struct Point {
    const char *name;
    int row;
    FaultScript script;
    FileScript files;
} Point;

/* ---- the result ---- */

static void count_point(int row, const char *name, const Verdict *verdict, const Run *run)
{
    atomic_fetch_add(&shared->points[row], 1);
    atomic_fetch_add(verdict->problems == 0 ? &shared->passed : &shared->failed, 1);
    atomic_fetch_add(&shared->gpus_lost, verdict->gpus_lost);
    if (verdict->problems > 0 && (filter != NULL || details++ < DETAILS_MAX))
        (void) printf("FAILED: %s: exit code %d\n%s%s\n", name, run->exit_code, verdict->text, run->err);
}

static bool is_wanted(const char *name)
{
    machine_end_if_orphaned();
    return filter == NULL || strstr(name, filter) != NULL;
}

/* ---- somebody else ---- */

typedef struct Guest {
    const Stage *stage;
    Arena *arena;
    const FaultScript *script;
    Disturbance disturbance;
    size_t adapter_reads; /* of the run, when it happened */
} Guest;

static void disturb(void *context, FaultKind kind)
{
    Guest *guest = context;
    guest->adapter_reads = guest->script->adapter_reads;
    if (kind == FAULT_VM_STARTED)
        guest->disturbance.started = somebody_starts_vm(guest->stage->place);
    else if (kind == FAULT_ADAPTER_ADDED)
        guest->disturbance.added =
            somebody_adds_adapter(guest->stage->place, guest->stage->scenario->foreign_gpu, guest->arena);
    else
        guest->disturbance.removed = somebody_removes_adapter(guest->stage->place, guest->arena);
}

static void push_state(States *states, HostState state)
{
    CHECK(states->count < STATES_MAX);
    states->items[states->count++] = state;
}

/* What the point may end in. What somebody else did before the command first read the adapters is as if it had been
 * so before; later, what was put on stays, and what was taken off is the command's to put back once it has looked at
 * the adapters again before it takes them off itself. */
static Expectation expect(const Stage *stage, const Guest *guest, Arena *arena)
{
    const Disturbance *disturbance = &guest->disturbance;
    Expectation expectation = { .is_recovery = false };
    bool before_plan = guest->adapter_reads == 0, before_check = guest->adapter_reads == 1;
    if (disturbance->added != NULL) {
        HostState with = host_state_with(&stage->before, disturbance->added, arena);
        push_state(&expectation.before, with);
        /* Memory cannot be put back while that adapter is on. */
        with.memory = stage->asked.memory;
        push_state(&expectation.before, with);
        if (before_plan)
            expectation.asked = stage->asked_with_added;
        else
            push_state(&expectation.asked, host_state_with(&stage->asked, disturbance->added, arena));
    } else if (disturbance->removed != NULL && before_plan) {
        push_state(&expectation.before, host_state_without(&stage->before, disturbance->removed, arena));
        expectation.asked = stage->asked_without_removed;
    } else {
        push_state(&expectation.before, stage->before);
        if (disturbance->removed != NULL && before_check)
            push_state(&expectation.before, host_state_without(&stage->before, disturbance->removed, arena));
        push_state(&expectation.asked, stage->asked);
    }
    return expectation;
}

/* ---- points ---- */

static bool kills(const Point *point)
{
    bool result = point->files.fault == FILE_FAULT_KILL;
    for (size_t i = 0; i < point->script.count; i++)
        result = result || point->script.faults[i].kind == FAULT_KILL_BEFORE ||
                 point->script.faults[i].kind == FAULT_KILL_AFTER;
    return result;
}

/* The point's faults in a run of the scenario's command. *ret_calls: how many calls it made (not of a killed one). */
static void walk(Stage *stage, Point *point, size_t *ret_calls)
{
    Arena arena = ARENA_INIT;
    Guest guest = { .stage = stage, .arena = &arena, .script = &point->script };
    point->script.disturb = disturb;
    point->script.context = &guest;
    place_restore(stage->place, &stage->base);
    Run run = place_run(stage->place, stage->scenario->words, &point->script, &point->files, kills(point), &arena);
    Expectation expectation = expect(stage, &guest, &arena);
    Verdict verdict = judge(stage->place, stage->scenario, &expectation, &run, &guest.disturbance, &arena);
    count_point(point->row, point->name, &verdict, &run);
    if (ret_calls != NULL)
        *ret_calls = point->script.calls;
    arena_release(&arena);
}

static const char *span_name(FaultSpan span)
{
    return span == FAULT_ONCE ? "once" : "from there on";
}

static const char *fault_name(const Fault *fault, const FaultScript *plain, Arena *arena)
{
    const char *what = fault->at <= plain->calls ? plain->trace[fault->at - 1].what : "";
    return arena_printf(arena, "%s @%zu (%s) %s", fault_rows[fault->kind].name, fault->at, what,
                        span_name(fault->span));
}

/* Where the way to the host can fail by itself, that is of interest: all else happens above it, and is walked where
 * there is no such way, unless asked for. */
static bool can_happen(FaultKind kind, FaultCall call)
{
    const FaultLine *line = back_end_line();
    if (!machine_has_forks && (kind == FAULT_KILL_BEFORE || kind == FAULT_KILL_AFTER))
        return false;
    return walks_all || line == NULL || line->can_fail(kind, call);
}

static bool applies(FaultKind kind, size_t at, FaultSpan span, const FaultScript *plain)
{
    const FaultRow *row = &fault_rows[kind];
    FaultCall call = plain->trace[at - 1].call;
    bool fits = (row->calls & (unsigned) call) != 0 && can_happen(kind, call);
    return fits && (row->spans & (unsigned) span) != 0;
}

static void walk_calls(Stage *stage, const FaultKind *kinds, size_t kind_count)
{
    static const FaultSpan spans[] = { FAULT_ONCE, FAULT_FROM_THERE_ON };
    for (size_t k = 0; k < kind_count; k++) {
        for (size_t at = 1; at <= stage->plain.calls; at++) {
            for (size_t s = 0; s < COUNT_OF(spans); s++) {
                if (!applies(kinds[k], at, spans[s], &stage->plain))
                    continue;
                Arena arena = ARENA_INIT;
                Point point = { .row = (int) kinds[k],
                                .script = { .faults = { { kinds[k], at, spans[s] } }, .count = 1 } };
                point.name = arena_printf(&arena, "%s [%s] %s", stage->scenario->name, stage->host->name,
                                          fault_name(&point.script.faults[0], &stage->plain, &arena));
                if (is_wanted(point.name))
                    walk(stage, &point, NULL);
                arena_release(&arena);
            }
        }
    }
}

/* The file faults that fit a step. */
static bool file_fault_applies(FileFault fault, bool from_there_on, FsStep step)
{
    switch (fault) {
    case FILE_FAULT_NO_SPACE:
        return step != FS_STEP_LOCK;
    case FILE_FAULT_LOCKED:
        return step == FS_STEP_LOCK && !from_there_on;
    case FILE_FAULT_KILL:
        return machine_has_forks && !from_there_on;
    case FILE_FAULT_NONE:
    case FILE_FAULT_COUNT:
        break;
    }
    return false;
}

static void walk_files(Stage *stage)
{
    for (int fault = FILE_FAULT_NONE + 1; fault < FILE_FAULT_COUNT; fault++) {
        for (size_t at = 1; at <= stage->plain_files.steps; at++) {
            for (int on = 0; on < 2; on++) {
                if (!file_fault_applies((FileFault) fault, on != 0, stage->plain_files.trace[at - 1]))
                    continue;
                Arena arena = ARENA_INIT;
                Point point = { .row = ROW_FILES + fault,
                                .files = { .fault = (FileFault) fault, .at = at, .from_there_on = on != 0 } };
                point.name =
                    arena_printf(&arena, "%s [%s] %s @%zu (%s) %s", stage->scenario->name, stage->host->name,
                                 file_fault_names[fault], at, fault_files_step_name(stage->plain_files.trace[at - 1]),
                                 on != 0 ? "from there on" : "once");
                if (is_wanted(point.name))
                    walk(stage, &point, NULL);
                arena_release(&arena);
            }
        }
    }
}

/* ---- two faults ---- */

/* A second fault while things are being put back after a first one. */
static void walk_pairs(Stage *stage)
{
    static const FaultKind firsts[] = { FAULT_RETURNS_FAILED, FAULT_LOST_DONE, FAULT_LOST_NOT_DONE, FAULT_CANCEL };
    static const Fault seconds[] = {
        { FAULT_RETURNS_FAILED, 0, FAULT_ONCE },
        { FAULT_LOST_RUNNING, 0, FAULT_ONCE },
        { FAULT_LOST_NOT_DONE, 0, FAULT_ONCE },
        { FAULT_REFUSED, 0, FAULT_ONCE },
        { FAULT_REFUSED, 0, FAULT_FROM_THERE_ON },
        { FAULT_UNREACHABLE, 0, FAULT_FROM_THERE_ON },
        { FAULT_RETURNS_FAILED, 0, FAULT_FROM_THERE_ON },
        { FAULT_KILL_BEFORE, 0, FAULT_ONCE },
        { FAULT_VM_STARTED, 0, FAULT_ONCE },
    };
    for (size_t at = 1; at <= stage->plain.calls; at++) {
        for (size_t f = 0; f < COUNT_OF(firsts); f++) {
            if (stage->plain.trace[at - 1].call != FAULT_CALL_INVOKE || !can_happen(firsts[f], FAULT_CALL_INVOKE))
                continue;
            Arena arena = ARENA_INIT;
            Fault first = { firsts[f], at, FAULT_ONCE };
            FaultScript alone = { .faults = { first }, .count = 1 };
            place_restore(stage->place, &stage->base);
            (void) place_run(stage->place, stage->scenario->words, &alone, NULL, false, &arena);
            for (size_t second_at = at + 1; second_at <= alone.calls; second_at++) {
                for (size_t s = 0; s < COUNT_OF(seconds); s++) {
                    Fault second = { seconds[s].kind, second_at, seconds[s].span };
                    if (!applies(second.kind, second_at, second.span, &alone))
                        continue;
                    Point point = { .row = ROW_PAIRS, .script = { .faults = { first, second }, .count = 2 } };
                    point.name =
                        arena_printf(&arena, "%s [%s] %s, then %s", stage->scenario->name, stage->host->name,
                                     fault_name(&first, &stage->plain, &arena), fault_name(&second, &alone, &arena));
                    if (is_wanted(point.name))
                        walk(stage, &point, NULL);
                }
            }
            arena_release(&arena);
        }
    }
}

static const char *const recover_words[] = { "-DO", "recover", NULL };

/* A recover that goes wrong, from a snapshot of what a killed run left. */
static void walk_one_recovery(Stage *stage, const Snapshot *left, const HostState *found, Point *point)
{
    Arena arena = ARENA_INIT;
    Guest guest = { .stage = stage, .arena = &arena, .script = &point->script };
    point->script.disturb = disturb;
    point->script.context = &guest;
    Expectation expectation = { .is_recovery = true,
                                .found = *found,
                                .before = { .items = { stage->before }, .count = 1 },
                                .asked = { .items = { stage->asked }, .count = 1 } };
    place_restore(stage->place, left);
    Run run = place_run(stage->place, recover_words, &point->script, &point->files, kills(point), &arena);
    Verdict verdict = judge(stage->place, stage->scenario, &expectation, &run, &guest.disturbance, &arena);
    count_point(ROW_RECOVERY, point->name, &verdict, &run);
    arena_release(&arena);
}

static void walk_recovery_files(Stage *stage, const char *killed, const Snapshot *left, const HostState *found,
                                const FileScript *plain)
{
    for (size_t at = 1; at <= plain->steps; at++) {
        for (int fault = FILE_FAULT_NONE + 1; fault < FILE_FAULT_COUNT; fault++) {
            if (!file_fault_applies((FileFault) fault, false, plain->trace[at - 1]))
                continue;
            Arena arena = ARENA_INIT;
            Point point = { .files = { .fault = (FileFault) fault, .at = at } };
            point.name = arena_printf(&arena, "%s, then recover: %s @%zu (%s)", killed, file_fault_names[fault], at,
                                      fault_files_step_name(plain->trace[at - 1]));
            if (is_wanted(point.name))
                walk_one_recovery(stage, left, found, &point);
            arena_release(&arena);
        }
    }
}

static void walk_recoveries_from(Stage *stage, const char *killed, const Snapshot *left)
{
    static const Fault faults[] = {
        { FAULT_KILL_BEFORE, 0, FAULT_ONCE },
        { FAULT_KILL_AFTER, 0, FAULT_ONCE },
        { FAULT_REFUSED, 0, FAULT_ONCE },
        { FAULT_UNREACHABLE, 0, FAULT_FROM_THERE_ON },
        { FAULT_RETURNS_FAILED, 0, FAULT_ONCE },
        { FAULT_RETURNS_FAILED, 0, FAULT_FROM_THERE_ON },
        { FAULT_LOST_RUNNING, 0, FAULT_ONCE },
        { FAULT_LOST_NOT_DONE, 0, FAULT_ONCE },
        { FAULT_JOB_FAILS, 0, FAULT_ONCE },
        { FAULT_NO_RETURN_VALUE, 0, FAULT_ONCE },
        { FAULT_NO_RIGHTS, 0, FAULT_FROM_THERE_ON },
        { FAULT_CANCEL, 0, FAULT_ONCE },
        { FAULT_VM_STARTED, 0, FAULT_ONCE },
    };
    Arena arena = ARENA_INIT;
    FaultScript plain = { .count = 0 };
    FileScript plain_files = { .fault = FILE_FAULT_NONE };
    place_restore(stage->place, left);
    HostState found = host_state_read(stage->place, &arena);
    place_restore(stage->place, left);
    (void) place_run(stage->place, recover_words, &plain, &plain_files, false, &arena);
    for (size_t at = 1; at <= plain.calls; at++) {
        for (size_t i = 0; i < COUNT_OF(faults); i++) {
            Fault fault = { faults[i].kind, at, faults[i].span };
            if (!applies(fault.kind, at, fault.span, &plain))
                continue;
            Point point = { .script = { .faults = { fault }, .count = 1 } };
            point.name = arena_printf(&arena, "%s, then recover: %s", killed, fault_name(&fault, &plain, &arena));
            if (is_wanted(point.name))
                walk_one_recovery(stage, left, &found, &point);
        }
    }
    walk_recovery_files(stage, killed, left, &found, &plain_files);
    arena_release(&arena);
}

static void walk_recoveries(Stage *stage)
{
    static const FaultKind deaths[] = { FAULT_KILL_BEFORE, FAULT_KILL_AFTER };
    for (size_t at = 1; at <= stage->plain.calls; at++) {
        for (size_t d = 0; d < COUNT_OF(deaths); d++) {
            /* After a call that only reads, all is as before the next one. */
            if (deaths[d] == FAULT_KILL_AFTER && stage->plain.trace[at - 1].call != FAULT_CALL_INVOKE)
                continue;
            Arena arena = ARENA_INIT;
            Fault death = { deaths[d], at, FAULT_ONCE };
            FaultScript script = { .faults = { death }, .count = 1 };
            place_restore(stage->place, &stage->base);
            Run run = place_run(stage->place, stage->scenario->words, &script, NULL, true, &arena);
            CHECK(run.exit_code == RUN_KILLED);
            Snapshot left = place_take(stage->place, &arena);
            const char *killed = arena_printf(&arena, "%s [%s] %s", stage->scenario->name, stage->host->name,
                                              fault_name(&death, &stage->plain, &arena));
            if (left.journal != NULL)
                walk_recoveries_from(stage, killed, &left);
            arena_release(&arena);
        }
    }
}

/* ---- stages ---- */

/* What the command makes of a VM that somebody else has changed before. */
static States asked_after(Stage *stage, FaultKind kind)
{
    States asked = { .count = 0 };
    place_restore(stage->place, &stage->base);
    const char *changed = kind == FAULT_ADAPTER_ADDED
                              ? somebody_adds_adapter(stage->place, stage->scenario->foreign_gpu, &stage->arena)
                              : somebody_removes_adapter(stage->place, &stage->arena);
    if (changed != NULL &&
        place_run(stage->place, stage->scenario->words, NULL, NULL, false, &stage->arena).exit_code == 0)
        push_state(&asked, host_state_read(stage->place, &stage->arena));
    return asked;
}

/* The host, and a run without faults: what the command is to do, and the calls it makes. */
static bool stage_open(Stage *stage, Place *place, const Scenario *scenario, const HostSpec *host)
{
    *stage = (Stage){ .place = place, .scenario = scenario, .host = host };
    stage->base = (Snapshot){ .host = host_build(place, host, &scenario->vm, &stage->arena),
                              .config = scenario->config,
                              .now_ms = place->clock->now_ms };
    place_restore(place, &stage->base);
    stage->before = host_state_read(place, &stage->arena);
    place_restore(place, &stage->base);
    Run run = place_run(place, scenario->words, &stage->plain, &stage->plain_files, false, &stage->arena);
    stage->asked = host_state_read(place, &stage->arena);
    bool ok = run.exit_code == 0 &&
              stage->asked.checkpoints == stage->before.checkpoints + scenario->takes_checkpoint &&
              (!scenario->keeps_adapters || host_state_same_adapters(&stage->before, &stage->asked));
    if (!ok) {
        (void) printf("FAILED: %s [%s] without faults: exit code %d\n%s%s  before %s\n  after %s\n", scenario->name,
                      host->name, run.exit_code, run.out, run.err, host_state_format(&stage->before, &stage->arena),
                      host_state_format(&stage->asked, &stage->arena));
        return false;
    }
    stage->asked_with_added = asked_after(stage, FAULT_ADAPTER_ADDED);
    stage->asked_without_removed = asked_after(stage, FAULT_ADAPTER_REMOVED);
    return true;
}

/* ---- tasks ---- */

typedef enum TaskKind {
    TASK_ALL_CALLS,
    TASK_SOME_CALLS,
    TASK_STARTS,
    TASK_FILES,
    TASK_PAIRS,
    TASK_RECOVERIES
} TaskKind;

typedef struct Task {
    TaskKind kind;
    const Scenario *scenario;
    const HostSpec *host;
} Task;

static Task tasks[TASKS_MAX];
static size_t task_count;

static void add_task(TaskKind kind, const Scenario *scenario, const HostSpec *host)
{
    CHECK(task_count < TASKS_MAX);
    tasks[task_count++] = (Task){ kind, scenario, host };
}

/* The long ones first. */
static void list_tasks(void)
{
    for (size_t i = 0; i < scenario_count; i++) {
        if (scenarios[i].is_thorough) {
            if (machine_has_forks)
                add_task(TASK_RECOVERIES, &scenarios[i], &usual_host);
            add_task(TASK_PAIRS, &scenarios[i], &usual_host);
        }
    }
    for (size_t i = 0; i < scenario_count; i++) {
        add_task(TASK_ALL_CALLS, &scenarios[i], &usual_host);
        add_task(TASK_FILES, &scenarios[i], &usual_host);
        add_task(TASK_STARTS, &scenarios[i], &hot_host);
        for (size_t k = 0; k < other_host_count && scenarios[i].is_thorough; k++)
            add_task(TASK_SOME_CALLS, &scenarios[i], &other_hosts[k]);
    }
    for (size_t i = 0; i < old_host_scenario_count; i++)
        add_task(TASK_ALL_CALLS, &old_host_scenarios[i], &old_host);
}

/* Where only the way to the host is of interest: that is the same to all hosts. */
static void list_tasks_of_line(void)
{
    add_task(TASK_PAIRS, &scenarios[0], &usual_host);
    for (size_t i = 0; i < scenario_count; i++) {
        add_task(TASK_ALL_CALLS, &scenarios[i], &usual_host);
        if (scenarios[i].is_thorough)
            add_task(TASK_FILES, &scenarios[i], &usual_host);
    }
}

static void run_task(Place *place, const Task *task)
{
    static const FaultKind some[] = {
        FAULT_REFUSED,       FAULT_RETURNS_FAILED, FAULT_LOST_RUNNING, FAULT_LOST_DONE,
        FAULT_LOST_NOT_DONE, FAULT_JOB_FAILS,      FAULT_CUT_DONE,     FAULT_KILL_BEFORE,
        FAULT_KILL_AFTER,    FAULT_POLL_NOT_FOUND, FAULT_CANCEL,       FAULT_VM_STARTED,
    };
    static const FaultKind starts[] = { FAULT_VM_STARTED };
    FaultKind all[FAULT_KIND_COUNT];
    for (int i = 0; i < FAULT_KIND_COUNT; i++)
        all[i] = (FaultKind) i;
    Stage stage;
    if (!stage_open(&stage, place, task->scenario, task->host)) {
        atomic_fetch_add(&shared->broken_tasks, 1);
        arena_release(&stage.arena);
        return;
    }
    switch (task->kind) {
    case TASK_ALL_CALLS:
        walk_calls(&stage, all, FAULT_KIND_COUNT);
        break;
    case TASK_SOME_CALLS:
        walk_calls(&stage, some, COUNT_OF(some));
        break;
    case TASK_STARTS:
        walk_calls(&stage, starts, COUNT_OF(starts));
        break;
    case TASK_FILES:
        walk_files(&stage);
        break;
    case TASK_PAIRS:
        walk_pairs(&stage);
        break;
    case TASK_RECOVERIES:
        walk_recoveries(&stage);
        break;
    }
    arena_release(&stage.arena);
}

/* ---- the program ---- */

static void work(const char *folder, int number)
{
    Place place = place_create(folder, number);
    for (size_t task; (task = atomic_fetch_add(&shared->next_task, 1)) < task_count;)
        run_task(&place, &tasks[task]);
    place_destroy(&place);
}

static const char *row_name(int row)
{
    if (row < FAULT_KIND_COUNT)
        return fault_rows[row].name;
    if (row < ROW_RECOVERY)
        return file_fault_names[row - ROW_FILES];
    return row == ROW_RECOVERY ? "killed, and recover goes wrong" : "two faults";
}

int main(int argc, char **argv)
{
    walks_all = argc > 1 && strcmp(argv[1], "--all") == 0;
    filter = argc > 1 + walks_all ? argv[1 + walks_all] : NULL;
    shared = machine_shared_memory(sizeof(*shared));
    if (walks_all || back_end_line() == NULL)
        list_tasks();
    else
        list_tasks_of_line();
    bool ok = machine_work(work);
    for (int row = 0; row < ROW_COUNT; row++) {
        if (shared->points[row] > 0)
            (void) printf("%6zu points: %s\n", shared->points[row], row_name(row));
    }
    if (!ok)
        (void) printf("a worker died\n");
    if (shared->broken_tasks > 0)
        (void) printf("%zu scenarios fail without faults\n", shared->broken_tasks);
    (void) printf("GPUs lost: %zu\n", shared->gpus_lost);
    (void) printf("%zu passed, %zu failed\n", shared->passed, shared->failed);
    return ok && shared->broken_tasks == 0 && shared->failed == 0 && shared->passed > 0 ? 0 : 1;
}
