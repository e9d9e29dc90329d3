/* SPDX-License-Identifier: MIT */
/* installdrivers in a guest that others change as well, between its runs and during them; on a disk of a guest that
 * does not run; with packages that share what they bring. What was the guest's own comes back. */
#include "install/guest.h"

#include "base/compiler.h"
#include "drivers/install/install_journal.h"
#include "drivers/install/installed.h"
#include "platform/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define LIBRARY "Windows/System32/nvapi64.dll"
#define OWN "Windows/System32/HostDriverStore/HyperPoint/"

/* Most guests have no such key before the first driver comes. */
static void remove_key(Guest *guest)
{
    Error err;
    RegistryValue none = { .state = REGISTRY_NO_KEY };
    assert_true(guest->registry->write(guest->registry, TEST_CLASS_KEY, "OpenCLDriverName", &none, &err));
}

/* Edits a package's manifest; both texts are of one length. */
static void edit_manifest(Guest *guest, const char *name, const char *from, const char *to)
{
    Error err;
    char *text;
    size_t size;
    const char *package = fs_join(&guest->arena, guest->folder, name);
    const char *file = fs_join(&guest->arena, package, manifest_path(name, &guest->arena));
    assert_int_equal(strlen(from), strlen(to));
    assert_true(fs_read_file(file, 100000, &guest->arena, &text, &size, &err));
    for (char *at = text; (at = strstr(at, from)) != NULL;)
        memcpy(at, to, strlen(to));
    assert_true(fs_replace_file(file, text, size, FS_SHARED, &err));
}

/* Then it does not take the place of the other one. */
static void make_for_another_gpu(Guest *guest, const char *name)
{
    edit_manifest(guest, name, "DEV_56A0", "DEV_4680");
}

/* ---- files ---- */

static void test_an_update_of_windows_is_the_original_from_then_on(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    test_file_put(guest->root, LIBRARY, "update");
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_says(guest->err, "is not the package's any more, and stays");
    assert_says(guest->out, "has been removed: 2 files");
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_file(guest, LIBRARY, "update");
    assert_false(fs_exists(fs_join(&guest->arena, guest->root, OWN)));
}

static void test_an_update_of_the_vendor_comes_back_after_an_upgrade(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    test_library_put(guest->root, LIBRARY, " update", "NVIDIA Corporation");
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "OpenCLDriverName", "somebody's");
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_file(guest, LIBRARY, "two");
    assert_value(guest, "OpenCLDriverName", "two");
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_file(guest, LIBRARY, "MZ update");
    assert_value(guest, "OpenCLDriverName", "somebody's");
}

/* It is the guest's own and does not tell whose: neither the same package's nor another one's next step takes it. */
static void test_a_file_that_was_the_same_stays(void **state)
{
    Guest *guest = *state;
    test_file_put(guest->root, LIBRARY, "one");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_says(guest->err, "nvapi64.dll' does not tell whose it is, and is left alone");
    assert_file(guest, LIBRARY, "one");
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_file(guest, LIBRARY, "one");
}

static void test_a_newer_file_of_somebody_is_his(void **state)
{
    Guest *guest = *state;
    edit_manifest(guest, "INTEL_1", "\"always\"", "\"newer\" ");
    test_file_put(guest->root, LIBRARY, "one");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    test_file_put(guest->root, LIBRARY, "newer");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_file(guest, LIBRARY, "newer");
}

static void test_new_files_that_vanish_take_nothing_with_them(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    for (size_t i = 0; i < 3; i++) { /* two files and the manifest */
        const char *name = arena_printf(&guest->arena, OWN "work/new/%zu", i);
        guest->holders.removes = fs_join(&guest->arena, guest->root, name);
        assert_int_equal(guest_install(guest, "INTEL_1", "-FORCE"), PUT_BACK);
        assert_untouched(guest);
    }
}

static void test_new_files_that_vanish_while_they_wait(void **state)
{
    Guest *guest = *state;
    for (size_t i = 0; i < 3; i++) {
        guest_make_wait(guest);
        const char *name = arena_printf(&guest->arena, OWN "work/new/%zu", i);
        assert_int_equal(remove(fs_join(&guest->arena, guest->root, name)), 0);
        assert_int_equal(RUN(guest, "-RECOVER"), DONE);
        assert_untouched(guest);
    }
}

static void test_nothing_is_left_when_the_journal_cannot_be_written(void **state)
{
    Guest *guest = *state;
    const char *work = fs_join(&guest->arena, guest->root, OWN "work");
    guest->files.fault = FILE_FAULT_NO_SPACE;
    for (guest->files.at = 3; guest_install(guest, "INTEL_1", NULL) == REFUSED; guest->files.at++)
        assert_true(!fs_exists(work) || strstr(guest->err, "leftovers") != NULL);
    assert_true(guest->files.at > 10);
}

static void test_a_file_that_changes_before_the_exchange_ends_it(void **state)
{
    Guest *guest = *state;
    guest->holders.held = "nvapi64.dll";
    guest->holders.removes = fs_join(&guest->arena, guest->root, LIBRARY);
    assert_int_equal(guest_install(guest, "INTEL_1", "-FORCE"), REFUSED);
    assert_says(guest->err, "was changed by somebody else meanwhile");
    assert_file(guest, LIBRARY, NULL);
    assert_false(fs_exists(fs_join(&guest->arena, guest->root, OWN)));
}

/* ---- values ---- */

/* An installation that was killed right after it wrote its value. */
static void leave_journal(Guest *guest)
{
    InstallJournal journal = { .what = "installation of 'X'" };
    InstallValue value = { .key = TEST_CLASS_KEY,
                           .name = "OpenCLDriverName",
                           .before = registry_text_value("original", &guest->arena),
                           .after = registry_text_value("one", &guest->arena) };
    ARRAY_PUSH(&guest->arena, &journal.values, value);
    JournalLabel label = { .kind = NULL };
    const char *text = journal_text_format(&installation_kind, &journal, &label, &guest->arena);
    test_file_put(guest->root, OWN "work/journal.json", text);
}

static void test_a_value_that_somebody_has_set_since_is_his(void **state)
{
    Guest *guest = *state;
    static const char *const found[][2] = { { "one", "original" }, { "somebody's", "somebody's" } };
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        leave_journal(guest);
        guest_registry_set(guest->registry, TEST_CLASS_KEY, "OpenCLDriverName", found[i][0]);
        assert_int_equal(RUN(guest, "-RECOVER"), DONE);
        assert_value(guest, "OpenCLDriverName", found[i][1]);
    }
}

static void test_values_survive_a_removal_that_fails(void **state)
{
    Guest *guest = *state;
    remove_key(guest);
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    guest->files.fault = FILE_FAULT_NO_SPACE;
    for (guest->files.at = 3; RUN(guest, "-UNINSTALL") != DONE; guest->files.at++) {
        assert_value(guest, "OpenCLDriverName", "one");
        assert_value(guest, "VulkanDriverName", "one");
    }
    assert_true(guest->files.at > 10);
}

static void test_the_last_of_several_packages_brings_values_back(void **state)
{
    Guest *guest = *state;
    make_for_another_gpu(guest, "INTEL_2");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL", "-DRV", "INTEL_2"), DONE);
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_a_key_that_another_driver_got_at_the_start_is_left_alone(void **state)
{
    Guest *guest = *state;
    remove_key(guest);
    guest_make_wait(guest);
    guest_start(guest->registry, NULL);
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "ProviderName", "Microsoft");
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_says(guest->err, "has been changed meanwhile, and stays");
    assert_value(guest, "VulkanDriverName", NULL);
    assert_file(guest, LIBRARY, "one");
}

static void test_refuses_a_value_that_is_set_twice(void **state)
{
    Guest *guest = *state;
    edit_manifest(guest, "INTEL_1", "VulkanDriverName", "OpenCLDriverName");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), REFUSED);
    assert_untouched(guest);
}

/* ---- a disk of a guest that does not run ---- */

static void test_values_outlive_an_upgrade_of_the_disk(void **state)
{
    Guest *guest = *state;
    Registry *registry = guest->registry;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    guest->registry = NULL;
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), REFUSED);
    assert_says(guest->err, "start the guest");
    guest->registry = registry;
    assert_int_equal(RUN(guest, "-VERIFY"), DONE);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_what_waits_is_ended_in_the_running_guest(void **state)
{
    Guest *guest = *state;
    Registry *registry = guest->registry;
    guest_make_wait(guest);
    guest->registry = NULL;
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), REFUSED);
    assert_says(guest->err, "start the guest");
    assert_int_equal(RUN(guest, "-RECOVER"), UNFINISHED);
    assert_says(guest->err, "can only be ended in the running guest");
    guest_start(registry, "INTEL_1.installed.json");
    assert_int_equal(RUN(guest, "-RECOVER"), UNFINISHED);
    guest->registry = registry;
    assert_int_equal(RUN(guest, "-RECOVER"), DONE);
    assert_untouched(guest);
}

/* ---- a start that is cut short ---- */

/* Windows makes the first "count" moves; the power goes; if it kept the list, the next start makes all of them. */
static void start_in_part(Guest *guest, size_t count, bool keeps_list)
{
    Error err;
    RegistryValue whole, part = { .state = REGISTRY_NO_VALUE };
    StringList moves = guest_pending(guest);
    Registry *registry = guest->registry;
    assert_true(registry->read(registry, SESSION_MANAGER_KEY, PENDING_MOVES, &guest->arena, &whole, &err));
    moves.count = 2 * count;
    if (count > 0)
        part = registry_texts_value(&moves, &guest->arena);
    assert_true(registry->write(registry, SESSION_MANAGER_KEY, PENDING_MOVES, &part, &err));
    guest_start(registry, NULL);
    if (!keeps_list)
        return;
    assert_true(registry->write(registry, SESSION_MANAGER_KEY, PENDING_MOVES, &whole, &err));
    guest_start(registry, NULL);
}

static void test_a_start_that_is_cut_short(void **state)
{
    Guest *guest = *state;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    for (size_t count = 0;; count++) {
        for (unsigned keeps_list = 0; keeps_list < 2; keeps_list++) {
            guest->files.busy = "nvapi64.dll";
            assert_int_equal(guest_install(guest, "INTEL_2", "-FORCE"), REBOOT);
            guest->files.busy = NULL;
            size_t moves = guest_pending(guest).count / 2;
            if (count > moves)
                return;
            start_in_part(guest, count, keeps_list != 0);
            assert_int_equal(RUN(guest, "-RECOVER"), DONE);
            bool is_new = keeps_list != 0 || count == moves;
            assert_file(guest, LIBRARY, is_new ? "two" : "one");
            assert_value(guest, "OpenCLDriverName", is_new ? "two" : "one");
            assert_int_equal(RUN(guest, "-VERIFY"), DONE);
            assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
            assert_untouched(guest);
            assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
        }
    }
}

/* ---- several packages ---- */

static void test_the_others_wait_with_the_first(void **state)
{
    Guest *guest = *state;
    make_for_another_gpu(guest, "INTEL_2");
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(RUN(guest, "-SRC", guest->folder, "-DRV", "INTEL_1,INTEL_2", "-FORCE"), REBOOT);
    assert_says(guest->err, "package 'INTEL_2' has to wait until then, too");
}

static void test_of_packages_for_one_gpu_only_the_newest_comes(void **state)
{
    Guest *guest = *state;
    const char *folder = fs_join(&guest->arena, guest->folder, "several");
    const TestFile old_files[] = { { LIBRARY, "old" }, { NULL, NULL } },
                   new_files[] = { { LIBRARY, "new" }, { NULL, NULL } };
    TestPackage new_package = { .name = "A", .package_folder = "x", .date = "2024-08-14", .files = new_files };
    TestPackage old_package = { .name = "B", .package_folder = "y", .date = "2024-06-04", .files = old_files };
    test_package_make(folder, &new_package);
    test_package_make(folder, &old_package);
    test_file_put(folder, "logs/some.log", "no package");
    assert_int_equal(RUN(guest, "-SRC", folder), DONE);
    assert_says(guest->err, "package 'B' is left out: 'A' is for the same GPU, and was gathered later");
    assert_says(guest->err, "'logs' is no driver package");
    assert_file(guest, LIBRARY, "new");
    assert_int_equal(RUN(guest, "-SRC", folder), DONE);
    assert_says(guest->out, "Package 'A' is installed already");
    assert_int_equal(RUN(guest, "-SRC", folder, "-DRV", "B"), DONE); /* whoever names it gets it */
    assert_file(guest, LIBRARY, "old");
    assert_int_equal(RUN(guest, "-UNINSTALL", "-DRV", "B.zip"), DONE);
    assert_untouched(guest);
}

static void test_refuses_what_is_no_system_drive(void **state)
{
    Guest *guest = *state;
    guest->root = guest->folder;
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), REFUSED);
    assert_says(guest->err, "it has no folder Windows");
    assert_int_equal(RUN(guest, "-RECOVER"), REFUSED);
    assert_int_equal(RUN(guest, "-SERVICE", "install", "-YES"), REFUSED);
    assert_says(guest->err, "it has no folder Windows");
    assert_int_equal(RUN(guest, "-SERVICE", "run"), REFUSED);
    assert_says(guest->err, "it has no folder Windows");
}

static void test_errors_of_the_command_line_are_json_too(void **state)
{
    Guest *guest = *state;
    assert_int_equal(RUN(guest, "-json", "-NONSENSE"), 2);
    assert_says(guest->out, "\"exitCode\": 2");
}

static void test_removals_wait_as_well(void **state)
{
    Guest *guest = *state;
    make_for_another_gpu(guest, "INTEL_2");
    assert_int_equal(guest_install(guest, "INTEL_1", NULL), DONE);
    assert_int_equal(guest_install(guest, "INTEL_2", NULL), DONE);
    guest->files.busy = "INTEL_1.installed.json";
    assert_int_equal(RUN(guest, "-UNINSTALL", "-FORCE"), REBOOT);
    assert_says(guest->err, "package 'INTEL_2' has to wait until then, too");
    guest->files.busy = NULL;
    guest_start(guest->registry, NULL);
    assert_int_equal(RUN(guest, "-UNINSTALL"), DONE);
    assert_untouched(guest);
}

static void test_a_package_cannot_bring_a_record(void **state)
{
    Guest *guest = *state;
    const TestFile files[] = { { TEST_STORE "nv.inf_amd64_9/a.dll", "nine" },
                               { OWN "EVIL.installed.json", "{}" },
                               { NULL, NULL } };
    TestPackage package = { .name = "INTEL_9", .package_folder = "nv.inf_amd64_9", .files = files };
    test_package_make(guest->folder, &package);
    assert_int_equal(guest_install(guest, "INTEL_9", NULL), REFUSED);
    assert_untouched(guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUEST_TEST(test_an_update_of_windows_is_the_original_from_then_on),
        GUEST_TEST(test_an_update_of_the_vendor_comes_back_after_an_upgrade),
        GUEST_TEST(test_a_file_that_was_the_same_stays),
        GUEST_TEST(test_a_newer_file_of_somebody_is_his),
        GUEST_TEST(test_new_files_that_vanish_take_nothing_with_them),
        GUEST_TEST(test_new_files_that_vanish_while_they_wait),
        GUEST_TEST(test_nothing_is_left_when_the_journal_cannot_be_written),
        GUEST_TEST(test_a_file_that_changes_before_the_exchange_ends_it),
        GUEST_TEST(test_a_value_that_somebody_has_set_since_is_his),
        GUEST_TEST(test_values_survive_a_removal_that_fails),
        GUEST_TEST(test_the_last_of_several_packages_brings_values_back),
        GUEST_TEST(test_a_key_that_another_driver_got_at_the_start_is_left_alone),
        GUEST_TEST(test_refuses_a_value_that_is_set_twice),
        GUEST_TEST(test_values_outlive_an_upgrade_of_the_disk),
        GUEST_TEST(test_what_waits_is_ended_in_the_running_guest),
        GUEST_TEST(test_a_start_that_is_cut_short),
        GUEST_TEST(test_the_others_wait_with_the_first),
        GUEST_TEST(test_of_packages_for_one_gpu_only_the_newest_comes),
        GUEST_TEST(test_refuses_what_is_no_system_drive),
        GUEST_TEST(test_errors_of_the_command_line_are_json_too),
        GUEST_TEST(test_removals_wait_as_well),
        GUEST_TEST(test_a_package_cannot_bring_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
