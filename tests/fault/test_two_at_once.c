/* SPDX-License-Identifier: MIT */
/* Two programs at the same time on one VM. With one state folder: the first works, the second is told who is at it, and
 * changes nothing. With a folder each, as two users or two computers have: whatever they end with, once they and what
 * they left to recover are done, the VM has the GPUs it had, each once.
 *
 *     test_two_at_once PROGRAM [RUNS]    RUNS: with a folder each */
#include "base/ascii.h"
#include "base/check.h"
#include "host_state.h"
#include "place.h"
#include "platform/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    JOB_MS = 60 * 60 * 1000,   /* nobody waits that long: the test moves the host's time on */
    HANGS_MS = 30 * 60 * 1000, /* no limit for slow machines */
    PAUSE_MS = 5,
};

static const HostSpec slow_host = { "slow", "windows11", "{\"jobMilliseconds\": 3600000}" };

static const VmSpec vm = { .adapters = { { .gpu = 1, .limit = 80000000, .kinds = 15 } }, .adapter_count = 1 };

static pid_t first; /* 0: does not run */

static void fail(const char *what, const char *details)
{
    (void) printf("FAILED: %s\n%s\n0 passed, 1 failed\n", what, details);
    if (first > 0)
        (void) kill(first, SIGKILL);
    exit(1);
}

static void expect(bool condition, const char *what, const char *details)
{
    if (!condition)
        fail(what, details);
}

static pid_t start(const char *program, const Place *place, const char *state_home, const char *const *words,
                   const char *output)
{
    Arena arena = ARENA_INIT;
    const char *host = arena_printf(&arena, "sim:%s", place->host_file);
    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        CHECK(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0);
        CHECK(setenv("XDG_STATE_HOME", state_home, 1) == 0);
        (void) execl(program, program, "-VM", PLACE_VM, "-HOST", host, words[0], words[1], (char *) NULL);
        _exit(127);
    }
    arena_release(&arena);
    return child;
}

/* The exit code, or -1 while it runs. */
static int look_after(pid_t child, int options)
{
    int status;
    pid_t ended;
    do
        ended = waitpid(child, &status, options);
    while (ended < 0 && errno == EINTR);
    if (ended != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *read_output(const char *file, Arena *arena)
{
    char *text;
    size_t size;
    Error err = { .code = ERR_NONE };
    return fs_read_file(file, 1024 * 1024, arena, &text, &size, &err) ? text : "(no output)";
}

/* Where the program keeps its journal below XDG_STATE_HOME. */
static bool has_journal(const Place *place, Arena *arena)
{
    Place inside = *place;
    inside.state_folder = fs_join(arena, place->folder, "hyperpoint");
    return place_journal(&inside, arena) != NULL;
}

static void pause_until(int64_t deadline_ms, const char *what)
{
    Clock *clock = clock_system();
    if (clock->now_ms(clock) > deadline_ms)
        fail(what, "the deadline has passed");
    clock->sleep_ms(clock, PAUSE_MS);
}

static const char *const checkpoint[] = { "-DO", "checkpoint" }, *const recover[] = { "-DO", "recover" };

static void run_test(const char *program, Place *place, Arena *arena)
{
    Clock *clock = clock_system();
    int64_t deadline_ms = clock->now_ms(clock) + HANGS_MS;
    Snapshot base = { .host = host_build(place, &slow_host, &vm, true, arena), .now_ms = clock->now_ms(clock) };
    place_restore(place, &base);
    const char *first_output = fs_join(arena, place->folder, "first"),
               *second_output = fs_join(arena, place->folder, "second");

    first = start(program, place, place->folder, checkpoint, first_output);
    while (!has_journal(place, arena)) {
        expect(look_after(first, WNOHANG) < 0, "the first ends before it has begun", read_output(first_output, arena));
        pause_until(deadline_ms, "the first writes no journal");
    }
    pid_t second = start(program, place, place->folder, checkpoint, second_output);
    int code = look_after(second, 0);
    const char *told = read_output(second_output, arena);
    expect(code == 1, "the second is not refused", told);
    expect(strstr(told, arena_printf(arena, "process %ld ", (long) first)) != NULL,
           "the second does not name the first", told);
    expect(look_after(first, WNOHANG) < 0, "the first did not run all the time", read_output(first_output, arena));

    /* Somebody looks at the host whose clock is ahead: jobs that are due by then end. */
    while ((code = look_after(first, WNOHANG)) < 0) {
        place->clock->now_ms = clock->now_ms(clock) + JOB_MS;
        (void) host_state_read(place, arena);
        pause_until(deadline_ms, "the first does not end");
    }
    first = 0;
    HostState state = host_state_read(place, arena);
    expect(code == 0, "the first fails", read_output(first_output, arena));
    expect(state.checkpoints == 1 && state.adapters.count == 1 && !has_journal(place, arena), "not as asked",
           host_state_format(&state, arena));
}

/* ---- a folder each ---- */

static const VmSpec two_gpus = { .adapters = { { .gpu = 1, .limit = 80000000, .kinds = 15 },
                                               { .gpu = 2, .limit = 30000000, .kinds = 9 } },
                                 .adapter_count = 2 };

enum { BOTH = 2 };

/* Different times of the host's jobs bring the two together at different steps. */
static void run_apart(const char *program, Place *place, size_t number, Arena *arena)
{
    static const char *const knobs[] = {
        "{\"jobMilliseconds\": 0}",
        "{\"jobMilliseconds\": 20}",
        "{\"jobMilliseconds\": 20, \"asyncResources\": true}",
        "{\"jobMilliseconds\": 5, \"batch\": \"half\"}",
        "{\"syncSnapshots\": true}",
    };
    HostSpec host = { "apart", "windows11", knobs[number % (sizeof(knobs) / sizeof(*knobs))] };
    Snapshot base = { .host = host_build(place, &host, &two_gpus, number % 2 != 0, arena),
                      .now_ms = clock_system()->now_ms(clock_system()) };
    place_restore(place, &base);
    HostState before = host_state_read(place, arena);
    place_restore(place, &base);
    pid_t children[BOTH];
    int codes[BOTH];
    const char *homes[BOTH], *outputs[BOTH];
    for (size_t i = 0; i < BOTH; i++) {
        homes[i] = fs_join(arena, place->folder, arena_printf(arena, "home-%zu-%zu", number, i));
        outputs[i] = arena_printf(arena, "%s.out", homes[i]);
        children[i] = start(program, place, homes[i], checkpoint, outputs[i]);
    }
    for (size_t i = 0; i < BOTH; i++)
        codes[i] = look_after(children[i], 0);
    const char *told = arena_printf(arena, "run %zu %s: exit codes %d, %d\n%s%s", number, host.knobs, codes[0],
                                    codes[1], read_output(outputs[0], arena), read_output(outputs[1], arena));
    for (size_t i = 0; i < BOTH; i++) {
        const char *output = arena_printf(arena, "%s.recover", homes[i]);
        int code = look_after(start(program, place, homes[i], recover, output), 0);
        told = arena_printf(arena, "%srecover: %d\n%s", told, code, read_output(output, arena));
        expect(code == 0, "recover fails", told);
    }
    place->clock->now_ms = clock_system()->now_ms(clock_system());
    HostState state = host_state_read(place, arena);
    expect(host_state_same_adapters(&state, &before), "the VM has not the GPUs it had",
           arena_printf(arena, "%s%s", told, host_state_format(&state, arena)));
}

int main(int argc, char **argv)
{
    char parent[] = "/tmp/test_two_at_once.XXXXXX";
    CHECK(argc >= 2 && mkdtemp(parent) != NULL);
    Arena arena = ARENA_INIT;
    Place place = place_create(parent, 0);
    unsigned long long runs = 0;
    CHECK(argc == 2 || ascii_parse_uint64(argv[2], &runs));
    if (runs == 0)
        run_test(argv[1], &place, &arena);
    for (size_t i = 0; i < runs; i++) {
        Arena scratch = ARENA_INIT;
        run_apart(argv[1], &place, i, &scratch);
        arena_release(&scratch);
    }
    place_destroy(&place);
    machine_remove_tree(parent);
    arena_release(&arena);
    (void) printf("%llu passed, 0 failed\n", runs > 0 ? runs : 1);
    return 0;
}
