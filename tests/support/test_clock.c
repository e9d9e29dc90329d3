/* SPDX-License-Identifier: MIT */
#include "support/test_clock.h"

#include "base/check.h"

static int64_t test_now_ms(Clock *clock)
{
    return ((TestClock *) clock)->ms;
}

static int64_t test_ticks_us(Clock *clock)
{
    return ((TestClock *) clock)->ms * 1000;
}

static void test_sleep_ms(Clock *clock, int64_t ms)
{
    test_clock_advance((TestClock *) clock, ms);
}

void test_clock_init(TestClock *clock)
{
    *clock = (TestClock){
        .clock = { .now_ms = test_now_ms, .ticks_us = test_ticks_us, .sleep_ms = test_sleep_ms },
        .ms = TEST_CLOCK_START,
    };
}

void test_clock_advance(TestClock *clock, int64_t ms)
{
    CHECK(ms >= 0);
    clock->ms += ms;
}
