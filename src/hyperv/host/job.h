/* SPDX-License-Identifier: MIT */
/* The jobs (Msvm_ConcreteJob) that methods of Hyper-V start: following them to their end, and what became of them. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/host/host.h"

#include <stdbool.h>
#include <stdint.h>

/* What a number says that a method returned, or that is a job's ErrorCode: Hyper-V uses the same for both. */
ErrorCode job_code_of_number(uint64_t number);
const char *job_meaning_of_number(uint64_t number);

bool job_has_ended(const CimInstance *job);

/* Follows a job to its end. *ret_job: its last row. ERR_UNKNOWN_OUTCOME when it is lost sight of, ERR_TIMEOUT when it
 * stands still. "what" names the work for progress and messages: "create the checkpoint". */
MUST_CHECK bool job_wait(HyperVHost *host, const char *path, const char *what, Arena *arena, CimInstance **ret_job,
                         Error *err);

/* Sets the error of a job that ended badly, or reports the warnings of one that ended well. */
MUST_CHECK bool job_judge(HyperVHost *host, const CimInstance *job, const char *what, Arena *arena, Error *err);
