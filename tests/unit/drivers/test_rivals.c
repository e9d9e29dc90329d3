/* SPDX-License-Identifier: MIT */
/* Which of several packages is left out because another one is for the same GPU and newer. */
#include "drivers/package/rivals.h"

#include "base/compiler.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define RTX "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008"
#define RTX_IN_ANOTHER_SLOT "pci\\ven_10de&dev_2206&SUBSYS_00000000&REV_A1\\4&00000000&0&0010"
#define GTX "PCI\\VEN_10DE&DEV_1C03&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008"

enum { NONE = -1 };

static void test_newer(void **state)
{
    (void) state;
    static const struct {
        const char *provider, *date, *version, *gpus[2];
        int newer;
    } rows[] = {
        /* Two for one GPU, of one provider: by date, then by version, number by number. */
        { "NVIDIA", "2024-08-14", "32.0.15.6094", { RTX }, 2 },
        { "nvidia", "2024-08-14", "32.0.15.10000", { RTX_IN_ANOTHER_SLOT }, 2 },
        { "NVIDIA", "2025-01-01", "1", { RTX }, NONE },
        /* Another provider's, and one for another GPU. */
        { "AMD", "2020-01-01", "1", { RTX }, NONE },
        { "NVIDIA", "2020-01-01", "1", { GTX }, 6 },
        /* It is enough that one GPU is the same. The same driver twice is nobody's rival. */
        { "Intel", "2020-01-01", "1", { GTX, RTX }, NONE },
        { "NVIDIA", "2021-01-01", "1", { GTX }, NONE },
        { "NVIDIA", "2021-01-01", "1", { GTX }, NONE },
        { "Intel", "2020-01-01", "1", { RTX }, NONE },
    };
    Arena arena = ARENA_INIT;
    const Manifest *manifests[COUNT_OF(rows) + 1] = { NULL };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Manifest *manifest = ARENA_NEW(&arena, Manifest);
        manifest->provider = rows[i].provider;
        manifest->driver_date = rows[i].date;
        manifest->driver_version = rows[i].version;
        for (size_t k = 0; k < COUNT_OF(rows[i].gpus) && rows[i].gpus[k] != NULL; k++) {
            ManifestGpu gpu = { .name = "", .device_id = rows[i].gpus[k] };
            ARRAY_PUSH(&arena, &manifest->gpus, gpu);
        }
        manifests[i] = manifest;
    }
    /* The last one is NULL: without a manifest. */
    const size_t *newer = manifests_find_newer(manifests, COUNT_OF(manifests), &arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(newer[i], rows[i].newer == NONE ? SIZE_MAX : (size_t) rows[i].newer);
    assert_int_equal(newer[COUNT_OF(rows)], SIZE_MAX);
    arena_release(&arena);
}

/* As many packages as a folder may hold, each for as many GPUs as a manifest may list. Pair by pair that would take
 * days. */
static void test_as_many_as_there_may_be(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    const Manifest *manifests[LIMIT_FOLDER_PACKAGES];
    ManifestGpus gpus = { 0 };
    for (unsigned i = 0; i < LIMIT_PACKAGE_LISTED; i++) {
        ManifestGpu gpu = { .name = "", .device_id = arena_printf(&arena, "PCI\\VEN_10DE&DEV_%04X", i) };
        ARRAY_PUSH(&arena, &gpus, gpu);
    }
    for (unsigned i = 0; i < LIMIT_FOLDER_PACKAGES; i++) {
        Manifest *manifest = ARENA_NEW(&arena, Manifest);
        *manifest = (Manifest){
            .provider = "NVIDIA", .driver_date = arena_printf(&arena, "%04u", i), .driver_version = "1", .gpus = gpus
        };
        manifests[i] = manifest;
    }
    const size_t *newer = manifests_find_newer(manifests, LIMIT_FOLDER_PACKAGES, &arena);
    for (size_t i = 0; i < LIMIT_FOLDER_PACKAGES; i++)
        assert_int_equal(newer[i], i + 1 < LIMIT_FOLDER_PACKAGES ? LIMIT_FOLDER_PACKAGES - 1 : SIZE_MAX);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newer),
        cmocka_unit_test(test_as_many_as_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
