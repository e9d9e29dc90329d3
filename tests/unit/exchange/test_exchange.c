/* SPDX-License-Identifier: MIT */
/* The messages between host and guest: what is written reads back, and every field that is wrong in any way makes the
 * whole message wrong. */
#include "exchange/agent_report.h"
#include "exchange/names.h"
#include "exchange/request.h"
#include "exchange/status.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define ID   "0123456789abcdef0123456789abcdef"
#define VM   "f65d0775-1ca1-4804-9305-71f4a38bdd83"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define REQUEST "version=1;id=" ID ";vm=" VM ";do=install;sha256=" HASH ";size=1048576"
#define STATUS  "version=1;id=" ID ";phase=installing;percent=42;reason=none;result=0"
#define AGENT                                                                                                          \
    "version=1;program=0.1.0;update=yes;restart=no;windows=22631.4317;problem=43;packages=1"
#define PACKAGE "version=1;driver=32.0.15.6094;sha256=" HASH ";files=512"

/* Each kind of message: reads a text, and gives back what its writer makes of the record. NULL: refused. */

static const char *echo_request(const char *text, Arena *arena, Error *err)
{
    ExchangeRequest request;
    return exchange_request_read(text, &request, err) ? exchange_request_write(&request, arena) : NULL;
}

static const char *echo_status(const char *text, Arena *arena, Error *err)
{
    ExchangeStatus status;
    return exchange_status_read(text, &status, err) ? exchange_status_write(&status, arena) : NULL;
}

static const char *echo_agent(const char *text, Arena *arena, Error *err)
{
    AgentReport report;
    return agent_report_read(text, &report, err) ? agent_report_write(&report, arena) : NULL;
}

static const char *echo_package(const char *text, Arena *arena, Error *err)
{
    ExchangePackage report;
    return exchange_package_read(text, &report, err) ? exchange_package_write(&report, arena) : NULL;
}

static const struct Kind {
    const char *text;
    const char *(*echo)(const char *text, Arena *arena, Error *err);
} kinds[] = {
    { REQUEST, echo_request }, { STATUS, echo_status }, { AGENT, echo_agent }, { PACKAGE, echo_package }
};

static void assert_refused(const struct Kind *kind, const char *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *again = kind->echo(text, &arena, &err);
    if (again != NULL)
        fail_msg("taken: '%s' as '%s'", text, again);
    assert_int_equal(err.code, ERR_PROTOCOL);
    arena_release(&arena);
}

static void assert_taken(const struct Kind *kind, const char *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *again = kind->echo(text, &arena, &err);
    if (again == NULL)
        fail_msg("refused: '%s': %s", text, err.message);
    else
        assert_string_equal(again, text);
    arena_release(&arena);
}

/* The text with the first "from" in it made "to". */
static const char *exchanged(const char *text, const char *from, const char *to, Arena *arena)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    return arena_printf(arena, "%.*s%s%s", (int) (at - text), text, to, at + strlen(from));
}

/* Whatever single byte is taken out, put in, made another or doubled, and wherever the text is cut: it is refused, or
 * it is another message that has the one form a message has. */
static void test_every_byte(void **state)
{
    (void) state;
    static const char bytes[] = "\x01\t\n ;=.-+0a1A,/\\%\x7f\xc3\xff";
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        Arena arena = ARENA_INIT;
        const char *text = kinds[k].text;
        size_t length = strlen(text);
        assert_taken(&kinds[k], text);
        for (size_t i = 0; i <= length; i++) {
            for (size_t j = 0; j < 3 * sizeof(bytes); j++) {
                char byte[2] = { bytes[j / 3], '\0' };
                Error err = { .code = ERR_NONE };
                const char *changed = arena_printf(&arena, "%.*s%s%s", (int) i, text, j % 3 == 0 ? "" : byte,
                                                   text + i + (j % 3 != 2 && i < length));
                const char *again = kinds[k].echo(changed, &arena, &err);
                assert_true(again == NULL ? err.code == ERR_PROTOCOL : strcmp(again, changed) == 0);
            }
        }
        arena_release(&arena);
    }
}

/* Fields in another order, left out, twice; one that does not belong. */
static void test_form(void **state)
{
    (void) state;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        Arena arena = ARENA_INIT;
        const char *text = kinds[k].text;
        const char *second = strchr(text, ';') + 1;
        const char *third = strchr(second, ';') + 1;
        int length = (int) (third - second);
        assert_refused(&kinds[k], "");
        assert_refused(&kinds[k], ";");
        assert_refused(&kinds[k], "version=1");
        assert_refused(&kinds[k], second);
        assert_refused(&kinds[k], arena_printf(&arena, "version=1;%s", third));
        assert_refused(&kinds[k], arena_printf(&arena, "%.*sversion=1;%s", length, second, third));
        assert_refused(&kinds[k], arena_printf(&arena, "version=1;%.*s%s", length, second, second));
        assert_refused(&kinds[k], arena_printf(&arena, "%s;", text));
        assert_refused(&kinds[k], arena_printf(&arena, "%s;more=1", text));
        assert_refused(&kinds[k], arena_printf(&arena, "more=1;%s", text));
        assert_refused(&kinds[k], exchanged(text, "version=1", "version=2", &arena));
        assert_refused(&kinds[k], exchanged(text, "version=1", "version=01", &arena));
        assert_refused(&kinds[k], exchanged(text, "version", "Version", &arena));
        for (size_t other = 0; other < COUNT_OF(kinds); other++) {
            if (other != k)
                assert_refused(&kinds[k], kinds[other].text);
        }
        arena_release(&arena);
    }
}

static void test_fields(void **state)
{
    (void) state;
    static const struct {
        size_t kind;
        const char *from, *to;
        bool ok;
    } cases[] = {
        /* A request. */
        { 0, ID, "00000000000000000000000000000000", true },
        { 0, ID, "0123456789ABCDEF0123456789ABCDEF", false },
        { 0, ID, "0123456789abcdef0123456789abcde", false },
        { 0, ID, "0123456789abcdef0123456789abcdef0", false },
        { 0, ID, "../../../../../../../../windows/x", false },
        { 0, ID, "", false },
        { 0, VM, "F65D0775-1CA1-4804-9305-71F4A38BDD83", false },
        { 0, VM, "{f65d0775-1ca1-4804-9305-71f4a38bdd83}", false },
        { 0, VM, "f65d07751ca14804930571f4a38bdd83", false },
        { 0, "do=install", "do=uninstall", false },
        { 0, "do=install", "do=", false },
        { 0, "do=install", "do=installer", false },
        { 0, HASH, HASH "0", false },
        { 0, HASH, "E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false },
        { 0, "size=1048576", "size=0", true },
        { 0, "size=1048576", "size=1099511627776", true }, /* LIMIT_PACKAGE_BYTES */
        { 0, "size=1048576", "size=1099511627777", false },
        { 0, "size=1048576", "size=18446744073709551616", false },
        { 0, "size=1048576", "size=99999999999999999999999999", false },
        { 0, "size=1048576", "size=01", false },
        { 0, "size=1048576", "size=00", false },
        { 0, "size=1048576", "size=-1", false },
        { 0, "size=1048576", "size=+1", false },
        { 0, "size=1048576", "size=1e3", false },
        { 0, "size=1048576", "size=", false },
        /* A status. */
        { 1, "installing", "seen", true },
        { 1, "installing", "Seen", false },
        { 1, "installing", "", false },
        { 1, "installing", "install", false },
        { 1, "percent=42", "percent=0", true },
        { 1, "percent=42", "percent=100", true },
        { 1, "percent=42", "percent=101", false },
        { 1, "percent=42", "percent=042", false },
        { 1, "reason=none", "reason=internal", true },
        { 1, "reason=none", "reason=because", false },
        { 1, "result=0", "result=4294967295", true },
        { 1, "result=0", "result=4294967296", false },
        /* A guest. */
        { 2, "program=0.1.0", "program=1.2.3.4.5.6.7.8", true },
        { 2, "program=0.1.0", "program=1.2.3.4.5.6.7.8.9", false },
        { 2, "program=0.1.0", "program=12345678901234567890123456789012345678901234567", true },
        { 2, "program=0.1.0", "program=123456789012345678901234567890123456789012345678", false },
        { 2, "program=0.1.0", "program=1..2", false },
        { 2, "program=0.1.0", "program=.1", false },
        { 2, "program=0.1.0", "program=1.", false },
        { 2, "program=0.1.0", "program=1.0-beta", false },
        { 2, "update=yes", "update=no", true },
        { 2, "update=yes", "update=1", false },
        { 2, "restart=no", "restart=maybe", false },
        { 2, "windows=22631.4317", "windows=0.0", true },
        { 2, "windows=22631.4317", "windows=10.0.22631", false },
        { 2, "problem=43", "problem=0", true },
        { 2, "problem=43", "problem=none", true },
        { 2, "problem=43", "problem=unknown", true },
        { 2, "problem=43", "problem=-1", false },
        { 2, "problem=43", "problem=4294967295", true },
        { 2, "problem=43", "problem=4294967296", false },
        { 2, "problem=43", "problem=", false },
        { 2, "packages=1", "packages=0", true },
        { 2, "packages=1", "packages=8", true }, /* LIMIT_EXCHANGE_PACKAGES */
        { 2, "packages=1", "packages=9", false },
        /* A package. */
        { 3, "driver=32.0.15.6094", "driver=0", true },
        { 3, "driver=32.0.15.6094", "driver=32.00.015.06094", true }, /* a version is a text */
        { 3, "driver=32.0.15.6094", "driver=32.0.15.6094 (WHQL)", false },
        { 3, "files=512", "files=524288", true }, /* LIMIT_JOURNAL_STEPS */
        { 3, "files=512", "files=524289", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        const struct Kind *kind = &kinds[cases[i].kind];
        const char *text = exchanged(kind->text, cases[i].from, cases[i].to, &arena);
        if (cases[i].ok)
            assert_taken(kind, text);
        else
            assert_refused(kind, text);
        arena_release(&arena);
    }
}

/* What is too long is refused before it is looked at; nothing of it is in the error. */
static void test_length(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    char *text = arena_alloc(&arena, 1024 * 1024);
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        for (size_t length = LIMIT_EXCHANGE_VALUE - 1; length < 1024 * 1024 - 1; length = length * 3 / 2 + 1) {
            Error err = { .code = ERR_NONE };
            memset(text, '@', length);
            text[length] = '\0';
            assert_refused(&kinds[k], text);
            memcpy(text, kinds[k].text, strlen(kinds[k].text));
            assert_null(kinds[k].echo(text, &arena, &err));
            assert_int_equal(strstr(err.message, "longer") != NULL, length > LIMIT_EXCHANGE_VALUE);
            assert_null(strchr(err.message, '@'));
        }
    }
    arena_release(&arena);
}

/* A refused message leaves the record as it was. */
static void test_untouched(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    ExchangeStatus status = { .percent = 7, .phase = EXCHANGE_DONE, .reason = EXCHANGE_HASH };
    assert_false(exchange_status_read("version=1;id=" ID ";phase=seen;percent=1;reason=none;result=x", &status, &err));
    assert_int_equal(status.percent, 7);
    assert_int_equal(status.phase, EXCHANGE_DONE);
    assert_int_equal(status.reason, EXCHANGE_HASH);
    assert_string_equal(status.id, "");
}

static void test_words(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (unsigned phase = 0; phase < EXCHANGE_PHASE_COUNT; phase++) {
        for (unsigned reason = 0; reason < EXCHANGE_REASON_COUNT; reason++) {
            Error err = { .code = ERR_NONE };
            ExchangeStatus read, status = { .id = ID, .phase = phase, .reason = reason };
            assert_true(exchange_status_read(exchange_status_write(&status, &arena), &read, &err));
            assert_int_equal(read.phase, phase);
            assert_int_equal(read.reason, reason);
        }
        assert_int_equal(exchange_phase_is_last(phase),
                         phase == EXCHANGE_DONE || phase == EXCHANGE_FAILED || phase == EXCHANGE_REFUSED);
    }
    arena_release(&arena);
}

static void test_names(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    char first[EXCHANGE_ID_LENGTH + 1], second[EXCHANGE_ID_LENGTH + 1];
    exchange_id_create(first);
    exchange_id_create(second);
    assert_true(exchange_id_is_valid(first));
    assert_true(exchange_id_is_valid(second));
    assert_string_not_equal(first, second);
    assert_false(exchange_id_is_valid(""));
    assert_false(exchange_id_is_valid(ID "0"));
    assert_false(exchange_id_is_valid("0123456789abcdef0123456789abcde."));
    assert_string_equal(exchange_file_name(ID, &arena), ID ".zip");
    assert_string_equal(exchange_package_item(8, &arena), "HyperPoint.Package.8");
    assert_true(exchange_version_is_valid(HYPERPOINT_VERSION));
    assert_false(exchange_version_is_valid(""));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte), cmocka_unit_test(test_form),  cmocka_unit_test(test_fields),
        cmocka_unit_test(test_length),     cmocka_unit_test(test_untouched), cmocka_unit_test(test_words),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
