/* SPDX-License-Identifier: MIT */
/* The session against Wine's own WMI, which was not written for it. What it answers differs from Windows in places: no
 * error for an unknown class, no semisynchronous calls but queries, no namespace of Hyper-V. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cim/com/com_session.h"
#include "cim/schema.h"
#include "wine/com/wmi_host.h"

#include <string.h>

typedef struct Fixture {
    CimSession *session;
    Arena arena;
    Error err;
} Fixture;

static int open_fixture(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ NULL };
    *state = &fixture;
    wmi_host_close();
    return com_session_open(NULL, "this computer", clock_system(), &fixture.session, &fixture.err) ? 0 : -1;
}

static int close_fixture(void **state)
{
    Fixture *f = *state;
    cim_session_close(f->session);
    arena_release(&f->arena);
    return 0;
}

static CimInstanceList query(Fixture *f, const char *wql)
{
    CimInstanceList list = { NULL };
    if (!cim_session_query(f->session, NS_CIMV2, wql, &f->arena, &list, &f->err))
        fail_msg("%s: %s", wql, f->err.message);
    return list;
}

static const CimValue *value_of(const CimInstance *row, const char *name, CimType type)
{
    const CimValue *value = cim_instance_find(row, name);
    if (value == NULL)
        fail_msg("no %s", name);
    assert_int_equal(value->type, type);
    assert_false(value->is_array);
    return value;
}

static void properties_have_their_types(void **state)
{
    Fixture *f = *state;
    CimInstanceList list = query(f, "SELECT * FROM Win32_OperatingSystem");
    assert_int_equal(list.count, 1);
    const CimInstance *system = list.items[0];
    assert_string_equal(system->class_name, "Win32_OperatingSystem");
    assert_non_null(strstr(system->path, ":Win32_OperatingSystem"));
    assert_string_equal(cim_instance_text(system, "OSArchitecture"), "64-bit");
    assert_true(value_of(system, "TotalVisibleMemorySize", CIM_TYPE_UINT64)->uint > 1024 * 1024); /* in KiB, as text */
    assert_int_equal(value_of(system, "OSLanguage", CIM_TYPE_UINT32)->uint, 0x409);
    assert_int_equal(value_of(system, "ServicePackMinorVersion", CIM_TYPE_UINT16)->uint, 0);
    (void) value_of(system, "CurrentTimeZone", CIM_TYPE_SINT16);
    assert_true(value_of(system, "Primary", CIM_TYPE_BOOLEAN)->boolean);
    assert_int_equal(value_of(system, "InstallDate", CIM_TYPE_DATETIME)->text[14], '.');
}

static void arrays_and_columns_are_read(void **state)
{
    Fixture *f = *state;
    CimInstanceList list = query(f, "SELECT IPAddress, Index FROM Win32_NetworkAdapterConfiguration");
    for (size_t i = 0; i < list.count; i++) {
        const CimValue *addresses = cim_instance_find(list.items[i], "IPAddress");
        assert_non_null(addresses);
        assert_true(addresses->is_array);
        assert_int_equal(addresses->type, CIM_TYPE_STRING);
        (void) value_of(list.items[i], "Index", CIM_TYPE_UINT32);
        assert_int_equal(list.items[i]->count, 2);
    }
}

static void conditions_are_understood(void **state)
{
    Fixture *f = *state;
    assert_true(query(f, "SELECT * FROM Win32_Process").count > 1);
    assert_int_equal(query(f, "SELECT * FROM Win32_Process WHERE Name = 'nobody.exe'").count, 0);
    assert_int_equal(query(f, "SELECT * FROM Win32_Process WHERE Name = 'test_com_wine_wmi.exe'").count, 1);
}

static void mistakes_are_told(void **state)
{
    Fixture *f = *state;
    CimInstanceList list = { NULL };
    assert_false(cim_session_query(f->session, NS_CIMV2, "SELECT * FRM x", &f->arena, &list, &f->err));
    assert_int_equal(f->err.code, ERR_INVALID);
    assert_int_equal(f->err.native, WMI_E_INVALID_QUERY);
    assert_false(cim_session_query(f->session, NS_VIRTUALIZATION, "SELECT * FROM Msvm_ComputerSystem", &f->arena, &list,
                                   &f->err));
    assert_int_equal(f->err.code, ERR_UNSUPPORTED);
    assert_int_equal(f->err.native, WMI_E_INVALID_NAMESPACE);
    assert_int_equal(query(f, "SELECT * FROM No_Such_Class").count, 0); /* Windows: invalid class */
}

static void other_computers_cannot_be_reached(void **state)
{
    Fixture *f = *state;
    CimInstanceList list;
    cim_session_close(f->session);
    assert_true(com_session_open("no-such-computer", "no-such-computer", clock_system(), &f->session, &f->err));
    assert_false(
        cim_session_query(f->session, NS_CIMV2, "SELECT * FROM Win32_OperatingSystem", &f->arena, &list, &f->err));
    assert_int_equal(f->err.code, ERR_UNREACHABLE);
    assert_non_null(strstr(f->err.message, "'no-such-computer'"));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(properties_have_their_types), TEST(arrays_and_columns_are_read),       TEST(conditions_are_understood),
        TEST(mistakes_are_told),           TEST(other_computers_cannot_be_reached),
    };
    return cmocka_run_group_tests_name("com and Wine's WMI", tests, NULL, NULL);
}
