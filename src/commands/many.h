/* SPDX-License-Identifier: MIT */
/* Several VMs, or several hosts: a run for each, side by side, of the same verb with the same parameters. No verb knows
 * of it, and each VM is a change of its own, with its own journal and log: the failure of one stops no other.
 *
 * The first Ctrl-C has no new one begun, and those that are under way go on to their end; the second one stops them as
 * a single one is stopped, and what they changed is put back. */
#pragma once

#include "commands/app.h"

/* Program.choose: one plain name on one host is the run of one, as if there were no lists. */
bool many_choose(Options *options, Arena *arena, bool *ret_is_many, Error *err);

/* Program.run_many */
ExitCode many_run(App *app);
