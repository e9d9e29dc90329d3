/* SPDX-License-Identifier: MIT */
/* Compiler attributes under short names. The one place that may ask which platform it is compiled for. */
#pragma once

/* The result must be looked at. Every fallible function returns bool and carries this. */
#define MUST_CHECK __attribute__((warn_unused_result))

#ifdef _WIN32
/* mingw's own "printf" archetype rejects %zu, which its runtime prints correctly. */
#define PRINTF_LIKE(format_index, first_argument) __attribute__((format(gnu_printf, format_index, first_argument)))
#else
#define PRINTF_LIKE(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#endif

#define NORETURN __attribute__((noreturn))

/* Runs the "type##_cleanup(pointer to variable)" function when the variable goes out of scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Number of elements of an array object (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
