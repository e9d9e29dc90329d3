/* SPDX-License-Identifier: MIT */
/* A stage for tests of host and guest together: a simulated host in a state file, whose VM 'render' runs and has a
 * folder for a guest; and a clock that lets the guest live whenever the host's end waits. */
#pragma once

#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"
#include "operations/update.h"
#include "platform/clock.h"
#include "platform/registry.h"

#define RENDER_VM "0F0E0D0C-0B0A-4908-8706-050403020100"

typedef struct GuestStage {
    Clock clock; /* first: it is a Clock */
    int64_t now_ms;
    void (*live)(int64_t ms); /* told of each wait of the host's, once that has passed; NULL: nobody lives there */
    Arena arena;
    const char *folder;
    Registry *registry; /* of the guest */
    HyperVHost host;
    Vm vm;
    Cancel cancel;
} GuestStage;

extern GuestStage stage;

/* knobs: members of the JSON object, "" for none. What goes wrong fails the test. */
void stage_open(const char *knobs, void (*live)(int64_t ms));

/* The same on what is in that folder from before. */
void stage_open_again(const char *folder, void (*live)(int64_t ms));

/* For cmocka. */
int stage_close(void **state);

const char *stage_path(const char *name);

/* Another session on the host; the one before stays open. For cim_session_close(). */
CimSession *stage_connect(void);

bool stage_update(const UpdateRequest *request, UpdateReport *ret_report, Error *err);
UpdateRequest stage_request(bool restart_guest);

bool stage_has_journal(void);

/* The interface is off, there are no items of HyperPoint's, and no journal: as before. */
void stage_check_closed(void);
