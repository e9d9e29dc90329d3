/* SPDX-License-Identifier: MIT */
#include "install/guest.h"

#include "commands/run.h"
#include "platform/files.h"
#include "support/system.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* ---- programs that hold files ---- */

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
    if (played->removes != NULL)
        assert_int_equal(remove(played->removes), 0);
    return !played->stays || error_set(err, ERR_BUSY, "not every program that uses the files has ended");
}

static bool restart_holders(Holders *holders, Error *err)
{
    PlayedHolders *played = (PlayedHolders *) holders;
    size_t size;
    played->restarts++;
    if (played->interrupts != NULL)
        cancel_request(played->interrupts);
    return fs_read_file(played->file, 1000, &played->arena, &played->seen, &size, err);
}

/* ---- a guest ---- */

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

/* The simulated guest keeps its GPUs in a file. */
static bool restart_device(Devices *devices, const char *device_id, Error *err)
{
    PlayedDevices *played = (PlayedDevices *) devices;
    played->restarts++;
    if (strstr(device_id, "VEN_1414&DEV_008E") == NULL || played->fails)
        return error_set(err, ERR_DENIED, "cannot disable device '%s'", device_id);
    if (!played->stays && played->file != NULL) {
        json_t *root = json_load_file(played->file, 0, NULL);
        json_t *rows = json_object_get(json_object_get(root, "instances"), "root\\cimv2"), *row;
        size_t i;
        json_array_foreach(rows, i, row)
        {
            if (json_object_get(row, "ConfigManagerErrorCode") != NULL)
                assert_int_equal(json_object_set_new(row, "ConfigManagerErrorCode", json_integer(0)), 0);
        }
        assert_int_equal(json_dump_file(root, played->file, 0), 0);
        json_decref(root);
    }
    return true;
}

void guest_stop_gpus(Guest *guest)
{
    guest->devices.file = fs_join(&guest->arena, guest->folder, "gpus.json");
    guest->gpus = arena_printf(&guest->arena, "sim:%s?outdated-guest", guest->devices.file);
}

int guest_set_up(void **state)
{
    Guest *guest = calloc(1, sizeof(*guest));
    Arena *arena = &guest->arena;
    guest->folder = system_make_folder(arena);
    guest->root = fs_join(arena, guest->folder, "guest");
    guest->holders = (PlayedHolders){
        .holders = { .find = find_holders, .stop = stop_holders, .restart = restart_holders },
        .file = fs_join(arena, guest->root, "Windows/System32/nvapi64.dll"),
    };
    guest->devices.devices.restart = restart_device;
    guest->gpus = "sim:?guest";
    test_clock_init(&guest->clock);
    make_packages(guest);
    test_library_put(guest->root, "Windows/System32/nvapi64.dll", " original", "NVIDIA Corporation");
    test_file_put(guest->folder, "registry/+", "");
    guest->registry = guest_registry_open(fs_join(arena, guest->folder, "registry"), arena);
    guest_registry_set(guest->registry, TEST_CLASS_KEY, "OpenCLDriverName", "original");
    *state = guest;
    return 0;
}

int guest_tear_down(void **state)
{
    Guest *guest = *state;
    system_remove_folder(guest->folder);
    arena_release(&guest->holders.arena);
    arena_release(&guest->arena);
    free(guest);
    return 0;
}

int guest_run(Guest *guest, const char *const *words)
{
    FILE *out = capture_open(), *err = capture_open();
    RunEnvironment environment = { .out = out,
                                   .err = err,
                                   .clock = &guest->clock.clock,
                                   .cancel = &guest->cancel,
                                   .program_folder = guest->folder,
                                   .state_folder = fs_join(&guest->arena, guest->folder, "state"),
                                   .holders = &guest->holders.holders,
                                   .registry = guest->registry,
                                   .devices = &guest->devices.devices,
                                   .guest = guest->gpus };
    StringList line = { 0 };
    ARRAY_PUSH(&guest->arena, &line, "-ROOT");
    ARRAY_PUSH(&guest->arena, &line, guest->root);
    for (; *words != NULL; words++)
        ARRAY_PUSH(&guest->arena, &line, *words);
    test_clock_advance(&guest->clock, 1000);
    guest->files.folder = guest->root;
    guest->files.steps = 0;
    fault_files_use(&guest->files);
    int code = run_installdrivers(&environment, line.count, line.items);
    fault_files_use(NULL);
    guest->out = capture_close(out, &guest->arena);
    guest->err = capture_close(err, &guest->arena);
    return code;
}

int guest_install(Guest *guest, const char *name, const char *word)
{
    return RUN(guest, "-SRC", guest->folder, "-DRV", name, word);
}

void assert_file(Guest *guest, const char *path, const char *text)
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

void assert_value(Guest *guest, const char *name, const char *text)
{
    const char *found = guest_registry_text(guest->registry, TEST_CLASS_KEY, name, &guest->arena);
    if (text == NULL)
        assert_null(found);
    else
        assert_string_equal(found, text);
}

void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, text);
}

void assert_untouched(Guest *guest)
{
    assert_file(guest, "Windows/System32/nvapi64.dll", "MZ original");
    assert_file(guest, "Windows/System32/nvcuda.dll", NULL);
    assert_false(fs_exists(fs_join(&guest->arena, guest->root, "Windows/System32/HostDriverStore")));
    assert_value(guest, "OpenCLDriverName", "original");
    assert_value(guest, "VulkanDriverName", NULL);
}

void guest_make_wait(Guest *guest)
{
    guest->files.busy = "nvapi64.dll";
    assert_int_equal(guest_install(guest, "INTEL_1", "-FORCE"), REBOOT);
    guest->files.busy = NULL;
    assert_says(guest->out, "Package 'INTEL_1' will be installed when Windows starts the next time: 3 files");
    assert_says(guest->err, "restart the guest");
}

StringList guest_pending(Guest *guest)
{
    Error err;
    RegistryValue value;
    assert_true(
        guest->registry->read(guest->registry, SESSION_MANAGER_KEY, PENDING_MOVES, &guest->arena, &value, &err));
    return registry_value_texts(&value, &guest->arena);
}
