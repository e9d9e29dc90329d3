/* SPDX-License-Identifier: MIT */
/* The fault matrix of installdrivers: each step on a file of the guest goes wrong in turn (it fails once, it fails and
 * so do all after it, the program is killed before it), during an installation, a replacement and a removal, and again
 * during the recovery from it. Afterwards the guest is exactly as before or exactly as asked. */
#define _GNU_SOURCE /* sched_setaffinity: one thread, so that steps have an order */

#include "base/check.h"
#include "base/report.h"
#include "base/str.h"
#include "drivers/install.h"
#include "support/fault_files.h"
#include "support/system.h"
#include "support/test_clock.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STORE "Windows/System32/HostDriverStore/FileRepository/"

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

static void put(const char *root, const char *path, const char *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    char *full = arena_strdup(&arena, fs_join(&arena, root, path));
    char *separator = strrchr(full, '/');
    *separator = '\0';
    must(fs_make_folders(full, FS_SHARED, &err), &err);
    *separator = '/';
    must(fs_replace_file(full, text, strlen(text), FS_SHARED, &err), &err);
    arena_release(&arena);
}

/* Every file and folder with what is in it, as one text. "rough": without what an unfinished run may leave behind. */
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
            if (!rough || strcmp(names.items[i], "work") != 0)
                describe(fs_join(&arena, path, names.items[i]), fs_join(&arena, name, names.items[i]), rough, text);
        }
    }
    /* An empty folder does no harm, and is no part of the guest as programs see it. */
    if (rough && status.kind == FILE_FOLDER && text->length == after)
        text->text[text->length = before] = '\0';
    arena_release(&arena);
}

static const char *tree_of(const char *root, bool rough, Arena *arena)
{
    Str text;
    const char *result;
    Error err = { .code = ERR_NONE };
    str_init(&text, 1 << 24);
    describe(root, "", rough, &text);
    must(str_finish(&text, arena, &result, &err), &err);
    return result;
}

static void copy_tree(const char *from, const char *to)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    FileStatus status;
    must(file_status(from, &status, &err), &err);
    if (status.kind == FILE_PLAIN) {
        char *data;
        size_t size;
        FileStream *stream = NULL;
        must(fs_read_file(from, 1 << 20, &arena, &data, &size, &err) && file_create(to, &stream, &err), &err);
        must(file_write(stream, data, size, &err) && file_finish(stream, status.modified_s, &err), &err);
    } else {
        StringList names;
        must(file_make_folder(to, &err) && fs_list_folder(from, &arena, &names, &err), &err);
        for (size_t i = 0; i < names.count; i++)
            copy_tree(fs_join(&arena, from, names.items[i]), fs_join(&arena, to, names.items[i]));
    }
    arena_release(&arena);
}

static void replace_tree(const char *from, const char *to)
{
    Error err = { .code = ERR_NONE };
    must(file_remove_tree(to, &err), &err);
    copy_tree(from, to);
}

/* ---- runs ---- */

static void ignore_text(Report *report, const char *text)
{
    (void) report;
    (void) text;
}

static void ignore_progress(Report *report, const char *text, int percent)
{
    (void) report;
    (void) text;
    (void) percent;
}

typedef enum Verb { INSTALL_OLD, INSTALL_NEW, UNINSTALL, RECOVER } Verb;

typedef struct Outcome {
    bool ok, ended;
    SwapState state;
    size_t steps, hits;
    char message[256];
} Outcome;

static bool do_verb(Verb verb, const InstallJob *job, SwapState *state, Error *err)
{
    InstallResult result = { .state = SWAP_UNTOUCHED };
    PackageSource *source = NULL;
    const char *what;
    bool ok;
    if (verb == RECOVER) {
        ok = install_recover(job, &what, err);
    } else if (verb == UNINSTALL) {
        ok = install_uninstall(job, "NVIDIA_2", &result, err);
    } else {
        ok = package_open(below(job->arena, verb == INSTALL_OLD ? "NVIDIA_1" : "NVIDIA_2"), &source, err) &&
             install_package(job, source, &result, err);
    }
    package_close(source);
    *state = result.state;
    return ok;
}

static void run_here(Verb verb, FileScript *script, Outcome *outcome)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    TestClock clock;
    test_clock_init(&clock);
    Report report = { .notice = ignore_text, .warning = ignore_text, .progress = ignore_progress };
    InstallJob job = { .root = below(&arena, "guest"),
                       .state_folder = below(&arena, "state"),
                       .clock = &clock.clock,
                       .report = &report,
                       .arena = &arena };
    script->folder = job.root;
    fault_files_use(script);
    bool ok = do_verb(verb, &job, &outcome->state, &err);
    fault_files_use(NULL);
    outcome->ok = ok;
    outcome->ended = true;
    outcome->steps = script->steps;
    outcome->hits = script->hits;
    (void) snprintf(outcome->message, sizeof(outcome->message), "%.255s", err.message);
    arena_release(&arena);
}

/* In a process of its own, which may be killed. */
static Outcome run(Verb verb, FileFault fault, size_t at, bool from_there_on)
{
    Outcome *shared = mmap(NULL, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        FileScript script = { .fault = fault, .at = at, .from_there_on = from_there_on };
        run_here(verb, &script, shared);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    Outcome outcome = *shared;
    CHECK(munmap(shared, sizeof(Outcome)) == 0);
    return outcome;
}

/* ---- one verb ---- */

typedef struct Scenario {
    const char *name;
    Verb verb;
    const char *before; /* folder with the guest as it is at first */
    const char *before_tree, *after_tree, *rough_before, *rough_after;
} Scenario;

static bool one_of(const char *tree, const char *a, const char *b)
{
    return strcmp(tree, a) == 0 || strcmp(tree, b) == 0;
}

static void fail(const Scenario *scenario, const char *point, const char *why)
{
    failures++;
    (void) printf("FAILED: %s %s: %s\n", scenario->name, point, why);
}

static void judge_recovered(const Scenario *scenario, const char *point, bool killed)
{
    Arena arena = ARENA_INIT;
    Outcome outcome = run(RECOVER, FILE_FAULT_NONE, 0, false);
    const char *tree = tree_of(below(&arena, "guest"), false, &arena);
    if (!outcome.ok)
        fail(scenario, point, outcome.message);
    else if (!one_of(tree, scenario->before_tree, scenario->after_tree))
        fail(scenario, point, killed ? "killed, and recovery left a mixture" : "recovery left a mixture");
    arena_release(&arena);
}

/* What the run said and what is there must fit. */
static void judge(const Scenario *scenario, const char *point, const Outcome *outcome)
{
    Arena arena = ARENA_INIT;
    const char *rough = tree_of(below(&arena, "guest"), true, &arena);
    if (outcome->ended && outcome->ok && strcmp(rough, scenario->rough_after) != 0)
        fail(scenario, point, "it says done, and is not");
    if (outcome->ended && !outcome->ok && outcome->state != SWAP_UNFINISHED &&
        strcmp(rough, scenario->rough_before) != 0)
        fail(scenario, point, "it says that nothing is changed, and something is");
    arena_release(&arena);
}

static const char *point_name(Arena *arena, FileFault fault, size_t at, bool from_there_on)
{
    return arena_printf(arena, "%s @%zu%s", file_fault_names[fault], at, from_there_on ? " and after" : "");
}

/* The recovery goes wrong as well, at each of its steps. */
static void spoil_recovery(const Scenario *scenario, const char *point)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest"), *wreck = below(&arena, "wreck");
    replace_tree(guest, wreck);
    Outcome clean = run(RECOVER, FILE_FAULT_NONE, 0, false);
    for (size_t at = 1; at <= clean.steps; at++) {
        static const FileFault faults[] = { FILE_FAULT_KILL, FILE_FAULT_NO_SPACE };
        for (size_t i = 0; i < COUNT_OF(faults); i++) {
            const char *name =
                arena_printf(&arena, "%s, recovery: %s", point, point_name(&arena, faults[i], at, false));
            points++;
            replace_tree(wreck, guest);
            (void) run(RECOVER, faults[i], at, false);
            judge_recovered(scenario, name, true);
        }
    }
    replace_tree(wreck, guest);
    arena_release(&arena);
}

static void try_point(const Scenario *scenario, FileFault fault, size_t at, bool from_there_on)
{
    Arena arena = ARENA_INIT;
    const char *point = point_name(&arena, fault, at, from_there_on);
    if (strstr(arena_printf(&arena, "%s %s", scenario->name, point), chosen) != NULL) {
        points++;
        replace_tree(scenario->before, below(&arena, "guest"));
        Outcome outcome = run(scenario->verb, fault, at, from_there_on);
        judge(scenario, point, &outcome);
        if (fault == FILE_FAULT_KILL && at % 3 == 0)
            spoil_recovery(scenario, point);
        judge_recovered(scenario, point, !outcome.ended);
    }
    arena_release(&arena);
}

static void try_scenario(const char *name, Verb verb, const char *before)
{
    Arena arena = ARENA_INIT;
    const char *guest = below(&arena, "guest");
    Scenario scenario = { .name = name, .verb = verb, .before = before };
    replace_tree(before, guest);
    scenario.before_tree = tree_of(guest, false, &arena);
    scenario.rough_before = tree_of(guest, true, &arena);
    Outcome clean = run(verb, FILE_FAULT_NONE, 0, false);
    if (!clean.ok)
        fail(&scenario, "without a fault", clean.message);
    scenario.after_tree = tree_of(guest, false, &arena);
    scenario.rough_after = tree_of(guest, true, &arena);
    CHECK(strcmp(scenario.before_tree, scenario.after_tree) != 0);
    for (size_t at = 1; at <= clean.steps; at++) {
        try_point(&scenario, FILE_FAULT_NO_SPACE, at, false);
        try_point(&scenario, FILE_FAULT_NO_SPACE, at, true);
        try_point(&scenario, FILE_FAULT_KILL, at, false);
    }
    (void) printf("%s: %zu steps\n", name, clean.steps);
    arena_release(&arena);
}

/* ---- the guest and its packages ---- */

static void make_packages(Arena *arena)
{
    const char *one = below(arena, "NVIDIA_1"), *two = below(arena, "NVIDIA_2"), *clean = below(arena, "clean");
    put(one, STORE "nv.inf_amd64_1/nvapi64.dll", "one");
    put(one, STORE "nv.inf_amd64_1/sub/only-one.dll", "one");
    put(one, "Windows/System32/nvapi64.dll", "one");
    put(two, STORE "nv.inf_amd64_2/nvapi64.dll", "two");
    put(two, "Windows/System32/nvapi64.dll", "two");
    put(two, "Windows/System32/nvcuda.dll", "two");
    put(two, "Windows/SysWOW64/nvapi.dll", "same");
    put(clean, "Windows/System32/kernel32.dll", "kernel");
    put(clean, "Windows/System32/nvapi64.dll", "original");
    put(clean, "Windows/SysWOW64/nvapi.dll", "same");
}

int main(int argc, char **argv)
{
    Arena arena = ARENA_INIT;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
    chosen = argc > 1 ? argv[1] : "";
    folder = system_make_folder(&arena);
    make_packages(&arena);
    const char *clean = below(&arena, "clean"), *with_one = below(&arena, "with-one"),
               *with_two = below(&arena, "with-two");

    try_scenario("first installation", INSTALL_OLD, clean);
    replace_tree(clean, below(&arena, "guest"));
    CHECK(run(INSTALL_OLD, FILE_FAULT_NONE, 0, false).ok);
    replace_tree(below(&arena, "guest"), with_one);
    try_scenario("second package", INSTALL_NEW, with_one);
    replace_tree(clean, below(&arena, "guest"));
    CHECK(run(INSTALL_NEW, FILE_FAULT_NONE, 0, false).ok);
    replace_tree(below(&arena, "guest"), with_two);
    try_scenario("removal", UNINSTALL, with_two);

    (void) printf("%zu points, %zu failures\n", points, failures);
    system_remove_folder(folder);
    arena_release(&arena);
    return failures > 0 || points == 0;
}
