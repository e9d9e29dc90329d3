/* SPDX-License-Identifier: MIT */
/* What goes into the journal comes out of it the same, and a record that lacks something is refused by name. */
#include "hyperv/change/change_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define VM "F65D0775-1CA1-4804-9305-71F4A38BDD83"

static ChangeRecord sample(Arena *arena)
{
    ChangeRecord record = {
        .verb = "checkpoint",
        .vm_guid = VM,
        .vm_name = "Łódź 開発 \"x\"",
        .step = STEP_CHECKPOINT,
        .empties_first = true,
        .takes_checkpoint = true,
        .checkpoint_name = NULL,
        .parent_before = "Msvm_X.InstanceID=\"a\\\\b\"",
    };
    SettingChange automatic = { "AutomaticSnapshotsEnabled", cim_boolean(true), cim_boolean(false) };
    SettingChange low = { "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, UINT64_MAX), cim_uint(CIM_TYPE_UINT64, 1024) };
    SettingChange type = { "UserSnapshotType", cim_null(CIM_TYPE_UINT16), cim_uint(CIM_TYPE_UINT16, 3) };
    ARRAY_PUSH(arena, &record.settings, automatic);
    ARRAY_PUSH(arena, &record.settings, low);
    ARRAY_PUSH(arena, &record.settings, type);
    SettingChange minimum = { "Reservation", cim_uint(CIM_TYPE_UINT64, 512), cim_uint(CIM_TYPE_UINT64, 4096) };
    ARRAY_PUSH(arena, &record.memory, minimum);
    record.memory_id = "Microsoft:" VM "\\4764334d-e001-4176-82ee-5594ec9b530e";

    GpuPartition before = { .adapter_id = "Microsoft:" VM "\\1",
                            .host_resource = "\\\\H\\root:X.Name=\"é\"",
                            .pool_id = "",
                            .has_numa = true,
                            .numa = true,
                            .is_gone = true };
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i += 2)
        before.limits.items[i] = (PartitionLimit){ .is_set = true, .value = UINT64_MAX - i };
    GpuPartition bare = { .adapter_id = "Microsoft:" VM "\\2" };
    GpuPartition after = before;
    after.adapter_id = NULL;
    after.previous_id = before.adapter_id;
    after.is_new = true;
    ARRAY_PUSH(arena, &record.before, before);
    ARRAY_PUSH(arena, &record.before, bare);
    ARRAY_PUSH(arena, &record.after, after);
    ARRAY_PUSH(arena, &record.foreign, "Microsoft:" VM "\\3");
    return record;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_partition(const GpuPartition *a, const GpuPartition *b)
{
    return same_text(a->adapter_id, b->adapter_id) && same_text(a->previous_id, b->previous_id) &&
           same_text(a->host_resource, b->host_resource) && same_text(a->pool_id, b->pool_id) &&
           a->has_numa == b->has_numa && a->numa == b->numa && a->is_gone == b->is_gone && a->is_new == b->is_new &&
           partition_limits_equal(&a->limits, &b->limits);
}

static void test_round_trip(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    ChangeRecord record = sample(&arena), found = { .verb = NULL };
    json_t *json = shape_write(&change_record_shape, &record);
    /* Through text, as the journal does it: numbers beyond 63 bits must survive a reader of JSON. */
    char *text = json_dumps(json, JSON_ENSURE_ASCII);
    json_t *read = json_loads(text, 0, NULL);
    assert_non_null(read);
    if (!shape_read(&change_record_shape, read, &arena, &found, &err))
        fail_msg("%s", err.message);
    assert_string_equal(found.vm_name, record.vm_name);
    assert_string_equal(found.parent_before, record.parent_before);
    assert_null(found.checkpoint_name);
    assert_int_equal(found.step, record.step);
    assert_true(found.takes_checkpoint && found.empties_first);
    assert_int_equal(found.settings.count, record.settings.count);
    for (size_t i = 0; i < found.settings.count; i++) {
        assert_string_equal(found.settings.items[i].property, record.settings.items[i].property);
        assert_true(cim_value_equals(&found.settings.items[i].before, &record.settings.items[i].before));
        assert_true(cim_value_equals(&found.settings.items[i].after, &record.settings.items[i].after));
    }
    assert_string_equal(found.memory_id, record.memory_id);
    assert_int_equal(found.memory.count, 1);
    assert_string_equal(found.memory.items[0].property, "Reservation");
    assert_true(cim_value_equals(&found.memory.items[0].before, &record.memory.items[0].before));
    assert_int_equal(found.before.count, 2);
    assert_int_equal(found.after.count, 1);
    for (size_t i = 0; i < found.before.count; i++)
        assert_true(same_partition(&found.before.items[i], &record.before.items[i]));
    assert_true(same_partition(&found.after.items[0], &record.after.items[0]));
    assert_int_equal(found.foreign.count, 1);
    assert_string_equal(found.foreign.items[0], record.foreign.items[0]);
    free(text);
    json_decref(read);
    json_decref(json);
    arena_release(&arena);
}

/* Each member missing, and of the wrong type: refused with its name. */
static void test_every_member_is_checked(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    ChangeRecord record = sample(&arena), found;
    json_t *json = shape_write(&change_record_shape, &record);
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        json_t *damaged = json_deep_copy(json);
        Error err = { .code = ERR_NONE };
        found = (ChangeRecord){ .verb = NULL };
        (void) json_object_del(damaged, name);
        bool may_be_absent = strcmp(name, "foreign") == 0;
        assert_int_equal(shape_read(&change_record_shape, damaged, &arena, &found, &err), may_be_absent);
        assert_true(may_be_absent || strstr(err.message, name) != NULL);
        (void) json_object_set_new(damaged, name, json_real(1.5));
        assert_false(shape_read(&change_record_shape, damaged, &arena, &found, &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        json_decref(damaged);
    }
    json_decref(json);
    arena_release(&arena);
}

static void test_what_changes(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    ChangeRecord record = sample(&arena);
    assert_int_equal(record_removals(&record, &arena).count, 2);
    assert_true(record_adds(&record));
    assert_false(record_is_empty(&record, &arena));
    record.after = record.before;
    assert_int_equal(record_removals(&record, &arena).count, 0);
    assert_false(record_adds(&record));
    assert_false(record_is_empty(&record, &arena)); /* a checkpoint is something */
    record.takes_checkpoint = false;
    assert_false(record_is_empty(&record, &arena)); /* so are settings */
    record.settings.count = 0;
    assert_true(record_is_empty(&record, &arena));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_member_is_checked),
        cmocka_unit_test(test_what_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
