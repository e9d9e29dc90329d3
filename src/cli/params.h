/* SPDX-License-Identifier: MIT */
/* Command lines with PowerShell habits, from tables.
 *
 * "-NAME value", names without regard to case, unique prefixes accepted (a whole name wins), "-NAME:value" and
 * "-NAME: value" accepted ("--NAME" and "/NAME" are not). Whatever starts with '-' is taken for a parameter, as in
 * PowerShell; such a value is written "-NAME:-value". A switch takes no value, except "-S:true" / "-S:$false". A list
 * is every value up to the next parameter, repeated parameters add up, each value is split at commas outside quotes,
 * and each item counts once, whatever its case and blanks; the other parameters may be given once. What cmd, Windows
 * PowerShell 5.1 and PowerShell 7 do to a literal list on its way to a program (param_list.h) is undone as far as it
 * can be told, and refused with a hint where it cannot. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ParamKind {
    PARAM_SWITCH, /* bool */
    PARAM_TEXT,   /* const char *, NULL if not given */
    PARAM_LIST,   /* StringList */
    PARAM_SIZE,   /* uint64_t bytes, 0 if not given (and refused if given); written with a unit: 512MB, 4GB, 1.5GB, 1TB;
                     plain digits are bytes, as PowerShell may have turned an unquoted 1GB into 1073741824 */
    PARAM_DURATION, /* uint64_t seconds, 0 if not given (and refused if given); written with a unit: 90s, 5m, 2h, 14d */
    PARAM_CHOICE, /* int: index into choices, -1 if not given */
    PARAM_COUNT,  /* int: 0 to a million, -1 if not given */
    PARAM_NAMES,  /* StringList of the words as they came: what is a list in them is for param_names_split() to say,
                     since names may have commas and quotes of their own */
} ParamKind;

typedef struct Param {
    const char *name; /* "VM", upper case as the manual writes it */
    ParamKind kind;
    size_t offset;              /* of its member in the options struct */
    const char *value_name;     /* for help: "NAME"; NULL for switches */
    const char *help;           /* one line */
    const char *const *choices; /* PARAM_CHOICE: NULL-terminated */
    const char *alias;          /* second name ("?" for HELP) or NULL */
    bool yields;                /* a beginning that is another's, too, is the other's: that was there before */
    unsigned takers;            /* flags of the verbs that take it, as the program has them; 0: all do */
} Param;

/* Fills the options struct (defaults first). ERR_USAGE with the word that is wrong, "did you mean" where it helps,
 * and the hint that fits the damage seen (quotes, '&', trailing backslash, missing value). argv without the program
 * name. */
MUST_CHECK bool params_parse(const Param *params, size_t count, size_t argc, const char *const *argv, void *options,
                             Arena *arena, Error *err);

/* It was on the command line that the options come from, and said something (a switch that was turned off says
 * nothing). */
bool param_is_given(const Param *param, const void *options);

/* CHECKs that names and aliases are unique, and that help, value name and choices are there where they belong;
 * for unit tests. */
void params_check_table(const Param *params, size_t count);
