/* SPDX-License-Identifier: MIT */
/* The guest as its host sees it: integration components, whether they answer, and shutting down on request. */
#pragma once

#include "sim/services/call.h"

/* The components of a VM that is being started, as far as they are enabled. */
void sim_guest_create_components(SimHost *host, const SimObject *vm);

/* A component whose OperationalStatus depends on the time; sets it in a row. */
bool sim_guest_shows_contact(const SimObject *object);
void sim_guest_show_contact(const SimHost *host, const SimObject *component, CimInstance *row, Arena *arena);

/* Asks the guest to shut down or to restart; type: of the job. 4096, or why it does not. */
uint32_t sim_guest_request(SimCall *call, SimObject *vm, const char *type);

extern const SimService sim_guest_service;
