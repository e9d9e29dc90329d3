/* SPDX-License-Identifier: MIT */
/* What is remembered of detached GPUs, against what is on the VM. */
#include "hyperv/change/detached.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define PATH(gpu) \
    "\\\\HV1\\root\\virtualization\\v2:Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\",Name=\"" \
    "\\\\\\\\?\\\\PCI#" gpu "#{064092b3-625e-43bf-9eb5-dc845897dd59}\\\\GPUPARAV\""

/* "A1": a GPU and what its limits are; '-' for a GPU: none is named. */
static GpuPartition partition(const char *text, const char *id)
{
    GpuPartition made = { .adapter_id = id, .pool_id = "" };
    if (text[0] != '-')
        made.host_resource = text[0] == 'A' ? PATH("VEN_A") : PATH("VEN_B");
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++)
        made.limits.items[i] = (PartitionLimit){ .is_set = true, .value = (uint64_t) text[1] };
    return made;
}

/* "A1 B2" */
static GpuPartitionList partitions(const char *text, const char *prefix, Arena *arena)
{
    GpuPartitionList list = { 0 };
    for (; *text != '\0'; text += 2 + (text[2] == ' ')) {
        GpuPartition one = partition(text, arena_printf(arena, "%s%zu", prefix, list.count));
        ARRAY_PUSH(arena, &list, one);
    }
    return list;
}

static void test_compare(void **state)
{
    (void) state;
    /* For each that is remembered the number of the adapter that is it: '=' before it: the same; '!': other settings;
     * ".": none. Behind the bar those that are none of them. */
    static const struct {
        const char *remembered, *present, *expected;
    } rows[] = {
        { "A1 B2", "", ". . |" },
        { "A1 B2", "A1 B2", "=0 =1 |" },
        { "A1 B2", "B2 A1", "=1 =0 |" },
        { "A1 B2", "B2", ". =0 |" },
        { "A1 B2", "B1", ". !0 |" },
        { "A1", "B1", ". | 0" },
        { "A1 A2", "A2", ". =0 |" },        /* twice the same GPU: by their settings */
        { "A1 A2", "A2 A3", "!1 =0 |" },
        { "A1", "A1 A1", "=0 | 1" },        /* each adapter once */
        { "A1", "A2 A1", "=1 | 0" },
        { "A1 A1", "A1", "=0 . |" },
        { "-1", "A1 -1", "=1 | 0" },
        { "-1", "-2 B1", "!0 | 1" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Arena arena = ARENA_INIT;
        DetachedGpus detached = { .partitions = partitions(rows[i].remembered, "old", &arena) };
        GpuPartitionList present = partitions(rows[i].present, "", &arena), others;
        const DetachedMatch *matches = detached_compare(&detached, &present, &arena, &others);
        const char *found = "";
        for (size_t k = 0; k < detached.partitions.count; k++)
            found = matches[k].row == NULL ? arena_printf(&arena, "%s. ", found)
                                           : arena_printf(&arena, "%s%s%s ", found, matches[k].is_same ? "=" : "!",
                                                          matches[k].row->adapter_id);
        found = arena_printf(&arena, "%s|", found);
        size_t missing = 0;
        for (size_t k = 0; k < detached.partitions.count; k++) {
            ARRAY_PUSH(&arena, &detached.names, matches[k].is_same ? "there" : "missing");
            missing += !matches[k].is_same;
        }
        DetachedGpus left = detached_left(&detached, &present, &arena);
        assert_true(left.partitions.count == missing && left.names.count == missing);
        for (size_t k = 0; k < missing; k++)
            assert_string_equal(left.names.items[k], "missing");
        for (size_t k = 0; k < others.count; k++)
            found = arena_printf(&arena, "%s %s", found, others.items[k].adapter_id);
        assert_string_equal(found, rows[i].expected);
        arena_release(&arena);
    }
}

static void test_round_trip(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    DetachedGpus detached = { .since = "2026-01-31T12:00:00.000Z",
                              .parent = "Msvm_X.InstanceID=\"a\"",
                              .partitions = partitions("A1 -2", "Microsoft:X\\", &arena) };
    ARRAY_PUSH(&arena, &detached.names, "Radeon");
    ARRAY_PUSH(&arena, &detached.names, "GPU chosen by the host");
    DetachedGpus again = { .since = NULL };
    json_t *json = shape_write(&detached_shape, &detached);
    if (!shape_read(&detached_shape, json, &arena, &again, &err))
        fail_msg("%s", err.message);
    GpuPartitionList others;
    const DetachedMatch *matches = detached_compare(&again, &detached.partitions, &arena, &others);
    assert_true(matches[0].is_same && matches[1].is_same && others.count == 0);
    assert_string_equal(again.names.items[1], detached.names.items[1]);
    assert_string_equal(again.parent, detached.parent);

    /* A name for each adapter, and an ID. */
    detached.names.count = 1;
    json_t *nameless = shape_write(&detached_shape, &detached);
    assert_false(shape_read(&detached_shape, nameless, &arena, &again, &err));
    assert_non_null(strstr(err.message, "names"));
    json_decref(nameless);
    json_decref(json);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_compare), cmocka_unit_test(test_round_trip) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
