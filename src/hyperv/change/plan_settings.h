/* SPDX-License-Identifier: MIT */
/* The part of the plan (hyperv/change/plan.h) that has to do with the VM's own settings. */
#pragma once

#include "base/arena.h"
#include "hyperv/change/change_record.h"
#include "hyperv/change/plan.h"

/* The settings that go with the adapters and the checkpoint of the record, and those that were asked for. Of a restore
 * also those that are to stay as they are, since applying takes them back. */
void plan_settings(const VmView *view, const PlanRequest *request, Arena *arena, ChangeRecord *record);
