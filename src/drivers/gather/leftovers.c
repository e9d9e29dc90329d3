/* SPDX-License-Identifier: MIT */
#include "drivers/gather/leftovers.h"

#include "base/ascii.h"
#include "base/compiler.h"

#include <string.h>

static const char *const endings[] = {
    "log", "etl", "trace", "dmp", "mdmp", "hdmp", "wer", "tmp", "temp", "pnf",
};

static const char *const folders[] = { "dumps", "eeudumps", "crashdumps", "minidump" };

static bool is_one_of(const char *text, size_t length, const char *const *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(all[i]) == length && ascii_ncasecmp(text, all[i], length) == 0)
            return true;
    }
    return false;
}

/* What takes turns: "driver.log.3", "driver.etl.001", "driver.log.old". */
static bool is_turn(const char *text, size_t length)
{
    static const char *const words[] = { "old", "bak", "prev" };
    size_t digits = 0;
    while (digits < length && ascii_is_digit(text[digits]))
        digits++;
    return digits == length || is_one_of(text, length, words, COUNT_OF(words));
}

bool leftover_is_file(const char *name)
{
    size_t end = strlen(name);
    if (*name == '~')
        return true;
    for (;;) {
        size_t start = end;
        while (start > 0 && name[start - 1] != '.')
            start--;
        if (start == 0)
            return false;
        if (is_one_of(name + start, end - start, endings, COUNT_OF(endings)))
            return true;
        if (!is_turn(name + start, end - start))
            return false;
        end = start - 1;
    }
}

bool leftover_is_folder(const char *name)
{
    return is_one_of(name, strlen(name), folders, COUNT_OF(folders));
}
