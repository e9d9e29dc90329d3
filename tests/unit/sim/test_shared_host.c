/* SPDX-License-Identifier: MIT */
/* One simulated host, and two threads with a session each that work on two of its VMs. */
#include "base/compiler.h"
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "platform/thread.h"
#include "unit/sim/sim_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define STATE_FILE "test_shared_host.json"

static const char management[] =
    "Msvm_VirtualSystemManagementService.CreationClassName=\"Msvm_VirtualSystemManagementService\","
    "Name=\"vmms\",SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"HV1\"";

typedef struct Worker {
    CimSession *session;
    const char *guid;
    unsigned rounds;
    unsigned cancel_after; /* of its own session; 0: never */
    unsigned done;
    bool is_wrong; /* a name was not the one that this worker has given */
    Error err;
} Worker;

static bool rename_vm(const Worker *worker, const char *name, Arena *arena, Error *err)
{
    CimInstance *settings = cim_instance_create(arena, "Msvm_VirtualSystemSettingData"), *out;
    CimInstance *in = cim_instance_create(arena, "__PARAMETERS");
    cim_instance_set(settings, arena, "InstanceID", cim_string(arena_printf(arena, "Microsoft:%s", worker->guid)));
    cim_instance_set(settings, arena, "ElementName", cim_string(name));
    cim_instance_set(in, arena, "SystemSettings", cim_embedded(settings));
    return cim_session_invoke(worker->session, NS_VIRTUALIZATION, management, "ModifySystemSettings", in, arena, &out,
                              err);
}

static bool name_is(const Worker *worker, const char *name, Arena *arena, bool *ret_same, Error *err)
{
    CimInstanceList list;
    const char *wql = arena_printf(arena, "SELECT * FROM Msvm_ComputerSystem WHERE Name = '%s'", worker->guid);
    if (!cim_session_query(worker->session, NS_VIRTUALIZATION, wql, arena, &list, err))
        return false;
    *ret_same = list.count == 1 && strcmp(cim_instance_text(list.items[0], "ElementName"), name) == 0;
    return true;
}

/* Renames its VM again and again, and looks whether it is called so. */
static void work(void *context)
{
    Worker *worker = context;
    for (unsigned i = 0; i < worker->rounds; i++) {
        Arena arena = ARENA_INIT;
        bool is_same = true;
        const char *name = arena_printf(&arena, "%.8s %u", worker->guid, i);
        if (worker->cancel_after > 0 && i == worker->cancel_after)
            cancel_request(&worker->session->cancel);
        bool ok = rename_vm(worker, name, &arena, &worker->err) &&
                  name_is(worker, name, &arena, &is_same, &worker->err);
        worker->is_wrong = worker->is_wrong || !is_same;
        arena_release(&arena);
        if (!ok)
            break;
        worker->done++;
    }
}

static void run_both(Worker *a, Worker *b)
{
    Error err;
    Thread *threads[2];
    assert_true(thread_start(work, a, &threads[0], &err));
    assert_true(thread_start(work, b, &threads[1], &err));
    thread_join(threads[0]);
    thread_join(threads[1]);
    assert_false(a->is_wrong || b->is_wrong);
}

/* What the one has done is still there after all that the other has. */
static void assert_named(CimSession *session, const char *guid, unsigned rounds)
{
    Error err;
    bool is_same = false;
    Arena arena = ARENA_INIT;
    const Worker asks = { .session = session, .guid = guid };
    const char *name = arena_printf(&arena, "%.8s %u", guid, rounds - 1);
    assert_true(name_is(&asks, name, &arena, &is_same, &err));
    assert_true(is_same);
    arena_release(&arena);
}

static SharedHost *open_shared(const char *file)
{
    Error err;
    SharedHost *shared = NULL;
    if (!shared_host_open(file, NULL, clock_system()->now_ms(clock_system()), NULL, &shared, &err))
        fail_msg("%s", err.message);
    return shared;
}

static int remove_files(void **state)
{
    Error err;
    (void) state;
    return fs_remove_file(STATE_FILE, &err) && fs_remove_file(STATE_FILE ".lock", &err) ? 0 : -1;
}

static void check_two_threads(SharedHost *one, SharedHost *other, unsigned rounds)
{
    Worker a = { .session = sim_session_create(one, clock_system()), .guid = MY_VM, .rounds = rounds };
    Worker b = { .session = sim_session_create(other, clock_system()), .guid = PLAIN_VM, .rounds = rounds };
    shared_host_release(one);
    if (other != one)
        shared_host_release(other);
    run_both(&a, &b);
    assert_int_equal(a.done, rounds);
    assert_int_equal(b.done, rounds);
    assert_named(a.session, b.guid, rounds);
    assert_named(b.session, a.guid, rounds);
    cim_session_close(a.session);
    cim_session_close(b.session);
}

static void test_in_memory(void **state)
{
    (void) state;
    SharedHost *shared = open_shared(NULL);
    check_two_threads(shared, shared, 200);
}

static void test_on_a_file(void **state)
{
    (void) state;
    SharedHost *shared = open_shared(STATE_FILE);
    check_two_threads(shared, shared, 10);
}

/* As two programs would: each has read the file by itself. */
static void test_two_of_one_file(void **state)
{
    (void) state;
    SharedHost *one = open_shared(STATE_FILE);
    check_two_threads(one, open_shared(STATE_FILE), 10);
}

/* One thread's work is cancelled; the other's goes on to its end. */
static void test_one_cancelled(void **state)
{
    (void) state;
    SharedHost *shared = open_shared(NULL);
    Worker a = { .session = sim_session_create(shared, clock_system()), .guid = MY_VM, .rounds = 200,
                 .cancel_after = 20 };
    Worker b = { .session = sim_session_create(shared, clock_system()), .guid = PLAIN_VM, .rounds = 200 };
    shared_host_release(shared);
    run_both(&a, &b);
    assert_int_equal(a.done, 20);
    assert_int_equal(a.err.code, ERR_CANCELLED);
    assert_int_equal(b.done, 200);
    assert_named(b.session, a.guid, 20);
    cim_session_close(a.session);
    cim_session_close(b.session);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, remove_files, remove_files)
    const struct CMUnitTest tests[] = {
        TEST(test_in_memory),
        TEST(test_on_a_file),
        TEST(test_two_of_one_file),
        TEST(test_one_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
