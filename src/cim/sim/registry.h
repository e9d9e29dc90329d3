/* SPDX-License-Identifier: MIT */
/* The simulated host's registry, as far as somebody asks for it: keys below HKEY_LOCAL_MACHINE, and the methods of
 * StdRegProv (Windows SDK, "System Registry Provider") that read them. */
#pragma once

#include "cim/sim/methods.h"

/* The key of that path, which is made if it is missing; the path is kept, not copied. */
SimKey *sim_registry_key(SimHost *host, const char *path);

/* Adds a value; the texts are kept, not copied. */
void sim_key_set_text(SimHost *host, SimKey *key, const char *name, const char *text);
void sim_key_set_texts(SimHost *host, SimKey *key, const char *name, const char *const *texts, size_t count);
void sim_key_add(SimHost *host, SimKey *key, SimValue value);

uint32_t sim_registry_enum_key(SimCall *call);
uint32_t sim_registry_enum_values(SimCall *call);
/* Get...Value: which kind of value is meant follows from the method's output. */
uint32_t sim_registry_get_value(SimCall *call);
