/* SPDX-License-Identifier: MIT */
/* Packages of files that are made up, with hosts and disks that fail. That zips are zips for other programs, and that
 * what comes out is what went in, tests/drivers shows. */
#include "drivers/gather/pack.h"

#include "base/compiler.h"
#include "platform/files.h"
#include "platform/process.h"
#include "platform/thread.h"
#include "support/system.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* ---- a disk that fails ---- */

static unsigned steps, failing_step;
static int fault;
static const char *stuck; /* what has that in its path cannot be removed */

int fs_fault_point(FsStep step, const char *path)
{
    if (stuck != NULL && step == FS_STEP_REMOVE && strstr(path, stuck) != NULL)
        return EACCES;
    return __atomic_add_fetch(&steps, 1, __ATOMIC_RELAXED) == failing_step ? fault : 0;
}

/* ---- a host whose files are all 'x' ---- */

struct HostFile {
    uint64_t left;
};

static bool host_is_broken;
static int64_t size_difference;

static bool host_open(HostFiles *files, const char *path, HostFile **ret_file, Error *err)
{
    (void) files;
    if (host_is_broken && strstr(path, "7") != NULL)
        return error_set(err, ERR_UNREACHABLE, "the host is gone");
    static HostFile pool[64];
    static unsigned used;
    HostFile *file = &pool[__atomic_fetch_add(&used, 1, __ATOMIC_RELAXED) % COUNT_OF(pool)];
    *file = (HostFile){ .left = (uint64_t) (1000 + size_difference) };
    *ret_file = file;
    return true;
}

static bool host_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    (void) err;
    *ret_count = size < file->left ? size : (size_t) file->left;
    memset(buffer, 'x', *ret_count);
    file->left -= *ret_count;
    return true;
}

static void host_close_file(HostFile *file)
{
    (void) file;
}

static const HostFilesOps host_ops = { .open = host_open, .read = host_read, .close_file = host_close_file };
static HostFiles host = { .ops = &host_ops };

/* ---- */

typedef struct Fixture {
    Arena arena;
    const char *folder;
    Driver driver;
    PackRequest request;
    Cancel cancel;
    Report report;
    PackResult result;
    Error err;
} Fixture;

static int set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .report = *report_silent() };
    steps = failing_step = 0;
    stuck = NULL;
    host_is_broken = false;
    size_difference = 0;
    fixture.folder = system_make_folder(&fixture.arena);
    fixture.request = (PackRequest){ .files = &host,
                                     .cancel = &fixture.cancel,
                                     .report = &fixture.report,
                                     .clock = clock_system(),
                                     .folder = fs_join(&fixture.arena, fixture.folder, "made") };
    fixture.driver.manifest =
        (Manifest){ .name = "TEST_20240814", .provider = "", .driver_version = "", .driver_date = "", .inf = "" };
    ARRAY_PUSH(&fixture.arena, &fixture.driver.manifest.folders, "p");
    for (unsigned i = 0; i < 10; i++) {
        DriverFile file = {
            .source = arena_printf(&fixture.arena, "C:\\%u", i),
            .path = arena_printf(&fixture.arena, "Windows/System32/HostDriverStore/FileRepository/p/%u", i),
            .size = 1000,
            .modified_s = 1723593600,
        };
        ARRAY_PUSH(&fixture.arena, &fixture.driver.files, file);
        fixture.driver.total_size += file.size;
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    steps = failing_step = 0;
    stuck = NULL;
    system_remove_folder(fixture->folder);
    arena_release(&fixture->arena);
    return 0;
}

static bool pack(Fixture *fixture, bool zip)
{
    fixture->request.zip = zip;
    fixture->err = (Error){ .code = ERR_NONE };
    return pack_driver(&fixture->request, &fixture->driver, &fixture->arena, &fixture->result, &fixture->err);
}

/* Another version of the driver each time: there is something to make. */
static bool pack_anew(Fixture *fixture, bool zip)
{
    static unsigned version;
    fixture->driver.manifest.driver_version = arena_printf(&fixture->arena, "%u", ++version);
    return pack(fixture, zip);
}

/* What is in the folder of packages, but for the lock: names, each followed by a blank. */
static const char *made(Fixture *fixture)
{
    StringList names = { 0 };
    Error ignored; /* no folder: no package */
    const char *text = "";
    if (!fs_list_folder(fixture->request.folder, &fixture->arena, &names, &ignored))
        return text;
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], ".hyperpoint.lock") != 0)
            text = arena_printf(&fixture->arena, "%s%s ", text, names.items[i]);
    }
    return text;
}

static void test_folder_and_zip(void **state)
{
    Fixture *fixture = *state;
    assert_true(pack(fixture, false));
    assert_true(pack(fixture, true));
    assert_string_equal(made(fixture), "TEST_20240814 TEST_20240814.zip ");
    const char *file = fs_join(&fixture->arena, fixture->request.folder,
                               "TEST_20240814/Windows/System32/HostDriverStore/FileRepository/p/3");
    FileStatus status;
    assert_true(file_status(file, &status, &fixture->err));
    assert_int_equal(status.size, 1000);
    assert_int_equal(status.modified_s, 1723593600);
}

static void test_host_fails(void **state)
{
    Fixture *fixture = *state;
    for (int zip = 0; zip < 2; zip++) {
        host_is_broken = true;
        assert_false(pack(fixture, zip));
        assert_int_equal(fixture->err.code, ERR_UNREACHABLE);
        host_is_broken = false;
        for (size_difference = -1; size_difference <= 1; size_difference += 2) {
            assert_false(pack(fixture, zip));
            assert_int_equal(fixture->err.code, ERR_STATE);
        }
        size_difference = 0;
        assert_string_equal(made(fixture), "");
    }
}

static void test_interrupted(void **state)
{
    Fixture *fixture = *state;
    cancel_request(&fixture->cancel);
    for (int zip = 0; zip < 2; zip++) {
        assert_false(pack(fixture, zip));
        assert_int_equal(fixture->err.code, ERR_CANCELLED);
    }
    cancel_reset(&fixture->cancel);
    assert_string_equal(made(fixture), "");
}

/* Each step fails in turn: nothing is there, or all of it. A second package takes the first one's place, or not. */
static void test_disk_fails(void **state)
{
    Fixture *fixture = *state;
    for (int zip = 0; zip < 2; zip++) {
        const char *name = zip ? "TEST_20240814.zip " : "TEST_20240814 ";
        bool has_old = false, is_through = false;
        for (unsigned round = 0; round < 2; round++) {
            is_through = false;
            for (failing_step = 1; !is_through && failing_step < 500; failing_step++) {
                fault = failing_step % 2 ? EIO : ENOSPC;
                steps = 0;
                bool done = pack_anew(fixture, zip);
                is_through = steps < failing_step;
                assert_true(done || !is_through);
                if (!done)
                    assert_int_equal(fixture->err.code, fault == EIO ? ERR_IO : ERR_NO_SPACE);
                unsigned reached = failing_step;
                failing_step = 0;
                if (!done) { /* what the failure left is gone with the next run */
                    bool is_whole = strcmp(made(fixture), has_old ? name : "") == 0;
                    if (!is_whole)
                        assert_non_null(strstr(made(fixture), ".hyperpoint.TEST_20240814"));
                    host_is_broken = true;
                    assert_false(pack_anew(fixture, zip));
                    host_is_broken = false;
                    assert_string_equal(made(fixture), has_old ? name : "");
                } else if (!has_old) {
                    system_remove_folder(fixture->request.folder);
                }
                failing_step = reached;
            }
            failing_step = 0;
            assert_true(is_through);
            assert_true(pack_anew(fixture, zip));
            has_old = true;
        }
        system_remove_folder(fixture->request.folder);
    }
}

/* ---- the same again ---- */

static const char *at(Fixture *fixture, const char *path)
{
    return fs_join(&fixture->arena, fixture->request.folder, path);
}

#define FILE_3 "TEST_20240814/Windows/System32/HostDriverStore/FileRepository/p/3"

static void assert_packed(Fixture *fixture, bool zip, bool is_unchanged)
{
    if (!pack(fixture, zip))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(fixture->result.is_unchanged, is_unchanged);
    assert_string_equal(fixture->result.manifest.name, "TEST_20240814");
    assert_int_equal(fixture->result.manifest.files.count, 10);
}

static void test_unchanged(void **state)
{
    Fixture *fixture = *state;
    DriverFile *file = &fixture->driver.files.items[3];
    for (int zip = 0; zip < 2; zip++) {
        assert_packed(fixture, zip, false);
        assert_packed(fixture, zip, true);
        file->modified_s += 100; /* the content is the same */
        assert_packed(fixture, zip, true);
        file->rule = RULE_NEWER;
        assert_packed(fixture, zip, false);
        assert_packed(fixture, zip, true);
        fixture->driver.manifest.provider = "else";
        assert_packed(fixture, zip, false);
        ManifestGpu gpu = { "one", "PCI\\1" };
        ARRAY_PUSH(&fixture->arena, &fixture->driver.manifest.gpus, gpu);
        assert_packed(fixture, zip, false);
        assert_packed(fixture, zip, true);
        file->rule = RULE_ALWAYS;
        fixture->driver.manifest.provider = "";
        fixture->driver.manifest.gpus.count = 0;
        file->modified_s -= 100;
    }
}

/* What somebody has done to the package is seen, and made good. */
static void test_damaged(void **state)
{
    Fixture *fixture = *state;
    char *text;
    size_t size;
    assert_packed(fixture, false, false);
    assert_true(fs_read_file(at(fixture, FILE_3), 2000, &fixture->arena, &text, &size, &fixture->err));
    char *wrong = arena_memdup(&fixture->arena, text, size);
    wrong[0] ^= 1;
    assert_true(fs_replace_file(at(fixture, FILE_3), wrong, size, FS_SHARED, &fixture->err));
    assert_packed(fixture, false, false);
    assert_true(fs_replace_file(at(fixture, FILE_3), text, size, FS_SHARED, &fixture->err)); /* another time */
    assert_packed(fixture, false, true);
    assert_true(fs_replace_file(at(fixture, FILE_3), text, size - 1, FS_SHARED, &fixture->err));
    assert_packed(fixture, false, false);
    assert_true(file_remove(at(fixture, FILE_3), &fixture->err));
    assert_packed(fixture, false, false);
    assert_true(fs_replace_file(at(fixture, FILE_3 "x"), text, size, FS_SHARED, &fixture->err));
    assert_packed(fixture, false, false);
    assert_packed(fixture, false, true);
    assert_packed(fixture, true, false);
}

/* Nobody can tell any more whose it was. */
static void test_unreadable(void **state)
{
    Fixture *fixture = *state;
    assert_packed(fixture, true, false);
    assert_true(fs_replace_file(at(fixture, "TEST_20240814.zip"), "PK", 2, FS_SHARED, &fixture->err));
    assert_true(pack(fixture, true));
    assert_string_equal(made(fixture), "TEST_20240814.zip TEST_20240814_2.zip ");
}

/* What a run could not remove ends no later one that has nothing to do, and is named to one that has. */
static void test_remains(void **state)
{
    Fixture *fixture = *state;
    for (int zip = 0; zip < 2; zip++) {
        assert_packed(fixture, zip, false);
        stuck = ".old";
        assert_true(pack_anew(fixture, zip));
        assert_non_null(strstr(made(fixture), ".old"));
        assert_packed(fixture, zip, true);
        assert_false(pack_anew(fixture, zip));
        assert_int_equal(fixture->err.code, ERR_DENIED);
        assert_non_null(strstr(fixture->err.message, ".hyperpoint.TEST_20240814"));
        assert_non_null(strstr(fixture->err.hint, "by hand"));
        stuck = NULL;
        assert_true(pack_anew(fixture, zip));
        assert_string_equal(made(fixture), zip ? "TEST_20240814.zip " : "TEST_20240814 ");
    }
}

/* A zip hides the folder of its name: of what the driver was before, none stays. */
static void test_two_forms(void **state)
{
    Fixture *fixture = *state;
    for (int zip = 0; zip < 2; zip++) {
        assert_true(pack(fixture, zip));
        assert_true(pack(fixture, !zip));
        assert_string_equal(made(fixture), "TEST_20240814 TEST_20240814.zip ");
        host_is_broken = true;
        assert_false(pack_anew(fixture, zip));
        host_is_broken = false;
        assert_string_equal(made(fixture), "TEST_20240814 TEST_20240814.zip ");
        assert_true(pack_anew(fixture, zip));
        assert_string_equal(made(fixture), zip ? "TEST_20240814.zip " : "TEST_20240814 ");
    }
}

/* ---- names ---- */

static const char *name_of(Fixture *fixture, const char *folder, const char *device_id, bool zip)
{
    Driver *driver = &fixture->driver;
    driver->manifest.folders.items[0] = folder;
    driver->manifest.gpus.count = 0;
    ManifestGpu gpu = { "GPU", device_id };
    ARRAY_PUSH(&fixture->arena, &driver->manifest.gpus, gpu);
    if (!pack_anew(fixture, zip))
        fail_msg("%s", fixture->err.message);
    return fixture->result.manifest.name;
}

/* Two drivers of one maker and date, in whatever order and however often. */
static void test_names(void **state)
{
    Fixture *fixture = *state;
    for (int round = 0; round < 2; round++) {
        assert_string_equal(name_of(fixture, "c.inf_1", "PCI\\C", false), "TEST_20240814");
        assert_string_equal(name_of(fixture, "u.inf_2", "PCI\\U", round), "TEST_20240814_2");
        assert_string_equal(name_of(fixture, "x.inf_3", "PCI\\X", true), "TEST_20240814_3");
    }
    /* The same GPU with another driver; the same driver for another GPU. */
    assert_string_equal(name_of(fixture, "u.inf_9", "PCI\\U", true), "TEST_20240814_2");
    assert_string_equal(name_of(fixture, "u.inf_9", "PCI\\V", true), "TEST_20240814_2");
    assert_string_equal(made(fixture),
                        "TEST_20240814 TEST_20240814_2.zip TEST_20240814_3.zip ");
    /* A gap is filled, but not by whoever has a name already. */
    assert_true(file_remove_tree(at(fixture, "TEST_20240814"), &fixture->err));
    assert_string_equal(name_of(fixture, "x.inf_3", "PCI\\X", true), "TEST_20240814_3");
    assert_string_equal(name_of(fixture, "y.inf_4", "PCI\\Y", false), "TEST_20240814");
}

/* One for two GPUs is not given up for one of them. */
static void test_names_of_several(void **state)
{
    Fixture *fixture = *state;
    ManifestGpu both[] = { { "A", "PCI\\A" }, { "B", "PCI\\B" } };
    fixture->driver.manifest.gpus.items = both;
    fixture->driver.manifest.gpus.count = fixture->driver.manifest.gpus.capacity = 2;
    assert_true(pack(fixture, false));
    fixture->driver.manifest.gpus.items = NULL;
    fixture->driver.manifest.gpus.count = fixture->driver.manifest.gpus.capacity = 0;
    assert_string_equal(name_of(fixture, "other.inf_1", "PCI\\B", false), "TEST_20240814_2");
}

/* ---- two runs at once ---- */

/* The first run, while it reads its first file, lets a second one begin, and goes on when that waits for it, or reads
 * files, too. */
static struct Meeting {
    Monitor *monitor;
    Thread *thread;
    Fixture *first;
    bool is_second_there, has_waited, is_done;
} meeting;

static void second_is_there(bool waits)
{
    monitor_enter(meeting.monitor);
    meeting.is_second_there = true;
    meeting.has_waited = meeting.has_waited || waits;
    monitor_wake_all(meeting.monitor);
    monitor_leave(meeting.monitor);
}

static void second_waits(Report *report, const char *text)
{
    (void) report;
    second_is_there(strstr(text, "another run") != NULL);
}

static bool second_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    second_is_there(false);
    return host_read(file, buffer, size, ret_count, err);
}

static void run_second(void *context)
{
    static const HostFilesOps ops = { .open = host_open, .read = second_read, .close_file = host_close_file };
    HostFiles files = { .ops = &ops };
    Fixture second = *(Fixture *) context;
    second.arena = (Arena) ARENA_INIT;
    second.report = *report_silent();
    second.report.notice = second_waits;
    second.request.report = &second.report;
    second.request.files = &files;
    meeting.is_done = pack(&second, second.request.zip);
    arena_release(&second.arena);
}

static bool first_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    bool ok = true;
    monitor_enter(meeting.monitor);
    if (meeting.thread == NULL) {
        ok = thread_start(run_second, meeting.first, &meeting.thread, err);
        while (ok && !meeting.is_second_there)
            monitor_wait(meeting.monitor);
    }
    monitor_leave(meeting.monitor);
    return ok && host_read(file, buffer, size, ret_count, err);
}

static void test_two_at_once(void **state)
{
    static const HostFilesOps ops = { .open = host_open, .read = first_read, .close_file = host_close_file };
    HostFiles files = { .ops = &ops };
    Fixture *fixture = *state;
    for (int zip = 0; zip < 2; zip++) {
        meeting = (struct Meeting){ .monitor = monitor_create(), .first = fixture };
        fixture->request.files = &files;
        bool first_is_done = pack(fixture, zip);
        thread_join(meeting.thread);
        monitor_destroy(meeting.monitor);
        if (!first_is_done)
            fail_msg("%s", fixture->err.message);
        assert_true(meeting.has_waited);
        assert_true(meeting.is_done);
    }
    assert_string_equal(made(fixture), "TEST_20240814 TEST_20240814.zip ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_folder_and_zip), TEST(test_host_fails),  TEST(test_interrupted),
        TEST(test_disk_fails),     TEST(test_two_at_once), TEST(test_unchanged),
        TEST(test_damaged),        TEST(test_names),       TEST(test_names_of_several),
        TEST(test_unreadable),     TEST(test_remains),     TEST(test_two_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
