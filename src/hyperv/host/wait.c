/* SPDX-License-Identifier: MIT */
#include "hyperv/host/wait.h"

enum {
    PAUSE_FIRST_MS = 25,
    PAUSE_LONGEST_MS = 500,
    LOST_LIMIT = 5,
};

Waiting wait_begin(const HyperVHost *host)
{
    Clock *clock = host->session->clock;
    return (Waiting){ .clock = clock, .begin_us = clock->ticks_us(clock), .delay_ms = PAUSE_FIRST_MS };
}

void wait_answered(Waiting *waiting)
{
    waiting->lost = 0;
}

bool wait_may_look_again(Waiting *waiting, const Error *failure)
{
    return failure->code != ERR_NOT_FOUND && failure->code != ERR_CANCELLED && ++waiting->lost < LOST_LIMIT;
}

void wait_pause(Waiting *waiting)
{
    waiting->clock->sleep_ms(waiting->clock, waiting->delay_ms);
    waiting->delay_ms = waiting->delay_ms * 2 > PAUSE_LONGEST_MS ? PAUSE_LONGEST_MS : waiting->delay_ms * 2;
}

int64_t wait_passed_s(const Waiting *waiting)
{
    return (waiting->clock->ticks_us(waiting->clock) - waiting->begin_us) / 1000000;
}
