/* SPDX-License-Identifier: MIT */
/* WMI object paths: reading, writing, comparing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cim/path.h"

#include <stdlib.h>
#include <string.h>

#define GPU_NAME "\\\\?\\PCI#VEN_10DE&DEV_2702#4&22525bed&0&0030#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV"
#define GPU_NAME_QUOTED                                                                                                \
    "\\\\\\\\?\\\\PCI#VEN_10DE&DEV_2702#4&22525bed&0&0030#{064092b3-625e-43bf-9eb5-dc845897dd59}\\\\GPUPARAV"
#define GPU_KEYS "Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\",Name=\"" GPU_NAME_QUOTED "\""

static void a_full_path_is_taken_apart(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimPath path;
    assert_true(cim_path_parse("\\\\HV1\\root\\virtualization\\v2:" GPU_KEYS, &arena, &path, &err));
    assert_string_equal(path.host, "HV1");
    assert_string_equal(path.ns, "root\\virtualization\\v2");
    assert_string_equal(path.class_name, "Msvm_PartitionableGpu");
    assert_int_equal(path.count, 2);
    assert_string_equal(cim_path_key(&path, "creationclassname"), "Msvm_PartitionableGpu");
    assert_string_equal(cim_path_key(&path, "Name"), GPU_NAME);
    assert_null(cim_path_key(&path, "DeviceID"));
    arena_release(&arena);
}

/* "again": what it is written as; NULL: it is no path. */
static void paths_read_and_write(void **state)
{
    (void) state;
    static const struct {
        const char *text, *again;
    } cases[] = {
        { "Msvm_ComputerSystem", "Msvm_ComputerSystem" },
        { "root/cimv2:Win32_Process", "root\\cimv2:Win32_Process" },
        { "//HV1/root/cimv2:C.A=\"b\"", "\\\\HV1\\root\\cimv2:C.A=\"b\"" },
        { "\\\\.\\root\\cimv2:C.A=\"b\"", "\\\\.\\root\\cimv2:C.A=\"b\"" },
        { "\\\\host.example.org\\ROOT\\cimv2:C.A=\"b\"", "\\\\host.example.org\\ROOT\\cimv2:C.A=\"b\"" },
        { GPU_KEYS, GPU_KEYS },
        { "C.A=\"say \\\"x\\\"\"", "C.A=\"say \\\"x\\\"\"" },
        { "C.A='it''", NULL },
        { "C.A='say \"x\"'", "C.A=\"say \\\"x\\\"\"" },
        { "C.A=\"\"", "C.A=\"\"" },
        { "C.A=\"x,B=:{}\"", "C.A=\"x,B=:{}\"" },
        { "C.A=5,B=-5,D=TRUE,E=0x10", "C.A=5,B=-5,D=true,E=16" },
        { "C.A=18446744073709551615", "C.A=18446744073709551615" },
        { "C.A=18446744073709551616", NULL },
        { "C.A=\"b\",a=\"c\"", NULL }, /* the same key twice */
        { "", NULL },
        { ":", NULL },
        { "C.", NULL },
        { "C.A", NULL },
        { "C.A=", NULL },
        { "C.A=\"", NULL },
        { "C.A=\"x", NULL },
        { "C.A=\"x\\", NULL },
        { "C.A=\"x\\\"", NULL },
        { "C.A=\"x\",", NULL },
        { "C.A=\"x\" ", NULL },
        { "C.A=\"x\"B=\"y\"", NULL },
        { "C,A=\"x\"", NULL },
        { "C=\"x\"", NULL },
        { "C=@", NULL },
        { "C.A=maybe", NULL },
        { "C.A=5x", NULL },
        { "C D", NULL },
        { "5C.A=\"x\"", NULL },
        { "\\\\HV1\\C.A=\"x\"", NULL },
        { "\\\\HV1:C", NULL },
        { "\\\\\\root:C", NULL },
        { "\\\\", NULL },
        { "\\\\HV1\\root:", NULL },
        { GPU_NAME, NULL },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err = { .code = ERR_NONE };
        CimPath path;
        bool good = cim_path_parse(cases[i].text, &arena, &path, &err);
        if (good != (cases[i].again != NULL))
            fail_msg("'%s': %s", cases[i].text, err.message);
        if (good)
            assert_string_equal(cim_path_format(&path, &arena), cases[i].again);
        else
            assert_int_equal(err.code, ERR_INVALID);
    }
    arena_release(&arena);
}

static void the_error_tells_the_position(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimPath path;
    assert_false(cim_path_parse("Class.A=\"x\";", &arena, &path, &err));
    assert_string_equal(err.message, "'Class.A=\"x\";' is not an object path (see character 12)");
    arena_release(&arena);
}

static void limits_hold(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    CimPath path;
    char *text = arena_alloc(&arena, LIMIT_PATH_BYTES + 2);
    memset(text, 'C', LIMIT_PATH_BYTES);
    assert_true(cim_path_parse(text, &arena, &path, &err));
    text[LIMIT_PATH_BYTES] = 'C';
    assert_false(cim_path_parse(text, &arena, &path, &err));

    const char *keys = "C.K0=0";
    for (int i = 1; i < LIMIT_PATH_KEYS; i++)
        keys = arena_printf(&arena, "%s,K%d=%d", keys, i, i);
    assert_true(cim_path_parse(keys, &arena, &path, &err));
    assert_int_equal(path.count, LIMIT_PATH_KEYS);
    assert_false(cim_path_parse(arena_printf(&arena, "%s,More=1", keys), &arena, &path, &err));
    arena_release(&arena);
}

static void making_quotes_the_value(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    assert_string_equal(cim_path_make(&arena, "Msvm_X", "InstanceID", "Microsoft:A\\B \"C\""),
                        "Msvm_X.InstanceID=\"Microsoft:A\\\\B \\\"C\\\"\"");
    arena_release(&arena);
}

static void equality(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        { "C.A=\"x\"", "C.A=\"x\"", true },
        { "C.A=\"x\"", "c.a=\"X\"", true },
        { "C.A=\"\xC3\xA4\"", "C.A=\"\xC3\x84\"", true },
        { "\\\\HV1\\root\\virtualization\\v2:C.A=\"x\"", "C.A=\"x\"", true },
        { "\\\\HV1\\root\\virtualization\\v2:C.A=\"x\"", "//other/ROOT/virtualization/v2:C.A=\"x\"", true },
        { "C.A=\"x\",B=1", "C.B=1,A=\"x\"", true },
        { "C.A=1", "C.A=0x1", true },
        { "C.A=\"1\"", "C.A=1", false },
        { "C.A=\"x\"", "C.A=\"y\"", false },
        { "C.A=\"x\"", "D.A=\"x\"", false },
        { "C.A=\"x\"", "C.B=\"x\"", false },
        { "C.A=\"x\"", "C.A=\"x\",B=\"y\"", false },
        { "C.A=\"x\",B=\"y\"", "C.A=\"x\"", false },
        { "C", "C.A=\"x\"", false },
        { GPU_NAME, GPU_NAME, true },
        { "no path", "NO PATH", false },
        { "no path", "C", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cim_path_equals(cases[i].a, cases[i].b) != cases[i].equal ||
            cim_path_equals(cases[i].b, cases[i].a) != cases[i].equal)
            fail_msg("'%s' and '%s'", cases[i].a, cases[i].b);
    }
}

static void names(void **state)
{
    (void) state;
    assert_true(cim_name_is_valid("__CLASS"));
    assert_true(cim_name_is_valid("Msvm_X2"));
    assert_false(cim_name_is_valid(""));
    assert_false(cim_name_is_valid("2X"));
    assert_false(cim_name_is_valid("a b"));
    assert_false(cim_name_is_valid("a="));
    assert_false(cim_name_is_valid("\xC3\xA4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_path_is_taken_apart),
        cmocka_unit_test(paths_read_and_write),
        cmocka_unit_test(the_error_tells_the_position),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(making_quotes_the_value),
        cmocka_unit_test(equality),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
