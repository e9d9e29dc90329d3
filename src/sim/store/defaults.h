/* SPDX-License-Identifier: MIT */
/* What the properties of a new object hold, and what a state file leaves out. */
#pragma once

#include "cim/schema.h"
#include "cim/value.h"

/* Sets the defaults that this very class (not its superclasses) brings. "row" has the properties of a class or
 * subclass of it; those missing in it are skipped. */
void sim_defaults_apply(const CimClassDecl *decl, bool german, Arena *arena, CimInstance *row);
