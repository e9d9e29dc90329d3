/* SPDX-License-Identifier: MIT */
/* What the layers below the commands tell while they work. They never print; the command decides where it goes. */
#pragma once

#include "base/advice.h"
#include "base/arena.h"
#include "base/compiler.h"

#include <stddef.h>

typedef struct Report Report;
struct Report {
    /* A fact the user should know ("automatic checkpoints have been switched off"). */
    void (*notice)(Report *report, const char *text);
    /* Something that may need the user's attention; the work goes on. */
    void (*warning)(Report *report, const char *text);
    /* Something that only those want to know who ask for everything. May be NULL: nobody does. */
    void (*detail)(Report *report, const char *text);
    /* What is being done; percent 0..100, or -1 if it cannot be told. NULL text: nothing any more. */
    void (*progress)(Report *report, const char *text, int percent);
    /* From here on something may be changed: worth a log. "subject": of what, "VM 'my vm' (GUID)". May be NULL. */
    void (*begins)(Report *report, const char *subject);
    /* What the user can do, in the words that he asks with. May be NULL: there are none. */
    const char *(*words)(Report *report, const Advice *advice, Arena *arena);
};

/* The same with a format. */
void report_notice(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);
void report_warning(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);
void report_detail(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);
void report_begins(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);

/* A piece of a notice or warning: what the user can do about it. */
const char *report_words(Report *report, AdviceCode code, const char *data_or_null, Arena *arena);

/* Whatever is told, nobody hears it: for work that is done a second time. */
Report *report_silent(void);
