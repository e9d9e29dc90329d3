/* SPDX-License-Identifier: MIT */
/* The computer's clock on Windows. */
#include "platform/clock.h"

#include "base/check.h"
#include "platform/win32.h"

static int64_t system_now_ms(Clock *clock)
{
    (void) clock;
    enum { TICKS_PER_MS = 10000 };
    static const int64_t unix_epoch_ms = INT64_C(11644473600000); /* counted from 1601 */
    FILETIME time;
    GetSystemTimePreciseAsFileTime(&time);
    int64_t ticks = (int64_t) ((uint64_t) time.dwHighDateTime << 32 | time.dwLowDateTime);
    return ticks / TICKS_PER_MS - unix_epoch_ms;
}

static int64_t system_ticks_us(Clock *clock)
{
    (void) clock;
    LARGE_INTEGER now, per_second;
    CHECK(QueryPerformanceCounter(&now) && QueryPerformanceFrequency(&per_second));
    int64_t seconds = now.QuadPart / per_second.QuadPart;
    return seconds * 1000000 + now.QuadPart % per_second.QuadPart * 1000000 / per_second.QuadPart;
}

static void system_sleep_ms(Clock *clock, int64_t ms)
{
    (void) clock;
    enum { AT_ONCE_MS = 1000000000 }; /* 32 bits, and the largest means forever */
    for (; ms > AT_ONCE_MS; ms -= AT_ONCE_MS)
        Sleep(AT_ONCE_MS);
    if (ms > 0)
        Sleep((DWORD) ms);
}

Clock *clock_system(void)
{
    static Clock system = { .now_ms = system_now_ms, .ticks_us = system_ticks_us, .sleep_ms = system_sleep_ms };
    return &system;
}
