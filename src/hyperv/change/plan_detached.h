/* SPDX-License-Identifier: MIT */
/* The part of the plan (hyperv/change/plan.h) that has to do with what is remembered of a VM's GPUs. */
#pragma once

#include "hyperv/change/plan.h"

/* What detach remembers of the VM as it is. NULL: it holds no GPU, which is told. ERR_STATE where others are remembered
 * that are not on the VM, or where a GPU is gone, so that it could not be put back. */
MUST_CHECK bool plan_what_to_remember(const VmView *view, Report *report, Arena *arena,
                                      const DetachedGpus **ret_detached, Error *err);

/* The adapters that attach has to put on, without ID. Those that are on again are told, and so is what else has changed
 * since. "selectors" name what takes the place of GPUs that are gone, one each. ERR_STATE with what to do. */
MUST_CHECK bool plan_what_to_attach(const VmView *view, const SelectorList *selectors, Report *report, Arena *arena,
                                    GpuPartitionList *ret_back, Error *err);

/* All that is remembered; NULL: nothing, which is told. */
MUST_CHECK bool plan_what_to_forget(const VmView *view, Report *report, const DetachedGpus **ret_detached, Error *err);

/* Other verbs that put GPUs on leave what is remembered as it is, and say so. */
void plan_tell_detached(const VmView *view, Report *report, Arena *arena);
