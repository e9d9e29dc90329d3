/* SPDX-License-Identifier: MIT */
/* -DO check: what is wrong with a host and its VMs, or will go wrong; -FIX mends what is safe to mend. */
#include "check/mend.h"
#include "commands/ask.h"
#include "commands/driver_choice.h"
#include "commands/verbs.h"
#include "platform/fs.h"
#include "present/check.h"
#include "present/result.h"

typedef struct Check {
    HostView view;
    StringList guids; /* of the VMs that were asked for */
    CheckFilter filter;
    Findings findings;
} Check;

/* ---- looking ---- */

/* Whoever has made no packages misses none. */
static const char *packages_folder(App *app)
{
    const char *folder = driver_choice_folder(app);
    return app->options->destination != NULL || fs_exists(folder) ? folder : NULL;
}

static bool look(App *app, Check *check, Error *err)
{
    const HostViewRequest request = { .packages = packages_folder(app) };
    if (!host_view_read(&app->host, &request, app->arena, &check->view, err))
        return false;
    check->findings = check_judge(&check->view, &check->filter, app->arena);
    return true;
}

/* One by its name, or several that were found by theirs ("id:GUID"). */
static bool choose_vms(App *app, Check *check, Error *err)
{
    Vm vm;
    const StringList *ids = &app->options->vms;
    if (app->options->vm == NULL) {
        for (size_t i = 0; i < ids->count; i++)
            ARRAY_PUSH(app->arena, &check->guids, vm_id_in(ids->items[i]));
        check->filter.vm_guids = ids->count > 0 ? &check->guids : NULL;
        return true;
    }
    if (!app_find_vm(app, &vm, err))
        return false;
    ARRAY_PUSH(app->arena, &check->guids, vm.guid);
    check->filter.vm_guids = &check->guids;
    return true;
}

/* ---- telling ---- */

static ToldFindings told(App *app, const Findings *findings)
{
    return findings_told(findings, app->options->host, app->call, app->arena);
}

static size_t count_fixable(const Findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++)
        count += findings->items[i].fix != FIX_NONE;
    return count;
}

static void tell_findings(App *app, const Check *check)
{
    ToldFindings list = told(app, &check->findings);
    if (list.count > 0)
        present_list(app->output, "Findings", "findings", &finding_shape, &list);
    else
        present_empty(app->output, "findings");
    CheckedAreas areas = check_areas(&check->view, &check->filter, app->arena);
    present_areas(app->output, &areas);
}

static const char *scope_text(const App *app, const Check *check)
{
    if (app->options->vm != NULL)
        return arena_printf(app->arena, "VM '%s'", app->options->vm);
    if (check->filter.vm_guids != NULL)
        return arena_printf(app->arena, "%zu VM%s of host '%s'", check->guids.count,
                            check->guids.count == 1 ? "" : "s", app->address.text);
    return arena_printf(app->arena, "host '%s' (%zu VMs, %zu GPUs)", app->address.text, check->view.vms.count,
                        check->view.gpus.count);
}

static ExitCode tell_verdict(App *app, const Check *check)
{
    Error err = { .code = ERR_NONE };
    const Findings *findings = &check->findings;
    if (!findings_are_wrong(findings)) {
        const char *advice = findings->count > 0 ? arena_printf(app->arena, "; %s",
                                                                findings_count_text(findings, app->arena))
                                                 : "";
        output_done(app->output, "Nothing wrong with %s%s\n", scope_text(app, check), advice);
        return EXIT_DONE;
    }
    (void) error_set(&err, ERR_STATE, "something is wrong with %s: %s", scope_text(app, check),
                     findings_count_text(findings, app->arena));
    size_t fixable = count_fixable(findings);
    if (fixable > 0 && !app->options->fix)
        (void) error_hint(&err, "-FIX mends %zu of them", fixable);
    output_error(app->output, &err);
    return EXIT_DIFFERS;
}

/* ---- mending ---- */

/* *ret_mends: what the user wants to be mended. Who goes away between the questions wants nothing of it. */
static bool ask_for_each(App *app, const Check *check, Mends *ret_mends, Error *err)
{
    Mends mends = { 0 };
    for (size_t i = 0; i < check->findings.count; i++) {
        Error answer = { .code = ERR_NONE };
        const Finding *finding = &check->findings.items[i];
        if (finding->fix == FIX_NONE)
            continue;
        ToldFinding text = finding_told(finding, app->options->host, app->call, app->arena);
        const char *question = arena_printf(app->arena, "VM '%s': %s. Mend it?", text.vm, text.message);
        if (app->options->what_if || app_ask(app, question, &answer)) {
            mends_add(&mends, finding, app->arena);
        } else if (answer.code != ERR_CANCELLED || cancel_is_requested(app->environment->cancel)) {
            *err = answer;
            return false;
        } else if (!app_can_ask(app)) {
            mends = (Mends){ 0 };
            break;
        }
    }
    *ret_mends = mends;
    return true;
}

/* The codes of the rules that want these settings. */
static const char *rules_of(unsigned settles, Arena *arena)
{
    const char *codes = "";
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        if ((check_rules[i].settles & settles) != 0)
            codes = arena_printf(arena, "%s%s%s", codes, *codes != '\0' ? ", " : "", check_rules[i].code);
    }
    return codes;
}

static void tell_failure(App *app, const Mend *mend, const MendFailure *failure)
{
    Error err = failure->err;
    const char *what = failure->settles == mend->settles ? "" : rules_of(failure->settles, app->arena);
    (void) error_prefix(&err, "VM '%s'%s%s not mended", mend->vm->name, *what != '\0' ? ": " : "", what);
    if (err.code == ERR_CANCELLED || mend->is_unfinished) {
        output_error(app->output, &err);
        return;
    }
    output_warning(app->output, "%s%s%s", err.message, *err.hint != '\0' ? "; " : "", err.hint);
}

static ExitCode tell_mend(App *app, const Mend *mend)
{
    ExitCode code = mend_is_done(mend) ? EXIT_DONE : mend->is_unfinished ? EXIT_UNFINISHED : EXIT_REFUSED;
    for (size_t i = 0; i < mend->failures.count; i++)
        tell_failure(app, mend, &mend->failures.items[i]);
    app->changed = app->changed || mend->has_changed;
    return tell_power(app, mend->vm->name, mend->vm->address, &mend->power, code);
}

static bool is_mended(const Mend *mend, const Finding *finding)
{
    return finding->fix == FIX_RECOVER ? mend->is_recovered
                                       : finding->fix == FIX_SETTLE && (mend->settled & finding->settles) != 0;
}

/* Of the findings those that are mended, or would be. */
static void tell_mended(App *app, const Check *check, const Mends *mends)
{
    Findings mended = { 0 };
    for (size_t i = 0; i < check->findings.count; i++) {
        const Finding *finding = &check->findings.items[i];
        const Mend *mend = finding->vm != NULL ? mends_find(mends, finding->vm) : NULL;
        if (mend != NULL && is_mended(mend, finding))
            ARRAY_PUSH(app->arena, &mended, *finding);
    }
    ToldFindings list = told(app, &mended);
    bool only_look = app->options->what_if;
    present_members(app->output, only_look ? "wouldBeMended" : "mended", &mended_finding_shape, &list);
    for (size_t i = 0; i < list.count; i++)
        output_done(app->output, "%s: %s, VM '%s'\n", only_look ? "Would be mended" : "Mended", list.items[i].code,
                    list.items[i].vm);
}

/* EXIT_UNFINISHED and EXIT_PARTLY outweigh what is left; otherwise EXIT_DONE. */
static ExitCode mend_all(App *app, Mends *mends)
{
    const MendRequest request = { .verb_name = app->verb->name,
                                  .config_folder = app->program_folder,
                                  .power = power_request(app->options),
                                  .only_look = app->options->what_if };
    ExitCode code = EXIT_DONE;
    for (size_t i = 0; i < mends->count; i++) {
        mend_vm(&app->host, &request, app->arena, &mends->items[i]);
        ExitCode one = tell_mend(app, &mends->items[i]);
        if (one == EXIT_UNFINISHED || (one == EXIT_PARTLY && code != EXIT_UNFINISHED))
            code = one;
        if (mend_was_cancelled(&mends->items[i]))
            break;
    }
    return code;
}

/* What is left is told, however the mending ended. */
static ExitCode fix(App *app, Check *check)
{
    Error err = { .code = ERR_NONE };
    Check after = *check;
    Mends mends;
    if (!ask_for_each(app, check, &mends, &err))
        return app_fail(app, &err);
    ExitCode code = mend_all(app, &mends);
    tell_mended(app, check, &mends);
    if (mends.count > 0 && !app->options->what_if && !look(app, &after, &err)) {
        output_error(app->output, &err);
        return code != EXIT_DONE ? code : app->changed ? EXIT_PARTLY : exit_code_of_error(&err);
    }
    tell_findings(app, &after);
    ExitCode left = tell_verdict(app, &after);
    return code != EXIT_DONE ? code : left;
}

ExitCode check_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Check check = { .filter = { .vm_guids = NULL } };
    if (!choose_vms(app, &check, &err) || !look(app, &check, &err))
        return app_fail(app, &err);
    if (app->options->fix)
        return fix(app, &check);
    tell_findings(app, &check);
    return tell_verdict(app, &check);
}
