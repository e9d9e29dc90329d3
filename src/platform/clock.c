/* SPDX-License-Identifier: MIT */
/* Dates and times as text. RFC 3339 for what machines read. */
#include "platform/clock.h"

#include "base/check.h"

#include <time.h>

static int64_t seconds_of(int64_t ms)
{
    return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

static struct tm local_date(int64_t ms)
{
    time_t seconds = (time_t) seconds_of(ms);
    struct tm date;
    CHECK(localtime_r(&seconds, &date) != NULL);
    return date;
}

const char *clock_format_local(Arena *arena, int64_t ms)
{
    struct tm date = local_date(ms);
    return arena_printf(arena, "%04d-%02d-%02d %02d:%02d:%02d", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                        date.tm_hour, date.tm_min, date.tm_sec);
}

const char *clock_format_file_name(Arena *arena, int64_t ms)
{
    struct tm date = local_date(ms);
    return arena_printf(arena, "%04d%02d%02d-%02d%02d%02d", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                        date.tm_hour, date.tm_min, date.tm_sec);
}

const char *clock_format_utc(Arena *arena, int64_t ms)
{
    time_t seconds = (time_t) seconds_of(ms);
    struct tm date;
    CHECK(gmtime_r(&seconds, &date) != NULL);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.tm_year + 1900, date.tm_mon + 1,
                        date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec, (int) (ms - seconds_of(ms) * 1000));
}
