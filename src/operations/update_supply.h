/* SPDX-License-Identifier: MIT */
/* What a request for a guest's drivers asks of the host: which they are, and where their packages lie. */
#pragma once

#include "operations/gather.h"
#include "operations/update.h"

/* Into the request's cache. */
GatherRequest update_gathering(HyperVHost *host, const UpdateRequest *request);

/* The drivers of the VM's GPUs, or of those that are named; at least one. What is left out of them is told, and in the
 * report. */
MUST_CHECK bool update_find_drivers(const GatherRequest *gathering, const Vm *vm, const UpdateRequest *request,
                                    Arena *arena, UpdateReport *report, Drivers *ret_drivers, Error *err);

/* One that nothing has been done for yet. */
UpdatedDriver updated_driver(const Driver *driver, Arena *arena);

/* A file of the cache, as the host's own services have it. */
const char *update_path_on_host(const UpdateRequest *request, const char *name, Arena *arena);
