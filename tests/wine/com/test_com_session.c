/* SPDX-License-Identifier: MIT */
/* The session when calls fail, hang or are interrupted: what is asked again, what is unknown afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cim/com/com_session.h"
#include "cim/schema.h"
#include "platform/process.h"
#include "support/test_clock.h"
#include "wine/com/wmi_host.h"

#include <string.h>

#define LAB_GUID "7B61DC96-3BBD-455F-8027-B18D2CFD643A"
#define LAB "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" LAB_GUID "\""
#define LAB_SETTINGS "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:" LAB_GUID "\""
#define SERVICE                                                                                                        \
    "Msvm_VirtualSystemManagementService.CreationClassName=\"Msvm_VirtualSystemManagementService\",Name=\"vmms\","     \
    "SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"HV1\""
#define TIMED_OUT "00040004" /* WBEM_S_TIMEDOUT */

typedef struct Fixture {
    CimSession *session;
    TestClock clock;
    Arena arena;
    Error err;
} Fixture;

static int open_fixture(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ NULL };
    *state = &fixture;
    test_clock_init(&fixture.clock);
    wmi_host_open(NULL);
    return com_session_open(NULL, "HV1", &fixture.clock.clock, &fixture.session, &fixture.err) ? 0 : -1;
}

static int close_fixture(void **state)
{
    Fixture *f = *state;
    cim_session_close(f->session);
    arena_release(&f->arena);
    wmi_host_close();
    return 0;
}

static bool query(Fixture *f, size_t *ret_count)
{
    CimInstanceList list = { NULL };
    bool ok = cim_session_query(f->session, NS_VIRTUALIZATION, "SELECT * FROM Msvm_ComputerSystem", &f->arena, &list,
                                &f->err);
    *ret_count = list.count;
    return ok;
}

static bool query_everything(Fixture *f, size_t *ret_count)
{
    CimInstanceList list = { NULL };
    bool ok =
        cim_session_query(f->session, NS_VIRTUALIZATION, "SELECT * FROM CIM_ManagedElement", &f->arena, &list, &f->err);
    for (size_t i = 0; i < list.count; i++)
        assert_non_null(list.items[i]->path);
    *ret_count = list.count;
    return ok;
}

static bool get(Fixture *f)
{
    CimInstance *vm = NULL;
    bool ok = cim_session_get(f->session, NS_VIRTUALIZATION, LAB, &f->arena, &vm, &f->err);
    assert_int_equal(ok, vm != NULL);
    return ok;
}

/* Gives the VM one more GPU partition. */
static bool invoke(Fixture *f)
{
    CimInstance *out = NULL;
    CimProperty properties[] = {
        { "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770) },
        { "ResourceSubType", cim_string("Microsoft:Hyper-V:GPU Partition") },
    };
    CimInstance adapter = { .class_name = "Msvm_GpuPartitionSettingData", .properties = properties, .count = 2 };
    CimValue item = cim_embedded(&adapter);
    CimProperty parameters[] = {
        { "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, LAB_SETTINGS) },
        { "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1) },
    };
    CimInstance in = { .class_name = "", .properties = parameters, .count = 2 };
    bool ok = cim_session_invoke(f->session, NS_VIRTUALIZATION, SERVICE, "AddResourceSettings", &in, &f->arena, &out,
                                 &f->err);
    if (ok)
        assert_int_equal(cim_instance_uint(out, "ReturnValue", 99), 0);
    return ok;
}

/* Says how often the method was carried out. */
static size_t count_partitions(Fixture *f)
{
    CimInstanceList list = { NULL };
    Error err;
    wmi_host_fault(NULL);
    assert_true(cim_session_query(f->session, NS_VIRTUALIZATION,
                                  "SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE '%" LAB_GUID "%'",
                                  &f->arena, &list, &err));
    return list.count;
}

static void check_error(const Fixture *f, ErrorCode code, uint32_t number)
{
    if (f->err.code != code)
        fail_msg("%s (%s)", f->err.message, error_code_name(f->err.code));
    assert_int_equal(f->err.source, ERROR_SOURCE_HRESULT);
    assert_true(f->err.native == number);
}

/* ---- reads ---- */

static void connections_are_kept(void **state)
{
    Fixture *f = *state;
    size_t count;
    assert_true(query(f, &count));
    wmi_host_fault("ConnectServer:80041003:9");
    assert_true(query(f, &count));
    assert_true(get(f));
    CimInstanceList list;
    assert_false(cim_session_query(f->session, NS_CIMV2, "SELECT * FROM Win32_OperatingSystem", &f->arena, &list,
                                   &f->err)); /* another namespace, another connection */
    check_error(f, ERR_DENIED, WMI_E_ACCESS_DENIED);
    assert_true(get(f));
}

static void reads_are_asked_again_once(void **state)
{
    static const char *const faults[] = { "Next:800706BE:1",           "Next:800706BF:1",
                                          "Next:80041033:1",           "Next:80041032:1",
                                          "ExecQuery:800706BA:1",      "ExecQuery:80010108:1",
                                          "GetObject:800706BE:1",      "GetResultObject:800706BE:1",
                                          "GetResultObject:80041033:1" };
    Fixture *f = *state;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        bool is_query = strstr(faults[i], "Result") == NULL && strstr(faults[i], "GetObject") == NULL;
        wmi_host_fault(faults[i]);
        if (!(is_query ? query(f, &count) : get(f)))
            fail_msg("%s: %s", faults[i], f->err.message);
        assert_true(!is_query || count == 6);
    }
    assert_int_equal(f->clock.ms - TEST_CLOCK_START, 500 * (int64_t) COUNT_OF(faults));
    assert_int_equal(f->session->round_trips, COUNT_OF(faults));
}

/* Rows that came before the connection ended are not in the answer twice. */
static void lost_rows_are_read_again(void **state)
{
    Fixture *f = *state;
    size_t count, again;
    assert_true(query_everything(f, &count));
    assert_true(count > 64); /* more than are asked for at once */
    wmi_host_fault("Next:800706BE:1:after");
    assert_true(query_everything(f, &again));
    assert_int_equal(f->clock.ms - TEST_CLOCK_START, 500);
    assert_int_equal(again, count);
}

static void reads_are_not_asked_a_third_time(void **state)
{
    Fixture *f = *state;
    size_t count;
    wmi_host_fault("Next:800706BE:2");
    assert_false(query(f, &count));
    check_error(f, ERR_UNREACHABLE, 0x800706BE);
    assert_int_equal(count, 0);
    assert_true(query(f, &count));
    wmi_host_fault("GetResultObject:80041033:2");
    assert_false(get(f));
    check_error(f, ERR_UNREACHABLE, WMI_E_SHUTTING_DOWN);
    assert_true(get(f));
}

/* What another connection would not help is told at once, and a host that cannot be reached is not asked again. */
static void other_failures_are_told_at_once(void **state)
{
    static const struct {
        const char *fault;
        ErrorCode code;
        uint32_t number;
    } cases[] = {
        { "ConnectServer:800706BA:1", ERR_UNREACHABLE, 0x800706BA },
        { "ConnectServer:80070005:1", ERR_DENIED, 0x80070005 },
        { "ConnectServer:8004100E:1", ERR_UNSUPPORTED, WMI_E_INVALID_NAMESPACE },
        { "Next:80041003:1", ERR_DENIED, WMI_E_ACCESS_DENIED },
        { "Next:80041013:1", ERR_UNREACHABLE, 0x80041013 },
        { "Next:80041002:1", ERR_UNREACHABLE, WMI_E_NOT_FOUND },
        { "ExecQuery:80041001:1", ERR_REMOTE, WMI_E_FAILED },
    };
    Fixture *f = *state;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        wmi_host_fault(cases[i].fault);
        assert_false(query(f, &count));
        check_error(f, cases[i].code, cases[i].number);
    }
    assert_int_equal(f->clock.ms, TEST_CLOCK_START);
    assert_true(query(f, &count));
}

static void rows_may_keep_us_waiting(void **state)
{
    Fixture *f = *state;
    size_t count;
    wmi_host_fault("Next:" TIMED_OUT ":500");
    assert_true(query(f, &count));
    assert_int_equal(count, 6);
    wmi_host_fault("GetResultObject:" TIMED_OUT ":500");
    assert_true(get(f));
}

static void but_not_for_ever(void **state)
{
    Fixture *f = *state;
    size_t count;
    wmi_host_fault("Next:" TIMED_OUT ":5000");
    assert_false(query(f, &count));
    assert_int_equal(f->err.code, ERR_TIMEOUT);
    assert_non_null(strstr(f->err.message, "120 seconds"));
    wmi_host_fault("GetResultObject:" TIMED_OUT ":5000");
    assert_false(get(f));
    assert_int_equal(f->err.code, ERR_TIMEOUT);
}

/* ---- interruption ---- */

/* The user interrupts while a call is under way: when the session asks for the time, so to say. */
static int64_t interrupt_ticks(Clock *clock)
{
    Fixture *f = (Fixture *) (void *) ((char *) clock - offsetof(Fixture, clock.clock));
    cancel_request(&f->session->cancel);
    return 0;
}

static void trace_nothing(CimTrace *trace, const char *verb, const char *ns, const char *what, int64_t elapsed_us,
                          size_t rows, const Error *err_or_null)
{
    (void) trace;
    (void) verb;
    (void) ns;
    (void) what;
    (void) elapsed_us;
    (void) rows;
    (void) err_or_null;
}

static void interruptions_end_reads(void **state)
{
    Fixture *f = *state;
    size_t count;
    CimTrace trace = { .call = trace_nothing };
    f->session->trace = &trace; /* so that the clock is asked after the first look at the flag */
    f->clock.clock.ticks_us = interrupt_ticks;
    wmi_host_fault("Next:" TIMED_OUT ":5000");
    assert_false(query(f, &count));
    assert_int_equal(f->err.code, ERR_CANCELLED);
    cancel_reset(&f->session->cancel);
    wmi_host_fault("GetResultObject:" TIMED_OUT ":5000");
    assert_false(get(f));
    assert_int_equal(f->err.code, ERR_CANCELLED);
    cancel_reset(&f->session->cancel);
    wmi_host_fault(NULL);
    assert_false(query_everything(f, &count)); /* between two batches of rows */
    assert_int_equal(f->err.code, ERR_CANCELLED);
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&f->session->cancel); /* things are being put back */
    cancel_request(shielded);
    wmi_host_fault("Next:" TIMED_OUT ":10");
    assert_true(query(f, &count));
}

static void interruptions_let_methods_finish(void **state)
{
    Fixture *f = *state;
    CimTrace trace = { .call = trace_nothing };
    assert_true(invoke(f)); /* the class is known now: to fetch it is a read */
    f->session->trace = &trace;
    f->clock.clock.ticks_us = interrupt_ticks;
    wmi_host_fault("GetResultObject:" TIMED_OUT ":10");
    assert_true(invoke(f));
    assert_true(cancel_is_requested(&f->session->cancel));
}

/* ---- methods ---- */

static void failed_methods(void **state)
{
    static const struct {
        const char *fault;
        ErrorCode code;
        uint32_t number;
        bool was_done;
    } cases[] = {
        { "ExecMethod:80041003:1", ERR_DENIED, WMI_E_ACCESS_DENIED, false },
        { "ExecMethod:80041002:1", ERR_NOT_FOUND, WMI_E_NOT_FOUND, false },
        { "ExecMethod:8004102F:1", ERR_INVALID, WMI_E_INVALID_METHOD_PARAMETERS, false },
        { "ExecMethod:80041013:1", ERR_UNREACHABLE, 0x80041013, false },
        { "ExecMethod:800706BE:1", ERR_UNKNOWN_OUTCOME, 0x800706BE, false },
        { "ExecMethod:800706BF:1:after", ERR_UNKNOWN_OUTCOME, 0x800706BF, true },
        { "ExecMethod:80041033:1:after", ERR_UNKNOWN_OUTCOME, WMI_E_SHUTTING_DOWN, true },
        { "ExecMethod:80041001:1:after", ERR_UNKNOWN_OUTCOME, WMI_E_FAILED, true },
        { "ExecMethod:80070005:1", ERR_UNKNOWN_OUTCOME, 0x80070005, false },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t before = count_partitions(f);
        wmi_host_fault(cases[i].fault);
        if (invoke(f))
            fail_msg("%s: no error", cases[i].fault);
        check_error(f, cases[i].code, cases[i].number);
        assert_int_equal(count_partitions(f), before + cases[i].was_done);
    }
}

/* The reply is lost after the call was taken. */
static void lost_replies(void **state)
{
    static const char *const faults[] = { "GetResultObject:800706BE:1", "GetResultObject:800706BA:1",
                                          "GetResultObject:80041033:1", "GetResultObject:80041016:1",
                                          "GetResultObject:" TIMED_OUT ":9999" };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        wmi_host_fault(NULL);
        assert_true(invoke(f)); /* the class is known now, where it was forgotten with the connection */
        size_t before = count_partitions(f);
        wmi_host_fault(faults[i]);
        assert_false(invoke(f));
        if (f->err.code != ERR_UNKNOWN_OUTCOME)
            fail_msg("%s: %s", faults[i], f->err.message);
        assert_int_equal(count_partitions(f), before + 1);
    }
}

static void lost_connections_are_made_anew(void **state)
{
    Fixture *f = *state;
    assert_true(get(f));
    wmi_host_fault("ExecMethod:800706BE:1");
    assert_false(invoke(f));
    wmi_host_fault("ConnectServer:80041003:1");
    assert_false(get(f));
    check_error(f, ERR_DENIED, WMI_E_ACCESS_DENIED);
}

/* Fetching the class is a read: it is asked again, and no round trip. */
static void classes_are_fetched_once(void **state)
{
    Fixture *f = *state;
    assert_true(get(f));
    f->session->round_trips = 0;
    wmi_host_fault("GetResultObject:80041033:1");
    assert_true(invoke(f));
    assert_int_equal(f->session->round_trips, 1);
    wmi_host_fault("GetObject:80041001:9");
    assert_true(invoke(f));
    assert_int_equal(f->session->round_trips, 2);
}

static void unknown_classes_and_class_paths(void **state)
{
    static const struct {
        const char *path;
        ErrorCode code;
        uint32_t number;
    } cases[] = {
        { "Msvm_NoSuchClass.Name=\"x\"", ERR_UNSUPPORTED, WMI_E_INVALID_CLASS },
        { "Msvm_ComputerSystem", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
        { "", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
        { ":", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CimInstance *instance;
        assert_false(cim_session_invoke(f->session, NS_VIRTUALIZATION, cases[i].path, "RequestStateChange", NULL,
                                        &f->arena, &instance, &f->err));
        check_error(f, cases[i].code, cases[i].number);
        assert_false(cim_session_get(f->session, NS_VIRTUALIZATION, cases[i].path, &f->arena, &instance, &f->err));
        check_error(f, cases[i].code, cases[i].number);
    }
}

static void missing_role_and_missing_rights(void **state)
{
    Fixture *f = *state;
    size_t count;
    wmi_host_open("no-hyperv");
    assert_false(query(f, &count));
    check_error(f, ERR_UNSUPPORTED, WMI_E_INVALID_NAMESPACE);
    wmi_host_open("no-rights");
    assert_true(query(f, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(connections_are_kept),
        TEST(reads_are_asked_again_once),
        TEST(lost_rows_are_read_again),
        TEST(reads_are_not_asked_a_third_time),
        TEST(other_failures_are_told_at_once),
        TEST(rows_may_keep_us_waiting),
        TEST(but_not_for_ever),
        TEST(interruptions_end_reads),
        TEST(interruptions_let_methods_finish),
        TEST(failed_methods),
        TEST(lost_replies),
        TEST(lost_connections_are_made_anew),
        TEST(classes_are_fetched_once),
        TEST(unknown_classes_and_class_paths),
        TEST(missing_role_and_missing_rights),
    };
    return cmocka_run_group_tests_name("com session", tests, NULL, NULL);
}
