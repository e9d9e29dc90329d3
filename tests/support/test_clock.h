/* SPDX-License-Identifier: MIT */
/* A clock for tests: time stands still until somebody sleeps or the test moves it. */
#pragma once

#include "platform/clock.h"

typedef struct TestClock {
    Clock clock; /* first: a TestClock is a Clock */
    int64_t ms;  /* since 1970 */
} TestClock;

/* 2026-07-01 14:05:09 UTC, where every test begins. */
#define TEST_CLOCK_START INT64_C(1782914709000)

void test_clock_init(TestClock *clock);

/* As if that much time had passed. */
void test_clock_advance(TestClock *clock, int64_t ms);
