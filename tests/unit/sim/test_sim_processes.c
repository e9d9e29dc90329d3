/* SPDX-License-Identifier: MIT */
/* Several processes on one state file. */
#include "cim/schema.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "platform/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define STATE_FILE "test_sim_processes.json"

static Arena arena;

static int clean_up(void **state)
{
    Error err;
    (void) state;
    arena_release(&arena);
    return !(fs_remove_file(STATE_FILE, &err) && fs_remove_file(STATE_FILE ".lock", &err));
}

static CimSession *open_session(void)
{
    Error err;
    CimSession *session = NULL;
    if (!sim_session_open(STATE_FILE, NULL, clock_system(), &session, &err))
        fail_msg("%s", err.message);
    return session;
}

static void wait_for(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

enum { PROCESSES = 4, ROUNDS = 10 };

static bool define_vms(void)
{
    static const char management[] =
        "Msvm_VirtualSystemManagementService.CreationClassName=\"Msvm_VirtualSystemManagementService\",Name=\"vmms\","
        "SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"HV1\"";
    Error err;
    CimSession *session = NULL;
    bool ok = sim_session_open(STATE_FILE, NULL, clock_system(), &session, &err);
    for (int i = 0; i < ROUNDS && ok; i++) {
        CimInstance *out;
        ok = cim_session_invoke(session, NS_VIRTUALIZATION, management, "DefineSystem", NULL, &arena, &out, &err);
    }
    return ok;
}

/* All change the same host at the same time, and nothing gets lost. */
static void test_side_by_side(void **state)
{
    (void) state;
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(define_vms() ? 0 : 1);
    }
    for (int i = 0; i < PROCESSES; i++)
        wait_for(children[i]);
    CimSession *session = open_session();
    CimInstanceList list;
    Error err;
    assert_true(cim_session_query(session, NS_VIRTUALIZATION,
                                  "SELECT * FROM Msvm_ComputerSystem WHERE ElementName = 'New Virtual Machine'", &arena,
                                  &list, &err));
    assert_int_equal(list.count, PROCESSES * ROUNDS);
    cim_session_close(session);
}

/* Another process holds the lock, and the user interrupts. While things are being put back the wait goes on. */
static void test_interrupted_wait(void **state)
{
    (void) state;
    Error err;
    CimSession *session = open_session();
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        FsLock *lock = NULL;
        bool ok = fs_lock(STATE_FILE ".lock", FS_SHARED, &lock, &err) && write(ready[1], "x", 1) == 1;
        clock_system()->sleep_ms(clock_system(), 100);
        _exit(ok ? 0 : 1); /* which ends the lock */
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    Cancel *shielded = cancel_shield(&session->cancel); /* things are being put back */
    cancel_request(shielded);
    CimInstanceList list;
    bool done =
        cim_session_query(session, NS_VIRTUALIZATION, "SELECT * FROM Msvm_PartitionableGpu", &arena, &list, &err);
    cancel_unshield(&shielded);
    assert_true(done);
    assert_int_equal(list.count, 5);
    wait_for(child);
    assert_int_equal(close(ready[0]), 0);
    assert_int_equal(close(ready[1]), 0);
    cim_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_side_by_side, clean_up),
        cmocka_unit_test_teardown(test_interrupted_wait, clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
