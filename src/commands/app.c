/* SPDX-License-Identifier: MIT */
#include "commands/app.h"

#include "commands/places.h"
#include "commands/verbs.h"
#include "json/document.h"
#include "platform/fs.h"
#include "platform/process.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls of the session, with -VERBOSE ---- */

typedef struct Tracer {
    CimTrace trace; /* first: the session hands it back */
    Output *output;
} Tracer;

static void trace_call(CimTrace *trace, const char *verb, const char *ns, const char *what, int64_t elapsed_us,
                       size_t rows, const Error *err_or_null)
{
    Arena arena = ARENA_INIT;
    const char *result =
        err_or_null != NULL ? err_or_null->message : arena_printf(&arena, "%zu row%s", rows, rows == 1 ? "" : "s");
    output_verbose(((Tracer *) trace)->output, "%s %s %s: %s, %" PRId64 ".%03" PRId64 " ms", verb, ns, what, result,
                   elapsed_us / 1000, elapsed_us % 1000);
    arena_release(&arena);
}

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
    (void) json_object_set_new(json, "name", json_text(vm->name));
    (void) json_object_set_new(json, "id", json_text(vm->guid));
    (void) json_object_set_new(output_json(app->output), "vm", json);
}

/* ---- a run ---- */

/* The log of a changing run: what was asked comes first. */
static void open_log(void *context, const char *subject)
{
    App *app = context;
    output_open_log(app->output, app->program_folder, app->host.journals.place.folder, app->verb_name);
    output_log(app->output, "HyperPoint " HYPERPOINT_VERSION ": %s of %s on host '%s'", app->verb_name, subject,
               app->address.text);
    for (size_t i = 0; i < app->options->gpus.count; i++)
        output_log(app->output, "-GPU %s", app->options->gpus.items[i]);
}

static bool find_program_folder(App *app, Error *err)
{
    return places_find_program(app->environment->program_folder, app->arena, &app->program_folder, err);
}

static bool find_state_folder(App *app, const char **ret_folder, Error *err)
{
    *ret_folder = app->environment->state_folder;
    return *ret_folder != NULL || process_state_folder(app->address.is_local, app->arena, ret_folder, err);
}

/* Connects, and finds the journals of the host, whatever the user calls it. */
static bool connect_host(App *app, CimSession **ret_session, Error *err)
{
    HostAddress *address = &app->address;
    JournalHome *journals = &app->host.journals;
    if (!find_state_folder(app, &journals->former.folder, err) ||
        !app->environment->connect(address, app->environment->clock, ret_session, err))
        return false;
    (*ret_session)->cancel.parent = app->environment->cancel;
    if (!host_address_identify(address, *ret_session, app->arena, err) ||
        !find_state_folder(app, &journals->place.folder, err)) {
        cim_session_close(*ret_session);
        return false;
    }
    journals->former.key = address->typed_key;
    journals->place.key = address->key;
    return true;
}

/* What hints tell to run must reach the same host. */
static const char *program_for_host(const App *app)
{
    const char *host = app->options->host;
    if (host == NULL)
        return "hyperpoint";
    bool needs_quotes = strpbrk(host, " &()^;'") != NULL;
    return arena_printf(app->arena, needs_quotes ? "hyperpoint -HOST \"%s\"" : "hyperpoint -HOST %s", host);
}

static ExitCode run_verb(App *app, const Verb *verb, Tracer *tracer)
{
    Error err = { .code = ERR_NONE };
    CimSession *session = NULL;
    if (!host_address_parse(app->options->host, app->arena, &app->address, &err) || !find_program_folder(app, &err) ||
        !connect_host(app, &session, &err))
        return app_fail(app, &err);
    session->trace = app->options->verbose ? &tracer->trace : NULL;
    app->host.session = session;
    app->host.cancel = app->environment->cancel;
    app->host.report = output_report(app->output);
    app->host.program = program_for_host(app);

    app->verb_name = verb->name;
    output_when_begun(app->output, open_log, app);
    ExitCode code = verb->run(app, verb);

    output_verbose(app->output, "%" PRIu64 " round trips, %" PRIu64 " polls", session->round_trips, session->polls);
    (void) json_object_set_new(output_json(app->output), "roundTrips", json_integer((json_int_t) session->round_trips));
    cim_session_close(session);
    return code;
}

static ExitCode run(App *app)
{
    Error err = { .code = ERR_NONE };
    const Verb *verb;
    if (!verb_find(app->options->verb, &verb, &err))
        return app_fail(app, &err);
    (void) json_object_set_new(output_json(app->output), "verb", json_string(verb->name));
    (void) json_object_set_new(output_json(app->output), "host", json_text(app->options->host));
    if (!verb_check_options(verb, app->options, &err))
        return app_fail(app, &err);
    Tracer tracer = { .trace = { .call = trace_call }, .output = app->output };
    return run_verb(app, verb, &tracer);
}

static void print_version(App *app)
{
    output_result(app->output, "HyperPoint " HYPERPOINT_VERSION "\n");
    (void) json_object_set_new(output_json(app->output), "version", json_string(HYPERPOINT_VERSION));
}

int app_run(const AppEnvironment *environment, size_t argc, const char *const *argv)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Options options;
    bool parsed = options_parse(argc, argv, &arena, &options, &err);
    if (!parsed)
        options = (Options){ .json = options_want_json(argc, argv) };

    OutputConfig config = { .out = environment->out,
                            .err = environment->err,
                            .clock = environment->clock,
                            .silent = options.silent,
                            .json = options.json && !options.help,
                            .verbose = options.verbose };
    App app = { .environment = environment, .options = &options, .arena = &arena, .output = output_create(&config) };
    ExitCode code = EXIT_DONE;
    if (!parsed)
        code = app_fail(&app, &err);
    else if (options.help || argc == 0)
        help_print(app.output);
    else if (options.version)
        print_version(&app);
    else
        code = run(&app);

    if (!output_finish(app.output, (int) code, &err))
        code = exit_code_unwritten(code, app.changed);
    arena_release(&arena);
    return (int) code;
}
