/* SPDX-License-Identifier: MIT */
/* Return values: Windows SDK, the method pages of Hyper-V's WMI provider (v2). */
#include "hyperv/host/host.h"

#include "base/guid.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"
#include "hyperv/host/job.h"

#include <inttypes.h>
#include <string.h>

enum { RETURN_DONE = 0, RETURN_JOB_STARTED = 4096 };

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
        if (!job_judge(host, job, what, arena, err))
            return false;
    } else if (value != RETURN_DONE) {
        return error_set_native(err, job_code_of_number(value), ERROR_SOURCE_CIM_RETURN, (int64_t) value,
                                "cannot %s: the host answers %" PRIu64 " (%s)", what, value,
                                job_meaning_of_number(value));
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

bool host_await_jobs(HyperVHost *host, const char *path, const char *what, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstanceList jobs;
    bool ok = cim_session_associators(host->session, NS_VIRTUALIZATION, path, "Msvm_AffectedJobElement",
                                      "CIM_ConcreteJob", &arena, &jobs, err);
    const char *words = what != NULL ? what : "finish what the host is doing";
    for (size_t i = 0; ok && i < jobs.count; i++) {
        CimInstance *job;
        if (job_has_ended(jobs.items[i]))
            continue;
        /* A job that is lost sight of has ended; what it did shows in the state that is read next. */
        Error lost = { .code = ERR_NONE };
        if (!job_wait(host, jobs.items[i]->path, words, &arena, &job, &lost) && lost.code == ERR_TIMEOUT) {
            *err = lost;
            ok = false;
        }
    }
    host->report->progress(host->report, NULL, -1);
    arena_release(&arena);
    return ok;
}
