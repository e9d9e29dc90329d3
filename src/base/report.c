/* SPDX-License-Identifier: MIT */
#include "base/report.h"

#include <stdarg.h>
#include <stdio.h>

/* Formats, and hands the text to one of the report's functions. */
static void tell(Report *report, void (*function)(Report *report, const char *text), const char *format,
                 va_list arguments) PRINTF_LIKE(3, 0);

static void tell(Report *report, void (*function)(Report *report, const char *text), const char *format,
                 va_list arguments)
{
    Arena arena = ARENA_INIT;
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t size = length < 0 ? 1 : (size_t) length + 1;
    char *text = arena_alloc(&arena, size);
    (void) vsnprintf(text, size, format, arguments);
    function(report, text);
    arena_release(&arena);
}

void report_notice(Report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(report, report->notice, format, arguments);
    va_end(arguments);
}

void report_warning(Report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell(report, report->warning, format, arguments);
    va_end(arguments);
}

void report_detail(Report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (report->detail != NULL)
        tell(report, report->detail, format, arguments);
    va_end(arguments);
}

void report_begins(Report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (report->begins != NULL)
        tell(report, report->begins, format, arguments);
    va_end(arguments);
}

const char *report_words(Report *report, AdviceCode code, const char *data_or_null, Arena *arena)
{
    Advice advice = { .code = code };
    (void) snprintf(advice.data, sizeof(advice.data), "%s", data_or_null != NULL ? data_or_null : "");
    return report->words != NULL ? report->words(report, &advice, arena) : "";
}

static void ignore_text(Report *report, const char *text)
{
    (void) report;
    (void) text;
}

static void ignore_progress(Report *report, const char *text, int percent)
{
    (void) report;
    (void) text;
    (void) percent;
}

Report *report_silent(void)
{
    static Report silent = { .notice = ignore_text, .warning = ignore_text, .progress = ignore_progress };
    return &silent;
}
