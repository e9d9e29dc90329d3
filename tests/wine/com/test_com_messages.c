/* SPDX-License-Identifier: MIT */
/* What users read, and scripts get as exit code, when this computer's Hyper-V or another one cannot be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "cim/connect.h"
#include "cli/exit_code.h"
#include "commands/run.h"
#include "platform/clock.h"
#include "support/system.h"
#include "wine/com/wmi_host.h"

#include <string.h>

static const struct {
    const char *variant; /* of the host */
    const char *fault;   /* NULL: none */
    const char *host;    /* -HOST; NULL: left out */
    int exit_code;
    const char *message, *hint; /* parts of them */
} cases[] = {
    { "windows11", NULL, NULL, EXIT_DONE, "my vm", "" },
    { "no-hyperv", NULL, NULL, EXIT_REFUSED, "Hyper-V is not there", "if this is a guest, run hyperpoint on its host" },
    { "no-hyperv", NULL, "HV1", EXIT_REFUSED, "Hyper-V is not there on the host 'HV1'", "name another host" },
    { "no-rights", NULL, NULL, EXIT_NO_HOST, "no rights", "as an administrator, or as a member of the group" },
    { "windows11", "ConnectServer:80041003:9", NULL, EXIT_NO_HOST, "refuses access", "Run as administrator" },
    { "windows11", "ConnectServer:80070005:9", "HV1", EXIT_NO_HOST, "by 'HV1'", "Distributed COM Users" },
    { "windows11", "Next:80041014:9", NULL, EXIT_NO_HOST, "cannot start its provider", "net start vmms" },
    { "windows11", "Next:80041002:9", NULL, EXIT_NO_HOST, "finds no provider", "net start vmms" },
    { "windows11", "Next:80041014:9", "HV1", EXIT_NO_HOST, "on 'HV1'", "(vmms) there" },
    { "windows11", "any:80041033:9", NULL, EXIT_NO_HOST, "shutting down", "try again in a moment" },
    { "windows11", "ConnectServer:80070422:9", NULL, EXIT_NO_HOST, "WMI is turned off", "net start winmgmt" },
    { "windows11", NULL, "nobody", EXIT_NO_HOST, "cannot reach 'nobody'", "firewall" },
};

static void users_are_told_what_to_do(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        const char *words[] = { "-DO", "list-vms", "-HOST", cases[i].host };
        const char *folder = system_make_folder(&arena);
        RunEnvironment environment = { .out = capture_open(),
                                       .err = capture_open(),
                                       .clock = clock_system(),
                                       .connect = cim_connect,
                                       .program_folder = folder,
                                       .state_folder = folder };
        wmi_host_open(cases[i].variant);
        wmi_host_fault(cases[i].fault);
        int code = run_hyperpoint(&environment, cases[i].host != NULL ? 4 : 2, words);
        wmi_host_close();
        const char *text = arena_printf(&arena, "%s%s", capture_close(environment.out, &arena),
                                        capture_close(environment.err, &arena));
        if (code != cases[i].exit_code || strstr(text, cases[i].message) == NULL || strstr(text, cases[i].hint) == NULL)
            fail_msg("case %zu: exit code %d\n%s", i, code, text);
        system_remove_folder(folder);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(users_are_told_what_to_do) };
    return cmocka_run_group_tests_name("hosts that cannot be used", tests, NULL, NULL);
}
