/* SPDX-License-Identifier: MIT */
/* update-drivers against a simulated host whose guest is a folder, and a service in it that is played: each way in
 * which the guest can answer, or be silent, has its own ending, and whatever comes, nothing stays open. */
#include "operations/update.h"

#include "base/compiler.h"
#include "cim/sim/sim_session.h"
#include "exchange/names.h"
#include "hyperv/vm/guest_file.h"
#include "hyperv/change/guest_request.h"
#include "hyperv/vm/kvp.h"
#include "operations/recover.h"
#include "operations/update_package.h"
#include "platform/files.h"
#include "support/guest_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* ---- the guest ---- */

/* How the service behaves. */
typedef enum Temper {
    WORKS,
    ABSENT,       /* it is not set up */
    OTHER_WORDS,  /* what it tells of itself is not understood */
    NOT_ALLOWED,  /* it tells that it may not */
    SILENT,       /* it never answers */
    STANDS_STILL, /* it says "installing" and nothing more */
    STOPPED,      /* ... and that it was stopped */
    GARBAGE,      /* its answer is none */
    REFUSES,      /* with the reason of the case */
    FAILS,        /* the same, later */
    WAITS,        /* it is done when the guest has been restarted */
    WAITS_MUTE,   /* ... and does not come back */
    BROKEN_GPU,   /* installed, and the GPU does not work */
    ENDLESS,      /* always something new, and never an end */
    OTHER_ID,     /* done, with what nobody has asked for */
    FLOODS,       /* works, among many long items that nobody asked for */
} Temper;

typedef struct Guest {
    Temper temper;
    ExchangeReason reason;
    char answered[EXCHANGE_ID_LENGTH + 1];
    int64_t since_ms;      /* of the request */
    unsigned requests;     /* so far */
    bool installed;
    bool restarted;
    Cancel *cancels_at_request; /* Ctrl-C when the request arrives; NULL: never */
} Guest;

static Guest guest;
static Error err;

static void tell(const char *name, const char *text)
{
    Error failure;
    RegistryValue value = registry_text_value(text, &stage.arena);
    if (!stage.registry->write(stage.registry, EXCHANGE_KEY_FROM_GUEST, name, &value, &failure))
        fail_msg("%s", failure.message);
}

static void tell_agent(void)
{
    AgentReport report = { .program = "0.1.0",
                           .update = guest.temper != NOT_ALLOWED,
                           .restart = 1,
                           .windows = "22631.1",
                           .problem = guest.installed && guest.temper == BROKEN_GPU ? 43 : 0,
                           .packages = 0 };
    if (guest.temper == OTHER_WORDS)
        tell(EXCHANGE_AGENT, "version=2;program=9");
    else if (guest.temper != ABSENT)
        tell(EXCHANGE_AGENT, agent_report_write(&report, &stage.arena));
}

static void answer(ExchangePhase phase, ExchangeReason reason)
{
    ExchangeStatus status = { .phase = phase, .reason = reason, .percent = 50 };
    memcpy(status.id, guest.answered, sizeof(status.id));
    tell(EXCHANGE_STATUS, exchange_status_write(&status, &stage.arena));
}

/* Percent come and go, for hours. */
static void go_on_for_ever(void)
{
    stage.now_ms += 30 * 1000;
    ExchangeStatus status = { .phase = EXCHANGE_INSTALLING, .percent = (uint64_t) (stage.now_ms / 1000 % 100) };
    memcpy(status.id, guest.answered, sizeof(status.id));
    tell(EXCHANGE_STATUS, exchange_status_write(&status, &stage.arena));
}

static void answer_another(void)
{
    ExchangeStatus status = { .phase = EXCHANGE_DONE, .percent = 100 };
    memset(status.id, '0', EXCHANGE_ID_LENGTH);
    tell(EXCHANGE_STATUS, exchange_status_write(&status, &stage.arena));
}

static void flood(void)
{
    enum { ITEMS = 60 };
    static const char *const ends[] = { ";", "\x01\x7f", "%s%n", "</VALUE>" };
    for (unsigned i = 0; i < ITEMS; i++)
        tell(arena_printf(&stage.arena, "HyperPoint.%u", i),
             arena_printf(&stage.arena, "%0900u%s", i + (unsigned) stage.now_ms, ends[i % COUNT_OF(ends)]));
}

static bool read_request(ExchangeRequest *ret_request)
{
    RegistryValue value;
    Error failure;
    if (!stage.registry->read(stage.registry, EXCHANGE_KEY_FROM_HOST, EXCHANGE_REQUEST, &stage.arena, &value, &failure))
        fail_msg("%s", failure.message);
    if (value.state != REGISTRY_VALUE)
        return false;
    if (!exchange_request_read(registry_value_texts(&value, &stage.arena).items[0], ret_request, &failure))
        fail_msg("%s", failure.message);
    return true;
}

static const char *inbox_file(const ExchangeRequest *request)
{
    return stage_path(arena_printf(&stage.arena, "guest/ProgramData/" EXCHANGE_INBOX "/%s",
                                exchange_file_name(request->id, &stage.arena)));
}

/* The file is the one that was asked for. */
static ExchangeReason look_at_file(const ExchangeRequest *request)
{
    char *data, hash[HASH_TEXT_LENGTH + 1];
    size_t size;
    Error failure;
    if (!fs_read_file(inbox_file(request), 1 << 30, &stage.arena, &data, &size, &failure))
        return EXCHANGE_MISSING;
    assert_true(hash_of(data, size, hash, &failure));
    return size != request->size              ? EXCHANGE_SHORT
           : strcmp(hash, request->sha256) != 0 ? EXCHANGE_HASH
                                                : EXCHANGE_NONE;
}

static void begin_request(const ExchangeRequest *request)
{
    guest.requests++;
    guest.since_ms = stage.now_ms;
    memcpy(guest.answered, request->id, sizeof(guest.answered));
    if (guest.cancels_at_request != NULL)
        cancel_request(guest.cancels_at_request);
    if (guest.temper == GARBAGE)
        tell(EXCHANGE_STATUS, "phase=done");
    else if (guest.temper == REFUSES)
        answer(EXCHANGE_REFUSED, guest.reason);
    else if (guest.temper == OTHER_ID)
        answer_another();
    else if (guest.temper != SILENT)
        answer(EXCHANGE_SEEN, EXCHANGE_NONE);
    if (guest.temper == FLOODS)
        flood();
}

static void go_on(const ExchangeRequest *request)
{
    int64_t passed_ms = stage.now_ms - guest.since_ms;
    bool is_over = guest.temper == GARBAGE || guest.temper == REFUSES || guest.temper == SILENT ||
                   guest.temper == OTHER_ID || guest.installed;
    if (guest.temper == ENDLESS)
        go_on_for_ever();
    if (is_over || guest.temper == ENDLESS || passed_ms < 2000)
        return;
    ExchangeReason reason = look_at_file(request);
    if (reason != EXCHANGE_NONE) {
        answer(EXCHANGE_FAILED, reason);
    } else if (guest.temper == FAILS) {
        answer(EXCHANGE_FAILED, guest.reason);
    } else if (guest.temper == STOPPED) {
        answer(EXCHANGE_INSTALLING, EXCHANGE_INTERRUPTED);
    } else if (guest.temper == STANDS_STILL || passed_ms < 5000) {
        answer(EXCHANGE_INSTALLING, EXCHANGE_NONE);
    } else {
        guest.installed = true;
        tell_agent();
        bool waits = (guest.temper == WAITS && !guest.restarted) || guest.temper == WAITS_MUTE;
        answer(EXCHANGE_DONE, waits ? EXCHANGE_RESTART : EXCHANGE_NONE);
    }
}

/* It is in the sample's own state file that the VM has been restarted since. */
static void look_for_restart(void)
{
    if (guest.temper == WAITS && guest.installed && !guest.restarted && stage.now_ms - guest.since_ms > 20000) {
        guest.restarted = true;
        guest.installed = false; /* whoever asks again is answered */
        answer(EXCHANGE_DONE, EXCHANGE_NONE);
    }
}

static void live(int64_t ms)
{
    (void) ms;
    ExchangeRequest request;
    look_for_restart();
    if (guest.temper == ABSENT || !read_request(&request))
        return;
    if (strcmp(request.id, guest.answered) != 0)
        begin_request(&request);
    go_on(&request);
}

/* ---- the stage ---- */

static void open_stage(Temper temper, const char *knobs)
{
    guest = (Guest){ .temper = temper };
    stage_open(knobs, live);
    tell_agent();
}

static bool update(const UpdateRequest *request, UpdateReport *ret_report)
{
    return stage_update(request, ret_report, &err);
}

/* ---- it works ---- */

static void test_installs(void **state)
{
    (void) state;
    open_stage(WORKS, "");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    if (!update(&request, &report))
        fail_msg("%s", err.message);
    assert_int_equal(report.ending, ENDING_DONE);
    assert_int_equal(report.drivers.count, 1);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_INSTALLED);
    assert_true(report.drivers.items[0].size > 0);
    assert_true(update_is_well(&report));
    assert_int_equal(guest.requests, 1);
    stage_check_closed();
}

/* The guest tells that it has the very same package: nothing is brought, nothing is switched on. */
static void test_is_current(void **state)
{
    (void) state;
    open_stage(WORKS, "");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_true(update(&request, &report));
    UpdatePackage package;
    HostFiles *files;
    DriverGpuList gpus;
    Gathering found;
    DriverGpusRequest choice = { .host = &stage.host, .vm = &stage.vm };
    assert_true(sim_files_open(stage_path("sim.json"), &files, &err));
    GatherRequest gathering = {
        .host = &stage.host, .files = files, .clock = &stage.clock, .folder = stage_path("cache"), .zip = true
    };
    assert_true(driver_gpus_choose(&choice, &stage.arena, &gpus, &err));
    assert_true(gather_find(&gathering, &gpus, &stage.arena, &found, &err));
    assert_true(update_package_make(&gathering, &found.drivers.items[0], &stage.arena, &package, &err));
    host_files_close(files);
    ExchangePackage told = { .driver = "1.2", .files = 3 };
    memcpy(told.sha256, package.manifest, sizeof(told.sha256));
    AgentReport agent = { .program = "0.1.0", .update = 1, .windows = "22631.1", .packages = 1 };
    tell(exchange_package_item(1, &stage.arena), exchange_package_write(&told, &stage.arena));
    tell(EXCHANGE_AGENT, agent_report_write(&agent, &stage.arena));
    assert_true(update(&request, &report));
    assert_int_equal(report.ending, ENDING_NOT_NEEDED);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_CURRENT);
    assert_int_equal(guest.requests, 1);
    stage_check_closed();
}

static void test_only_looks(void **state)
{
    (void) state;
    open_stage(WORKS, "");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    request.only_look = true;
    if (!update(&request, &report))
        fail_msg("%s", err.message);
    assert_int_equal(report.ending, ENDING_PLANNED);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_PLANNED);
    assert_false(fs_exists(stage_path("cache")));
    assert_int_equal(guest.requests, 0);
    stage_check_closed();
}

/* The host says it is done, and there is no file: it is copied once more. */
static void test_file_comes_late(void **state)
{
    (void) state;
    open_stage(WORKS, "\"guestCopy\": \"silent\"");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_false(update(&request, &report));
    assert_int_equal(report.ending, ENDING_PUT_BACK);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.message, "although the host has copied it"));
    assert_int_equal(guest.requests, 2);
    stage_check_closed();
}

static void test_restart(void **state)
{
    (void) state;
    UpdateReport report;
    open_stage(WAITS, "");
    UpdateRequest request = stage_request(false);
    assert_true(update(&request, &report));
    assert_int_equal(report.ending, ENDING_DONE);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_WAITING);
    assert_true(update_waits(&report));
    stage_check_closed();
    /* As that run tells its user to do it. */
    request = stage_request(true);
    if (!update(&request, &report))
        fail_msg("%s", err.message);
    assert_true(report.was_restarted);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_INSTALLED);
    assert_int_equal(guest.requests, 2);
    stage_check_closed();
    assert_int_equal(stage_close(NULL), 0);

    open_stage(WAITS, "");
    request = stage_request(true);
    if (!update(&request, &report))
        fail_msg("%s", err.message);
    assert_true(report.was_restarted);
    assert_int_equal(report.drivers.items[0].outcome, UPDATE_INSTALLED);
    stage_check_closed();
    assert_int_equal(stage_close(NULL), 0);

    open_stage(WAITS_MUTE, "");
    request = stage_request(true);
    assert_false(update(&request, &report));
    assert_int_equal(err.code, ERR_TIMEOUT);
    stage_check_closed();
}

static void test_broken_gpu(void **state)
{
    (void) state;
    open_stage(BROKEN_GPU, "");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    assert_true(update(&request, &report));
    assert_int_equal(report.after.report.problem, 43);
    assert_false(update_is_well(&report));
}

/* ---- it does not ---- */

static void test_silences_and_refusals(void **state)
{
    (void) state;
    static const struct {
        Temper temper;
        ExchangeReason reason;
        const char *knobs;
        ErrorCode code;
        const char *part;
        ChangeEnding ending;
    } rows[] = {
        { ABSENT, 0, "", ERR_UNSUPPORTED, "service does not run in the guest", ENDING_REFUSED },
        { OTHER_WORDS, 0, "", ERR_PROTOCOL, "is not understood", ENDING_REFUSED },
        { NOT_ALLOWED, 0, "", ERR_STATE, "does not let its host", ENDING_REFUSED },
        { WORKS, 0, "\"guestContact\": \"none\"", ERR_TIMEOUT, "is not in contact", ENDING_REFUSED },
        { WORKS, 0, "\"guestContact\": \"lost\"", ERR_TIMEOUT, "does not answer any more", ENDING_REFUSED },
        { SILENT, 0, "", ERR_TIMEOUT, "service in the guest of VM 'render' does not answer", ENDING_PUT_BACK },
        { WORKS, 0, "\"kvp\": \"lost\"", ERR_TIMEOUT, "does not answer", ENDING_PUT_BACK },
        { STOPPED, 0, "", ERR_TIMEOUT, "was stopped, and has not started again", ENDING_PUT_BACK },
        { STANDS_STILL, 0, "", ERR_TIMEOUT, "does not get on", ENDING_PUT_BACK },
        { ENDLESS, 0, "", ERR_TIMEOUT, "does not come to an end", ENDING_PUT_BACK },
        { OTHER_ID, 0, "", ERR_TIMEOUT, "does not answer", ENDING_PUT_BACK },
        { FLOODS, 0, "", ERR_NONE, "", ENDING_DONE },
        { GARBAGE, 0, "", ERR_PROTOCOL, "is not understood", ENDING_PUT_BACK },
        { WORKS, 0, "\"guestCopy\": \"diskFull\"", ERR_NO_SPACE, "0x80070070", ENDING_PUT_BACK },
        { WORKS, 0, "\"guestCopy\": \"cut\"", ERR_IO, "only a part", ENDING_PUT_BACK },
        { REFUSES, EXCHANGE_OTHER_VM, "", ERR_STATE, "another VM", ENDING_PUT_BACK },
        { REFUSES, EXCHANGE_NOT_ALLOWED, "", ERR_STATE, "does not let its host", ENDING_PUT_BACK },
        { FAILS, EXCHANGE_SPACE, "", ERR_NO_SPACE, "no room", ENDING_PUT_BACK },
        { FAILS, EXCHANGE_BUSY, "", ERR_BUSY, "another installation", ENDING_PUT_BACK },
        { FAILS, EXCHANGE_INTERNAL, "", ERR_REMOTE, "failed", ENDING_PUT_BACK },
        { WORKS, 0, "\"kvp\": \"twice\"", ERR_NONE, "", ENDING_DONE },
        { WORKS, 0, "\"german\": true, \"kvpMilliseconds\": 5000", ERR_NONE, "", ENDING_DONE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UpdateReport report;
        open_stage(rows[i].temper, rows[i].knobs);
        guest.reason = rows[i].reason;
        UpdateRequest request = stage_request(false);
        bool ok = update(&request, &report);
        if (ok != (rows[i].code == ERR_NONE) || err.code != rows[i].code || report.ending != rows[i].ending ||
            strstr(err.message, rows[i].part) == NULL)
            fail_msg("case %zu: ending %d, %s", i, (int) report.ending, err.message);
        assert_true(ok || error_tells_what_to_do(&err) || rows[i].code == ERR_REMOTE);
        stage_check_closed();
        assert_int_equal(stage_close(NULL), 0);
    }
}

static void test_interrupted(void **state)
{
    (void) state;
    open_stage(WORKS, "");
    UpdateReport report;
    UpdateRequest request = stage_request(false);
    guest.cancels_at_request = &stage.cancel;
    assert_false(update(&request, &report));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(report.ending, ENDING_PUT_BACK);
    stage_check_closed();
}

/* ---- a VM that is off ---- */

static void turn_off(void)
{
    VmStatus status;
    bool asked;
    PowerRequest power = { .stop = true, .turn_off = true };
    assert_true(vm_read_status(&stage.host, &stage.vm, &status, &err));
    assert_true(power_stop(&stage.host, &stage.vm, &status, &power, &asked, &err));
}

static VmState state_now(void)
{
    VmStatus status = { .state = 0 };
    assert_true(vm_read_status(&stage.host, &stage.vm, &status, &err));
    return status.state;
}

static void test_vm_that_is_off(void **state)
{
    (void) state;
    UpdateReport report;
    open_stage(WORKS, "\"guestBootMilliseconds\": 60000");
    turn_off();
    UpdateRequest request = stage_request(false);
    assert_false(update(&request, &report));
    assert_int_equal(err.code, ERR_STATE);
    assert_int_equal(err.advice.code, ADVICE_UPDATE_STARTED);
    assert_int_equal(state_now(), VM_STATE_OFF);
    request.power = (PowerRequest){ .start = true, .stop = true };
    if (!update(&request, &report))
        fail_msg("%s", err.message);
    assert_true(report.was_started && report.was_stopped);
    assert_int_equal(report.ending, ENDING_DONE);
    assert_int_equal(state_now(), VM_STATE_OFF);
    stage_check_closed();
}

/* ---- killed ---- */

/* What a process left that was killed while it asked: recover takes it back, and the VM runs all the while. */
static void test_recover(void **state)
{
    (void) state;
    static const char *const steps[] = { "bringing", "asking" };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        open_stage(WORKS, "");
        const Vm *vm = &stage.vm;
        GuestRequest left = {
            .verb = "update-drivers", .step = steps[i], .vm_guid = vm->guid, .vm_name = vm->name
        };
        KvpItem item = { .name = EXCHANGE_REQUEST, .value = "x" };
        KvpItems none = { 0 }, items = { .items = &item, .count = 1 };
        Journal *journal;
        assert_true(guest_way_look(&stage.host, &stage.vm, &stage.arena, &left.way, &err));
        assert_true(
            journal_open(&stage.host.journals, vm->guid, vm->name, "test", &stage.clock, &journal, &err));
        assert_true(journal_write(journal, &guest_request_kind.record, &left, &err));
        journal_close(journal);
        guest.temper = ABSENT;
        assert_true(guest_way_open(&stage.host, vm, &left.way, &err));
        assert_true(kvp_reach(&stage.host, vm, &none, &items, &err));
        UpdateReport report;
        UpdateRequest request = stage_request(false);
        assert_false(update(&request, &report));
        assert_int_equal(report.ending, ENDING_UNFINISHED);
        RecoveryReport recovery;
        RecoveryRequest how = { .only_look = true };
        assert_true(recover_vm(&stage.host, "render", &how, &stage.arena, &recovery, &err));
        assert_int_equal(recovery.outcome, RECOVERY_UNFINISHED);
        assert_string_equal(recovery.result.step, steps[i]);
        how.only_look = false;
        if (!recover_vm(&stage.host, "render", &how, &stage.arena, &recovery, &err))
            fail_msg("%s", err.message);
        assert_int_equal(recovery.outcome, RECOVERY_DONE);
        assert_int_equal(state_now(), VM_STATE_RUNNING);
        stage_check_closed();
        assert_int_equal(stage_close(NULL), 0);
    }
}

/* ---- the cache ---- */

static FsLock *hold(uint64_t limit)
{
    FsLock *held = NULL;
    assert_true(update_cache_hold(stage_path("kept"), limit, NULL, report_silent(), &held, &err));
    return held;
}

static bool is_kept(const char *name)
{
    return fs_exists(stage_path(arena_printf(&stage.arena, "kept/%s", name)));
}

/* The oldest go, unless somebody is at work with the folder. */
static void test_cache(void **state)
{
    (void) state;
    open_stage(WORKS, "");
    static const char *const names[] = { "a.zip", "b.zip", "c.zip", "d.txt" };
    assert_true(fs_make_folders(stage_path("kept"), FS_SHARED, &err));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        FileStream *stream;
        assert_true(file_create(stage_path(arena_printf(&stage.arena, "kept/%s", names[i])), &stream, &err));
        assert_true(file_write(stream, "12345", 5, &err) && file_finish(stream, (int64_t) (1000 + i), &err));
    }
    FsLock *held = hold(15);
    assert_true(is_kept("a.zip") && is_kept("b.zip") && is_kept("c.zip"));
    fs_unlock(hold(0));
    assert_true(is_kept("a.zip") && is_kept("b.zip") && is_kept("c.zip"));
    fs_unlock(held);
    fs_unlock(hold(14));
    assert_true(!is_kept("a.zip") && is_kept("b.zip") && is_kept("c.zip"));
    fs_unlock(hold(0));
    assert_true(!is_kept("b.zip") && !is_kept("c.zip") && is_kept("d.txt"));
}

#define TEST(function) cmocka_unit_test_teardown(function, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_installs),     TEST(test_is_current), TEST(test_only_looks),  TEST(test_file_comes_late),
        TEST(test_restart),      TEST(test_broken_gpu), TEST(test_silences_and_refusals),
        TEST(test_interrupted),  TEST(test_vm_that_is_off), TEST(test_recover), TEST(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
