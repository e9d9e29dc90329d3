/* SPDX-License-Identifier: MIT */
/* The host-side program: its verbs work with a host that has been connected to. */
#include "commands/many.h"
#include "commands/places.h"
#include "commands/verbs.h"
#include "json/document.h"
#include "platform/process.h"

#include <inttypes.h>

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

/* ---- a run ---- */

static void log_request(App *app, const char *subject)
{
    output_log(app->output, "HyperPoint " HYPERPOINT_VERSION ": %s of %s on host '%s'", app->verb->name, subject,
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
    if (app->environment->open_host != NULL)
        address->shared = app->environment->open_host->shared;
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

static bool find_verb(const App *app, const Verb **ret_verb, Error *err)
{
    const Options *options = app->options;
    if (!verb_find(options->verb, ret_verb, err))
        return false;
    json_put(output_json(app->output), "verb", json_string((*ret_verb)->name));
    if (!app->is_many) /* then each result has its own */
        json_put(output_json(app->output), "host", json_text(options->host));
    return true;
}

static bool set_up(App *app, Error *err)
{
    CimSession *session = NULL;
    if (!host_address_parse(app->options->host, app->arena, &app->address, err) || !find_program_folder(app, err) ||
        !connect_host(app, &session, err))
        return false;
    if (app->options->verbose) {
        Tracer *tracer = ARENA_NEW(app->arena, Tracer);
        *tracer = (Tracer){ .trace = { .call = trace_call }, .output = app->output };
        session->trace = &tracer->trace;
    }
    app->state_folder = app->host.journals.place.folder;
    app->host.session = session;
    app->host.cancel = app->environment->cancel;
    app->host.report = output_report(app->output);
    return true;
}

static void tear_down(App *app)
{
    CimSession *session = app->host.session;
    output_verbose(app->output, "%" PRIu64 " round trips, %" PRIu64 " polls", session->round_trips, session->polls);
    json_put(output_json(app->output), "roundTrips", json_integer((json_int_t) session->round_trips));
    cim_session_close(session);
}

static const char *const examples[] = {
    "hyperpoint -VM \"my vm\"",
    "hyperpoint -VM \"my vm\" -NAME \"before the update\"",
    "hyperpoint -VM \"my vm\" -DO list-gpus",
    "hyperpoint -VM \"my vm\" -DO add -GPU \"NVIDIA GeForce RTX 4060\",\"order:3\"",
    "hyperpoint -VM \"my vm\" -DO recover",
    "hyperpoint -HOST HV1,HV2 -VM \"web*\",\"my vm\" -NAME \"before the update\"",
    "hyperpoint -VM \"my vm\" -DO get-drivers -ZIP",
    "hyperpoint -HOST sim:lab.json -VM \"my vm\" -WHATIF",
    NULL,
};

static const char *const exit_codes[] = {
    "5 failed, a journal stands: run -DO recover; 6 host unreachable or no rights; 7 done after the next reboot;",
    "8 check, check-drivers: something is wrong, or differs",
    NULL,
};

int run_hyperpoint(const RunEnvironment *environment, size_t argc, const char *const *argv)
{
    const Program program = { .name = "hyperpoint",
                              .title = "HyperPoint",
                              .verb_prefix = "-DO ",
                              .params = hyperpoint_params,
                              .param_count = hyperpoint_param_count,
                              .verbs = verbs,
                              .verb_count = verb_count,
                              .needs_words = true,
                              .find_verb = find_verb,
                              .check_options = verb_check_options,
                              .choose = many_choose,
                              .run_many = many_run,
                              .set_up = set_up,
                              .tear_down = tear_down,
                              .log_request = log_request,
                              .summary = "checkpoints for Hyper-V virtual machines that hold GPU partitions",
                              .usage = "hyperpoint -VM NAME [-DO VERB] [-GPU GPU,...] [parameters]",
                              .examples = examples,
                              .exit_codes = exit_codes };
    return program_run(&program, environment, argc, argv);
}
