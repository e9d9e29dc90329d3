/* SPDX-License-Identifier: MIT */
/* See fault_session.h. What a call may answer: cim/session.h; jobs: Windows SDK, Msvm_ConcreteJob. */
#include "support/fault_session.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/process.h"
#include "support/system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_PATH "\\\\HV1\\root\\virtualization\\v2:Msvm_ConcreteJob.InstanceID="
#define FAILING_JOB JOB_PATH "\"FA170000-0000-0000-0000-000000000001\""
#define VANISHED_JOB JOB_PATH "\"FA170000-0000-0000-0000-000000000002\""

enum { LONG_ENOUGH_MS = 60 * 1000 }; /* for every job of the simulated host; less than they are kept after their end */

enum {
    READ = FAULT_CALL_READ | FAULT_CALL_POLL,
    INVOKE = FAULT_CALL_INVOKE,
    ANY = READ | INVOKE,
    BOTH = FAULT_ONCE | FAULT_FROM_THERE_ON,
};

const FaultRow fault_rows[FAULT_KIND_COUNT] = {
    [FAULT_REFUSED] = { "refused", ANY, BOTH },
    [FAULT_WRONG_STATE] = { "refused: wrong state", INVOKE, BOTH },
    [FAULT_DENIED] = { "access denied", ANY, BOTH },
    [FAULT_UNREACHABLE] = { "unreachable", ANY, BOTH },
    [FAULT_GARBLED] = { "garbled reply", READ, BOTH },
    [FAULT_RETURNS_INVALID_STATE] = { "returns 32775", INVOKE, BOTH },
    [FAULT_RETURNS_FAILED] = { "returns 32768", INVOKE, BOTH },
    [FAULT_LOST_RUNNING] = { "reply lost, job running", INVOKE, BOTH },
    [FAULT_LOST_DONE] = { "reply lost, done", INVOKE, BOTH },
    [FAULT_LOST_NOT_DONE] = { "reply lost, not done", INVOKE, BOTH },
    [FAULT_CUT_DONE] = { "line cut, done", INVOKE, FAULT_FROM_THERE_ON },
    [FAULT_CUT_NOT_DONE] = { "line cut, not done", INVOKE, FAULT_FROM_THERE_ON },
    [FAULT_JOB_FAILS] = { "job fails", INVOKE, BOTH },
    [FAULT_JOB_FAILS_DONE] = { "job fails, yet done", INVOKE, BOTH },
    [FAULT_JOB_VANISHES_DONE] = { "job vanishes, done", INVOKE, BOTH },
    [FAULT_JOB_VANISHES_NOT_DONE] = { "job vanishes, not done", INVOKE, BOTH },
    [FAULT_NO_RETURN_VALUE] = { "no ReturnValue, done", INVOKE, BOTH },
    [FAULT_NO_JOB_PATH] = { "4096 without a job, done", INVOKE, BOTH },
    [FAULT_POLL_NOT_FOUND] = { "job gone", FAULT_CALL_POLL, BOTH },
    [FAULT_NO_RIGHTS] = { "rights withdrawn", ANY, FAULT_FROM_THERE_ON },
    [FAULT_KILL_BEFORE] = { "killed before", ANY, FAULT_ONCE },
    [FAULT_KILL_AFTER] = { "killed after", ANY, FAULT_ONCE },
    [FAULT_CANCEL] = { "Ctrl-C", ANY, FAULT_ONCE },
    [FAULT_VM_STARTED] = { "VM started", ANY, FAULT_ONCE },
    [FAULT_ADAPTER_ADDED] = { "adapter added by somebody", ANY, FAULT_ONCE },
    [FAULT_ADAPTER_REMOVED] = { "adapter removed by somebody", ANY, FAULT_ONCE },
    [FAULT_ADAPTER_EXCHANGED] = { "adapter exchanged by somebody", ANY, FAULT_ONCE },
    [FAULT_LIMITS_EDITED] = { "limits edited by somebody", ANY, FAULT_ONCE },
};

typedef struct FaultSession {
    CimSession base;
    CimSession *inner;
    FaultScript *script;
    bool line_fails; /* the call under way */
} FaultSession;

static const CimSessionOps fault_ops;

static FaultSession *fault_from(CimSession *session)
{
    CHECK(session->ops == &fault_ops);
    return (FaultSession *) session;
}

/* ---- which fault ---- */

/* The first word behind FROM or ResultClass, or the class of a path. */
static void describe(char *text, size_t size, const char *verb, const char *what)
{
    static const char *const marks[] = { "ResultClass = ", "AssocClass = ", "FROM " };
    const char *name = what;
    for (size_t i = 0; i < COUNT_OF(marks) && name == what; i++) {
        const char *found = strstr(what, marks[i]);
        name = found != NULL ? found + strlen(marks[i]) : what;
    }
    const char *colon = name == what ? strchr(what, ':') : NULL;
    name = colon != NULL ? colon + 1 : name;
    (void) snprintf(text, size, "%s %.*s", verb, (int) strcspn(name, ". '\""), name);
}

static bool is_hit(const Fault *fault, size_t number, FaultCall call)
{
    bool in_span = fault->span == FAULT_ONCE ? number == fault->at : number >= fault->at;
    bool is_cut = (fault->kind == FAULT_CUT_DONE || fault->kind == FAULT_CUT_NOT_DONE) && number > fault->at;
    return in_span && (is_cut || (fault_rows[fault->kind].calls & (unsigned) call) != 0);
}

/* Counts the call, and does what goes before it. FAULT_KIND_COUNT: it goes as it should. */
static FaultKind begin(FaultSession *session, FaultCall call, const char *verb, const char *what)
{
    FaultScript *script = session->script;
    FaultKind kind = FAULT_KIND_COUNT;
    size_t number = ++script->calls;
    CHECK(number <= FAULT_TRACE_LENGTH || script->hits > 0); /* after a fault it may hang on */
    if (number <= FAULT_TRACE_LENGTH) {
        script->trace[number - 1].call = call;
        describe(script->trace[number - 1].what, sizeof(script->trace[0].what), verb, what);
    }
    for (size_t i = 0; i < script->count && kind == FAULT_KIND_COUNT; i++) {
        if (is_hit(&script->faults[i], number, call)) {
            kind = script->faults[i].kind;
            /* After the cut there is nobody any more. */
            if ((kind == FAULT_CUT_DONE || kind == FAULT_CUT_NOT_DONE) && number > script->faults[i].at)
                kind = FAULT_UNREACHABLE;
        }
    }
    script->hits += kind != FAULT_KIND_COUNT;
    if (kind == FAULT_KILL_BEFORE)
        system_kill_self();
    if (kind == FAULT_CANCEL)
        cancel_request(script->cancel);
    if (kind >= FAULT_VM_STARTED && kind <= FAULT_LIMITS_EDITED)
        script->disturb(script->context, kind);
    Clock *clock = session->base.clock;
    session->line_fails = script->line != NULL && script->line->begin(kind, call, clock->now_ms(clock));
    return kind;
}

/* The call has been handed on. */
static void end(FaultSession *session, FaultKind kind, bool ok)
{
    CHECK(!session->line_fails || !ok);
    if (session->script->line != NULL)
        session->script->line->end();
    if (kind == FAULT_KILL_AFTER)
        system_kill_self();
}

/* ---- answers ---- */

static bool wmi_error(Error *err, ErrorCode code, uint32_t number, const char *text)
{
    return error_set_native(err, code, ERROR_SOURCE_HRESULT, number, "%s", text);
}

/* The errors of a call that nothing came of; false if the kind is none of these. */
static bool fails(FaultKind kind, Error *err)
{
    static const struct {
        FaultKind kind;
        ErrorCode code;
        uint32_t number;
        const char *text;
    } errors[] = {
        { FAULT_REFUSED, ERR_REMOTE, WMI_E_FAILED, "injected: the provider failed" },
        { FAULT_WRONG_STATE, ERR_STATE, WMI_E_FAILED, "injected: not in this state" },
        { FAULT_DENIED, ERR_DENIED, WMI_E_ACCESS_DENIED, "injected: access denied" },
        { FAULT_UNREACHABLE, ERR_UNREACHABLE, 0, "injected: no connection" },
        { FAULT_GARBLED, ERR_PROTOCOL, 0, "injected: garbled reply" },
        { FAULT_POLL_NOT_FOUND, ERR_NOT_FOUND, WMI_E_NOT_FOUND, "injected: the job is gone" },
    };
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        if (errors[i].kind == kind)
            return !wmi_error(err, errors[i].code, errors[i].number, errors[i].text);
    }
    return false;
}

static bool lost(Error *err)
{
    return error_set(err, ERR_UNKNOWN_OUTCOME, "injected: the reply was lost");
}

static CimInstance *answer(Arena *arena, uint32_t value, const char *job)
{
    CimInstance *out = cim_instance_create(arena, "__PARAMETERS");
    cim_instance_set(out, arena, "ReturnValue", cim_uint(CIM_TYPE_UINT32, value));
    cim_instance_set(out, arena, "Job", job != NULL ? cim_text(CIM_TYPE_REFERENCE, job) : cim_null(CIM_TYPE_REFERENCE));
    return out;
}

/* A job that is seen at work once and then has failed. */
static CimInstance *failing_job(FaultScript *script, Arena *arena)
{
    bool at_work = script->job_polls++ % 2 == 0;
    CimInstance *job = cim_instance_create(arena, "Msvm_ConcreteJob");
    job->path = FAILING_JOB;
    cim_instance_set(job, arena, "JobState", cim_uint(CIM_TYPE_UINT16, at_work ? 4 : 10));
    cim_instance_set(job, arena, "PercentComplete", cim_uint(CIM_TYPE_UINT16, 50));
    cim_instance_set(job, arena, "ErrorCode", cim_uint(CIM_TYPE_UINT16, at_work ? 0 : 32768));
    cim_instance_set(job, arena, "ErrorDescription", cim_string(at_work ? NULL : "injected: the job failed"));
    return job;
}

static void let_jobs_end(const FaultSession *session)
{
    session->base.clock->sleep_ms(session->base.clock, LONG_ENOUGH_MS);
}

/* ---- verbs ---- */

static bool fault_query(CimSession *base, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                        Error *err)
{
    FaultSession *session = fault_from(base);
    FaultKind kind = begin(session, FAULT_CALL_READ, "query", wql);
    session->script->adapter_reads += strstr(wql, "Msvm_VirtualSystemSettingDataComponent") != NULL &&
                                      strstr(wql, FAULT_CHECKPOINT_ID) == NULL;
    if (!session->line_fails && fails(kind, err))
        return false;
    if (kind == FAULT_NO_RIGHTS)
        return true;
    bool ok = session->inner->ops->query(session->inner, ns, wql, arena, list, err);
    end(session, kind, ok);
    return ok;
}

static bool fault_get(CimSession *base, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                      Error *err)
{
    FaultSession *session = fault_from(base);
    bool is_poll = strstr(path, "Msvm_ConcreteJob") != NULL;
    FaultKind kind = begin(session, is_poll ? FAULT_CALL_POLL : FAULT_CALL_READ, is_poll ? "poll" : "get", path);
    if (kind == FAULT_POLL_NOT_FOUND)
        let_jobs_end(session);
    if (!session->line_fails && fails(kind, err))
        return false;
    if (kind == FAULT_NO_RIGHTS || strcmp(path, VANISHED_JOB) == 0)
        return wmi_error(err, ERR_NOT_FOUND, WMI_E_NOT_FOUND, "injected: not found");
    bool ok = true;
    if (strcmp(path, FAILING_JOB) == 0)
        *ret_instance = failing_job(session->script, arena);
    else
        ok = session->inner->ops->get(session->inner, ns, path, arena, ret_instance, err);
    end(session, kind, ok);
    return ok;
}

static bool is_spoilt(FaultKind kind)
{
    return kind == FAULT_LOST_RUNNING || kind == FAULT_LOST_DONE || kind == FAULT_CUT_DONE ||
           kind == FAULT_JOB_FAILS_DONE || kind == FAULT_JOB_VANISHES_DONE || kind == FAULT_NO_JOB_PATH ||
           kind == FAULT_NO_RETURN_VALUE;
}

/* What takes the place of the answer of a call that was handed on. */
static bool spoil(FaultSession *session, FaultKind kind, Arena *arena, CimInstance **ret_out, Error *err)
{
    if (kind != FAULT_LOST_RUNNING)
        let_jobs_end(session);
    switch ((int) kind) {
    case FAULT_JOB_FAILS_DONE:
        *ret_out = answer(arena, 4096, FAILING_JOB);
        return true;
    case FAULT_JOB_VANISHES_DONE:
        *ret_out = answer(arena, 4096, VANISHED_JOB);
        return true;
    case FAULT_NO_JOB_PATH:
        *ret_out = answer(arena, 4096, NULL);
        return true;
    case FAULT_NO_RETURN_VALUE:
        *ret_out = cim_instance_create(arena, "__PARAMETERS");
        return true;
    default:
        return lost(err);
    }
}

/* The answer to a call that was not handed on; false in *ret_handled if the kind wants it handed on. */
static bool answer_instead(FaultKind kind, Arena *arena, CimInstance **ret_out, bool *ret_handled, Error *err)
{
    *ret_handled = true;
    if (fails(kind, err))
        return false;
    switch ((int) kind) {
    case FAULT_NO_RIGHTS:
        return wmi_error(err, ERR_DENIED, WMI_E_ACCESS_DENIED, "injected: access denied");
    case FAULT_RETURNS_INVALID_STATE:
    case FAULT_RETURNS_FAILED:
        *ret_out = answer(arena, kind == FAULT_RETURNS_FAILED ? 32768 : 32775, NULL);
        return true;
    case FAULT_LOST_NOT_DONE:
    case FAULT_CUT_NOT_DONE:
        return lost(err);
    case FAULT_JOB_FAILS:
        *ret_out = answer(arena, 4096, FAILING_JOB);
        return true;
    case FAULT_JOB_VANISHES_NOT_DONE:
        *ret_out = answer(arena, 4096, VANISHED_JOB);
        return true;
    default:
        *ret_handled = false;
        return true;
    }
}

static bool fault_invoke(CimSession *base, const char *ns, const char *path, const char *method, const CimInstance *in,
                         Arena *arena, CimInstance **ret_out, Error *err)
{
    FaultSession *session = fault_from(base);
    FaultKind kind = begin(session, FAULT_CALL_INVOKE, "invoke", method);
    bool handled = false;
    bool ok = session->line_fails || answer_instead(kind, arena, ret_out, &handled, err);
    if (handled)
        return ok;
    CimInstance *out;
    Error failure = { .code = ERR_NONE };
    ok = session->inner->ops->invoke(session->inner, ns, path, method, in, arena, &out, &failure);
    end(session, kind, ok);
    if (session->line_fails && (kind == FAULT_LOST_DONE || kind == FAULT_CUT_DONE))
        let_jobs_end(session);
    else if (!session->line_fails && is_spoilt(kind))
        return spoil(session, kind, arena, ret_out, err);
    if (!ok)
        *err = failure;
    else
        *ret_out = out;
    return ok;
}

static void fault_close(CimSession *base)
{
    free(fault_from(base));
}

static const CimSessionOps fault_ops = {
    .name = "fault",
    .query = fault_query,
    .get = fault_get,
    .invoke = fault_invoke,
    .close = fault_close,
};

CimSession *fault_session_wrap(CimSession *inner, FaultScript *script)
{
    FaultSession *session = alloc_zeroed(sizeof(*session));
    cim_session_init(&session->base, &fault_ops, inner->host, inner->clock);
    session->inner = inner;
    session->script = script;
    return &session->base;
}
