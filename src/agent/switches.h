/* SPDX-License-Identifier: MIT */
/* What a guest's administrator has allowed, in the guest's registry: EXCHANGE_KEY_SWITCHES. */
#pragma once

#include "platform/registry.h"

typedef struct AgentSwitches {
    bool is_set_up; /* somebody has decided about it at all */
    bool update;    /* the host may have drivers installed */
    bool restart;   /* the host may restart the guest when they need that */
} AgentSwitches;

/* What is not there, or anything but a DWORD of 1, is not allowed. */
MUST_CHECK bool agent_switches_read(Registry *registry, AgentSwitches *ret_switches, Error *err);

MUST_CHECK bool agent_switches_write(Registry *registry, const AgentSwitches *switches, Error *err);

/* Removes them, and what the service has published. */
MUST_CHECK bool agent_registry_clear(Registry *registry, Error *err);
