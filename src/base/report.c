/* SPDX-License-Identifier: MIT */
#include "base/report.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>

static char *format_text(Arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

static char *format_text(Arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t size = length < 0 ? 1 : (size_t) length + 1;
    char *text = arena_alloc(arena, size);
    (void) vsnprintf(text, size, format, arguments);
    return text;
}

void report_notice(Report *report, const char *format, ...)
{
    Arena arena = ARENA_INIT;
    va_list arguments;
    va_start(arguments, format);
    report->notice(report, format_text(&arena, format, arguments));
    va_end(arguments);
    arena_release(&arena);
}

void report_warning(Report *report, const char *format, ...)
{
    Arena arena = ARENA_INIT;
    va_list arguments;
    va_start(arguments, format);
    report->warning(report, format_text(&arena, format, arguments));
    va_end(arguments);
    arena_release(&arena);
}

void report_detail(Report *report, const char *text)
{
    if (report->detail != NULL)
        report->detail(report, text);
}

void report_begins(Report *report, const char *format, ...)
{
    if (report->begins == NULL)
        return;
    Arena arena = ARENA_INIT;
    va_list arguments;
    va_start(arguments, format);
    report->begins(report, format_text(&arena, format, arguments));
    va_end(arguments);
    arena_release(&arena);
}
