/* SPDX-License-Identifier: MIT */
/* What the layers below the commands tell while they work. They never print; the command decides where it goes. */
#pragma once

typedef struct Report Report;
struct Report {
    /* A fact the user should know ("automatic checkpoints have been switched off"). */
    void (*notice)(Report *report, const char *text);
    /* Something that may need the user's attention; the work goes on. */
    void (*warning)(Report *report, const char *text);
    /* What is being done; percent 0..100, or -1 if it cannot be told. NULL text: nothing any more. */
    void (*progress)(Report *report, const char *text, int percent);
};
