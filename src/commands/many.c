/* SPDX-License-Identifier: MIT */
#include "commands/many.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cli/board.h"
#include "cli/param_list.h"
#include "commands/many_targets.h"
#include "json/document.h"
#include "platform/fs.h"
#include "platform/thread.h"

#include <string.h>

/* Unverified: that the virtual machine management service works on several VMs at once, and answers so many
 * sessions. */
enum { PARALLEL_PER_HOST = 4 };

#define SIM_PREFIX "sim:"

/* ---- one or several ---- */

/* Names of files may have commas; only where another simulated host follows it does one separate them. */
static bool is_one_host(void *context, const char *word)
{
    (void) context;
    if (!ascii_starts_with(word, SIM_PREFIX))
        return strpbrk(word, ",\"'") == NULL;
    for (const char *comma = strchr(word, ','); comma != NULL; comma = strchr(comma + 1, ',')) {
        if (ascii_starts_with(comma + 1, SIM_PREFIX))
            return false;
    }
    return true;
}

/* A file that is not there is made; but who has written a comma meant to separate hosts by it, rather than a new file
 * of that name. Folders have to be there, whatever their names. */
static bool check_new_host(const char *host, Arena *arena, Error *err)
{
    if (!ascii_starts_with(host, SIM_PREFIX))
        return true;
    const char *file = host + strlen(SIM_PREFIX), *name = file;
    for (const char *c = file; *c != '\0'; c++)
        name = *c == '/' || *c == '\\' ? c + 1 : name;
    const char *path = arena_strndup(arena, file, (size_t) (name - file) + strcspn(name, "?"));
    if (strchr(name, ',') == NULL || fs_exists(path))
        return true;
    (void) error_set(err, ERR_USAGE, "there is no file '%s', and none is made with a comma in its name", path);
    return error_hint(err, "name what is no simulated host with a -HOST of its own: -HOST sim:FILE -HOST NAME");
}

static bool is_plain_name(const char *word)
{
    return strpbrk(word, ",*?") == NULL;
}

static bool check_parallel(const Options *options, Error *err)
{
    if (options->parallel == -1 || (options->parallel >= 1 && options->parallel <= LIMIT_PARALLEL))
        return true;
    return error_set(err, ERR_USAGE, "-PARALLEL takes 1 to %d", (int) LIMIT_PARALLEL);
}

bool many_choose(Options *options, Arena *arena, bool *ret_is_many, Error *err)
{
    StringList hosts = options->hosts;
    const StringList *vms = &options->vms;
    bool is_one = hosts.count == 1 && is_one_host(NULL, hosts.items[0]);
    if (!check_parallel(options, err))
        return false;
    if (options->json && options->json_lines)
        return error_set(err, ERR_USAGE, "-JSON and -JSONLINES are two forms of the result: give one of them");
    if (!is_one && !param_names_split(&hosts, is_one_host, NULL, arena, &hosts, err))
        return error_prefix(err, "-HOST");
    for (size_t i = 0; i < hosts.count; i++) {
        if (!check_new_host(hosts.items[i], arena, err))
            return false;
    }
    options->hosts = hosts;
    *ret_is_many = hosts.count > 1 || vms->count > 1 || (vms->count == 1 && !is_plain_name(vms->items[0])) ||
                   options->json_lines;
    if (hosts.count == 1)
        options->host = hosts.items[0];
    if (vms->count == 1 && !*ret_is_many)
        options->vm = vms->items[0];
    return true;
}

/* ---- side by side ---- */

/* A part of the work, done in a thread of its own. */
typedef struct Job {
    size_t host; /* index: not too many at once on one */
    enum { JOB_WAITS, JOB_AT_WORK, JOB_OVER } state;
} Job;

typedef struct Crew {
    Monitor *monitor; /* of the jobs' states */
    Job *jobs;
    size_t count;
    size_t *at_work; /* for each host */
    size_t most_per_host;
    const Cancel *cancel; /* nothing is begun any more. NULL: never */
    void (*work)(void *context, size_t index);
    void *context;
} Crew;

/* The first one of the host that has the least to do; SIZE_MAX: none can be begun now. */
static size_t next_job(const Crew *crew, bool *ret_is_over)
{
    size_t best = SIZE_MAX;
    *ret_is_over = true;
    for (size_t i = 0; i < crew->count; i++) {
        const Job *job = &crew->jobs[i];
        if (job->state != JOB_WAITS)
            continue;
        *ret_is_over = false;
        size_t load = crew->at_work[job->host];
        if (load < crew->most_per_host && (best == SIZE_MAX || load < crew->at_work[crew->jobs[best].host]))
            best = i;
    }
    return best;
}

static void work_on(void *context)
{
    Crew *crew = context;
    monitor_enter(crew->monitor);
    while (crew->cancel == NULL || !cancel_is_requested(crew->cancel)) {
        bool is_over;
        size_t index = next_job(crew, &is_over);
        if (is_over)
            break;
        if (index == SIZE_MAX) {
            monitor_wait(crew->monitor);
            continue;
        }
        Job *job = &crew->jobs[index];
        job->state = JOB_AT_WORK;
        crew->at_work[job->host]++;
        monitor_leave(crew->monitor);
        crew->work(crew->context, index);
        monitor_enter(crew->monitor);
        job->state = JOB_OVER;
        crew->at_work[job->host]--;
        monitor_wake_all(crew->monitor);
    }
    monitor_wake_all(crew->monitor);
    monitor_leave(crew->monitor);
}

/* If no thread can be had, this one does all. */
static void work_side_by_side(Crew *crew, size_t threads)
{
    Error none;
    Thread *started[LIMIT_PARALLEL];
    size_t count = 0;
    crew->monitor = monitor_create();
    while (count < threads && count < COUNT_OF(started) && thread_start(work_on, crew, &started[count], &none))
        count++;
    if (count == 0)
        work_on(crew);
    for (size_t i = 0; i < count; i++)
        thread_join(started[i]);
    monitor_destroy(crew->monitor);
}

/* ---- a run for each ---- */

typedef struct Many {
    App *app;
    ManyHostList hosts;
    ManyTargetList targets;
    Board *board;
    Cancel cancel; /* of those that are under way */
    ExitCode *codes;
    bool *changed;
} Many;

static void read_host(void *context, size_t index)
{
    Many *many = context;
    many_host_read(many->app, &many->hosts.items[index]);
}

static void read_hosts(Many *many)
{
    App *app = many->app;
    size_t count = many->hosts.count;
    Crew crew = { .count = count, .most_per_host = 1, .work = read_host, .context = many };
    crew.jobs = ARENA_NEW_ARRAY(app->arena, Job, count);
    crew.at_work = ARENA_NEW_ARRAY(app->arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        crew.jobs[i].host = i;
    work_side_by_side(&crew, count);
    for (size_t i = 0; i < count; i++) {
        const ManyHost *host = &many->hosts.items[i];
        if (count > 1 && *host->lines != '\0')
            output_verbose(app->output, "on host '%s':", host->text);
        output_pass(app->output, false, host->lines);
    }
}

static ExitCode run_part(Many *many, size_t index, OutputSink *sink, const Error *failure)
{
    const ManyTarget *target = &many->targets.items[index];
    Arena arena = ARENA_INIT;
    AppPart part = { .options = *many->app->options,
                     .host = target->host->text,
                     .open_host = &target->host->address,
                     .cancel = &many->cancel,
                     .failure = failure,
                     .sink = sink };
    part.options.host = target->host->option;
    part.options.vms = target->ids;
    if (target->vm != NULL) {
        part.vm_name = target->vm->name;
        part.vm_guid = target->vm->guid;
        part.has_only_name = many_is_only_name(target->host, target->vm);
        part.options.vm = vm_id_text(part.vm_guid, &arena); /* whatever it is called by then */
        ARRAY_PUSH(&arena, &part.options.vms, part.options.vm);
    }
    ExitCode code = app_run_part(many->app, &part, &many->changed[index]);
    arena_release(&arena);
    return code;
}

static void run_target(void *context, size_t index)
{
    Many *many = context;
    const ManyHost *host = many->targets.items[index].host;
    OutputSink *sink = board_begin(many->board, index);
    many->codes[index] = run_part(many, index, sink, host->key == NULL ? &host->failure : NULL);
    board_end(many->board, index, many->codes[index]);
}

/* The interruption came before it was begun. */
static void skip_target(Many *many, size_t index)
{
    Error err;
    (void) error_set(&err, ERR_CANCELLED, "interrupted before it was begun");
    many->codes[index] = run_part(many, index, board_skip(many->board, index), &err);
}

static void run_targets(Many *many)
{
    App *app = many->app;
    const Options *options = app->options;
    size_t count = many->targets.count;
    bool is_limited = options->parallel > 0;
    size_t most = is_limited ? (size_t) options->parallel : PARALLEL_PER_HOST * many->hosts.count;
    Crew crew = { .count = count, .cancel = app->environment->cancel, .work = run_target, .context = many };
    crew.most_per_host = is_limited ? most : PARALLEL_PER_HOST;
    crew.jobs = ARENA_NEW_ARRAY(app->arena, Job, count);
    crew.at_work = ARENA_NEW_ARRAY(app->arena, size_t, many->hosts.count);
    for (size_t i = 0; i < count; i++)
        crew.jobs[i].host = (size_t) (many->targets.items[i].host - many->hosts.items);
    work_side_by_side(&crew, most < count ? most : count);
    for (size_t i = 0; i < count; i++) {
        if (crew.jobs[i].state == JOB_WAITS)
            skip_target(many, i);
    }
}

static ExitCode run_all(Many *many)
{
    App *app = many->app;
    const Options *options = app->options;
    size_t count = many->targets.count;
    const BoardConfig config = { .output = app->output,
                                 .out = app->environment->out,
                                 .err = app->environment->err,
                                 .clock = app->environment->clock,
                                 .cancel = app->environment->cancel,
                                 .silent = options->silent,
                                 .json = options->json || options->json_lines,
                                 .json_lines = options->json_lines,
                                 .only_plans = options->what_if,
                                 .tells_hosts = many->hosts.count > 1 };
    many->board = board_create(&config, count);
    many->codes = ARENA_NEW_ARRAY(app->arena, ExitCode, count);
    many->changed = ARENA_NEW_ARRAY(app->arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        const ManyTarget *target = &many->targets.items[i];
        board_name(many->board, i, target->vm != NULL ? target->vm->name : NULL, target->host->text);
    }
    /* One alone is stopped at once, as ever. */
    many->cancel.patience = count > 1;
    run_targets(many);
    board_finish(many->board);
    ExitFold fold = { .any_done = false };
    for (size_t i = 0; i < count; i++) {
        exit_fold_add(&fold, many->codes[i]);
        app->changed = app->changed || many->changed[i];
    }
    return exit_fold_code(&fold);
}

/* ---- all of it ---- */

/* One word that as it stands is a name: then it is the run of one after all. */
static bool is_one_after_all(const Many *many)
{
    const Options *options = many->app->options;
    return many->hosts.count == 1 && options->vms.count == 1 && !options->json_lines &&
           many_is_name(&many->hosts, options->vms.items[0]);
}

/* A single run, which tells its result as such: of the VM by that name, or of several of the host for a verb that looks
 * at it as a whole. */
static ExitCode run_alone(App *app, const char *vm_or_null, const StringList *vms)
{
    const Options *all = app->options;
    Options options = *all;
    options.vm = vm_or_null;
    options.vms = *vms;
    app->options = &options;
    json_put(output_json(app->output), "host", json_text(options.host));
    ExitCode code = app_run_verb(app);
    app->options = all;
    return code;
}

/* There is no other host: then nothing is left of the run. */
static ExitCode tell_lost_host(App *app, const ManyHost *host)
{
    app->address = host->address;
    app->address.text = host->text;
    json_put(output_json(app->output), "host", json_text(host->option));
    return app_fail(app, &host->failure);
}

static ExitCode tell_errors(App *app, const ErrorList *errors)
{
    ExitFold fold = { .any_done = false };
    for (size_t i = 0; i < errors->count; i++)
        exit_fold_add(&fold, app_fail(app, &errors->items[i]));
    return exit_fold_code(&fold);
}

/* A verb that looks at a host as a whole, and there is only that one. */
static bool is_on_one_host(const Many *many)
{
    return many->hosts.count == 1 && many->targets.count == 1 && many->targets.items[0].ids.count > 0 &&
           !many->app->options->json_lines;
}

/* What can only be said of one. */
static bool check_several(const Many *many, Error *err)
{
    const Options *options = many->app->options;
    if (many->targets.count == 1)
        return true;
    if (options->guest != NULL || options->root != NULL)
        return error_set(err, ERR_USAGE, "-%s is one guest: name one VM on one host with it",
                         options->guest != NULL ? "GUEST" : "ROOT");
    if (!options->fix || options->yes || options->what_if)
        return true;
    (void) error_set(err, ERR_USAGE, "-FIX asks for each thing that it mends, which several at once cannot");
    return error_hint(err, "-YES mends all, and -WHATIF tells what that would be");
}

static ExitCode find_and_run(Many *many)
{
    App *app = many->app;
    Error err = { .code = ERR_NONE };
    ErrorList errors;
    read_hosts(many);
    if (app->environment->cancel != NULL && cancel_is_requested(app->environment->cancel)) {
        (void) error_set(&err, ERR_CANCELLED, "interrupted before anything was begun");
        return app_fail(app, &err);
    }
    if (many->hosts.count == 1 && many->hosts.items[0].key == NULL)
        return tell_lost_host(app, &many->hosts.items[0]);
    const StringList *words = &app->options->vms;
    if (is_one_after_all(many))
        return run_alone(app, words->items[0], words);
    if (!many_find(words, &many->hosts, app->arena, &many->targets, &errors, &err))
        return app_fail(app, &err);
    if (errors.count > 0)
        return tell_errors(app, &errors);
    if ((app->verb->flags & VERB_CHECKS) != 0)
        many->targets = many_by_host(&many->targets, app->arena);
    if (is_on_one_host(many))
        return run_alone(app, NULL, &many->targets.items[0].ids);
    return check_several(many, &err) ? run_all(many) : app_fail(app, &err);
}

ExitCode many_run(App *app)
{
    const Options *options = app->options;
    Many many = { .app = app, .cancel = { .parent = app->environment->cancel } };
    for (size_t i = 0; i < options->hosts.count || i == 0; i++) {
        ManyHost host = { .option = options->hosts.count > 0 ? options->hosts.items[i] : NULL };
        ARRAY_PUSH(app->arena, &many.hosts, host);
    }
    ExitCode code = find_and_run(&many);
    for (size_t i = 0; i < many.hosts.count; i++)
        many_host_release(&many.hosts.items[i]);
    return code;
}
