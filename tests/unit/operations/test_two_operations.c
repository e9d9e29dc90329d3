/* SPDX-License-Identifier: MIT */
/* One simulated host, and two operations on two of its VMs in two threads of one process: one is cancelled in the
 * middle and puts everything back, the other comes to its end. */
#include "base/arena.h"
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "operations/change.h"
#include "platform/clock.h"
#include "platform/thread.h"
#include "sim/shared_host.h"
#include "sim/store/host_model.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Arena folder_arena;
static const char *folder;

/* Each has its own of everything but the host. */
typedef struct Worker {
    Report report; /* first: its functions are given it */
    Cancel cancel;
    const char *cancel_at; /* cancelled when this is being done; NULL: never */
    HyperVHost host;
    Arena arena;
    const char *vm_name;
    const PlanRequest *requests;
    size_t count;

    size_t done;
    ChangeReport result; /* of the last one */
    Error err;
} Worker;

static void ignore(Report *report, const char *text)
{
    (void) report;
    (void) text;
}

static void note_progress(Report *report, const char *text, int percent)
{
    Worker *worker = (Worker *) report;
    (void) percent;
    if (worker->cancel_at != NULL && text != NULL && strstr(text, worker->cancel_at) != NULL)
        cancel_request(&worker->cancel);
}

static void worker_init(Worker *worker, SharedHost *shared, const char *vm_name)
{
    *worker = (Worker){ .report = { .notice = ignore, .warning = ignore, .progress = note_progress },
                        .arena = ARENA_INIT,
                        .vm_name = vm_name };
    worker->host = (HyperVHost){ .session = sim_session_create(shared, clock_system()),
                                 .cancel = &worker->cancel,
                                 .report = &worker->report,
                                 .journals = { .place = { folder, "a host" }, .former = { folder, "a host" } } };
    worker->host.session->cancel.parent = &worker->cancel;
}

static void worker_release(Worker *worker)
{
    cim_session_close(worker->host.session);
    arena_release(&worker->arena);
}

static void work(void *context)
{
    Worker *worker = context;
    for (bool ok = true; ok && worker->done < worker->count; worker->done += ok) {
        Vm vm;
        ok = vm_find(&worker->host, worker->vm_name, &worker->arena, &vm, &worker->err) &&
             change_vm(&worker->host, &vm, &worker->requests[worker->done], false, &worker->arena, &worker->result,
                       &worker->err);
    }
}

static PlanRequest request_of(PlanVerb verb, const char *gpu, const char *name, Arena *arena)
{
    Error err;
    PlanRequest request = {
        .verb = verb, .verb_name = "test", .checkpoint_name = name, .high_mmio_mb = 65536, .config_folder = folder
    };
    StringList words = { 0 };
    if (gpu != NULL)
        ARRAY_PUSH(arena, &words, gpu);
    assert_true(selectors_parse(&words, arena, &request.selectors, &err));
    return request;
}

static size_t count_adapters(Worker *worker, CimInstance **ret_settings)
{
    Error err;
    Vm vm;
    GpuPartitionList adapters;
    assert_true(vm_find(&worker->host, worker->vm_name, &worker->arena, &vm, &err));
    assert_true(vm_read_partitions(&worker->host, &vm, &worker->arena, &adapters, &err));
    assert_true(cim_session_get(worker->host.session, NS_VIRTUALIZATION, vm.settings_path, &worker->arena,
                                ret_settings, &err));
    return adapters.count;
}

static SharedHost *open_shared(void)
{
    Error err;
    SharedHost *shared = NULL;
    SimHost *host = NULL;
    int64_t now_ms = clock_system()->now_ms(clock_system());
    if (!shared_host_open(NULL, NULL, now_ms, NULL, &shared, &err) ||
        !shared_host_enter(shared, SHARED_HOST_CHANGE, now_ms, NULL, &host, &err))
        fail_msg("%s", err.message);
    host->knobs.job_milliseconds = 50;
    assert_true(shared_host_leave(shared, true, &err));
    return shared;
}

static void one_is_cancelled_and_the_other_is_not(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    SharedHost *shared = open_shared();
    Worker cancelled, finished;
    worker_init(&cancelled, shared, "my vm");
    worker_init(&finished, shared, "build agent");
    shared_host_release(shared);
    const PlanRequest adds[] = { request_of(PLAN_ADD, "order:3", NULL, &arena) };
    const PlanRequest many[] = { request_of(PLAN_ADD, "order:1", NULL, &arena),
                                 request_of(PLAN_CHECKPOINT, NULL, "first", &arena),
                                 request_of(PLAN_DETACH, NULL, NULL, &arena),
                                 request_of(PLAN_ATTACH, NULL, NULL, &arena),
                                 request_of(PLAN_CHECKPOINT, "order:2", "second", &arena) };
    cancelled.requests = adds;
    cancelled.count = 1;
    cancelled.cancel_at = "change the VM's settings";
    finished.requests = many;
    finished.count = 5;

    Error err;
    Thread *threads[2];
    assert_true(thread_start(work, &cancelled, &threads[0], &err));
    assert_true(thread_start(work, &finished, &threads[1], &err));
    thread_join(threads[0]);
    thread_join(threads[1]);

    CimInstance *settings;
    assert_int_equal(cancelled.err.code, ERR_CANCELLED);
    assert_int_equal(cancelled.result.ending, ENDING_PUT_BACK);
    cancelled.cancel = (Cancel){ .parent = NULL };
    assert_int_equal(count_adapters(&cancelled, &settings), 2);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapSize", 0), 512);

    if (finished.done != finished.count)
        fail_msg("%s", finished.err.message);
    assert_false(cancel_is_requested(finished.host.cancel));
    assert_string_equal(finished.result.result.checkpoint_name, "second");
    assert_int_equal(count_adapters(&finished, &settings), 1);
    assert_int_equal(cim_instance_uint(settings, "HighMmioGapSize", 0), 65536);
    worker_release(&cancelled);
    worker_release(&finished);
    arena_release(&arena);
}

static int make_folder(void **state)
{
    (void) state;
    folder = system_make_folder(&folder_arena);
    return 0;
}

static int remove_folder(void **state)
{
    (void) state;
    system_remove_folder(folder);
    arena_release(&folder_arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_cancelled_and_the_other_is_not),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
