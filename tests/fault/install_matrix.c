/* SPDX-License-Identifier: MIT */
/* The fault matrix of installdrivers: each step on a file or the registry of the guest goes wrong in turn (it fails
 * once, it fails and so do all after it, the program is killed before it), during an installation, a replacement, a
 * removal, one that has to wait for the start of Windows, and again during the recovery from it, before and after that
 * start. Somebody else changes files, values and folders at each step. Afterwards the guest is exactly as before or
 * exactly as asked. */
#include "base/check.h"
#include "base/report.h"
#include "base/str.h"
#include "drivers/install/install.h"
#include "support/fault_files.h"
#include "support/file_tree.h"
#include "support/guest_windows.h"
#include "support/system.h"
#include "support/test_clock.h"
#include "support/test_package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder; /* of everything here */
static const char *chosen = "";
static size_t points, failures;

/* ---- trees ---- */

static const char *below(Arena *arena, const char *name)
{
    return fs_join(arena, folder, name);
}

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

/* Every file and folder with what is in it, as one text. "rough": without what an unfinished run may leave behind, and
 * what waits. */
static void describe(const char *path, const char *name, bool rough, Str *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    FileStatus status;
    must(file_status(path, &status, &err), &err);
    size_t before = text->length;
    str_appendf(text, "%s %d\n", name, (int) status.kind);
    size_t after = text->length;
    if (status.kind == FILE_PLAIN) {
        char *data;
        size_t size;
        must(fs_read_file(path, 1 << 20, &arena, &data, &size, &err), &err);
        str_append(text, data);
    } else {
        StringList names;
        must(fs_list_folder(path, &arena, &names, &err), &err);
        for (size_t i = 0; i < names.count; i++) {
            if (!rough || (strcmp(names.items[i], "work") != 0 && strstr(names.items[i], PENDING_MOVES) == NULL))
                describe(fs_join(&arena, path, names.items[i]), fs_join(&arena, name, names.items[i]), rough, text);
        }
    }
    /* An empty folder does no harm, and is no part of the guest as programs see it. */
    if (rough && status.kind == FILE_FOLDER && text->length == after)
        text->text[text->length = before] = '\0';
    arena_release(&arena);
}

/* Each run has a name of its own for what it keeps. */
static void hide_run_names(char *text)
{
    static const char marker[] = "originals/";
    for (char *at = text; (at = strstr(at, marker)) != NULL;) {
        at += strlen(marker);
        memset(at, '0', strspn(at, "0123456789abcdef"));
    }
}

static const char *tree_of(const char *root, bool rough, Arena *arena)
{
    Str text;
    const char *result;
    Error err = { .code = ERR_NONE };
    str_init(&text, 1 << 24);
    describe(root, "", rough, &text);
    hide_run_names(text.text);
    must(str_finish(&text, arena, &result, &err), &err);
    return result;
}

/* ---- runs ---- */

typedef enum Verb {
    INSTALL_OLD,
    INSTALL_NEW,
    INSTALL_WAITING, /* a file that has to go is in use */
    UNINSTALL,
    RECOVER,
} Verb;

typedef struct Outcome {
    bool ok, ended;
    SwapState state;
    size_t steps;
    char message[256];
} Outcome;

static bool do_verb(Verb verb, const InstallJob *job, SwapState *state, Error *err)
{
    InstallResult result = { .state = SWAP_UNTOUCHED };
    PackageSource *source = NULL;
    const char *what;
    SwapFound found;
    bool ok;
    if (verb == RECOVER) {
        ok = install_recover(job, &found, &what, err);
    } else if (verb == UNINSTALL) {
        ok = install_uninstall(job, "INTEL_2", &result, err);
    } else {
        ok = package_open(below(job->arena, verb == INSTALL_OLD ? "INTEL_1" : "INTEL_2"), job->arena, &source, err) &&
             install_package(job, source, &result, err);
    }
    package_close(source);
    *state = result.state;
    return ok;
}

static Outcome run_here(Verb verb, FileScript *script)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    TestClock clock;
    test_clock_init(&clock);
    InstallJob job = { .root = below(&arena, "guest"),
                       .state_folder = below(&arena, "state"),
                       .force = true,
                       .holders = holders_system(),
                       .registry = guest_registry_open(below(&arena, "guest/registry"), &arena),
                       .clock = &clock.clock,
                       .report = report_silent(),
                       .arena = &arena };
    Outcome outcome = { .ended = true };
    script->folder = job.root;
    script->busy = verb == INSTALL_WAITING ? fs_join(&arena, "System32", "nvapi64.dll") : NULL;
    fault_files_use(script);
    outcome.ok = do_verb(verb, &job, &outcome.state, &err);
    fault_files_use(NULL);
    outcome.steps = script->steps;
    (void) snprintf(outcome.message, sizeof(outcome.message), "%.255s", err.message);
    arena_release(&arena);
    return outcome;
}

/* "VERB AT FOLDER": in a process of its own, which ends before that step. */
static int play_killed(const char *argument)
{
    char *rest;
    Verb verb = (Verb) strtoul(argument, &rest, 10);
    FileScript script = { .fault = FILE_FAULT_KILL, .at = strtoul(rest, &rest, 10) };
    folder = rest + 1;
    (void) run_here(verb, &script);
    return 0;
}

static const ChildRole roles[] = { { "killed", play_killed }, { NULL, NULL } };

static Outcome run(Verb verb, StepFault fault, size_t at, bool from_there_on)
{
    FileScript script = { .fault = fault, .at = at, .from_there_on = from_there_on };
    if (fault != FILE_FAULT_KILL)
        return run_here(verb, &script);
    Arena arena = ARENA_INIT;
    int code = child_wait(child_start(&roles[0], arena_printf(&arena, "%d %zu %s", (int) verb, at, folder)));
    CHECK(code != 0); /* it was killed */
    arena_release(&arena);
    return (Outcome){ .ended = false };
}

static void start_windows(const char *failing)
{
    Arena arena = ARENA_INIT;
    guest_start(guest_registry_open(below(&arena, "guest/registry"), &arena), failing);
    arena_release(&arena);
}

/* ---- one verb ---- */

typedef struct Scenario {
    const char *name;
    Verb verb;
    const char *before; /* folder with the guest as it is at first */
    /* What it may come to: as it was, or as it was to be. Of a recovery, the latter alone. */
    const char *old_tree, *new_tree;
    const char *rough_before, *rough_after; /* right after the verb */
} Scenario;

static void fail(const Scenario *scenario, const char *point, const char *why)
{
    failures++;
    (void) printf("FAILED: %s %s: %s\n", scenario->name, point, why);
}

static void judge_recovered(const Scenario *scenario, const char *point)
{
    Arena arena = ARENA_INIT;
    Outcome outcome = run(RECOVER, FILE_FAULT_NONE, 0, false);
    const char *tree = tree_of(below(&arena, "guest"), false, &arena);
    if (!outcome.ok)
        fail(scenario, point, outcome.message);
    else if (strcmp(tree, scenario->new_tree) != 0 &&
             (scenario->verb == RECOVER || strcmp(tree, scenario->old_tree) != 0))
        fail(scenario, point, "recovery left a mixture");
    arena_release(&arena);
}

/* Windows may start before anybody looks, too. */
static void judge_both_ways(const Scenario *scenario, const char *point)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest"), *wreck = below(&arena, "wreck");
    file_tree_replace(guest, wreck);
    judge_recovered(scenario, point);
    if (scenario->verb == INSTALL_WAITING) {
        file_tree_replace(wreck, guest);
        start_windows(NULL);
        judge_recovered(scenario, arena_printf(&arena, "%s, then a start", point));
    }
    arena_release(&arena);
}

/* What the run said and what is there must fit. */
static void judge(const Scenario *scenario, const char *point, const Outcome *outcome)
{
    Arena arena = ARENA_INIT;
    const char *rough = tree_of(below(&arena, "guest"), true, &arena);
    if (outcome->ended && outcome->ok && strcmp(rough, scenario->rough_after) != 0)
        fail(scenario, point, "it says done, and is not");
    if (scenario->verb != RECOVER && outcome->ended && !outcome->ok && outcome->state != SWAP_UNFINISHED &&
        strcmp(rough, scenario->rough_before) != 0)
        fail(scenario, point, "it says that nothing is changed, and something is");
    arena_release(&arena);
}

static const char *point_name(Arena *arena, StepFault fault, size_t at, bool from_there_on)
{
    return arena_printf(arena, "%s @%zu%s", file_fault_names[fault], at, from_there_on ? " and after" : "");
}

/* The recovery goes wrong as well, at each of its steps. */
static void spoil_recovery(const Scenario *scenario, const char *point)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest"), *spoilt = below(&arena, "spoilt");
    file_tree_replace(guest, spoilt);
    Outcome clean = run(RECOVER, FILE_FAULT_NONE, 0, false);
    for (size_t at = 1; at <= clean.steps; at++) {
        static const StepFault faults[] = { FILE_FAULT_KILL, FILE_FAULT_NO_SPACE };
        for (size_t i = 0; i < COUNT_OF(faults); i++) {
            const char *name =
                arena_printf(&arena, "%s, recovery: %s", point, point_name(&arena, faults[i], at, false));
            points++;
            file_tree_replace(spoilt, guest);
            (void) run(RECOVER, faults[i], at, false);
            judge_recovered(scenario, name);
        }
    }
    file_tree_replace(spoilt, guest);
    arena_release(&arena);
}

static void try_point(const Scenario *scenario, StepFault fault, size_t at, bool from_there_on)
{
    Arena arena = ARENA_INIT;
    const char *point = point_name(&arena, fault, at, from_there_on);
    if (strstr(arena_printf(&arena, "%s %s", scenario->name, point), chosen) != NULL) {
        points++;
        file_tree_replace(scenario->before, below(&arena, "guest"));
        Outcome outcome = run(scenario->verb, fault, at, from_there_on);
        judge(scenario, point, &outcome);
        if (fault == FILE_FAULT_KILL && at % 3 == 0)
            spoil_recovery(scenario, point);
        judge_both_ways(scenario, point);
    }
    arena_release(&arena);
}

/* "kept": where the guest is kept as the verb leaves it, for later scenarios, or NULL. "old_tree", "new_tree": what it
 * may come to, NULL: as it was, and what the verb makes of it. */
static void try_scenario(const char *name, Verb verb, const char *before, const char *kept, const char *old_tree,
                         const char *new_tree)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest");
    Scenario scenario = { .name = name, .verb = verb, .before = before };
    file_tree_replace(before, guest);
    scenario.old_tree = old_tree != NULL ? old_tree : tree_of(guest, false, &arena);
    scenario.rough_before = tree_of(guest, true, &arena);
    Outcome clean = run(verb, FILE_FAULT_NONE, 0, false);
    if (!clean.ok)
        fail(&scenario, "without a fault", clean.message);
    const char *after = tree_of(guest, false, &arena);
    scenario.new_tree = new_tree != NULL ? new_tree : after;
    scenario.rough_after = tree_of(guest, true, &arena);
    if (kept != NULL)
        file_tree_replace(guest, kept);
    CHECK(strcmp(scenario.old_tree, scenario.new_tree) != 0);
    if (verb == RECOVER && strcmp(after, scenario.new_tree) != 0)
        fail(&scenario, "without a fault", "the guest is not as it should be");
    for (size_t at = 1; at <= clean.steps; at++) {
        try_point(&scenario, FILE_FAULT_NO_SPACE, at, false);
        try_point(&scenario, FILE_FAULT_NO_SPACE, at, true);
        try_point(&scenario, FILE_FAULT_KILL, at, false);
    }
    (void) printf("%s: %zu steps\n", name, clean.steps);
    arena_release(&arena);
}

/* ---- somebody else ---- */

/* Does something in the guest at each step of a run, once with all going well but for that, once with the disk full
 * from then on. The guest is as before or as asked in the end, with what he did; a file that he writes in the place of
 * one that was just put there goes with it when that is undone. What is outside stays. */
typedef struct Actor {
    const char *name;
    void (*act)(void *actor);
    void (*leave)(const char *guest); /* afterwards, so that the recovery finds its way; or NULL */
    const char *in_the_way;           /* a file of his that hinders the recovery, until it is moved; or NULL */
    bool was_ours; /* set by the deed: what he changed was the run's work, and stays his in any case */
    bool done;
    bool writes_files; /* what he wrote is never lost, as long as nothing is undone */
} Actor;

static void change_file(void *context)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Actor *actor = context;
    const char *path = below(&arena, "guest/Windows/System32/nvapi64.dll");
    must(fs_replace_file(path, "meanwhile", 9, FS_SHARED, &err), &err);
    actor->done = true;
    arena_release(&arena);
}

static void change_value(void *context)
{
    Arena arena = ARENA_INIT;
    Actor *actor = context;
    Registry *registry = guest_registry_open(below(&arena, "guest/registry"), &arena);
    const char *text = guest_registry_text(registry, TEST_CLASS_KEY, "OpenCLDriverName", &arena);
    actor->was_ours = text != NULL && strcmp(text, "two") == 0;
    guest_registry_set(registry, TEST_CLASS_KEY, "OpenCLDriverName", "meanwhile");
    actor->done = true;
    arena_release(&arena);
}

/* Where folders are held (Windows), he is refused. */
static void exchange_folder(void *context)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Actor *actor = context;
    const char *store = below(&arena, "guest/Windows/System32/HostDriverStore");
    if (file_move(store, below(&arena, "aside"), &err))
        actor->done =
            system_make_link(below(&arena, "outside"), store) || !file_move(below(&arena, "aside"), store, &err);
    arena_release(&arena);
}

static void exchange_back(const char *guest)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *store = fs_join(&arena, guest, "Windows/System32/HostDriverStore");
    must(file_remove(store, &err) && file_move(below(&arena, "aside"), store, &err), &err);
    arena_release(&arena);
}

/* What the guest may come to. */
typedef struct Ends {
    const char *before, *after, *outside;
    const char *his_before, *his_after, *his_first; /* with what he did: last, or before the run looked */
} Ends;

static const char *tree_with(Actor *actor, const char *from, Arena *arena)
{
    file_tree_replace(from, below(arena, "guest"));
    if (actor->leave == NULL)
        actor->act(actor);
    return tree_of(below(arena, "guest"), false, arena);
}

static Ends ends_of(Actor *actor, Verb verb, const char *before, const char *after, Arena *arena)
{
    const char *guest = below(arena, "guest");
    Ends ends = { .outside = tree_of(below(arena, "outside"), false, arena),
                  .his_after = tree_with(actor, after, arena),
                  .his_before = tree_with(actor, before, arena) };
    (void) run(verb, FILE_FAULT_NONE, 0, false);
    ends.his_first = tree_of(guest, false, arena);
    file_tree_replace(after, guest);
    ends.after = tree_of(guest, false, arena);
    file_tree_replace(before, guest);
    ends.before = tree_of(guest, false, arena);
    return ends;
}

static void judge_actor(const Scenario *scenario, const char *point, const Actor *actor, bool is_undone,
                        const Ends *ends)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Outcome recovery = run(RECOVER, FILE_FAULT_NONE, 0, false);
    bool must_stay = actor->writes_files && actor->done && !is_undone;
    if (!recovery.ok && actor->in_the_way != NULL) {
        must_stay = false;
        must(file_remove(below(&arena, actor->in_the_way), &err), &err);
        recovery = run(RECOVER, FILE_FAULT_NONE, 0, false);
    }
    const char *tree = tree_of(below(&arena, "guest"), false, &arena);
    bool is_his =
        strcmp(tree, ends->his_before) == 0 || strcmp(tree, ends->his_after) == 0 || strcmp(tree, ends->his_first) == 0;
    bool is_plain = strcmp(tree, ends->before) == 0 || strcmp(tree, ends->after) == 0;
    if (!recovery.ok)
        fail(scenario, point, recovery.message);
    else if (!is_his && (actor->was_ours || must_stay || !is_plain))
        fail(scenario, point, "the guest is a mixture, or what he did is lost");
    if (strcmp(tree_of(below(&arena, "outside"), false, &arena), ends->outside) != 0)
        fail(scenario, point, "something outside was changed");
    arena_release(&arena);
}

static void try_actor(Actor *actor, Verb verb, const char *before, const char *after)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest");
    Scenario scenario = { .name = actor->name, .verb = verb };
    Ends ends = ends_of(actor, verb, before, after, &arena);
    size_t steps = run(verb, FILE_FAULT_NONE, 0, false).steps;
    for (size_t at = 1; at <= 2 * steps; at++) {
        FileScript script = { .fault = FILE_FAULT_DEED,
                              .at = (at + 1) / 2,
                              .from_there_on = at % 2 == 0,
                              .deed = actor->act,
                              .context = actor };
        points++;
        file_tree_replace(before, guest);
        actor->done = actor->was_ours = false;
        (void) run_here(verb, &script);
        if (actor->done && actor->leave != NULL)
            actor->leave(guest);
        judge_actor(&scenario, point_name(&arena, FILE_FAULT_DEED, script.at, script.from_there_on), actor,
                    script.from_there_on, &ends);
    }
    (void) printf("%s: %zu steps\n", actor->name, steps);
    arena_release(&arena);
}

/* ---- the guest and its packages ---- */

/* The second replaces the first; both replace what is the guest's own. There is no key for their values yet. */
static void make_packages(Arena *arena)
{
    const char *clean = below(arena, "clean");
    const TestFile files_one[] = {
        { TEST_STORE "nv.inf_amd64_1/nvapi64.dll", "one" }, { TEST_STORE "nv.inf_amd64_1/sub/only-one.dll", "one" },
        { "Windows/System32/nvapi64.dll", "one" },          { "Windows/System32/only-one.dll", "one" },
        { "Windows/System32/lxss/lib/one.so", "one" },      { NULL, NULL }
    };
    const TestFile files_two[] = {
        { TEST_STORE "nv.inf_amd64_2/nvapi64.dll", "two" }, { "Windows/System32/nvapi64.dll", "two" },
        { "Windows/System32/nvcuda.dll", "two" },           { "Windows/System32/drivers/made/two.bin", "two" },
        { "Windows/SysWOW64/nvapi.dll", "same" },           { NULL, NULL }
    };
    TestPackage one = { .name = "INTEL_1", .package_folder = "nv.inf_amd64_1", .files = files_one };
    TestPackage two = { .name = "INTEL_2", .package_folder = "nv.inf_amd64_2", .files = files_two };
    ARRAY_PUSH(arena, &one.values, test_package_value("OpenCLDriverName", "one", arena));
    ARRAY_PUSH(arena, &one.values, test_package_value("VulkanDriverName", "one", arena));
    ARRAY_PUSH(arena, &two.values, test_package_value("OpenCLDriverName", "two", arena));
    ARRAY_PUSH(arena, &two.values, test_package_value("LevelZeroDriverPath", "two", arena));
    test_package_make(folder, &one);
    test_package_make(folder, &two);
    test_file_put(clean, "Windows/System32/kernel32.dll", "kernel");
    test_library_put(clean, "Windows/System32/nvapi64.dll", " original", "NVIDIA Corporation");
    test_file_put(clean, "Windows/SysWOW64/nvapi.dll", "same");
    test_file_put(clean, "registry/+", "");
}

int main(int argc, char **argv)
{
    Arena arena = ARENA_INIT;
    child_main(argc, argv, roles);
    chosen = argc > 1 ? argv[1] : "";
    folder = system_make_folder(&arena);
    make_packages(&arena);
    const char *guest = below(&arena, "guest"), *clean = below(&arena, "clean"), *with_one = below(&arena, "with-one"),
               *with_two = below(&arena, "with-two"), *waiting = below(&arena, "waiting"),
               *started = below(&arena, "started"), *spoilt_start = below(&arena, "spoilt-start");

    try_scenario("installation", INSTALL_OLD, clean, with_one, NULL, NULL);
    try_scenario("replacement", INSTALL_NEW, with_one, with_two, NULL, NULL);
    try_scenario("removal", UNINSTALL, with_two, NULL, NULL, NULL);

    const char *old_tree = tree_of(with_one, false, &arena), *new_tree = tree_of(with_two, false, &arena);
    try_scenario("waiting", INSTALL_WAITING, with_one, waiting, old_tree, new_tree);
    file_tree_replace(waiting, guest);
    start_windows(NULL);
    file_tree_replace(guest, started);
    file_tree_replace(waiting, guest);
    start_windows("nvcuda.dll");
    file_tree_replace(guest, spoilt_start);
    try_scenario("called off", RECOVER, waiting, NULL, new_tree, old_tree);
    try_scenario("started", RECOVER, started, NULL, old_tree, new_tree);
    try_scenario("started, with a move that failed", RECOVER, spoilt_start, NULL, new_tree, old_tree);

    test_file_put(below(&arena, "outside"), "HyperPoint/work/journal.json", "theirs");
    test_file_put(below(&arena, "outside"), "FileRepository/nv.inf_amd64_1/nvapi64.dll", "theirs");
    Actor actors[] = { { "somebody changes a file", change_file, NULL, "guest/Windows/System32/nvapi64.dll",
                         .writes_files = true },
                       { "somebody changes a value", change_value, NULL, NULL, .done = false },
                       { "somebody exchanges a folder", exchange_folder, exchange_back, NULL, .done = false } };
    for (size_t i = 0; i < COUNT_OF(actors); i++) {
        if (strstr(actors[i].name, chosen) != NULL)
            try_actor(&actors[i], INSTALL_NEW, with_one, with_two);
    }

    (void) printf("%zu points, %zu failures\n", points, failures);
    system_remove_folder(folder);
    arena_release(&arena);
    return failures > 0 || points == 0;
}
