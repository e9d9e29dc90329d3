/* SPDX-License-Identifier: MIT */
/* The power of a VM: shutting its guest down, turning it off, starting it, and why a start failed. Sources: Windows
 * SDK, Msvm_ShutdownComponent and "RequestStateChange method of the Msvm_ComputerSystem class"; what starts with GPU
 * partitions fail of: reports of users. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/fitness.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stdint.h>

/* What may be done to a VM that is not off, so that it can be changed. Zeros: nothing. */
typedef struct PowerRequest {
    bool stop;          /* one that runs is shut down by its guest */
    bool turn_off;      /* with "stop": where the guest does not do so in time, power is turned off */
    bool discard_saved; /* with "stop": the memory of a saved one may be lost */
    bool start;         /* one that was on is started again afterwards */
    int64_t timeout_s;  /* how long a guest may take; 0: POWER_TIMEOUT_S */
} PowerRequest;

enum { POWER_TIMEOUT_S = 5 * 60 };

/* How long a guest may take, by the request. */
int64_t power_patience_s(const PowerRequest *request);

/* The VM is off and nothing works on it, or the request says how it comes to that. Otherwise ERR_STATE or ERR_BUSY with
 * what to do. */
MUST_CHECK bool power_check(const Vm *vm, const VmStatus *status, const PowerRequest *request, Error *err);

/* Brings the VM down, if it is not, and waits until nothing works on it any more. *ret_asked: it has been asked to,
 * also where this fails, and may still go down later (ERR_TIMEOUT, ERR_CANCELLED). */
MUST_CHECK bool power_stop(HyperVHost *host, const Vm *vm, const VmStatus *status, const PowerRequest *request,
                           bool *ret_asked, Error *err);

/* Asks the guest of a VM that runs to restart. Success is that it is on its way. */
MUST_CHECK bool power_restart_guest(HyperVHost *host, const Vm *vm, Error *err);

/* Starts a VM that is off or saved, or resumes a paused one. */
MUST_CHECK bool power_start(HyperVHost *host, const Vm *vm, Error *err);

/* Why a start failed, as far as it can be told from what the VM is and from the numbers in the host's text, which is in
 * the host's language. */
typedef enum StartProblem {
    START_UNEXPLAINED,
    START_GPU_GONE,      /* of one of its adapters */
    START_GPU_HIDDEN,    /* of an adapter that WMI does not show */
    START_GPU_EXHAUSTED, /* no partition left, MMIO space too small, or the host's policy */
    START_GPU_POLICY,    /* the host's group policy keeps GPUs that it does not trust from VMs */
    START_GPU_DENIED,    /* access to the GPU is refused */
    START_HIBERNATION,   /* is enabled in the VM, and the GPU's driver does not go with that */
    START_MMIO_TOO_HIGH, /* for the addresses of the host's processor */
    START_AUTOMATIC,     /* automatic checkpoints are on, and none can be made with a GPU */
    START_MEMORY,        /* dynamic, and its minimum is not what it starts with */
} StartProblem;

typedef struct StartFailure {
    Error error;
    StartProblem problem;
    const char *adapter_id; /* of START_GPU_GONE */
    uint64_t memory_mb;     /* of START_MEMORY: what the VM starts with */
    uint64_t high_mmio_mb;  /* of START_GPU_EXHAUSTED: what it has; 0: not known */
} StartFailure;

enum { START_REFUSED_VALUE = 32773 }; /* ErrorCode of the job of a start, "invalid parameter": START_MMIO_TOO_HIGH */

/* As far as the host's text tells, in whatever language: numbers and names in it. START_UNEXPLAINED: not at all. */
StartProblem power_problem_in_text(const char *text);

/* Reads what the VM is like now; where that fails, less is explained. */
StartFailure power_explain(HyperVHost *host, const Vm *vm, const Error *failure, Arena *arena);
