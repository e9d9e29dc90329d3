/* SPDX-License-Identifier: MIT */
/* The host-side program: hands the command line to the commands and the exit code back. */
#include "commands/run.h"
#include "platform/clock.h"
#include "platform/console.h"
#include "platform/process.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    process_fill_standard_streams();
    RunEnvironment environment = { .out = stdout,
                                   .err = stderr,
                                   .in = console_asks() ? stdin : NULL,
                                   .clock = clock_system(),
                                   .cancel = process_cancel_on_interrupt(),
                                   .connect = cim_connect };
    return run_hyperpoint(&environment, (size_t) (argc > 0 ? argc - 1 : 0), (const char *const *) (argv + (argc > 0)));
}
