/* SPDX-License-Identifier: MIT */
#include "commands/app.h"

#include "base/ascii.h"
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

void app_tell_vm(App *app, const Vm *vm)
{
    json_t *json = json_object();
    json_put(json, "name", json_text(vm->name));
    json_put(json, "id", json_text(vm->guid));
    json_put(output_json(app->output), "vm", json);
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

static ExitCode run_verb(App *app)
{
    Error err = { .code = ERR_NONE };
    const Program *program = app->program;
    if (!program->find_verb(app, &app->verb, &err) || !check_takers(app, &err) ||
        !program->check_options(app, &err) || !program->set_up(app, &err))
        return app_fail(app, &err);
    output_when_begun(app->output, begin_log, app);
    ExitCode code = app->verb->run(app, app->verb);
    program->tear_down(app);
    return code;
}

static void print_version(App *app)
{
    output_result(app->output, "%s " HYPERPOINT_VERSION "\n", app->program->title);
    json_put(output_json(app->output), "version", json_string(HYPERPOINT_VERSION));
}

/* A word can only be -JSON: then an error in the rest of the command line is told in JSON, too. */
static bool wants_json(size_t argc, const char *const *argv)
{
    for (size_t i = 0; i < argc; i++) {
        if (ascii_equals(argv[i], "-JSON"))
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

int program_run(const Program *program, const RunEnvironment *environment, size_t argc, const char *const *argv)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Options options = { .help = false };
    bool parsed = params_parse(program->params, program->param_count, argc, argv, &options, &arena, &err);
    OutputConfig config = { .out = environment->out,
                            .err = environment->err,
                            .clock = environment->clock,
                            .silent = options.silent,
                            .json = parsed ? options.json && !options.help : wants_json(argc, argv),
                            .verbose = options.verbose,
                            .program = program->name,
                            .words = advice_words,
                            .call = call_for_host(program->name, options.host, &arena) };
    App app = { .program = program,
                .environment = environment,
                .options = &options,
                .output = output_create(&config),
                .call = config.call,
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
