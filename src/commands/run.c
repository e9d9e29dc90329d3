/* SPDX-License-Identifier: MIT */
#include "commands/app.h"

#include "base/ascii.h"
#include "base/check.h"
#include "json/document.h"
#include "present/advice.h"

#include <string.h>

/* ---- for the verbs ---- */

ExitCode app_fail(App *app, const Error *err)
{
    Error told = *err;
    if (err->source == ERROR_SOURCE_HRESULT && (uint32_t) err->native == WMI_E_INVALID_NAMESPACE) {
        (void) error_set_native(&told, err->code, err->source, err->native, "Hyper-V is not there on the host '%s'",
                                app->address.text);
        (void) error_hint(&told,
                          "install or enable the Hyper-V role there, or name another host with -HOST; if this is a "
                          "guest, run hyperpoint on its host");
    }
    output_error(app->output, &told);
    return exit_code_of_error(err);
}

static json_t *vm_json(const char *name, const char *guid)
{
    return json_pack("{s:o, s:o}", "name", json_text(name), "id", json_text(guid));
}

/* One of several is looked for by its ID, whatever it is called by then. */
bool app_find_vm(App *app, Vm *ret_vm, Error *err)
{
    if (!vm_find(&app->host, app->options->vm, app->arena, ret_vm, err))
        return false;
    vm_use_only_name(ret_vm, app->only_name, app->arena);
    json_put(output_json(app->output), "vm", vm_json(ret_vm->name, ret_vm->guid));
    return true;
}

/* ---- a run ---- */

/* One log for all that the run does. */
static void begin_log(void *context, const char *subject)
{
    App *app = context;
    const Program *program = app->program;
    if (!app->has_log)
        output_open_log(app->output, app->program_folder, app->state_folder,
                        program->log_name != NULL ? program->log_name : app->verb->name);
    app->has_log = true;
    program->log_request(app, subject);
}

static bool check_takers(const App *app, Error *err)
{
    const Program *program = app->program;
    for (size_t i = 0; i < program->param_count; i++) {
        const Param *param = &program->params[i];
        if (param->takers != 0 && (param->takers & app->verb->flags) == 0 && param_is_given(param, app->options))
            return error_set(err, ERR_USAGE, "-%s has no meaning for %s%s", param->name, program->verb_prefix,
                             app->verb->name);
    }
    return true;
}

ExitCode app_run_verb(App *app)
{
    Error err = { .code = ERR_NONE };
    const Program *program = app->program;
    if (!program->set_up(app, &err))
        return app_fail(app, &err);
    output_when_begun(app->output, begin_log, app);
    ExitCode code = app->verb->run(app, app->verb);
    program->tear_down(app);
    return code;
}

static ExitCode run_verb(App *app)
{
    Error err = { .code = ERR_NONE };
    const Program *program = app->program;
    if (!program->find_verb(app, &app->verb, &err) || !check_takers(app, &err) || !program->check_options(app, &err))
        return app_fail(app, &err);
    return app->is_many ? program->run_many(app) : app_run_verb(app);
}

static void print_version(App *app)
{
    output_result(app->output, "%s " HYPERPOINT_VERSION "\n", app->program->title);
    json_put(output_json(app->output), "version", json_string(HYPERPOINT_VERSION));
    output_whole_result(app->output, EXIT_DONE);
}

/* A word can only be -JSON: then an error in the rest of the command line is told in JSON, too. */
static bool has_word(size_t argc, const char *const *argv, const char *word)
{
    for (size_t i = 0; i < argc; i++) {
        if (ascii_equals(argv[i], word))
            return true;
    }
    return false;
}

/* What advice tells to run must reach the same host. */
static const char *call_for_host(const char *program, const char *host, Arena *arena)
{
    if (host == NULL)
        return program;
    bool needs_quotes = strpbrk(host, " &()^;'\"$`|<>*?") != NULL;
    bool is_obeyed_inside = strpbrk(host, "\"$`") != NULL; /* of double quotes; single ones cmd does not know */
    const char *quote = !needs_quotes ? "" : is_obeyed_inside ? "'" : "\"";
    return arena_printf(arena, "%s -HOST %s%s%s", program, quote, host, quote);
}

OutputConfig app_output_config(const Program *program, const RunEnvironment *environment, const Options *options,
                               Arena *arena)
{
    return (OutputConfig){ .out = environment->out,
                           .err = environment->err,
                           .clock = environment->clock,
                           .silent = options->silent,
                           .json = options->json && !options->help,
                           .json_lines = options->json_lines && !options->help,
                           .verbose = options->verbose,
                           .program = program->name,
                           .words = advice_words,
                           .call = call_for_host(program->name, options->host, arena) };
}

/* Whom the events of a part are about. */
static json_t *make_subject(const AppPart *part)
{
    json_t *subject = json_object();
    json_put(subject, "host", json_text(part->options.host));
    if (part->vm_guid != NULL)
        json_put(subject, "vm", vm_json(part->vm_name, part->vm_guid));
    return subject;
}

ExitCode app_run_part(const App *parent, const AppPart *part, bool *ret_changed)
{
    Arena arena = ARENA_INIT;
    Error err;
    RunEnvironment environment = *parent->environment;
    environment.cancel = part->cancel;
    environment.open_host = part->open_host;
    environment.in = NULL; /* nobody can answer several at once */
    json_t *subject = make_subject(part);
    OutputConfig config = app_output_config(parent->program, &environment, &part->options, &arena);
    config.sink = part->sink;
    config.subject = subject;
    App app = { .program = parent->program,
                .environment = &environment,
                .options = &part->options,
                .output = output_create(&config),
                .address = { .text = part->host },
                .call = config.call,
                .only_name = part->has_only_name ? part->vm_name : NULL,
                .arena = &arena };
    int64_t began = environment.clock->ticks_us(environment.clock);
    json_put(output_json(app.output), "verb", json_string(parent->verb->name));
    (void) json_object_update(output_json(app.output), subject); /* fails only without memory */
    output_event(app.output, "begin");
    ExitCode code = part->failure != NULL ? app_fail(&app, part->failure) : run_verb(&app);
    int64_t ms = (environment.clock->ticks_us(environment.clock) - began) / 1000;
    json_put(output_json(app.output), "seconds", json_real((double) ms / 1000));
    CHECK(output_finish(app.output, (int) code, &err)); /* a sink takes everything */
    *ret_changed = app.changed;
    json_decref(subject);
    arena_release(&arena);
    return code;
}

int program_run(const Program *program, const RunEnvironment *environment, size_t argc, const char *const *argv)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Options options = { .help = false };
    bool is_many = false;
    bool parsed = params_parse(program->params, program->param_count, argc, argv, &options, &arena, &err) &&
                  (program->choose == NULL || program->choose(&options, &arena, &is_many, &err));
    OutputConfig config = app_output_config(program, environment, &options, &arena);
    if (!parsed) {
        config.json = has_word(argc, argv, "-JSON");
        config.json_lines = !config.json && has_word(argc, argv, "-JSONLINES");
    }
    App app = { .program = program,
                .environment = environment,
                .options = &options,
                .output = output_create(&config),
                .call = config.call,
                .is_many = is_many,
                .arena = &arena };
    ExitCode code = EXIT_DONE;
    if (!parsed)
        code = app_fail(&app, &err);
    else if (options.help || (argc == 0 && program->needs_words))
        help_print(program, app.output);
    else if (options.version)
        print_version(&app);
    else
        code = run_verb(&app);
    if (!output_finish(app.output, (int) code, &err))
        code = exit_code_unwritten(code, app.changed);
    arena_release(&arena);
    return (int) code;
}
