/* SPDX-License-Identifier: MIT */
/* What can be wrong with a host and its VMs: one row for each rule. A test is a pure function over what was read
 * (host_view.h); what it finds is data, for which src/present/check.c has the words. docs/check.md has the same
 * table. */
#pragma once

#include "check/host_view.h"

/* The order is that of findings of one severity about the same VM: what comes first matters more. */
typedef enum CheckRule {
    CHECK_UNFINISHED,
    CHECK_START_FAILED,
    CHECK_POLICY,
    CHECK_NO_GPU,
    CHECK_GPU_PROBLEM,
    CHECK_GPU_GONE,
    CHECK_AUTOMATIC,
    CHECK_MEMORY,
    CHECK_MMIO_TOO_HIGH,
    CHECK_GUEST_GPU,
    CHECK_GUEST_NO_GPU,
    CHECK_GUEST_DRIVER,
    CHECK_HIGH_MMIO,
    CHECK_LOW_MMIO,
    CHECK_CACHE_TYPES,
    CHECK_GPU_FULL,
    CHECK_LIMITS,
    CHECK_SEVERAL_PARTITIONS,
    CHECK_ACCELERATOR,
    CHECK_STOP_SAVES,
    CHECK_SAVED,
    CHECK_OLD_VERSION,
    CHECK_GUEST_WINDOWS,
    CHECK_CLUSTERED,
    CHECK_AUTOMATIC_LEFT,
    CHECK_MISSING_CHECKPOINT,
    CHECK_DETACHED_GONE,
    CHECK_PACKAGE_OUTDATED,
    CHECK_HOST_BUILD,
    CHECK_NO_PATH,
    CHECK_CHECKPOINTS_DISABLED,
    CHECK_REPLICATED,
    CHECK_DIRECT_ASSIGNMENT,
    CHECK_HIBERNATION,
    CHECK_MERGING,
    CHECK_BACKUP_LEFT,
    CHECK_DETACHED_LONG,
    CHECK_GUEST_BUILD,
    CHECK_UNEQUAL_BUILDS,
    CHECK_ENHANCED_SESSION,
    CHECK_NOT_PARTITIONABLE,
    CHECK_GONE_VM,
    CHECK_RULE_COUNT
} CheckRule;

typedef enum CheckSeverity {
    CHECK_ERROR,   /* it does not work, or will not at the next start */
    CHECK_WARNING, /* it will go wrong, or works worse than it could */
    CHECK_ADVICE,  /* nothing is wrong; worth to know */
    CHECK_SEVERITY_COUNT
} CheckSeverity;

/* What of it can be mended without a question of taste: VM settings, each by a bit of SettleFlag (plan.h), or the
 * recovery of what is unfinished. */
typedef enum CheckFix { FIX_NONE, FIX_SETTLE, FIX_RECOVER } CheckFix;

typedef enum CheckScope { SCOPE_HOST, SCOPE_GPU, SCOPE_VM, SCOPE_ADAPTER } CheckScope;

typedef struct Finding {
    CheckRule rule;
    CheckSeverity severity;
    const VmFacts *vm;  /* NULL: of the host */
    const char *gpu;    /* name; NULL: of no GPU */
    const char *adapter_id, *device_id;
    uint64_t is, right; /* numbers that the words have */
    const char *text;   /* the same of texts, each may be NULL */
    const char *more;
    const char *source;   /* where it was reported */
    const char *vm_name, *vm_address; /* of a VM that is not among those read; NULL: vm */
    CheckFix fix;
    unsigned settles; /* FIX_SETTLE: SettleFlag */
    size_t order;     /* in which it was found */
} Finding;

typedef struct Findings {
    Finding *items;
    size_t count, capacity;
} Findings;

/* What a test is called with. By scope: nothing more; a GPU; a VM; an adapter of a VM. */
typedef struct Judge {
    const HostView *view;
    const Gpu *gpu; /* of an adapter: its GPU, NULL if the host does not have it */
    const VmFacts *vm;
    const GpuPartition *adapter;
    CheckRule rule;
    Arena *arena;
    Findings *findings;
} Judge;

typedef struct CheckRuleRow {
    const char *code; /* stable, for scripts */
    CheckScope scope;
    CheckSeverity severity; /* at most */
    CheckFix fix;
    unsigned settles;
    void (*test)(Judge *judge);
} CheckRuleRow;

extern const CheckRuleRow check_rules[CHECK_RULE_COUNT];
extern const char *const check_severity_names[CHECK_SEVERITY_COUNT];

/* Adds a finding of the rule that is being tested. */
Finding *judge_find(Judge *judge);

/* The same, with what is known of a build. */
void judge_find_known(Judge *judge, const KnownBuild *known);

/* Which VMs: NULL, or those for which it says so. Of the host then only what concerns them. */
typedef struct CheckFilter {
    const StringList *vm_guids;
} CheckFilter;

/* Of the areas those that concern the chosen VMs, too. */
CheckedAreas check_areas(const HostView *view, const CheckFilter *filter, Arena *arena);

/* All findings, the worst first, of equals those of the host first, then by VM. */
Findings check_judge(const HostView *view, const CheckFilter *filter, Arena *arena);

/* Advice apart, something is wrong. */
bool findings_are_wrong(const Findings *findings);

/* ---- tests, by themes ---- */

/* rules_host.c */
void rule_unfinished(Judge *judge);
void rule_policy(Judge *judge);
void rule_no_gpu(Judge *judge);
void rule_gpu_problem(Judge *judge);
void rule_not_partitionable(Judge *judge);
void rule_host_build(Judge *judge);
void rule_gone_vm(Judge *judge);
void rule_package_outdated(Judge *judge);

/* rules_vm.c */
void rule_start_failed(Judge *judge);
void rule_automatic(Judge *judge);
void rule_memory(Judge *judge);
void rule_mmio_too_high(Judge *judge);
void rule_high_mmio(Judge *judge);
void rule_low_mmio(Judge *judge);
void rule_cache_types(Judge *judge);
void rule_stop_saves(Judge *judge);
void rule_saved(Judge *judge);
void rule_old_version(Judge *judge);
void rule_clustered(Judge *judge);
void rule_replicated(Judge *judge);
void rule_direct_assignment(Judge *judge);
void rule_hibernation(Judge *judge);
void rule_several_partitions(Judge *judge);
void rule_no_path(Judge *judge);

/* rules_checkpoint.c */
void rule_automatic_left(Judge *judge);
void rule_missing_checkpoint(Judge *judge);
void rule_checkpoints_disabled(Judge *judge);
void rule_merging(Judge *judge);
void rule_backup_left(Judge *judge);
void rule_detached_gone(Judge *judge);
void rule_detached_long(Judge *judge);

/* rules_adapter.c */
void rule_gpu_gone(Judge *judge);
void rule_gpu_full(Judge *judge);
void rule_limits(Judge *judge);
void rule_accelerator(Judge *judge);

/* rules_guest.c */
void rule_guest_gpu(Judge *judge);
void rule_guest_no_gpu(Judge *judge);
void rule_guest_driver(Judge *judge);
void rule_guest_windows(Judge *judge);
void rule_guest_build(Judge *judge);
void rule_unequal_builds(Judge *judge);
void rule_enhanced_session(Judge *judge);
