/* SPDX-License-Identifier: MIT */
/* A guest whose service is played step by step: a folder as its system drive, a registry, GPUs, a clock that moves when
 * the service waits. The host's part is played by the test. */
#pragma once

#include "agent/agent.h"
#include "exchange/agent_report.h"
#include "exchange/status.h"
#include "support/fault_files.h"
#include "support/test_clock.h"
#include "support/test_package.h"

#define VM "f65d0775-1ca1-4804-9305-71f4a38bdd83"

typedef struct PlayedGuest {
    Arena arena;
    const char *folder, *root, *data;
    Registry *registry;
    Devices devices;
    const char *gpus; /* address of the guest's WMI; NULL: there is none */
    size_t restarts;  /* of devices */
    TestClock clock;
    Cancel cancel;
    Report report;
    const char *said; /* all that it has logged */
    AgentGuest guest;
    Agent *agent; /* NULL: does not run */
    FileScript files;
} PlayedGuest;

/* Two packages for one GPU: the second takes the place of the first. Their nvapi64.dll holds "one", "two". */
extern const TestPackage package_one, package_two;

/* Makes the guest in the folder, which is there: an update is allowed, nothing is installed. With "again" it is there
 * already. */
PlayedGuest *played_guest_open(const char *folder, bool again);
void played_guest_close(PlayedGuest *guest);

/* The same with the folder. */
void played_guest_remove(PlayedGuest *guest);

/* For cmocka. */
int played_guest_set_up(void **state);
int played_guest_tear_down(void **state);

/* A service that begins, one that ends. */
bool start_agent(PlayedGuest *guest);
void stop_agent(PlayedGuest *guest);

/* One step; whether it went well. The clock moves on by what it wants to wait, up to a second. */
bool step(PlayedGuest *guest);

/* Steps until there is an answer, for at most a day. */
ExchangeStatus answer_of(PlayedGuest *guest);

/* What stands in the registry. */
ExchangeStatus status_of(PlayedGuest *guest);
AgentReport report_of(PlayedGuest *guest);

/* The host: makes the file in the inbox, asks, takes the request back. Ids are numbers here. */
const char *id_of(PlayedGuest *guest, unsigned number);
const char *inbox_file(PlayedGuest *guest, unsigned number);
ExchangeRequest bring(PlayedGuest *guest, unsigned number, const TestPackage *package);
void ask(PlayedGuest *guest, const ExchangeRequest *request);
void bring_and_ask(PlayedGuest *guest, unsigned number, const TestPackage *package);
void ask_text(PlayedGuest *guest, const char *text);
void take_back(PlayedGuest *guest);

/* The text of a file of the guest; NULL: there is none. */
const char *text_of(PlayedGuest *guest, const char *path);
void write_text(const char *path, const char *text);
