/* SPDX-License-Identifier: MIT */
/* StdRegProv of the simulated host, and that the state file keeps its registry. */
#include "base/compiler.h"
#include "cim/schema.h"
#include "cim/session.h"
#include "sim/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define MACHINE UINT32_C(0x80000002)
#define CLASS_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0000"

typedef struct Fixture {
    Arena arena;
    SimHost *host;
} Fixture;

static int set_up(void **state)
{
    static Fixture fixture;
    Error err;
    fixture = (Fixture){ .host = NULL };
    *state = &fixture;
    return sim_host_create_sample(NULL, 0, &fixture.host, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    sim_host_destroy(fixture->host);
    arena_release(&fixture->arena);
    return 0;
}

static CimInstance *call(Fixture *fixture, const char *method, uint32_t root, const char *key, const char *value)
{
    Error err;
    CimInstance *in = cim_instance_create(&fixture->arena, ""), *out;
    cim_instance_set(in, &fixture->arena, "hDefKey", cim_uint(CIM_TYPE_UINT32, root));
    cim_instance_set(in, &fixture->arena, "sSubKeyName", cim_string(key));
    if (value != NULL)
        cim_instance_set(in, &fixture->arena, "sValueName", cim_string(value));
    if (!sim_host_invoke(fixture->host, 0, NS_CIMV2, "StdRegProv", method, in, &fixture->arena, &out, &err))
        fail_msg("%s", err.message);
    return out;
}

static uint64_t result_of(const CimInstance *out)
{
    return cim_instance_uint(out, "ReturnValue", UINT64_MAX);
}

static void test_keys(void **state)
{
    Fixture *fixture = *state;
    size_t count;
    CimInstance *out = call(fixture, "EnumKey", MACHINE, CLASS_KEY, NULL);
    const CimValue *names = cim_instance_array(out, "sNames", &count);
    assert_int_equal(result_of(out), 0);
    assert_int_equal(count, 3);
    assert_string_equal(names[0].text, "CopyToVmWhenNewer");
    /* A key that has none of its own values, but other keys. */
    out = call(fixture, "EnumKey", MACHINE, "system\\currentcontrolset\\control", NULL);
    names = cim_instance_array(out, "sNames", &count);
    assert_int_equal(count, 1);
    assert_string_equal(names[0].text, "Class");
    assert_int_equal(result_of(call(fixture, "EnumKey", MACHINE, "SYSTEM\\Nothing", NULL)), 2);
    assert_int_equal(result_of(call(fixture, "EnumKey", 0x80000001, CLASS_KEY, NULL)), 2);
}

static void test_values(void **state)
{
    Fixture *fixture = *state;
    size_t count, type_count;
    CimInstance *out = call(fixture, "EnumValues", MACHINE, CLASS_KEY "\\CopyToVmWhenNewer", NULL);
    const CimValue *names = cim_instance_array(out, "sNames", &count);
    const CimValue *types = cim_instance_array(out, "Types", &type_count);
    assert_int_equal(count, 2);
    assert_int_equal(type_count, 2);
    assert_string_equal(names[0].text, "nvcuda");
    assert_int_equal(types[0].sint, 7);
    assert_int_equal(types[1].sint, 1);
    assert_int_equal(result_of(call(fixture, "EnumValues", MACHINE, "SYSTEM\\Nothing", NULL)), 2);

    out = call(fixture, "GetStringValue", MACHINE, CLASS_KEY, "driverversion");
    assert_string_equal(cim_instance_text(out, "sValue"), "32.0.15.6094");
    out = call(fixture, "GetMultiStringValue", MACHINE, CLASS_KEY "\\CopyToVmWhenNewer", "nvcuda");
    const CimValue *texts = cim_instance_array(out, "sValue", &count);
    assert_int_equal(count, 2);
    assert_string_equal(texts[1].text, "nvcuda.dll");
}

static void test_wrong_kind(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(result_of(call(fixture, "GetStringValue", MACHINE, CLASS_KEY, "Nothing")), 2);
    assert_int_equal(result_of(call(fixture, "GetDWORDValue", MACHINE, CLASS_KEY, "DriverVersion")), 1);
    assert_int_equal(result_of(call(fixture, "GetMultiStringValue", MACHINE, CLASS_KEY, "DriverVersion")), 1);
    assert_int_equal(result_of(call(fixture, "GetStringValue", MACHINE, CLASS_KEY, "UserModeDriverName")), 1);
}

/* Static methods belong to the class, others to an instance. */
static void test_class_as_path(void **state)
{
    Fixture *fixture = *state;
    Error err;
    CimInstance *out;
    assert_false(sim_host_invoke(fixture->host, 0, NS_VIRTUALIZATION, "Msvm_ComputerSystem", "RequestStateChange", NULL,
                                 &fixture->arena, &out, &err));
    assert_false(
        sim_host_invoke(fixture->host, 0, NS_CIMV2, "StdRegProv", "NoSuchMethod", NULL, &fixture->arena, &out, &err));
    assert_int_equal((uint32_t) err.native, WMI_E_INVALID_METHOD);
}

static void replace(Fixture *fixture, const char *from, const char *to, bool is_good)
{
    const char *text, *spot;
    size_t size;
    Error err;
    SimHost *other = NULL;
    assert_true(sim_host_write(fixture->host, &fixture->arena, &text, &size, &err));
    assert_non_null(spot = strstr(text, from));
    text = arena_printf(&fixture->arena, "%.*s%s%s", (int) (spot - text), text, to, spot + strlen(from));
    if (sim_host_read(text, strlen(text), &other, &err) != is_good)
        fail_msg("%s: %s", to, is_good ? err.message : "taken");
    if (is_good) {
        const char *again;
        assert_true(sim_host_write(other, &fixture->arena, &again, &size, &err));
        assert_string_equal(again, text);
    }
    sim_host_destroy(other);
}

static void test_state_file(void **state)
{
    Fixture *fixture = *state;
    const char *value = "\"InfPath\": \"oem12.inf\"";
    replace(fixture, value, value, true);
    replace(fixture, value, "\"InfPath\": 4294967295", true);
    replace(fixture, value, "\"InfPath\": []", true);
    replace(fixture, value, "\"InfPath\": {\n    \"expand\": \"%x%\"\n   }", true);
    replace(fixture, value, "\"InfPath\": 4294967296", false);
    replace(fixture, value, "\"InfPath\": [1]", false);
    replace(fixture, value, "\"InfPath\": {\"expand\": 1}", false);
    replace(fixture, value, "\"InfPath\": null", false);
    replace(fixture, "\"registry\": {", "\"drives\": 1, \"registry\": {", false);
    replace(fixture, "\"registry\": {", "\"registry\": { \"SYSTEM\": 1,", false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keys), TEST(test_values), TEST(test_wrong_kind), TEST(test_class_as_path), TEST(test_state_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
