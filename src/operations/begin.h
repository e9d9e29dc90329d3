/* SPDX-License-Identifier: MIT */
/* How whatever changes a VM begins, and how it may end: nobody else is at work on the VM, and nothing of before is
 * unfinished. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

typedef enum ChangeEnding {
    ENDING_REFUSED,    /* failed, and nothing has been changed */
    ENDING_PUT_BACK,   /* failed, and everything is as it was (a checkpoint that was created stays) */
    ENDING_UNFINISHED, /* failed, and a journal stands: of this change, or of the one before it */
    ENDING_PLANNED,    /* only looked: the record tells what would be done */
    ENDING_NOT_NEEDED, /* everything is as asked already */
    ENDING_DONE,
} ChangeEnding;

/* Takes the lock of the VM (*ret_journal NULL with "only_look": only looks), and makes sure that no change of it is
 * unfinished: otherwise *ret_ending is ENDING_UNFINISHED. For whoever changes something of a VM. */
MUST_CHECK bool change_begin(HyperVHost *host, const Vm *vm, const char *verb_name, bool only_look, Arena *arena,
                             Journal **ret_journal, ChangeEnding *ret_ending, Error *err);
