/* SPDX-License-Identifier: MIT */
/* Comparison of names that people give: VMs, GPUs, files. Ordinal, without regard to case in any script
 * (each character is compared by its simple upper case, as Windows compares), independent of the user's locale. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The simple upper-case form of a code point. */
uint32_t text_upcase(uint32_t code_point);

/* <0, 0, >0. */
int text_casecmp(const char *a, const char *b);
bool text_equals(const char *a, const char *b);

/* The same after trimming and with each run of white space taken as one blank: for names that shells may have
 * re-spaced. */
bool text_equals_spaced(const char *a, const char *b);

/* The whole text is as the pattern says, in any letter case: '*' stands for any characters, also none, '?' for one. */
bool text_matches(const char *text, const char *pattern);

/* Edit distance (insert, delete, replace, swap of neighbours) without regard to case, for "did you mean";
 * gives up above the limit and returns limit + 1. */
size_t text_distance(const char *a, const char *b, size_t limit);

/* ---- lists ---- */

/* The text is among them, in any letter case. */
bool text_list_has(const StringList *list, const char *text);

/* By their bytes, as folders are listed. */
void text_list_sort(StringList *list);

/* "'a', 'b'"; "" for none. */
const char *text_list_quoted(const StringList *list, Arena *arena);

/* Those of the candidates that somebody may have meant by that text, quoted, as far as a line has room. */
const char *text_list_like(const StringList *candidates, const char *text, Arena *arena);
