/* SPDX-License-Identifier: MIT */
/* The guest's end of "update-drivers": what the service in a guest does. It tells its host what is there, and carries
 * out what the host asks for, if the guest's administrator allows it:
 *
 *     request in the registry -> is it one, for this VM, allowed, new? -> the file from the inbox, copied and hashed
 *     -> the ordinary installation -> the GPU begins anew -> the answer is remembered, then told -> the file goes
 *
 * Everything is one step function, which looks, does what there is to do, and says how long nothing need be looked at.
 * Whatever happens between, the next step, also of another process, goes on from what is on the disk. */
#pragma once

#include "base/cancel.h"
#include "base/report.h"
#include "cim/session.h"
#include "platform/clock.h"
#include "platform/devices.h"
#include "platform/registry.h"

#include <stdint.h>

/* The guest that it works in. */
typedef struct AgentGuest {
    const char *root;  /* the folder that stands for its system drive */
    const char *data;  /* its %ProgramData% */
    const char *locks; /* as InstallJob.state_folder */
    Registry *registry;
    Devices *devices;
    bool (*connect)(void *context, CimSession **ret_session, Error *err); /* to its WMI, which knows its GPUs */
    void *context;
    Clock *clock;
    const Cancel *cancel;
    Report *report; /* the log: requests, answers, and what went wrong */
} AgentGuest;

/* In %ProgramData%: what is the service's own. Nobody but administrators may write there, which whoever sets the
 * service up sees to. */
#define AGENT_FOLDER "HyperPoint/guest"

typedef struct Agent Agent;

/* The guest and what it names outlive the agent. */
Agent *agent_create(const AgentGuest *guest);

/* NULL is fine. */
void agent_destroy(Agent *agent);

/* Once, before the steps: ends what an agent before has left, and tells the host what is there. */
MUST_CHECK bool agent_begin(Agent *agent, Error *err);

/* *ret_wait_ms: until the next step; at once when the key EXCHANGE_KEY_FROM_HOST changes. A failure is the guest's (its
 * disk, its registry), and the next step may do better. */
MUST_CHECK bool agent_step(Agent *agent, int64_t *ret_wait_ms, Error *err);
