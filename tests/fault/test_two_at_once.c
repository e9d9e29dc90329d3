/* SPDX-License-Identifier: MIT */
/* Two programs at the same time on one VM: the first works, the second is told who is at it, and changes nothing.
 *
 *     test_two_at_once PROGRAM */
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

static pid_t start(const char *program, const Place *place, const char *output)
{
    Arena arena = ARENA_INIT;
    const char *host = arena_printf(&arena, "sim:%s", place->host_file);
    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        CHECK(fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0);
        CHECK(setenv("XDG_STATE_HOME", place->folder, 1) == 0);
        (void) execl(program, program, "-VM", PLACE_VM, "-HOST", host, (char *) NULL);
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

static void run_test(const char *program, Place *place, Arena *arena)
{
    Clock *clock = clock_system();
    int64_t deadline_ms = clock->now_ms(clock) + HANGS_MS;
    Snapshot base = { .host = host_build(place, &slow_host, &vm, true, arena), .now_ms = clock->now_ms(clock) };
    place_restore(place, &base);
    const char *first_output = fs_join(arena, place->folder, "first"),
               *second_output = fs_join(arena, place->folder, "second");

    first = start(program, place, first_output);
    while (!has_journal(place, arena)) {
        expect(look_after(first, WNOHANG) < 0, "the first ends before it has begun", read_output(first_output, arena));
        pause_until(deadline_ms, "the first writes no journal");
    }
    pid_t second = start(program, place, second_output);
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

int main(int argc, char **argv)
{
    char parent[] = "/tmp/test_two_at_once.XXXXXX";
    CHECK(argc == 2 && mkdtemp(parent) != NULL);
    Arena arena = ARENA_INIT;
    Place place = place_create(parent, 0);
    run_test(argv[1], &place, &arena);
    place_destroy(&place);
    machine_remove_tree(parent);
    arena_release(&arena);
    (void) printf("1 passed, 0 failed\n");
    return 0;
}
