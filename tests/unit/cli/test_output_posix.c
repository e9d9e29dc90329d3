/* SPDX-License-Identifier: MIT */
/* Texts on a pseudo-terminal and on a full disk. */
#define _XOPEN_SOURCE 700 /* pseudo-terminals */

#include "cli/output.h"

#include "support/system.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t fixed_now_ms(Clock *clock)
{
    (void) clock;
    return INT64_C(1782907509123);
}

static Clock fixed_clock = { .now_ms = fixed_now_ms };

static void test_full_disk(void **state)
{
    (void) state;
    for (int json = 0; json <= 1; json++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        OutputConfig config = { .out = full, .err = stderr, .clock = &fixed_clock, .json = json == 1 };
        Output *output = output_create(&config);
        /* More than the stream buffers: the failure comes before the end. */
        for (int i = 0; i < 10000; i++)
            output_result(output, "result\n");
        Error err;
        assert_false(output_finish(output, 0, &err));
        assert_int_equal(err.code, ERR_IO);
        assert_int_equal(err.native, ENOSPC);
        assert_string_equal(err.message, "cannot write the result: No space left on device");
        (void) fclose(full);
    }
}

static void test_progress_on_a_terminal(void **state)
{
    (void) state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    FILE *terminal = fopen(ptsname(master), "w");
    assert_non_null(terminal);
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    char *out_text;
    size_t out_size;
    OutputConfig config = { .out = open_memstream(&out_text, &out_size), .err = terminal, .clock = &fixed_clock };
    Output *output = output_create(&config);
    output_progress(output, "Working", -1);
    output_progress(output, "Working", -1);
    output_progress(output, "Working", 50);
    output_notice(output, "note");
    /* 80 columns, one of them left free: 37 letters of two columns fit besides " 100%". */
    Arena arena = ARENA_INIT;
    const char *wide = "";
    for (int i = 0; i < 37; i++)
        wide = arena_printf(&arena, "%s\u4e2d", wide);
    output_progress(output, arena_printf(&arena, "%s\u4e2dx", wide), 100);
    Error err;
    assert_true(output_finish(output, 0, &err));
    (void) fclose(terminal);
    (void) fclose(config.out);
    char shown[1024];
    size_t size = 0;
    /* In pieces; after the last one reading fails, as nobody has the other end open. */
    for (ssize_t count; (count = read(master, shown + size, sizeof(shown) - 1 - size)) > 0;)
        size += (size_t) count;
    shown[size] = '\0';
    static const char format[] = "Working\r\033[KWorking 50%%\r\033[Knotice: note\r\n%s 100%%\r\033[K";
    assert_string_equal(shown, arena_printf(&arena, format, wide));
    assert_int_equal(close(master), 0);
    free(out_text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_full_disk),
                                        cmocka_unit_test(test_progress_on_a_terminal) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
