/* SPDX-License-Identifier: MIT */
/* The test groups of src/base, one per file. Includes cmocka with what it needs. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

int test_arena(void);
int test_ascii(void);
int test_cancel(void);
int test_error(void);
int test_guid(void);
int test_sorted(void);
int test_str(void);
int test_utf(void);
int test_visible(void);
