/* SPDX-License-Identifier: MIT */
/* Two parameter tables in the manner of the programs' own, for tests and fuzzing of params.c. */
#pragma once

#include "cli/params.h"

typedef struct TestOptions {
    const char *vm, *verb, *dest, *host, *name, *src, *drvsrc, *root;
    StringList gpus, packages, machines;
    bool zip, silent, json, json_lines, whatif, help, version, verbose, force, verify, uninstall;
    int checkpoint_type;
    uint64_t low_mmio, high_mmio, timeout;
} TestOptions;

typedef struct TestTable {
    const Param *params;
    size_t count;
} TestTable;

extern const TestTable host_table;
extern const TestTable guest_table;

/* What was bound, as a canonical command line: one word per value, "-VM:my vm", "-GPU:'order:5'", "-S". */
StringList options_render(const TestTable *table, const TestOptions *options, Arena *arena);

/* The same for eyes: "VM=my vm|GPU=[order:5][order:2]|S". */
const char *options_describe(const TestTable *table, const TestOptions *options, Arena *arena);
