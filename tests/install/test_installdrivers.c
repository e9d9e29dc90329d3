/* SPDX-License-Identifier: MIT */
/* installdrivers in a guest that runs: programs that hold files, files that wait for the start of Windows, the
 * registry, the GPU's state. */
#include "install/guest.h"

#include "base/check.h"
#include "platform/fs.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* ---- files in use ---- */

static void test_lists_who_holds_files_and_stops(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), REFUSED);
    assert_says(guest->err, "nvapi64.dll' is in use by the service Sunshine (process 4711)");
    assert_says(guest->err, "-FORCE");
    assert_int_equal(guest->holders.stops, 0);
    assert_untouched(guest);
}

static void test_stops_and_starts_who_holds_files(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_1", "-FORCE"), DONE);
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
    assert_int_equal(guest_install(guest, "INTEL_1", "-FORCE"), DONE);
    assert_says(guest->err, "not every program that uses the files has ended");
    assert_int_equal(guest->holders.restarts, 1);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

static void test_starts_again_after_a_failure(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_1", "-WHATIF"), DONE);
    assert_int_equal(guest->holders.stops, 0);
    guest->files.at = 3; /* the first steps are to lock and to clean up, which may fail */
    guest->files.fault = FILE_FAULT_NO_SPACE;
    while (guest_install(guest, "INTEL_1", "-FORCE") != PUT_BACK)
        assert_in_range(++guest->files.at, 4, 100);
    assert_true(guest->files.at > 10); /* many steps come before those that have to be put back */
    assert_true(guest->holders.stops > 0);
    assert_int_equal(guest->holders.restarts, guest->holders.stops);
    assert_string_equal(guest->holders.seen, "MZ original");
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

static void assert_nothing_has_changed_yet(Guest *guest)
{
    assert_file(guest, "Windows/System32/nvapi64.dll", "MZ original");
    assert_file(guest, TEST_STORE "nv.inf_amd64_1/a.dll", NULL);
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
}

static void test_puts_back_without_force(void **state)
{
    Guest *guest = *state;
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), PUT_BACK);
    assert_says(guest->err, "-FORCE");
    assert_untouched(guest);
    assert_int_equal(guest_pending(guest).count, 0);
}

static void test_waits_as_a_whole(void **state)
{
    Guest *guest = *state;
    guest_make_wait(guest);
    assert_nothing_has_changed_yet(guest);
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), REFUSED);
    assert_says(guest->err, "the installation of 'INTEL_1' waits for the next start of Windows");
    assert_int_equal(guest_install(guest, "INTEL_2", "-WHATIF"), REFUSED);
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
    guest_make_wait(guest);
    guest_start(guest->registry, NULL);
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
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
    guest_make_wait(guest);
    assert_int_equal(guest_pending(guest).count,
                     COUNT_OF(foreign) + 2 * 5 + 1); /* 3 files, the record, and what was there */
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_says(guest->out, "has been called off");
    StringList left = guest_pending(guest);
    assert_int_equal(left.count, COUNT_OF(foreign) + 1);
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        assert_string_equal(left.items[i], foreign[i]);
    assert_untouched(guest);
}

static void test_undoes_what_windows_did_in_part(void **state)
{
    Guest *guest = *state;
    guest_make_wait(guest);
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
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), UNFINISHED);
    assert_says(guest->err, "journal.json': not JSON");
    assert_int_equal(RUN(guest, "-UNINSTALL"), UNFINISHED);
    assert_int_equal(RUN(guest, "-RECOVER"), UNFINISHED);
    assert_file(guest, "Windows/System32/nvapi64.dll", "MZ original");
}

/* ---- the registry ---- */

static void test_values_come_and_go(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_value(guest, "OpenCLDriverName", "one");
    assert_value(guest, "VulkanDriverName", "one");
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_value(guest, "OpenCLDriverName", "two");
    assert_value(guest, "VulkanDriverName", NULL);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_repairs_a_value(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "VulkanDriverName", "somebody's");
    assert_int_equal(RUN(guest, "-VERIFY"), DIFFERS);
    assert_says(guest->err, "VulkanDriverName' was changed");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
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
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "is another driver's");
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

static void test_refuses_values_that_no_driver_needs(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_3", NULL), REFUSED);
    assert_says(guest->err, "nothing that a driver package may set");
    assert_untouched(guest);
}

static void test_tells_of_values_that_cannot_be_written(void **state)
{
    Guest *guest = *state;
    guest->registry = NULL; /* a disk of a guest that does not run here */
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "2 registry values");
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_2", "-FORCE"), PUT_BACK);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
}

/* ---- the GPU ---- */

static void test_says_that_the_gpu_works(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->out, "' works\n");
    assert_null(strstr(guest->err, "add-auto"));
}

static void test_says_what_is_wrong_with_the_gpu(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:?outdated-guest";
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->out, "(code 43)");
    assert_says(guest->err, "restart the guest");
}

/* It is restarted, and looked at again: no restart of Windows is asked for. */
static void test_restarts_the_gpu(void **state)
{
    Guest *guest = *state;
    guest_stop_gpus(guest);
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(guest->devices.restarts, 2);
    assert_says(guest->out, "has stopped (code 43), and is restarted");
    assert_says(guest->out, "' works\n");
    assert_null(strstr(guest->err, "restart the guest"));
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE); /* one that works is left alone */
    assert_int_equal(guest->devices.restarts, 2);
}

static void test_asks_for_a_restart_where_that_does_not_help(void **state)
{
    Guest *guest = *state;
    guest_stop_gpus(guest);
    guest->devices.stays = true;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(guest->devices.restarts, 2);
    assert_says(guest->err, "restart the guest");
    guest->devices.fails = true;
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE); /* the installation is done all the same */
    assert_says(guest->err, "warning: cannot disable device");
    assert_says(guest->err, "restart the guest");
}

static void test_what_if_only_says_that_it_would_restart_the_gpu(void **state)
{
    Guest *guest = *state;
    guest_stop_gpus(guest);
    assert_int_equal(guest_install(guest, "INTEL_1", "-WHATIF"), DONE);
    assert_int_equal(guest->devices.restarts, 0);
    assert_says(guest->out, "has stopped (code 43), and would be restarted");
    assert_null(strstr(guest->err, "restart the guest"));
}

static void test_says_what_is_next_without_a_gpu(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:"; /* a host has no virtual GPU */
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "this guest has no GPU");
    assert_says(guest->err, "hyperpoint -VM \"my vm\" -DO add-auto");
}

/* Of a disk nothing is known of the VM's GPU: it may well have one, with limits that an assignment anew would cost. */
static void test_says_what_is_next_for_a_disk(void **state)
{
    Guest *guest = *state;
    guest->registry = NULL; /* the guest is not this Windows */
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_says(guest->err, "start the VM; if it has no GPU assigned, assign one first");
}

static void test_is_done_whatever_the_gpu_tells(void **state)
{
    Guest *guest = *state;
    guest->gpus = "sim:?no-such-variant";
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
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

/* ---- Ctrl-C ---- */

/* Nothing ends with 0 that was not done: what was not begun is told, package by package. */
static void test_interrupted(void **state)
{
    Guest *guest = *state;
    cancel_request(&guest->cancel);
    int installed = RUN(guest, "-SRC", guest->folder, "-DRV", "INTEL_1,INTEL_3");
    cancel_reset(&guest->cancel);
    assert_int_equal(installed, REFUSED);
    assert_says(guest->err, "interrupted: package 'INTEL_1' was not installed");
    assert_says(guest->err, "interrupted: package 'INTEL_3' was not installed");
    assert_untouched(guest);
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    cancel_request(&guest->cancel);
    int removed = RUN(guest, "-UNINSTALL"), recovered = RUN(guest, "-RECOVER");
    cancel_reset(&guest->cancel);
    assert_int_equal(removed, REFUSED);
    assert_int_equal(recovered, REFUSED);
    assert_says(guest->err, "interrupted: nothing was recovered");
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
}

static void test_interrupted_between_two(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    guest->holders.interrupts = &guest->cancel;
    assert_int_equal(RUN(guest, "-SRC", guest->folder, "-DRV", "INTEL_1,INTEL_2", "-FORCE"), PARTLY);
    assert_says(guest->out, "Package 'INTEL_1' has been installed");
    assert_says(guest->err, "interrupted: package 'INTEL_2' was not installed");
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
    assert_int_equal(RUN(guest, "-VERIFY"), REFUSED);
    assert_says(guest->err, "interrupted: package 'INTEL_1' was not verified to the end");
}

/* ---- the log ---- */

/* One log for all packages of a run, and none of what only looks. */
static void test_writes_one_log(void **state)
{
    Guest *guest = *state;
    Error err;
    StringList names;
    const char *folder = fs_join(&guest->arena, guest->folder, "logs");
    assert_int_equal(guest_install(guest, "INTEL_1", "-WHATIF"), DONE);
    assert_false(fs_exists(folder));
    assert_int_equal(RUN(guest, "-SRC", guest->folder, "-DRV", "INTEL_1,INTEL_2"), DONE);
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_true(fs_list_folder(folder, &guest->arena, &names, &err));
    assert_int_equal(names.count, 1);
    char *text;
    size_t size;
    assert_true(
        fs_read_file(fs_join(&guest->arena, folder, names.items[0]), 100000, &guest->arena, &text, &size, &err));
    assert_says(text, arena_printf(&guest->arena, " in '%s'", guest->root));
    assert_says(text, "Package 'INTEL_1' has been installed");
    assert_says(text, "Package 'INTEL_2' has been installed");
    assert_says(text, "exit code 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUEST_TEST(test_lists_who_holds_files_and_stops),
        GUEST_TEST(test_stops_and_starts_who_holds_files),
        GUEST_TEST(test_goes_on_when_somebody_does_not_end),
        GUEST_TEST(test_starts_again_after_a_failure),
        GUEST_TEST(test_puts_back_without_force),
        GUEST_TEST(test_waits_as_a_whole),
        GUEST_TEST(test_next_run_finishes),
        GUEST_TEST(test_calls_off),
        GUEST_TEST(test_undoes_what_windows_did_in_part),
        GUEST_TEST(test_a_journal_that_cannot_be_understood_stops_everything),
        GUEST_TEST(test_values_come_and_go),
        GUEST_TEST(test_repairs_a_value),
        GUEST_TEST(test_leaves_another_drivers_key_alone),
        GUEST_TEST(test_refuses_values_that_no_driver_needs),
        GUEST_TEST(test_tells_of_values_that_cannot_be_written),
        GUEST_TEST(test_says_that_the_gpu_works),
        GUEST_TEST(test_says_what_is_wrong_with_the_gpu),
        GUEST_TEST(test_restarts_the_gpu),
        GUEST_TEST(test_asks_for_a_restart_where_that_does_not_help),
        GUEST_TEST(test_what_if_only_says_that_it_would_restart_the_gpu),
        GUEST_TEST(test_says_what_is_next_without_a_gpu),
        GUEST_TEST(test_says_what_is_next_for_a_disk),
        GUEST_TEST(test_is_done_whatever_the_gpu_tells),
        GUEST_TEST(test_json_tells_all_of_it),
        GUEST_TEST(test_interrupted),
        GUEST_TEST(test_interrupted_between_two),
        GUEST_TEST(test_writes_one_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
