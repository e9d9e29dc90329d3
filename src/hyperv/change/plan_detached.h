/* SPDX-License-Identifier: MIT */
/* The part of the plan (hyperv/change/plan.h) that has to do with what is remembered of a VM's GPUs. */
#pragma once

#include "hyperv/change/plan.h"

/* What is remembered can be read. */
MUST_CHECK bool plan_check_memory(const VmView *view, Error *err);

/* Of detach: what it remembers of the VM as it is, and what is remembered now. A VM that holds no GPU has nothing to be
 * remembered, which is told. ERR_STATE where what is remembered would be lost, or where a GPU is gone, so that it could
 * not be put back. */
MUST_CHECK bool plan_to_remember(const VmView *view, Report *report, Arena *arena, ChangeRecord *record, Error *err);

/* The adapters that attach has to put on, without ID. Those that are on again are told, and so is what else has changed
 * since. "selectors" name what takes the place of GPUs that are gone, one each. ERR_STATE with what to do. */
MUST_CHECK bool plan_what_to_attach(const VmView *view, const SelectorList *selectors, Report *report, Arena *arena,
                                    GpuPartitionList *ret_back, Error *err);

/* Whatever is remembered is forgotten at the end; where nothing is, the record is that of any other change. */
void plan_to_forget(const VmView *view, ChangeRecord *record);

/* Other verbs that put GPUs on leave what is remembered as it is, and say so. */
void plan_tell_detached(const VmView *view, Report *report, Arena *arena);
