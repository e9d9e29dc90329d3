/* SPDX-License-Identifier: MIT */
/* Data items, and a file for a guest: by tables, and on a simulated host with a guest that is a folder. */
#include "hyperv/vm/guest_file.h"
#include "hyperv/vm/kvp.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "cim/cimxml.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "platform/registry_file.h"
#include "support/system.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define RENDER_VM "0F0E0D0C-0B0A-4908-8706-050403020100"
#define VM_KEY "SOFTWARE\\Microsoft\\Virtual Machine\\"

static Arena arena;

/* ---- by tables ---- */

/* "a=1 b=2" */
static KvpItems items_of(const char *text)
{
    KvpItems items = { 0 };
    for (size_t length; *text != '\0'; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        const char *pair = arena_strndup(&arena, text, length), *equals = strchr(pair, '=');
        KvpItem item = { .name = arena_strndup(&arena, pair, (size_t) (equals - pair)), .value = equals + 1 };
        ARRAY_PUSH(&arena, &items, item);
    }
    return items;
}

static const char *text_of(const KvpItems *items)
{
    const char *text = "";
    for (size_t i = 0; i < items->count; i++)
        text = arena_printf(&arena, "%s%s%s=%s", text, i > 0 ? " " : "", items->items[i].name, items->items[i].value);
    return text;
}

static void test_plan(void **state)
{
    (void) state;
    static const struct {
        const char *found, *wanted, *add, *modify, *remove;
    } rows[] = {
        { "", "", "", "", "" },
        { "", "a=1 b=2", "a=1 b=2", "", "" },
        { "a=1", "a=1", "", "", "" },
        { "a=1", "a=2", "", "a=2", "" },
        { "A=1", "a=2", "", "a=2", "" },
        { "a=1 b=2", "", "", "", "a=1 b=2" },
        { "a=1 b=2 c=3", "b=9 d=4 c=3", "d=4", "b=9", "a=1" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KvpItems found = items_of(rows[i].found), wanted = items_of(rows[i].wanted);
        KvpChange change = kvp_plan(&found, &wanted, &arena);
        assert_string_equal(text_of(&change.add), rows[i].add);
        assert_string_equal(text_of(&change.modify), rows[i].modify);
        assert_string_equal(text_of(&change.remove), rows[i].remove);
    }
}

static const char *item_text(const char *name, const char *value)
{
    CimInstance *item = cim_instance_create(&arena, "Msvm_KvpExchangeDataItem");
    const char *text;
    Error err;
    cim_instance_set(item, &arena, "Name", cim_string(name));
    cim_instance_set(item, &arena, "Data", cim_string(value));
    assert_true(cimxml_write(item, &arena, &text, &err));
    return text;
}

static KvpItems own_items_of(const char *const *texts, size_t count)
{
    CimInstance *row = cim_instance_create(&arena, "Msvm_KvpExchangeComponent");
    cim_instance_set(row, &arena, "GuestExchangeItems", cim_text_array(&arena, CIM_TYPE_STRING, texts, count));
    return kvp_own_items(row, "GuestExchangeItems", &arena);
}

static char *filled(size_t length)
{
    char *text = arena_alloc(&arena, length + 1);
    memset(text, 'x', length);
    return text;
}

/* Whatever a guest shows, what is taken of it is short, and each name once. */
static void test_hostile_items(void **state)
{
    (void) state;
    const char *long_key = arena_printf(&arena, "HyperPoint.%s", filled(LIMIT_KVP_KEY));
    const char *texts[] = {
        "",
        "no XML",
        "<INSTANCE CLASSNAME=\"X\"></INSTANCE>",
        "<INSTANCE CLASSNAME=\"X\"><PROPERTY NAME=\"Name\" TYPE=\"uint16\"><VALUE>1</VALUE></PROPERTY></INSTANCE>",
        item_text("OSName", "Windows"),
        item_text("HyperPoint.A", "first"),
        item_text("hyperpoint.a", "second"),
        item_text("HyperPoint.Long", filled(LIMIT_EXCHANGE_VALUE)),
        item_text("HyperPoint.TooLong", filled(LIMIT_EXCHANGE_VALUE + 1)),
        item_text(arena_strndup(&arena, long_key, LIMIT_KVP_KEY), "fits"),
        item_text(arena_strndup(&arena, long_key, LIMIT_KVP_KEY + 1), "does not"),
        item_text("HyperPoint.Large", filled(LIMIT_KVP_ITEM_BYTES)),
        item_text("HyperPoint.Empty", NULL),
    };
    KvpItems items = own_items_of(texts, COUNT_OF(texts));
    assert_int_equal(items.count, 4);
    assert_string_equal(kvp_find(&items, "HYPERPOINT.A"), "first");
    assert_int_equal(strlen(kvp_find(&items, "HyperPoint.Long")), LIMIT_EXCHANGE_VALUE);
    assert_string_equal(kvp_find(&items, "HyperPoint.Empty"), "");
    assert_null(kvp_find(&items, "OSName"));
    const char **flood = ARENA_NEW_ARRAY(&arena, const char *, LIMIT_KVP_ITEMS + 1);
    for (size_t i = 0; i <= LIMIT_KVP_ITEMS; i++)
        flood[i] = item_text(i < LIMIT_KVP_ITEMS ? "other" : "HyperPoint.Last", "");
    assert_int_equal(own_items_of(flood, LIMIT_KVP_ITEMS + 1).count, 0);
    assert_int_equal(own_items_of(flood + 1, LIMIT_KVP_ITEMS).count, 1);
}

/* ---- on a simulated host ---- */

static const char *folder;
static TestClock test_clock;
static HyperVHost host;
static Vm vm;
static Registry *registry; /* of the guest */
static Error err;

static const char *path_in(const char *name)
{
    return fs_join(&arena, folder, name);
}

/* The sample with a guest for 'render', which runs. */
static void open_host(const char *knobs)
{
    CimSession *session = NULL;
    char *text;
    size_t size;
    folder = system_make_folder(&arena);
    test_clock_init(&test_clock);
    assert_true(sim_session_open(path_in("sim.json"), NULL, &test_clock.clock, &session, &err));
    cim_session_close(session);
    assert_true(fs_read_file(path_in("sim.json"), LIMIT_STATE_FILE_BYTES, &arena, &text, &size, &err));
    char *at = strstr(text, "\"knobs\": {");
    const char *state = arena_printf(&arena,
                                     "%.*s\"guests\": [{\"vm\": \"" RENDER_VM "\", \"folder\": \"guest\"}], "
                                     "\"knobs\": {%s%s",
                                     (int) (at - text), text, knobs, at + strlen("\"knobs\": {"));
    assert_true(fs_replace_file(path_in("sim.json"), state, strlen(state), FS_SHARED, &err));
    assert_true(fs_make_folders(path_in("guest/ProgramData"), FS_SHARED, &err));
    registry = registry_file_open(path_in("guest/registry.reg"), &arena);
    if (!sim_session_open(path_in("sim.json"), NULL, &test_clock.clock, &session, &err))
        fail_msg("%s", err.message);
    host = (HyperVHost){ .session = session, .report = report_silent() };
    if (!vm_find(&host, "render", &arena, &vm, &err))
        fail_msg("%s", err.message);
}

static int close_host(void **state)
{
    (void) state;
    if (folder != NULL) {
        cim_session_close(host.session);
        system_remove_folder(folder);
    }
    folder = NULL;
    arena_release(&arena);
    return 0;
}

static void reach(const char *wanted)
{
    KvpSettings settings;
    KvpItems items = items_of(wanted);
    if (!kvp_read_settings(&host, &vm, &arena, &settings, &err) ||
        !kvp_reach(&host, &vm, &settings.items, &items, &err) ||
        !kvp_read_settings(&host, &vm, &arena, &settings, &err))
        fail_msg("%s", err.message);
    assert_true(settings.is_enabled);
    assert_string_equal(text_of(&settings.items), wanted);
}

static void test_items(void **state)
{
    (void) state;
    open_host("\"jobsFinishAtOnce\": true");
    reach("HyperPoint.A=1 HyperPoint.B=2");
    reach("HyperPoint.B=3 HyperPoint.C=4");
    uint64_t before = host.session->round_trips;
    reach("HyperPoint.B=3 HyperPoint.C=4");
    assert_int_equal(host.session->round_trips - before, 2); /* both look */
    reach("");
}

/* What was read is not what is there any more. */
static void test_items_of_others(void **state)
{
    (void) state;
    open_host("\"jobsFinishAtOnce\": true");
    KvpItems none = { 0 }, one = items_of("HyperPoint.A=1"), two = items_of("HyperPoint.A=2");
    KvpSettings settings;
    assert_true(kvp_reach(&host, &vm, &none, &one, &err));
    assert_true(kvp_reach(&host, &vm, &none, &two, &err)); /* adding fails, and changing does it */
    assert_true(kvp_read_settings(&host, &vm, &arena, &settings, &err));
    assert_string_equal(text_of(&settings.items), "HyperPoint.A=2");
    assert_true(kvp_reach(&host, &vm, &settings.items, &none, &err));
    assert_true(kvp_reach(&host, &vm, &settings.items, &none, &err)); /* gone already */
}

static void test_view(void **state)
{
    (void) state;
    open_host("");
    KvpView view;
    RegistryValue value = registry_text_value("version=1", &arena);
    assert_true(registry->write(registry, VM_KEY "Guest", "HyperPoint.Agent", &value, &err));
    assert_true(kvp_look(&host, &vm, NULL, &arena, &view, &err));
    assert_int_equal(view.contact, KVP_IN_CONTACT);
    assert_string_equal(kvp_find(&view.items, "hyperpoint.agent"), "version=1");
    const char *path = view.path;
    uint64_t before = host.session->round_trips;
    assert_true(kvp_look(&host, &vm, path, &arena, &view, &err));
    assert_int_equal(host.session->round_trips, before);
    assert_int_equal(view.items.count, 1);
    Vm off = vm;
    off.guid = "F65D0775-1CA1-4804-9305-71F4A38BDD83";
    assert_true(kvp_look(&host, &off, NULL, &arena, &view, &err));
    assert_int_equal(view.contact, KVP_ABSENT);
    path = "Msvm_KvpExchangeComponent.DeviceID=\"x\",CreationClassName=\"x\",SystemName=\"x\","
           "SystemCreationClassName=\"x\"";
    assert_true(kvp_look(&host, &vm, path, &arena, &view, &err));
    assert_int_equal(view.contact, KVP_ABSENT);
}

static void test_contact(void **state)
{
    (void) state;
    static const struct {
        const char *knobs;
        KvpContact contact;
    } rows[] = { { "\"guestContact\": \"none\"", KVP_NO_CONTACT }, { "\"guestContact\": \"lost\"", KVP_LOST } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KvpView view;
        open_host(rows[i].knobs);
        assert_true(kvp_look(&host, &vm, NULL, &arena, &view, &err));
        assert_int_equal(view.contact, rows[i].contact);
        assert_int_equal(close_host(NULL), 0);
    }
}

/* ---- a file ---- */

static const char *guest_file(const char *name)
{
    char *text;
    size_t size;
    return fs_read_file(path_in(name), 1 << 20, &arena, &text, &size, &err) ? text : NULL;
}

static bool is_open(void)
{
    GuestWay way;
    if (!guest_way_look(&host, &vm, &arena, &way, &err))
        fail_msg("%s", err.message);
    return way.was_open;
}

static bool bring(const char *source, const char *destination, uint64_t size)
{
    const GuestFile file = { path_in(source), destination, "the file", size };
    return guest_way_bring(&host, &vm, &file, &err);
}

static void test_way(void **state)
{
    (void) state;
    open_host("\"guestFilesMilliseconds\": 5000");
    GuestWay way;
    assert_true(fs_replace_file(path_in("x.zip"), "abc", 3, FS_SHARED, &err));
    assert_false(bring("x.zip", "%ProgramData%\\in\\1.zip", 3));
    assert_int_equal(err.code, ERR_STATE);
    assert_true(guest_way_look(&host, &vm, &arena, &way, &err));
    assert_false(way.was_open);
    if (!guest_way_open(&host, &vm, &way, &err) ||
        !bring("x.zip", "%ProgramData%\\in\\1.zip", 3))
        fail_msg("%s", err.message);
    assert_true(is_open());
    assert_string_equal(guest_file("guest/ProgramData/in/1.zip"), "abc");
    assert_true(fs_replace_file(path_in("x.zip"), "xyz", 3, FS_SHARED, &err));
    assert_true(bring("x.zip", "%ProgramData%\\in\\1.zip", 3));
    assert_string_equal(guest_file("guest/ProgramData/in/1.zip"), "xyz");
    assert_true(guest_way_close(&host, &vm, &way, &err));
    assert_false(is_open());
    assert_true(guest_way_close(&host, &vm, &way, &err)); /* closed already */
    way.was_open = true;                                  /* as somebody had it before */
    assert_true(guest_way_close(&host, &vm, &way, &err));
}

/* What was told of a copy of that many MB: how often in bytes, and how often without. */
static struct {
    unsigned mb, in_bytes, without;
} told;

static void note_progress(Report *report, const char *text, int percent)
{
    (void) report;
    if (text == NULL || percent < 0 || strstr(text, "copy ") == NULL)
        return;
    const char *wanted = arena_printf(&arena, "copy the file into the guest: %u of %u MB",
                                      told.mb * (unsigned) percent / 100, told.mb);
    told.in_bytes += strcmp(text, wanted) == 0;
    told.without += strcmp(text, "copy the file into the guest") == 0;
}

/* The job tells percent; whoever waits for a gigabyte wants to know of how much. */
static void test_progress_in_bytes(void **state)
{
    (void) state;
    open_host("\"jobMilliseconds\": 4000, \"guestFilesMilliseconds\": 0");
    GuestWay way;
    Report report = *report_silent();
    report.progress = note_progress;
    assert_true(fs_replace_file(path_in("x.zip"), "abc", 3, FS_SHARED, &err));
    assert_true(guest_way_look(&host, &vm, &arena, &way, &err));
    assert_true(guest_way_open(&host, &vm, &way, &err));
    host.report = &report;
    told.mb = 1200;
    assert_true(bring("x.zip", "C:\\x", told.mb * UINT64_C(1024) * 1024));
    assert_true(told.in_bytes > 1 && told.without == 0);
    told.in_bytes = 0;
    assert_true(bring("x.zip", "C:\\x", 0)); /* its size is not known */
    assert_true(told.in_bytes == 0 && told.without > 1);
}

static void test_way_not_ready(void **state)
{
    (void) state;
    open_host("\"guestContact\": \"none\"");
    GuestWay way;
    assert_true(guest_way_look(&host, &vm, &arena, &way, &err));
    assert_false(guest_way_open(&host, &vm, &way, &err));
    assert_int_equal(err.code, ERR_TIMEOUT);
    assert_non_null(strstr(err.hint, "vmicguestinterface"));
    assert_true(is_open()); /* until it is closed */
    assert_true(guest_way_close(&host, &vm, &way, &err));
    assert_false(is_open());
}

static void test_way_fails(void **state)
{
    (void) state;
    static const struct {
        const char *knobs, *source, *destination;
        ErrorCode code;
    } rows[] = {
        { "\"guestCopy\": \"diskFull\"", "x.zip", "C:\\x", ERR_NO_SPACE },
        { "\"german\": true, \"guestCopy\": \"diskFull\"", "x.zip", "C:\\x", ERR_NO_SPACE },
        { "", "missing.zip", "C:\\x", ERR_NOT_FOUND },
        { "", "x.zip", "C:\\Windows\\System32\\x.dll", ERR_DENIED },
        { "", "x.zip", "Q:\\x", ERR_NOT_FOUND },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GuestWay way;
        open_host(rows[i].knobs);
        assert_true(fs_replace_file(path_in("x.zip"), "abc", 3, FS_SHARED, &err));
        assert_true(guest_way_look(&host, &vm, &arena, &way, &err));
        assert_true(guest_way_open(&host, &vm, &way, &err));
        assert_false(bring(rows[i].source, rows[i].destination, 3));
        if (err.code != rows[i].code)
            fail_msg("%zu: %s", i, err.message);
        assert_true(err.hint[0] != '\0');
        assert_int_equal(close_host(NULL), 0);
    }
}

#define TEST(function) cmocka_unit_test_teardown(function, close_host)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan),     TEST(test_hostile_items), TEST(test_items),         TEST(test_items_of_others),
        TEST(test_view),     TEST(test_contact),       TEST(test_way),
        TEST(test_progress_in_bytes), TEST(test_way_not_ready), TEST(test_way_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
