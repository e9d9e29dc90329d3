/* SPDX-License-Identifier: MIT */
/* Jobs: what a method that answers 4096 leaves behind. What it is asked for happens when the job ends.
 *
 * A job ends at its due time, whoever is the first to look after it; everything it needs for that (GUIDs of what
 * it will make, times) is settled when it is made, so that its end is the same whoever sees it. */
#pragma once

#include "sim/services/service.h"
#include "sim/store/host_model.h"
#include "sim/store/texts.h"

/* A failure in layers, from what was asked for down to the cause. code 0: none. */
enum { SIM_LAYERS_MAX = 4 };

struct SimFailure {
    uint16_t code; /* Msvm_ConcreteJob.ErrorCode, also a ReturnValue: see SIM_RETURN_... */
    const char *layers[SIM_LAYERS_MAX];
    size_t count;
};

/* ReturnValue of methods. */
enum {
    SIM_RETURN_OK = 0,
    SIM_RETURN_JOB = 4096,
    SIM_RETURN_FAILED = 32768,
    SIM_RETURN_NOT_SUPPORTED = 32770,
    SIM_RETURN_INVALID_PARAMETER = 32773,
    SIM_RETURN_INVALID_STATE = 32775,
    SIM_RETURN_NOT_READY = 32780, /* integration components */
    SIM_RETURN_LOCKED = 32781,
    SIM_RETURN_SHUTTING_DOWN = 32782,
};

typedef struct SimAffected {
    const char *path;
    uint16_t effect; /* ElementEffects: 1 other, 5 create */
} SimAffected;

typedef struct SimAffectedList {
    SimAffected *items;
    size_t count;
    size_t capacity;
} SimAffectedList;

struct SimJob {
    const char *id; /* InstanceID of its object */
    const SimJobType *type;
    int64_t duration_ms;              /* until it is due, once it is started */
    bool keeps_state;                 /* the VM shows no state on the way */
    int64_t start_ms, due_ms, end_ms; /* end_ms 0: still going */
    const char *vm;                   /* GUID; NULL: none */
    const char *subject;              /* InstanceID of the configuration or checkpoint; NULL: none */
    const char *name;                 /* of what is made; NULL: none */
    StringList texts;                 /* embedded instances, or InstanceIDs of what is removed */
    StringList guids;                 /* of what is made */
    uint64_t from_state;              /* EnabledState of the VM before */
    SimFailure failure;               /* settled from the beginning; or how it ended */
    SimAffectedList affected;
};

/* NULL: no service of the host has jobs of that type. */
const SimJobType *sim_job_type_find(const SimHost *host, const char *name);

/* A job of the type that is not on the host yet. vm: NULL if it concerns none. */
SimJob *sim_job_create(SimHost *host, const char *type, const SimObject *vm);
void sim_job_set_vm(SimHost *host, SimJob *job, const SimObject *vm);

/* A job of that type at work on the VM; NULL: none. */
SimJob *sim_job_at_work(const SimHost *host, const char *type, const SimObject *vm);

/* Puts it on the host with its object, and the VM into the state that goes with it. */
void sim_job_start(SimHost *host, SimJob *job);

/* For reading a state file: adds what is there already. */
void sim_job_add(SimHost *host, SimJob *job);

/* Ends the jobs that are due at that time and removes those that have expired; sets host->now_ms. */
void sim_jobs_advance(SimHost *host, int64_t now_ms);

/* The job behind an object; NULL for other objects. */
const SimJob *sim_job_of(const SimHost *host, const SimObject *object);
SimObject *sim_job_object(const SimHost *host, const SimJob *job);

/* Sets the properties of a running job that depend on the time. */
void sim_job_show_progress(const SimHost *host, const SimJob *job, CimInstance *row, Arena *arena);

void sim_job_affect(SimHost *host, SimJob *job, const char *path, uint16_t effect);

/* Fills in a failure: the text in the host's language. The arguments are those of sim_text(). */
void sim_fail(SimHost *host, SimFailure *failure, uint16_t code, SimText text, const SimObject *vm, const char *detail);
/* Adds a layer below. */
void sim_fail_layer(SimHost *host, SimFailure *failure, SimText text, const SimObject *vm, const char *detail);

/* CIM-XML of Msvm_Error, one for each layer of a failed job. */
MUST_CHECK bool sim_job_errors(const SimHost *host, const SimJob *job, Arena *arena, StringList *ret_texts, Error *err);
