/* SPDX-License-Identifier: MIT */
/* The simulated host's registry, as far as somebody asks for it: keys below HKEY_LOCAL_MACHINE. */
#pragma once

#include "sim/store/host_model.h"

/* The key of that path; NULL: none, or no path. */
SimKey *sim_registry_find(SimHost *host, const char *path);

/* The key of that path, which is made if it is missing; the path is kept, not copied. */
SimKey *sim_registry_key(SimHost *host, const char *path);

/* Adds a value; the texts are kept, not copied. */
void sim_key_set_text(SimHost *host, SimKey *key, const char *name, const char *text);
void sim_key_set_texts(SimHost *host, SimKey *key, const char *name, const char *const *texts, size_t count);
void sim_key_add(SimHost *host, SimKey *key, SimValue value);
