/* SPDX-License-Identifier: MIT */
/* The commands that the fault matrix walks through, and the hosts it does so on. */
#pragma once

#include "host_state.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Scenario {
    const char *name;
    const char *words[10]; /* of the command line, without -VM and -HOST; NULL ends them */
    const char *prepare[3][5]; /* commands that come before, and are not judged; NULL ends the words of each */
    VmSpec vm;
    const char *config; /* adapter.config; NULL: none */
    int foreign_gpu;    /* what somebody else puts on: one that the command does not ask for */
    bool takes_checkpoint;
    bool keeps_adapters; /* without faults they are the same afterwards */
    bool mends;          /* several things, each of which may be mended or not */
    bool is_thorough;    /* walked on the other hosts and with two faults, too */
} Scenario;

extern const Scenario scenarios[];
extern const size_t scenario_count;

/* Windows 10 tells neither which GPU an adapter belongs to, nor takes it. */
extern const Scenario old_host_scenarios[];
extern const size_t old_host_scenario_count;

extern const HostSpec usual_host;    /* Windows 11 */
extern const HostSpec hot_host;      /* Server 2025: GPUs change while the VM runs */
extern const HostSpec old_host;      /* Windows 10 */
extern const HostSpec other_hosts[]; /* Windows 11 with awkward habits */
extern const size_t other_host_count;
