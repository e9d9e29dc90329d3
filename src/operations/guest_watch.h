/* SPDX-License-Identifier: MIT */
/* What a running guest says through the data exchange: who is there, and how it gets on with a request. Whatever it
 * says is checked by its grammar (src/exchange); whatever it does not say has a time limit and an error of its own. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "exchange/agent_report.h"
#include "exchange/status.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/kvp.h"
#include "hyperv/vm/vm.h"

/* What the guest tells of itself. */
typedef struct GuestAgent {
    AgentReport report;
    ExchangePackage packages[LIMIT_EXCHANGE_PACKAGES]; /* those that could be read */
    size_t package_count;
    char waiting[EXCHANGE_ID_LENGTH + 1]; /* the request whose answer waits for a restart of the guest; "": none */
} GuestAgent;

/* Of what a guest shows: its service's own report, and those of the packages that can be read. ERR_NOT_FOUND: it tells
 * nothing; ERR_PROTOCOL: it speaks another version. */
MUST_CHECK bool guest_agent_read(const KvpItems *items, GuestAgent *ret_agent, Error *err);

/* "32.0.15.6094, 31.0.2": of its packages' drivers; or "none". */
const char *guest_agent_versions(const GuestAgent *agent, Arena *arena);

/* Waits until the guest is in contact and its service has told of itself, so many seconds at most. ERR_STATE: data
 * exchange is switched off, or the VM does not run; ERR_TIMEOUT: no contact; ERR_UNSUPPORTED: no service there;
 * ERR_PROTOCOL: it speaks another version. */
MUST_CHECK bool guest_watch_agent(HyperVHost *host, const Vm *vm, int64_t timeout_s, GuestAgent *ret_agent,
                                  Error *err);

/* What is wanted to know of an answer. */
typedef struct AnswerWatch {
    const char *id;       /* of the request */
    bool after_restart;   /* the answer is one that a restart of the guest has settled */
    int64_t first_s;      /* how long the first word may take */
    int64_t silence_s;    /* ... and anything new after that */
} AnswerWatch;

/* Follows the guest's answers to the last one. ERR_TIMEOUT, ERR_STATE, ERR_PROTOCOL with what to do. */
MUST_CHECK bool guest_watch_answer(HyperVHost *host, const Vm *vm, const AnswerWatch *watch, ExchangeStatus *ret_status,
                                   Error *err);

/* An answer that is no success, as an error. Always returns false. */
bool guest_answer_error(const Vm *vm, const ExchangeStatus *status, Error *err);

/* The answer is one that a restart of the guest settles: it waits for that, or was refused because another one does. */
bool guest_answer_waits(const ExchangeStatus *status);
