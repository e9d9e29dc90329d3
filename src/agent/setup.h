/* SPDX-License-Identifier: MIT */
/* Setting a guest's service up, taking it away, telling what is there. In the Windows that runs here that is a service
 * of Windows; a guest that is a folder has its switches, folders and registry file, and whoever likes runs the service
 * himself. */
#pragma once

#include "agent/switches.h"
#include "base/report.h"
#include "platform/service_manager.h"

#define AGENT_SERVICE "HyperPointGuest"

/* Where, and with what. */
typedef struct Setup {
    const char *root; /* the guest's drive, or folder */
    bool is_here;     /* the Windows that runs here */
    const char *data; /* %ProgramData% */
    Registry *registry;
    const char *registry_file; /* of a guest that is a folder */
    const char *program;       /* what Windows starts, below %ProgramFiles%; NULL in a folder */
    const char *own_program;   /* what runs here, and is copied there */
    Report *report;
    Arena *arena;
} Setup;

/* registry NULL: the guest's registry is a file in the root. */
MUST_CHECK bool setup_find(const char *root, Registry *registry, Report *report, Arena *arena, Setup *ret_setup,
                           Error *err);

typedef struct SetupState {
    ServicePresence service; /* SERVICE_IS_ABSENT in a folder */
    AgentSwitches switches;
} SetupState;

MUST_CHECK bool setup_look(const Setup *setup, SetupState *ret_state, Error *err);

/* What is there already is made so: again is no error, and what was half done is done. */
MUST_CHECK bool setup_install(const Setup *setup, const AgentSwitches *switches, Error *err);

/* Nothing of it is left, but for the program that runs here, if it is the one to be removed: a notice. Installed
 * drivers stay. */
MUST_CHECK bool setup_remove(const Setup *setup, Error *err);

/* Sees that the folders are there, and nobody else's: before each run. */
MUST_CHECK bool setup_claim_folders(const Setup *setup, Error *err);
