/* SPDX-License-Identifier: MIT */
/* Guests that are folders: data items on their way there and back, and files that are copied there. */
#include "unit/sim/sim_fixture.h"

#include "base/compiler.h"
#include "cim/cimxml.h"
#include "cim/schema.h"
#include "platform/files.h"
#include "platform/registry_file.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define VM_KEY "SOFTWARE\\Microsoft\\Virtual Machine\\"
#define EXTERNAL VM_KEY "External"
#define KVP_SETTINGS(guid)                                                                                             \
    "Msvm_KvpExchangeComponentSettingData.InstanceID=\"Microsoft:" guid "\\\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F\""
#define FILES_SETTINGS(guid) "Microsoft:" guid "\\6C09BB55-D683-4DA0-8931-C9BF705F6480"

static const char *folder; /* with a guest for RENDER_VM, which runs, and one for MY_VM, which is off */
static Registry *registry;

/* ---- the stage ---- */

static void make_guest(const char *name)
{
    Error err;
    const char *windows =
        fs_join(&sample.arena, fs_join(&sample.arena, folder, name), "Windows/System32");
    if (!fs_make_folders(windows, FS_SHARED, &err))
        fail_msg("%s", err.message);
}

static const char *path_in(const char *name)
{
    return fs_join(&sample.arena, folder, name);
}

static void open_guests(const char *knobs)
{
    Error err;
    size_t size;
    const char *text;
    open_sample(NULL, knobs);
    folder = system_make_folder(&sample.arena);
    assert_true(sim_host_write(sample.host, &sample.arena, &text, &size, &err));
    sim_host_destroy(sample.host);
    const char *state = arena_printf(&sample.arena,
                                     "{\"guests\": [{\"vm\": \"%s\", \"folder\": \"render\"}, "
                                     "{\"vm\": \"%s\", \"folder\": \"my\"}],%s",
                                     RENDER_VM, MY_VM, text + 1);
    if (!sim_host_read(state, strlen(state), &sample.host, &err))
        fail_msg("%s", err.message);
    sim_host_set_file(sample.host, path_in("state.json"));
    make_guest("render");
    make_guest("my");
    registry = registry_file_open(path_in("render/registry.reg"), &sample.arena);
}

static int close_guests(void **state)
{
    if (folder != NULL)
        system_remove_folder(folder);
    folder = NULL;
    return close_sample(state);
}

static const char *value_in(Registry *of, const char *key, const char *name)
{
    Error err;
    RegistryValue value;
    if (!of->read(of, key, name, &sample.arena, &value, &err))
        fail_msg("%s", err.message);
    StringList texts = registry_value_texts(&value, &sample.arena);
    return value.state == REGISTRY_VALUE && texts.count > 0 ? texts.items[0] : NULL;
}

static void set_in(Registry *of, const char *key, const char *name, RegistryValue value)
{
    Error err;
    if (!of->write(of, key, name, &value, &err))
        fail_msg("%s", err.message);
}

/* Whatever is due happens when somebody asks. */
static void wait_ms(int64_t ms)
{
    sample.now_ms += ms;
    (void) rows_of("SELECT * FROM Msvm_ComputerSystem");
}

/* ---- data items ---- */

static const char *item(const char *name, const char *data, uint16_t source)
{
    CimInstance *instance = new_instance("Msvm_KvpExchangeDataItem");
    set_value(instance, "Name", cim_string(name));
    set_value(instance, "Data", cim_string(data));
    set_value(instance, "Source", cim_uint(CIM_TYPE_UINT16, source));
    return text_of(instance);
}

static CimInstance *change_items(const char *method, const char *vm_path, const char *const *texts, size_t count)
{
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "TargetSystem", cim_text(CIM_TYPE_REFERENCE, vm_path));
    set_value(in, "DataItems", cim_text_array(&sample.arena, CIM_TYPE_STRING, texts, count));
    return call_service(MANAGEMENT, method, in);
}

static CimInstance *change_item(const char *method, const char *name, const char *data)
{
    const char *text = item(name, data, 0);
    return change_items(method, SYSTEM_PATH(RENDER_VM), &text, 1);
}

static size_t count_items(const char *settings_path, const char *property)
{
    size_t count;
    (void) cim_instance_array(row_at(settings_path), property, &count);
    return count;
}

static void test_item_rules(void **state)
{
    (void) state;
    open_guests("");
    char key[257], value[1026];
    memset(key, 'k', sizeof(key));
    memset(value, 'v', sizeof(value));
    key[256] = value[1024] = '\0';
    assert_answer(change_item("ModifyKvpItems", "a", "1"), 4096, 32773);
    assert_answer(change_item("RemoveKvpItems", "a", ""), 4096, 32773);
    assert_answer(change_item("AddKvpItems", "a", "1"), 4096, 0);
    assert_answer(change_item("AddKvpItems", "A", "2"), 4096, 32773);
    assert_answer(change_item("ModifyKvpItems", "a", "2"), 4096, 0);
    assert_answer(change_item("AddKvpItems", key, "x"), 4096, 32773);
    assert_answer(change_item("AddKvpItems", "b", value), 4096, 32773);
    key[255] = value[1023] = '\0';
    assert_answer(change_item("AddKvpItems", key, value), 4096, 0);
    assert_answer(change_item("AddKvpItems", "", "x"), 4096, 32773);
    const char *both[] = { item("c", "3", 0), item("a", "3", 0) };
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), both, 2), 4096, 32773); /* and nothing is done */
    const char *foreign[] = { item("c", "3", 1) };
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), foreign, 1), 4096, 32773);
    assert_int_equal(count_items(KVP_SETTINGS(RENDER_VM), "HostExchangeItems"), 2);
    assert_answer(change_item("RemoveKvpItems", "a", ""), 4096, 0);
    assert_int_equal(count_items(KVP_SETTINGS(RENDER_VM), "HostExchangeItems"), 1);
    const char *own[] = { item("own", "4", 4) };
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), own, 1), 4096, 0);
    assert_int_equal(count_items(KVP_SETTINGS(RENDER_VM), "HostOnlyItems"), 1);
    wait_ms(10000);
    assert_string_equal(value_in(registry, EXTERNAL, key), value);
    assert_null(value_in(registry, EXTERNAL, "a"));
    assert_null(value_in(registry, EXTERNAL, "own"));
}

static void test_item_calls(void **state)
{
    (void) state;
    open_guests("");
    const char *texts[129];
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        texts[i] = item(arena_printf(&sample.arena, "k%zu", i), "", 0);
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 129), 32773, 0);
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 0), 32773, 0);
    assert_answer(change_items("AddKvpItems", "Msvm_ComputerSystem.Name=\"x\"", texts, 1), 32773, 0);
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 128), 4096, 0);
    texts[0] = "no XML";
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 1), 32773, 0);
    texts[0] = text_of(new_instance("Msvm_CopyFileToGuestSettingData"));
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 1), 4096, 32773);
}

/* One by one, and late; what the guest is told of its host comes first. */
static void test_delivery(void **state)
{
    (void) state;
    open_guests("\"jobsFinishAtOnce\": true");
    const char *texts[] = { item("one", "1", 0), item("two", "2", 0) };
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(RENDER_VM), texts, 2), 4096, 0);
    wait_ms(49);
    assert_null(value_in(registry, EXTERNAL, "one"));
    wait_ms(1);
    assert_string_equal(value_in(registry, EXTERNAL, "one"), "1");
    assert_string_equal(value_in(registry, VM_KEY "Guest\\Parameters", "VirtualMachineId"), RENDER_VM);
    assert_null(value_in(registry, EXTERNAL, "two"));
    reopen_sample();
    sim_host_set_file(sample.host, path_in("state.json"));
    wait_ms(50);
    assert_string_equal(value_in(registry, EXTERNAL, "two"), "2");
    assert_answer(change_item("ModifyKvpItems", "two", "3"), 4096, 0);
    assert_answer(change_item("RemoveKvpItems", "one", ""), 4096, 0);
    wait_ms(100);
    assert_string_equal(value_in(registry, EXTERNAL, "two"), "3");
    assert_null(value_in(registry, EXTERNAL, "one"));
}

/* Of a VM that is off, at its start; what was removed meanwhile stays with the guest. */
static void test_items_while_off(void **state)
{
    (void) state;
    open_guests("");
    Registry *mine = registry_file_open(path_in("my/registry.reg"), &sample.arena);
    const char *text = item("x", "1", 0);
    set_in(mine, EXTERNAL, "old", registry_text_value("y", &sample.arena));
    assert_answer(change_items("AddKvpItems", SYSTEM_PATH(MY_VM), &text, 1), 4096, 0);
    wait_ms(10000);
    assert_null(value_in(mine, EXTERNAL, "x"));
    CimInstance *settings = change_of("Msvm_VirtualSystemSettingData", "Microsoft:" MY_VM);
    set_value(settings, "AutomaticSnapshotsEnabled", cim_boolean(false));
    assert_answer(modify_system(settings), 4096, 0);
    assert_answer(request_state(MY_VM, 2), 4096, 0);
    wait_ms(100);
    assert_string_equal(value_in(mine, EXTERNAL, "x"), "1");
    assert_string_equal(value_in(mine, EXTERNAL, "old"), "y");
    assert_string_equal(value_in(mine, VM_KEY "Guest\\Parameters", "VirtualMachineName"), "my vm");
}

/* The items belong to the configuration: a checkpoint holds them, and brings them back. */
static void test_items_in_checkpoints(void **state)
{
    (void) state;
    open_guests("");
    static const char path[] = SYSTEM_PATH(LAB_VM);
    const char *text = item("x", "1", 0);
    assert_answer(change_items("AddKvpItems", path, &text, 1), 4096, 0);
    const CimInstance *job = finish(create_snapshot(LAB_VM, ""));
    const char *made = rows_of(arena_printf(&sample.arena,
                                            "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_AffectedJobElement "
                                            "ResultClass = Msvm_VirtualSystemSettingData", job->path)).items[0]->path;
    rest(LAB_VM);
    assert_answer(change_items("RemoveKvpItems", path, &text, 1), 4096, 0);
    assert_int_equal(count_items(KVP_SETTINGS(LAB_VM), "HostExchangeItems"), 0);
    CimInstance *in = new_instance("__PARAMETERS");
    set_value(in, "Snapshot", cim_text(CIM_TYPE_REFERENCE, made));
    assert_answer(call_service(SNAPSHOTS, "ApplySnapshot", in), 4096, 0);
    rest(LAB_VM);
    assert_int_equal(count_items(KVP_SETTINGS(LAB_VM), "HostExchangeItems"), 1);
}

static void test_no_contact(void **state)
{
    (void) state;
    open_guests("\"guestBootMilliseconds\": 5000");
    assert_answer(change_item("AddKvpItems", "x", "1"), 4096, 0);
    assert_answer(request_state(RENDER_VM, 11), 4096, 0); /* a reset */
    wait_ms(4000);
    assert_null(value_in(registry, EXTERNAL, "x"));
    wait_ms(7000);
    assert_string_equal(value_in(registry, EXTERNAL, "x"), "1");
    assert_answer(request_state(RENDER_VM, 9), 4096, 0); /* paused */
    assert_answer(change_item("ModifyKvpItems", "x", "2"), 4096, 0);
    wait_ms(5000);
    assert_string_equal(value_in(registry, EXTERNAL, "x"), "1");
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    wait_ms(11000);
    assert_string_equal(value_in(registry, EXTERNAL, "x"), "2");
}

static void test_lost_and_twice(void **state)
{
    (void) state;
    open_guests("\"kvp\": \"lost\"");
    assert_answer(change_item("AddKvpItems", "x", "1"), 4096, 0);
    wait_ms(5000);
    assert_null(value_in(registry, EXTERNAL, "x"));
    assert_int_equal(close_guests(NULL), 0);
    open_guests("\"kvp\": \"twice\", \"jobsFinishAtOnce\": true");
    assert_answer(change_item("AddKvpItems", "x", "1"), 4096, 0);
    wait_ms(50);
    assert_string_equal(value_in(registry, EXTERNAL, "x"), "1");
    set_in(registry, EXTERNAL, "x", (RegistryValue){ .state = REGISTRY_NO_VALUE });
    wait_ms(60);
    assert_string_equal(value_in(registry, EXTERNAL, "x"), "1");
}

/* What the guest writes is what its host sees, if it is text that fits. */
static void test_guest_items(void **state)
{
    (void) state;
    open_guests("");
    char value[1025];
    memset(value, 'v', sizeof(value));
    value[1024] = '\0';
    set_in(registry, VM_KEY "Guest", "HyperPoint.Agent", registry_text_value("<&>\xC3\xBC", &sample.arena));
    set_in(registry, VM_KEY "Guest", "long", registry_text_value(value, &sample.arena));
    set_in(registry, VM_KEY "Guest", "number", registry_dword_value(1, &sample.arena));
    set_in(registry, VM_KEY "Guest", "", registry_text_value("unnamed", &sample.arena));
    size_t count;
    const CimInstance *row = row_of("SELECT * FROM Msvm_KvpExchangeComponent WHERE SystemName = '" RENDER_VM "'");
    const CimValue *items = cim_instance_array(row, "GuestExchangeItems", &count);
    assert_int_equal(count, 1);
    CimInstance *found;
    Error err;
    assert_true(cimxml_read(items[0].text, &sample.arena, &found, &err));
    assert_string_equal(cim_instance_text(found, "Name"), "HyperPoint.Agent");
    assert_string_equal(cim_instance_text(found, "Data"), "<&>\xC3\xBC");
    assert_int_equal(cim_instance_uint(found, "Source", 99), 1);
    assert_int_equal(cim_instance_array(row, "OperationalStatus", &count)[0].uint, 2);
    assert_int_equal(rows_of("SELECT * FROM Msvm_KvpExchangeComponent WHERE SystemName = '" MY_VM "'").count, 0);
    assert_true(fs_replace_file(path_in("render/registry.reg"), "garbage", 7, FS_SHARED, &err));
    row = row_of("SELECT * FROM Msvm_KvpExchangeComponent WHERE SystemName = '" RENDER_VM "'");
    (void) cim_instance_array(row, "GuestExchangeItems", &count);
    assert_int_equal(count, 0);
}

/* ---- files ---- */

static void switch_files(uint16_t wanted)
{
    CimInstance *change =
        change_of("Msvm_GuestServiceInterfaceComponentSettingData", FILES_SETTINGS(RENDER_VM));
    set_value(change, "EnabledState", cim_uint(CIM_TYPE_UINT16, wanted));
    const char *text = text_of(change);
    assert_answer(modify_resources(&text, 1), 0, 0);
}

static size_t count_services(void)
{
    CimInstanceList components =
        rows_of("SELECT * FROM Msvm_GuestServiceInterfaceComponent WHERE SystemName = '" RENDER_VM "'");
    if (components.count == 0)
        return rows_of("SELECT * FROM Msvm_GuestFileService").count;
    return rows_of(arena_printf(&sample.arena,
                                "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_RegisteredGuestService "
                                "ResultClass = Msvm_GuestFileService", components.items[0]->path)).count;
}

static uint64_t files_status(void)
{
    size_t count;
    return cim_instance_array(row_of("SELECT * FROM Msvm_GuestServiceInterfaceComponent"), "OperationalStatus",
                              &count)[0].uint;
}

/* Switched on and off while the VM runs, and off by default. */
static void test_file_service(void **state)
{
    (void) state;
    open_guests("\"guestFilesMilliseconds\": 1000");
    assert_int_equal(count_services(), 0);
    switch_files(2);
    assert_int_equal(count_services(), 1);
    assert_int_equal(files_status(), 12);
    wait_ms(1000);
    assert_int_equal(files_status(), 2);
    reopen_sample();
    switch_files(3);
    assert_int_equal(count_services(), 0);
    switch_files(2);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0);
    assert_int_equal(count_services(), 0);
    assert_answer(request_state(RENDER_VM, 2), 4096, 0);
    assert_int_equal(count_services(), 1);
}

static CimInstance *copy(const char *source, const char *destination, bool overwrite, bool create_path)
{
    CimInstance *setting = new_instance("Msvm_CopyFileToGuestSettingData"), *in = new_instance("__PARAMETERS");
    set_value(setting, "SourcePath", cim_string(source));
    set_value(setting, "DestinationPath", cim_string(destination));
    set_value(setting, "OverwriteExisting", cim_boolean(overwrite));
    set_value(setting, "CreateFullPath", cim_boolean(create_path));
    const char *text = text_of(setting);
    set_value(in, "CopyFileToGuestSettings", cim_text_array(&sample.arena, CIM_TYPE_STRING, &text, 1));
    return call(row_of("SELECT * FROM Msvm_GuestFileService")->path, "CopyFilesToGuest", in);
}

/* The file of the guest; NULL: there is none. */
static const char *guest_file(const char *name)
{
    Error err;
    char *text;
    size_t size;
    return fs_read_file(path_in(name), 1 << 20, &sample.arena, &text, &size, &err) ? text : NULL;
}

static const char *source_file(const char *content)
{
    Error err;
    const char *path = path_in("source.zip");
    if (!fs_replace_file(path, content, strlen(content), FS_SHARED, &err))
        fail_msg("%s", err.message);
    return path;
}

static void open_file_service(const char *knobs)
{
    open_guests(knobs);
    switch_files(2);
    wait_ms(10000);
}

static void check_failure(const CimInstance *out, const char *part)
{
    const CimInstance *job = finish(out);
    assert_string_equal(job->class_name, "Msvm_CopyFileToGuestJob");
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 10);
    if (strstr(cim_instance_text(job, "ErrorDescription"), part) == NULL)
        fail_msg("%s", cim_instance_text(job, "ErrorDescription"));
}

static void test_copy(void **state)
{
    (void) state;
    open_file_service("");
    const char *source = source_file("one");
    assert_answer(copy(source, "%ProgramData%\\Inbox\\x.zip", false, true), 4096, 0);
    assert_string_equal(guest_file("render/ProgramData/Inbox/x.zip"), "one");
    source = source_file("two two");
    check_failure(copy(source, "c:\\programdata\\INBOX\\X.ZIP", false, true), "0x80070050");
    assert_string_equal(guest_file("render/ProgramData/Inbox/x.zip"), "one");
    assert_answer(copy(source, "c:\\programdata\\INBOX\\X.ZIP", true, true), 4096, 0);
    assert_string_equal(guest_file("render/ProgramData/Inbox/x.zip"), "two two");
    assert_answer(copy(source, "C:\\ProgramData", false, false), 4096, 0); /* a folder: the source's name in it */
    assert_string_equal(guest_file("render/ProgramData/source.zip"), "two two");
}

static void test_copy_fails(void **state)
{
    (void) state;
    open_file_service("");
    const char *source = source_file("one");
    char name[512] = "C:\\x\\";
    memset(name + strlen(name), 'n', 260);
    const struct {
        const char *source, *destination;
        bool create;
        const char *part;
    } cases[] = {
        { "nothing", "C:\\x\\y", true, "0x80070002" },
        { source, "C:\\Nowhere\\y", false, "0x80070003" },
        { source, "D:\\y", true, "0x80070003" },
        { source, "y", true, "0x80070003" },
        { source, "%NoVariable%\\y", true, "0x80070003" },
        { source, "C:\\..\\y", true, "0x80070003" },
        { source, "C:\\Windows\\System32\\y.dll", true, "0x80070005" },
        { source, "C:\\windows\\SYSTEM32\\DriverStore\\FileRepository\\y.dll", true, "0x80070005" },
        { source, name, true, "0x800700CE" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_failure(copy(cases[i].source, cases[i].destination, false, cases[i].create), cases[i].part);
    name[strlen("C:\\x\\") + 100] = '\0';
    assert_answer(copy(source, name, false, true), 4096, 0);
}

/* A link in the guest does not lead the simulated service out of the folder. Wine shows links as what they lead to. */
static void test_copy_through_link(void **state)
{
    (void) state;
    open_file_service("");
    const char *source = source_file("one");
    Error err;
    FileStatus status = { .kind = FILE_NONE };
    if (!system_make_link(folder, path_in("render/link")) ||
        !file_status(path_in("render/link"), &status, &err) || status.kind != FILE_LINK)
        skip();
    check_failure(copy(source, "C:\\link\\y", false, true), "0x8007000");
    assert_null(guest_file("y"));
}

/* As long as the guest's part is not loaded, and with the knob. */
static void test_copy_without_file(void **state)
{
    (void) state;
    open_guests("\"guestFilesMilliseconds\": 1000");
    switch_files(2);
    assert_answer(copy(source_file("one"), "C:\\y", false, true), 4096, 0);
    assert_null(guest_file("render/y"));
    wait_ms(1000);
    assert_answer(copy(source_file("one"), "C:\\y", false, true), 4096, 0);
    assert_string_equal(guest_file("render/y"), "one");
    assert_int_equal(close_guests(NULL), 0);
    open_file_service("\"guestCopy\": \"silent\"");
    assert_answer(copy(source_file("one"), "C:\\y", false, true), 4096, 0);
    assert_null(guest_file("render/y"));
}

static void test_copy_knobs(void **state)
{
    (void) state;
    open_file_service("\"guestCopy\": \"cut\", \"guestCopyRate\": 1");
    char text[4097];
    memset(text, 'x', sizeof(text));
    text[4096] = '\0';
    CimInstance *out = copy(source_file(text), "C:\\y", false, true);
    sample.now_ms += 4000;
    const CimInstance *job = row_at(cim_instance_text(out, "Job"));
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 4);
    assert_int_equal(cim_instance_uint(job, "PercentComplete", 0), 90);
    assert_answer(copy(source_file(text), "C:\\z", false, true), 32775, 0); /* one at a time */
    assert_answer(out, 4096, 0);
    assert_int_equal(strlen(guest_file("render/y")), 2048);
    assert_int_equal(close_guests(NULL), 0);
    open_file_service("\"guestCopy\": \"diskFull\"");
    check_failure(copy(source_file("one"), "C:\\y", false, true), "0x80070070");
    CimInstance *copied = copy(source_file("one"), "C:\\y", false, true);
    assert_answer(request_state(RENDER_VM, 3), 4096, 0); /* turned off meanwhile */
    assert_int_equal(cim_instance_uint(finish(copied), "JobState", 0), 10);
}

#define TEST(function) cmocka_unit_test_teardown(function, close_guests)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_item_rules),      TEST(test_item_calls),        TEST(test_delivery),
        TEST(test_items_while_off), TEST(test_items_in_checkpoints), TEST(test_no_contact),
        TEST(test_lost_and_twice),  TEST(test_guest_items),       TEST(test_file_service),
        TEST(test_copy),            TEST(test_copy_fails),        TEST(test_copy_through_link),
        TEST(test_copy_without_file), TEST(test_copy_knobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
