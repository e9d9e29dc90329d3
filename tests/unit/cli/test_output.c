/* SPDX-License-Identifier: MIT */
/* Where texts go: screen, JSON, log. */
#include "cli/output.h"
#include "json/document.h"

#include "base/compiler.h"
#include "platform/fs.h"
#include "support/system.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static int64_t fixed_now_ms(Clock *clock)
{
    (void) clock;
    return INT64_C(1782907509123);
}

static Clock fixed_clock = { .now_ms = fixed_now_ms };

/* An output whose texts can be looked at. */
typedef struct Screen {
    Arena arena;
    const char *out_text, *err_text;
    OutputConfig config;
    Output *output;
} Screen;

static void screen_open(Screen *screen, OutputConfig config)
{
    *screen = (Screen){ .config = config };
    screen->config.out = capture_open();
    screen->config.err = capture_open();
    screen->config.clock = &fixed_clock;
    screen->output = output_create(&screen->config);
}

static void screen_finish(Screen *screen, int exit_code)
{
    Error err;
    assert_true(output_finish(screen->output, exit_code, &err));
    screen->out_text = capture_close(screen->config.out, &screen->arena);
    screen->err_text = capture_close(screen->config.err, &screen->arena);
}

static void screen_release(Screen *screen)
{
    arena_release(&screen->arena);
}

static void say_everything(Output *output)
{
    Error err;
    output_result(output, "GPU %d\n", 1);
    output_notice(output, "automatic checkpoints are %s", "off");
    output_warning(output, "clustered");
    output_verbose(output, "query");
    output_progress(output, "Working", 10);
    (void) error_set_native(&err, ERR_REMOTE, ERROR_SOURCE_JOB, 32788, "job failed");
    (void) error_hint(&err, "try again");
    output_error(output, &err);
    (void) error_set(&err, ERR_STATE, "second");
    output_error(output, &err);
}

static void test_text(void **state)
{
    (void) state;
    static const struct {
        bool silent, verbose;
        const char *err;
    } cases[] = {
        { false, false,
          "notice: automatic checkpoints are off\nwarning: clustered\nhp: error: job failed\nhint: try again\n"
          "hp: error: second\n" },
        { true, true,
          "warning: clustered\nverbose: query\nhp: error: job failed\nhint: try again\nhp: error: second\n" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Screen screen;
        screen_open(&screen, (OutputConfig){ .silent = cases[i].silent, .verbose = cases[i].verbose, .program = "hp" });
        assert_non_null(output_json(screen.output));
        say_everything(screen.output);
        screen_finish(&screen, 4);
        assert_string_equal(screen.out_text, "GPU 1\n");
        assert_string_equal(screen.err_text, cases[i].err);
        screen_release(&screen);
    }
}

static const char *test_words(const Advice *advice, const char *call, Arena *test_arena)
{
    return arena_printf(test_arena, "%s %s", call, advice->data);
}

/* The hint, and then the advice, which is words where there are words for it. */
static void test_advice(void **state)
{
    (void) state;
    static const struct {
        bool has_words;
        const char *hint;
        AdviceCode code;
        const char *err;
    } cases[] = {
        { true, "", ADVICE_LIST_VMS, "hp: error: no\nhint: hp -X my vm\n" },
        { true, "it stands", ADVICE_LIST_VMS, "hp: error: no\nhint: it stands; hp -X my vm\n" },
        { true, "it stands", ADVICE_NONE, "hp: error: no\nhint: it stands\n" },
        { false, "it stands", ADVICE_LIST_VMS, "hp: error: no\nhint: it stands\n" },
        { false, "", ADVICE_LIST_VMS, "hp: error: no\n" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Screen screen;
        screen_open(&screen, (OutputConfig){ .program = "hp",
                                             .words = cases[i].has_words ? test_words : NULL,
                                             .call = "hp -X" });
        Error err;
        (void) error_set(&err, ERR_STATE, "no");
        (void) error_hint(&err, "%s", cases[i].hint);
        (void) error_advise(&err, cases[i].code, "my vm");
        output_error(screen.output, &err);
        screen_finish(&screen, 1);
        assert_string_equal(screen.err_text, cases[i].err);
        screen_release(&screen);
    }
}

static void test_json(void **state)
{
    (void) state;
    Screen screen;
    screen_open(&screen, (OutputConfig){ .json = true, .silent = true });
    json_object_set_new(output_json(screen.output), "vm", json_text("m\u00fc\U0001F600"));
    say_everything(screen.output);
    screen_finish(&screen, 4);
    assert_string_equal(screen.err_text, "");
    assert_string_equal(screen.out_text, "{\n"
                                         "  \"format\": \"hyperpoint/1\",\n"
                                         "  \"vm\": \"m\\u00FC\\uD83D\\uDE00\",\n"
                                         "  \"notices\": [\n"
                                         "    \"automatic checkpoints are off\"\n"
                                         "  ],\n"
                                         "  \"warnings\": [\n"
                                         "    \"clustered\",\n"
                                         "    \"second\"\n"
                                         "  ],\n"
                                         "  \"error\": {\n"
                                         "    \"code\": \"remote\",\n"
                                         "    \"message\": \"job failed\",\n"
                                         "    \"hint\": \"try again\",\n"
                                         "    \"source\": \"job\",\n"
                                         "    \"native\": 32788\n"
                                         "  },\n"
                                         "  \"exitCode\": 4\n"
                                         "}\n");
    screen_release(&screen);
}

static void test_json_without_anything(void **state)
{
    (void) state;
    Screen screen;
    screen_open(&screen, (OutputConfig){ .json = true });
    screen_finish(&screen, 0);
    assert_string_equal(screen.out_text, "{\n  \"format\": \"hyperpoint/1\",\n  \"notices\": [],\n  \"warnings\": [],\n"
                                         "  \"exitCode\": 0\n}\n");
    screen_release(&screen);
}

static void test_json_text(void **state)
{
    (void) state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "" },
        { "\u00fc", "\u00fc" },
        { "a\xff"
          "b",
          "a\uFFFDb" },
        { "a\xED\xA0\x80"
          "b",
          "a\uFFFDb" },
        { "\xE2\x82", "\uFFFD\uFFFD" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *json = json_text(cases[i].text);
        assert_string_equal(json_string_value(json), cases[i].expected);
        json_decref(json);
    }
    json_t *null = json_text(NULL);
    assert_true(json_is_null(null));
    json_decref(null);
}

/* What comes from outside makes no line and sends nothing to the terminal; the format's own lines stay. */
static void test_control_characters(void **state)
{
    (void) state;
    Error err;
    Screen screen;
    screen_open(&screen, (OutputConfig){ .program = "hp" });
    output_result(screen.output, "%s\n  %s\n", "a\x1b[2Jb\tc\x7f\r\n", "(1) x\nforged\1\2");
    output_done(screen.output, "%-3s|%5s|\n", "\n", "\xE2\x80\xAE");
    output_notice(screen.output, "VM '%s'", "x\n\x07");
    output_warning(screen.output, "VM '%s'\nown line", "x\nnotice: all is well");
    (void) error_set(&err, ERR_STATE, "VM '%s'", "x\x1b\xC2\x9B");
    (void) error_hint(&err, "try '%s'", "\xE2\x80\xA8\xFF");
    output_error(screen.output, &err);
    screen_finish(&screen, 0);
    assert_string_equal(screen.out_text, "a\\u{1B}[2Jb\\u{09}c\\u{7F}\\u{0D}\\u{0A}\n"
                                         "  (1) x\\u{0A}forged\\u{01}\\u{02}\n"
                                         "\\u{0A}  |  \\u{202E}|\n");
    assert_string_equal(screen.err_text, "notice: VM 'x\\u{0A}\\u{07}'\n"
                                         "warning: VM 'x\\u{0A}notice: all is well'\nown line\n"
                                         "hp: error: VM 'x\\u{1B}\\u{9B}'\nhint: try '\\u{2028}\\x{FF}'\n");
    screen_release(&screen);
}

static const char *read_text(Arena *arena, const char *folder, const char *name)
{
    Error err;
    char *data;
    size_t size;
    assert_true(fs_read_file(fs_join(arena, folder, name), 65536, arena, &data, &size, &err));
    return data;
}

static void test_log(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const char *stamp = clock_format_local(&arena, fixed_now_ms(NULL));
    const char *file_stamp = clock_format_file_name(&arena, fixed_now_ms(NULL));
    const char *top = system_make_folder(&arena);
    const char *folder = fs_join(&arena, top, "logs");
    for (int run = 0; run < 3; run++) {
        Screen screen;
        screen_open(&screen, (OutputConfig){ .silent = true });
        output_open_log(screen.output, top, NULL, "add");
        output_progress(screen.output, "Working", 1);
        output_progress(screen.output, "Working", 2);
        output_result(screen.output, "result\n");
        output_notice(screen.output, "n\u00fc %d", run);
        output_verbose(screen.output, "detail");
        screen_finish(&screen, 3);
        assert_string_equal(screen.err_text, "");
        screen_release(&screen);
    }
    static const char *const suffixes[] = { "", "_2", "_3" };
    for (int run = 0; run < 3; run++) {
        const char *name = arena_printf(&arena, "add_%s%s.log", file_stamp, suffixes[run]);
        const char *expected =
            arena_printf(&arena,
                         "\xEF\xBB\xBF%s progress: Working\n%s notice: n\u00fc %d\n%s verbose: detail\n"
                         "%s exit code 3\n",
                         stamp, stamp, run, stamp, stamp);
        assert_string_equal(read_text(&arena, folder, name), expected);
        assert_true(fs_remove_file(fs_join(&arena, folder, name), &err));
    }
    system_remove_folder(top);
    arena_release(&arena);
}

static int append_fault;
static const char *fault_folder; /* NULL: everywhere */

int fs_fault_point(FsStep step, const char *path)
{
    bool is_there = fault_folder == NULL || strncmp(path, fault_folder, strlen(fault_folder)) == 0;
    return step == FS_STEP_WRITE && is_there ? append_fault : 0;
}

static void test_log_fails(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    Screen screen;
    screen_open(&screen, (OutputConfig){ .json = false });
    const char *folder = system_make_folder(&arena);
    const char *file = fs_join(&arena, folder, "a file");
    const char *logs = fs_join(&arena, folder, "logs");
    assert_true(fs_append_file(file, "", &err));
    output_open_log(screen.output, file, folder, "add");
    assert_false(fs_make_folders(fs_join(&arena, file, "logs"), FS_SHARED, &err));
    const char *why_not = arena_strdup(&arena, err.message);
    append_fault = ENOSPC;
    output_open_log(screen.output, folder, folder, "add");
    append_fault = 0;
    output_open_log(screen.output, folder, NULL, "add");
    append_fault = ENOSPC;
    output_notice(screen.output, "one");
    append_fault = 0;
    output_notice(screen.output, "two");
    screen_finish(&screen, 0);
    StringList names;
    assert_true(fs_list_folder(logs, &arena, &names, &err));
    assert_int_equal(names.count, 2);
    assert_string_equal(screen.err_text,
                        arena_printf(&arena,
                                     "warning: no log: %s\n"
                                     "warning: no log: cannot write '%s': %s\n"
                                     "notice: one\n"
                                     "warning: the log ends here: cannot write '%s': %s\n"
                                     "notice: two\n",
                                     why_not, fs_join(&arena, logs, names.items[0]), strerror(ENOSPC),
                                     fs_join(&arena, logs, names.items[1]), strerror(ENOSPC)));
    screen_release(&screen);
    system_remove_folder(folder);
    arena_release(&arena);
}

/* Where the program lies belongs to somebody else: the user's own folder takes the log, and nobody is bothered. */
static void test_log_elsewhere(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    Screen screen;
    StringList names;
    screen_open(&screen, (OutputConfig){ .verbose = true });
    const char *folder = system_make_folder(&arena);
    const char *own = fs_join(&arena, folder, "own");
    fault_folder = fs_join(&arena, folder, "program");
    append_fault = EACCES;
    output_open_log(screen.output, fault_folder, own, "add");
    output_notice(screen.output, "one");
    fault_folder = NULL;
    output_open_log(screen.output, folder, own, "add");
    append_fault = 0;
    screen_finish(&screen, 0);
    const char *logs = fs_join(&arena, own, "logs");
    assert_true(fs_list_folder(logs, &arena, &names, &err));
    assert_int_equal(names.count, 2);
    const char *first = fs_join(&arena, logs, names.items[0]), *second = fs_join(&arena, logs, names.items[1]);
    assert_string_equal(screen.err_text,
                        arena_printf(&arena,
                                     "verbose: the log is '%s', since the program's folder is not writable\n"
                                     "notice: one\n"
                                     "warning: no log: cannot write '%s': %s\n"
                                     "warning: the log ends here: cannot write '%s': %s\n",
                                     first, second, strerror(EACCES), first, strerror(EACCES)));
    screen_release(&screen);
    system_remove_folder(folder);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_without_anything),
        cmocka_unit_test(test_json_text),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_fails),
        cmocka_unit_test(test_log_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
