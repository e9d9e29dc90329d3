/* SPDX-License-Identifier: MIT */
/* What stdout and stderr are connected to. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* The stream is a terminal that understands carriage return and the usual escape sequences. */
bool console_is_terminal(FILE *stream);

/* Columns of that terminal; 80 if it cannot be told. */
int console_width(FILE *stream);
