/* SPDX-License-Identifier: MIT */
/* CHECK: a promise between programmers. Always on; a broken promise stops the program with file and line.
 * Never for input from outside, which gets an Error. */
#pragma once

#include "base/compiler.h"

NORETURN void check_failed(const char *file, int line, const char *condition);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            check_failed(__FILE__, __LINE__, #condition);                                                              \
    } while (0)
