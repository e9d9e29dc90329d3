/* SPDX-License-Identifier: MIT */
/* The computer's clock on POSIX systems. */
#include "platform/clock.h"

#include "base/check.h"

#include <errno.h>
#include <time.h>

static int64_t now_us(clockid_t id)
{
    struct timespec time;
    CHECK(clock_gettime(id, &time) == 0);
    return (int64_t) time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t system_now_ms(Clock *clock)
{
    (void) clock;
    return now_us(CLOCK_REALTIME) / 1000;
}

static int64_t system_ticks_us(Clock *clock)
{
    (void) clock;
    return now_us(CLOCK_MONOTONIC);
}

static void system_sleep_ms(Clock *clock, int64_t ms)
{
    (void) clock;
    struct timespec left = { .tv_sec = (time_t) (ms / 1000), .tv_nsec = (long) (ms % 1000) * 1000000 };
    while (nanosleep(&left, &left) != 0)
        CHECK(errno == EINTR);
}

Clock *clock_system(void)
{
    static Clock system = { .now_ms = system_now_ms, .ticks_us = system_ticks_us, .sleep_ms = system_sleep_ms };
    return &system;
}
