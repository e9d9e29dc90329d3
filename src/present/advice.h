/* SPDX-License-Identifier: MIT */
/* What a user shall do next, in the words of the command line. The layers below tell codes and data. "program" is how
 * the program is called for the same host: "hyperpoint -HOST HV1". */
#pragma once

#include "base/advice.h"
#include "base/arena.h"
#include "hyperv/vm/power.h"
#include "operations/compare.h"

/* Advice that the layers below give with their errors and notices (base/advice.h). "" for ADVICE_NONE. */
const char *advice_words(const Advice *advice, const char *program, Arena *arena);

/* "the low MMIO space of VM 'x' is 128 MB, ...": what is, what would be right, and the command that mends it. */
const char *advice_vm_obstacle(const VmObstacle *obstacle, const char *program, Arena *arena);

/* What to do where a guest shows no GPU; "vm" is the one that it runs in, as far as is known (is_its_guest: for sure);
 * NULL: it is not known. */
const char *advice_no_guest_gpu(const GuestVm *vm, bool is_its_guest, const char *program, Arena *arena);

/* What to do about the problem of a guest's GPU, one text for each cause; none: it works. "obstacles" are those of the
 * VM (findings->vm). */
StringList advice_guest_gpu(const GuestGpu *gpu, const GuestFindings *findings, const VmObstacles *obstacles,
                            const char *program, Arena *arena);

/* What to do where packages or a guest have not the host's active driver. "program" also names the GPUs or the VM.
 * NULL: nothing. */
const char *advice_drivers(const CompareOutcome *outcome, const char *program, Arena *arena);

/* What to do where the VM's GPUs keep it from starting; NULL: the error says it. */
const char *advice_start_failure(const StartFailure *failure, const char *vm_address, const char *program,
                                 Arena *arena);
