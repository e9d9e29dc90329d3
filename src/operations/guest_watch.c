/* SPDX-License-Identifier: MIT */
#include "operations/guest_watch.h"

#include "exchange/names.h"
#include "hyperv/host/wait.h"
#include "hyperv/vm/kvp.h"

#include <string.h>

enum { LONGEST_S = 2 * 60 * 60 }; /* of one request, also for a guest that always has something new to say */

/* ---- looking ---- */

/* One look after the other, until something is seen or time is up. */
typedef struct Watch {
    HyperVHost *host;
    const Vm *vm;
    Arena arena; /* of one look */
    Arena kept;  /* of the path */
    const char *path;
    KvpView view;
    Waiting waiting; /* since the last news */
} Watch;

/* A look that fails is tried again, but for an interruption. */
static bool look(Watch *watch, Error *err)
{
    Error failure = { .code = ERR_NONE };
    arena_release(&watch->arena);
    if (!kvp_look(watch->host, watch->vm, watch->path, &watch->arena, &watch->view, &failure)) {
        watch->view = (KvpView){ .contact = KVP_LOST };
        if (wait_may_look_again(&watch->waiting, &failure))
            return true;
        *err = failure;
        return false;
    }
    wait_answered(&watch->waiting);
    if (watch->view.path == NULL)
        watch->path = NULL;
    else if (watch->path == NULL)
        watch->path = arena_strdup(&watch->kept, watch->view.path);
    return true;
}

static void pause_watch(Watch *watch, const char *doing, int percent)
{
    watch->host->report->progress(watch->host->report, doing, percent);
    wait_pause(&watch->waiting);
}

static Watch begin(HyperVHost *host, const Vm *vm)
{
    return (Watch){ .host = host, .vm = vm, .waiting = wait_begin(host) };
}

static void end(Watch *watch)
{
    watch->host->report->progress(watch->host->report, NULL, -1);
    arena_release(&watch->arena);
    arena_release(&watch->kept);
}

/* ---- silences ---- */

/* No component: why? */
static bool explain_absent(const Watch *watch, Error *err)
{
    Arena arena = ARENA_INIT;
    VmStatus status;
    KvpSettings settings;
    const char *name = watch->vm->name;
    bool ok = vm_read_status(watch->host, watch->vm, &status, err) &&
              kvp_read_settings(watch->host, watch->vm, &arena, &settings, err);
    if (ok && status.state != VM_STATE_RUNNING) {
        (void) vm_error_not_running(watch->vm, &status, err);
        (void) error_advise(err, ADVICE_UPDATE_STARTED, NULL);
    } else if (ok && !settings.is_enabled) {
        (void) error_set(err, ERR_STATE, "data exchange with the guest is switched off for VM '%s'", name);
        (void) error_hint(err, "switch on its integration service 'Data Exchange', and restart the VM");
    } else if (ok) {
        (void) error_set(err, ERR_STATE, "VM '%s' has no data exchange with its guest", name);
        (void) error_hint(err, "its integration service 'Data Exchange' may have been switched on since it was "
                               "started: restart the VM");
    }
    arena_release(&arena);
    return false;
}

static bool explain_silence(const Watch *watch, Error *err)
{
    const char *name = watch->vm->name;
    switch (watch->view.contact) {
    case KVP_ABSENT:
        return explain_absent(watch, err);
    case KVP_NO_CONTACT:
        (void) error_set(err, ERR_TIMEOUT, "the guest of VM '%s' is not in contact", name);
        return error_hint(err, "it is still starting, or its service 'Hyper-V Data Exchange Service' "
                               "(vmickvpexchange) does not run");
    case KVP_LOST:
        (void) error_set(err, ERR_TIMEOUT, "the guest of VM '%s' does not answer any more", name);
        return error_hint(err, "look at the VM's console");
    case KVP_PAUSED:
        (void) error_set(err, ERR_STATE, "VM '%s' is paused", name);
        return error_hint(err, "resume the VM, in Hyper-V Manager or with Resume-VM");
    case KVP_IN_CONTACT:
        break;
    }
    (void) error_set(err, ERR_UNSUPPORTED, "HyperPoint's service does not run in the guest of VM '%s'", name);
    return error_advise(err, ADVICE_SET_UP_GUEST, NULL);
}

/* ---- who is there ---- */

/* Items come one by one: a package that is not there yet is passed over, as one is that cannot be read. */
bool guest_agent_read(const KvpItems *items, GuestAgent *ret_agent, Error *err)
{
    const char *text = kvp_find(items, EXCHANGE_AGENT);
    if (text == NULL)
        return error_set(err, ERR_NOT_FOUND, "the guest tells nothing of a service of HyperPoint's");
    Arena arena = ARENA_INIT;
    GuestAgent agent = { .package_count = 0 };
    Error passed_over = { .code = ERR_NONE };
    bool ok = agent_report_read(text, &agent.report, err);
    for (unsigned i = 1; ok && i <= LIMIT_EXCHANGE_PACKAGES && i <= agent.report.packages; i++) {
        const char *item = kvp_find(items, exchange_package_item(i, &arena));
        if (item != NULL && exchange_package_read(item, &agent.packages[agent.package_count], &passed_over))
            agent.package_count++;
    }
    arena_release(&arena);
    const char *answer = kvp_find(items, EXCHANGE_STATUS);
    ExchangeStatus status;
    if (answer != NULL && exchange_status_read(answer, &status, &passed_over) && guest_answer_waits(&status))
        memcpy(agent.waiting, status.id, sizeof(agent.waiting));
    if (ok)
        *ret_agent = agent;
    return ok;
}

const char *guest_agent_versions(const GuestAgent *agent, Arena *arena)
{
    const char *versions = agent->package_count == 0 ? "none" : "";
    for (size_t i = 0; i < agent->package_count; i++)
        versions = arena_printf(arena, "%s%s%s", versions, i > 0 ? ", " : "", agent->packages[i].driver);
    return versions;
}

static bool refuse_version(const Watch *watch, const Error *cause, Error *err)
{
    (void) error_set(err, ERR_PROTOCOL, "what HyperPoint's service in the guest of VM '%s' tells is not understood: %s",
                     watch->vm->name, cause->message);
    return error_advise(err, ADVICE_SAME_VERSION, NULL);
}

static bool read_agent(const Watch *watch, GuestAgent *ret_agent, Error *err)
{
    Error cause = { .code = ERR_NONE };
    return guest_agent_read(&watch->view.items, ret_agent, &cause) || refuse_version(watch, &cause, err);
}

static bool wait_for_agent(Watch *watch, int64_t timeout_s, GuestAgent *ret_agent, Error *err)
{
    for (;;) {
        if (!look(watch, err))
            return false;
        if (watch->view.contact == KVP_IN_CONTACT && kvp_find(&watch->view.items, EXCHANGE_AGENT) != NULL)
            return read_agent(watch, ret_agent, err);
        if (wait_passed_s(&watch->waiting) >= timeout_s)
            return explain_silence(watch, err);
        pause_watch(watch, "wait for the guest", -1);
    }
}

bool guest_watch_agent(HyperVHost *host, const Vm *vm, int64_t timeout_s, GuestAgent *ret_agent, Error *err)
{
    Watch watch = begin(host, vm);
    bool ok = wait_for_agent(&watch, timeout_s, ret_agent, err);
    end(&watch);
    return ok;
}

/* ---- how it gets on ---- */

static const char *const doing[EXCHANGE_PHASE_COUNT] = {
    [EXCHANGE_SEEN] = "the guest looks at the request",
    [EXCHANGE_TAKING] = "the guest takes the package",
    [EXCHANGE_CHECKING] = "the guest checks the package",
    [EXCHANGE_INSTALLING] = "the guest installs",
    [EXCHANGE_DEVICE] = "the guest's GPU begins anew",
};

bool guest_answer_waits(const ExchangeStatus *status)
{
    return (status->phase == EXCHANGE_DONE && status->reason == EXCHANGE_IN_USE) ||
           ((status->phase == EXCHANGE_DONE || status->phase == EXCHANGE_FAILED) &&
            status->reason == EXCHANGE_RESTART);
}

/* *ret_is_there false: the guest has said nothing to this request. */
static bool read_status(const Watch *watch, const AnswerWatch *wanted, bool *ret_is_there, ExchangeStatus *ret_status,
                        Error *err)
{
    ExchangeStatus status;
    Error failure = { .code = ERR_NONE };
    const char *text = watch->view.contact == KVP_IN_CONTACT ? kvp_find(&watch->view.items, EXCHANGE_STATUS) : NULL;
    *ret_is_there = false;
    if (text == NULL)
        return true;
    if (!exchange_status_read(text, &status, &failure))
        return refuse_version(watch, &failure, err);
    *ret_is_there = strcmp(status.id, wanted->id) == 0 && !(wanted->after_restart && guest_answer_waits(&status));
    *ret_status = status;
    return true;
}

static bool refuse_silence(const Watch *watch, bool was_there, const ExchangeStatus *last, Error *err)
{
    if (watch->view.contact != KVP_IN_CONTACT)
        return explain_silence(watch, err);
    if (was_there && last->reason == EXCHANGE_INTERRUPTED)
        (void) error_set(err, ERR_TIMEOUT,
                         "HyperPoint's service in the guest of VM '%s' was stopped, and has not started again",
                         watch->vm->name);
    else if (was_there)
        (void) error_set(err, ERR_TIMEOUT, "the guest of VM '%s' does not get on with the package", watch->vm->name);
    else
        (void) error_set(err, ERR_TIMEOUT, "HyperPoint's service in the guest of VM '%s' does not answer",
                         watch->vm->name);
    return error_advise(err, ADVICE_LOOK_AT_SERVICE, NULL);
}

static bool refuse_length(const Watch *watch, Error *err)
{
    (void) error_set(err, ERR_TIMEOUT, "the guest of VM '%s' does not come to an end with the package",
                     watch->vm->name);
    return error_advise(err, ADVICE_LOOK_AT_SERVICE, NULL);
}

/* Of one request. */
static bool is_news(const ExchangeStatus *status, const ExchangeStatus *last)
{
    return status->phase != last->phase || status->percent != last->percent || status->reason != last->reason ||
           status->result != last->result;
}

static bool follow(Watch *watch, const AnswerWatch *wanted, ExchangeStatus *ret_status, Error *err)
{
    const Waiting whole = wait_begin(watch->host);
    ExchangeStatus last = { .percent = 0 };
    bool was_there = false;
    for (;;) {
        ExchangeStatus status = { .percent = 0 };
        bool is_there;
        if (!look(watch, err) || !read_status(watch, wanted, &is_there, &status, err))
            return false;
        if (is_there && exchange_phase_is_last(status.phase)) {
            *ret_status = status;
            return true;
        }
        bool is_new = is_there && (!was_there || is_news(&status, &last));
        if (is_new)
            watch->waiting = wait_begin(watch->host);
        if (is_new && status.reason == EXCHANGE_INTERRUPTED)
            report_notice(watch->host->report, "HyperPoint's service in the guest of VM '%s' was stopped; it goes on "
                                               "when it starts again", watch->vm->name);
        if (is_there)
            last = status;
        was_there |= is_there;
        if (wait_passed_s(&watch->waiting) >= (was_there ? wanted->silence_s : wanted->first_s))
            return refuse_silence(watch, was_there, &last, err);
        if (wait_passed_s(&whole) >= LONGEST_S)
            return refuse_length(watch, err);
        if (was_there)
            pause_watch(watch, doing[last.phase], (int) last.percent);
        else
            pause_watch(watch, wanted->after_restart ? "wait until the guest is back" : "wait for the guest", -1);
    }
}

bool guest_watch_answer(HyperVHost *host, const Vm *vm, const AnswerWatch *watch, ExchangeStatus *ret_status,
                        Error *err)
{
    Watch state = begin(host, vm);
    bool ok = follow(&state, watch, ret_status, err);
    end(&state);
    return ok;
}

/* ---- answers ---- */

bool guest_answer_error(const Vm *vm, const ExchangeStatus *status, Error *err)
{
    static const struct {
        ErrorCode code;
        const char *text;
        const char *hint;
    } answers[EXCHANGE_REASON_COUNT] = {
        [EXCHANGE_NONE] = { ERR_REMOTE, "could not install the package", NULL },
        [EXCHANGE_NOT_ALLOWED] = { ERR_STATE, "does not let its host update drivers",
                                   "the guest's administrator can allow it where the service is set up" },
        [EXCHANGE_OTHER_VM] = { ERR_STATE, "takes itself for that of another VM",
                                "a VM that was copied knows its new ID after its guest was restarted" },
        [EXCHANGE_REPEATED] = { ERR_STATE, "has answered this request before", "try again" },
        [EXCHANGE_OLDER] = { ERR_STATE, "has answered this request long before", "try again" },
        [EXCHANGE_MISSING] = { ERR_IO, "does not have the package, although the host has copied it",
                               "the guest services may not have been ready: try again in a minute" },
        [EXCHANGE_SHORT] = { ERR_IO, "has only a part of the package", "try again" },
        [EXCHANGE_HASH] = { ERR_IO, "got another package than was sent",
                            "somebody in the guest may have exchanged it on the way; try again" },
        [EXCHANGE_PACKAGE] = { ERR_INVALID, "cannot install this package",
                               "its log tells why; the service there may be an older version" },
        [EXCHANGE_SPACE] = { ERR_NO_SPACE, "has no room on its disk", "make room there, and try again" },
        [EXCHANGE_BUSY] = { ERR_BUSY, "is at another installation, or has to end one first",
                            "look there with installdrivers" },
        [EXCHANGE_IN_USE] = { ERR_BUSY, "cannot exchange files that are in use", "restart the guest, and try again" },
        [EXCHANGE_RESTART] = { ERR_STATE, "has to be restarted first", "restart the guest, and try again" },
        [EXCHANGE_PROBLEM] = { ERR_REMOTE, "could not make its GPU work", NULL },
        [EXCHANGE_INTERRUPTED] = { ERR_STATE, "was interrupted at it time and again",
                                   "look at the guest, and try again" },
        [EXCHANGE_INTERNAL] = { ERR_REMOTE, "failed", "the log of its service tells why" },
    };
    const char *hint = answers[status->reason].hint;
    (void) error_set(err, answers[status->reason].code, "the guest of VM '%s' %s", vm->name,
                     answers[status->reason].text);
    return hint != NULL ? error_hint(err, "%s", hint) : false;
}
