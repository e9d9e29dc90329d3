/* SPDX-License-Identifier: MIT */
/* Commands that rename and remove checkpoints: every call of each goes wrong in turn, in every way that cim/session.h
 * allows. Whatever happens, no checkpoint is gone that was not to go, GPUs and settings are as they were, the exit code
 * tells the truth, and the same command does the rest the next time. Somebody else makes a checkpoint meanwhile: it
 * stays.
 *
 *     checkpoint_matrix [PART]     only points whose name contains it */
#include "back_end.h"
#include "base/check.h"
#include "base/compiler.h"
#include "cim/schema.h"
#include "cli/exit_code.h"
#include "host_state.h"
#include "machine.h"
#include "place.h"
#include "scenarios.h"
#include "support/fault_session.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 8, NAMES_MAX = 3 };

typedef struct Command {
    const char *name;
    const char *words[WORDS_MAX];
    const char *goes[NAMES_MAX]; /* names of checkpoints that are removed, or get another name */
    const char *new_name;        /* NULL: they are removed */
} Command;

/* One stands on the other: first, second, third, and the VM. */
static const Command commands[] = {
    { .name = "remove-checkpoint",
      .words = { "-DO", "remove-checkpoint", "-CHECKPOINT", "second" },
      .goes = { "second" } },
    { .name = "remove-checkpoint -SUBTREE",
      .words = { "-DO", "remove-checkpoint", "-CHECKPOINT", "second", "-SUBTREE" },
      .goes = { "second", "third" } },
    { .name = "prune", .words = { "-DO", "prune", "-KEEP", "1" }, .goes = { "first", "second" } },
    { .name = "rename-checkpoint",
      .words = { "-DO", "rename-checkpoint", "-CHECKPOINT", "second", "-NAME", "other" },
      .goes = { "second" },
      .new_name = "other" },
};

static const char *const all_names[] = { "first", "second", "third" };

typedef struct Result {
    size_t points, failed, lost; /* lost: checkpoints */
} Result;

static Result *result;
static const char *filter;

/* What the host has, as far as these commands are concerned. */
typedef struct Tree {
    HostState vm;
    StringList names;
} Tree;

static Tree read_tree(const Place *place, Arena *arena)
{
    Tree tree = { .vm = host_state_read(place, arena) };
    CimInstanceList rows;
    Error err = { .code = ERR_NONE };
    CHECK(cim_session_query(place->session, NS_VIRTUALIZATION,
                            "SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemType LIKE '%Snapshot%'",
                            arena, &rows, &err));
    for (size_t i = 0; i < rows.count; i++)
        ARRAY_PUSH(arena, &tree.names, cim_instance_text(rows.items[i], "ElementName"));
    return tree;
}

static bool has(const Tree *tree, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < tree->names.count; i++)
        found = found || strcmp(tree->names.items[i], name) == 0;
    return found;
}

static bool is_to_go(const Command *command, const char *name)
{
    bool goes = false;
    for (size_t i = 0; i < NAMES_MAX && command->goes[i] != NULL; i++)
        goes = goes || strcmp(command->goes[i], name) == 0;
    return goes;
}

/* How many of those that are to go are gone. */
static size_t count_gone(const Command *command, const Tree *tree, size_t *ret_of)
{
    size_t gone = 0, of = 0;
    for (; of < NAMES_MAX && command->goes[of] != NULL; of++)
        gone += !has(tree, command->goes[of]) && (command->new_name == NULL || has(tree, command->new_name));
    *ret_of = of;
    return gone;
}

/* ---- somebody else ---- */

typedef struct Stranger {
    const Place *place;
    bool has_made_one;
} Stranger;

static void make_checkpoint(void *context, FaultKind kind)
{
    (void) kind;
    Stranger *stranger = context;
    Arena arena = ARENA_INIT;
    CimSession *session = stranger->place->session;
    Error err = { .code = ERR_NONE };
    CimInstanceList systems, services;
    CimInstance *settings = cim_instance_create(&arena, "Msvm_VirtualSystemSettingData"), *out;
    cim_instance_set(settings, &arena, "ElementName", cim_string("stranger"));
    CHECK(cim_session_query(session, NS_VIRTUALIZATION,
                            "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = '" PLACE_VM "'", &arena, &systems,
                            &err) &&
          cim_session_query(session, NS_VIRTUALIZATION, "SELECT * FROM Msvm_VirtualSystemSnapshotService", &arena,
                            &services, &err));
    CimInstance *in = cim_instance_create(&arena, "CreateSnapshot");
    cim_instance_set(in, &arena, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, systems.items[0]->path));
    cim_instance_set(in, &arena, "SnapshotSettings", cim_embedded(settings));
    cim_instance_set(in, &arena, "SnapshotType", cim_uint(CIM_TYPE_UINT16, 2));
    CHECK(cim_session_invoke(session, NS_VIRTUALIZATION, services.items[0]->path, "CreateSnapshot", in, &arena, &out,
                             &err));
    stranger->has_made_one = cim_instance_uint(out, "ReturnValue", 0) == 4096; /* not while the host is at work */
    arena_release(&arena);
}

/* ---- points ---- */

static void problem(const char *point, const Run *run, const char *what)
{
    result->failed++;
    (void) printf("FAILED: %s: exit code %d: %s\n%s%s\n", point, run->exit_code, what, run->out, run->err);
}

static bool is_true(const Command *command, const Run *run, const Tree *tree)
{
    size_t of, gone = count_gone(command, tree, &of);
    switch (run->exit_code) {
    case EXIT_DONE:
        return gone == of;
    case EXIT_REFUSED:
    case EXIT_NO_HOST:
        return gone == 0;
    case EXIT_PARTLY:
    case RUN_KILLED:
        return true;
    default:
        return false;
    }
}

static void check_tree(const Command *command, const Tree *before, const Tree *tree, const Stranger *stranger,
                       const char *point, const Run *run)
{
    size_t lost = 0;
    for (size_t i = 0; i < COUNT_OF(all_names); i++)
        lost += !is_to_go(command, all_names[i]) && !has(tree, all_names[i]);
    lost += stranger->has_made_one && !has(tree, "stranger");
    result->lost += lost;
    if (lost > 0)
        problem(point, run, "a checkpoint is gone that was not to go");
    if (!host_state_same_order(&before->vm, &tree->vm) || strcmp(before->vm.settings, tree->vm.settings) != 0)
        problem(point, run, "the VM's GPUs or settings are others");
}

/* Without faults the rest is done: what is gone already is not found. */
static void check_second_run(Place *place, const Command *command, const char *point, Arena *arena)
{
    Run again = place_run(place, command->words, NULL, NULL, false, arena);
    Tree tree = read_tree(place, arena);
    size_t of, gone = count_gone(command, &tree, &of);
    bool is_done = again.exit_code == EXIT_DONE || (again.exit_code == EXIT_REFUSED && strstr(again.err, "has no"));
    /* A subtree whose top is gone is not looked for any more. */
    if (!is_done || (gone < of && command->words[4] == NULL))
        problem(point, &again, "the same command does not do the rest");
}

static void walk_point(Place *place, const Command *command, const Snapshot *base, const Tree *before, Fault fault,
                       const char *point)
{
    Arena arena = ARENA_INIT;
    Stranger stranger = { .place = place };
    FaultScript script = { .faults = { fault }, .count = 1, .disturb = make_checkpoint, .context = &stranger };
    bool kills = fault.kind == FAULT_KILL_BEFORE || fault.kind == FAULT_KILL_AFTER;
    place_restore(place, base);
    Run run = place_run(place, command->words, &script, NULL, kills, &arena);
    Tree tree = read_tree(place, &arena);
    result->points++;
    if (!is_true(command, &run, &tree))
        problem(point, &run, "the exit code is not what has happened");
    if (place_journal(place, &arena) != NULL)
        problem(point, &run, "a journal stands");
    check_tree(command, before, &tree, &stranger, point, &run);
    /* The next time, what somebody else has put into the subtree is in the plan. */
    bool is_in_plan = stranger.has_made_one && command->words[4] != NULL && strcmp(command->words[4], "-SUBTREE") == 0;
    if (!is_in_plan) {
        check_second_run(place, command, point, &arena);
        Tree end = read_tree(place, &arena);
        check_tree(command, before, &end, &stranger, point, &run);
    }
    arena_release(&arena);
}

/* Hyper-V makes no checkpoint of a VM with a GPU: somebody else's is made of one without. */
static bool applies(FaultKind kind, FaultCall call, FaultSpan span, bool has_gpus)
{
    bool forks = kind != FAULT_KILL_BEFORE && kind != FAULT_KILL_AFTER;
    return (has_gpus ? kind < FAULT_VM_STARTED : kind == FAULT_VM_STARTED) && (forks || machine_has_forks) &&
           (fault_rows[kind].calls & (unsigned) call) != 0 && (fault_rows[kind].spans & (unsigned) span) != 0;
}

static void walk(Place *place, const Command *command, const Snapshot *base, bool has_gpus)
{
    Arena arena = ARENA_INIT;
    FaultScript plain = { .count = 0 };
    place_restore(place, base);
    Tree before = read_tree(place, &arena);
    place_restore(place, base);
    Run run = place_run(place, command->words, &plain, NULL, false, &arena);
    Tree after = read_tree(place, &arena);
    size_t of;
    if (run.exit_code != EXIT_DONE || count_gone(command, &after, &of) != of)
        problem(command->name, &run, "without faults");
    for (size_t at = 1; at <= plain.calls; at++) {
        for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
            for (unsigned span = FAULT_ONCE; span <= FAULT_FROM_THERE_ON; span++) {
                if (!applies((FaultKind) kind, plain.trace[at - 1].call, (FaultSpan) span, has_gpus))
                    continue;
                const char *what = has_gpus ? fault_rows[kind].name : "checkpoint made by somebody";
                const char *point = arena_printf(&arena, "%s, %s @%zu (%s) %s", command->name, what, at,
                                                 plain.trace[at - 1].what,
                                                 span == FAULT_ONCE ? "once" : "from there on");
                const Fault fault = { (FaultKind) kind, at, (FaultSpan) span };
                if (filter == NULL || strstr(point, filter) != NULL)
                    walk_point(place, command, base, &before, fault, point);
            }
        }
    }
    arena_release(&arena);
}

static void walk_all(Place *place, const VmSpec *vm)
{
    Arena arena = ARENA_INIT;
    Snapshot base = { .host = host_build(place, &usual_host, vm, false, &arena), .now_ms = place->clock->now_ms };
    place_restore(place, &base);
    for (size_t i = 0; i < COUNT_OF(all_names); i++) {
        const char *const words[] = { "-NAME", all_names[i], NULL };
        Run run = place_run(place, words, NULL, NULL, false, &arena);
        CHECK(run.exit_code == EXIT_DONE);
        place->clock->now_ms += 60 * 1000;
    }
    base = place_take(place, &arena);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        walk(place, &commands[i], &base, vm->adapter_count > 0);
    arena_release(&arena);
}

static void work(const char *folder, int number)
{
    static const VmSpec with_gpus = { .adapters = { { .gpu = 1, .limit = 80000000, .kinds = 15 }, { .gpu = 2 } },
                                      .adapter_count = 2 };
    static const VmSpec without_gpus = { .adapter_count = 0 };
    Place place = place_create(folder, number);
    walk_all(&place, &with_gpus);
    walk_all(&place, &without_gpus);
    place_destroy(&place);
}

int main(int argc, char **argv)
{
    filter = argc > 1 ? argv[1] : NULL;
    result = machine_shared_memory(sizeof(*result));
    bool lived = machine_work(work, 1);
    (void) printf("%zu points, %zu failed; checkpoints lost that were not to go: %zu\n", result->points, result->failed,
                  result->lost);
    return lived && result->points > 0 && result->failed == 0 ? 0 : 1;
}
