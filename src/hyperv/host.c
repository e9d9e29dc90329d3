/* SPDX-License-Identifier: MIT */
/* Job states and return values: Windows SDK, Msvm_ConcreteJob and the method pages of Hyper-V's WMI provider (v2). */
#include "hyperv/host.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <inttypes.h>
#include <string.h>

enum {
    RETURN_DONE = 0,
    RETURN_JOB_STARTED = 4096,

    JOB_COMPLETED = 7, /* 2 new .. 6 shutting down are on the way, 7 .. 10 have ended */
    JOB_COMPLETED_WITH_WARNINGS = 32768,

    POLL_FIRST_MS = 25,
    POLL_LONGEST_MS = 500,
    POLL_LOST_LIMIT = 5, /* unanswered polls in a row before the outcome counts as unknown */
};

/* A job that shows no change for so long is given up. What passes between two looks counts up to the second limit: more
 * than that, and this computer was asleep. */
#define SECONDS_US INT64_C(1000000)
#define JOB_STALL_LIMIT_US (30 * 60 * SECONDS_US)
#define LOOK_LIMIT_US (60 * SECONDS_US)

bool error_outcome_is_unknown(const Error *err)
{
    return err->code == ERR_UNKNOWN_OUTCOME;
}

bool error_leaves_doubt(const Error *err)
{
    /* These two are said before anything is sent. */
    return err->code != ERR_CANCELLED && err->code != ERR_UNREACHABLE;
}

void host_tell_detail(const HyperVHost *host, const Error *failure, const char *what_next)
{
    report_detail(host->report, "%s; %s", failure->message, what_next);
}

bool host_select(HyperVHost *host, const char *ns, const char *class_name, const char *property, const char *value,
                 Arena *arena, CimInstanceList *ret_rows, Error *err)
{
    const char *query;
    return wql_select(class_name, property, value, arena, &query, err) &&
           cim_session_query(host->session, ns, query, arena, ret_rows, err);
}

bool host_is_visible(HyperVHost *host, Arena *arena, bool *ret_visible, CimInstanceList *ret_rows, Error *err)
{
    CimInstanceList rows;
    if (!host_select(host, NS_VIRTUALIZATION, "Msvm_ComputerSystem", NULL, NULL, arena, &rows, err))
        return false;
    bool visible = false;
    for (size_t i = 0; i < rows.count; i++) {
        /* VMs have a GUID for a name, the host has its computer name. */
        const char *name = cim_instance_text(rows.items[i], "Name");
        visible = visible || (name != NULL && !guid_is_valid(name));
    }
    *ret_visible = visible;
    if (ret_rows != NULL)
        *ret_rows = rows;
    return true;
}

bool host_rights_error(const HyperVHost *host, Error *err)
{
    (void) error_set(err, ERR_DENIED, "no rights on the Hyper-V host '%s': it shows neither its VMs nor itself",
                     host->session->host);
    return error_hint(err, "run as an administrator, or as a member of the group Hyper-V Administrators of that host");
}

bool host_service_path(HyperVHost *host, const char *class_name, const char *name, const char *any_path, Arena *arena,
                       const char **ret_path, Error *err)
{
    Error no_host = { .code = ERR_NONE };
    CimPath path;
    if (any_path != NULL && cim_path_parse(any_path, arena, &path, &no_host) && path.host != NULL) {
        CimProperty keys[] = {
            { "CreationClassName", cim_string(class_name) },
            { "Name", cim_string(name) },
            { "SystemCreationClassName", cim_string("Msvm_ComputerSystem") },
            { "SystemName", cim_string(path.host) },
        };
        CimPath service = { .class_name = class_name, .keys = keys, .count = COUNT_OF(keys) };
        *ret_path = cim_path_format(&service, arena);
        return true;
    }
    CimInstanceList rows;
    if (!host_select(host, NS_VIRTUALIZATION, class_name, NULL, NULL, arena, &rows, err))
        return false;
    if (rows.count == 0)
        return host_rights_error(host, err);
    *ret_path = rows.items[0]->path;
    return true;
}

/* Hyper-V reuses the method return values as ErrorCode of jobs. */
static ErrorCode code_of_number(uint64_t number)
{
    switch (number) {
    case 32769:
        return ERR_DENIED;
    case 32770:
    case 1:
        return ERR_UNSUPPORTED;
    case 32774:
        return ERR_BUSY;
    case 32775:
    case 5:
        return ERR_STATE;
    default:
        return ERR_REMOTE;
    }
}

static const char *meaning_of_number(uint64_t number)
{
    static const struct {
        uint64_t number;
        const char *meaning;
    } meanings[] = {
        { 1, "not supported" },
        { 2, "failed" },
        { 3, "timeout" },
        { 4, "invalid parameter" },
        { 5, "invalid state" },
        { 32768, "failed" },
        { 32769, "access denied" },
        { 32770, "not supported" },
        { 32771, "status unknown" },
        { 32772, "timeout" },
        { 32773, "invalid parameter" },
        { 32774, "the system is in use" },
        { 32775, "not possible in the VM's present state" },
        { 32776, "wrong data type" },
        { 32777, "the system is not available" },
        { 32778, "out of memory" },
        { 32779, "file not found" },
    };
    for (size_t i = 0; i < COUNT_OF(meanings); i++) {
        if (meanings[i].number == number)
            return meanings[i].meaning;
    }
    return "unknown reason";
}

static bool job_has_ended(uint64_t state)
{
    return state >= JOB_COMPLETED;
}

/* What the host says about a job, in one line; "" if it says nothing. */
static const char *job_text(const CimInstance *job, Arena *arena)
{
    const char *told = cim_instance_text(job, "ErrorDescription");
    if (told == NULL || *told == '\0')
        told = cim_instance_text(job, "ErrorSummaryDescription");
    char *text = arena_strdup(arena, told != NULL ? told : "");
    ascii_join_lines(text);
    return text;
}

/* Sets the error of a job that ended badly, or reports the warnings of one that ended well. */
static bool judge_job(HyperVHost *host, const CimInstance *job, const char *what, Arena *arena, Error *err)
{
    uint64_t state = cim_instance_uint(job, "JobState", 0);
    const char *text = job_text(job, arena);
    if (state == JOB_COMPLETED)
        return true;
    if (state == JOB_COMPLETED_WITH_WARNINGS) {
        if (*text != '\0')
            report_warning(host->report, "%s: done, but the host warns: %s", what, text);
        return true;
    }
    uint64_t number = cim_instance_uint(job, "ErrorCode", 0);
    if (*text == '\0')
        text = meaning_of_number(number);
    return error_set_native(err, code_of_number(number), ERROR_SOURCE_JOB, (int64_t) number, "cannot %s: %s", what,
                            text);
}

/* What was seen of a job. */
typedef struct JobView {
    uint64_t state, percent;
    int64_t looked_us;
    int64_t stalled_us;
} JobView;

/* Looks at the job of a poll. False: it does not move any more. */
static bool note_progress(const CimInstance *job, int64_t now_us, JobView *view)
{
    uint64_t state = cim_instance_uint(job, "JobState", 0);
    uint64_t percent = cim_instance_uint(job, "PercentComplete", 0);
    int64_t passed_us = now_us - view->looked_us;
    bool moved = state != view->state || percent != view->percent;
    view->stalled_us = moved ? 0 : view->stalled_us + (passed_us < LOOK_LIMIT_US ? passed_us : LOOK_LIMIT_US);
    view->state = state;
    view->percent = percent;
    view->looked_us = now_us;
    return view->stalled_us <= JOB_STALL_LIMIT_US;
}

/* Follows a job to its end. *ret_job: its last row. ERR_UNKNOWN_OUTCOME when it is lost sight of, ERR_TIMEOUT when it
 * stands still. */
static bool job_wait(HyperVHost *host, const char *path, const char *what, Arena *arena, CimInstance **ret_job,
                     Error *err)
{
    CimSession *session = host->session;
    Clock *clock = session->clock;
    Arena scratch = ARENA_INIT;
    int64_t delay_ms = POLL_FIRST_MS;
    JobView view = { .looked_us = clock->ticks_us(clock) };
    unsigned lost = 0;
    bool ended = false, ok = true;

    while (ok && !ended) {
        arena_release(&scratch);
        CimInstance *job;
        Error failure = { .code = ERR_NONE };
        if (cim_session_poll(session, NS_VIRTUALIZATION, path, &scratch, &job, &failure)) {
            lost = 0;
            ended = job_has_ended(cim_instance_uint(job, "JobState", 0));
            if (ended)
                *ret_job = cim_instance_copy(job, arena);
            else if (!note_progress(job, clock->ticks_us(clock), &view))
                ok = error_set(err, ERR_TIMEOUT, "the host's job to %s does not move", what);
            host->report->progress(host->report, what, (int) (view.percent > 100 ? 100 : view.percent));
        } else if (failure.code == ERR_NOT_FOUND || failure.code == ERR_CANCELLED || ++lost >= POLL_LOST_LIMIT) {
            /* The row is gone before its end was seen, or nobody answers any more. */
            ok = error_set(err, ERR_UNKNOWN_OUTCOME, "lost sight of the host's job to %s: %s", what, failure.message);
        }
        if (ok && !ended)
            clock->sleep_ms(clock, delay_ms);
        delay_ms = delay_ms * 2 > POLL_LONGEST_MS ? POLL_LONGEST_MS : delay_ms * 2;
    }
    arena_release(&scratch);
    return ok;
}

static bool call_and_follow(HyperVHost *host, const char *path, const char *method, const CimInstance *in,
                            const char *what, Arena *arena, CallResult *ret_result, Error *err)
{
    CimInstance *out;
    host->report->progress(host->report, what, -1);
    bool answered = cim_session_invoke(host->session, NS_VIRTUALIZATION, path, method, in, arena, &out, err);
    if (!answered)
        return error_prefix(err, "cannot %s", what);

    CallResult result = { .out = out };
    if (cim_instance_is_null(out, "ReturnValue"))
        return error_set(err, ERR_UNKNOWN_OUTCOME, "cannot %s: the host's answer says not whether it was done", what);
    uint64_t value = cim_instance_uint(out, "ReturnValue", 0);
    if (value == RETURN_JOB_STARTED) {
        CimInstance *job;
        result.job_path = cim_instance_text(out, "Job");
        if (result.job_path == NULL)
            return error_set(err, ERR_UNKNOWN_OUTCOME, "cannot %s: the host started a job and did not name it", what);
        if (!job_wait(host, result.job_path, what, arena, &job, err)) {
            err->code = ERR_UNKNOWN_OUTCOME;
            return false;
        }
        if (!judge_job(host, job, what, arena, err))
            return false;
    } else if (value != RETURN_DONE) {
        return error_set_native(err, code_of_number(value), ERROR_SOURCE_CIM_RETURN, (int64_t) value,
                                "cannot %s: the host answers %" PRIu64 " (%s)", what, value, meaning_of_number(value));
    }
    if (ret_result != NULL)
        *ret_result = result;
    return true;
}

bool host_call(HyperVHost *host, const char *path, const char *method, const CimInstance *in, const char *what,
               Arena *arena, CallResult *ret_result, Error *err)
{
    bool ok = call_and_follow(host, path, method, in, what, arena, ret_result, err);
    host->report->progress(host->report, NULL, -1);
    host->calls_done += ok;
    host->calls_in_doubt += !ok && error_leaves_doubt(err);
    return ok;
}

bool host_job_results(HyperVHost *host, const char *job_path, const char *class_name, Arena *arena,
                      CimInstanceList *ret_rows, Error *err)
{
    return cim_session_poll_results(host->session, NS_VIRTUALIZATION, job_path, class_name, arena, ret_rows, err);
}

bool host_settle(HyperVHost *host, const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstanceList jobs;
    bool ok = cim_session_associators(host->session, NS_VIRTUALIZATION, path, "Msvm_AffectedJobElement",
                                      "Msvm_ConcreteJob", &arena, &jobs, err);
    for (size_t i = 0; ok && i < jobs.count; i++) {
        CimInstance *job;
        if (job_has_ended(cim_instance_uint(jobs.items[i], "JobState", 0)))
            continue;
        /* A job that is lost sight of has ended; what it did shows in the state that is read next. */
        Error lost = { .code = ERR_NONE };
        if (!job_wait(host, jobs.items[i]->path, "finish what the host is doing", &arena, &job, &lost) &&
            lost.code == ERR_TIMEOUT) {
            *err = lost;
            ok = false;
        }
    }
    host->report->progress(host->report, NULL, -1);
    arena_release(&arena);
    return ok;
}
