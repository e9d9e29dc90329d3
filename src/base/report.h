/* SPDX-License-Identifier: MIT */
/* What the layers below the commands tell while they work. They never print; the command decides where it goes. */
#pragma once

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
};

static inline void report_detail(Report *report, const char *text)
{
    if (report->detail != NULL)
        report->detail(report, text);
}
