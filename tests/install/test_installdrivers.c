/* SPDX-License-Identifier: MIT */
/* installdrivers in a guest that runs: programs that hold files, files that wait for the start of Windows, the
 * registry, the GPU's state. Windows is played (support/guest_windows.h), the GPUs are those of a simulated guest. */
#include "commands/install_drivers.h"

#include "base/check.h"
#include "platform/files.h"
#include "support/fault_files.h"
#include "support/guest_windows.h"
#include "support/system.h"
#include "support/test_clock.h"
#include "support/test_package.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

enum { DONE = 0, REFUSED = 1, PUT_BACK = 4, UNFINISHED = 5, REBOOT = 7 };

/* ---- programs that hold files ---- */

typedef struct PlayedHolders {
    Holders holders;  /* first: callers hand it back */
    const char *held; /* the end of a path; NULL: nothing is held */
    bool stays;       /* it does not end when it is asked to */
    bool is_stopped;
    size_t stops, restarts;
    const char *file; /* is read when what was stopped starts again */
    char *seen;
    Arena arena;
} PlayedHolders;

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

static bool find_holders(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    (void) err;
    const PlayedHolders *played = (PlayedHolders *) holders;
    HolderList list = { 0 };
    for (size_t i = 0; played->held != NULL && i < paths->count; i++) {
        Holder holder = { .path = paths->items[i], .process = 4711, .program = "Sunshine", .is_service = true };
        if (ends_with(paths->items[i], played->held))
            ARRAY_PUSH(arena, &list, holder);
    }
    *ret_holders = list;
    return true;
}

static bool stop_holders(Holders *holders, const StringList *paths, Error *err)
{
    PlayedHolders *played = (PlayedHolders *) holders;
    assert_int_equal(paths->count, 1);
    assert_true(ends_with(paths->items[0], played->held));
    played->stops++;
    played->is_stopped = !played->stays;
    return !played->stays || error_set(err, ERR_BUSY, "not every program that uses the files has ended");
}

static bool restart_holders(Holders *holders, Error *err)
{
    PlayedHolders *played = (PlayedHolders *) holders;
    size_t size;
    played->restarts++;
    played->is_stopped = false;
    return fs_read_file(played->file, 100, &played->arena, &played->seen, &size, err);
}

/* ---- a guest ---- */

typedef struct Guest {
    Arena arena;
    const char *folder, *root;
    PlayedHolders holders;
    Registry *registry;
    TestClock clock;
    FileScript files;
    const char *gpus; /* the guest's WMI */
    char *out;        /* of the last run */
    char *err;
} Guest;

static const TestFile files_one[] = { { TEST_STORE "nv.inf_amd64_1/a.dll", "one" },
                                      { "Windows/System32/nvapi64.dll", "one" },
                                      { NULL, NULL } };
static const TestFile files_two[] = { { TEST_STORE "nv.inf_amd64_2/a.dll", "two" },
                                      { "Windows/System32/nvapi64.dll", "two" },
                                      { "Windows/System32/nvcuda.dll", "two" },
                                      { NULL, NULL } };

static void make_packages(Guest *guest)
{
    Arena *arena = &guest->arena;
    TestPackage one = { .name = "INTEL_1", .package_folder = "nv.inf_amd64_1", .files = files_one };
    TestPackage two = { .name = "INTEL_2", .package_folder = "nv.inf_amd64_2", .files = files_two };
    TestPackage evil = { .name = "INTEL_3", .package_folder = "nv.inf_amd64_1", .files = files_one };
    ManifestValue run = test_package_value("Evil", "calc.exe", arena);
    run.key = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run";
    ARRAY_PUSH(arena, &one.values, test_package_value("OpenCLDriverName", "one", arena));
    ARRAY_PUSH(arena, &one.values, test_package_value("VulkanDriverName", "one", arena));
    ARRAY_PUSH(arena, &two.values, test_package_value("OpenCLDriverName", "two", arena));
    ARRAY_PUSH(arena, &evil.values, run);
    test_package_make(guest->folder, &one);
    test_package_make(guest->folder, &two);
    test_package_make(guest->folder, &evil);
}

static int set_up(void **state)
{
    Guest *guest = calloc(1, sizeof(*guest));
    Arena *arena = &guest->arena;
    guest->folder = system_make_folder(arena);
    guest->root = fs_join(arena, guest->folder, "guest");
    guest->holders = (PlayedHolders){
        .holders = { .find = find_holders, .stop = stop_holders, .restart = restart_holders },
        .file = fs_join(arena, guest->root, "Windows/System32/nvapi64.dll"),
    };
    guest->gpus = "sim:?guest";
    test_clock_init(&guest->clock);
    make_packages(guest);
    test_file_put(guest->root, "Windows/System32/nvapi64.dll", "original");
    test_file_put(guest->folder, "registry/+", "");
    guest->registry = guest_registry_open(fs_join(arena, guest->folder, "registry"));
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "OpenCLDriverName", "original");
    *state = guest;
    return 0;
}

static int tear_down(void **state)
{
    Guest *guest = *state;
    system_remove_folder(guest->folder);
    arena_release(&guest->holders.arena);
    arena_release(&guest->arena);
    free(guest);
    return 0;
}

/* The words end with NULL. */
static int run(Guest *guest, const char *const *words)
{
    FILE *out = capture_open(), *err = capture_open();
    InstallEnvironment environment = { .out = out,
                                       .err = err,
                                       .clock = &guest->clock.clock,
                                       .program_folder = guest->folder,
                                       .state_folder = fs_join(&guest->arena, guest->folder, "state"),
                                       .holders = &guest->holders.holders,
                                       .registry = guest->registry,
                                       .guest = guest->gpus };
    StringList line = { 0 };
    ARRAY_PUSH(&guest->arena, &line, "-ROOT");
    ARRAY_PUSH(&guest->arena, &line, guest->root);
    for (; *words != NULL; words++)
        ARRAY_PUSH(&guest->arena, &line, *words);
    guest->files.folder = guest->root;
    guest->files.steps = 0;
    fault_files_use(&guest->files);
    int code = install_drivers_run(&environment, line.count, line.items);
    fault_files_use(NULL);
    guest->out = capture_close(out, &guest->arena);
    guest->err = capture_close(err, &guest->arena);
    return code;
}

#define RUN(guest, ...) run((guest), (const char *const[]){ __VA_ARGS__, NULL })

static int install(Guest *guest, const char *name, const char *word)
{
    return RUN(guest, "-SRC", guest->folder, "-DRV", name, word);
}

static void assert_file(Guest *guest, const char *path, const char *text)
{
    Error err;
    char *data;
    size_t size;
    const char *full = fs_join(&guest->arena, guest->root, path);
    if (text == NULL) {
        assert_false(fs_exists(full));
        return;
    }
    assert_true(fs_read_file(full, 1000, &guest->arena, &data, &size, &err));
    assert_string_equal(data, text);
}

static void assert_value(Guest *guest, const char *name, const char *text)
{
    const char *found = guest_registry_text(guest->registry, TEST_CLASS_KEY, name, &guest->arena);
    if (text == NULL)
        assert_null(found);
    else
        assert_string_equal(found, text);
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, text);
}

/* As it was before the first package came. */
static void assert_untouched(Guest *guest)
{
    assert_file(guest, "Windows/System32/nvapi64.dll", "original");
    assert_file(guest, "Windows/System32/nvcuda.dll", NULL);
    assert_false(fs_exists(fs_join(&guest->arena, guest->root, "Windows/System32/HostDriverStore")));
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
}

/* ---- files in use ---- */

static void test_lists_who_holds_files_and_stops(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_1", NULL), REFUSED);
    assert_says(guest->err, "nvapi64.dll' is in use by the service Sunshine (process 4711)");
    assert_says(guest->err, "-FORCE");
    assert_int_equal(guest->holders.stops, 0);
    assert_untouched(guest);
}

static void test_stops_and_starts_who_holds_files(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_1", "-FORCE"), DONE);
    assert_int_equal(guest->holders.stops, 1);
    assert_int_equal(guest->holders.restarts, 1);
    assert_string_equal(guest->holders.seen, "one"); /* started when all was in place */
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

static void test_goes_on_when_somebody_does_not_end(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    guest->holders.stays = true;
    assert_int_equal(install(guest, "INTEL_1", "-FORCE"), DONE);
    assert_says(guest->err, "not every program that uses the files has ended");
    assert_int_equal(guest->holders.restarts, 1);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

static void test_starts_again_after_a_failure(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_1", "-WHATIF"), DONE);
    assert_int_equal(guest->holders.stops, 0);
    guest->files.at = 2; /* the first step is to clean up, which may fail */
    guest->files.fault = FILE_FAULT_NO_SPACE;
    while (install(guest, "INTEL_1", "-FORCE") != PUT_BACK)
        guest->files.at++;
    assert_true(guest->files.at > 10); /* many steps come before those that have to be put back */
    assert_true(guest->holders.stops > 0);
    assert_int_equal(guest->holders.restarts, guest->holders.stops);
    assert_string_equal(guest->holders.seen, "original");
    assert_untouched(guest);
}

/* ---- waiting for the start of Windows ---- */

static const char *const foreign[] = { "\\??\\C:\\Temp\\a.dll", "!\\??\\C:\\b.dll", "\\??\\C:\\Temp\\old", "" };

static void put_foreign(Guest *guest)
{
    Error err;
    StringList texts = { 0 };
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        ARRAY_PUSH(&guest->arena, &texts, foreign[i]);
    RegistryValue value = registry_texts_value(&texts, &guest->arena);
    assert_true(guest->registry->write(guest->registry, SESSION_MANAGER_KEY, PENDING_MOVES, &value, &err));
}

static StringList pending(Guest *guest)
{
    Error err;
    RegistryValue value;
    assert_true(
        guest->registry->read(guest->registry, SESSION_MANAGER_KEY, PENDING_MOVES, &guest->arena, &value, &err));
    return registry_value_texts(&value, &guest->arena);
}

static void make_wait(Guest *guest)
{
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_1", "-FORCE"), REBOOT);
    guest->files.busy = NULL;
    assert_says(guest->out, "Package 'INTEL_1' will be installed when Windows starts the next time: 3 files");
    assert_says(guest->err, "restart the guest");
}

static void assert_nothing_has_changed_yet(Guest *guest)
{
    assert_file(guest, "Windows/System32/nvapi64.dll", "original");
    assert_file(guest, TEST_STORE "nv.inf_amd64_1/a.dll", NULL);
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
}

static void test_puts_back_without_force(void **state)
{
    Guest *guest = *state;
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_1", NULL), PUT_BACK);
    assert_says(guest->err, "-FORCE");
    assert_untouched(guest);
    assert_int_equal(pending(guest).count, 0);
}

static void test_waits_as_a_whole(void **state)
{
    Guest *guest = *state;
    make_wait(guest);
    assert_nothing_has_changed_yet(guest);
    assert_int_equal(install(guest, "INTEL_2", NULL), REFUSED);
    assert_says(guest->err, "the installation of 'INTEL_1' waits for the next start of Windows");
    assert_int_equal(install(guest, "INTEL_2", "-WHATIF"), REFUSED);
    assert_int_equal(RUN(guest, "-UNINSTALL"), REFUSED);
    assert_int_equal(RUN(guest, "-VERIFY"), REFUSED);
    assert_int_equal(RUN(guest, "-RECOVER", "-WHATIF"), DONE);
    assert_says(guest->out, "would be called off");
    assert_nothing_has_changed_yet(guest);

    guest_start(guest->registry, NULL);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
    assert_value(guest, "OpenCLDriverName", "original"); /* comes with the look at it */
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_says(guest->out, "The interrupted installation of 'INTEL_1' is complete");
    assert_value(guest, "OpenCLDriverName", "one");
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_next_run_finishes(void **state)
{
    Guest *guest = *state;
    make_wait(guest);
    guest_start(guest->registry, NULL);
    assert_int_equal(install(guest, "INTEL_2", NULL), DONE);
    assert_says(guest->err, "the interrupted installation of 'INTEL_1' has been finished");
    assert_says(guest->out, "it replaces 'INTEL_1'");
    assert_file(guest, "Windows/System32/nvapi64.dll", "two");
    assert_value(guest, "OpenCLDriverName", "two");
    assert_value(guest, "VulkanDriverName", NULL);
}

static void test_calls_off(void **state)
{
    Guest *guest = *state;
    put_foreign(guest);
    make_wait(guest);
    assert_int_equal(pending(guest).count, COUNT_OF(foreign) + 2 * 5 + 1); /* 3 files, the record, and what was there */
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_says(guest->out, "has been called off");
    StringList left = pending(guest);
    assert_int_equal(left.count, COUNT_OF(foreign) + 1);
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        assert_string_equal(left.items[i], foreign[i]);
    assert_untouched(guest);
}

static void test_undoes_what_windows_did_in_part(void **state)
{
    Guest *guest = *state;
    make_wait(guest);
    guest_start(guest->registry, "INTEL_1.installed.json");
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_says(guest->out, "has been undone");
    assert_untouched(guest);
}

static void test_a_journal_that_cannot_be_understood_stops_everything(void **state)
{
    Guest *guest = *state;
    test_file_put(guest->root, "Windows/System32/HostDriverStore/HyperPoint/work/journal.json", "{");
    assert_int_equal(install(guest, "INTEL_1", NULL), UNFINISHED);
    assert_says(guest->err, "journal.json': not JSON");
    assert_int_equal(RUN(guest, "-UNINSTALL"), UNFINISHED);
    assert_int_equal(RUN(guest, "-RECOVER"), UNFINISHED);
    assert_file(guest, "Windows/System32/nvapi64.dll", "original");
}

/* ---- the registry ---- */

static void test_values_come_and_go(void **state)
{
    Guest *guest = *state;
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_value(guest, "OpenCLDriverName", "one");
    assert_value(guest, "VulkanDriverName", "one");
    assert_int_equal(install(guest, "INTEL_2", NULL), DONE);
    assert_value(guest, "OpenCLDriverName", "two");
    assert_value(guest, "VulkanDriverName", NULL);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_repairs_a_value(void **state)
{
    Guest *guest = *state;
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "VulkanDriverName", "somebody's");
    assert_int_equal(RUN(guest, "-VERIFY"), REFUSED);
    assert_says(guest->err, "VulkanDriverName' was changed");
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "VulkanDriverName", "somebody's");
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_says(guest->err, "is not the package's any more, and stays");
    assert_value(guest, "VulkanDriverName", "somebody's");
    assert_value(guest, "OpenCLDriverName", "original");
}

static void test_leaves_another_drivers_key_alone(void **state)
{
    Guest *guest = *state;
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "ProviderName", "Microsoft");
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "is another driver's");
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

static void test_refuses_values_that_no_driver_needs(void **state)
{
    Guest *guest = *state;
    assert_int_equal(install(guest, "INTEL_3", NULL), REFUSED);
    assert_says(guest->err, "nothing that a driver package may set");
    assert_untouched(guest);
}

static void test_tells_of_values_that_cannot_be_written(void **state)
{
    Guest *guest = *state;
    guest->registry = NULL; /* a disk of a guest that does not run here */
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "2 registry values");
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(install(guest, "INTEL_2", "-FORCE"), PUT_BACK);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

/* ---- the GPU ---- */

static void test_says_that_the_gpu_works(void **state)
{
    Guest *guest = *state;
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->out, "' works\n");
    assert_null(strstr(guest->err, "add-auto"));
}

static void test_says_what_is_wrong_with_the_gpu(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:?outdated-guest";
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->out, "(code 43)");
    assert_says(guest->err, "restart the guest");
}

static void test_says_what_is_next_without_a_gpu(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:"; /* a host has no virtual GPU */
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "hyperpoint -VM \"my vm\" -DO add-auto");
}

static void test_is_done_whatever_the_gpu_tells(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:?no-such-variant";
    assert_int_equal(install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "cannot tell whether the guest's GPU works");
}

static void test_json_tells_all_of_it(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(RUN(guest, "-SRC", guest->folder, "-DRV", "INTEL_1", "-FORCE", "-JSON"), DONE);
    json_t *json = json_loads(guest->out, 0, NULL);
    assert_non_null(json);
    const json_t *package = json_array_get(json_object_get(json, "packages"), 0);
    const json_t *holder = json_array_get(json_object_get(package, "inUse"), 0);
    const json_t *gpu = json_array_get(json_object_get(json, "gpus"), 0);
    assert_string_equal(json_string_value(json_object_get(package, "outcome")), "installed");
    assert_int_equal(json_integer_value(json_object_get(package, "registryValues")), 2);
    assert_string_equal(json_string_value(json_object_get(holder, "program")), "Sunshine");
    assert_true(json_is_true(json_object_get(holder, "service")));
    assert_int_equal(json_integer_value(json_object_get(gpu, "problemCode")), 0);
    json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lists_who_holds_files_and_stops),
        TEST(test_stops_and_starts_who_holds_files),
        TEST(test_goes_on_when_somebody_does_not_end),
        TEST(test_starts_again_after_a_failure),
        TEST(test_puts_back_without_force),
        TEST(test_waits_as_a_whole),
        TEST(test_next_run_finishes),
        TEST(test_calls_off),
        TEST(test_undoes_what_windows_did_in_part),
        TEST(test_a_journal_that_cannot_be_understood_stops_everything),
        TEST(test_values_come_and_go),
        TEST(test_repairs_a_value),
        TEST(test_leaves_another_drivers_key_alone),
        TEST(test_refuses_values_that_no_driver_needs),
        TEST(test_tells_of_values_that_cannot_be_written),
        TEST(test_says_that_the_gpu_works),
        TEST(test_says_what_is_wrong_with_the_gpu),
        TEST(test_says_what_is_next_without_a_gpu),
        TEST(test_is_done_whatever_the_gpu_tells),
        TEST(test_json_tells_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
