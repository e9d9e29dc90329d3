/* SPDX-License-Identifier: MIT */
/* The session contract on the simulated host, in memory and in a state file. */
#include "cim/sim/sim_session.h"
#include "contract/contract.h"
#include "platform/fs.h"
#include "support/test_clock.h"

#include <stdio.h>

#define STATE_FILE "test_contract_sim.json"

static TestClock test_clock;

static CimSession *open_sim(const char *file)
{
    CimSession *session = NULL;
    Error err;
    test_clock_init(&test_clock);
    if (!sim_session_open(file, NULL, &test_clock.clock, &session, &err))
        (void) fprintf(stderr, "%s\n", err.message);
    return session;
}

static CimSession *open_in_memory(void *context)
{
    (void) context;
    return open_sim("");
}

static CimSession *open_in_file(void *context)
{
    (void) context;
    return open_sim(STATE_FILE);
}

static void close_sim(void *context, CimSession *session)
{
    Error ignored; /* then the next test finds what this one left, and fails */
    (void) context;
    cim_session_close(session);
    (void) (fs_remove_file(STATE_FILE, &ignored) && fs_remove_file(STATE_FILE ".lock", &ignored));
}

int main(void)
{
    int failed = contract_run("sim in memory", &(ContractFactory){ .open = open_in_memory, .close = close_sim });
    return failed + contract_run("sim in a file", &(ContractFactory){ .open = open_in_file, .close = close_sim });
}
