/* SPDX-License-Identifier: MIT */
/* What becomes of an interrupted change: finished or undone, by how far it came and what the host shows. */
#include "hyperv/change/recovery.h"

#include "base/compiler.h"
#include "support/test_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define CHECKPOINT_PATH "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:%s\""

static Arena arena;

/* The VM stands on that checkpoint; NULL: on none. */
typedef struct FakeHost {
    CimSession session; /* first: it is handed back */
    const char *parent;
    bool is_silent;
    size_t asked;
} FakeHost;

static const char *path_of(const char *checkpoint)
{
    return checkpoint != NULL ? arena_printf(&arena, CHECKPOINT_PATH, checkpoint) : NULL;
}

static bool fake_query(CimSession *session, const char *ns, const char *wql, Arena *row_arena, CimInstanceList *list,
                       Error *err)
{
    (void) ns;
    (void) wql;
    FakeHost *host = (FakeHost *) session;
    host->asked++;
    if (host->is_silent)
        return error_set(err, ERR_UNREACHABLE, "no connection");
    CimInstance *vm = cim_instance_create(row_arena, "Msvm_VirtualSystemSettingData");
    cim_instance_set(vm, row_arena, "VirtualSystemType", cim_string("Microsoft:Hyper-V:System:Realized"));
    cim_instance_set(vm, row_arena, "VirtualSystemIdentifier", cim_string("F65D0775-1CA1-4804-9305-71F4A38BDD83"));
    cim_instance_set(vm, row_arena, "Parent", cim_text(CIM_TYPE_REFERENCE, path_of(host->parent)));
    ARRAY_PUSH(row_arena, list, vm);
    for (int i = 0; i < 2; i++) {
        const char *id = i == 0 ? "old" : "new";
        CimInstance *row = cim_instance_create(row_arena, "Msvm_VirtualSystemSettingData");
        row->path = path_of(id);
        cim_instance_set(row, row_arena, "VirtualSystemType", cim_string("Microsoft:Hyper-V:Snapshot:Realized"));
        cim_instance_set(row, row_arena, "InstanceID", cim_string(arena_printf(&arena, "Microsoft:%s", id)));
        cim_instance_set(row, row_arena, "ElementName", cim_string(id));
        ARRAY_PUSH(row_arena, list, row);
    }
    return true;
}

static bool fake_get(CimSession *session, const char *ns, const char *path, Arena *row_arena, CimInstance **ret_row,
                     Error *err)
{
    (void) session;
    (void) ns;
    (void) path;
    (void) row_arena;
    (void) ret_row;
    return error_set(err, ERR_NOT_FOUND, "not asked for");
}

static bool fake_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                        const CimInstance *in, Arena *out_arena, CimInstance **ret_out, Error *err)
{
    (void) session;
    (void) ns;
    (void) path;
    (void) method;
    (void) in;
    (void) out_arena;
    (void) ret_out;
    return error_set(err, ERR_REMOTE, "a look changes nothing");
}

static void fake_close(CimSession *session)
{
    (void) session;
}

static const CimSessionOps fake_ops = {
    .name = "fake", .query = fake_query, .get = fake_get, .invoke = fake_invoke, .close = fake_close
};

typedef struct Row {
    ChangeStep step;
    bool takes_checkpoint;
    const char *parent_before, *parent_now; /* "old", "new", NULL */
    bool is_undone;
    const char *checkpoint; /* its name, "?": it is there, and its name is not known; NULL: there is none */
    size_t asked;
} Row;

static const Row rows[] = {
    /* Nothing that was asked for is there yet: undone, and nobody is asked. */
    { STEP_PLANNED, false, NULL, NULL, true, NULL, 0 },
    { STEP_PLANNED, true, "old", "new", true, NULL, 0 },
    { STEP_SETTINGS, false, NULL, NULL, true, NULL, 0 },
    { STEP_SETTINGS, true, NULL, "new", true, NULL, 0 },
    { STEP_REMOVAL, false, NULL, NULL, true, NULL, 0 },
    { STEP_REMOVAL, true, NULL, "new", true, NULL, 0 },
    { STEP_MEMORY, false, NULL, NULL, true, NULL, 0 },
    { STEP_MEMORY, true, NULL, "new", true, NULL, 0 },
    { STEP_ROLLBACK, false, NULL, NULL, true, NULL, 0 },
    { STEP_ROLLBACK, true, NULL, "new", true, NULL, 0 },
    /* The checkpoint was asked for: whether it is there shows by what the VM stands on. */
    { STEP_CHECKPOINT, true, NULL, NULL, true, NULL, 1 },
    { STEP_CHECKPOINT, true, "old", "old", true, NULL, 1 },
    { STEP_CHECKPOINT, true, NULL, "new", false, "new", 1 },
    { STEP_CHECKPOINT, true, "old", "new", false, "new", 1 },
    { STEP_CHECKPOINT, true, "old", NULL, true, NULL, 1 }, /* somebody has removed the old one, and none was made */
    /* From there on it is finished. */
    { STEP_ASSIGNMENT, true, NULL, "new", false, "?", 0 },
    { STEP_ASSIGNMENT, true, "old", "old", false, "?", 0 },
    { STEP_ASSIGNMENT, false, NULL, NULL, false, NULL, 0 },
};

static void changes_are_finished_or_undone(void **state)
{
    (void) state;
    const Vm vm = { .guid = "F65D0775-1CA1-4804-9305-71F4A38BDD83", .name = "vm" };
    GpuPartition one = { .adapter_id = "was" }, other = { .adapter_id = "will be" };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Row *row = &rows[i];
        TestClock clock;
        test_clock_init(&clock);
        FakeHost fake = { .parent = row->parent_now };
        cim_session_init(&fake.session, &fake_ops, "fake", &clock.clock);
        HyperVHost host = { .session = &fake.session };
        SelectorList none = { 0 };
        Gpu gpu = { .path = "gpu" };
        Recovery recovery = { .host = &host,
                              .vm = &vm,
                              .gpus = { .items = &gpu, .count = 1 },
                              .substitutes = &none,
                              .arena = &arena };
        ChangeRecord record = { .verb = "verb",
                                .step = row->step,
                                .takes_checkpoint = row->takes_checkpoint,
                                .parent_before = path_of(row->parent_before),
                                .before = { .items = &one, .count = 1 },
                                .after = { .items = &other, .count = 1 } };
        RecoveryResult result;
        Error err = { .code = ERR_NONE };
        if (!change_kind.plan_recovery(&recovery, &record, &result, &err))
            fail_msg("row %zu: %s", i, err.message);
        const char *name = result.change.checkpoint_name != NULL ? result.change.checkpoint_name : "?";
        if (result.change.rolled_back != row->is_undone || fake.asked != row->asked ||
            result.change.checkpoint_made != (row->checkpoint != NULL) ||
            (row->checkpoint != NULL && strcmp(name, row->checkpoint) != 0))
            fail_msg("row %zu: %s, %s, asked %zu times", i, result.change.rolled_back ? "undone" : "finished",
                     result.change.checkpoint_made ? name : "no checkpoint", fake.asked);
        assert_ptr_equal(result.partitions.items, row->is_undone ? &one : &other);
        assert_string_equal(result.step, change_step_name(row->step));
        arena_release(&arena);
    }
}

/* What cannot be asked is not guessed. */
static void silence_decides_nothing(void **state)
{
    (void) state;
    TestClock clock;
    test_clock_init(&clock);
    const Vm vm = { .guid = "F65D0775-1CA1-4804-9305-71F4A38BDD83", .name = "vm" };
    FakeHost fake = { .is_silent = true };
    cim_session_init(&fake.session, &fake_ops, "fake", &clock.clock);
    HyperVHost host = { .session = &fake.session };
    SelectorList none = { 0 };
    Recovery recovery = { .host = &host, .vm = &vm, .substitutes = &none, .arena = &arena };
    ChangeRecord record = { .verb = "checkpoint", .step = STEP_CHECKPOINT, .takes_checkpoint = true };
    RecoveryResult result;
    Error err = { .code = ERR_NONE };
    assert_false(change_kind.plan_recovery(&recovery, &record, &result, &err));
    assert_int_equal(err.code, ERR_UNREACHABLE);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(changes_are_finished_or_undone),
                                        cmocka_unit_test(silence_decides_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
