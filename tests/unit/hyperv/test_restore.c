/* SPDX-License-Identifier: MIT */
/* Which checkpoints can be restored, and when. */
#include "hyperv/change/restore.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static const struct {
    CheckpointKind kind;
    bool holds_memory;
    VmState state;
    const char *refusal; /* a part of it; NULL: it can be */
} rows[] = {
    { CHECKPOINT_STANDARD, false, VM_STATE_OFF, NULL },
    { CHECKPOINT_STANDARD, false, VM_STATE_RUNNING, NULL }, /* it is brought down first */
    { CHECKPOINT_PRODUCTION, false, VM_STATE_SAVED, NULL },
    { CHECKPOINT_STANDARD, true, VM_STATE_OFF, "holds the memory" },
    { CHECKPOINT_AUTOMATIC, false, VM_STATE_OFF, NULL },
    { CHECKPOINT_AUTOMATIC, true, VM_STATE_OFF, "holds the memory" },
    { CHECKPOINT_AUTOMATIC, false, VM_STATE_RUNNING, "Hyper-V removes it when VM 'vm' goes down" },
    { CHECKPOINT_AUTOMATIC, false, VM_STATE_PAUSED, "Hyper-V removes it when VM 'vm' goes down" },
    { CHECKPOINT_AUTOMATIC, false, VM_STATE_SAVED, "Hyper-V removes it when VM 'vm' goes down" },
    { CHECKPOINT_RECOVERY, false, VM_STATE_OFF, "of the type 'recovery'" },
    { CHECKPOINT_REPLICA, false, VM_STATE_OFF, "of the type 'replica'" },
    { CHECKPOINT_PLANNED, false, VM_STATE_OFF, "of the type 'planned'" },
    { CHECKPOINT_MISSING, false, VM_STATE_OFF, "of the type 'missing'" },
    { CHECKPOINT_OTHER, false, VM_STATE_OFF, "of the type 'other'" },
};

static void checkpoints_are_judged(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CheckpointNode node = { .name = "x", .kind = rows[i].kind, .holds_memory = rows[i].holds_memory };
        const RestoreView view = { .tree = { .vm = { .name = "vm" }, .items = &node, .count = 1 }, .index = 0 };
        const VmStatus status = { .state = rows[i].state };
        Error err = { .code = ERR_NONE };
        bool ok = restore_check(&view, &status, &err);
        if (ok != (rows[i].refusal == NULL))
            fail_msg("row %zu: %s", i, ok ? "not refused" : err.message);
        if (!ok) {
            assert_int_equal(err.code, ERR_STATE);
            if (strstr(err.message, rows[i].refusal) == NULL)
                fail_msg("row %zu: %s", i, err.message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkpoints_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
