/* SPDX-License-Identifier: MIT */
/* From what the user wants and what the host shows to a ChangeRecord, or to a refusal. Nothing is changed here, and
 * nothing asked of the host or of the disk: all checks that can be made before the first change are made on what was
 * read. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/report.h"
#include "hyperv/change/change_record.h"
#include "hyperv/change/restore.h"
#include "hyperv/gpu/adapter_config.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/gpu/selector.h"
#include "hyperv/vm/power.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum PlanVerb {
    PLAN_NOTHING,    /* of verbs that change nothing */
    PLAN_CHECKPOINT, /* selectors: put these on instead */
    PLAN_ADD,        /* selectors needed */
    PLAN_ADD_AUTO,   /* the selected ones if any exists, else the first suitable GPU */
    PLAN_ADD_ALL,
    PLAN_REMOVE, /* selectors needed */
    PLAN_REMOVE_ALL,
    PLAN_RESET,   /* PLAN_REMOVE_ALL, then PLAN_ADD_AUTO */
    PLAN_DETACH,  /* PLAN_REMOVE_ALL, and remember them */
    PLAN_ATTACH,  /* put on what is remembered; selectors: what takes the place of GPUs that are gone */
    PLAN_FORGET,  /* give up what is remembered; the VM, whatever it is doing, stays as it is */
    PLAN_RESTORE, /* PLAN_CHECKPOINT of the present state, then another checkpoint is applied */
    PLAN_SETTLE,  /* its GPUs stay, and its settings become what they need */
} PlanVerb;

/* What PLAN_SETTLE makes of the VM's settings: what its GPUs need. */
typedef enum SettleFlag {
    SETTLE_AUTOMATIC = 1 << 0,   /* automatic checkpoints off */
    SETTLE_LOW_MMIO = 1 << 1,    /* at least what an assignment gives; the next one, too */
    SETTLE_HIGH_MMIO = 1 << 2,
    SETTLE_CACHE_TYPES = 1 << 3, /* controlled by the guest */
    SETTLE_STOP_ACTION = 1 << 4, /* the guest is shut down with the host, not saved */
    SETTLE_MEMORY = 1 << 5,      /* fix_memory */
} SettleFlag;

typedef struct PlanRequest {
    PlanVerb verb;
    const char *verb_name;
    SelectorList selectors;
    const char *checkpoint_name;    /* NULL: the host's own */
    CheckpointType checkpoint_type; /* CHECKPOINTS_UNKNOWN: leave as it is */
    uint64_t low_mmio_mb;           /* 0: not given */
    uint64_t high_mmio_mb;
    unsigned settles;          /* PLAN_SETTLE: SettleFlag */
    bool fix_memory; /* raise the minimum memory to what the VM starts with, where a GPU needs them equal */
    const char *restore; /* PLAN_RESTORE: the checkpoint, for restore_view_read() */
    bool discards;       /* ... without one of the present state before */
    const char *config_folder; /* where adapter config files lie: for vm_view_read() */
    PowerRequest power;        /* what may be done to a VM that is not off */
} PlanRequest;

/* All that is read before a change. */
typedef struct VmView {
    Vm vm;
    VmStatus status;
    VmResources resources;
    GpuList gpus;
    AdapterConfigs configs; /* for the GPUs of the list */
    const DetachedGpus *detached; /* what is remembered of GPUs that it had; NULL: nothing, or it cannot be read */
    Error detached_failure;       /* why it cannot be read: matters to those who need it */
    const char *read_at;          /* RFC 3339, UTC */
    unsigned address_bits;        /* of the host's processor; 0: not known */
    const RestoreView *restore; /* PLAN_RESTORE */
} VmView;

/* Reads status, resources and GPUs of a VM that has been found, in five round trips, and config files. */
MUST_CHECK bool vm_view_read(HyperVHost *host, const Vm *vm, const char *config_folder, Arena *arena, VmView *ret_view,
                             Error *err);

/* The plan. Refusals: ERR_STATE, ERR_BUSY, ERR_NOT_FOUND, ERR_INVALID, ERR_UNSUPPORTED, ERR_USAGE. What the user
 * should know beforehand goes to the report. A plan may be empty (record_is_empty): everything is as asked already. */
MUST_CHECK bool plan_make(const VmView *view, const PlanRequest *request, Report *report, Arena *arena,
                          ChangeRecord *ret_record, Error *err);
