/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* tzset */

#include "platform/clock.h"

#include "base/compiler.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

static void test_formats(void **state)
{
    (void) state;
    static const struct {
        int64_t ms;
        const char *utc, *local, *file_name;
    } cases[] = {
        { 0, "1970-01-01T00:00:00.000Z", "1970-01-01 02:00:00", "19700101-020000" },
        { INT64_C(1782907509123), "2026-07-01T12:05:09.123Z", "2026-07-01 14:05:09", "20260701-140509" },
#ifndef _WIN32 /* whose C library knows no time before 1970 */
        { -1, "1969-12-31T23:59:59.999Z", "1970-01-01 01:59:59", "19700101-015959" },
        { -1000, "1969-12-31T23:59:59.000Z", "1970-01-01 01:59:59", "19700101-015959" },
        { -1001, "1969-12-31T23:59:58.999Z", "1970-01-01 01:59:58", "19700101-015958" },
#endif
    };
    Arena arena = ARENA_INIT;
    system_set_environment("TZ", "TST-2");
    tzset();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(clock_format_utc(&arena, cases[i].ms), cases[i].utc);
        assert_string_equal(clock_format_local(&arena, cases[i].ms), cases[i].local);
        assert_string_equal(clock_format_file_name(&arena, cases[i].ms), cases[i].file_name);
    }
    arena_release(&arena);
}

static void test_system(void **state)
{
    (void) state;
    Clock *clock = clock_system();
    int64_t before = (int64_t) time(NULL), now = clock->now_ms(clock);
    assert_in_range(now / 1000, before - 1, (int64_t) time(NULL) + 1); /* the two need not tick together */
    int64_t start = clock->ticks_us(clock);
    clock->sleep_ms(clock, 0);
    clock->sleep_ms(clock, 3);
    assert_true(clock->ticks_us(clock) - start >= 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_formats), cmocka_unit_test(test_system) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
