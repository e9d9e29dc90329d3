/* SPDX-License-Identifier: MIT */
/* Job states: Windows SDK, Msvm_ConcreteJob. */
#include "hyperv/host/job.h"

#include "base/ascii.h"
#include "cim/schema.h"
#include "hyperv/host/wait.h"

#include <inttypes.h>

enum {
    JOB_COMPLETED = 7, /* 2 new .. 6 shutting down are on the way, 7 .. 10 have ended */
    JOB_COMPLETED_WITH_WARNINGS = 32768,
};

/* A job that shows no change for so long is given up. What passes between two looks counts up to the second limit: more
 * than that, and this computer was asleep. */
#define SECONDS_US INT64_C(1000000)
#define JOB_STALL_LIMIT_US (30 * 60 * SECONDS_US)
#define LOOK_LIMIT_US (60 * SECONDS_US)

ErrorCode job_code_of_number(uint64_t number)
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

const char *job_meaning_of_number(uint64_t number)
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
        { 32780, "the guest does not answer" },
        { 32781, "the guest is locked" },
        { 32782, "the guest shuts down already" },
    };
    for (size_t i = 0; i < COUNT_OF(meanings); i++) {
        if (meanings[i].number == number)
            return meanings[i].meaning;
    }
    return "unknown reason";
}

bool job_has_ended(const CimInstance *job)
{
    return cim_instance_uint(job, "JobState", 0) >= JOB_COMPLETED;
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

bool job_judge(HyperVHost *host, const CimInstance *job, const char *what, Arena *arena, Error *err)
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
        text = job_meaning_of_number(number);
    return error_set_native(err, job_code_of_number(number), ERROR_SOURCE_JOB, (int64_t) number, "cannot %s: %s", what,
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

static void tell_progress(const HyperVHost *host, const char *what, uint64_t percent)
{
    enum { MIB = 1024 * 1024 };
    Arena arena = ARENA_INIT;
    uint64_t size = host->bytes_to_move, done = percent < 100 ? percent : 100;
    if (size > 0)
        what = arena_printf(&arena, "%s: %" PRIu64 " of %" PRIu64 " MB", what, size / 100 * done / MIB,
                            (size + MIB - 1) / MIB);
    host->report->progress(host->report, what, (int) done);
    arena_release(&arena);
}

/* Nothing stops in the middle of a job, and that may take minutes. */
static void tell_interruption(HyperVHost *host, const char *what)
{
    if (host->told_interruption || !cancel_is_requested(host->cancel))
        return;
    host->told_interruption = true;
    report_notice(host->report, "interrupted: the host's job to %s is awaited first", what);
}

bool job_wait(HyperVHost *host, const char *path, const char *what, Arena *arena, CimInstance **ret_job, Error *err)
{
    CimSession *session = host->session;
    Clock *clock = session->clock;
    Arena scratch = ARENA_INIT;
    JobView view = { .looked_us = clock->ticks_us(clock) };
    bool ended = false, ok = true;

    for (Waiting waiting = wait_begin(host); ok && !ended;) {
        arena_release(&scratch);
        CimInstance *job;
        Error failure = { .code = ERR_NONE };
        if (cim_session_poll(session, NS_VIRTUALIZATION, path, &scratch, &job, &failure)) {
            wait_answered(&waiting);
            ended = job_has_ended(job);
            if (ended)
                *ret_job = cim_instance_copy(job, arena);
            else if (!note_progress(job, clock->ticks_us(clock), &view))
                ok = error_set(err, ERR_TIMEOUT, "the host's job to %s does not move", what);
            tell_interruption(host, what);
            tell_progress(host, what, view.percent);
        } else if (!wait_may_look_again(&waiting, &failure)) {
            ok = error_set(err, ERR_UNKNOWN_OUTCOME, "lost sight of the host's job to %s: %s", what, failure.message);
        }
        if (ok && !ended)
            wait_pause(&waiting);
    }
    arena_release(&scratch);
    return ok;
}
