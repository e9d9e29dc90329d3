/* SPDX-License-Identifier: MIT */
/* Builds of Windows that are known to break something: the data file's format, what the program made of it, and when
 * a row applies. */
#include "cim/connect.h"
#include "drivers/guest/known_builds.h"
#include "support/test_clock.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static void assert_text(const json_t *row, const char *member, const char *compiled)
{
    const char *text = json_string_value(json_object_get(row, member));
    assert_non_null(text);
    assert_string_equal(text, compiled);
    assert_true(strlen(text) > 8 && strlen(text) < 400);
    assert_null(strpbrk(text, "\n\r\t"));
    assert_true(text[strlen(text) - 1] != '.'); /* it stands in a line of a message */
}

static void assert_range(const json_t *row, const char *member, const WindowsBuild *compiled)
{
    Arena arena = ARENA_INIT;
    WindowsBuild build = *compiled;
    const char *text = json_string_value(json_object_get(row, member));
    assert_non_null(text);
    if (strchr(text, '.') == NULL)
        build.revision = WINDOWS_REVISION_UNKNOWN;
    assert_string_equal(text, windows_build_format(&build, &arena));
    arena_release(&arena);
}

/* Nothing but the members that docs/drivers.md names, and all of them are in the program. */
static void test_file(void **state)
{
    (void) state;
    static const char *const sides[] = { [KNOWN_HOST] = "host", [KNOWN_GUEST] = "guest", [KNOWN_UNEQUAL] = "unequal" };
    json_error_t problem;
    json_t *root = json_load_file(KNOWN_BUILDS_FILE, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL)
        fail_msg("line %d: %s", problem.line, problem.text);
    assert_int_equal(json_object_size(root), 2);
    assert_string_equal(json_string_value(json_object_get(root, "format")), "hyperpoint-known-builds/1");
    const json_t *rows = json_object_get(root, "builds");
    assert_int_equal(json_array_size(rows), known_build_count);
    for (size_t i = 0; i < known_build_count; i++) {
        const json_t *row = json_array_get(rows, i);
        const KnownBuild *known = &known_builds[i];
        assert_string_equal(json_string_value(json_object_get(row, "side")), sides[known->side]);
        assert_range(row, "min", &known->min);
        assert_range(row, "max", &known->max);
        assert_text(row, "symptom", known->symptom);
        assert_text(row, "advice", known->advice);
        assert_text(row, "source", known->source);
        bool needs = json_object_get(row, "needs") != NULL;
        assert_int_equal(needs, known->needs_session);
        assert_int_equal(json_object_size(row), needs ? 7 : 6);
        assert_true(strncmp(known->source, "https://", 8) == 0);
        assert_true(known->min.build < known->max.build ||
                    (known->min.build == known->max.build && known->min.revision <= known->max.revision));
    }
    json_decref(root);
}

static void test_parse(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        WindowsBuild build; /* 0: it is none */
    } rows[] = {
        { "26100.4349", { 26100, 4349 } },
        { "1.0", { 1, 0 } },
        { "4294967295.4294967294", { UINT32_MAX, UINT32_MAX - 1 } },
        { "26100.4294967295", { 0, 0 } }, /* the number of one that is not known */
        { "4294967296.1", { 0, 0 } },
        { "26100", { 0, 0 } },
        { "26100.", { 0, 0 } },
        { ".4349", { 0, 0 } },
        { "0.0", { 0, 0 } },
        { "26100.4349.1", { 0, 0 } },
        { "00000026100.4349", { 0, 0 } },
        { "-1.1", { 0, 0 } },
        { "", { 0, 0 } },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        WindowsBuild build = { 0, 0 };
        assert_int_equal(windows_build_parse(rows[i].text, &build), rows[i].build.build != 0);
        assert_int_equal(build.build, rows[i].build.build);
        assert_int_equal(build.revision, rows[i].build.revision);
    }
}

static void test_applies(void **state)
{
    (void) state;
    static const struct {
        KnownSide side;
        WindowsBuild min, max, host, guest;
        bool applies;
    } cases[] = {
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 26100, 2033 }, { 1, 1 }, true },
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 26100, 4945 }, { 1, 1 }, true },
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 26100, 2032 }, { 26100, 3000 }, false },
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 26100, 4946 }, { 26100, 3000 }, false },
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 22631, 3000 }, { 26100, 3000 }, false },
        { KNOWN_HOST, { 26100, 2033 }, { 26100, 4945 }, { 26100, UINT32_MAX }, { 1, 1 }, true },
        { KNOWN_GUEST, { 26100, 0 }, { 26200, UINT32_MAX }, { 1, 1 }, { 26100, 0 }, true },
        { KNOWN_GUEST, { 26100, 0 }, { 26200, UINT32_MAX }, { 1, 1 }, { 26120, 5 }, true },
        { KNOWN_GUEST, { 26100, 0 }, { 26200, UINT32_MAX }, { 1, 1 }, { 26200, 9999 }, true },
        { KNOWN_GUEST, { 26100, 0 }, { 26200, UINT32_MAX }, { 26100, 1 }, { 26201, 0 }, false },
        { KNOWN_GUEST, { 26100, 0 }, { 26200, 10 }, { 1, 1 }, { 26200, UINT32_MAX }, true },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 26100, 1 }, { 26100, 2 }, true },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 26100, 1 }, { 26200, 1 }, true },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 26100, 1 }, { 26100, 1 }, false },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 26100, 1 }, { 22631, 1 }, true },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 22631, 1 }, { 26100, 1 }, true },
        { KNOWN_UNEQUAL, { 26100, 0 }, { 26200, UINT32_MAX }, { 22631, 1 }, { 22631, 2 }, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        KnownBuild known = { .side = cases[i].side, .min = cases[i].min, .max = cases[i].max };
        assert_int_equal(known_build_applies(&known, &cases[i].host, &cases[i].guest), cases[i].applies);
    }
}

static void test_read(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    HostAddress address;
    CimSession *session;
    TestClock clock;
    WindowsBuild build;
    test_clock_init(&clock);
    assert_true(host_address_parse("sim:?guest", &arena, &address, &err));
    assert_true(cim_connect(&address, &clock.clock, &session, &err));
    assert_true(windows_build_read(session, &build, &err));
    assert_int_equal(build.build, 22631);
    assert_int_equal(build.revision, WINDOWS_REVISION_UNKNOWN); /* it has no such value */
    assert_int_equal(session->round_trips, 2);
    cim_session_close(session);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_applies),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
