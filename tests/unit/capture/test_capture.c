/* SPDX-License-Identifier: MIT */
/* Captures of hosts that say odd things, and of hosts of any size: what is asked of them, and what is made of it. */
#include "capture/capture.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "capture/taken.h"
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "sim/host.h"
#include "support/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* ---- a host that says odd things ---- */

typedef struct OddSession {
    CimSession base; /* first: it is handed back */
    CimSession *inner;
    uint32_t seed;      /* 0: it says what the inner one says */
    const char *spoilt; /* class whose rows are spoilt; NULL: any */
    void (*spoil)(struct OddSession *odd, CimInstance *row, Arena *arena);
} OddSession;

static bool is_anonymous; /* the next captures */

/* xorshift */
static uint32_t draw(OddSession *odd, uint32_t below)
{
    odd->seed ^= odd->seed << 13;
    odd->seed ^= odd->seed >> 17;
    odd->seed ^= odd->seed << 5;
    return odd->seed % below;
}

static bool odd_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                      Error *err)
{
    OddSession *odd = (OddSession *) session;
    CimInstanceList rows;
    if (!cim_session_query(odd->inner, ns, wql, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        if (odd->spoil != NULL && (odd->spoilt == NULL || strcmp(odd->spoilt, rows.items[i]->class_name) == 0)) {
            rows.items[i] = cim_instance_copy(rows.items[i], arena);
            odd->spoil(odd, rows.items[i], arena);
        }
        ARRAY_PUSH(arena, list, rows.items[i]);
    }
    return true;
}

static bool odd_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                    Error *err)
{
    return cim_session_get(((OddSession *) session)->inner, ns, path, arena, ret_instance, err);
}

static bool odd_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                       const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err)
{
    OddSession *odd = (OddSession *) session;
    if (!cim_session_invoke(odd->inner, ns, path, method, in, arena, ret_out, err))
        return false;
    if (odd->spoil != NULL && odd->spoilt == NULL)
        odd->spoil(odd, *ret_out, arena);
    return true;
}

static void odd_close(CimSession *session)
{
    cim_session_close(((OddSession *) session)->inner);
}

static const CimSessionOps odd_ops = {
    .name = "odd", .query = odd_query, .get = odd_get, .invoke = odd_invoke, .close = odd_close
};

static void open_odd(OddSession *odd, const char *variant)
{
    Error err = { .code = ERR_NONE };
    *odd = (OddSession){ .inner = NULL };
    if (!sim_session_open(NULL, variant, clock_system(), &odd->inner, &err))
        fail_msg("%s", err.message);
    cim_session_init(&odd->base, &odd_ops, "odd", clock_system());
}

/* ---- capturing it ---- */

static bool capture(Fixture *fixture, CimSession *session, CaptureResult *ret_result)
{
    HyperVHost host = { .session = session, .report = report_silent() };
    const CaptureRequest request = { .host = &host,
                                     .file = in_folder(fixture, "copy.json"),
                                     .anonymous = is_anonymous,
                                     .secret_folder = fixture->folder };
    fixture->err = (Error){ .code = ERR_NONE };
    assert_true(fs_remove_file(request.file, &fixture->err));
    return capture_host(&request, &fixture->arena, ret_result, &fixture->err);
}

static const LeftOut *left_out(const CaptureResult *result, const char *what, const char *why)
{
    for (size_t i = 0; i < result->left_out.count; i++) {
        const LeftOut *entry = &result->left_out.items[i];
        if (strcmp(entry->what, what) == 0 && strstr(entry->why, why) != NULL)
            return entry;
    }
    return NULL;
}

/* ---- one odd thing at a time ---- */

static void say_unknown_property(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    cim_instance_set(row, arena, "SinceTheFuture", cim_string("x"));
}

static void say_unknown_class(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    (void) arena;
    row->class_name = "Msvm_SinceTheFuture";
}

static void say_huge_text(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    char *text = arena_alloc(arena, LIMIT_CAPTURE_TEXT + 2);
    memset(text, 'x', LIMIT_CAPTURE_TEXT + 1);
    cim_instance_set(row, arena, "Description", cim_string(text));
}

static void say_largest_text(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    char *text = arena_alloc(arena, LIMIT_CAPTURE_TEXT + 1);
    memset(text, 'x', LIMIT_CAPTURE_TEXT);
    cim_instance_set(row, arena, "Description", cim_string(text));
}

static void say_no_utf8(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    cim_instance_set(row, arena, "Description", cim_string("\xED\xA0\x80"));
}

static void say_number_for_text(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    cim_instance_set(row, arena, "EnabledState", cim_string("on"));
}

static void say_no_key(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    cim_instance_set(row, arena, "Name", cim_null(CIM_TYPE_STRING));
}

static void say_no_type(OddSession *odd, CimInstance *row, Arena *arena)
{
    (void) odd;
    cim_instance_set(row, arena, "VirtualSystemType", cim_null(CIM_TYPE_STRING));
}

static void odd_rows_are_left_out_and_told(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        const char *spoilt;
        void (*spoil)(OddSession *odd, CimInstance *row, Arena *arena);
        const char *what, *why; /* NULL: nothing is left out */
    } rows[] = {
        { "Msvm_GpuPartition", say_unknown_property, "Msvm_GpuPartition", "unknown to the simulated host" },
        { "Msvm_GpuPartition", say_unknown_class, "Msvm_SinceTheFuture", "unknown to the simulated host" },
        { "Msvm_ComputerSystem", say_huge_text, "Msvm_ComputerSystem", "no value that a state file can hold" },
        { "Msvm_ComputerSystem", say_largest_text, NULL, NULL },
        { "Msvm_ComputerSystem", say_no_utf8, "Msvm_ComputerSystem", "no value that a state file can hold" },
        { "Msvm_ComputerSystem", say_number_for_text, "Msvm_ComputerSystem", "no value that a state file can hold" },
        { "Msvm_PartitionableGpu", say_no_key, "Msvm_PartitionableGpu", "without a key" },
        { "Msvm_VirtualSystemSettingData", say_no_type, "Msvm_ComputerSystem", "whose configuration" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OddSession odd;
        CaptureResult result;
        open_odd(&odd, "windows11");
        odd.spoilt = rows[i].spoilt;
        odd.spoil = rows[i].spoil;
        if (!capture(fixture, &odd.base, &result))
            fail_msg("row %zu: %s", i, fixture->err.message);
        bool is_told = rows[i].what == NULL ? result.left_out.count == passed_class_count + 1 /* what passes */
                                            : left_out(&result, rows[i].what, rows[i].why) != NULL;
        if (!is_told)
            fail_msg("row %zu: what was left out is not told", i);
        cim_session_close(&odd.base);
    }
}

/* ---- anything at all ---- */

static CimValue odd_value(OddSession *odd, const CimValue *value, Arena *arena)
{
    static const char *const texts[] = { "", "\xFF\xFE", "Microsoft:", "Microsoft:\\\\", "\\\\HV1\\root:X.Y=\"",
                                         "99999999999999999999999999", "<INSTANCE", "20260101000000.000000+000" };
    CimValue *items;
    switch (draw(odd, 7)) {
    case 0:
        return cim_null(value->type);
    case 1:
        return cim_null_array(value->type);
    case 2:
        return cim_string(texts[draw(odd, COUNT_OF(texts))]);
    case 3:
        return cim_uint(CIM_TYPE_UINT64, UINT64_MAX);
    case 4:
        items = ARENA_NEW_ARRAY(arena, CimValue, 2);
        items[0] = items[1] = cim_string(texts[draw(odd, COUNT_OF(texts))]);
        return cim_array(CIM_TYPE_STRING, items, draw(odd, 3));
    case 5:
        return cim_text(CIM_TYPE_DATETIME, texts[draw(odd, COUNT_OF(texts))]);
    default:
        return cim_embedded(cim_instance_create(arena, "Msvm_Odd"));
    }
}

static void say_anything(OddSession *odd, CimInstance *row, Arena *arena)
{
    for (size_t i = 0; i < row->count; i++) {
        if (draw(odd, 40) == 0)
            row->properties[i].value = odd_value(odd, &row->properties[i].value, arena);
    }
    if (draw(odd, 50) == 0)
        row->class_name = "CIM_LogicalDevice"; /* abstract */
}

/* Whatever it is, it is captured or refused, and what is written can be read. */
static void no_host_is_too_odd(void **state)
{
    Fixture *fixture = *state;
    static const char *const variants[] = { "windows11", "checkpoints+unplugged+server2025", "windows10+localized" };
    size_t captured = 0;
    for (uint32_t seed = 1; seed <= 150; seed++) {
        OddSession odd;
        CaptureResult result;
        ArenaMark mark = arena_mark(&fixture->arena);
        open_odd(&odd, variants[seed % COUNT_OF(variants)]);
        odd.seed = seed * 2654435761u;
        odd.spoil = say_anything;
        is_anonymous = seed % 2 == 0;
        if (capture(fixture, &odd.base, &result)) {
            captured++;
            assert_true(result.is_written);
        } else if (fixture->err.code != ERR_DENIED && fixture->err.code != ERR_PROTOCOL &&
                   fixture->err.code != ERR_UNSUPPORTED) {
            fail_msg("seed %u: %s", (unsigned) seed, fixture->err.message);
        }
        if (strstr(fixture->err.message, "cannot be written as a state file") != NULL)
            fail_msg("seed %u: %s", (unsigned) seed, fixture->err.message);
        cim_session_close(&odd.base);
        arena_reset(&fixture->arena, mark);
    }
    is_anonymous = false;
    assert_true(captured > 50); /* else they prove nothing */
}

/* ---- how much is asked ---- */

static uint64_t round_trips_of(Fixture *fixture, const char *variant)
{
    CimSession *session;
    CaptureResult result;
    if (!sim_session_open(NULL, variant, clock_system(), &session, &fixture->err) ||
        !capture(fixture, session, &result))
        fail_msg("%s", fixture->err.message);
    uint64_t trips = session->round_trips;
    cim_session_close(session);
    return trips;
}

/* More VMs and checkpoints, the same GPUs: no call more. */
static void calls_do_not_depend_on_vms(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(round_trips_of(fixture, "windows11"), round_trips_of(fixture, "checkpoints+unplugged"));
    /* The classes, Win32_OperatingSystem and the disks: the registry has only what is asked for every host. */
    assert_true(round_trips_of(fixture, "no-gpu") <= taken_class_count + 2 + 2 * taken_value_count + 2);
}

/* ---- the file ---- */

static void nothing_is_overwritten(void **state)
{
    Fixture *fixture = *state;
    CimSession *session;
    assert_true(sim_session_open(NULL, "", clock_system(), &session, &fixture->err));
    HyperVHost host = { .session = session, .report = report_silent() };
    CaptureRequest request = { .host = &host, .file = in_folder(fixture, "copy.json"), .only_look = true };
    CaptureResult result;
    assert_true(capture_host(&request, &fixture->arena, &result, &fixture->err));
    assert_false(result.is_written);
    assert_false(fs_exists(request.file));
    assert_true(fs_replace_file(request.file, "mine", 4, FS_SHARED, &fixture->err));
    request.only_look = false;
    assert_false(capture_host(&request, &fixture->arena, &result, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_string_equal(content(fixture, request.file), "mine");
    cim_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(odd_rows_are_left_out_and_told, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(no_host_is_too_odd, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(calls_do_not_depend_on_vms, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_overwritten, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
