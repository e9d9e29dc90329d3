/* SPDX-License-Identifier: MIT */
/* Which installed packages a new one takes the place of, and what it is called then. */
#include "drivers/install/replaced.h"

#include "base/compiler.h"
#include "drivers/package/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* One letter for each GPU. */
static void add_gpus(StringList *device_ids, const char *letters, Arena *arena)
{
    for (; *letters != '\0'; letters++)
        ARRAY_PUSH(arena, device_ids, arena_printf(arena, "PCI\\VEN_10DE&DEV_000%c&SUBSYS_1\\4&1", *letters));
}

/* "NAME:GPUS:FOLDER", of the same provider unless the name begins with another letter than N. */
static void add_package(InstalledPackages *installed, const char *text, Arena *arena)
{
    const char *gpus = strchr(text, ':') + 1, *folder = strchr(gpus, ':') + 1;
    InstalledPackage package = { .name = arena_strndup(arena, text, (size_t) (gpus - text - 1)),
                                 .provider = *text == 'N' ? "NVIDIA" : "AMD" };
    InstalledFile file = { .path = arena_printf(arena, LAYOUT_STORE "/%s/x.dll", folder) };
    add_gpus(&package.device_ids, arena_strndup(arena, gpus, (size_t) (folder - gpus - 1)), arena);
    ARRAY_PUSH(arena, &package.files, file);
    ARRAY_PUSH(arena, installed, package);
}

static const char *join(const StringList *names, Arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < names->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", names->items[i]);
    return text;
}

static void test_replaced(void **state)
{
    (void) state;
    static const struct {
        const char *installed[4], *name, *gpus /* NULL: no manifest */, *folder, *served, *replaced, *ret_name;
    } rows[] = {
        { { NULL }, "N1", "A", "new", "", "", "N1" },
        { { "N1:A:old" }, "N2", "A", "new", "", "N1", "N2" },
        { { "N1:A:old" }, "N1", "A", "new", "", "N1", "N1" },
        /* It has another GPU, which nobody else is for, or another package is. */
        { { "N1:AB:old" }, "N2", "A", "new", "", "", "N2" },
        { { "N1:AB:old" }, "N1", "A", "new", "", "", "N1_2" },
        { { "N1:AB:old", "N2:A:new" }, "N3", "B", "newer", "", "N1", "N3" },
        { { "N1:AB:old", "N2:BC:new" }, "N3", "AC", "newer", "", "N1", "N3" },
        /* Another provider's, and one of that name for another GPU. */
        { { "A1:A:old" }, "N2", "A", "new", "", "", "N2" },
        { { "N1:B:old" }, "N1", "A", "new", "", "", "N1_2" },
        { { "N1:B:old", "N1_2:A:new" }, "N1", "A", "new", "", "N1_2", "N1_2" },
        { { "N1:B:old", "N1_2:C:other" }, "N1", "A", "new", "", "", "N1_3" },
        /* Another package of the run is for GPU A, and may be installed already. */
        { { "N1:AB:old", "N2:A:new" }, "N1", "AB", "old", "A", "N1", "N1" },
        { { "N1:AB:old" }, "N1", "AB", "old", "A", "N1", "N1" },
        { { "N1:AB:older" }, "N1", "AB", "old", "A", "", "N1_2" },
        { { "N0:A:older" }, "N1", "AB", "old", "A", "", "N1" },
        /* Without a manifest the name decides. */
        { { "N1:A:old", "N2:A:old" }, "N1", NULL, "new", "", "N1", "N1" },
        { { "N1::old", "N2::old" }, "N1", "A", "new", "", "N1", "N1" },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        InstalledPackages installed = { 0 };
        Manifest manifest = { .provider = "NVIDIA" };
        StringList device_ids = { 0 }, replaced;
        Newcomer newcomer = { .name = rows[i].name, .manifest = rows[i].gpus != NULL ? &manifest : NULL };
        const char *name;
        for (size_t k = 0; k < COUNT_OF(rows[i].installed) && rows[i].installed[k] != NULL; k++)
            add_package(&installed, rows[i].installed[k], &arena);
        add_gpus(&device_ids, rows[i].gpus != NULL ? rows[i].gpus : "", &arena);
        for (size_t k = 0; k < device_ids.count; k++) {
            ManifestGpu gpu = { .name = "", .device_id = device_ids.items[k] };
            ARRAY_PUSH(&arena, &manifest.gpus, gpu);
        }
        ARRAY_PUSH(&arena, &manifest.folders, rows[i].folder);
        add_gpus(&newcomer.served, rows[i].served, &arena);
        replaced_find(&installed, &newcomer, &arena, &replaced, &name);
        assert_string_equal(join(&replaced, &arena), rows[i].replaced);
        assert_string_equal(name, rows[i].ret_name);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_replaced) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
