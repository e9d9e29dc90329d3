/* SPDX-License-Identifier: MIT */
/* Codes of advice in the words of the command line. Which code is given when is tested with those who give them. */
#include "present/advice.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define PROGRAM "hyperpoint -HOST sim:x"

static Arena arena;

static int release_arena(void **state)
{
    (void) state;
    arena_release(&arena);
    return 0;
}

static void obstacles_name_the_command_that_mends_them(void **state)
{
    (void) state;
    static const struct {
        VmObstacle obstacle;
        const char *text;
    } rows[] = {
        { { OBSTACLE_HIGH_MMIO, "my vm", "my vm", 512, 32768 },
          "the high MMIO space of VM 'my vm' is 512 MB, an assignment makes it 32768 MB; shut the VM down, then "
          "make a checkpoint that does so, too: hyperpoint -HOST sim:x -VM \"my vm\" -HIGHMMIO 32GB" },
        { { OBSTACLE_LOW_MMIO, "my vm", "my vm", 128, 1024 },
          "the low MMIO space of VM 'my vm' is 128 MB, an assignment makes it 1024 MB; shut the VM down, then "
          "make a checkpoint that does so, too: hyperpoint -HOST sim:x -VM \"my vm\" -LOWMMIO 1GB" },
        { { OBSTACLE_CACHE_TYPES, "my vm", "my vm", 0, 0 },
          "the guest of VM 'my vm' does not control cache types; shut the VM down, then on the host: Set-VM -Name "
          "\"my vm\" -GuestControlledCacheTypes $true" },
        { { OBSTACLE_MEMORY, "my vm", "my vm", 512, 4096 },
          "VM 'my vm' has dynamic memory and starts with 4096 MB, its minimum is 512 MB, and with a GPU they must be "
          "equal; shut the VM down, then make a checkpoint that sets it: hyperpoint -HOST sim:x -VM \"my vm\" "
          "-FIXMEMORY" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(advice_vm_obstacle(&rows[i].obstacle, PROGRAM, &arena), rows[i].text);
}

static void advice_on_gpus_has_words(void **state)
{
    (void) state;
    static VmObstacle mmio[] = { { OBSTACLE_LOW_MMIO, "my vm", "my vm", 128, 1024 } };
    static const VmObstacles one = { .items = mmio, .count = 1 };
    static const struct {
        uint32_t code;
        GuestFindings findings;
        const char *first, *not_told; /* in the first text, in none of them */
        size_t count;
    } rows[] = {
        { 0, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, "", "", 0 },
        { 43, { GUEST_VM_HINDERS, GUEST_DRIVERS_CURRENT, false }, "-LOWMMIO", "driver", 1 },
        { 43, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, "-LOWMMIO", "enhanced", 2 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_DIFFER, false }, "active on the host", "MMIO", 1 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_UNPROVEN, false }, "-VERIFY", "check-drivers", 1 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, true }, "enhanced session", "-VERIFY", 1 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, "enhanced session", "get-drivers", 1 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, "-VERIFY", "MMIO", 1 },
        { 43, { GUEST_VM_UNKNOWN, GUEST_DRIVERS_CURRENT, false }, "-DO check-drivers -GUEST", "active driver", 1 },
        { 43, { GUEST_VM_FITS, GUEST_DRIVERS_UNKNOWN, false }, "-DO check-drivers tells", "MMIO", 1 },
        { 12, { GUEST_VM_FITS, GUEST_DRIVERS_CURRENT, false }, "more MMIO space than it has", "driver", 1 },
        { 28, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, "vrd.inf", "get-drivers", 1 },
        { 99, { GUEST_VM_HINDERS, GUEST_DRIVERS_DIFFER, false }, "Device Manager", "MMIO", 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        GuestGpu gpu = { .name = "GPU", .device_id = "x", .problem = rows[i].code };
        StringList advice = advice_guest_gpu(&gpu, &rows[i].findings, &one, PROGRAM, &arena);
        assert_int_equal(advice.count, rows[i].count);
        if (advice.count > 0)
            assert_non_null(strstr(advice.items[0], rows[i].first));
        for (size_t j = 0; j < advice.count; j++)
            assert_null(strstr(advice.items[j], rows[i].not_told));
    }
}

static void a_guest_without_gpu_is_told_by_its_vm(void **state)
{
    (void) state;
    GuestVm none = { .name = "my vm" }, one = { .name = "my vm", .partitions = 1 };
    assert_non_null(strstr(advice_no_guest_gpu(NULL, false, PROGRAM, &arena), PROGRAM " -VM \"my vm\" -DO add-auto"));
    assert_non_null(strstr(advice_no_guest_gpu(&none, false, PROGRAM, &arena), "has no GPU assigned"));
    assert_non_null(strstr(advice_no_guest_gpu(&one, false, PROGRAM, &arena), "-GUEST is its guest"));
    assert_null(strstr(advice_no_guest_gpu(&one, true, PROGRAM, &arena), "-GUEST"));
}

static void every_code_has_words(void **state)
{
    (void) state;
    static const struct {
        AdviceCode code;
        const char *data, *text;
    } rows[] = {
        { ADVICE_NONE, "", "" },
        { ADVICE_RECOVER_FIRST, "my {call}", "run first: hyperpoint -HOST sim:{data} -VM \"my {call}\" -DO recover" },
        { ADVICE_NAME_VM_BY_ID, "A", "say which one: -VM id:A" },
        { ADVICE_NAME_VM_BY_ID, "A B C", "say which one: -VM id:A or -VM id:B or -VM id:C" },
        { ADVICE_TAKE_GPU, "2", "-GPU order:2" },
        { ADVICE_WRITE_INSTANCE_ID, "",
          "it looks like instanceid:\\\\?\\PCI#VEN_...#...#{...}\\GPUPARAV; -DO list-gpus-partitionable shows it" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Advice advice = { .code = rows[i].code };
        (void) snprintf(advice.data, sizeof(advice.data), "%s", rows[i].data);
        assert_string_equal(advice_words(&advice, "hyperpoint -HOST sim:{data}", &arena), rows[i].text);
    }
    for (int code = ADVICE_NONE + 1; code < ADVICE_COUNT; code++) {
        Advice advice = { .code = (AdviceCode) code, .data = "x" };
        assert_true(strlen(advice_words(&advice, PROGRAM, &arena)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_words),
        cmocka_unit_test(obstacles_name_the_command_that_mends_them),
        cmocka_unit_test(advice_on_gpus_has_words),
        cmocka_unit_test(a_guest_without_gpu_is_told_by_its_vm),
    };
    return cmocka_run_group_tests(tests, NULL, release_arena);
}
