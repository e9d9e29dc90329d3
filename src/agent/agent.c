/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"

#include "agent/memory.h"
#include "agent/publish.h"
#include "agent/switches.h"
#include "agent/take.h"
#include "agent/update.h"
#include "base/alloc.h"
#include "base/ascii.h"
#include "exchange/names.h"
#include "platform/fs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_MS = 500,               /* for a file that is not whole yet */
    QUIET_MS = 60 * 1000,        /* in which some of it must come */
    LONGEST_MS = 60 * 60 * 1000, /* for all of it */
    REFRESH_MS = 10 * 60 * 1000, /* of what is told without being asked */
    TELL_US = 2 * 1000 * 1000,   /* between two statuses of one phase */
    MOST_ATTEMPTS = 3,           /* of one installation that each time ends with the service */
};

#define COPY AGENT_FOLDER "/incoming.zip"
#define MEMORY_NAME "requests.json"
#define MEMORY AGENT_FOLDER "/" MEMORY_NAME

/* A file that is awaited. */
typedef struct Waiting {
    char id[EXCHANGE_ID_LENGTH + 1];
    int64_t since_us, moved_us; /* the clock's ticks */
    uint64_t size;              /* so far */
} Waiting;

struct Agent {
    Report report; /* first: the engine hands it back */
    const AgentGuest *guest;
    Tree *tree;  /* of the data folder */
    Arena arena; /* of one step */
    AgentMemory memory;
    ExchangeStatus status; /* told last */
    int64_t told_us;
    Waiting waiting;
    char misunderstood[HASH_TEXT_LENGTH + 1]; /* of the request that was complained of */
};

/* ---- telling ---- */

static Update update_of(Agent *agent)
{
    return (Update){ .guest = agent->guest, .report = &agent->report, .arena = &agent->arena };
}

static void warn(Agent *agent, const Error *err)
{
    report_warning(agent->guest->report, "%s", err->message);
}

/* A host that misses one will hear the next one. */
static void tell(Agent *agent, const ExchangeStatus *status)
{
    Error err = { .code = ERR_NONE };
    agent->status = *status;
    agent->told_us = agent->guest->clock->ticks_us(agent->guest->clock);
    if (!publish_status(agent->guest->registry, status, &err))
        warn(agent, &err);
}

static void tell_phase(Agent *agent, ExchangePhase phase, uint64_t percent)
{
    ExchangeStatus status = agent->status;
    int64_t now_us = agent->guest->clock->ticks_us(agent->guest->clock);
    if (status.phase == phase && (status.percent == percent || now_us - agent->told_us < TELL_US))
        return;
    status.phase = phase;
    status.percent = percent;
    tell(agent, &status);
}

static void on_notice(Report *report, const char *text)
{
    Agent *agent = (Agent *) report;
    agent->guest->report->notice(agent->guest->report, text);
}

static void on_warning(Report *report, const char *text)
{
    Agent *agent = (Agent *) report;
    agent->guest->report->warning(agent->guest->report, text);
}

/* Of an installation. */
static void on_progress(Report *report, const char *text, int percent)
{
    Agent *agent = (Agent *) report;
    if (text != NULL && agent->status.id[0] != '\0' && !exchange_phase_is_last(agent->status.phase))
        tell_phase(agent, EXCHANGE_INSTALLING, percent < 0 ? agent->status.percent : (uint64_t) percent);
}

/* What is there, and what the host may ask for. */
static bool tell_report(Agent *agent, Error *err)
{
    Update update = update_of(agent);
    AgentReport report = { .program = HYPERPOINT_VERSION, .problem = update_problem(&update) };
    AgentSwitches switches;
    InstalledPackages packages = { 0 };
    Error failure = { .code = ERR_NONE };
    if (!agent_switches_read(agent->guest->registry, &switches, err))
        return false;
    if (!update_packages(&update, &packages, &failure))
        warn(agent, &failure);
    report.update = switches.update;
    report.restart = switches.restart;
    publish_windows_build(agent->guest->registry, &agent->arena, &report);
    return publish_report(agent->guest->registry, &report, &packages, err);
}

/* ---- answers ---- */

static bool save(Agent *agent, Error *err)
{
    return agent_memory_write(agent->tree, MEMORY, &agent->memory, err);
}

static void log_answer(Agent *agent, const ExchangeStatus *status)
{
    bool has_reason = status->reason != EXCHANGE_NONE;
    report_notice(agent->guest->report, "request %s: %s%s%s", status->id, exchange_phases[status->phase],
                  has_reason ? ", " : "", has_reason ? exchange_reasons[status->reason] : "");
}

static ExchangeStatus answer_of(const char *id, const UpdateOutcome *outcome)
{
    ExchangeStatus status = {
        .phase = outcome->phase, .reason = outcome->reason, .percent = 100, .result = outcome->result
    };
    memcpy(status.id, id, sizeof(status.id));
    return status;
}

/* What is left of a request is of no use to anybody. */
static void clear_files(Agent *agent, const char *id)
{
    Error err = { .code = ERR_NONE };
    const char *brought = arena_printf(&agent->arena, EXCHANGE_INBOX "/%s", exchange_file_name(id, &agent->arena));
    if (!tree_remove(agent->tree, COPY, &err))
        warn(agent, &err);
    err.code = ERR_NONE;
    if (*id != '\0' && !tree_remove(agent->tree, brought, &err))
        warn(agent, &err);
}

/* Remembered first, so that what was told is not done a second time. What cannot be remembered is told nevertheless:
 * this process still knows; and the file stays, so that another one comes to the same answer. */
static void remember(Agent *agent, const ExchangeStatus *status)
{
    Error err = { .code = ERR_NONE };
    agent_memory_answer(&agent->memory, status, &agent->arena);
    if (save(agent, &err))
        clear_files(agent, status->id);
    else
        warn(agent, &err);
}

static void answer(Agent *agent, const char *id, const UpdateOutcome *outcome)
{
    Error err = { .code = ERR_NONE };
    ExchangeStatus status = answer_of(id, outcome);
    remember(agent, &status);
    if (outcome->phase == EXCHANGE_DONE && !tell_report(agent, &err))
        warn(agent, &err);
    tell(agent, &status);
    log_answer(agent, &status);
}

static void refuse(Agent *agent, const ExchangeRequest *request, ExchangePhase phase, ExchangeReason reason)
{
    UpdateOutcome outcome = { .phase = phase, .reason = reason };
    answer(agent, request->id, &outcome);
}

/* ---- the request ---- */

/* NULL: there is none. */
static bool read_text(Agent *agent, const char *key, const char *name, const char **ret_text, Error *err)
{
    RegistryValue value;
    Registry *registry = agent->guest->registry;
    if (!registry->read(registry, key, name, &agent->arena, &value, err))
        return false;
    *ret_text = NULL;
    if (value.state == REGISTRY_VALUE) {
        StringList texts = registry_value_texts(&value, &agent->arena);
        *ret_text = value.type == REGISTRY_TYPE_TEXT && texts.count == 1 ? texts.items[0] : "";
    }
    return true;
}

/* Once for each. */
static void complain(Agent *agent, const char *text, const Error *err)
{
    char hash[HASH_TEXT_LENGTH + 1];
    Error failure = { .code = ERR_NONE };
    if (!hash_of(text, strlen(text), hash, &failure) || strcmp(hash, agent->misunderstood) == 0)
        return;
    memcpy(agent->misunderstood, hash, sizeof(hash));
    warn(agent, err);
}

static bool find_refusal(Agent *agent, const ExchangeRequest *request, ExchangeReason *ret_reason, Error *err)
{
    const char *vm;
    AgentSwitches switches;
    if (!read_text(agent, EXCHANGE_KEY_FACTS, EXCHANGE_FACT_VM_ID, &vm, err) ||
        !agent_switches_read(agent->guest->registry, &switches, err))
        return false;
    *ret_reason = vm == NULL || !ascii_equals(vm, request->vm)       ? EXCHANGE_OTHER_VM
                  : !switches.update                                 ? EXCHANGE_NOT_ALLOWED
                  : strcmp(request->id, agent->memory.answered) == 0 ? EXCHANGE_REPEATED
                  : agent_memory_has(&agent->memory, request->id)    ? EXCHANGE_OLDER
                                                                     : EXCHANGE_NONE;
    return true;
}

/* It has been answered, and stands there until the host takes it back. */
static bool is_answered(const Agent *agent, const ExchangeRequest *request)
{
    return (strcmp(request->id, agent->memory.answered) == 0 && !agent->memory.is_gone) ||
           (strcmp(request->id, agent->status.id) == 0 && exchange_phase_is_last(agent->status.phase));
}

static void tell_again(Agent *agent, const ExchangeRequest *request)
{
    ExchangeStatus status = agent->status;
    const UpdateOutcome remembered = { agent->memory.phase, agent->memory.reason, agent->memory.result };
    if (strcmp(status.id, request->id) != 0)
        status = answer_of(request->id, &remembered);
    if (agent_memory_has(&agent->memory, request->id))
        clear_files(agent, request->id);
    else
        remember(agent, &status);
    tell(agent, &status);
}

/* A request of before, which comes back. */
static void refuse_answered(Agent *agent, const ExchangeRequest *request, ExchangeReason reason)
{
    const UpdateOutcome outcome = { .phase = EXCHANGE_REFUSED, .reason = reason };
    ExchangeStatus status = answer_of(request->id, &outcome);
    tell(agent, &status);
    clear_files(agent, request->id);
    log_answer(agent, &status);
}

/* ---- carrying it out ---- */

static void on_taken(void *context, unsigned percent)
{
    tell_phase(context, EXCHANGE_TAKING, percent);
}

/* For the file, which is not there or not whole. */
static bool may_wait(Agent *agent, const ExchangeRequest *request, const Taken *taken)
{
    Waiting *waiting = &agent->waiting;
    int64_t now_us = agent->guest->clock->ticks_us(agent->guest->clock);
    if (strcmp(waiting->id, request->id) != 0) {
        *waiting = (Waiting){ .since_us = now_us, .moved_us = now_us };
        memcpy(waiting->id, request->id, sizeof(waiting->id));
    }
    if (taken->size > waiting->size) {
        waiting->size = taken->size;
        waiting->moved_us = now_us;
    }
    return now_us - waiting->moved_us < (int64_t) QUIET_MS * 1000 &&
           now_us - waiting->since_us < (int64_t) LONGEST_MS * 1000;
}

static UpdateOutcome outcome_of_error(Agent *agent, const Error *err)
{
    warn(agent, err);
    return (UpdateOutcome){ .phase = EXCHANGE_FAILED,
                            .reason = err->code == ERR_NO_SPACE ? EXCHANGE_SPACE : EXCHANGE_INTERNAL };
}

/* The service was asked to stop: the next one goes on. */
static void leave_it(Agent *agent)
{
    ExchangeStatus status = agent->status;
    status.reason = EXCHANGE_INTERRUPTED;
    tell(agent, &status);
}

/* Remembered before it begins. */
static bool begin_attempt(Agent *agent, const char *manifest, UpdateOutcome *outcome)
{
    Error err = { .code = ERR_NONE };
    *outcome = (UpdateOutcome){ .phase = EXCHANGE_FAILED, .reason = EXCHANGE_INTERRUPTED };
    if (agent->memory.attempts++ >= MOST_ATTEMPTS)
        return false;
    memcpy(agent->memory.manifest, manifest, sizeof(agent->memory.manifest));
    if (save(agent, &err))
        return true;
    *outcome = outcome_of_error(agent, &err);
    return false;
}

/* A start of Windows is to settle it. */
static bool waits(const UpdateOutcome *outcome)
{
    return outcome->reason == EXCHANGE_IN_USE || outcome->reason == EXCHANGE_RESTART;
}

/* False: it was interrupted. */
static bool install(Agent *agent, const char *path, UpdateOutcome *outcome)
{
    Update update = update_of(agent);
    PackageSource *source;
    char manifest[HASH_TEXT_LENGTH + 1];
    tell_phase(agent, EXCHANGE_CHECKING, 0);
    if (!update_open(&update, path, &source, manifest, outcome))
        return true;
    bool is_same = strcmp(manifest, agent->memory.manifest) == 0;
    bool is_kept = update_is_kept_waiting(&update, is_same, outcome);
    bool ok = is_kept || !begin_attempt(agent, manifest, outcome) || update_install(&update, source, outcome);
    package_close(source);
    if (ok && outcome->phase == EXCHANGE_DONE && outcome->reason == EXCHANGE_NONE) {
        tell_phase(agent, EXCHANGE_DEVICE, 0);
        update_devices(&update, outcome);
    }
    if (ok && !is_kept && !waits(outcome))
        agent->memory.manifest[0] = '\0';
    return ok;
}

static void install_copy(Agent *agent, const ExchangeRequest *request)
{
    UpdateOutcome outcome;
    Error err = { .code = ERR_NONE };
    if (install(agent, tree_full(agent->tree, COPY, &agent->arena), &outcome)) {
        answer(agent, request->id, &outcome);
        return;
    }
    agent->memory.attempts--;
    if (!save(agent, &err))
        warn(agent, &err);
    leave_it(agent);
}

static void take(Agent *agent, const ExchangeRequest *request, int64_t *wait_ms)
{
    Taken taken;
    Error err = { .code = ERR_NONE };
    Take take = { .tree = agent->tree,
                  .from =
                      arena_printf(&agent->arena, EXCHANGE_INBOX "/%s", exchange_file_name(request->id, &agent->arena)),
                  .to = COPY,
                  .request = request,
                  .cancel = agent->guest->cancel,
                  .progress = on_taken,
                  .context = agent };
    if (!take_file(&take, &taken, &err)) {
        UpdateOutcome outcome;
        if (err.code == ERR_CANCELLED) {
            leave_it(agent);
            return;
        }
        outcome = outcome_of_error(agent, &err);
        answer(agent, request->id, &outcome);
    } else if (taken.state == TAKE_DONE) {
        install_copy(agent, request);
    } else if (taken.state == TAKE_NOT_YET && may_wait(agent, request, &taken)) {
        tell_phase(agent, EXCHANGE_TAKING, take_percent(taken.size, request->size));
        *wait_ms = LOOK_MS;
    } else {
        refuse(agent, request, EXCHANGE_FAILED, taken.reason);
    }
}

/* Files that were brought for requests which nobody saw: a host has one request at a time. */
static void sweep(Agent *agent, const char *id)
{
    StringList names;
    Error err = { .code = ERR_NONE };
    if (!tree_list(agent->tree, EXCHANGE_INBOX, &agent->arena, &names, &err)) {
        warn(agent, &err);
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        char found[EXCHANGE_ID_LENGTH + 1];
        if (exchange_file_id(names.items[i], found) && strcmp(found, id) != 0)
            clear_files(agent, found);
    }
}

/* From here on it is known that the request was begun. */
static bool accept_request(Agent *agent, const ExchangeRequest *request, Error *err)
{
    ExchangeStatus seen = { .phase = EXCHANGE_SEEN };
    memcpy(seen.id, request->id, sizeof(seen.id));
    if (strcmp(agent->status.id, request->id) != 0)
        tell(agent, &seen);
    if (strcmp(agent->memory.pending, request->id) == 0)
        return true;
    report_begins(agent->guest->report, "request %s", request->id);
    report_notice(agent->guest->report, "request %s: install a package of %" PRIu64 " bytes", request->id,
                  request->size);
    sweep(agent, request->id);
    memcpy(agent->memory.pending, request->id, sizeof(agent->memory.pending));
    agent->memory.attempts = 0;
    return save(agent, err);
}

static bool handle(Agent *agent, const ExchangeRequest *request, int64_t *wait_ms, Error *err)
{
    ExchangeReason reason;
    if (is_answered(agent, request)) {
        tell_again(agent, request);
        return true;
    }
    if (!find_refusal(agent, request, &reason, err))
        return false;
    if (reason == EXCHANGE_REPEATED || reason == EXCHANGE_OLDER)
        refuse_answered(agent, request, reason);
    else if (reason != EXCHANGE_NONE)
        refuse(agent, request, EXCHANGE_REFUSED, reason);
    else if (!accept_request(agent, request, err))
        refuse(agent, request, EXCHANGE_FAILED, err->code == ERR_NO_SPACE ? EXCHANGE_SPACE : EXCHANGE_INTERNAL);
    else
        take(agent, request, wait_ms);
    return true;
}

/* The host has taken its request back, answered or not. */
static bool forget(Agent *agent, Error *err)
{
    AgentMemory *memory = &agent->memory;
    agent->status = (ExchangeStatus){ .phase = EXCHANGE_SEEN };
    agent->waiting = (Waiting){ .size = 0 };
    if (memory->pending[0] == '\0' && (memory->answered[0] == '\0' || memory->is_gone))
        return true;
    clear_files(agent, memory->pending[0] != '\0' ? memory->pending : memory->answered);
    memory->pending[0] = '\0';
    memory->attempts = 0;
    memory->is_gone = memory->answered[0] != '\0';
    return save(agent, err);
}

/* What cannot be remembered is not begun. */
static void refuse_unremembered(Agent *agent, const ExchangeRequest *request, const Error *err)
{
    static const UpdateOutcome outcome = { .phase = EXCHANGE_FAILED, .reason = EXCHANGE_INTERNAL };
    ExchangeStatus status = answer_of(request->id, &outcome);
    if (strcmp(agent->status.id, request->id) == 0 && exchange_phase_is_last(agent->status.phase))
        return;
    warn(agent, err);
    tell(agent, &status);
}

static bool look_at_request(Agent *agent, int64_t *wait_ms, Error *err)
{
    const char *text;
    ExchangeRequest request;
    Error problem = { .code = ERR_NONE };
    if (!read_text(agent, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, &text, err))
        return false;
    if (text != NULL && !exchange_request_read(text, &request, &problem)) {
        complain(agent, text, &problem);
        return true;
    }
    if (!agent_memory_read(agent->tree, MEMORY, &agent->arena, &agent->memory, &problem)) {
        if (text != NULL)
            refuse_unremembered(agent, &request, &problem);
        return true;
    }
    return text == NULL ? forget(agent, err) : handle(agent, &request, wait_ms, err);
}

bool agent_step(Agent *agent, int64_t *ret_wait_ms, Error *err)
{
    int64_t wait_ms = REFRESH_MS;
    bool ok = look_at_request(agent, &wait_ms, err) && (wait_ms != REFRESH_MS || tell_report(agent, err));
    arena_release(&agent->arena);
    agent->memory.ids = (StringList){ 0 };
    *ret_wait_ms = wait_ms;
    return ok;
}

/* ---- beginning ---- */

/* What waited for the start of Windows is in place, or was put back. A GPU that still does not work is not to be cured
 * by another one. */
static bool find_ending(const Update *update, const AgentMemory *memory, UpdateOutcome *ret_outcome, Error *err)
{
    InstalledPackages packages;
    UpdateOutcome outcome = { .phase = EXCHANGE_FAILED, .reason = EXCHANGE_INTERRUPTED };
    bool is_there = false;
    if (!update_packages(update, &packages, err))
        return false;
    for (size_t i = 0; i < packages.count; i++) {
        char hash[HASH_TEXT_LENGTH + 1];
        installed_manifest_hash(&packages.items[i], hash);
        is_there |= strcmp(hash, memory->manifest) == 0;
    }
    if (is_there)
        update_devices(update, &outcome);
    if (outcome.reason == EXCHANGE_RESTART)
        outcome.reason = EXCHANGE_PROBLEM;
    *ret_outcome = outcome;
    return true;
}

/* Also for a request that was refused because of it: that can be made again. */
static bool end_waiting(Agent *agent, Error *err)
{
    Update update = update_of(agent);
    AgentMemory *memory = &agent->memory;
    UpdateOutcome outcome = { .phase = memory->phase, .reason = memory->reason, .result = memory->result };
    bool was_refused = memory->phase == EXCHANGE_FAILED && memory->reason == EXCHANGE_RESTART;
    if (was_refused)
        outcome.reason = EXCHANGE_NONE;
    else if (waits(&outcome) && !find_ending(&update, memory, &outcome, err))
        return false;
    memory->phase = outcome.phase;
    memory->reason = outcome.reason;
    memory->result = outcome.result;
    memory->manifest[0] = '\0';
    if (!save(agent, err))
        return false;
    if (memory->answered[0] == '\0') /* it was begun for a request that was taken back */
        return true;
    ExchangeStatus status = answer_of(memory->answered, &outcome);
    tell(agent, &status);
    return true;
}

/* What an installation of this service's has left. */
static bool recover(Agent *agent, Error *err)
{
    Update update = update_of(agent);
    AgentMemory *memory = &agent->memory;
    static const UpdateOutcome waiting = { .phase = EXCHANGE_DONE, .reason = EXCHANGE_IN_USE };
    char pending[EXCHANGE_ID_LENGTH + 1];
    bool still_waits;
    if (!agent_memory_read(agent->tree, MEMORY, &agent->arena, memory, err))
        return false;
    if (memory->manifest[0] == '\0')
        return true;
    if (!update_recover(&update, &still_waits, err))
        return false;
    memcpy(pending, memory->pending, sizeof(pending));
    if (still_waits && pending[0] != '\0' && memory->attempts > 0) /* not what was asked for before */
        answer(agent, pending, &waiting);
    return still_waits || pending[0] != '\0' || end_waiting(agent, err);
}

static bool prepare(Agent *agent, Error *err)
{
    if (!tree_open(agent->guest->data, &agent->tree, err) || !tree_make_folders(agent->tree, AGENT_FOLDER, err) ||
        !tree_remove(agent->tree, COPY, err))
        return false;
    fs_remove_leftovers(tree_full(agent->tree, AGENT_FOLDER, &agent->arena), MEMORY_NAME);
    /* That a user has put something in the inbox's place is seen when a file is to be taken from it. */
    Error failure = { .code = ERR_NONE };
    if (!tree_make_folders(agent->tree, EXCHANGE_INBOX, &failure))
        warn(agent, &failure);
    return true;
}

bool agent_begin(Agent *agent, Error *err)
{
    Error failure = { .code = ERR_NONE };
    bool ok = prepare(agent, err);
    if (ok && !recover(agent, &failure))
        warn(agent, &failure); /* requests are answered nevertheless */
    ok = ok && tell_report(agent, err);
    arena_release(&agent->arena);
    agent->memory.ids = (StringList){ 0 };
    return ok;
}

Agent *agent_create(const AgentGuest *guest)
{
    Agent *agent = alloc_zeroed(sizeof(*agent));
    agent->report = (Report){ .notice = on_notice, .warning = on_warning, .progress = on_progress };
    agent->guest = guest;
    return agent;
}

void agent_destroy(Agent *agent)
{
    if (agent == NULL)
        return;
    tree_close(agent->tree);
    arena_release(&agent->arena);
    free(agent);
}
