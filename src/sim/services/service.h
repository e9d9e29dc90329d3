/* SPDX-License-Identifier: MIT */
/* What a service of the host brings: methods, types of jobs, and what it does by itself. Each file of this folder that
 * has some of that exports one SimService; services.c gives them to a host. */
#pragma once

#include "sim/store/host_model.h"

typedef struct SimCall SimCall;       /* call.h */
typedef struct SimFailure SimFailure; /* jobs.h */

/* What a job of a type must hold. */
enum { SIM_JOB_SUBJECT = 1, SIM_JOB_NAME = 2, SIM_JOB_TEXT = 4, SIM_JOB_GUID = 8 };

typedef struct SimJobType {
    const char *name;   /* in the state file */
    unsigned needs;     /* SIM_JOB_...; all but those of several VMs' resources need a VM */
    uint16_t number;    /* JobType */
    uint16_t operation; /* OperationalStatus[1] of the VM meanwhile; 0: none */
    uint16_t state;     /* EnabledState of the VM meanwhile; 0: unchanged */
    /* What happens at the end. vm: NULL if the job has none or it is gone. A failure has no effect. */
    void (*run)(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
    const char *class_name; /* of the job's object; NULL: Msvm_ConcreteJob */
} SimJobType;

typedef struct SimMethod {
    const char *class_name, *name;
    uint32_t (*run)(SimCall *call); /* gives the ReturnValue */
} SimMethod;

struct SimService {
    const SimMethod *methods;
    size_t method_count;
    const SimJobType *job_types;
    size_t job_type_count;
    void (*advance)(SimHost *host, int64_t until_ms); /* does what is due until then; NULL: nothing ever is */
};
