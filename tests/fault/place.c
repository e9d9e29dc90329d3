/* SPDX-License-Identifier: MIT */
/* See place.h. */
#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE   /* MAP_ANONYMOUS in glibc */

#include "place.h"

#include "base/check.h"
#include "cim/sim/sim.h"
#include "commands/app.h"
#include "platform/fs.h"
#include "platform/process.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_LIMIT = 4 * 1024 * 1024, WORDS_LIMIT = 16 };

#define START_MS INT64_C(1782900000000) /* 2026-07-01 10:00:00 UTC */

/* ---- clock ---- */

static PlaceClock *clock_from(Clock *clock)
{
    return (PlaceClock *) clock;
}

static int64_t clock_now_ms(Clock *clock)
{
    return clock_from(clock)->now_ms;
}

static int64_t clock_ticks_us(Clock *clock)
{
    return clock_from(clock)->now_ms * 1000;
}

static void clock_sleep_ms(Clock *clock, int64_t ms)
{
    clock_from(clock)->now_ms += ms;
}

void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static PlaceClock *clock_create(void)
{
    PlaceClock *clock = shared_memory(sizeof(*clock));
    *clock = (PlaceClock){ .clock = { .now_ms = clock_now_ms, .ticks_us = clock_ticks_us, .sleep_ms = clock_sleep_ms },
                           .now_ms = START_MS };
    return clock;
}

/* ---- files ---- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void) status;
    (void) type;
    (void) position;
    return remove(path);
}

void remove_tree(const char *folder)
{
    (void) nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* what is not there need not be removed */
}

static void make_folder(const char *path)
{
    CHECK(mkdir(path, 0700) == 0);
}

/* A new file in the place of the old one: the session knows by that that it is another host. */
static void write_text(const char *path, const char *text)
{
    Arena arena = ARENA_INIT;
    const char *new_path = arena_printf(&arena, "%s.new", path);
    FILE *file = fopen(new_path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0 && rename(new_path, path) == 0);
    arena_release(&arena);
}

static const char *read_text(const char *path, Arena *arena)
{
    char *text;
    size_t size;
    Error err = { .code = ERR_NONE };
    if (!fs_read_file(path, FILE_LIMIT, arena, &text, &size, &err)) {
        (void) fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return text;
}

Place place_create(const char *parent, int number)
{
    Place place = { .clock = clock_create() };
    place.folder = arena_printf(&place.arena, "%s/%d", parent, number);
    place.host_file = fs_join(&place.arena, place.folder, "host.json");
    place.state_folder = fs_join(&place.arena, place.folder, "state");
    place.program_folder = fs_join(&place.arena, place.folder, "program");
    make_folder(place.folder);
    return place;
}

void place_destroy(Place *place)
{
    cim_session_close(place->session);
    remove_tree(place->folder);
    CHECK(munmap(place->clock, sizeof(*place->clock)) == 0);
    arena_release(&place->arena);
}

/* Reading a host takes time: one that nobody has changed since it was restored stays. */
static void restore_host(Place *place, const char *text)
{
    FsStamp stamp = fs_stamp(place->host_file);
    if (place->restored == text && fs_stamp_equals(&stamp, &place->restored_stamp))
        return;
    write_text(place->host_file, text);
    place->restored = text;
    place->restored_stamp = fs_stamp(place->host_file);
}

void place_restore(Place *place, const Snapshot *snapshot)
{
    Arena arena = ARENA_INIT;
    remove_tree(place->state_folder);
    remove_tree(place->program_folder);
    make_folder(place->program_folder);
    restore_host(place, snapshot->host);
    if (snapshot->journal != NULL) {
        make_folder(place->state_folder);
        make_folder(fs_join(&arena, place->state_folder, "journal"));
        write_text(snapshot->journal_file, snapshot->journal);
    }
    if (snapshot->config != NULL)
        write_text(fs_join(&arena, place->program_folder, "adapter.config"), snapshot->config);
    place->clock->now_ms = snapshot->now_ms;
    Error err = { .code = ERR_NONE };
    if (place->session == NULL &&
        !sim_session_open(place->host_file, "", &place->clock->clock, &place->session, &err)) {
        (void) fprintf(stderr, "%s\n", err.message);
        abort();
    }
    place->session->ignore_cancel = true; /* it is everybody's; the one that wraps it for the program asks */
    arena_release(&arena);
}

const char *place_journal(const Place *place, Arena *arena)
{
    StringList names = { 0 };
    Error err = { .code = ERR_NONE };
    const char *folder = fs_join(arena, place->state_folder, "journal");
    if (!fs_list_folder(folder, arena, &names, &err))
        return NULL;
    for (size_t i = 0; i < names.count; i++) {
        const char *ending = strrchr(names.items[i], '.');
        if (ending != NULL && strcmp(ending, ".json") == 0)
            return fs_join(arena, folder, names.items[i]);
    }
    return NULL;
}

Snapshot place_take(Place *place, Arena *arena)
{
    Snapshot snapshot = { .host = read_text(place->host_file, arena), .now_ms = place->clock->now_ms };
    snapshot.journal_file = place_journal(place, arena);
    if (snapshot.journal_file != NULL)
        snapshot.journal = read_text(snapshot.journal_file, arena);
    const char *config = fs_join(arena, place->program_folder, "adapter.config");
    if (fs_exists(config))
        snapshot.config = read_text(config, arena);
    return snapshot;
}

/* ---- runs ---- */

/* A ConnectFunction has no context. */
static CimSession *connect_inner;
static FaultScript *connect_script;

static bool connect_with_faults(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err)
{
    (void) address;
    (void) clock;
    (void) err; /* it does not fail */
    *ret_session = fault_session_wrap(connect_inner, connect_script);
    return true;
}

static Run run_here(Place *place, const char *const *argv, size_t argc, FaultScript *script, FileScript *files,
                    Arena *arena)
{
    char *out = NULL, *errors = NULL;
    size_t out_size, errors_size;
    FILE *out_stream = open_memstream(&out, &out_size), *err_stream = open_memstream(&errors, &errors_size);
    CHECK(out_stream != NULL && err_stream != NULL);
    AppEnvironment environment = {
        .out = out_stream,
        .err = err_stream,
        .clock = &place->clock->clock,
        .connect = connect_with_faults,
        .program_folder = place->program_folder,
        .state_folder = place->state_folder,
    };
    FaultScript none = { .count = 0 };
    connect_inner = place->session;
    connect_script = script != NULL ? script : &none;
    cancel_set(false);
    fault_files_use(files);
    Run run = { .exit_code = app_run(&environment, argc, argv) };
    fault_files_use(NULL);
    cancel_set(false);
    CHECK(fclose(out_stream) == 0 && fclose(err_stream) == 0);
    run.out = arena_strdup(arena, out);
    run.err = arena_strdup(arena, errors);
    free(out);
    free(errors);
    return run;
}

Run place_run(Place *place, const char *const *words, FaultScript *script, FileScript *files, bool in_child,
              Arena *arena)
{
    const char *argv[WORDS_LIMIT] = { "-VM", PLACE_VM, "-HOST", arena_printf(arena, "sim:%s", place->host_file) };
    size_t argc = 4;
    for (size_t i = 0; words[i] != NULL; i++) {
        CHECK(argc < WORDS_LIMIT);
        argv[argc++] = words[i];
    }
    if (files != NULL)
        files->folder = place->state_folder;
    if (!in_child)
        return run_here(place, argv, argc, script, files, arena);

    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(run_here(place, argv, argc, script, files, arena).exit_code);
    int status;
    pid_t ended;
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    CHECK(ended == child);
    if (WIFEXITED(status))
        return (Run){ .exit_code = WEXITSTATUS(status), .out = "", .err = "" };
    CHECK(WTERMSIG(status) == SIGKILL);
    return (Run){ .exit_code = RUN_KILLED, .out = "", .err = "" };
}
