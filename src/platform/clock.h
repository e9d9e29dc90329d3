/* SPDX-License-Identifier: MIT */
/* Time, through a table so that tests can have a clock of their own. */
#pragma once

#include "base/arena.h"

#include <stdint.h>

typedef struct Clock Clock;
struct Clock {
    /* Milliseconds since 1970-01-01 UTC. */
    int64_t (*now_ms)(Clock *clock);
    /* Microseconds of a clock that never goes back; for measuring. */
    int64_t (*ticks_us)(Clock *clock);
    /* Waits, or pretends to; signals do not cut it short. */
    void (*sleep_ms)(Clock *clock, int64_t ms);
};

/* The computer's clock. */
Clock *clock_system(void);

/* Local date and time of an instant, "2026-07-01 14:05:09" and "20260701-140509". */
const char *clock_format_local(Arena *arena, int64_t ms);
const char *clock_format_file_name(Arena *arena, int64_t ms);

/* UTC, RFC 3339 with milliseconds: "2026-07-01T12:05:09.123Z". */
const char *clock_format_utc(Arena *arena, int64_t ms);
