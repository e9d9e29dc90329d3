/* SPDX-License-Identifier: MIT */
/* See place.h. */
#include "place.h"

#include "back_end.h"
#include "base/check.h"
#include "cim/sim/sim_session.h"
#include "commands/run.h"
#include "machine.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "support/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static PlaceClock *clock_create(void)
{
    PlaceClock *clock = machine_shared_memory(sizeof(*clock));
    *clock = (PlaceClock){ .clock = { .now_ms = clock_now_ms, .ticks_us = clock_ticks_us, .sleep_ms = clock_sleep_ms },
                           .now_ms = START_MS };
    return clock;
}

/* ---- files ---- */

static void must(bool ok, const Error *err)
{
    if (ok)
        return;
    (void) fprintf(stderr, "%s\n", err->message);
    abort();
}

static void make_folder(const char *path)
{
    Error err = { .code = ERR_NONE };
    must(fs_make_folders(path, FS_PRIVATE, &err), &err);
}

/* A new file in the place of the old one: the session knows by that that it is another host. */
static void write_text(const char *path, const char *text)
{
    Error err = { .code = ERR_NONE };
    must(fs_replace_file(path, text, strlen(text), FS_SHARED, &err), &err);
}

static const char *read_text(const char *path, Arena *arena)
{
    char *text;
    size_t size;
    Error err = { .code = ERR_NONE };
    must(fs_read_file(path, FILE_LIMIT, arena, &text, &size, &err), &err);
    return text;
}

Place place_create(const char *parent, int number)
{
    Place place = { .clock = clock_create() };
    place.folder = fs_join(&place.arena, parent, arena_printf(&place.arena, "%d", number));
    place.host_file = fs_join(&place.arena, place.folder, "host.json");
    place.state_folder = fs_join(&place.arena, place.folder, "state");
    place.program_folder = fs_join(&place.arena, place.folder, "program");
    make_folder(place.folder);
    return place;
}

void place_destroy(Place *place)
{
    cim_session_close(place->session);
    back_end_close();
    machine_remove_tree(place->folder);
    machine_free_shared_memory(place->clock, sizeof(*place->clock));
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

/* text NULL: there is none. */
static void restore_state(const Place *place, const char *folder, const char *file, const char *text)
{
    Arena arena = ARENA_INIT;
    if (text != NULL) {
        make_folder(place->state_folder);
        make_folder(fs_join(&arena, place->state_folder, folder));
        write_text(file, text);
    }
    arena_release(&arena);
}

void place_restore(Place *place, const Snapshot *snapshot)
{
    Arena arena = ARENA_INIT;
    machine_remove_tree(place->state_folder);
    machine_remove_tree(place->program_folder);
    make_folder(place->program_folder);
    restore_host(place, snapshot->host);
    restore_state(place, "journal", snapshot->journal_file, snapshot->journal);
    restore_state(place, "memos", snapshot->memo_file, snapshot->memo);
    if (snapshot->config != NULL)
        write_text(fs_join(&arena, place->program_folder, "adapter.config"), snapshot->config);
    place->clock->now_ms = snapshot->now_ms;
    Error err = { .code = ERR_NONE };
    if (place->session == NULL) {
        must(sim_session_open(place->host_file, "", &place->clock->clock, &place->session, &err), &err);
        place->program_session = back_end_open(place->session, place->host_file);
    }
    arena_release(&arena);
}

static const char *find_file(const Place *place, const char *folder_name, Arena *arena)
{
    StringList names = { 0 };
    Error err = { .code = ERR_NONE };
    const char *folder = fs_join(arena, place->state_folder, folder_name);
    if (!fs_list_folder(folder, arena, &names, &err))
        return NULL;
    for (size_t i = 0; i < names.count; i++) {
        const char *ending = strrchr(names.items[i], '.');
        if (ending != NULL && strcmp(ending, ".json") == 0)
            return fs_join(arena, folder, names.items[i]);
    }
    return NULL;
}

const char *place_journal(const Place *place, Arena *arena)
{
    return find_file(place, "journal", arena);
}

const char *place_memo(const Place *place, Arena *arena)
{
    return find_file(place, "memos", arena);
}

Snapshot place_take(Place *place, Arena *arena)
{
    Snapshot snapshot = { .host = read_text(place->host_file, arena), .now_ms = place->clock->now_ms };
    snapshot.journal_file = place_journal(place, arena);
    if (snapshot.journal_file != NULL)
        snapshot.journal = read_text(snapshot.journal_file, arena);
    snapshot.memo_file = place_memo(place, arena);
    if (snapshot.memo_file != NULL)
        snapshot.memo = read_text(snapshot.memo_file, arena);
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
    FILE *out_stream = capture_open(), *err_stream = capture_open();
    Cancel cancel = { .parent = NULL };
    RunEnvironment environment = {
        .out = out_stream,
        .err = err_stream,
        .clock = &place->clock->clock,
        .cancel = &cancel,
        .connect = connect_with_faults,
        .program_folder = place->program_folder,
        .state_folder = place->state_folder,
    };
    FaultScript none = { .count = 0 };
    connect_inner = place->program_session;
    connect_script = script != NULL ? script : &none;
    connect_script->line = back_end_line();
    connect_script->cancel = &cancel;
    fault_files_use(files);
    Run run = { .exit_code = run_hyperpoint(&environment, argc, argv) };
    fault_files_use(NULL);
    run.out = capture_close(out_stream, arena);
    run.err = capture_close(err_stream, arena);
    return run;
}

typedef struct ChildRun {
    Place *place;
    const char *const *argv;
    size_t argc;
    FaultScript *script;
    FileScript *files;
    Arena *arena;
} ChildRun;

static int run_in_child(void *context)
{
    const ChildRun *run = context;
    return run_here(run->place, run->argv, run->argc, run->script, run->files, run->arena).exit_code;
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

    ChildRun run = { .place = place, .argv = argv, .argc = argc, .script = script, .files = files, .arena = arena };
    return (Run){ .exit_code = machine_run_in_child(run_in_child, &run), .out = "", .err = "", .is_unheard = true };
}
