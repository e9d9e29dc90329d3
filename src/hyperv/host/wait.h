/* SPDX-License-Identifier: MIT */
/* Waiting for what the host does not announce: looking (cim_session_poll(), vm_poll_status()) again and again. Whoever
 * looks tells the progress and knows the end; this is the time in between, and when to give up:
 *
 *     for (Waiting waiting = wait_begin(host);; wait_pause(&waiting)) {
 *         Error failure = { .code = ERR_NONE };
 *         if (look(host, &seen, &failure))
 *             wait_answered(&waiting); ... return when it is over ...
 *         else if (!wait_may_look_again(&waiting, &failure))
 *             ... nobody knows, or Ctrl-C ...
 *     } */
#pragma once

#include "base/error.h"
#include "hyperv/host/host.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Waiting {
    Clock *clock;
    int64_t begin_us;
    int64_t delay_ms; /* the next pause */
    unsigned lost;    /* looks in a row that were not answered */
} Waiting;

Waiting wait_begin(const HyperVHost *host);

/* A look went well. */
void wait_answered(Waiting *waiting);

/* A look failed: false when it was interrupted, what was looked at is gone, or nobody has answered for some time. */
bool wait_may_look_again(Waiting *waiting, const Error *failure);

/* Short at first, longer each time. */
void wait_pause(Waiting *waiting);

int64_t wait_passed_s(const Waiting *waiting);
