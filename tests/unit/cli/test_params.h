/* SPDX-License-Identifier: MIT */
/* What the two halves of the test of params.c share. */
#pragma once

#include "support/param_tables.h"

/* Parses the words and compares: options_describe() of what was bound, or "!" and a part of the message, and after a
 * '\n' a part of the hint. 0: as expected; else it has printed the difference. */
int check_binding(const TestTable *table, const StringList *argv, const char *expected, Arena *arena);

void test_powershell_argv(void **state);
