/* SPDX-License-Identifier: MIT */
#include "operations/update.h"

#include "base/ascii.h"
#include "exchange/names.h"
#include "exchange/request.h"
#include "hyperv/vm/kvp.h"
#include "operations/guest_errand.h"
#include "operations/update_package.h"
#include "operations/update_supply.h"

#include <string.h>

enum {
    AGENT_S = 15,        /* for the word of a guest that runs already */
    FIRST_WORD_S = 60,   /* for its first answer */
    SILENCE_S = 15 * 60, /* without anything new */
    TRIES = 2,           /* of a package that the guest does not have although the host has copied it */
};

typedef struct Update {
    HyperVHost *host;
    const Vm *vm;
    const UpdateRequest *request;
    Arena *arena;
    UpdateReport *report;
    GuestErrand errand;
} Update;

/* A request that came back with a checkpoint: no journal stands for it, and nobody waits for its answer. */
static bool take_back_others(Update *update, Error *err)
{
    KvpSettings settings;
    KvpItems none = { 0 };
    return kvp_read_settings(update->host, update->vm, update->arena, &settings, err) &&
           kvp_reach(update->host, update->vm, &settings.items, &none, err);
}

/* ---- one package ---- */

static bool ask(Update *update, const char *id, const UpdatePackage *package, Error *err)
{
    ExchangeRequest request = { .size = package->size };
    KvpSettings settings;
    memcpy(request.id, id, sizeof(request.id));
    memcpy(request.sha256, package->sha256, sizeof(request.sha256));
    for (size_t i = 0; i < GUID_TEXT_LENGTH && update->vm->guid[i] != '\0'; i++)
        request.vm[i] = ascii_lower(update->vm->guid[i]);
    KvpItem item = { .name = EXCHANGE_REQUEST, .value = exchange_request_write(&request, update->arena) };
    KvpItems wanted = { .items = &item, .count = 1 };
    return kvp_read_settings(update->host, update->vm, update->arena, &settings, err) &&
           kvp_reach(update->host, update->vm, &settings.items, &wanted, err);
}

/* Brings it under a name of its own, asks, and waits for the last answer. */
static bool bring_and_ask(Update *update, const UpdatePackage *package, char ret_id[EXCHANGE_ID_LENGTH + 1],
                          ExchangeStatus *ret_status, Error *err)
{
    char id[EXCHANGE_ID_LENGTH + 1];
    exchange_id_create(id);
    const GuestFile file = {
        .source = update_path_on_host(update->request, arena_printf(update->arena, "%s.zip", package->name),
                                      update->arena),
        .destination = arena_printf(update->arena, "%%ProgramData%%\\" EXCHANGE_INBOX "\\%s",
                                    exchange_file_name(id, update->arena)),
        .name = "the package",
        .size = package->size,
    };
    AnswerWatch watch = { .id = id, .first_s = FIRST_WORD_S, .silence_s = SILENCE_S };
    memcpy(ret_id, id, sizeof(id));
    return guest_errand_enter(&update->errand, "bringing", err) &&
           guest_way_bring(update->host, update->vm, &file, err) &&
           guest_errand_enter(&update->errand, "asking", err) && ask(update, id, package, err) &&
           guest_watch_answer(update->host, update->vm, &watch, ret_status, err);
}

/* The restart settles what waits for it. */
static bool restart_guest(Update *update, const char *id, ExchangeStatus *status, Error *err)
{
    const int64_t patience_s = power_patience_s(&update->request->power);
    AnswerWatch watch = {
        .id = id, .after_restart = true, .first_s = patience_s, .silence_s = patience_s
    };
    if (!power_restart_guest(update->host, update->vm, err))
        return false;
    update->report->was_restarted = true;
    return guest_watch_answer(update->host, update->vm, &watch, status, err);
}

/* What an earlier run has left to a restart of the guest; one that was started for this has had that. */
static bool settle(Update *update, Error *err)
{
    ExchangeStatus status = { .percent = 0 };
    GuestAgent *before = &update->report->before;
    if (before->waiting[0] == '\0' || update->report->was_started)
        return true;
    bool restarts = update->report->may_restart && !update->request->only_look;
    report_notice(update->host->report, "drivers that were brought before wait for a restart of the guest%s",
                  restarts ? ": it is restarted" : "");
    return !restarts || (restart_guest(update, before->waiting, &status, err) &&
                         guest_watch_agent(update->host, update->vm, AGENT_S, before, err));
}

/* The guest would not begin another one. */
static bool refuse_next(const Update *update, Error *err)
{
    ExchangeStatus refusal = { .phase = EXCHANGE_FAILED, .reason = EXCHANGE_RESTART };
    return guest_answer_error(update->vm, &refusal, err);
}

static bool install(Update *update, const UpdatePackage *package, UpdatedDriver *driver, Error *err)
{
    char id[EXCHANGE_ID_LENGTH + 1];
    ExchangeStatus status = { .percent = 0 };
    bool ok = guest_errand_open(&update->errand, err);
    for (int tries = 1; ok; tries++) {
        ok = bring_and_ask(update, package, id, &status, err);
        if (!ok || status.phase == EXCHANGE_DONE || status.reason != EXCHANGE_MISSING || tries == TRIES)
            break;
        report_detail(update->host->report, "the guest does not have the file: it is copied once more");
    }
    if (!ok)
        return false;
    if (status.phase != EXCHANGE_DONE)
        return guest_answer_error(update->vm, &status, err);
    driver->outcome = guest_answer_waits(&status) ? UPDATE_WAITING : UPDATE_INSTALLED;
    if (driver->outcome != UPDATE_WAITING || !update->report->may_restart)
        return true;
    if (!restart_guest(update, id, &status, err))
        return false;
    if (status.phase != EXCHANGE_DONE)
        return guest_answer_error(update->vm, &status, err);
    driver->outcome = UPDATE_INSTALLED;
    return true;
}

/* ---- all of them ---- */

/* Without making the package: by its version alone. */
static bool has_version(const GuestAgent *agent, const char *version)
{
    for (size_t i = 0; i < agent->package_count; i++) {
        if (strcmp(agent->packages[i].driver, version) == 0)
            return true;
    }
    return false;
}

static bool update_one(Update *update, const GatherRequest *gathering, const Driver *driver, UpdatedDriver *updated,
                       Error *err)
{
    UpdatePackage package;
    if (update->request->only_look) {
        bool is_there = has_version(&update->report->before, driver->manifest.driver_version);
        updated->outcome = is_there ? UPDATE_CURRENT : UPDATE_PLANNED;
        return true;
    }
    if (!update_package_make(gathering, driver, update->arena, &package, err))
        return false;
    updated->name = package.name;
    updated->size = package.size;
    if (update_package_is_there(&package, &update->report->before)) {
        updated->outcome = UPDATE_CURRENT;
        return true;
    }
    if (update_waits(update->report))
        return refuse_next(update, err);
    return update_package_hash(&package, update->host->cancel, err) && install(update, &package, updated, err);
}

static bool update_all(Update *update, Error *err)
{
    const GatherRequest gathering = update_gathering(update->host, update->request);
    Drivers found;
    if (!update_find_drivers(&gathering, update->vm, update->request, update->arena, update->report, &found, err))
        return false;
    FsLock *held = NULL;
    bool ok = update->request->only_look || update_cache_hold(update->request->cache, UPDATE_CACHE_BYTES,
                                                              update->host->cancel, update->host->report, &held, err);
    for (size_t i = 0; ok && i < found.count; i++) {
        UpdatedDriver updated = updated_driver(&found.items[i], update->arena);
        ok = update_one(update, &gathering, &found.items[i], &updated, err);
        ARRAY_PUSH(update->arena, &update->report->drivers, updated);
    }
    fs_unlock(held);
    return ok;
}

static size_t count_of(const UpdateReport *report, UpdateOutcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < report->drivers.count; i++)
        count += report->drivers.items[i].outcome == (unsigned) outcome;
    return count;
}

bool update_waits(const UpdateReport *report)
{
    return count_of(report, UPDATE_WAITING) > 0;
}

bool update_is_partial(const UpdateReport *report)
{
    return report->gone > 0 || gather_is_partial(&report->left_out);
}

bool update_is_well(const UpdateReport *report)
{
    return !update_waits(report) && count_of(report, UPDATE_FAILED) == 0 && report->after.report.problem <= 0;
}

/* What the guest tells now; a guest that says no more is as it was. */
static void look_after(Update *update)
{
    Error silent = { .code = ERR_NONE };
    UpdateReport *report = update->report;
    report->after = report->before;
    if (count_of(report, UPDATE_INSTALLED) + count_of(report, UPDATE_WAITING) > 0 &&
        !guest_watch_agent(update->host, update->vm, AGENT_S, &report->after, &silent))
        report_warning(update->host->report, "what became of the guest's GPU cannot be told: %s", silent.message);
}

static ChangeEnding ending_of(const Update *update)
{
    const UpdateReport *report = update->report;
    size_t done = count_of(report, UPDATE_INSTALLED) + count_of(report, UPDATE_WAITING);
    return update->request->only_look ? ENDING_PLANNED : done > 0 ? ENDING_DONE : ENDING_NOT_NEEDED;
}

static bool update_running(Update *update, int64_t agent_s, Error *err)
{
    UpdateReport *report = update->report;
    bool ok = guest_watch_agent(update->host, update->vm, agent_s, &report->before, err);
    report->has_agent = ok;
    report->lacks_service = !ok && (err->code == ERR_UNSUPPORTED || err->code == ERR_PROTOCOL);
    report->may_restart = ok && update->request->restart_guest && report->before.report.restart;
    if (ok && update->request->restart_guest && !report->may_restart)
        report_warning(update->host->report, "the guest's administrator does not let its host restart it");
    if (ok && !report->before.report.update) {
        ExchangeStatus refusal = { .phase = EXCHANGE_REFUSED, .reason = EXCHANGE_NOT_ALLOWED };
        ok = guest_answer_error(update->vm, &refusal, err);
    }
    ok = ok && settle(update, err);
    ok = ok && update_all(update, err) &&
         (update->errand.is_open || update->request->only_look || take_back_others(update, err));
    if (report->has_agent)
        look_after(update);
    report->ending = guest_errand_end(&update->errand, ending_of(update), &ok, err);
    return ok;
}

/* ---- the VM ---- */

static bool refuse_state(const Vm *vm, const VmStatus *status, Error *err)
{
    (void) vm_error_not_running(vm, status, err);
    if (status->state == VM_STATE_OFF || status->state == VM_STATE_SAVED)
        return error_advise(err, ADVICE_UPDATE_STARTED, NULL);
    return error_hint(err, "resume it, or wait until it runs, and try again");
}

/* A look starts nothing. */
static bool refuse_look(const Vm *vm, Error *err)
{
    (void) error_set(err, ERR_STATE, "VM '%s' is off, and only a guest that runs tells what it has", vm->name);
    return error_hint(err, "start the VM to see what would be done, or do it");
}

/* Shut down again, whatever came of it; nobody shuts down a guest that a journal stands for. */
static void stop_again(Update *update)
{
    VmStatus status;
    Error err = { .code = ERR_NONE };
    bool asked;
    PowerRequest request = update->request->power;
    request.stop = true;
    if (!update->report->was_started || !update->request->power.stop || update->report->ending == ENDING_UNFINISHED)
        return;
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&update->host->session->cancel);
    (void) shielded;
    update->report->was_stopped = vm_read_status(update->host, update->vm, &status, &err) &&
                                  power_stop(update->host, update->vm, &status, &request, &asked, &err);
    if (!update->report->was_stopped)
        report_warning(update->host->report, "%s", err.message);
}

static bool run(Update *update, Error *err)
{
    VmStatus status;
    const PowerRequest *power = &update->request->power;
    if (!vm_read_status(update->host, update->vm, &status, err) || !vm_check_not_busy(update->vm, &status, err))
        return false;
    bool is_startable = status.state == VM_STATE_OFF || status.state == VM_STATE_SAVED;
    if (status.state != VM_STATE_RUNNING && (!is_startable || !power->start))
        return refuse_state(update->vm, &status, err);
    if (status.state != VM_STATE_RUNNING && update->request->only_look)
        return refuse_look(update->vm, err);
    if (status.state == VM_STATE_RUNNING)
        return update_running(update, update->request->may_bring ? 0 : AGENT_S, err);
    if (!power_start(update->host, update->vm, err))
        return false;
    update->report->was_started = true;
    bool ok = update_running(update, power_patience_s(power), err);
    stop_again(update);
    return ok;
}

bool update_vm(HyperVHost *host, const Vm *vm, const UpdateRequest *request, Arena *arena, UpdateReport *ret_report,
               Error *err)
{
    Update update = { .host = host, .vm = vm, .request = request, .arena = arena, .report = ret_report,
                      .errand = { .host = host, .vm = vm, .arena = arena } };
    *ret_report = (UpdateReport){ .vm_name = vm->name, .ending = ENDING_REFUSED };
    if (!guest_errand_begin(&update.errand, request->only_look, &ret_report->ending, err))
        return false;
    bool ok = run(&update, err);
    journal_close(update.errand.journal);
    return ok;
}
