/* SPDX-License-Identifier: MIT */
/* What the user is told of a change that failed and could not be put back: both reasons, and what to do. */
#include "base/compiler.h"
#include "cli/exit_code.h"
#include "host_state.h"
#include "place.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static const HostSpec host = { "usual", "windows11", "{\"jobMilliseconds\": 0}" };
static const VmSpec vm = { .adapters = { { .gpu = 1, .limit = 80000000, .kinds = 15 } }, .adapter_count = 1 };

static size_t call_number(const FaultScript *plain, const char *what)
{
    for (size_t i = 0; i < plain->calls; i++) {
        if (strcmp(plain->trace[i].what, what) == 0)
            return i + 1;
    }
    fail_msg("no call '%s'", what);
    return 0;
}

static void both_reasons_are_told(void **state)
{
    (void) state;
    static const char *const checkpoint[] = { "-DO", "checkpoint", NULL };
    static const struct {
        const char *call; /* that goes wrong, and from the next one on */
        FaultKind first, next;
        FaultSpan next_span;
        ExitCode code;
        const char *told[3];
    } rows[] = {
        { "invoke CreateSnapshot", FAULT_RETURNS_FAILED, FAULT_UNREACHABLE, FAULT_FROM_THERE_ON, EXIT_UNFINISHED,
          { "cannot create the checkpoint: the host answers 32768 (failed); putting everything back failed, too: ",
            "no connection", "-DO recover" } },
        { "invoke CreateSnapshot", FAULT_WRONG_STATE, FAULT_DENIED, FAULT_FROM_THERE_ON, EXIT_UNFINISHED,
          { "cannot create the checkpoint: injected: not in this state; putting everything back failed, too: ",
            "access denied", "-DO recover" } },
        { "invoke AddResourceSettings", FAULT_RETURNS_FAILED, FAULT_UNREACHABLE, FAULT_FROM_THERE_ON, EXIT_UNFINISHED,
          { "going on all the same failed, too: ", "no connection", "-DO recover" } },
        /* The same reason is told once, and one that passes is none. */
        { "invoke CreateSnapshot", FAULT_UNREACHABLE, FAULT_UNREACHABLE, FAULT_ONCE, EXIT_PUT_BACK,
          { "cannot create the checkpoint: injected: no connection\n", "everything is as it was", "" } },
    };
    Arena arena = ARENA_INIT;
    const char *folder = system_make_folder(&arena);
    Place place = place_create(folder, 0);
    Snapshot base = { .host = host_build(&place, &host, &vm, false, &arena), .now_ms = 1 };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        FaultScript plain = { .count = 0 };
        place_restore(&place, &base);
        (void) place_run(&place, checkpoint, &plain, NULL, false, &arena);
        size_t at = call_number(&plain, rows[i].call);
        FaultScript script = { .faults = { { rows[i].first, at, FAULT_ONCE },
                                           { rows[i].next, at + 1, rows[i].next_span } },
                               .count = 2 };
        place_restore(&place, &base);
        Run run = place_run(&place, checkpoint, &script, NULL, false, &arena);
        if (run.exit_code != (int) rows[i].code)
            fail_msg("row %zu: exit code %d\n%s", i, run.exit_code, run.err);
        for (size_t j = 0; j < COUNT_OF(rows[i].told); j++) {
            if (strstr(run.err, rows[i].told[j]) == NULL)
                fail_msg("row %zu: '%s' is not in\n%s", i, rows[i].told[j], run.err);
        }
    }
    place_destroy(&place);
    system_remove_folder(folder);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both_reasons_are_told) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
