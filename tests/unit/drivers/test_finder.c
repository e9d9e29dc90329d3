/* SPDX-License-Identifier: MIT */
/* What is found on the sample host, and on one whose registry says other things. */
#include "drivers/gather/finder.h"

#include "cim/connect.h"
#include "platform/fs.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define NVIDIA "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&11111111&0&0008"
#define AMD "PCI\\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\\6&22222222&0&00000008"
#define NVIDIA_3080 "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008"
#define INTEL "PCI\\VEN_8086&DEV_4680&SUBSYS_7D251462&REV_0C\\3&44444444&0&10"
#define STORE "Windows/System32/HostDriverStore/FileRepository/"

typedef struct Fixture {
    Arena arena;
    const char *folder, *file;
    CimSession *session;
    HostFiles *files;
    Report report;
    const char *told; /* notices and warnings, one a line */
    Error err;
} Fixture;

static void keep(Report *report, const char *text)
{
    Fixture *fixture = (Fixture *) ((char *) report - offsetof(Fixture, report));
    fixture->told = arena_printf(&fixture->arena, "%s%s\n", fixture->told, text);
}

static int set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .told = "", .report = { .notice = keep, .warning = keep } };
    fixture.folder = system_make_folder(&fixture.arena);
    fixture.file = fs_join(&fixture.arena, fixture.folder, "host.json");
    *state = &fixture;
    HostAddress address = { .text = "sim", .sim_file = fixture.file, .sim_variant = "" };
    assert_true(cim_connect(&address, clock_system(), &fixture.session, &fixture.err));
    assert_true(cim_connect_files(&address, &fixture.files, &fixture.err));
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    cim_session_close(fixture->session);
    host_files_close(fixture->files);
    system_remove_folder(fixture->folder);
    arena_release(&fixture->arena);
    return 0;
}

/* Replaces all occurrences in the state file. */
static void edit(Fixture *fixture, const char *from, const char *to)
{
    char *text;
    size_t size, count = 0;
    assert_true(fs_read_file(fixture->file, 1 << 24, &fixture->arena, &text, &size, &fixture->err));
    for (char *spot; (spot = strstr(text, from)) != NULL && count < 100; count++)
        text = arena_printf(&fixture->arena, "%.*s%s%s", (int) (spot - text), text, to, spot + strlen(from));
    assert_in_range(count, 1, 99);
    assert_true(fs_replace_file(fixture->file, text, strlen(text), FS_SHARED, &fixture->err));
}

static bool find(Fixture *fixture, const char *const *devices, size_t count, Drivers *ret_drivers)
{
    ManifestGpus gpus = { 0 };
    for (size_t i = 0; i < count; i++) {
        ManifestGpu gpu = { arena_printf(&fixture->arena, "GPU %zu", i + 1), devices[i] };
        ARRAY_PUSH(&fixture->arena, &gpus, gpu);
    }
    const DriversRequest request = {
        .session = fixture->session, .files = fixture->files, .gpus = &gpus, .report = &fixture->report
    };
    return drivers_find(&request, &fixture->arena, ret_drivers, &fixture->err);
}

static Driver find_one(Fixture *fixture, const char *device)
{
    Drivers drivers;
    if (!find(fixture, &device, 1, &drivers))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(drivers.count, 1);
    return drivers.items[0];
}

static const DriverFile *file_at(const Driver *driver, const char *path)
{
    for (size_t i = 0; i < driver->files.count; i++) {
        if (strcmp(driver->files.items[i].path, path) == 0)
            return &driver->files.items[i];
    }
    return NULL;
}

static void assert_file(const Driver *driver, const char *path, const char *source_end, FileRule rule)
{
    const DriverFile *file = file_at(driver, path);
    if (file == NULL)
        fail_msg("no '%s'", path);
    size_t length = strlen(file->source), end = strlen(source_end);
    assert_true(length > end);
    assert_string_equal(file->source + length - end, source_end);
    assert_int_equal(file->rule, rule);
}

static void test_nvidia(void **state)
{
    Driver driver = find_one(*state, NVIDIA);
    assert_string_equal(driver.manifest.name, "NVIDIA_20240814");
    assert_string_equal(driver.manifest.driver_version, "32.0.15.6094");
    assert_string_equal(driver.manifest.driver_date, "2024-08-14");
    assert_string_equal(driver.manifest.inf, "oem12.inf");
    assert_file(&driver, STORE "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37/Display.NvContainer/plugins/NvXDCore.dll",
                "\\plugins\\NvXDCore.dll", RULE_ALWAYS);
    assert_file(&driver, "Windows/System32/nvcuda.dll", "\\nvcuda_loader64.dll", RULE_NEWER);
    assert_file(&driver, "Windows/SysWOW64/nvcuda.dll", "\\nvcuda_loader32.dll", RULE_NEWER);
    assert_file(&driver, "Windows/System32/nvidia-smi.exe", "\\nvidia-smi.exe", RULE_ALWAYS); /* declared: wins */
    assert_file(&driver, "Windows/System32/nvml.dll", "\\nvml_loader.dll", RULE_NEWER);       /* of the table */
    assert_int_equal(driver.files.count, 11 + 6);
    assert_int_equal(driver.manifest.values.count, 0);
    uint64_t total = 0;
    for (size_t i = 0; i < driver.files.count; i++) {
        total += driver.files.items[i].size;
        assert_true(i == 0 || strcmp(driver.files.items[i - 1].path, driver.files.items[i].path) < 0);
    }
    assert_true(total == driver.total_size);
}

static void test_one_driver_for_several(void **state)
{
    Fixture *fixture = *state;
    Drivers drivers;
    assert_true(find(fixture, (const char *const[]){ NVIDIA, AMD, NVIDIA_3080 }, 3, &drivers));
    assert_int_equal(drivers.count, 2);
    assert_int_equal(drivers.items[0].manifest.gpus.count, 2);
    assert_string_equal(drivers.items[0].manifest.gpus.items[1].name, "GPU 3");
}

static void test_companion(void **state)
{
    Driver driver = find_one(*state, AMD);
    assert_int_equal(driver.manifest.folders.count, 2);
    assert_string_equal(driver.manifest.folders.items[1], "amdocl.inf_amd64_0d4c2b1a99887766");
    assert_file(&driver, STORE "amdocl.inf_amd64_0d4c2b1a99887766/amdhip64_6.dll", "\\amdhip64_6.dll", RULE_ALWAYS);
    assert_file(&driver, "Windows/System32/OpenCL.dll", "\\B400821\\amd_opencl64.dll", RULE_NEWER);
    assert_file(&driver, "Windows/System32/amfrt64.dll", "\\B400821\\amfrt64.dll", RULE_ALWAYS);
}

static void test_registry_values(void **state)
{
    Driver driver = find_one(*state, INTEL);
    assert_int_equal(driver.manifest.values.count, 2);
    const ManifestValue *value = &driver.manifest.values.items[0];
    assert_string_equal(value->name, "OpenCLDriverName");
    assert_string_equal(value->texts.items[0],
                        "C:\\Windows\\System32\\HostDriverStore\\FileRepository\\iigd_dch.inf_amd64_1f3e5d7c9b0a2846"
                        "\\igdrcl64.dll");
    assert_int_equal(driver.manifest.values.items[1].kind, VALUE_TEXTS);
}

/* Two drivers of one maker and day. */
static void test_names_differ(void **state)
{
    Fixture *fixture = *state;
    Drivers drivers;
    edit(fixture, "Enum\\\\PCI\\\\VEN_8086", "Enum\\\\PCI\\\\VEN_10DE");
    edit(fixture, "5-30-2024", "8-14-2024");
    const char *other = "PCI\\VEN_10DE&DEV_4680&SUBSYS_7D251462&REV_0C\\3&44444444&0&10";
    assert_true(find(fixture, (const char *const[]){ NVIDIA, other }, 2, &drivers));
    assert_int_equal(drivers.count, 2);
    assert_string_equal(drivers.items[0].manifest.name, "NVIDIA_20240814");
    assert_string_equal(drivers.items[1].manifest.name, "NVIDIA_20240814"); /* the packing tells them apart */
    edit(fixture, "\"8-14-2024\"", "\"\"");
    assert_true(find(fixture, (const char *const[]){ NVIDIA }, 1, &drivers));
    assert_string_equal(drivers.items[0].manifest.name, "NVIDIA_unknown");
}

static void test_by_service(void **state)
{
    Fixture *fixture = *state;
    edit(fixture, "\"UserModeDriverName\"", "\"Gone\"");
    Driver driver = find_one(fixture, AMD);
    assert_string_equal(driver.manifest.folders.items[0], "u0400975.inf_amd64_77c1b0a9e5d4f213");
}

/* The last resort. Names come in lower case, and files of System32 before those of the driver's folder. */
static void test_by_association(void **state)
{
    Fixture *fixture = *state;
    ActiveDriver active;
    edit(fixture, "\"UserModeDriverName\"", "\"Gone\"");
    edit(fixture, "\"ImagePath\"", "\"Gone too\"");
    assert_true(driver_find_active(fixture->session, fixture->files, NVIDIA, &fixture->arena, &active,
                                   &fixture->err));
    assert_string_equal(active.folder, "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37");
    assert_string_equal(active.store, "C:\\Windows\\System32\\DriverStore\\FileRepository");
    Driver driver = find_one(fixture, NVIDIA);
    assert_int_equal(driver.files.count, 11 + 6);
}

static void assert_not_found(Fixture *fixture, const char *device, const char *message)
{
    Drivers drivers;
    assert_false(find(fixture, &device, 1, &drivers));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    if (strstr(fixture->err.message, message) == NULL)
        fail_msg("%s", fixture->err.message);
}

static void test_no_driver(void **state)
{
    Fixture *fixture = *state;
    assert_not_found(fixture, "PCI\\VEN_10DE&DEV_0000\\1", "has no driver");
    edit(fixture, "\"UserModeDriverName\"", "\"Gone\"");
    edit(fixture, "\"ImagePath\"", "\"Gone too\"");
    edit(fixture, "filerepository\\\\u0400975.inf", "elsewhere\\\\u0400975.inf");
    assert_not_found(fixture, AMD, "not in the host's driver store");
}

/* What the registry says is not believed when it leads out of the driver's folder. */
static void test_hostile_declarations(void **state)
{
    Fixture *fixture = *state;
    edit(fixture, "\"nvapi64.dll\"", "\"..\\\\amdocl.inf_amd64_0d4c2b1a99887766\\\\amdocl.inf\"");
    edit(fixture, "\"nvcuda.dll\"", "\"..\\\\nvcuda.dll\"");
    edit(fixture, "\"nvidia-smi.exe\"", "\"C:\\\\Windows\\\\System32\\\\cmd.exe\"");
    edit(fixture, "\"nvapi.dll\"", "\"\"");
    Driver driver = find_one(fixture, NVIDIA);
    for (size_t i = 0; i < driver.files.count; i++) {
        assert_non_null(strstr(driver.files.items[i].source, "\\nv_dispi.inf_amd64_4a1b6d2f0c9e8d37\\"));
        assert_null(strstr(driver.files.items[i].path, ".."));
    }
    assert_null(file_at(&driver, "Windows/System32/cmd.exe"));
    assert_file(&driver, "Windows/System32/nvcuda.dll", "\\nvcuda_loader64.dll", RULE_NEWER); /* of the table */
    assert_non_null(strstr(fixture->told, "cmd.exe"));
}

static void test_hostile_folder(void **state)
{
    Fixture *fixture = *state;
    edit(fixture, "FileRepository\\\\u0400975.inf_amd64_77c1b0a9e5d4f213\\\\", "FileRepository\\\\..\\\\");
    edit(fixture, "filerepository\\\\u0400975.inf_amd64_77c1b0a9e5d4f213\\\\", "filerepository\\\\..\\\\");
    assert_not_found(fixture, AMD, "not in the host's driver store");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nvidia),
        TEST(test_one_driver_for_several),
        TEST(test_companion),
        TEST(test_names_differ),
        TEST(test_registry_values),
        TEST(test_by_service),
        TEST(test_by_association),
        TEST(test_no_driver),
        TEST(test_hostile_declarations),
        TEST(test_hostile_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
