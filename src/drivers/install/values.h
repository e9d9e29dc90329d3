/* SPDX-License-Identifier: MIT */
/* Values of the registry that the vendor's programs look for in the guest, as part of an installation or removal. */
#pragma once

#include "drivers/install/plan.h"

/* The value of that key and name, or NULL. */
const InstallValue *install_find_value(const InstallValues *values, const char *key, const char *name);

/* Fills in "values", "own_values" and "values_left" of the plan, from its manifest and the packages that go.
 * ERR_INVALID if the manifest names a value that no driver needs. "registry" NULL: the guest does not run here, and its
 * values are left as they are. */
MUST_CHECK bool install_plan_values(InstallPlan *plan, InstallTarget *target, Registry *registry, Report *report,
                                    Arena *arena, Error *err);
