/* SPDX-License-Identifier: MIT */
/* What may stand after -HOST. */
#include "base/compiler.h"
#include "base/limits.h"
#include "cim/connect.h"
#include "cim/schema.h"
#include "platform/fs.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Arena arena;

static int release(void **state)
{
    (void) state;
    arena_release(&arena);
    return 0;
}

static HostAddress parse(const char *host)
{
    HostAddress address;
    Error err;
    if (!host_address_parse(host, &arena, &address, &err))
        fail_msg("%s: %s", host, err.message);
    return address;
}

static void test_no_host(void **state)
{
    static const char *const hosts[] = { NULL, "" };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        HostAddress address;
        Error err;
        assert_false(host_address_parse(hosts[i], &arena, &address, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_int_equal(err.advice.code, ADVICE_REHEARSE);
    }
}

static void test_real_host(void **state)
{
    (void) state;
    Error err;
    CimSession *session = NULL;
    HostAddress address = parse("server.example.com");
    assert_null(address.sim_file);
    assert_string_equal(address.key, "server.example.com");
    assert_false(cim_connect(&address, clock_system(), &session, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    assert_null(session);
}

static void test_files(void **state)
{
    static const struct {
        const char *host, *file, *variant;
    } rows[] = {
        { "sim:x.json", "x.json", "" },
        { "SIM:x.json", "x.json", "" },
        { "sim:./x.json?windows10+localized", "x.json", "windows10+localized" },
        { "sim:what?.json?stale", "what?.json", "stale" },
        { "sim:x.json?", "x.json", "" },
    };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *canonical;
        Error err;
        assert_true(fs_canonical_path(rows[i].file, &arena, &canonical, &err));
        HostAddress address = parse(rows[i].host);
        assert_string_equal(address.text, rows[i].host);
        assert_string_equal(address.sim_file, canonical);
        assert_string_equal(address.sim_variant, rows[i].variant);
        assert_string_equal(address.key, arena_printf(&arena, "sim:%s", canonical));
        assert_false(address.is_local);
    }
    HostAddress address;
    Error err;
    assert_false(host_address_parse("sim:no/such/folder/x.json", &arena, &address, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(host_address_parse("sim:no?such/folder/x.json", &arena, &address, &err)); /* no variant */
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static const char *identify(const char *file)
{
    HostAddress address = parse(arena_printf(&arena, "sim:%s", file));
    CimSession *session = NULL;
    Error err;
    if (!cim_connect(&address, clock_system(), &session, &err) ||
        !host_address_identify(&address, session, &arena, &err))
        fail_msg("%s: %s", file, err.message);
    cim_session_close(session);
    return address.key;
}

/* Where the lock file is another one, the host is: a copy, with or without its lock file, is not the host. */
static void test_copies_are_hosts(void **state)
{
    (void) state;
    Error err;
    char *text;
    size_t size;
    const char *folder = system_make_folder(&arena), *file = fs_join(&arena, folder, "a.json"),
               *copy = fs_join(&arena, folder, "b.json");
    const char *key = identify(file), *copied_lock = arena_printf(&arena, "%s.lock", copy);
    assert_string_equal(key, parse(arena_printf(&arena, "sim:%s", file)).typed_key);
    assert_string_equal(identify(file), key);
    assert_true(fs_read_file(file, SIZE_MAX / 2, &arena, &text, &size, &err));
    assert_true(fs_replace_file(copy, text, size, FS_SHARED, &err));
    assert_true(fs_read_file(arena_printf(&arena, "%s.lock", file), LIMIT_FILE_PATH_BYTES, &arena, &text, &size, &err));
    assert_true(fs_replace_file(copied_lock, text, size, FS_SHARED, &err));
    assert_string_equal(identify(copy), parse(arena_printf(&arena, "sim:%s", copy)).typed_key);
    assert_string_equal(identify(file), key);

    /* What is no path in there does no harm. */
    char *large = arena_alloc(&arena, LIMIT_FILE_PATH_BYTES + 1);
    memset(large, 'x', LIMIT_FILE_PATH_BYTES + 1);
    for (size_t i = 0; i < 2; i++) {
        assert_true(fs_replace_file(copied_lock, large, LIMIT_FILE_PATH_BYTES + i, FS_SHARED, &err));
        assert_string_equal(identify(copy), parse(arena_printf(&arena, "sim:%s", copy)).typed_key);
    }
    system_remove_folder(folder);
}

/* Each host in memory is another one: what one command left unfinished is nothing to the next. */
static void test_in_memory(void **state)
{
    (void) state;
    HostAddress first = parse("sim:"), second = parse("sim:?no-gpu");
    assert_string_equal(first.sim_file, "");
    assert_string_equal(second.sim_file, "");
    assert_string_equal(second.sim_variant, "no-gpu");
    assert_string_not_equal(first.key, second.key);
    Error err;
    CimSession *session = NULL;
    CimInstanceList list;
    if (!cim_connect(&second, clock_system(), &session, &err))
        fail_msg("%s", err.message);
    assert_true(
        cim_session_query(session, NS_VIRTUALIZATION, "SELECT * FROM Msvm_PartitionableGpu", &arena, &list, &err));
    assert_int_equal(list.count, 0);
    assert_string_equal(session->ops->name, "sim");
    cim_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_no_host, release),
        cmocka_unit_test_teardown(test_real_host, release),
        cmocka_unit_test_teardown(test_files, release),
        cmocka_unit_test_teardown(test_copies_are_hosts, release),
        cmocka_unit_test_teardown(test_in_memory, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
