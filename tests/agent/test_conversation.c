/* SPDX-License-Identifier: MIT */
/* Both ends of update-drivers as they are: the host's on a simulated host, the guest's service on the folder that is
 * that host's guest, and nothing of the tests' own between them. Either end is interrupted wherever it can be; then the
 * guest has the old drivers whole or the new ones, the host is as before, and the next update brings all to its end. */
#include "agent/agent.h"
#include "agent/stage_guest.h"
#include "agent/switches.h"
#include "base/compiler.h"
#include "exchange/names.h"
#include "hyperv/vm/kvp.h"
#include "operations/recover.h"
#include "platform/fs.h"
#include "support/fault_session.h"
#include "support/guest_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static unsigned stride = 1; /* every so many-th point is walked: the argument */

/* ---- the guest's service ---- */

static struct {
    AgentGuest guest;
    Agent *agent;
    Devices devices;
    Cancel cancel;
    int64_t next_ms;    /* when it looks again */
    unsigned steps;     /* so far */
    unsigned dies_at;   /* the step before which it dies, and starts anew; 0: never */
    bool is_away;       /* it does not run */
    const char *said;
} service;

static void say(Report *report, const char *text)
{
    (void) report;
    service.said = arena_printf(&stage.arena, "%s%s\n", service.said, text);
}

static void start_service(void)
{
    Error err;
    agent_destroy(service.agent);
    service.agent = agent_create(&service.guest);
    service.next_ms = 0;
    if (!agent_begin(service.agent, &err))
        fail_msg("%s", err.message);
}

static void live(int64_t ms)
{
    Error err = { .code = ERR_NONE };
    int64_t wait_ms = 0;
    (void) ms;
    if (service.agent == NULL || service.is_away || (stage.now_ms < service.next_ms && service.steps % 4 != 0)) {
        service.steps++;
        return;
    }
    if (++service.steps == service.dies_at)
        start_service();
    if (!agent_step(service.agent, &wait_ms, &err))
        fail_msg("%s", err.message);
    service.next_ms = stage.now_ms + wait_ms;
}

static void open_both(const char *knobs)
{
    static Report report = { .notice = say, .warning = say };
    Error err;
    AgentSwitches switches = { .is_set_up = true, .update = true, .restart = true };
    stage_open(knobs, live);
    memset(&service, 0, sizeof(service));
    service.said = "";
    service.devices.restart = stage_restart_device;
    service.guest = (AgentGuest){ .root = stage_path("guest"),
                                  .data = stage_path("guest/ProgramData"),
                                  .locks = stage_path("locks"),
                                  .registry = stage.registry,
                                  .devices = &service.devices,
                                  .connect = stage_connect_guest,
                                  .clock = &stage.clock,
                                  .cancel = &service.cancel,
                                  .report = &report };
    RegistryValue id = registry_text_value(RENDER_VM, &stage.arena);
    assert_true(stage.registry->write(stage.registry, EXCHANGE_KEY_FACTS, EXCHANGE_FACT_VM_ID, &id, &err));
    assert_true(agent_switches_write(stage.registry, &switches, &err));
    start_service();
}

static int close_both(void **state)
{
    agent_destroy(service.agent);
    service.agent = NULL;
    return stage_close(state);
}

/* ---- what the guest has ---- */

static bool has_drivers(void)
{
    return fs_exists(stage_path("guest/Windows/System32/HostDriverStore/FileRepository/"
                                "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37/nvlddmkm.sys"));
}

/* Nothing of a request is left in the inbox. */
static void check_inbox(void)
{
    Error err = { .code = ERR_NONE };
    StringList names = { 0 };
    if (!fs_list_folder(stage_path("guest/ProgramData/" EXCHANGE_INBOX), &stage.arena, &names, &err))
        assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(names.count, 0);
}

/* All comes to its end with one more update, whatever was before. */
static void check_goes_on(const char *what)
{
    Error err;
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    if (!stage_update(&request, &report, &err))
        fail_msg("after %s: %s\n%s", what, err.message, service.said);
    assert_true(report.ending == ENDING_DONE || report.ending == ENDING_NOT_NEEDED);
    assert_true(has_drivers());
    assert_true(report.after.package_count > 0); /* a host that tells less of its driver gets another package */
    stage_check_closed();
    live(0);
    check_inbox();
}

/* ---- it goes well ---- */

/* Calls of the host's end, polls apart; docs/update-drivers.md tells them. How many more read the driver from the
 * host's registry depends on the driver. */
enum { CALLS_OF_UPDATE = 20, CALLS_OF_LOOK = 7, CALLS_OF_DRIVER = 23 };

static void test_update(void **state)
{
    (void) state;
    open_both("");
    Error err;
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_false(has_drivers());
    uint64_t before = stage.host.session->round_trips;
    if (!stage_update(&request, &report, &err))
        fail_msg("%s\n%s", err.message, service.said);
    assert_int_equal(stage.host.session->round_trips - before, CALLS_OF_UPDATE + CALLS_OF_DRIVER);
    assert_int_equal(report.ending, ENDING_DONE);
    assert_true(has_drivers());
    assert_int_equal(report.after.package_count, 1);
    assert_string_equal(report.after.packages[0].driver, report.drivers.items[0].version);
    stage_check_closed();
    before = stage.host.session->round_trips;
    if (!stage_update(&request, &report, &err))
        fail_msg("%s", err.message);
    assert_int_equal(stage.host.session->round_trips - before, CALLS_OF_LOOK + CALLS_OF_DRIVER);
    assert_int_equal(report.ending, ENDING_NOT_NEEDED);
    check_goes_on("nothing");
}

static void test_not_allowed(void **state)
{
    (void) state;
    open_both("");
    Error err;
    AgentSwitches switches = { .is_set_up = true };
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_true(agent_switches_write(stage.registry, &switches, &err));
    start_service();
    assert_false(stage_update(&request, &report, &err));
    assert_int_equal(err.code, ERR_STATE);
    assert_false(has_drivers());
    stage_check_closed();
}

/* Delivered late, twice, one by one; copies that come to nothing, or to half. */
static void test_rough_ways(void **state)
{
    (void) state;
    static const char *const knobs[] = {
        "\"kvpMilliseconds\": 3000",        "\"kvp\": \"twice\"",       "\"guestFilesMilliseconds\": 20000",
        "\"guestCopyRate\": 1",             "\"german\": true",         "\"asyncResources\": true",
        "\"jobsCompleteWithWarnings\": true", "\"jobsFinishAtOnce\": true",
    };
    for (size_t i = 0; i < COUNT_OF(knobs); i++) {
        open_both(knobs[i]);
        check_goes_on(knobs[i]);
        assert_int_equal(close_both(NULL), 0);
    }
}

static void test_cut_file(void **state)
{
    (void) state;
    open_both("\"guestCopy\": \"cut\"");
    Error err;
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_false(stage_update(&request, &report, &err));
    assert_int_equal(report.ending, ENDING_PUT_BACK);
    assert_non_null(strstr(err.message, "only a part"));
    assert_false(has_drivers());
    stage_check_closed();
}

/* ---- the service dies ---- */

/* Before each of its steps in turn. */
static void test_service_dies(void **state)
{
    (void) state;
    unsigned last = 1;
    for (unsigned at = 1; at <= last; at += stride) {
        open_both("");
        service.dies_at = at;
        check_goes_on("the service's end");
        last = service.steps < 60 ? service.steps : 60;
        assert_int_equal(close_both(NULL), 0);
    }
    assert_true(last > 3);
}

/* An old request that comes back with a checkpoint changes nothing. */
static void test_request_returns(void **state)
{
    (void) state;
    open_both("");
    Error err;
    RegistryValue value;
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    char *text = NULL;
    size_t size;
    /* The request as it stands in the registry while the guest works. */
    service.is_away = true;
    assert_false(stage_update(&request, &report, &err)); /* nobody answers */
    assert_int_equal(err.code, ERR_TIMEOUT);
    stage_check_closed();
    service.is_away = false;
    check_goes_on("a service that was away");
    assert_true(fs_read_file(stage_path("guest/ProgramData/" AGENT_FOLDER "/requests.json"), 1 << 20, &stage.arena,
                             &text, &size, &err));
    const char *answered = strstr(text, "\"answered\": \"");
    assert_non_null(answered);
    const char *old = arena_printf(&stage.arena,
                                   "version=1;id=%.32s;vm=%s;do=install;sha256=%064d;size=1",
                                   answered + strlen("\"answered\": \""), "0f0e0d0c-0b0a-4908-8706-050403020100", 0);
    value = registry_text_value(old, &stage.arena);
    assert_true(stage.registry->write(stage.registry, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, &value, &err));
    for (int i = 0; i < 20; i++)
        live(0);
    assert_true(has_drivers());
    check_goes_on("a request that came back");
}

/* One that a checkpoint has brought back into the VM's configuration goes, also where nothing is to be done. */
static void test_item_returns(void **state)
{
    (void) state;
    open_both("");
    check_goes_on("nothing");
    Error err;
    KvpItem item = { .name = EXCHANGE_REQUEST, .value = "version=1" };
    KvpItems found = { 0 }, wanted = { .items = &item, .count = 1 };
    if (!kvp_reach(&stage.host, &stage.vm, &found, &wanted, &err))
        fail_msg("%s", err.message);
    check_goes_on("an item that came back");
}

/* ---- the host's end fails ---- */

enum { MOST = 90 /* calls; a longer run has more looks, which are alike */ };

typedef struct Row {
    FaultKind kind;
    FaultSpan span;
    const char *knobs; /* of the host; NULL: none */
} Row;

static void recover_if_needed(const char *what)
{
    Error err = { .code = ERR_NONE };
    RecoveryReport report;
    RecoveryRequest request = { .only_look = false };
    if (!stage_has_journal())
        return;
    if (!recover_vm(&stage.host, "render", &request, &stage.arena, &report, &err))
        fail_msg("recovery after %s: %s", what, err.message);
    assert_int_equal(report.outcome, RECOVERY_DONE);
}

/* One fault; at 0: none. *ret_calls: how many there were. True: it hit. */
static bool run_with_fault(const Row *row, size_t at, size_t *ret_calls)
{
    Error err;
    UpdateReport report;
    FaultScript script = { .faults = { { .kind = row->kind, .at = at, .span = row->span } },
                           .count = 1,
                           .cancel = &stage.cancel };
    open_both(row->knobs != NULL ? row->knobs : "");
    CimSession *direct = stage.host.session;
    stage.host.session = fault_session_wrap(direct, &script);
    UpdateRequest request = stage_request(false);
    bool ok = stage_update(&request, &report, &err);
    cim_session_close(stage.host.session);
    stage.host.session = direct;
    cancel_reset(&stage.cancel);
    const char *what = arena_printf(&stage.arena, "'%s' at call %zu (%s)", fault_rows[row->kind].name, at,
                                    script.hits > 0 && at <= FAULT_TRACE_LENGTH ? script.trace[at - 1].what : "?");
    if (script.hits > 0 && !ok && report.ending != ENDING_UNFINISHED && stage_has_journal())
        fail_msg("after %s: a journal stands, and nobody says so", what);
    if (ok != (report.ending == ENDING_DONE || report.ending == ENDING_NOT_NEEDED))
        fail_msg("after %s: it ends as %d", what, (int) report.ending);
    recover_if_needed(what);
    stage_check_closed();
    check_goes_on(what);
    assert_int_equal(close_both(NULL), 0);
    *ret_calls = script.calls;
    return script.hits > 0;
}

static void test_calls_fail(void **state)
{
    (void) state;
    static const Row rows[] = {
        { FAULT_REFUSED, FAULT_ONCE, NULL },       { FAULT_UNREACHABLE, FAULT_FROM_THERE_ON, NULL },
        { FAULT_LOST_DONE, FAULT_ONCE, NULL },     { FAULT_LOST_NOT_DONE, FAULT_ONCE, NULL },
        { FAULT_CUT_DONE, FAULT_ONCE, NULL },      { FAULT_JOB_FAILS, FAULT_ONCE, NULL },
        { FAULT_JOB_FAILS_DONE, FAULT_ONCE, NULL }, { FAULT_CANCEL, FAULT_ONCE, NULL },
        { FAULT_LOST_RUNNING, FAULT_ONCE, "\"guestCopyRate\": 20" }, /* a copy that takes longer than the rest */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Row plain = { rows[i].kind, FAULT_ONCE, rows[i].knobs };
        size_t hits = 0, calls, ignored;
        assert_false(run_with_fault(&plain, 0, &calls));
        assert_true(calls > 40);
        for (size_t at = 1 + i % stride; at <= calls && at <= MOST; at += stride)
            hits += run_with_fault(&rows[i], at, &ignored);
        assert_true(hits > 0 || stride > 1);
    }
}

#define TEST(function) cmocka_unit_test_teardown(function, close_both)

int main(int argc, char **argv)
{
    if (argc > 1)
        stride = (unsigned) strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        TEST(test_update),   TEST(test_not_allowed),     TEST(test_rough_ways),  TEST(test_cut_file),
        TEST(test_service_dies), TEST(test_request_returns), TEST(test_item_returns),
        TEST(test_calls_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
