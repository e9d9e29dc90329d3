/* SPDX-License-Identifier: MIT */
/* Texts of the simulated host in its language. Clients must not depend on them; the German ones are there to show that
 * they do not. */
#pragma once

#include "sim/store/host_model.h"

typedef enum SimText {
    /* OperationalStatus */
    SIM_TEXT_STATUS_OK,
    SIM_TEXT_STATUS_CREATING_CHECKPOINT,
    SIM_TEXT_STATUS_APPLYING_CHECKPOINT,
    SIM_TEXT_STATUS_DELETING_CHECKPOINT,
    SIM_TEXT_STATUS_MERGING_DISKS,
    /* JobStatus */
    SIM_TEXT_JOB_RUNNING,
    SIM_TEXT_JOB_COMPLETED,
    SIM_TEXT_JOB_FAILED,
    SIM_TEXT_JOB_WARNED,
    SIM_TEXT_JOB_WARNING,
    /* What failed: the first layer of a job's error */
    SIM_TEXT_CHECKPOINT_FAILED,
    SIM_TEXT_APPLY_FAILED,
    SIM_TEXT_START_FAILED,
    SIM_TEXT_SAVE_FAILED,
    SIM_TEXT_ADD_FAILED,
    SIM_TEXT_MODIFY_FAILED,
    SIM_TEXT_REMOVE_FAILED,
    SIM_TEXT_SETTINGS_FAILED,
    SIM_TEXT_COPY_FAILED,
    /* Why: the layers below */
    SIM_TEXT_NO_PRODUCTION_CHECKPOINT,
    SIM_TEXT_GUEST_CANNOT_QUIESCE,
    SIM_TEXT_HAS_GPU,
    SIM_TEXT_HAS_DDA,
    SIM_TEXT_GPU_FAILED,
    SIM_TEXT_GPU_MISSING,
    SIM_TEXT_GPU_EXHAUSTED,
    SIM_TEXT_GPU_POLICY,
    SIM_TEXT_GPU_NO_SAVE,
    SIM_TEXT_GPU_NO_HIBERNATION,
    SIM_TEXT_ACCESS_DENIED,
    SIM_TEXT_MMIO_TOO_HIGH,
    SIM_TEXT_MEMORY_WITH_GPU,
    SIM_TEXT_HAS_AUTOMATIC_CHECKPOINT,
    SIM_TEXT_FILE_NOT_FOUND,
    SIM_TEXT_PATH_NOT_FOUND,
    SIM_TEXT_FILE_EXISTS,
    SIM_TEXT_NAME_TOO_LONG,
    SIM_TEXT_DISK_FULL,
    SIM_TEXT_UNSPECIFIED,
    SIM_TEXT_INVALID_PARAMETER,
    SIM_TEXT_INVALID_STATE,
    SIM_TEXT_UNEXPECTED,
    SIM_TEXT_COUNT
} SimText;

/* The text with {vm}, {id}, {detail} and {limit} (of the host's addresses) filled in; vm and detail may be NULL where
 * the text has no such place. */
const char *sim_text(const SimHost *host, SimText text, const SimObject *vm, const char *detail, Arena *arena);
