/* SPDX-License-Identifier: MIT */
/* What the fault matrix asks of the operating system: machine_posix.c, machine_win32.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MACHINE_KILLED = -1 };

/* Runs can be killed: they can be had in a process of their own that goes on where this one is. */
extern const bool machine_has_forks;

/* What "run" gives, in a child, or MACHINE_KILLED. Only with forks. */
int machine_run_in_child(int (*run)(void *context), void *context);

/* Zeroed memory that this process and its children see alike. */
void *machine_shared_memory(size_t size);
void machine_free_shared_memory(void *memory, size_t size);

/* Calls "work" in so many processes (0: as many as there are processors), if there are forks, each with a number of its
 * own and the same new folder to work in, which is removed afterwards. False if one of them died. */
bool machine_work(void (*work)(const char *folder, int number), int workers);

/* Ends a worker whose parent is gone (stopped by ctest, for one): it has nobody to work for. */
void machine_end_if_orphaned(void);

/* Removes a folder and all in it, if it is there. */
void machine_remove_tree(const char *folder);
