/* SPDX-License-Identifier: MIT */
/* The sample host and its variants. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/session.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* The listing of the manual: order, names and identifiers. */
static void test_gpus(void **state)
{
    static const struct {
        const char *name, *device_id;
    } gpus[] = {
        { "NVIDIA GeForce RTX 4060", "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&11111111&0&0008" },
        { "Radeon RX 6800 XT", "PCI\\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\\6&22222222&0&00000008" },
        { "NVIDIA GeForce RTX 3080", "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008" },
        { "NVIDIA GeForce RTX 4060", "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&33333333&0&0010" },
        { "Intel(R) UHD Graphics 770", "PCI\\VEN_8086&DEV_4680&SUBSYS_7D251462&REV_0C\\3&44444444&0&10" },
    };
    (void) state;
    open_sample(NULL, "");
    CimInstanceList list = rows_of("SELECT * FROM Msvm_PartitionableGpu");
    CimInstanceList devices = rows_of("SELECT * FROM Win32_PnPEntity WHERE PNPClass = 'Display'");
    CimInstanceList drivers = rows_of("SELECT * FROM Win32_PnPSignedDriver");
    CimInstanceList videos = rows_of("SELECT * FROM Win32_VideoController");
    assert_int_equal(list.count, COUNT_OF(gpus));
    assert_int_equal(devices.count, COUNT_OF(gpus));
    assert_int_equal(drivers.count, COUNT_OF(gpus));
    assert_int_equal(videos.count, COUNT_OF(gpus));
    for (size_t i = 0; i < COUNT_OF(gpus); i++) {
        assert_string_equal(cim_instance_text(devices.items[i], "Name"), gpus[i].name);
        assert_string_equal(cim_instance_text(devices.items[i], "DeviceID"), gpus[i].device_id);
        assert_string_equal(cim_instance_text(drivers.items[i], "DeviceID"), gpus[i].device_id);
        assert_string_equal(cim_instance_text(videos.items[i], "PNPDeviceID"), gpus[i].device_id);
        /* The first three parts of the path make the device ID, but for letter case. */
        const char *path = cim_instance_text(list.items[i], "Name") + strlen("\\\\?\\");
        size_t length = (size_t) (strstr(path, "#{") - path);
        assert_int_equal(length, strlen(gpus[i].device_id));
        for (size_t k = 0; k < length; k++) {
            char c = path[k] == '#' ? '\\' : path[k];
            assert_true(c == gpus[i].device_id[k] || c - 'a' + 'A' == gpus[i].device_id[k]);
        }
    }
    assert_int_equal(strncmp(cim_instance_text(drivers.items[0], "DriverDate"), "20240814", 8), 0);
    assert_int_equal(strncmp(cim_instance_text(drivers.items[1], "DriverDate"), "20240312", 8), 0);
    assert_int_equal(rows_of("SELECT * FROM Win32_PnPEntity WHERE PNPClass = 'ComputeAccelerator'").count, 1);
}

static void test_vms(void **state)
{
    static const char *const names[] = { "HV1", "my vm", "render", "build agent", "Łódź-Größe 開発", "lab" };
    (void) state;
    open_sample("", "");
    CimInstanceList list = rows_of("SELECT * FROM Msvm_ComputerSystem");
    assert_int_equal(list.count, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(cim_instance_text(list.items[i], "ElementName"), names[i]);
    assert_string_equal(cim_instance_text(list.items[0], "Name"), "HV1");
    assert_true(cim_instance_is_null(list.items[0], "InstallDate"));
    assert_true(cim_instance_is_null(list.items[0], "OnTimeInMilliseconds"));
    const CimInstance *settings = row_at(SETTINGS_PATH(MY_VM));
    assert_int_equal(cim_instance_uint(settings, "UserSnapshotType", 0), 3);
    assert_true(cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", false));
    assert_int_equal(cim_instance_uint(settings, "LowMmioGapSize", 0), 128);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapSize", 0), 512);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapBase", 0), 65024);
    assert_string_equal(cim_instance_text(settings, "VirtualSystemSubType"), "Microsoft:Hyper-V:SubType:2");
    list = rows_of("SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE 'Microsoft:" MY_VM "%'");
    assert_int_equal(list.count, 2);
    assert_int_equal(cim_instance_uint(list.items[0], "MinPartitionVRAM", 0), 80000000);
    assert_int_equal(cim_instance_uint(list.items[0], "OptimalPartitionEncode", 0), 100000000);
    assert_true(cim_instance_is_null(list.items[1], "MinPartitionVRAM"));
    assert_int_equal(rows_of("SELECT * FROM Msvm_GpuPartition").count, 1);
    assert_int_equal(count_checkpoints(LAB_VM), 2);
}

static void test_builds(void **state)
{
    static const struct {
        const char *variant, *build, *version;
        uint64_t product_type;
        bool numa, live_migration;
    } rows[] = {
        { "windows10", "19045", "9.2", 1, false, false },
        { "windows11", "22631", "11.0", 1, true, false },
        { "server2022", "20348", "10.0", 3, false, false },
        { "server2025", "26100", "12.0", 3, true, true },
    };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_sample(rows[i].variant, "");
        const CimInstance *windows = row_of("SELECT * FROM Win32_OperatingSystem");
        assert_string_equal(cim_instance_text(windows, "BuildNumber"), rows[i].build);
        assert_int_equal(cim_instance_uint(windows, "ProductType", 0), rows[i].product_type);
        const CimInstance *adapter = row_at(ADAPTER_PATH(MY_VM, MY_RADEON));
        assert_int_equal(cim_instance_find(adapter, "NumaAwarePlacement") != NULL, rows[i].numa);
        const CimInstance *gpu = rows_of("SELECT * FROM Msvm_PartitionableGpu").items[0];
        assert_int_equal(cim_instance_find(gpu, "SupportsIncomingLiveMigration") != NULL, rows[i].live_migration);
        const CimInstance *settings = row_at(SETTINGS_PATH(MY_VM));
        assert_string_equal(cim_instance_text(settings, "Version"), rows[i].version);
        assert_int_equal(cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", false), rows[i].product_type == 1);
        reopen_sample(); /* what it writes it reads */
        assert_int_equal(close_sample(NULL), 0);
    }
    open_sample("", "");
}

static void test_no_hyperv(void **state)
{
    (void) state;
    Error err;
    CimInstanceList list = { .items = NULL };
    open_sample("no-hyperv", "");
    reopen_sample();
    assert_int_equal(rows_of("SELECT * FROM Win32_PnPEntity").count, 6);
    assert_false(sim_host_query(sample.host, 0, NS_VIRTUALIZATION, "SELECT * FROM Msvm_ComputerSystem", &sample.arena,
                                &list, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    assert_int_equal(err.native, WMI_E_INVALID_NAMESPACE);
}

static void test_no_gpu(void **state)
{
    (void) state;
    open_sample("no-gpu", "");
    assert_int_equal(rows_of("SELECT * FROM Msvm_PartitionableGpu").count, 0);
    assert_int_equal(count_adapters(MY_VM), 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_GpuPartition").count, 0);
    assert_int_equal(rows_of("SELECT * FROM Win32_VideoController").count, 0);
}

static void test_no_rights(void **state)
{
    (void) state;
    Error err;
    CimInstance *row;
    open_sample("no-rights", "");
    reopen_sample();
    assert_int_equal(rows_of("SELECT * FROM Msvm_ComputerSystem").count, 0);
    assert_int_equal(rows_of("SELECT * FROM Msvm_SettingsDefineState").count, 0);
    assert_int_equal(rows_of("ASSOCIATORS OF {" SYSTEM_PATH(MY_VM) "}").count, 0);
    assert_false(is_there(SYSTEM_PATH(MY_VM)));
    assert_int_equal(rows_of("SELECT * FROM Win32_PnPEntity").count, 6);
    assert_false(sim_host_invoke(sample.host, 0, NS_VIRTUALIZATION, SYSTEM_PATH(MY_VM), "RequestStateChange", NULL,
                                 &sample.arena, &row, &err));
    assert_int_equal(err.code, ERR_DENIED);
    assert_int_equal(err.native, WMI_E_ACCESS_DENIED);
}

static void test_localized(void **state)
{
    (void) state;
    open_sample("localized+server2022", "");
    reopen_sample();
    assert_string_equal(cim_instance_text(row_at(SYSTEM_PATH(MY_VM)), "Caption"), "Virtueller Computer");
    size_t count;
    assert_string_equal(cim_instance_array(row_at(SYSTEM_PATH(MY_VM)), "StatusDescriptions", &count)[0].text,
                        "Normaler Betrieb");
    assert_string_equal(cim_instance_text(row_at(ADAPTER_PATH(MY_VM, MY_RADEON)), "ElementName"),
                        "GPU-Partitionseinstellungen");
    const CimInstance *job = finish(create_snapshot(MY_VM, ""));
    assert_string_equal(cim_instance_text(job, "ErrorSummaryDescription"), "Fehler beim Prüfpunktvorgang.");
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32775);
    create_snapshot(PLAIN_VM, "");
    assert_string_equal(cim_instance_array(row_at(SYSTEM_PATH(PLAIN_VM)), "StatusDescriptions", &count)[1].text,
                        "Prüfpunkt wird erstellt");
}

static void test_stale_and_unplugged(void **state)
{
    (void) state;
    open_sample("stale+unplugged", "");
    reopen_sample();
    assert_int_equal(count_adapters(STALE_VM), 0);
    const CimInstance *adapter = row_of("SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE 'Microsoft:"
                                        UNPLUGGED_VM "%'");
    size_t count;
    const char *path = cim_instance_array(adapter, "HostResource", &count)[0].text;
    assert_int_equal(count, 1);
    assert_false(is_there(path));
    CimPath parsed;
    Error err;
    assert_true(cim_path_parse(path, &sample.arena, &parsed, &err));
    assert_non_null(strstr(cim_path_key(&parsed, "Name"), "\\GPUPARAV"));
}

/* The last resort of those who look for a driver: from either end of the association. */
static void test_files_of_drivers(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstanceList drivers = rows_of("SELECT * FROM Win32_PnPSignedDriver WHERE DriverProviderName = 'NVIDIA'");
    assert_int_equal(drivers.count, 3); /* of one driver */
    for (size_t i = 0; i < drivers.count; i++) {
        CimInstanceList files = rows_of(
            arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = Win32_PnPSignedDriverCIMDataFile",
                         drivers.items[i]->path));
        assert_int_equal(files.count, 4);
        assert_string_equal(cim_instance_text(files.items[0], "Name"), "c:\\windows\\system32\\nvcuda.dll");
        assert_string_equal(cim_instance_text(files.items[3], "Name"),
                            "c:\\windows\\system32\\driverstore\\filerepository\\"
                            "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37\\nvldumdx.dll");
    }
    CimInstanceList back = rows_of("ASSOCIATORS OF {CIM_DataFile.Name=\"C:\\\\Windows\\\\System32\\\\nvcuda.dll\"} "
                                   "WHERE ResultClass = Win32_PnPSignedDriver");
    assert_int_equal(back.count, 3);
    assert_int_equal(rows_of("SELECT * FROM Win32_PnPSignedDriverCIMDataFile").count, 3 * 4 + 3 + 3);
}

#define STORE "C:\\\\Windows\\\\System32\\\\HostDriverStore\\\\FileRepository"

static void test_guests(void **state)
{
    static const struct {
        const char *variant;
        size_t gpus, drivers;
        uint64_t problem;
    } guests[] = { { "guest", 2, 3, 0 }, { "windows10+outdated-guest", 2, 2, 43 }, { "guest+no-gpu", 0, 0, 0 } };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(guests); i++) {
        open_sample(guests[i].variant, "");
        assert_string_equal(sim_host_name(sample.host), "MYVM");
        CimInstanceList gpus = rows_of("SELECT * FROM Win32_PnPEntity");
        assert_int_equal(gpus.count, guests[i].gpus);
        for (size_t k = 0; k < gpus.count; k++) {
            assert_non_null(strstr(cim_instance_text(gpus.items[k], "DeviceID"), "VEN_1414&DEV_008E"));
            assert_int_equal(cim_instance_uint(gpus.items[k], "ConfigManagerErrorCode", 99), guests[i].problem);
        }
        /* The folder above, and those in it. */
        CimInstanceList folders =
            rows_of("ASSOCIATORS OF {Win32_Directory.Name=\"" STORE "\"} WHERE AssocClass = Win32_SubDirectory");
        assert_int_equal(folders.count, 1 + guests[i].drivers);
        folders = rows_of("ASSOCIATORS OF {Win32_Directory.Name=\"" STORE "\"} WHERE AssocClass = Win32_SubDirectory "
                          "ResultRole = PartComponent");
        assert_int_equal(folders.count, guests[i].drivers);
        assert_int_equal(close_sample(NULL), 0);
    }
    open_sample(NULL, "");
}

static void test_unknown(void **state)
{
    static const char *const names[] = { "windows12", "windows11+nothing", "windows10+server2022", "Windows11", "+" };
    (void) state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Error err = { .code = ERR_NONE };
        SimHost *host = NULL;
        assert_false(sim_host_create_sample(names[i], TEST_CLOCK_START, &host, &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_null(host);
    }
    open_sample("", "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_gpus),      TEST(test_vms),       TEST(test_builds),
        TEST(test_no_hyperv), TEST(test_no_gpu),    TEST(test_no_rights),
        TEST(test_localized), TEST(test_stale_and_unplugged), TEST(test_files_of_drivers),
        TEST(test_guests),    TEST(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
