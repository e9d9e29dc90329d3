/* SPDX-License-Identifier: MIT */
/* INF files, and names and dates of packages. */
#include "drivers/gather/inf.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "base/str.h"
#include "base/utf.h"
#include "drivers/gather/package_name.h"
#include "drivers/package/vendor.h"

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

static void check_inf(const char *text, const char *driver_ver, const char *copy_infs)
{
    Inf inf = inf_parse(text, strlen(text), &arena);
    const char *list = "";
    for (size_t i = 0; i < inf.copy_infs.count; i++)
        list = arena_printf(&arena, "%s%s|", list, inf.copy_infs.items[i]);
    assert_string_equal(inf.driver_ver, driver_ver);
    assert_string_equal(list, copy_infs);
}

static void test_inf(void **state)
{
    (void) state;
    static const struct {
        const char *text, *driver_ver, *copy_infs;
    } cases[] = {
        { "", "", "" },
        { "[Version]\r\nDriverVer = 08/14/2024, 32.0.15.6094 ; now\r\n", "08/14/2024,32.0.15.6094", "" },
        { "[version]\nDRIVERVER=1,2", "1,2", "" },
        { "[Other]\nDriverVer=1,2\n", "", "" },
        { "[Version]\nDriverVer=1,2\n[Other]\nDriverVer=3,4\n", "1,2", "" },
        { "[A]\nCopyINF = a.inf, \"b.inf\" ,A.INF,\n[B]\ncopyinf=c.inf", "", "a.inf|b.inf|c.inf|" },
        { "[A]\nCopyINF = a.inf, \\\r\n  b.inf\n", "", "a.inf|b.inf|" },
        { "[A]\n;CopyINF = a.inf\nCopyINF\nCopyINFs=b.inf\n", "", "" },
        { "[Version]\nDriverVer=1\\", "1\\", "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_inf(cases[i].text, cases[i].driver_ver, cases[i].copy_infs);
}

/* A line of that many bytes in all, in pieces of eight. What is longer is not there, and what follows is. */
static void check_long_line(size_t length, bool is_there)
{
    Str text;
    str_init(&text, 4 * LIMIT_INF_LINE_BYTES);
    str_append(&text, "[Version]\nDriverVer=");
    for (size_t left = length - strlen("DriverVer="); left > 0; left -= left < 8 ? left : 8)
        str_appendf(&text, "%.*s\\\r\n", (int) (left < 8 ? left : 8), "12345678");
    str_append(&text, "\nCopyINF=a.inf");
    Inf inf = inf_parse(str_text(&text), text.length, &arena);
    str_release(&text);
    assert_int_equal(strlen(inf.driver_ver), is_there ? length - strlen("DriverVer=") : 0);
    assert_int_equal(inf.copy_infs.count, 1);
}

static void test_limits(void **state)
{
    (void) state;
    check_long_line(LIMIT_INF_LINE_BYTES, true);
    check_long_line(LIMIT_INF_LINE_BYTES + 1, false);
    for (size_t count = LIMIT_INF_COPIES; count <= LIMIT_INF_COPIES + 1; count++) {
        Str text;
        str_init(&text, LIMIT_INF_LINE_BYTES);
        str_append(&text, "CopyINF=");
        for (size_t i = 0; i < count; i++)
            str_appendf(&text, "%zu.inf,", i);
        Inf inf = inf_parse(str_text(&text), text.length, &arena);
        str_release(&text);
        assert_int_equal(inf.copy_infs.count, LIMIT_INF_COPIES);
    }
}

/* Four megabytes of lines that go on: joined one to another they were gigabytes. */
static void test_endless_line(void **state)
{
    (void) state;
    enum { LINES = 1024 * 1024 };
    char *text = arena_alloc(&arena, 4 * LINES + 1);
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 4 * i, "ab\\\n", 4);
    check_inf(text, "", "");
}

static void test_utf16(void **state)
{
    (void) state;
    const char *text = "\xEF\xBB\xBF[Version]\r\nDriverVer = 1,2 ; \xC5\x81\r\nCopyINF=a.inf";
    size_t count;
    const uint16_t *units = utf16_from_utf8(&arena, text, strlen(text), &count);
    char *bytes = arena_alloc(&arena, 2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (char) (units[i] & 0xFF);
        bytes[2 * i + 1] = (char) (units[i] >> 8);
    }
    for (size_t odd = 0; odd < 2; odd++) {
        Inf inf = inf_parse(bytes, 2 * count + odd, &arena);
        assert_string_equal(inf.driver_ver, "1,2");
        assert_int_equal(inf.copy_infs.count, 1);
    }
}

static void test_names(void **state)
{
    (void) state;
    static const struct {
        const char *device, *provider, *date, *name;
    } cases[] = {
        { "PCI\\VEN_10DE&DEV_2882", "NVIDIA", "2024-08-14", "NVIDIA_20240814" },
        { "pci\\ven_1002&dev_73bf", "Advanced Micro Devices, Inc.", "2024-03-12", "AMD_20240312" },
        { "PCI\\VEN_8086&DEV_4680", "Intel Corporation", "2024-05-30", "INTEL_20240530" },
        { "PCI\\VEN_4D4F&DEV_1", "Qualcomm Inc.", "", "QUALCOMM_INC_unknown" },
        { "ACPI\\VEN_10DE", "..\\..\\x", "2024-05-30", "X_20240530" },
        { "USB\\X", "", "2024-05-30", "GPU_20240530" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(package_name_make(cases[i].device, cases[i].provider, cases[i].date, &arena),
                            cases[i].name);
}

static void test_dates(void **state)
{
    (void) state;
    static const struct {
        const char *text, *date;
    } cases[] = {
        { "8-14-2024", "2024-08-14" },
        { "12-1-2023", "2023-12-01" },
        { "", "" },
        { "8/14/2024", "" },
        { "13-1-2023", "" },
        { "1-32-2023", "" },
        { "1-2-2023 ", "" },
        { "1-2-20233", "" },
        { "1-2-", "" },
        { "0-2-2023", "" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(package_date_parse(cases[i].text, &arena), cases[i].date);
}

static void test_vendors(void **state)
{
    (void) state;
    assert_string_equal(vendor_find("PCI\\VEN_10DE&DEV_1")->name, "NVIDIA");
    assert_null(vendor_find("PCI\\VEN_1414&DEV_008E"));
    assert_null(vendor_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_inf, release),
        cmocka_unit_test_teardown(test_limits, release),
        cmocka_unit_test_teardown(test_endless_line, release),
        cmocka_unit_test_teardown(test_utf16, release),
        cmocka_unit_test_teardown(test_names, release),
        cmocka_unit_test_teardown(test_dates, release),
        cmocka_unit_test(test_vendors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
