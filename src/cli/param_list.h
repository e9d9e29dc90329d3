/* SPDX-License-Identifier: MIT */
/* One list parameter, put together from the words in which the shell delivered it.
 *
 * What PowerShell makes of a literal array ("a b","c") on its way to a program (NativeCommandParameterBinder.cs):
 *   5.1, 7.0 to 7.2 ("Legacy"): one string with the commas in it, which the program's start-up code splits at blanks
 *       outside quotes, and strips of its quotes;
 *   7.3 and later ("Windows", "Standard"): item by item while the items contain blanks; at the first item without one,
 *       the source text of the *whole* array, split at blanks, quotes and all, and then no more items.
 * So there are two sorts of words: "whole" ones with blanks inside, which are items or legacy lists, and words without,
 * which are items, legacy lists or scraps of source text. Arrays in variables arrive item by item everywhere. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

typedef struct ListItem {
    const char *text;
    bool literal;     /* nothing in it is PowerShell's to evaluate */
    bool after_comma; /* and not only in a new word */
} ListItem;

typedef struct ListItems {
    ListItem *items;
    size_t count, capacity;
} ListItems;

typedef struct ParamList {
    Arena *arena;
    StringList items;  /* the result so far, each item once */
    StringList wholes; /* whole words after that, not looked into yet */
    ListItems run;     /* items of the words without blanks after those */
    Str piece;         /* the item under way */
    bool literal;      /* it stands in single quotes */
    bool after_comma;  /* a comma has come since the last item */
    char quote;        /* the quote that is open, or 0 */
    bool unclear;      /* a comma and a blank stood together in a whole word */
    bool of_names;     /* such a word is several (that it is not one has been seen), and what only looks alike is two */
} ParamList;

/* Holds nothing that needs releasing once param_list_finish() has been called. */
void param_list_init(ParamList *list, Arena *arena);
void param_list_release(ParamList *list);

/* ERR_USAGE where it cannot be told what was meant. */
MUST_CHECK bool param_list_add(ParamList *list, const char *word, Error *err);

/* The next word continues an item whose quote is open. */
bool param_list_is_open(const ParamList *list);

/* Empty items are left out: the list may come out empty. */
MUST_CHECK bool param_list_finish(ParamList *list, StringList *ret_items, Error *err);

/* Words that came for PARAM_NAMES, as the names that they stand for. A word that is one name as it stands (is_one()
 * says so) is not looked into: names may have commas in them. */
typedef bool NameTest(void *context, const char *word);
MUST_CHECK bool param_names_split(const StringList *words, NameTest *is_one, void *context, Arena *arena,
                                  StringList *ret_names, Error *err);
