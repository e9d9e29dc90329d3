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

static Inf parse(const char *text)
{
    return inf_parse(text, strlen(text), "amd64", &arena);
}

static const char *joined(const Inf *inf)
{
    const char *list = "";
    for (size_t i = 0; i < inf->copy_infs.count; i++)
        list = arena_printf(&arena, "%s%s|", list, inf->copy_infs.items[i]);
    return list;
}

static void check_inf(const char *text, const char *driver_ver, const char *copy_infs)
{
    Inf inf = parse(text);
    assert_string_equal(inf.driver_ver, driver_ver);
    assert_string_equal(joined(&inf), copy_infs);
}

static void test_driver_ver(void **state)
{
    (void) state;
    static const struct {
        const char *text, *driver_ver;
    } cases[] = {
        { "", "" },
        { "[Version]\r\nDriverVer = 08/14/2024, 32.0.15.6094 ; now\r\n", "2024-08-14,32.0.15.6094" },
        { "[version]\nDRIVERVER=8/14/2024,32.00.0015.6094", "2024-08-14,32.0.15.6094" },
        { "[Version]\rDriverVer = \"08-14-2024\" , \"32.0.15.6094\"\r", "2024-08-14,32.0.15.6094" },
        { " [ Version ]\nDriverVer=08/14/2024,32.0\n", "" },
        { "\t[Version]\n\tDriverVer\t=\t08/14/2024,\t32.0\n", "2024-08-14,32.0.0.0" },
        { "[Version]\nDriverVer=08/14/2024\n", "2024-08-14,0.0.0.0" },
        { "[Version]\nDriverVer=%Day%,%Number%\n[Strings]\nDay=\"08/14/2024\"\nNumber=32.0.15.6094",
          "2024-08-14,32.0.15.6094" },
        { "[Version]\nDriverVer = 08/14/2024, \\\r\n 32.0.15.6094", "2024-08-14,32.0.15.6094" },
        { "[Other]\nDriverVer=08/14/2024,1\n", "" },
        { "[Version]\nDriverVer=08/14/2024,1\n[Other]\nDriverVer=3,4\n", "2024-08-14,1.0.0.0" },
        { "[Version]\nDriverVer=1,2", "1,2" },
        { "[Version]\nDriverVer=1\\", "1\\," },
        { "[Version]\nDriverVer=08/14/2024,1.2.3.4.5", "08/14/2024,1.2.3.4.5" },
        { "[Version]\nDriverVer=08/14/2024,1.x", "08/14/2024,1.x" },
        { "[Version]\n;DriverVer=08/14/2024,1", "" },
        { "[Version]\nSignature=\"$Windows NT$\"\n\n[Version]\nDriverVer=08/14/2024,1", "2024-08-14,1.0.0.0" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Inf inf = parse(cases[i].text);
        assert_string_equal(inf.driver_ver, cases[i].driver_ver);
    }
}

/* Every form that the documentation of CopyINF, of lines, of strings and of decorations has. */
static void test_copy_infs(void **state)
{
    (void) state;
    static const struct {
        const char *text, *copy_infs;
    } cases[] = {
        { "[A]\nCopyINF = a.inf, \"b.inf\" ,A.INF,\n[B]\ncopyinf=c.inf", "a.inf|b.inf|c.inf|" },
        { "[A]\nCopyINF = a.inf, \\\r\n  b.inf\n", "a.inf|b.inf|" },
        { "[A]\nCopyINF = a.inf \\ ; the first one\r\n  , b.inf ; and another\n", "a.inf|b.inf|" },
        { "[A]\nCopyINF = \"a\\\"\\\n,b.inf\n", "b.inf|" },
        { "[A]\nCopyINF = a.inf\\\\\n,b.inf\n", "a.inf|b.inf|" },
        { "[A]\nCopyINF = a.inf,,b.inf", "a.inf|b.inf|" },
        { "[A]\nCopyINF = .\\amdogl\\amdogl.inf\nCopyINF = ./amdvlk/amdvlk.inf, \".\\amd ocl\\amdocl.inf\"",
          "amdogl.inf|amdvlk.inf|amdocl.inf|" },
        { "[A]\nCopyINF = .\\%Folder%\\%Name%.inf\n[Strings]\nFolder = amdogl\nName = \"amdogl\"", "amdogl.inf|" },
        { "[Strings]\nName=\"x\"\n[A]\nCopyINF = \"%name%.inf\",100%%.inf,%none%.inf", "x.inf|100%.inf|%none%.inf|" },
        { "[A]\nCopyINF = %Both%.inf\n[Strings.0407]\nBoth=deutsch\n[Strings]\nBoth=neutral", "neutral.inf|" },
        { "[A]\nCopyINF = %Both%.inf\n[Strings.0407]\nBoth=deutsch", "deutsch.inf|" },
        { "[A]\nCopyINF = \"a;b.inf\" ; comment\n", "a;b.inf|" },
        { "[A]\nCopyINF = %a;b%\n[Strings]\n\"a;b\" = x.inf\n", "x.inf|" },
        { "[A]\nCopyINF = \"say \"\"hi\"\".inf\"\n", "say \"hi\".inf|" },
        { "[A]\nCopyINF = \"a,b.inf\"\n", "a,b.inf|" },
        { "[A]\n;CopyINF = a.inf\nCopyINF\nCopyINFs=b.inf\nNoCopyINF=c.inf\n", "" },
        { "[Strings]\nCopyINF = a.inf\n", "" },
        { "[A.NTamd64]\nCopyINF=a.inf\n[A.NT]\nCopyINF=b.inf\n[A.NTamd64.10.0...16299]\nCopyINF=c.inf\n",
          "a.inf|b.inf|c.inf|" },
        { "[A.NTarm64]\nCopyINF=a.inf\n[A.ntx86.10.0]\nCopyINF=b.inf\n[A.NTAMD64]\nCopyINF=c.inf\n", "c.inf|" },
        { "[A]\r\nCopyINF=a.inf\r[B]\nCopyINF=b.inf\r\n\x1A\nCopyINF=c.inf", "a.inf|b.inf|" },
        { "[A\nCopyINF=a.inf\n]CopyINF=b.inf\n\"CopyINF\"=c.inf", "a.inf|c.inf|" },
        { "[A]\nCopyINF=\"a.inf\n[B]\nCopyINF=b.inf", "a.inf|b.inf|" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Inf inf = parse(cases[i].text);
        assert_string_equal(joined(&inf), cases[i].copy_infs);
    }
    Inf any = inf_parse("[A.NTarm64]\nCopyINF=a.inf", 25, "", &arena);
    assert_int_equal(any.copy_infs.count, 1);
}

static void test_class(void **state)
{
    (void) state;
    Inf inf = parse("[Version]\nClass = %Name% ; sound\nClassGuid={4d36e96c-E325-11ce-bfc1-08002be10318}\n"
                    "[Strings]\nName=\"MEDIA\"");
    assert_string_equal(inf.class_name, "MEDIA");
    assert_string_equal(inf.class_guid, "{4d36e96c-E325-11ce-bfc1-08002be10318}");
    assert_string_equal(parse("[A]\nClass=Display").class_name, "");
}

/* A line of that many bytes in all, in pieces of eight. What is longer is not there, and what follows is. */
static void check_long_line(size_t length, bool is_there)
{
    Str text;
    str_init(&text, 4 * LIMIT_INF_LINE_BYTES);
    str_append(&text, "[A]\nCopyINF=x.inf,");
    for (size_t left = length - strlen("CopyINF=x.inf,"); left > 0; left -= left < 8 ? left : 8)
        str_appendf(&text, "%.*s\\\r\n", (int) (left < 8 ? left : 8), ",,,,,,,,");
    str_append(&text, "\nCopyINF=a.inf");
    check_inf(str_text(&text), "", is_there ? "x.inf|a.inf|" : "a.inf|");
    str_release(&text);
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
        Inf inf = parse(str_text(&text));
        str_release(&text);
        assert_int_equal(inf.copy_infs.count, LIMIT_INF_COPIES);
    }
    for (int length = LIMIT_INF_FIELD_BYTES; length <= LIMIT_INF_FIELD_BYTES + 1; length++) {
        Inf inf = parse(arena_printf(&arena, "CopyINF=%*s,b.inf\nCopyINF=%%c%%\n[Strings]\nc=c.inf", length, "\"a\""));
        assert_int_equal(inf.copy_infs.count, 3);
        inf = parse(arena_printf(&arena, "CopyINF=%0*d,b.inf", length, 0));
        assert_int_equal(inf.copy_infs.count, length == LIMIT_INF_FIELD_BYTES ? 2 : 1);
    }
    for (size_t count = LIMIT_INF_STRINGS; count <= LIMIT_INF_STRINGS + 1; count++) {
        Str text;
        str_init(&text, 4 * 1024 * 1024);
        str_append(&text, "CopyINF=%last%\n[Strings]\n");
        for (size_t i = 1; i < count; i++)
            str_append(&text, "a=b\n");
        str_append(&text, "last=c.inf\n");
        Inf inf = parse(str_text(&text));
        str_release(&text);
        assert_string_equal(inf.copy_infs.items[0], count == LIMIT_INF_STRINGS ? "c.inf" : "%last%");
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

#define INF_TEXT "[Version]\r\nDriverVer = 08/14/2024,2 ; \xC5\x81\r\n[A]\r\nCopyINF=\xC5\x81.inf"

static void check_encoded(const char *bytes, size_t size)
{
    Inf inf = inf_parse(bytes, size, "amd64", &arena);
    assert_string_equal(inf.driver_ver, "2024-08-14,2.0.0.0");
    assert_string_equal(joined(&inf), "\xC5\x81.inf|");
}

static void test_utf16(void **state)
{
    (void) state;
    const char *text = "\xEF\xBB\xBF" INF_TEXT;
    size_t count;
    const uint16_t *units = utf16_from_utf8(&arena, text, strlen(text), &count);
    char *bytes = arena_alloc(&arena, 2 * count + 1);
    for (size_t is_big = 0; is_big < 2; is_big++) {
        for (size_t i = 0; i < count; i++) {
            bytes[2 * i + is_big] = (char) (units[i] & 0xFF);
            bytes[2 * i + !is_big] = (char) (units[i] >> 8);
        }
        for (size_t odd = 0; odd < 2; odd++) {
            check_encoded(bytes, 2 * count + odd);
            check_encoded(bytes + 2, 2 * count + odd - 2); /* without the mark */
        }
    }
}

static void test_other_encodings(void **state)
{
    (void) state;
    check_encoded(INF_TEXT, strlen(INF_TEXT));
    check_encoded("\xEF\xBB\xBF" INF_TEXT, strlen(INF_TEXT) + 3);
    /* A code page: what is ASCII is understood. */
    check_inf("[Version]\nDriverVer=08/14/2024,2 ; \xA3\xFF\n[A]\nCopyINF=a.inf,\xA3.inf", "2024-08-14,2.0.0.0",
              "a.inf|\xC2\xA3.inf|");
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
    assert_string_equal(vendor_find("ACPI\\QCOM0C36\\0")->name, "QUALCOMM");
    assert_null(vendor_find("PCI\\VEN_1414&DEV_008E"));
    assert_null(vendor_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_driver_ver, release),
        cmocka_unit_test_teardown(test_copy_infs, release),
        cmocka_unit_test_teardown(test_class, release),
        cmocka_unit_test_teardown(test_limits, release),
        cmocka_unit_test_teardown(test_endless_line, release),
        cmocka_unit_test_teardown(test_utf16, release),
        cmocka_unit_test_teardown(test_other_encodings, release),
        cmocka_unit_test_teardown(test_names, release),
        cmocka_unit_test_teardown(test_dates, release),
        cmocka_unit_test(test_vendors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
