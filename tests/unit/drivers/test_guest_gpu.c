/* SPDX-License-Identifier: MIT */
/* What a guest tells of its GPUs and of the packages it has, on the simulated guests. */
#include "drivers/guest/gpu.h"

#include "base/compiler.h"
#include "cim/connect.h"
#include "cim/schema.h"
#include "drivers/guest/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Arena arena;
static CimSession *session;
static Error err;

static int close_guest(void **state)
{
    (void) state;
    cim_session_close(session);
    session = NULL;
    arena_release(&arena);
    return 0;
}

static void open_guest(const char *variant)
{
    HostAddress address = { .text = "sim", .sim_file = "", .sim_variant = variant };
    assert_true(cim_connect(&address, clock_system(), &session, &err));
}

static GuestGpus gpus(void)
{
    GuestGpus list;
    if (!guest_gpus_read(session, &arena, &list, &err))
        fail_msg("%s", err.message);
    return list;
}

static void test_gpus_that_work(void **state)
{
    (void) state;
    open_guest("guest");
    GuestGpus list = gpus();
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].name, "NVIDIA GeForce RTX 4060");
    assert_non_null(strstr(list.items[0].device_id, "VEN_1414&DEV_008E"));
    assert_string_equal(guest_gpu_state(&list.items[0], &arena), "works");
    assert_int_equal(guest_gpu_advice(&list.items[0], &(GuestFindings){ .vm = GUEST_VM_HINDERS }), 0);
    assert_int_equal(session->round_trips, 1);
}

static void test_gpus_that_do_not(void **state)
{
    (void) state;
    open_guest("outdated-guest");
    GuestGpus list = gpus();
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[1].problem, 43);
    assert_string_equal(guest_gpu_state(&list.items[1], &arena), "has stopped (code 43)");
}

/* What the run has found comes first; what it found right is not told to look at; else the causes that remain. */
static void test_advice(void **state)
{
    (void) state;
    enum {
        MEND = GUEST_ADVICE_MEND_VM,
        UPDATE = GUEST_ADVICE_UPDATE,
        REMEDY = GUEST_ADVICE_REMEDY,
        VERIFY = GUEST_ADVICE_VERIFY,
    };
    static const struct {
        uint32_t code;
        GuestFindings findings;
        unsigned advice;
    } cases[] = {
        { 43, { GUEST_VM_HINDERS, GUEST_DRIVERS_CURRENT, false }, MEND },
        { 43, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, MEND | UPDATE },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_DIFFER, false }, UPDATE },
        { 43, { GUEST_VM_UNKNOWN, GUEST_DRIVERS_DIFFER, false }, UPDATE },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, REMEDY | VERIFY },
        { 43, { GUEST_VM_UNKNOWN, GUEST_DRIVERS_CURRENT, false }, REMEDY | VERIFY | GUEST_ADVICE_CHECK_VM },
        { 43,
          { GUEST_VM_UNKNOWN, GUEST_DRIVERS_UNKNOWN, false },
          REMEDY | VERIFY | GUEST_ADVICE_CHECK_VM | GUEST_ADVICE_CHECK_DRIVERS },
        { 43, { GUEST_VM_UNKNOWN, GUEST_DRIVERS_INSTALLED, false }, REMEDY | GUEST_ADVICE_CHECK_VM },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, true }, REMEDY },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_UNPROVEN, false }, REMEDY | VERIFY },
        { 10, { GUEST_VM_HINDERS, GUEST_DRIVERS_CURRENT, false }, MEND },
        { 31, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, REMEDY | VERIFY },
        { 12, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, MEND },
        { 12, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, GUEST_ADVICE_MORE_MMIO },
        { 14, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, REMEDY },
        { 22, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, REMEDY },
        { 28, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, REMEDY },
        { 45, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, REMEDY },
        { 99, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, GUEST_ADVICE_LOOK },
        { 0, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        GuestGpu gpu = { .name = "GPU", .device_id = "x", .problem = cases[i].code };
        unsigned advice = guest_gpu_advice(&gpu, &cases[i].findings);
        if (advice != cases[i].advice)
            fail_msg("row %zu: %#x, not %#x", i, advice, cases[i].advice);
        if ((advice & GUEST_ADVICE_REMEDY) != 0)
            assert_non_null(guest_gpu_remedy(&gpu));
    }
}

/* A host's GPUs are not virtual, whatever their state. */
static void test_no_virtual_gpu(void **state)
{
    (void) state;
    open_guest("windows11");
    assert_int_equal(gpus().count, 0);
}

static void test_problem_that_is_not_known(void **state)
{
    (void) state;
    GuestGpu gpu = { .name = "GPU", .device_id = "PCI\\VEN_1414&DEV_008E\\1", .problem = 99 };
    assert_string_equal(guest_gpu_state(&gpu, &arena), "has a problem (code 99)");
}

static bool has(const char *folder)
{
    const char *store;
    bool is_there = false;
    if (!guest_store_find(session, &arena, &store, &err) ||
        !guest_store_has(session, store, folder, &arena, &is_there, &err))
        fail_msg("%s", err.message);
    return is_there;
}

static void test_packages(void **state)
{
    (void) state;
    const char *store;
    StringList names;
    open_guest("guest");
    assert_true(has("nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"));
    assert_true(has("NV_DISPI.INF_AMD64_4A1B6D2F0C9E8D37"));
    assert_false(has("nv_dispi.inf_amd64_4a1b6d2f0c9e8d38"));
    assert_true(guest_store_find(session, &arena, &store, &err));
    assert_string_equal(store, "C:\\Windows\\System32\\HostDriverStore");
    assert_true(guest_store_folders(session, store, &arena, &names, &err));
    assert_int_equal(names.count, 3);
    assert_string_equal(names.items[1], "u0400975.inf_amd64_77c1b0a9e5d4f213");
    assert_string_equal(names.items[2], "amdocl.inf_amd64_0d4c2b1a99887766");
    assert_true(guest_store_packages(session, store, &arena, &names, &err));
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[1], "AMD_20240312");
}

static void test_no_store(void **state)
{
    (void) state;
    const char *store;
    StringList names;
    open_guest("windows11");
    assert_false(has("nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"));
    assert_true(guest_store_find(session, &arena, &store, &err));
    assert_true(guest_store_folders(session, store, &arena, &names, &err));
    assert_int_equal(names.count, 0);
    assert_true(guest_store_packages(session, store, &arena, &names, &err));
    assert_int_equal(names.count, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, close_guest)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_gpus_that_work), TEST(test_gpus_that_do_not), TEST(test_advice),
        TEST(test_no_virtual_gpu), TEST(test_problem_that_is_not_known),
        TEST(test_packages),       TEST(test_no_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
