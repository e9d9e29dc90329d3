/* SPDX-License-Identifier: MIT */
/* What a check has found, in words: one row of texts for each rule. */
#pragma once

#include "check/rules.h"
#include "cli/output.h"
#include "json/shape.h"

/* The texts of a rule. In them stand {vm} (its name), {address} (as -VM takes it), {gpu}, {device} (its ID), {adapter},
 * {is}, {right}, {text}, {more}, and {call} (how the program is called for the same host). */
typedef struct CheckWords {
    const char *what;    /* is wrong */
    const char *why;     /* it matters */
    const char *command; /* that mends it; NULL: no single one does */
    const char *advice;  /* what to do besides, or instead; may be NULL */
    bool needs_off;      /* the command refuses a VM that is on; otherwise it does not matter */
} CheckWords;

extern const CheckWords check_words[CHECK_RULE_COUNT];

/* A finding as it is told. */
typedef struct ToldFinding {
    const char *code;
    unsigned severity; /* CheckSeverity */
    const char *host;             /* as it was given; NULL: the one of here */
    const char *vm, *vm_id, *gpu; /* NULL: none */
    const char *message, *why;
    const char *command, *advice; /* each may be NULL */
    const char *source;           /* where it was reported; NULL: nowhere else */
    bool fixable;
} ToldFinding;

typedef struct ToldFindings {
    ToldFinding *items;
    size_t count, capacity;
} ToldFindings;

extern const Shape finding_shape;        /* ToldFinding */
extern const Shape mended_finding_shape; /* the same of what was mended */
extern const Shape checked_area_shape;   /* CheckedArea */

ToldFinding finding_told(const Finding *finding, const char *host, const char *call, Arena *arena);
ToldFindings findings_told(const Findings *findings, const char *host, const char *call, Arena *arena);

/* "2 errors, 1 warning and 3 pieces of advice" */
const char *findings_count_text(const Findings *findings, Arena *arena);

/* In JSON the areas; in text those that could not be read: what a host should let everybody read as a warning, what
 * guests and processors often do not tell with -VERBOSE. */
void present_areas(Output *output, const CheckedAreas *areas);
