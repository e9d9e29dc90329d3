/* SPDX-License-Identifier: MIT */
/* What a place has of a driver, judged by what was found there, and what comes of several: without a host. */
#include "operations/compare.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static void folders_of_one_driver_are_akin(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        bool akin;
    } rows[] = {
        { "nv_dispi.inf_amd64_4a1b", "nv_dispi.inf_amd64_00ff", true },
        { "nv_dispi.inf_amd64_4a1b", "NV_DISPI.INF_amd64_4a1b", true },
        { "u0400975.inf_amd64_77c1", "u0388001.inf_amd64_1234", true },
        { "u0400975.inf_amd64_77c1", "u99.inf_amd64_1234", true },
        { "nv_dispi.inf_amd64_4a1b", "nv_dispig.inf_amd64_4a1b", false },
        { "nv_dispi.inf_amd64_4a1b", "iigd_dch.inf_amd64_4a1b", false },
        { "u0400975.inf_amd64_77c1", "c0400975.inf_amd64_77c1", false },
        { "nv_dispi", "nv_dispi", false }, /* no folders of drivers */
        { "", "", false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (driver_folders_are_akin(rows[i].a, rows[i].b) != rows[i].akin ||
            driver_folders_are_akin(rows[i].b, rows[i].a) != rows[i].akin)
            fail_msg("'%s' and '%s'", rows[i].a, rows[i].b);
    }
}

/* ---- one place ---- */

#define ACTIVE_FOLDER "nv.inf_amd64_1111"
#define GPU_ID "PCI\\VEN_10DE&DEV_1"

/* What is found in a place, and what a comparison of its files would give. */
typedef struct Thing {
    const char *version, *folders[2], *device_id;
    size_t expected, wrong;
} Thing;

typedef struct TableLook {
    FileLook look; /* first: it is handed back */
    const Thing *things;
    const FoundDriver *first;
    size_t asked;
} TableLook;

static bool compare_by_table(FileLook *look, const FoundDriver *found, DriverFilesResult *ret_result, Error *err)
{
    TableLook *table = (TableLook *) look;
    const Thing *thing = &table->things[found - table->first];
    table->asked++;
    if (thing->wrong > thing->expected)
        return error_set(err, ERR_IO, "cannot read it");
    *ret_result = (DriverFilesResult){ .expected = thing->expected, .wrong = thing->wrong };
    return true;
}

enum { MOST_THINGS = 3 };

typedef struct PlaceRow {
    const char *what;
    Thing things[MOST_THINGS];
    DriverState state;
    int of;             /* which of the things it is; -1: none */
    const char *folder; /* of it, as told */
    size_t asked;       /* comparisons of files */
} PlaceRow;

static const PlaceRow place_rows[] = {
    { "nothing", { { .version = NULL } }, DRIVER_MISSING, -1, NULL, 0 },
    { "all files", { { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 0 } }, DRIVER_CURRENT, 0, ACTIVE_FOLDER, 1 },
    { "in another letter case", { { NULL, { "NV.INF_amd64_1111" }, NULL, 9, 0 } }, DRIVER_CURRENT, 0,
      ACTIVE_FOLDER, 1 },
    { "the second folder", { { "2.0", { "ext.inf_amd64_5", ACTIVE_FOLDER }, GPU_ID, 9, 0 } }, DRIVER_CURRENT, 0,
      ACTIVE_FOLDER, 1 },
    { "no version told", { { NULL, { ACTIVE_FOLDER }, NULL, 9, 0 } }, DRIVER_CURRENT, 0, ACTIVE_FOLDER, 1 },
    { "one file wrong", { { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 1 } }, DRIVER_INCOMPLETE, 0, ACTIVE_FOLDER, 1 },
    { "nothing to compare with", { { NULL, { ACTIVE_FOLDER }, NULL, 0, 0 } }, DRIVER_UNPROVEN, 0, ACTIVE_FOLDER, 1 },
    { "the folder, of another version", { { "1.0", { ACTIVE_FOLDER }, NULL, 9, 0 } }, DRIVER_OUTDATED, 0,
      ACTIVE_FOLDER, 0 },
    { "an older folder", { { NULL, { "other.inf_amd64_1", "nv.inf_amd64_0000" }, NULL, 9, 0 } }, DRIVER_OUTDATED, 0,
      "nv.inf_amd64_0000", 0 },
    { "another driver of the GPU", { { "1.0", { "old.inf_amd64_1" }, GPU_ID, 9, 0 } }, DRIVER_OUTDATED, 0,
      "old.inf_amd64_1", 0 },
    { "another GPU's driver", { { "1.0", { "old.inf_amd64_1" }, "PCI\\VEN_1002", 9, 0 } }, DRIVER_MISSING, -1,
      NULL, 0 },
    { "the same driver, of another GPU", { { NULL, { "nv.inf_amd64_0000" }, "PCI\\VEN_10DE&DEV_2", 9, 0 } },
      DRIVER_MISSING, -1, NULL, 0 },
    { "its folder, which a manifest has for another GPU",
      { { "1.0", { "nv.inf_amd64_0000" }, "PCI\\VEN_10DE&DEV_2", 9, 0 },
        { NULL, { "nv.inf_amd64_0000" }, NULL, 9, 0 } },
      DRIVER_MISSING, -1, NULL, 0 },
    { "the whole one of several",
      { { "1.0", { "nv.inf_amd64_0000" }, GPU_ID, 9, 0 },
        { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 4 },
        { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 0 } },
      DRIVER_CURRENT, 2, ACTIVE_FOLDER, 2 },
    { "the first of those that are not whole",
      { { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 4 }, { "2.0", { ACTIVE_FOLDER }, GPU_ID, 0, 0 } },
      DRIVER_INCOMPLETE, 0, ACTIVE_FOLDER, 2 },
    { "no look behind the whole one",
      { { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 0 }, { "2.0", { ACTIVE_FOLDER }, GPU_ID, 9, 0 } },
      DRIVER_CURRENT, 0, ACTIVE_FOLDER, 1 },
};

static FoundDrivers found_things(const Thing *things, Arena *arena)
{
    FoundDrivers list = { 0 };
    for (size_t i = 0; i < MOST_THINGS && things[i].folders[0] != NULL; i++) {
        FoundDriver found = { .place = arena_printf(arena, "%zu", i), .version = things[i].version };
        for (size_t j = 0; j < COUNT_OF(things[i].folders) && things[i].folders[j] != NULL; j++)
            ARRAY_PUSH(arena, &found.folders, things[i].folders[j]);
        ManifestGpu gpu = { .name = "GPU", .device_id = things[i].device_id };
        if (gpu.device_id != NULL)
            ARRAY_PUSH(arena, &found.gpus, gpu);
        ARRAY_PUSH(arena, &list, found);
    }
    return list;
}

static void a_place_is_judged_by_what_is_found(void **state)
{
    (void) state;
    static const ActiveDriver active = { .version = "2.0", .folder = ACTIVE_FOLDER };
    for (size_t i = 0; i < COUNT_OF(place_rows); i++) {
        const PlaceRow *row = &place_rows[i];
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        DriverPlace place;
        FoundDrivers list = found_things(row->things, &arena);
        TableLook look = { .look = { compare_by_table }, .things = row->things, .first = list.items };
        assert_true(driver_state_find(&list, &active, "pci\\ven_10de&dev_1", &look.look, &place, &err));
        int of = place.place != NULL ? *place.place - '0' : -1;
        if (place.state != row->state || of != row->of || look.asked != row->asked)
            fail_msg("%s: state %d of %d, %zu asked", row->what, (int) place.state, of, look.asked);
        if (row->folder == NULL)
            assert_null(place.folder);
        else
            assert_string_equal(place.folder, row->folder);
        arena_release(&arena);
    }
}

static void files_that_cannot_be_compared_end_it(void **state)
{
    (void) state;
    static const ActiveDriver active = { .version = "2.0", .folder = ACTIVE_FOLDER };
    static const Thing things[MOST_THINGS] = { { "2.0", { ACTIVE_FOLDER }, GPU_ID, 0, 1 } };
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    DriverPlace place = { .place = "untouched" };
    FoundDrivers list = found_things(things, &arena);
    TableLook look = { .look = { compare_by_table }, .things = things, .first = list.items };
    assert_false(driver_state_find(&list, &active, GPU_ID, &look.look, &place, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(place.place, "untouched");
    arena_release(&arena);
}

/* ---- all of them ---- */

/* A state, or that the place was not looked at. */
#define NOT_ASKED 99

typedef struct VerdictRow {
    struct {
        int package, guest;
        enum { COMPARED, LEFT_OUT, NEEDLESS } how;
    } drivers[2];
    CompareVerdict verdict, guest;
    const char *needs; /* p: a package, i: an installation */
    bool is_partial;
} VerdictRow;

#define NONE { NOT_ASKED, NOT_ASKED, NEEDLESS }

static void the_verdict_is_the_worst(void **state)
{
    (void) state;
    static const VerdictRow rows[] = {
        { { { DRIVER_CURRENT, NOT_ASKED, COMPARED }, { DRIVER_CURRENT, NOT_ASKED, COMPARED } },
          COMPARE_ALIKE, COMPARE_ALIKE, "", false },
        { { { DRIVER_CURRENT, DRIVER_CURRENT, COMPARED }, { NOT_ASKED, DRIVER_CURRENT, COMPARED } },
          COMPARE_ALIKE, COMPARE_ALIKE, "", false },
        { { { DRIVER_CURRENT, DRIVER_INCOMPLETE, COMPARED }, NONE },
          COMPARE_FILES_DIFFER, COMPARE_FILES_DIFFER, "i", false },
        { { { NOT_ASKED, DRIVER_INCOMPLETE, COMPARED }, NONE },
          COMPARE_FILES_DIFFER, COMPARE_FILES_DIFFER, "pi", false },
        { { { DRIVER_UNPROVEN, DRIVER_CURRENT, COMPARED }, NONE }, COMPARE_UNPROVEN, COMPARE_ALIKE, "", false },
        { { NONE, { NOT_ASKED, DRIVER_UNPROVEN, COMPARED } }, COMPARE_UNPROVEN, COMPARE_UNPROVEN, "", false },
        { { { DRIVER_LEFT_OUT, DRIVER_UNPROVEN, COMPARED }, NONE }, COMPARE_LEFT_OUT, COMPARE_UNPROVEN, "", false },
        { { { DRIVER_INCOMPLETE, NOT_ASKED, COMPARED }, { DRIVER_OUTDATED, NOT_ASKED, COMPARED } },
          COMPARE_DRIVERS_DIFFER, COMPARE_ALIKE, "p", false },
        { { { DRIVER_CURRENT, DRIVER_MISSING, COMPARED }, { DRIVER_MISSING, NOT_ASKED, COMPARED } },
          COMPARE_DRIVERS_DIFFER, COMPARE_DRIVERS_DIFFER, "pi", false },
        { { { DRIVER_CURRENT, DRIVER_CURRENT, COMPARED }, { DRIVER_MISSING, DRIVER_MISSING, LEFT_OUT } },
          COMPARE_ALIKE, COMPARE_ALIKE, "", true },
        { { { DRIVER_CURRENT, NOT_ASKED, COMPARED }, { DRIVER_MISSING, DRIVER_MISSING, NEEDLESS } },
          COMPARE_ALIKE, COMPARE_ALIKE, "", false },
    };
    static const Error none_on_host = { .code = ERR_NOT_FOUND };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        DriverPlace places[2][2];
        ComparedDriver items[2];
        for (size_t j = 0; j < 2; j++) {
            int package = rows[i].drivers[j].package, guest = rows[i].drivers[j].guest;
            places[j][0] = (DriverPlace){ .state = (DriverState) package };
            places[j][1] = (DriverPlace){ .state = (DriverState) guest };
            items[j] = (ComparedDriver){ .package = package != NOT_ASKED ? &places[j][0] : NULL,
                                         .guest = guest != NOT_ASKED ? &places[j][1] : NULL,
                                         .needless = rows[i].drivers[j].how == NEEDLESS ? "it is another one" : NULL,
                                         .left_out = rows[i].drivers[j].how == LEFT_OUT ? &none_on_host : NULL };
        }
        const ComparedDrivers drivers = { .items = items, .count = 2 };
        CompareOutcome outcome = compare_outcome(&drivers);
        if (outcome.verdict != rows[i].verdict || outcome.guest != rows[i].guest ||
            outcome.is_partial != rows[i].is_partial ||
            outcome.needs_package != (strchr(rows[i].needs, 'p') != NULL) ||
            outcome.needs_installation != (strchr(rows[i].needs, 'i') != NULL))
            fail_msg("row %zu", i);
    }
}

/* ---- what a guest's service tells ---- */

#define OTHER_GPU_ID "PCI\\VEN_1002&DEV_2"

/* device_id NULL: nobody here knows the package. */
static void tell_package(GuestTold *told, const char *version, const char *folder, const char *device_id)
{
    static Manifest manifests[LIMIT_EXCHANGE_PACKAGES];
    static ManifestGpu gpus[LIMIT_EXCHANGE_PACKAGES];
    static const char *folders[LIMIT_EXCHANGE_PACKAGES];
    size_t i = told->agent.package_count++;
    ExchangePackage *package = &told->agent.packages[i];
    *package = (ExchangePackage){ .files = 7 };
    memcpy(package->driver, version, strlen(version) + 1);
    told->packages[i] = (ToldPackage){ .package = package };
    if (device_id == NULL)
        return;
    folders[i] = folder;
    gpus[i] = (ManifestGpu){ .device_id = device_id };
    manifests[i] = (Manifest){ .name = "P",
                               .folders = { .items = &folders[i], .count = 1 },
                               .gpus = { .items = &gpus[i], .count = 1 } };
    told->packages[i].manifest = &manifests[i];
}

static void what_a_service_tells_is_judged_by_version_and_manifest(void **state)
{
    (void) state;
    static const struct {
        struct {
            const char *version, *folder, *device_id;
        } packages[2];
        DriverState wanted;
        const char *version; /* of what was found */
    } rows[] = {
        { { { NULL, NULL, NULL } }, DRIVER_MISSING, NULL },
        { { { "2", ACTIVE_FOLDER, GPU_ID } }, DRIVER_CURRENT, "2" },
        { { { "2", NULL, NULL } }, DRIVER_CURRENT, "2" },
        { { { "1", "nv.inf_amd64_0000", GPU_ID } }, DRIVER_OUTDATED, "1" },
        { { { "1", NULL, NULL } }, DRIVER_OUTDATED, "1" },
        { { { "2", "nv.inf_amd64_0000", GPU_ID } }, DRIVER_OUTDATED, "2" }, /* of that version, and another one */
        { { { "2", "amd.inf_amd64_2222", OTHER_GPU_ID } }, DRIVER_MISSING, NULL },
        { { { "1", "amd.inf_amd64_2222", OTHER_GPU_ID }, { "2", NULL, NULL } }, DRIVER_CURRENT, "2" },
        { { { "1", "amd.inf_amd64_2222", OTHER_GPU_ID }, { "1.5", NULL, NULL } }, DRIVER_OUTDATED, "1.5" },
        { { { "0", NULL, NULL } }, DRIVER_OUTDATED, "0" }, /* its version is not known */
    };
    const ActiveDriver active = { .version = "2", .folder = ACTIVE_FOLDER };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GuestTold told = { .name = "vm" };
        for (size_t k = 0; k < COUNT_OF(rows[i].packages) && rows[i].packages[k].version != NULL; k++)
            tell_package(&told, rows[i].packages[k].version, rows[i].packages[k].folder, rows[i].packages[k].device_id);
        DriverPlace place = guest_told_find(&told, &active, GPU_ID);
        bool is_right = rows[i].version == NULL ? place.version == NULL
                                                : place.version != NULL && strcmp(place.version, rows[i].version) == 0;
        if (place.state != rows[i].wanted || !is_right)
            fail_msg("row %zu: state %d", i, (int) place.state);
    }
}

/* One that is another GPU's driver is not taken for an earlier one of this GPU's. */
static void a_package_that_is_current_for_one_gpu_is_not_anothers(void **state)
{
    (void) state;
    GuestTold told = { .name = "vm" };
    const ActiveDriver first = { .version = "2", .folder = ACTIVE_FOLDER },
                       second = { .version = "9", .folder = "amd.inf_amd64_2222" };
    tell_package(&told, "2", NULL, NULL);
    assert_int_equal(guest_told_find(&told, &first, GPU_ID).state, DRIVER_CURRENT);
    assert_int_equal(guest_told_find(&told, &second, OTHER_GPU_ID).state, DRIVER_MISSING);
}

static void a_guest_works_if_it_has_gpus_and_all_do(void **state)
{
    (void) state;
    GuestGpu gpus[] = { { .problem = 0 }, { .problem = 43 }, { .problem = GUEST_GPU_UNKNOWN } };
    assert_false(guest_gpus_work(&(GuestGpus){ .items = gpus, .count = 0 }));
    assert_true(guest_gpus_work(&(GuestGpus){ .items = gpus, .count = 1 }));
    assert_false(guest_gpus_work(&(GuestGpus){ .items = gpus, .count = 2 }));
    assert_false(guest_gpus_work(&(GuestGpus){ .items = gpus + 2, .count = 1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_of_one_driver_are_akin),
        cmocka_unit_test(a_place_is_judged_by_what_is_found),
        cmocka_unit_test(files_that_cannot_be_compared_end_it),
        cmocka_unit_test(the_verdict_is_the_worst),
        cmocka_unit_test(what_a_service_tells_is_judged_by_version_and_manifest),
        cmocka_unit_test(a_package_that_is_current_for_one_gpu_is_not_anothers),
        cmocka_unit_test(a_guest_works_if_it_has_gpus_and_all_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
