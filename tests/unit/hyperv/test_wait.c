/* SPDX-License-Identifier: MIT */
#include "hyperv/host/wait.h"

#include "base/compiler.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static TestClock test_clock;
static CimSession session = { .clock = &test_clock.clock };
static const HyperVHost host = { .session = &session };

/* Looks: "." answered, "x" not answered, "g" what is looked at is gone, "c" Ctrl-C. */
static const struct {
    const char *looks;
    size_t last; /* after this many of them it is given up; 0: never */
} rows[] = {
    { "....", 0 },
    { "xxxx.xxxx.xxxx", 0 },
    { "xxxxx", 5 },
    { "xxxx.xxxxxx", 10 },
    { ".g", 2 },
    { "c", 1 },
    { "xxc", 3 },
};

static ErrorCode code_of(char look)
{
    return look == 'g' ? ERR_NOT_FOUND : look == 'c' ? ERR_CANCELLED : ERR_UNREACHABLE;
}

static void looking_is_given_up(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Waiting waiting = wait_begin(&host);
        size_t last = 0;
        for (size_t k = 0; last == 0 && rows[i].looks[k] != '\0'; k++) {
            const Error failure = { .code = code_of(rows[i].looks[k]) };
            if (rows[i].looks[k] == '.')
                wait_answered(&waiting);
            else if (!wait_may_look_again(&waiting, &failure))
                last = k + 1;
        }
        if (last != rows[i].last)
            fail_msg("'%s': given up after %zu, not %zu", rows[i].looks, last, rows[i].last);
    }
}

static void pauses_grow(void **state)
{
    static const int64_t pauses[] = { 25, 50, 100, 200, 400, 500, 500, 500 };
    (void) state;
    Waiting waiting = wait_begin(&host);
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        int64_t before = test_clock.ms;
        wait_pause(&waiting);
        assert_int_equal(test_clock.ms - before, pauses[i]);
    }
    assert_int_equal(wait_passed_s(&waiting), 2); /* of 2275 ms */
}

static int set_clock(void **state)
{
    (void) state;
    test_clock_init(&test_clock);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(looking_is_given_up, set_clock),
        cmocka_unit_test_setup(pauses_grow, set_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
