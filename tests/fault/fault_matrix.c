/* SPDX-License-Identifier: MIT */
/* The fault matrix: every call of every changing command goes wrong in turn, in every way that cim/session.h allows,
 * once and from there on; so does every step of the journal on the disk; and so does the recovery from that. No GPU
 * may get lost. What each command promises: docs/safety.md. How to read a failure: docs/testing.md.
 *
 *     fault_matrix [--all] [--share N M] [PART]
 *         --all    every point; otherwise some of the many that are alike, evenly spread, and where the matrix is
 *                  walked for the way to the host, only what that way can cause
 *         --share  the Nth of M parts, in one process: for ctest, which runs several at once. M should be odd
 *         PART     only points whose name contains it, with all their failures */
#include "back_end.h"
#include "base/ascii.h"
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
    TASKS_MAX = 2000,
    DETAILS_MAX = 30, /* failures told in full, per worker */
};

/* Between the workers, which are processes. */
typedef struct Shared {
    atomic_size_t next_task;
    atomic_size_t points[ROW_COUNT];
    atomic_size_t passed, failed, gpus_lost, gpus_too_many, broken_tasks;
} Shared;

static Shared *shared;
static const char *filter; /* NULL: all points */
static bool walks_all;
static size_t share = 0, share_count = 1;
static size_t details;

/* A scenario on a host. */
typedef struct Stage {
    Place *place;
    const Scenario *scenario;
    const HostSpec *host;
    Arena arena;
    const char *name;
    Snapshot base;
    Ground ground;
    FaultScript plain; /* of the run without faults */
    FileScript plain_files;
    size_t stride, turn; /* every stride-th point is walked */
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
    atomic_fetch_add(&shared->gpus_too_many, verdict->gpus_too_many);
    if (verdict->problems > 0 && (filter != NULL || details++ < DETAILS_MAX))
        (void) printf("FAILED: %s: exit code %d\n%s%s\n", name, run->exit_code, verdict->text, run->err);
}

static bool is_wanted(const char *name)
{
    machine_end_if_orphaned();
    return filter == NULL || strstr(name, filter) != NULL;
}

/* Before the name is made, which takes longer than the answer. */
static bool is_turn(Stage *stage)
{
    return stage->turn++ % stage->stride == 0;
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
    Guest guest = { .place = stage->place, .scenario = stage->scenario, .arena = &arena, .script = &point->script };
    point->script.disturb = somebody_disturbs;
    point->script.context = &guest;
    place_restore(stage->place, &stage->base);
    Run run = place_run(stage->place, stage->scenario->words, &point->script, &point->files, kills(point), &arena);
    Expectation expectation = expect(&stage->ground, &guest, &point->script, &point->files, &arena);
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

/* The adapters are somebody else's matter again once the change is over, and all that is left is to start the VM. */
static bool is_of_adapters(FaultKind kind)
{
    return kind >= FAULT_ADAPTER_ADDED && kind <= FAULT_LIMITS_EDITED;
}

static bool is_start(const FaultScript *plain, size_t at)
{
    return strcmp(plain->trace[at - 1].what, "invoke RequestStateChange") == 0;
}

static bool applies(FaultKind kind, size_t at, FaultSpan span, const FaultScript *plain)
{
    const FaultRow *row = &fault_rows[kind];
    FaultCall call = plain->trace[at - 1].call;
    bool fits = (row->calls & (unsigned) call) != 0 && can_happen(kind, call);
    return fits && (row->spans & (unsigned) span) != 0 && !(is_of_adapters(kind) && is_start(plain, at));
}

static void walk_calls(Stage *stage, const FaultKind *kinds, size_t kind_count)
{
    static const FaultSpan spans[] = { FAULT_ONCE, FAULT_FROM_THERE_ON };
    for (size_t k = 0; k < kind_count; k++) {
        for (size_t at = 1; at <= stage->plain.calls; at++) {
            for (size_t s = 0; s < COUNT_OF(spans); s++) {
                if (!applies(kinds[k], at, spans[s], &stage->plain) || !is_turn(stage))
                    continue;
                Arena arena = ARENA_INIT;
                Point point = { .row = (int) kinds[k],
                                .script = { .faults = { { kinds[k], at, spans[s] } }, .count = 1 } };
                point.name = arena_printf(&arena, "%s %s", stage->name,
                                          fault_name(&point.script.faults[0], &stage->plain, &arena));
                if (is_wanted(point.name))
                    walk(stage, &point, NULL);
                arena_release(&arena);
            }
        }
    }
}

/* The file faults that fit a step. */
static bool file_fault_applies(StepFault fault, bool from_there_on, FsStep step)
{
    switch (fault) {
    case FILE_FAULT_NO_SPACE:
        return step != FS_STEP_LOCK;
    case FILE_FAULT_LOCKED:
        return step == FS_STEP_LOCK && !from_there_on;
    case FILE_FAULT_KILL:
        return machine_has_forks && !from_there_on;
    case FILE_FAULT_DEED: /* for those who script one */
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
                if (!file_fault_applies((StepFault) fault, on != 0, stage->plain_files.trace[at - 1]) ||
                    !is_turn(stage))
                    continue;
                Arena arena = ARENA_INIT;
                Point point = { .row = ROW_FILES + fault,
                                .files = { .fault = (StepFault) fault, .at = at, .from_there_on = on != 0 } };
                point.name = arena_printf(&arena, "%s %s @%zu (%s) %s", stage->name, file_fault_names[fault], at,
                                          fault_files_step_name(stage->plain_files.trace[at - 1]),
                                          on != 0 ? "from there on" : "once");
                if (is_wanted(point.name))
                    walk(stage, &point, NULL);
                arena_release(&arena);
            }
        }
    }
}

/* ---- two faults ---- */

static bool is_somebody(FaultKind kind)
{
    return kind >= FAULT_VM_STARTED && kind <= FAULT_LIMITS_EDITED;
}

/* Whether the fault may be the first of two. Of calls that only read, all that fail do so alike. */
static bool begins_pair(FaultKind kind, size_t at, const FaultScript *plain)
{
    bool fails_alike = kind == FAULT_DENIED || kind == FAULT_UNREACHABLE || kind == FAULT_GARBLED;
    bool is_kill = kind == FAULT_KILL_BEFORE || kind == FAULT_KILL_AFTER;
    return applies(kind, at, FAULT_ONCE, plain) && !is_kill &&
           !(fails_alike && plain->trace[at - 1].call != FAULT_CALL_INVOKE);
}

/* A second fault while things are being put back after a first one. */
static void walk_pairs_from(Stage *stage, Fault first)
{
    static const Fault seconds[] = {
        { FAULT_RETURNS_FAILED, 0, FAULT_ONCE },
        { FAULT_LOST_RUNNING, 0, FAULT_ONCE },
        { FAULT_LOST_DONE, 0, FAULT_ONCE },
        { FAULT_LOST_NOT_DONE, 0, FAULT_ONCE },
        { FAULT_JOB_FAILS, 0, FAULT_ONCE },
        { FAULT_JOB_FAILS_DONE, 0, FAULT_ONCE },
        { FAULT_REFUSED, 0, FAULT_ONCE },
        { FAULT_GARBLED, 0, FAULT_ONCE },
        { FAULT_REFUSED, 0, FAULT_FROM_THERE_ON },
        { FAULT_UNREACHABLE, 0, FAULT_FROM_THERE_ON },
        { FAULT_RETURNS_FAILED, 0, FAULT_FROM_THERE_ON },
        { FAULT_NO_RIGHTS, 0, FAULT_FROM_THERE_ON },
        { FAULT_KILL_BEFORE, 0, FAULT_ONCE },
        { FAULT_KILL_AFTER, 0, FAULT_ONCE },
        { FAULT_VM_STARTED, 0, FAULT_ONCE },
    };
    Arena arena = ARENA_INIT;
    Guest guest = { .place = stage->place, .scenario = stage->scenario, .arena = &arena };
    FaultScript alone = { .faults = { first }, .count = 1, .disturb = somebody_disturbs, .context = &guest };
    guest.script = &alone;
    place_restore(stage->place, &stage->base);
    (void) place_run(stage->place, stage->scenario->words, &alone, NULL, false, &arena);
    for (size_t second_at = first.at + 1; second_at <= alone.calls; second_at++) {
        for (size_t s = 0; s < COUNT_OF(seconds); s++) {
            Fault second = { seconds[s].kind, second_at, seconds[s].span };
            Point point = { .row = ROW_PAIRS, .script = { .faults = { first, second }, .count = 2 } };
            /* What somebody does in a run that is killed, nobody learns of. */
            bool is_told = !kills(&point) || !is_somebody(first.kind);
            if (!is_told || !applies(second.kind, second_at, second.span, &alone) || !is_turn(stage))
                continue;
            point.name = arena_printf(&arena, "%s %s, then %s", stage->name, fault_name(&first, &stage->plain, &arena),
                                      fault_name(&second, &alone, &arena));
            if (is_wanted(point.name))
                walk(stage, &point, NULL);
        }
    }
    arena_release(&arena);
}

static void walk_pairs(Stage *stage)
{
    for (size_t at = 1; at <= stage->plain.calls; at++) {
        for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
            if (begins_pair((FaultKind) kind, at, &stage->plain))
                walk_pairs_from(stage, (Fault){ (FaultKind) kind, at, FAULT_ONCE });
        }
    }
}

static const char *const recover_words[] = { "-DO", "recover", NULL };

/* A recover that goes wrong, from a snapshot of what a killed run left. */
static void walk_one_recovery(Stage *stage, const Snapshot *left, const HostState *found, Point *point)
{
    Arena arena = ARENA_INIT;
    Guest guest = { .place = stage->place, .scenario = stage->scenario, .arena = &arena, .script = &point->script };
    point->script.disturb = somebody_disturbs;
    point->script.context = &guest;
    Expectation expectation = { .is_recovery = true,
                                .found = *found,
                                .before = { .items = { stage->ground.before }, .count = 1 },
                                .asked = { .items = { stage->ground.asked }, .count = 1 } };
    place_restore(stage->place, left);
    Run run = place_run(stage->place, recover_words, &point->script, &point->files, kills(point), &arena);
    expectation.excuse = excuse_of(&guest.disturbance, &point->script, &point->files, true);
    Verdict verdict = judge(stage->place, stage->scenario, &expectation, &run, &guest.disturbance, &arena);
    count_point(ROW_RECOVERY, point->name, &verdict, &run);
    arena_release(&arena);
}

static void walk_recovery_files(Stage *stage, const char *killed, const Snapshot *left, const HostState *found,
                                const FileScript *plain)
{
    for (size_t at = 1; at <= plain->steps; at++) {
        for (int fault = FILE_FAULT_NONE + 1; fault < FILE_FAULT_COUNT; fault++) {
            if (!file_fault_applies((StepFault) fault, false, plain->trace[at - 1]) || !is_turn(stage))
                continue;
            Arena arena = ARENA_INIT;
            Point point = { .files = { .fault = (StepFault) fault, .at = at } };
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
            if (!applies(fault.kind, at, fault.span, &plain) || !is_turn(stage))
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
            const char *killed = arena_printf(&arena, "%s %s", stage->name, fault_name(&death, &stage->plain, &arena));
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
    FaultScript nothing = { .count = 0 };
    Guest guest = { .place = stage->place, .scenario = stage->scenario, .arena = &stage->arena, .script = &nothing };
    States asked = { .count = 0 };
    place_restore(stage->place, &stage->base);
    if (stage->scenario->vm.runs)
        somebody_turns_vm_off(stage->place); /* the host refuses it before */
    somebody_disturbs(&guest, kind);
    if (stage->scenario->vm.runs)
        CHECK(somebody_starts_vm(stage->place));
    if (place_run(stage->place, stage->scenario->words, NULL, NULL, false, &stage->arena).exit_code == 0)
        asked = (States){ .items = { host_state_read(stage->place, &stage->arena) }, .count = 1 };
    return asked;
}

/* What comes before the command becomes the ground that every point begins from. */
static bool prepare(Stage *stage)
{
    place_restore(stage->place, &stage->base);
    for (size_t i = 0; i < COUNT_OF(stage->scenario->prepare) && stage->scenario->prepare[i][0] != NULL; i++) {
        Run run = place_run(stage->place, stage->scenario->prepare[i], NULL, NULL, false, &stage->arena);
        if (run.exit_code != 0) {
            (void) printf("FAILED: %s cannot be prepared: exit code %d\n%s\n", stage->name, run.exit_code, run.err);
            return false;
        }
    }
    stage->base = place_take(stage->place, &stage->arena);
    return true;
}

static const char *stage_name(const Scenario *scenario, const HostSpec *host, bool automatic, Arena *arena)
{
    return arena_printf(arena, "%s [%s%s]", scenario->name, host->name, automatic ? ", automatic" : "");
}

/* The host, and a run without faults: what the command is to do, and the calls it makes. */
static bool stage_open(Stage *stage, Place *place, const Scenario *scenario, const HostSpec *host, bool automatic)
{
    static const FaultKind kinds[] = { FAULT_ADAPTER_ADDED, FAULT_ADAPTER_REMOVED, FAULT_ADAPTER_EXCHANGED,
                                       FAULT_LIMITS_EDITED };
    *stage = (Stage){ .place = place, .scenario = scenario, .host = host, .stride = 1 };
    Arena *arena = &stage->arena;
    stage->name = stage_name(scenario, host, automatic, arena);
    stage->base = (Snapshot){ .host = host_build(place, host, &scenario->vm, automatic, arena),
                              .config = scenario->config,
                              .now_ms = place->clock->now_ms };
    if (!prepare(stage))
        return false;
    place_restore(place, &stage->base);
    HostState before = host_state_read(place, arena);
    place_restore(place, &stage->base);
    Run run = place_run(place, scenario->words, &stage->plain, &stage->plain_files, false, arena);
    HostState asked = host_state_read(place, arena);
    bool ok = run.exit_code == 0 && asked.checkpoints == before.checkpoints + scenario->takes_checkpoint &&
              (!scenario->keeps_adapters || host_state_same_order(&before, &asked));
    if (!ok) {
        (void) printf("FAILED: %s without faults: exit code %d\n%s%s  before %s\n  after %s\n", stage->name,
                      run.exit_code, run.out, run.err, host_state_format(&before, arena),
                      host_state_format(&asked, arena));
        return false;
    }
    stage->ground = (Ground){ .before = before, .asked = asked };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        stage->ground.asked_after[kinds[i]] = asked_after(stage, kinds[i]);
    return true;
}

/* ---- tasks ---- */

typedef enum TaskKind { TASK_CALLS, TASK_STARTS, TASK_FILES, TASK_PAIRS, TASK_RECOVERIES } TaskKind;

typedef struct Task {
    TaskKind kind;
    const Scenario *scenario;
    const HostSpec *host;
    bool automatic; /* automatic checkpoints are on */
    size_t stride;  /* without --all */
} Task;

static Task tasks[TASKS_MAX];
static size_t task_count;

static void add_task(TaskKind kind, const Scenario *scenario, const HostSpec *host, size_t stride)
{
    /* With automatic checkpoints on, no VM with a GPU starts. */
    for (int automatic = 0; automatic < (scenario->vm.runs ? 1 : 2); automatic++) {
        CHECK(task_count < TASKS_MAX);
        tasks[task_count++] = (Task){ kind, scenario, host, automatic != 0, automatic != 0 ? 2 * stride + 1 : stride };
    }
}

/* The long ones first. Strides: what is alike in all verbs and on all hosts is walked in parts of each; they are odd,
 * so that of faults that come in pairs, once and from there on, not one is always left out. */
static void list_tasks(void)
{
    enum { RECOVERIES = 5, RECOVERIES_OF_OTHERS = 95, PAIRS = 61, CALLS = 5, CALLS_ELSEWHERE = 47 };
    for (size_t i = 0; i < scenario_count; i++) {
        if (machine_has_forks)
            add_task(TASK_RECOVERIES, &scenarios[i], &usual_host,
                     scenarios[i].is_thorough ? RECOVERIES : RECOVERIES_OF_OTHERS);
        if (!scenarios[i].mends) /* most calls of a check only look, and fail alike */
            add_task(TASK_PAIRS, &scenarios[i], &usual_host, PAIRS);
    }
    for (size_t i = 0; i < scenario_count; i++) {
        add_task(TASK_CALLS, &scenarios[i], &usual_host, scenarios[i].is_thorough ? 1 : CALLS);
        add_task(TASK_FILES, &scenarios[i], &usual_host, 1);
        add_task(TASK_STARTS, &scenarios[i], &hot_host, 1);
        for (size_t k = 0; k < other_host_count; k++)
            add_task(TASK_CALLS, &scenarios[i], &other_hosts[k], CALLS_ELSEWHERE);
    }
    for (size_t i = 0; i < old_host_scenario_count; i++)
        add_task(TASK_CALLS, &old_host_scenarios[i], &old_host, CALLS);
}

/* Where only the way to the host is of interest: that is the same to all hosts. */
static void list_tasks_of_line(void)
{
    enum { PAIRS = 8, CALLS = 5 };
    add_task(TASK_PAIRS, &scenarios[0], &usual_host, PAIRS);
    for (size_t i = 0; i < scenario_count; i++) {
        add_task(TASK_CALLS, &scenarios[i], &usual_host, scenarios[i].is_thorough ? 1 : CALLS);
        if (scenarios[i].is_thorough)
            add_task(TASK_FILES, &scenarios[i], &usual_host, 1);
    }
}

/* A filter that begins with the whole name of a stage is for that one alone. */
static bool is_filtered_out(const Task *task)
{
    Arena scratch = ARENA_INIT;
    const char *end = filter == NULL ? NULL : strchr(filter, ']');
    bool is_out = end != NULL && strncmp(filter, stage_name(task->scenario, task->host, task->automatic, &scratch),
                                         (size_t) (end - filter) + 1) != 0;
    arena_release(&scratch);
    return is_out;
}

static void run_task(Place *place, const Task *task)
{
    static const FaultKind starts[] = { FAULT_VM_STARTED };
    FaultKind all[FAULT_KIND_COUNT];
    for (int i = 0; i < FAULT_KIND_COUNT; i++)
        all[i] = (FaultKind) i;
    Stage stage;
    if (!stage_open(&stage, place, task->scenario, task->host, task->automatic)) {
        atomic_fetch_add(&shared->broken_tasks, 1);
        arena_release(&stage.arena);
        return;
    }
    stage.stride = walks_all || filter != NULL ? 1 : task->stride;
    switch (task->kind) {
    case TASK_CALLS:
        walk_calls(&stage, all, FAULT_KIND_COUNT);
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
    for (size_t task; (task = atomic_fetch_add(&shared->next_task, 1)) < task_count;) {
        if (task % share_count == share && !is_filtered_out(&tasks[task]))
            run_task(&place, &tasks[task]);
    }
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

static bool report(bool workers_lived)
{
    for (int row = 0; row < ROW_COUNT; row++) {
        if (shared->points[row] > 0)
            (void) printf("%6zu points: %s\n", shared->points[row], row_name(row));
    }
    if (!workers_lived)
        (void) printf("a worker died\n");
    if (shared->broken_tasks > 0)
        (void) printf("%zu scenarios fail without faults\n", shared->broken_tasks);
    (void) printf("GPUs lost: %zu, too many: %zu\n", shared->gpus_lost, shared->gpus_too_many);
    (void) printf("%zu passed, %zu failed\n", shared->passed, shared->failed);
    return workers_lived && shared->broken_tasks == 0 && shared->failed == 0 && shared->passed > 0;
}

static size_t number_of(const char *text)
{
    unsigned long long number = 0;
    CHECK(ascii_parse_uint64(text, &number));
    return (size_t) number;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            walks_all = true;
        } else if (strcmp(argv[i], "--share") == 0 && i + 2 < argc) {
            share = number_of(argv[++i]) - 1;
            share_count = number_of(argv[++i]);
            CHECK(share < share_count);
        } else if (argv[i][0] == '-') {
            (void) fprintf(stderr, "usage: fault_matrix [--all] [--share N M] [PART]\n");
            return 2;
        } else {
            filter = argv[i];
        }
    }
    shared = machine_shared_memory(sizeof(*shared));
    if (walks_all || back_end_line() == NULL)
        list_tasks();
    else
        list_tasks_of_line();
    return report(machine_work(work, share_count > 1 ? 1 : 0)) ? 0 : 1;
}
