/* SPDX-License-Identifier: MIT */
#include "base/compiler.h"
#include "drivers/package/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define STORE LAYOUT_STORE "/nv_dispi.inf_amd64_0123"

static void test_places(void **state)
{
    static const struct {
        const char *name, *path; /* NULL: refused */
        LayoutPlace place;
    } rows[] = {
        { STORE "/a.dll", STORE "/a.dll", LAYOUT_IN_STORE },
        { STORE "/sub/deep/a.dll", STORE "/sub/deep/a.dll", LAYOUT_IN_STORE },
        { "windows\\SYSTEM32\\hostdriverstore\\filerepository\\Nv\\A.dll", LAYOUT_STORE "/Nv/A.dll", LAYOUT_IN_STORE },
        { "Windows/System32/nvapi64.dll", "Windows/System32/nvapi64.dll", LAYOUT_IN_SYSTEM },
        { "Windows/SysWOW64/nvapi.dll", "Windows/SysWOW64/nvapi.dll", LAYOUT_IN_SYSTEM },
        { "Windows/System32/drivers/NVIDIA Corporation/Drs/nvdrsdb.bin",
          "Windows/System32/drivers/NVIDIA Corporation/Drs/nvdrsdb.bin", LAYOUT_IN_SYSTEM },
        { "Windows/System32/lxss/lib/libcuda.so.1", "Windows/System32/lxss/lib/libcuda.so.1", LAYOUT_IN_SYSTEM },
        { LAYOUT_OWN "/NVIDIA_20240814.json", LAYOUT_OWN "/NVIDIA_20240814.json", LAYOUT_IN_OWN },
        { "Windows/System32/console.dll", "Windows/System32/console.dll", LAYOUT_IN_SYSTEM },
        { "Windows/System32/COM10.dll", "Windows/System32/COM10.dll", LAYOUT_IN_SYSTEM },
        { LAYOUT_STORE "/a.dll", NULL, LAYOUT_IN_STORE },
        { LAYOUT_OWN "/work/journal.json", NULL, LAYOUT_IN_OWN },
        { "Windows/System32/config/SAM", NULL, LAYOUT_IN_SYSTEM },
        { "Windows/System32/drivers/etc/hosts", NULL, LAYOUT_IN_SYSTEM },
        { "Windows/System32/DRIVERS/ETC/hosts", NULL, LAYOUT_IN_SYSTEM },
        { "Windows/System32", NULL, LAYOUT_IN_SYSTEM },
        { "Windows/System32/", NULL, LAYOUT_IN_SYSTEM },
        { "Windows/System32x/a", NULL, LAYOUT_IN_SYSTEM },
        { "Program Files/a", NULL, LAYOUT_IN_SYSTEM },
        { "", NULL, LAYOUT_IN_SYSTEM },
        { "/" STORE "/a", NULL, LAYOUT_IN_STORE },
        { "C:/" STORE "/a", NULL, LAYOUT_IN_STORE },
        { "\\\\server\\" STORE "\\a", NULL, LAYOUT_IN_STORE },
        { STORE "/../a", NULL, LAYOUT_IN_STORE },
        { STORE "/.../a", NULL, LAYOUT_IN_STORE },
        { STORE "/a:b", NULL, LAYOUT_IN_STORE },
        { STORE "/a.", NULL, LAYOUT_IN_STORE },
        { STORE "/a /b", NULL, LAYOUT_IN_STORE },
        { STORE "/nul", NULL, LAYOUT_IN_STORE },
        { STORE "/NUL.dll", NULL, LAYOUT_IN_STORE },
        { STORE "/com\u00B2.x", NULL, LAYOUT_IN_STORE },
        { STORE "/conin$", NULL, LAYOUT_IN_STORE },
        { STORE "/a\nb", NULL, LAYOUT_IN_STORE },
        { STORE "/\xFF", NULL, LAYOUT_IN_STORE },
        { "Windows/System32/KERNEL~1.DLL", NULL, LAYOUT_IN_SYSTEM },
        { STORE "/kef1a3~1.d", NULL, LAYOUT_IN_STORE },
        { STORE "/LONGNA~1/a.dll", NULL, LAYOUT_IN_STORE },
        { "WINDOW~1/System32/a.dll", NULL, LAYOUT_IN_SYSTEM },
        { STORE "/longer-name~1.dll", STORE "/longer-name~1.dll", LAYOUT_IN_STORE },
        { STORE "/a~1.json", STORE "/a~1.json", LAYOUT_IN_STORE },
        { STORE "/a~1.b.c", STORE "/a~1.b.c", LAYOUT_IN_STORE },
        { STORE "/a~b.dll", STORE "/a~b.dll", LAYOUT_IN_STORE },
        { STORE "/~nv.log", STORE "/~nv.log", LAYOUT_IN_STORE },
        { STORE "/nv1.dll", STORE "/nv1.dll", LAYOUT_IN_STORE },
    };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        const char *path = NULL;
        LayoutPlace place = LAYOUT_IN_STORE;
        bool ok = layout_check(rows[i].name, &arena, &path, &place, &err);
        if (ok != (rows[i].path != NULL))
            fail_msg("%s: %s", rows[i].name, ok ? "accepted" : err.message);
        if (ok) {
            assert_string_equal(path, rows[i].path);
            assert_int_equal(place, rows[i].place);
        } else {
            assert_int_equal(err.code, ERR_INVALID);
        }
        arena_release(&arena);
    }
}

static void test_folders_and_parts(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    assert_true(layout_check_folder("Windows/", &err));
    assert_true(layout_check_folder("Anything\\at all\\", &err));
    assert_false(layout_check_folder("../", &err));
    assert_false(layout_check_folder("/", &err));
    assert_true(layout_check_part("NVIDIA_20240814", &err));
    assert_false(layout_check_part("a/b", &err));
    assert_false(layout_check_part("..", &err));
    assert_false(layout_check_part("", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_folders_and_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
