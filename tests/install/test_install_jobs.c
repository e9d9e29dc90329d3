/* SPDX-License-Identifier: MIT */
/* Installing as an operation, without a command line: what is told of each package, and two guests at once. */
#include "install/guest.h"

#include "operations/install.h"
#include "platform/fs.h"
#include "platform/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

enum { MOST = 4 };

/* What is told of packages. */
typedef struct Told {
    InstallJob job;
    Arena arena; /* of the job: not shared between threads */
    const char *folder;
    StringList names;
    Cancel *cancels; /* is asked for when the first package is done with; NULL: nothing is */
    PackageReport packages[MOST];
    size_t count;
    InstallReport report;
    bool ok;
} Told;

static void tell(void *context, const PackageReport *package)
{
    Told *told = context;
    if (told->count < MOST)
        told->packages[told->count++] = *package;
    if (told->cancels != NULL)
        cancel_request(told->cancels);
}

static Told told_of(Guest *guest, const char *first, const char *second, const char *third)
{
    Told told = { .folder = guest->folder,
                  .job = { .root = guest->root,
                           .state_folder = fs_join(&guest->arena, guest->folder, "state"),
                           .holders = &guest->holders.holders,
                           .registry = guest->registry,
                           .cancel = &guest->cancel,
                           .clock = &guest->clock.clock,
                           .report = report_silent() } };
    const char *names[] = { first, second, third };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i] != NULL)
            ARRAY_PUSH(&guest->arena, &told.names, names[i]);
    }
    return told;
}

static void install(void *context)
{
    Told *told = context;
    Error err;
    const PackageChoice choice = { .folder = told->folder, .names = told->names };
    StringList paths;
    ChosenPackages packages;
    told->job.arena = &told->arena;
    told->ok = packages_find(&choice, told->job.report, &told->arena, &paths, &err) &&
               packages_open(&choice, &paths, &told->arena, &packages, &err);
    if (!told->ok)
        return;
    packages_install(&told->job, &packages, tell, told, &told->report);
    packages_close(&packages);
}

static void assert_told(const Told *told, size_t index, const char *name, PackageOutcome outcome)
{
    assert_true(index < told->count);
    assert_string_equal(told->packages[index].name, name);
    assert_int_equal(told->packages[index].outcome, outcome);
}

static void test_tells_of_each_package(void **state)
{
    Guest *guest = *state;
    Told told = told_of(guest, "INTEL_1", "INTEL_3", "INTEL_2");
    install(&told);
    assert_true(told.ok);
    assert_int_equal(told.count, 3);
    assert_told(&told, 0, "INTEL_1", PACKAGE_INSTALLED);
    assert_int_equal(told.packages[0].written, 3);
    assert_int_equal(told.packages[0].registry_values, 2);
    assert_told(&told, 1, "INTEL_3", PACKAGE_FAILED); /* does not keep the next one away */
    assert_says(told.packages[1].why.message, "package 'INTEL_3'");
    assert_told(&told, 2, "INTEL_2", PACKAGE_INSTALLED);
    assert_string_equal(told.packages[2].replaced.items[0], "INTEL_1");
    assert_true(told.report.changes);
    assert_false(told.report.waits);
    arena_release(&told.arena);
}

static void test_finds_packages_as_windows_does(void **state)
{
    Guest *guest = *state;
    Arena *arena = &guest->arena;
    Error err;
    StringList paths;
    Told told = told_of(guest, "intel_2", "Intel_1.ZIP", NULL);
    Told strange = told_of(guest, "INTEL_1", "NVIDIA_1", "AMD_1");
    PackageChoice choice = { .folder = guest->folder, .names = told.names };
    assert_int_equal(rename(fs_join(arena, guest->folder, "INTEL_1"), fs_join(arena, guest->folder, "INTEL_1.zip")), 0);
    assert_true(packages_find(&choice, report_silent(), arena, &paths, &err));
    assert_int_equal(paths.count, 2);
    assert_string_equal(paths.items[0], fs_join(arena, guest->folder, "INTEL_2"));
    assert_string_equal(paths.items[1], fs_join(arena, guest->folder, "INTEL_1.zip"));
    choice.names = strange.names;
    assert_false(packages_find(&choice, report_silent(), arena, &paths, &err));
    assert_says(err.message, "there is no package 'NVIDIA_1', 'AMD_1'"); /* all that are not */
}

static void test_only_looks(void **state)
{
    Guest *guest = *state;
    Told told = told_of(guest, "INTEL_1", NULL, NULL);
    told.job.what_if = true;
    install(&told);
    assert_told(&told, 0, "INTEL_1", PACKAGE_PLANNED);
    assert_true(told.report.changes);
    assert_untouched(guest);
    arena_release(&told.arena);
}

/* The second one would take the first one's place, values of the registry included, and the third one the second's. */
static void test_plans_what_it_does(void **state)
{
    Guest *guest = *state;
    Told plan = told_of(guest, "INTEL_1", "INTEL_2", "INTEL_1"), run = told_of(guest, "INTEL_1", "INTEL_2", "INTEL_1");
    plan.job.what_if = true;
    install(&plan);
    assert_untouched(guest);
    install(&run);
    assert_int_equal(plan.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const PackageReport *planned = &plan.packages[i], *done = &run.packages[i];
        assert_int_equal(planned->outcome, PACKAGE_PLANNED);
        assert_int_equal(done->outcome, PACKAGE_INSTALLED);
        assert_int_equal(planned->written, done->written);
        assert_int_equal(planned->written_bytes, done->written_bytes);
        assert_int_equal(planned->removed, done->removed);
        assert_int_equal(planned->registry_values, done->registry_values);
        assert_int_equal(planned->replaced.count, done->replaced.count);
    }
    assert_int_equal(plan.packages[0].registry_values, 2);
    assert_int_equal(plan.packages[1].replaced.count, 1);
    assert_int_not_equal(plan.packages[1].registry_values, 0);
    assert_int_equal(plan.packages[2].replaced.count, 1);
    arena_release(&plan.arena);
    arena_release(&run.arena);
}

static void test_the_next_one_waits_with_the_first(void **state)
{
    Guest *guest = *state;
    Told told = told_of(guest, "INTEL_1", "INTEL_2", NULL);
    told.job.force = true;
    guest->files = (FileScript){ .folder = guest->root, .busy = "nvapi64.dll" };
    fault_files_use(&guest->files);
    install(&told);
    fault_files_use(NULL);
    assert_told(&told, 0, "INTEL_1", PACKAGE_WAITING);
    assert_told(&told, 1, "INTEL_2", PACKAGE_POSTPONED);
    assert_true(told.report.waits);
    InstallRecovery recovery;
    Error err;
    assert_true(packages_recover(&told.job, &recovery, &err));
    assert_int_equal(recovery.outcome, INSTALL_RECOVERY_CALLED_OFF);
    assert_untouched(guest);
    arena_release(&told.arena);
}

static void test_lists_verifies_and_removes(void **state)
{
    Guest *guest = *state;
    Error err;
    InstalledPackages installed;
    SwapState swap;
    PackageChecks checks;
    Told told = told_of(guest, "INTEL_1", NULL, NULL), removed = told_of(guest, NULL, NULL, NULL);
    Told named = told_of(guest, "intel_1", NULL, NULL), strange = told_of(guest, "INTEL_1", "intel_4", "INTEL_5");
    install(&told);
    removed.job.arena = &removed.arena;
    assert_true(install_list(&removed.job, &installed, &swap, &err));
    assert_int_equal(installed.count, 1);
    assert_string_equal(installed.items[0].name, "INTEL_1");
    test_file_put(guest->root, "Windows/System32/nvapi64.dll", "altered");
    assert_true(packages_verify(&removed.job, &named.names, &checks, &err));
    assert_int_equal(checks.count, 1);
    assert_int_equal(checks.items[0].faults.count, 1);
    assert_string_equal(checks.items[0].faults.items[0].fault, "was changed");
    assert_false(packages_verify(&removed.job, &strange.names, &checks, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_says(err.message, "no package 'intel_4', 'INTEL_5' is installed"); /* all that are not */
    assert_true(packages_uninstall(&removed.job, &removed.names, tell, &removed, &removed.report, &err));
    assert_told(&removed, 0, "INTEL_1", PACKAGE_UNINSTALLED);
    assert_true(removed.packages[0].is_removal);
    arena_release(&removed.arena);
    arena_release(&told.arena);
}

/* Nothing is shared: one is called off after its first package, the other goes on to the end. */
static void test_two_guests_at_once(void **state)
{
    Guest *guest = *state;
    void *second;
    Error err;
    Thread *thread;
    assert_int_equal(guest_set_up(&second), 0);
    Guest *other = second;
    Told told = told_of(guest, "INTEL_1", "INTEL_2", NULL), others = told_of(other, "INTEL_1", "INTEL_2", NULL);
    told.cancels = &guest->cancel;
    assert_true(thread_start(install, &others, &thread, &err));
    install(&told);
    thread_join(thread);
    assert_told(&told, 0, "INTEL_1", PACKAGE_INSTALLED);
    assert_told(&told, 1, "INTEL_2", PACKAGE_INTERRUPTED);
    assert_told(&others, 0, "INTEL_1", PACKAGE_INSTALLED);
    assert_told(&others, 1, "INTEL_2", PACKAGE_INSTALLED);
    assert_file(guest, "Windows/System32/nvapi64.dll", "one");
    assert_file(other, "Windows/System32/nvapi64.dll", "two");
    arena_release(&others.arena);
    arena_release(&told.arena);
    assert_int_equal(guest_tear_down(&second), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUEST_TEST(test_tells_of_each_package),
        GUEST_TEST(test_finds_packages_as_windows_does),
        GUEST_TEST(test_only_looks),
        GUEST_TEST(test_plans_what_it_does),
        GUEST_TEST(test_the_next_one_waits_with_the_first),
        GUEST_TEST(test_lists_verifies_and_removes),
        GUEST_TEST(test_two_guests_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
