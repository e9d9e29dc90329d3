/* SPDX-License-Identifier: MIT */
/* CIM datetimes and intervals: texts of 25 characters. Format: DMTF DSP0004 5.2.4; WMI also writes asterisks for the
 * offset ("20240815000000.******+***"). Computed in the proleptic Gregorian calendar, without the C library's
 * time zone. */
#include "cim/value.h"

#include "base/ascii.h"

#include <string.h>

enum { DATETIME_LENGTH = 25, POINT = 14, SIGN = 21 };

static const int64_t ms_per_day = INT64_C(86400000);

bool cim_datetime_is_valid(const char *text)
{
    if (strlen(text) != DATETIME_LENGTH || text[POINT] != '.' || strchr("+-:", text[SIGN]) == NULL)
        return false;
    for (size_t i = 0; i < DATETIME_LENGTH; i++) {
        if (i != POINT && i != SIGN && !ascii_is_digit(text[i]) && text[i] != '*')
            return false;
    }
    return text[SIGN] != ':' || strcmp(text + SIGN, ":000") == 0;
}

/* Days from 1970-01-01 of a date whose years begin in March, so that the leap day is the last one
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    *ret_day = day_of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month + (month < 10 ? 3 : -9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

/* "HHMMSS.mmmmmm" of the milliseconds of a day. */
static const char *format_time(Arena *arena, int64_t ms)
{
    return arena_printf(arena, "%02d%02d%02d.%06d", (int) (ms / 3600000), (int) (ms / 60000 % 60),
                        (int) (ms / 1000 % 60), (int) (ms % 1000 * 1000));
}

const char *cim_datetime_format(Arena *arena, int64_t unix_ms)
{
    int64_t first = days_from_date(0, 1, 1) * ms_per_day;
    int64_t last = days_from_date(10000, 1, 1) * ms_per_day - 1;
    int64_t ms = unix_ms < first ? first : unix_ms > last ? last : unix_ms;
    int64_t days = (ms - first) / ms_per_day + days_from_date(0, 1, 1);
    int64_t year, month, day;
    date_from_days(days, &year, &month, &day);
    return arena_printf(arena, "%04d%02d%02d%s+000", (int) year, (int) month, (int) day,
                        format_time(arena, ms - days * ms_per_day));
}

const char *cim_interval_format(Arena *arena, int64_t ms)
{
    int64_t last = INT64_C(100000000) * ms_per_day - 1;
    ms = ms < 0 ? 0 : ms > last ? last : ms;
    return arena_printf(arena, "%08d%s:000", (int) (ms / ms_per_day), format_time(arena, ms % ms_per_day));
}

static int64_t number_at(const char *text, size_t length)
{
    int64_t number = 0;
    for (size_t i = 0; i < length; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

bool cim_datetime_parse(const char *text, int64_t *ret_unix_ms)
{
    if (!cim_datetime_is_valid(text) || text[SIGN] == ':' || strchr(text, '*') != NULL)
        return false;
    int64_t year = number_at(text, 4), month = number_at(text + 4, 2), day = number_at(text + 6, 2);
    int64_t hour = number_at(text + 8, 2), minute = number_at(text + 10, 2), second = number_at(text + 12, 2);
    if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t next_month = month == 12 ? days_from_date(year + 1, 1, 1) : days_from_date(year, month + 1, 1);
    int64_t days = days_from_date(year, month, day);
    if (days >= next_month)
        return false;
    int64_t offset = number_at(text + SIGN + 1, 3) * (text[SIGN] == '-' ? -1 : 1);
    *ret_unix_ms = days * ms_per_day + ((hour * 60 + minute - offset) * 60 + second) * 1000 +
                   number_at(text + POINT + 1, 6) / 1000;
    return true;
}
