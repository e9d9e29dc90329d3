/* SPDX-License-Identifier: MIT */
/* Which of several packages is left out because others are for the same GPUs and were gathered later. */
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

static void test_winner(void **state)
{
    (void) state;
    static const struct {
        const char *created, *provider, *date, *version, *gpus[2];
        int winner;
        size_t served;
    } rows[] = {
        /* Two for one GPU, of one provider: the one that was gathered last, be its driver older. */
        { "2026-05-01", "NVIDIA", "2025-01-01", "9", { RTX }, 1, 1 },
        { "2026-05-02", "nvidia", "2024-08-14", "32.0.15.6094", { RTX_IN_ANOTHER_SLOT }, NONE, 0 },
        /* In one moment: by date, then by version, number by number, then the last of them. */
        { "2026-05-02", "NVIDIA", "2024-08-13", "32.0.15.9999", { RTX }, 1, 1 },
        { "2026-05-03", "Intel", "2021-01-01", "32.0.15.6094", { GTX }, 5, 1 },
        { "2026-05-03", "Intel", "2021-01-01", "32.0.15.10000", { GTX }, 5, 1 },
        { "2026-05-03", "Intel", "2021-01-01", "32.0.15.10000", { GTX }, NONE, 0 },
        /* Another provider's, and one for another GPU. */
        { "2020-01-01", "AMD", "2020-01-01", "1", { RTX }, NONE, 0 },
        { "2020-01-01", "NVIDIA", "2020-01-01", "1", { GTX }, NONE, 0 },
        /* One GPU that no other one is for is enough; it has lost where every GPU has a later one. */
        { "2020-01-01", "Maker", "2020-01-01", "1", { RTX, GTX }, 9, 2 },
        { "2020-01-02", "Maker", "2020-01-01", "1", { RTX, "PCI\\VEN_10DE&DEV_0001" }, NONE, 0 },
        { "2020-01-02", "Maker", "2020-01-01", "1", { GTX, "PCI\\VEN_10DE&DEV_0002" }, NONE, 0 },
        { "2020-01-01", "Maker", "2020-01-01", "1", { GTX, "PCI\\VEN_10DE&DEV_0003" }, NONE, 1 },
    };
    Arena arena = ARENA_INIT;
    const Manifest *manifests[COUNT_OF(rows) + 1] = { NULL };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Manifest *manifest = ARENA_NEW(&arena, Manifest);
        manifest->created = rows[i].created;
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
    const Rival *rivals = manifests_find_rivals(manifests, COUNT_OF(manifests), &arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(rivals[i].winner, rows[i].winner == NONE ? SIZE_MAX : (size_t) rows[i].winner);
        assert_int_equal(rivals[i].served.count, rows[i].served);
    }
    assert_int_equal(rivals[COUNT_OF(rows)].winner, SIZE_MAX);
    arena_release(&arena);
}

static void test_model(void **state)
{
    (void) state;
    static const struct {
        const char *device_id, *other;
        bool is_same;
    } rows[] = {
        { RTX, RTX_IN_ANOTHER_SLOT, true },
        { RTX, GTX, false },
        { RTX, "PCI\\VEN_10DE&DEV_2206", true },
        { RTX, "PCI\\VEN_10DE&DEV_220", false },
        { RTX, "PCI\\VEN_10DE&DEV_22061&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008", false },
        { RTX, "ACPI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008", false },
        /* Makers of four letters, and those that Windows names by maker and device in one. */
        { "ACPI\\VEN_QCOM&DEV_0C36&SUBSYS_CRD08380\\0", "acpi\\ven_qcom&dev_0c36\\1", true },
        { "ACPI\\VEN_QCOM&DEV_0C36&SUBSYS_CRD08380\\0", "ACPI\\VEN_QCOM&DEV_0C37&SUBSYS_CRD08380\\0", false },
        { "ACPI\\QCOM0C36\\4&17F0F7D2&0", "ACPI\\QCOM0C36\\2&DABA3FF&0", true },
        { "ACPI\\QCOM0C36\\4&17F0F7D2&0", "ACPI\\QCOM0C37\\4&17F0F7D2&0", false },
        /* What is no device ID is itself. */
        { "", "", true },
        { "", RTX, false },
        { "PCI", "PCI", true },
        { "PCI\\", "PCI\\", true },
        { "PCI\\", RTX, false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int order = gpu_model_compare(rows[i].device_id, rows[i].other);
        int back = gpu_model_compare(rows[i].other, rows[i].device_id);
        assert_int_equal(order == 0, rows[i].is_same);
        assert_int_equal((order > 0) - (order < 0), (back < 0) - (back > 0));
    }
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
            .created = "", .provider = "NVIDIA", .driver_date = arena_printf(&arena, "%04u", i), .driver_version = "1",
            .gpus = gpus
        };
        manifests[i] = manifest;
    }
    const Rival *rivals = manifests_find_rivals(manifests, LIMIT_FOLDER_PACKAGES, &arena);
    for (size_t i = 0; i < LIMIT_FOLDER_PACKAGES; i++)
        assert_int_equal(rivals[i].winner, i + 1 < LIMIT_FOLDER_PACKAGES ? LIMIT_FOLDER_PACKAGES - 1 : SIZE_MAX);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_winner),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_as_many_as_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
