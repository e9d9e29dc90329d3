/* SPDX-License-Identifier: MIT */
/* What failed calls turn into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cim/com/hresult.h"
#include "cim/session.h"

#include <string.h>

static const WmiPlace here = { .host = "HV1" }, there = { .host = "HV2", .is_remote = true };

static const struct {
    uint32_t number;
    ErrorCode code;
    bool is_lost, precedes;
    const char *message, *hint_here, *hint_there; /* parts of them; NULL: no hint */
} cases[] = {
    { WMI_E_FAILED, ERR_REMOTE, false, false, "'what' (0x80041001)", NULL, NULL },
    { WMI_E_NOT_FOUND, ERR_NOT_FOUND, false, true, "the host has no 'what'", NULL, NULL },
    { WMI_E_ACCESS_DENIED, ERR_DENIED, false, true, "'what' (0x80041003)", "as an administrator",
      "must be an administrator there" },
    { 0x80070005, ERR_DENIED, false, false, "(0x80070005)", "Hyper-V Administrators", "Distributed COM Users" },
    { WMI_E_INVALID_PARAMETER, ERR_INVALID, false, false, "'what'", NULL, NULL },
    { WMI_E_INVALID_NAMESPACE, ERR_UNSUPPORTED, false, true, "the host has no namespace 'what'",
      "turn on the Windows feature Hyper-V, or, if this is a virtual machine", "not one of its virtual machines" },
    { WMI_E_INVALID_CLASS, ERR_UNSUPPORTED, false, true, "'what'", NULL, NULL },
    { WMI_E_INVALID_QUERY, ERR_INVALID, false, true, "'what'", NULL, NULL },
    { 0x80041058, ERR_INVALID, false, true, "'what'", NULL, NULL },
    { WMI_E_INVALID_METHOD, ERR_UNSUPPORTED, false, true, "'what'", NULL, NULL },
    { WMI_E_INVALID_METHOD_PARAMETERS, ERR_INVALID, false, true, "'what'", NULL, NULL },
    { WMI_E_INVALID_OBJECT_PATH, ERR_INVALID, false, true, "'what' is not the path of an object", NULL, NULL },
    { 0x80041013, ERR_UNREACHABLE, false, true, "provider on 'HV1'", "net start vmms", "(vmms) there" },
    { 0x80041014, ERR_UNREACHABLE, false, true, "provider on 'HV1'", "net start vmms", "(vmms) there" },
    { WMI_E_SHUTTING_DOWN, ERR_UNREACHABLE, true, false, "shutting down", "try again", "try again" },
    { 0x80041032, ERR_UNREACHABLE, true, false, "'what'", "try again", "try again" },
    { 0x80041064, ERR_DENIED, false, true, "another account", "the computer itself",
      "sign in" },
    { 0x80041069, ERR_TIMEOUT, false, false, "'what'", NULL, NULL },
    { 0x800706BA, ERR_UNREACHABLE, true, false, "nobody answers (0x800706BA)", "net start winmgmt", "firewall" },
    { 0x800706BE, ERR_UNREACHABLE, true, false, "lost the connection", "try again", "try again" },
    { 0x800706BF, ERR_UNREACHABLE, true, false, "lost the connection", "try again", "try again" },
    { 0x80010108, ERR_UNREACHABLE, true, false, "lost the connection", "try again", "try again" },
    { 0x800706D9, ERR_UNREACHABLE, true, false, "does not answer", "net start winmgmt", "firewall" },
    { 0x80070422, ERR_UNREACHABLE, false, false, "turned off", "net start winmgmt", "winmgmt" },
    { 0x80040154, ERR_UNSUPPORTED, false, false, "no WMI", NULL, NULL },
    { 0x8007000E, ERR_REMOTE, false, false, "(0x8007000E)", NULL, NULL }, /* any other number */
};

static void check_hint(const Error *err, const char *part)
{
    if (part == NULL)
        assert_string_equal(err->hint, "");
    else
        assert_non_null(strstr(err->hint, part));
}

static void errors_say_what_to_do(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        assert_false(hresult_set_error(&err, (HRESULT) cases[i].number, &here, "what"));
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("0x%08X: %s", (unsigned) cases[i].number, err.message);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.source, ERROR_SOURCE_HRESULT);
        assert_true(err.native == cases[i].number);
        check_hint(&err, cases[i].hint_here);
        assert_int_equal(err.advice.code, cases[i].number == 0x80041064 ? ADVICE_USE_LOCAL : ADVICE_NONE);
        assert_int_equal(hresult_is_lost_connection(&err), cases[i].is_lost);
        if (hresult_precedes_execution(&err) != cases[i].precedes)
            fail_msg("0x%08X", (unsigned) cases[i].number);

        assert_false(hresult_set_error(&err, (HRESULT) cases[i].number, &there, "what"));
        check_hint(&err, cases[i].hint_there);
        assert_int_equal(err.advice.code, ADVICE_NONE);
    }
}

/* Messages about the host name it. */
static void the_host_is_named(void **state)
{
    (void) state;
    static const uint32_t numbers[] = { 0x800706BA, 0x800706BE, 0x80070005, 0x80041033, 0x80070422 };
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        Error err;
        assert_false(hresult_set_error(&err, (HRESULT) numbers[i], &there, "what"));
        assert_non_null(strstr(err.message, "'HV2'"));
        assert_null(strstr(err.message, "what"));
    }
}

/* No row is no failure: a SELECT that is answered with "not found" is one that nobody serves. */
static void queries_without_a_provider(void **state)
{
    (void) state;
    Error err;
    assert_false(hresult_set_query_error(&err, (HRESULT) WMI_E_NOT_FOUND, &here, "SELECT * FROM Msvm_ComputerSystem"));
    assert_int_equal(err.code, ERR_UNREACHABLE);
    assert_true(err.native == WMI_E_NOT_FOUND);
    assert_non_null(strstr(err.message, "'HV1'"));
    check_hint(&err, "net start vmms");
    assert_false(hresult_set_query_error(&err, (HRESULT) WMI_E_NOT_FOUND, &here, "ASSOCIATORS OF {X.Name=\"1\"}"));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(hresult_set_query_error(&err, (HRESULT) WMI_E_INVALID_CLASS, &here, "SELECT * FROM X"));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
}

/* An error that no call gave says nothing about one. */
static void other_errors_leave_it_open(void **state)
{
    (void) state;
    Error err;
    (void) error_set_native(&err, ERR_DENIED, ERROR_SOURCE_WIN32, WMI_E_ACCESS_DENIED, "x");
    assert_false(hresult_precedes_execution(&err));
    (void) error_set_native(&err, ERR_DENIED, ERROR_SOURCE_ERRNO, 0x800706BE, "x");
    assert_false(hresult_is_lost_connection(&err));
    (void) error_set(&err, ERR_TIMEOUT, "x");
    assert_false(hresult_precedes_execution(&err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_say_what_to_do),
        cmocka_unit_test(the_host_is_named),
        cmocka_unit_test(queries_without_a_provider),
        cmocka_unit_test(other_errors_leave_it_open),
    };
    return cmocka_run_group_tests_name("com errors", tests, NULL, NULL);
}
