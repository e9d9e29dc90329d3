/* SPDX-License-Identifier: MIT */
/* Which computer a word after -HOST means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "cim/connect.h"
#include "cim/connect_backend.h"
#include "platform/process.h"
#include "wine/com/wmi_host.h"

#include <string.h>

static HostAddress parse(const char *host, Arena *arena)
{
    HostAddress address = { .text = NULL };
    Error err;
    if (!host_address_parse(host, arena, &address, &err))
        fail_msg("'%s': %s", host, err.message);
    return address;
}

/* However it is written: journals and locks of this computer are in one place. */
static void this_computer(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    const char *name = process_computer_name(&arena);
    const char *const words[] = { NULL, "", ".", "localhost", "LocalHost", "127.0.0.1", "::1", name };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        HostAddress address = parse(words[i], &arena);
        assert_true(address.is_local);
        assert_string_equal(address.key, parse(NULL, &arena).key);
        assert_string_equal(address.text, name);
        assert_null(address.sim_file);
    }
    arena_release(&arena);
}

static void other_computers(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    HostAddress first = parse("HV1.Example.org", &arena), second = parse("hv1.example.ORG", &arena);
    assert_false(first.is_local);
    assert_string_equal(first.text, "HV1.Example.org");
    assert_string_equal(first.key, second.key);
    assert_string_not_equal(first.key, parse("hv2", &arena).key);
    assert_string_not_equal(first.key, parse(NULL, &arena).key);
    arena_release(&arena);
}

/* By its name, its full name, its address: it tells itself who it is. */
static void one_computer_of_many_names(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    static const char *const words[] = { "HV1", "hv1.example.org", "10.0.0.5" };
    wmi_host_open(NULL);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        HostAddress address = parse(words[i], &arena);
        CimSession *session = NULL;
        assert_true(cim_connect(&address, clock_system(), &session, &err));
        if (!host_address_identify(&address, session, &arena, &err))
            fail_msg("'%s': %s", words[i], err.message);
        assert_int_equal(session->round_trips, 0);
        assert_false(address.is_local);
        assert_string_equal(address.key, "hv1");
        assert_string_equal(address.typed_key, parse(words[i], &arena).key);
        cim_session_close(session);
    }
    wmi_host_close();

    HostAddress address = parse("10.0.0.5", &arena);
    real_host_identify(&address, process_computer_name(&arena), &arena);
    assert_true(address.is_local);
    assert_string_equal(address.key, parse(NULL, &arena).key);
    arena_release(&arena);
}

static void no_computers(void **state)
{
    (void) state;
    static const char *const words[] = { "\\\\HV1", "HV1/x", "my host", "\"HV1\"", "HV1\t" };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        Arena arena = ARENA_INIT;
        HostAddress address;
        Error err;
        assert_false(host_address_parse(words[i], &arena, &address, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_int_equal(err.advice.code, ADVICE_NAME_HOST);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_computer),
        cmocka_unit_test(other_computers),
        cmocka_unit_test(one_computer_of_many_names),
        cmocka_unit_test(no_computers),
    };
    return cmocka_run_group_tests_name("hosts on Windows", tests, NULL, NULL);
}
