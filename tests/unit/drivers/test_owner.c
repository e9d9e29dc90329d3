/* SPDX-License-Identifier: MIT */
/* Whose a file is: every place with every company, with and without a record and a link into the component store. */
#include "drivers/install/owner.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* One letter for each company below: P gives way as a package's, V as a vendor's, L as a link; W, S, O, U stay. */
static const char *const companies[] = {
    "NVIDIA Corporation", "Advanced Micro Devices, Inc.", "Intel(R) Corporation", "intel",   "The Khronos Group Inc",
    "LunarG, Inc.",       "Microsoft Corporation",        "Intelligent Systems",  "Realtek", ""
};

static const struct {
    const char *path;
    bool is_package, is_in_store, is_link;
    const char *owners;
} rows[] = {
    { "Windows/System32/a.dll", false, false, false, "VVVVVVWOOU" },
    { "Windows/System32/a.dll", true, false, false, "PPPPPPWPPP" },
    { "Windows/System32/a.dll", false, true, false, "WWWWWWWWWW" },
    { "Windows/System32/a.dll", true, true, false, "WWWWWWWWWW" },
    { "windows/syswow64/a.dll", false, false, false, "VVVVVVWOOU" },
    { "Windows/System32/lxss/lib/a.so", false, false, false, "VVVVVVWOOU" },
    { "Windows/System32/drivers/a.sys", false, false, false, "SSSSSSWSSS" },
    { "windows/system32/DRIVERS/a.sys", false, false, false, "SSSSSSWSSS" },
    { "Windows/System32/drivers/a.sys", true, false, false, "PPPPPPWPPP" },
    { "Windows/System32/drivers/UMDF/a.dll", false, false, false, "SSSSSSWSSS" },
    { "Windows/System32/drivers/NVIDIA Corporation/a.exe", false, false, false, "VVVVVVWOOU" },
    { "Windows/System32/drivers/NVIDIA Corporation.sys", false, false, false, "SSSSSSWSSS" },
    { "Windows/System32/a.dll", false, false, true, "LLLLLLWLLL" },
    { "Windows/System32/drivers/a.sys", false, false, true, "SSSSSSWSSS" },
    { "Windows/System32/drivers/NVIDIA Corporation/a.exe", false, false, true, "LLLLLLWLLL" },
};

static void test_owners(void **state)
{
    (void) state;
    static const char letters[] = {
        [OWNER_PACKAGE] = 'P', [OWNER_VENDOR] = 'V',  [OWNER_WINDOWS] = 'W', [OWNER_SYSTEM] = 'S',
        [OWNER_OTHER] = 'O',   [OWNER_UNKNOWN] = 'U', [OWNER_LINK] = 'L'
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(strlen(rows[i].owners), COUNT_OF(companies));
        for (size_t j = 0; j < COUNT_OF(companies); j++) {
            PeVersion version = { .is_microsoft = strncmp(companies[j], "Microsoft", 9) == 0 };
            memcpy(version.company, companies[j], strlen(companies[j]));
            OwnerSigns signs = { rows[i].path, rows[i].is_package, rows[i].is_link, rows[i].is_in_store, &version };
            Owner owner = owner_by_signs(&signs);
            if (letters[owner] != rows[i].owners[j])
                fail_msg("row %zu, '%s': %c", i, companies[j], letters[owner]);
            assert_int_equal(owner_gives_way(owner), strchr("PVL", letters[owner]) != NULL);
        }
    }
}

/* What a package found in the guest is not its own. */
static void test_records(void **state)
{
    (void) state;
    InstalledFile same = { .before = BEFORE_SAME }, nothing = { .before = BEFORE_NOTHING },
                  original = { .before = BEFORE_ORIGINAL };
    assert_false(owner_is_written(NULL) || owner_is_written(&same));
    assert_true(owner_is_written(&nothing) && owner_is_written(&original));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
