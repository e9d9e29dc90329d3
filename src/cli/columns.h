/* SPDX-License-Identifier: MIT */
/* How much room a text takes on a screen: letters of East Asian scripts take two columns. */
#pragma once

#include <stddef.h>

/* Bytes of as much of the text as fits into the columns. */
size_t columns_fit(const char *text, int columns);

int columns_of(const char *text);
