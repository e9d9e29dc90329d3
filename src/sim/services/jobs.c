/* SPDX-License-Identifier: MIT */
/* The life of jobs. Windows SDK, "Msvm_ConcreteJob class"; JobType numbers from the MOF. */
#include "sim/services/jobs.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "base/str.h"
#include "cim/cimxml.h"
#include "platform/random.h"
#include "sim/store/vm_model.h"

#include <string.h>

enum {
    JOB_RUNNING = 4,
    JOB_COMPLETED = 7,
    JOB_EXCEPTION = 10,
    JOB_COMPLETED_WITH_WARNINGS = 32768,
    EXPIRES_AFTER_MS = 5 * 60 * 1000, /* TimeBeforeRemoval */
};

const SimJobType *sim_job_type_find(const SimHost *host, const char *name)
{
    for (size_t i = 0; i < host->service_count; i++) {
        const SimService *service = host->services[i];
        for (size_t k = 0; k < service->job_type_count; k++) {
            if (strcmp(service->job_types[k].name, name) == 0)
                return &service->job_types[k];
        }
    }
    return NULL;
}

/* ---- failures ---- */

void sim_fail_layer(SimHost *host, SimFailure *failure, SimText text, const SimObject *vm, const char *detail)
{
    CHECK(failure->count < SIM_LAYERS_MAX);
    failure->layers[failure->count++] = sim_text(host, text, vm, detail, &host->arena);
}

void sim_fail(SimHost *host, SimFailure *failure, uint16_t code, SimText text, const SimObject *vm, const char *detail)
{
    CHECK(failure->code == 0 && code != 0);
    failure->code = code;
    sim_fail_layer(host, failure, text, vm, detail);
}

static const char *join_layers(const SimFailure *failure, Arena *arena)
{
    Str text;
    str_init(&text, SIZE_MAX);
    for (size_t i = 0; i < failure->count; i++) {
        str_append(&text, i > 0 ? "\n\n" : "");
        str_append(&text, failure->layers[i]);
    }
    return str_take(&text, arena);
}

/* ---- beginning ---- */

SimJob *sim_job_create(SimHost *host, const char *type, const SimObject *vm)
{
    SimJob *job = ARENA_NEW(&host->arena, SimJob);
    char guid[GUID_TEXT_LENGTH + 1];
    random_guid(guid);
    job->id = arena_strdup(&host->arena, guid);
    job->type = sim_job_type_find(host, type);
    CHECK(job->type != NULL);
    job->duration_ms = host->knobs.jobs_finish_at_once ? 0 : host->knobs.job_milliseconds;
    sim_job_set_vm(host, job, vm);
    return job;
}

void sim_job_set_vm(SimHost *host, SimJob *job, const SimObject *vm)
{
    if (vm == NULL)
        return;
    job->vm = sim_vm_guid(vm);
    job->from_state = sim_vm_state(vm);
    sim_job_affect(host, job, sim_object_path(host, vm, &host->arena), 1);
}

void sim_job_affect(SimHost *host, SimJob *job, const char *path, uint16_t effect)
{
    SimAffected affected = { .path = path, .effect = effect };
    ARRAY_PUSH(&host->arena, &job->affected, affected);
}

void sim_job_add(SimHost *host, SimJob *job)
{
    ARRAY_PUSH(&host->arena, &host->jobs, job);
    host->changes++;
}

static const char *class_of(const SimJob *job)
{
    return job->type->class_name != NULL ? job->type->class_name : "Msvm_ConcreteJob";
}

void sim_job_start(SimHost *host, SimJob *job)
{
    job->start_ms = host->now_ms;
    job->due_ms = host->now_ms + job->duration_ms;
    SimObject *object = sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, class_of(job)));
    sim_object_set_text(host, object, "InstanceID", job->id);
    sim_object_set_uint(host, object, "JobState", JOB_RUNNING);
    sim_object_set_uint(host, object, "PercentComplete", 0);
    if (sim_class_index(object->class, "JobType") != SIZE_MAX)
        sim_object_set_uint(host, object, "JobType", job->type->number);
    sim_object_set_time(host, object, "StartTime", job->start_ms);
    sim_object_set_time(host, object, "TimeSubmitted", job->start_ms);
    sim_object_set_time(host, object, "TimeOfLastStateChange", job->start_ms);
    sim_object_set_text(host, object, "ElapsedTime", cim_interval_format(&host->arena, 0));
    sim_object_set_text(host, object, "JobStatus", sim_text(host, SIM_TEXT_JOB_RUNNING, NULL, NULL, &host->arena));
    CHECK(sim_object_insert(host, object));
    sim_job_add(host, job);
    SimObject *vm = job->vm == NULL || job->failure.code != 0 ? NULL : sim_vm_find(host, job->vm);
    if (vm != NULL && job->type->operation != 0)
        sim_vm_set_operation(host, vm, job->type->operation);
    if (vm != NULL && job->type->state != 0 && !job->keeps_state)
        sim_vm_set_state(host, vm, job->type->state);
}

/* ---- end ---- */

SimObject *sim_job_object(const SimHost *host, const SimJob *job)
{
    return sim_object_by_instance_id(host, class_of(job), job->id);
}

const SimJob *sim_job_of(const SimHost *host, const SimObject *object)
{
    if (!sim_object_is(object, "CIM_ConcreteJob"))
        return NULL;
    for (size_t i = 0; i < host->jobs.count; i++) {
        if (ascii_equals(host->jobs.items[i]->id, sim_object_text(object, "InstanceID")))
            return host->jobs.items[i];
    }
    return NULL;
}

static void remove_job(SimHost *host, size_t index)
{
    SimJobs *jobs = &host->jobs;
    SimObject *object = sim_job_object(host, jobs->items[index]);
    if (object != NULL)
        sim_object_remove(host, object);
    jobs->count--;
    memmove(&jobs->items[index], &jobs->items[index + 1], (jobs->count - index) * sizeof(SimJob *));
    host->changes++;
}

static void set_error_texts(SimHost *host, SimObject *object, const SimFailure *failure)
{
    sim_object_set_text(host, object, "ErrorDescription", join_layers(failure, &host->arena));
    sim_object_set_text(host, object, "ErrorSummaryDescription", failure->count > 0 ? failure->layers[0] : "");
}

static void show_end(SimHost *host, const SimJob *job)
{
    SimObject *object = sim_job_object(host, job);
    if (object == NULL)
        return; /* a state file may lack it */
    const SimFailure *failure = &job->failure;
    bool is_good = failure->code == 0, warns = is_good && host->knobs.jobs_complete_with_warnings;
    unsigned state = warns ? JOB_COMPLETED_WITH_WARNINGS : is_good ? JOB_COMPLETED : JOB_EXCEPTION;
    SimText status = warns ? SIM_TEXT_JOB_WARNED : is_good ? SIM_TEXT_JOB_COMPLETED : SIM_TEXT_JOB_FAILED;
    sim_object_set_uint(host, object, "JobState", state);
    sim_object_set_time(host, object, "TimeOfLastStateChange", job->end_ms);
    sim_object_set_text(host, object, "ElapsedTime", cim_interval_format(&host->arena, job->end_ms - job->start_ms));
    sim_object_set_text(host, object, "JobStatus", sim_text(host, status, NULL, NULL, &host->arena));
    if (is_good)
        sim_object_set_uint(host, object, "PercentComplete", 100);
    if (warns && host->knobs.job_warnings_have_text) {
        SimFailure warning = { .code = 0 };
        sim_fail_layer(host, &warning, SIM_TEXT_JOB_WARNED, NULL, NULL);
        sim_fail_layer(host, &warning, SIM_TEXT_JOB_WARNING, NULL, NULL);
        set_error_texts(host, object, &warning);
    }
    if (is_good)
        return;
    sim_object_set_uint(host, object, "ErrorCode", failure->code);
    set_error_texts(host, object, failure);
}

static bool is_at_work(const SimJob *job, const char *vm)
{
    return job->end_ms == 0 && job->failure.code == 0 && job->vm != NULL && ascii_equals(job->vm, vm);
}

SimJob *sim_job_at_work(const SimHost *host, const char *type, const SimObject *vm)
{
    for (size_t i = 0; i < host->jobs.count; i++) {
        SimJob *job = host->jobs.items[i];
        if (strcmp(job->type->name, type) == 0 && is_at_work(job, sim_vm_guid(vm)))
            return job;
    }
    return NULL;
}

/* OperationalStatus[1] of the VM; 0: none. */
static uint16_t current_operation(const SimHost *host, const char *vm)
{
    for (size_t i = 0; i < host->jobs.count; i++) {
        if (is_at_work(host->jobs.items[i], vm) && host->jobs.items[i]->type->operation != 0)
            return host->jobs.items[i]->type->operation;
    }
    return 0;
}

static void end_job(SimHost *host, SimJob *job)
{
    host->now_ms = job->due_ms;
    SimObject *vm = job->vm == NULL ? NULL : sim_vm_find(host, job->vm);
    bool refused = job->failure.code != 0; /* such a job never touched the VM */
    if (!refused && job->vm != NULL && vm == NULL) {
        sim_fail(host, &job->failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, NULL, NULL);
    } else if (!refused) {
        job->type->run(host, job, vm, &job->failure);
        vm = job->vm == NULL ? NULL : sim_vm_find(host, job->vm); /* may be gone now */
    }
    if (vm != NULL && !refused && job->type->state != 0 && job->failure.code != 0)
        sim_vm_set_state(host, vm, job->from_state);
    job->end_ms = job->due_ms;
    host->changes++;
    if (vm != NULL && !refused && job->type->operation != 0)
        sim_vm_set_operation(host, vm, current_operation(host, job->vm)); /* it may have left another one behind */
    show_end(host, job);
}

static SimJob *next_due(const SimHost *host, int64_t now_ms)
{
    SimJob *next = NULL;
    for (size_t i = 0; i < host->jobs.count; i++) {
        SimJob *job = host->jobs.items[i];
        if (job->end_ms == 0 && job->due_ms <= now_ms && (next == NULL || job->due_ms < next->due_ms))
            next = job;
    }
    return next;
}

static void advance_services(SimHost *host, int64_t until_ms)
{
    for (size_t i = 0; i < host->service_count; i++) {
        if (host->services[i]->advance != NULL)
            host->services[i]->advance(host, until_ms);
    }
}

void sim_jobs_advance(SimHost *host, int64_t now_ms)
{
    for (SimJob *job; (job = next_due(host, now_ms)) != NULL;) {
        advance_services(host, job->due_ms);
        end_job(host, job);
    }
    advance_services(host, now_ms);
    host->now_ms = now_ms;
    int64_t keep_ms = host->knobs.jobs_vanish ? 0 : EXPIRES_AFTER_MS;
    for (size_t i = host->jobs.count; i-- > 0;) {
        const SimJob *job = host->jobs.items[i];
        if (job->end_ms != 0 && job->end_ms + keep_ms <= now_ms)
            remove_job(host, i);
    }
}

void sim_job_show_progress(const SimHost *host, const SimJob *job, CimInstance *row, Arena *arena)
{
    int64_t total = job->due_ms - job->start_ms;
    int64_t elapsed = host->now_ms - job->start_ms;
    elapsed = elapsed < 0 ? 0 : elapsed > total ? total : elapsed;
    uint64_t percent = total == 0 ? 0 : (uint64_t) (elapsed * 100 / total);
    cim_instance_set(row, arena, "PercentComplete", cim_uint(CIM_TYPE_UINT16, percent));
    cim_instance_set(row, arena, "ElapsedTime", cim_text(CIM_TYPE_DATETIME, cim_interval_format(arena, elapsed)));
}

/* ---- errors ---- */

bool sim_job_errors(const SimHost *host, const SimJob *job, Arena *arena, StringList *ret_texts, Error *err)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, "Msvm_Error");
    StringList texts = { .items = NULL };
    for (size_t i = 0; i < job->failure.count; i++) {
        CimInstance *error = cim_instance_create(arena, "Msvm_Error");
        error->properties = arena_memdup(arena, class->defaults, class->count * sizeof(CimProperty));
        error->count = error->capacity = class->count;
        cim_instance_set(error, arena, "ErrorType", cim_uint(CIM_TYPE_UINT16, 4)); /* software error */
        cim_instance_set(error, arena, "PerceivedSeverity", cim_uint(CIM_TYPE_UINT16, 5));
        cim_instance_set(error, arena, "CIMStatusCode", cim_uint(CIM_TYPE_UINT32, 1)); /* failed */
        cim_instance_set(error, arena, "MessageID",
                         cim_string(arena_printf(arena, "%u", (unsigned) job->failure.code)));
        cim_instance_set(error, arena, "Message", cim_string(job->failure.layers[i]));
        const char *text;
        if (!cimxml_write(error, arena, &text, err))
            return false;
        ARRAY_PUSH(arena, &texts, text);
    }
    *ret_texts = texts;
    return true;
}
