/* SPDX-License-Identifier: MIT */
/* The guest as its host sees it: integration components, whether they answer, and shutting down on request. */
#pragma once

#include "sim/services/call.h"

/* OperationalStatus[0] of a component. */
enum { SIM_STATUS_OK = 2, SIM_STATUS_NO_CONTACT = 12, SIM_STATUS_LOST = 13, SIM_STATUS_PAUSED = 15 };

/* The components of a VM that is being started, as far as they are enabled. */
void sim_guest_create_components(SimHost *host, const SimObject *vm);

/* By the settings of that class in the VM's configuration; "usual": where a state file lacks them. */
bool sim_guest_is_enabled(const SimHost *host, const SimObject *vm, const char *settings_class, bool usual);

/* What the components of a VM that runs have to do with its guest at that time; whether it is still starting. */
uint16_t sim_guest_contact(const SimHost *host, const SimObject *vm, int64_t at_ms);
bool sim_guest_boots(const SimHost *host, const SimObject *vm, int64_t at_ms);

/* A component whose row depends on the time, or on the guest; sets that in it. */
bool sim_guest_shows_contact(const SimObject *object);
void sim_guest_show_contact(const SimHost *host, const SimObject *component, CimInstance *row, Arena *arena);

/* Asks the guest to shut down or to restart; type: of the job. 4096, or why it does not. */
uint32_t sim_guest_request(SimCall *call, SimObject *vm, const char *type);

extern const SimService sim_guest_service;
