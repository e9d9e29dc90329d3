/* SPDX-License-Identifier: MIT */
/* Adapters and plans as text and as JSON. */
#pragma once

#include "commands/app.h"
#include "drivers/guest/gpu.h"
#include "hyperv/gpu.h"
#include "hyperv/record.h"
#include "hyperv/vm.h"

/* "(2) Radeon RX 6800 XT", the number being that of the partitionable list; "(-)" for an adapter without one. */
const char *print_label(App *app, const GpuPartition *partition, const GpuList *gpus);

/* A VM setting in words: "low MMIO space", "1024 MB". */
const char *print_setting_name(const char *property);
const char *print_setting_value(const char *property, const CimValue *value, Arena *arena);

/* An adapter that was added, removed or put back, for the JSON result. The caller owns the reference. */
json_t *print_change_json(App *app, const GpuPartition *partition, const GpuList *gpus);

/* "482 KB", "400 MB": in units of 1024, and not less than it is. */
const char *print_size(Arena *arena, uint64_t bytes);

/* The virtual GPUs of a guest, for the JSON result. The caller owns the reference. */
json_t *print_guest_gpus_json(const GuestGpus *gpus);

/* What would be done, step by step (-WHATIF). */
void print_plan(App *app, const ChangeRecord *record, const GpuList *gpus);

/* What was done: "removed" and "added" adapters with old and new IDs. */
void print_changes(App *app, const ChangeRecord *record, const GpuList *gpus);
