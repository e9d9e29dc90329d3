/* SPDX-License-Identifier: MIT */
/* What stdout and stderr are connected to. */
#pragma once

#include "base/cancel.h"

#include <stdbool.h>
#include <stdio.h>

/* The stream is a terminal that understands carriage return and the usual escape sequences. */
bool console_is_terminal(FILE *stream);

/* Somebody sits there who can be asked, and can answer: standard input and standard error are terminals. */
bool console_asks(void);

/* What is written to both comes to the same place. Where that cannot be told: no. */
bool console_is_same(FILE *a, FILE *b);

/* Before what is typed there is read. False: the wish that work should stop came first. (On Windows Ctrl-C ends the
 * reading as the end of the input does.) */
bool console_await_input(FILE *stream, const Cancel *cancel_or_null);

/* Columns of that terminal; 80 if it cannot be told. */
int console_width(FILE *stream);

/* Its rows; 24 if it cannot be told. */
int console_height(FILE *stream);

/* Writes text for people: UTF-8, but on Windows a console gets UTF-16, whatever its code page is, and a pipe the
 * console's code page, which is what PowerShell and cmd read it as. No character may be split between two calls. On
 * failure errno tells. */
bool console_write(FILE *stream, const char *text, size_t size);
