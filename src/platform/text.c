/* SPDX-License-Identifier: MIT */
/* Comparison of names by code points; the upper-case table itself is the platform's (text_posix.c). */
#include "platform/text.h"

#include "base/arena.h"
#include "base/ascii.h"
#include "base/str.h"
#include "base/utf.h"

#include <stdlib.h>
#include <string.h>

/* A text that is read one upper-case code point at a time; 0 at the end. */
typedef struct Reader {
    const char *text;
    size_t size;
    size_t position;
} Reader;

static Reader reader_init(const char *text)
{
    return (Reader){ .text = text, .size = strlen(text) };
}

static uint32_t reader_next(Reader *reader)
{
    if (reader->position == reader->size)
        return 0;
    return text_upcase(utf8_next(reader->text, reader->size, &reader->position));
}

static int compare(Reader *a, Reader *b, uint32_t (*next)(Reader *reader))
{
    for (;;) {
        uint32_t x = next(a);
        uint32_t y = next(b);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == 0)
            return 0;
    }
}

int text_casecmp(const char *a, const char *b)
{
    Reader x = reader_init(a), y = reader_init(b);
    return compare(&x, &y, reader_next);
}

bool text_equals(const char *a, const char *b)
{
    return text_casecmp(a, b) == 0;
}

/* As reader_next; white space becomes one blank, and nothing at either end. */
static uint32_t reader_next_spaced(Reader *reader)
{
    size_t start = reader->position;
    while (reader->position < reader->size && ascii_is_space(reader->text[reader->position]))
        reader->position++;
    bool inner_space = start > 0 && reader->position > start && reader->position < reader->size;
    return inner_space ? ' ' : reader_next(reader);
}

bool text_equals_spaced(const char *a, const char *b)
{
    Reader x = reader_init(a), y = reader_init(b);
    return compare(&x, &y, reader_next_spaced) == 0;
}

static uint32_t *upcase_all(Arena *arena, const char *text, size_t *ret_count)
{
    uint32_t *code_points = ARENA_NEW_ARRAY(arena, uint32_t, strlen(text) + 1);
    Reader reader = reader_init(text);
    size_t count = 0;
    while (reader.position < reader.size)
        code_points[count++] = reader_next(&reader);
    *ret_count = count;
    return code_points;
}

/* Only the last star has to be tried further: what an earlier one took is as good as anything. */
static bool matches(const uint32_t *text, size_t text_count, const uint32_t *pattern, size_t pattern_count)
{
    size_t t = 0, p = 0, star = SIZE_MAX, taken = 0; /* star: behind the last one; taken: where its text ends */
    while (t < text_count) {
        if (p < pattern_count && pattern[p] == '*') {
            star = ++p;
            taken = t;
        } else if (p < pattern_count && (pattern[p] == '?' || pattern[p] == text[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern_count && pattern[p] == '*')
        p++;
    return p == pattern_count;
}

bool text_matches(const char *text, const char *pattern)
{
    Arena arena = ARENA_INIT;
    size_t text_count, pattern_count;
    const uint32_t *characters = upcase_all(&arena, text, &text_count);
    const uint32_t *wanted = upcase_all(&arena, pattern, &pattern_count);
    bool result = matches(characters, text_count, wanted, pattern_count);
    arena_release(&arena);
    return result;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: each character takes part in one edit. rows: three of m + 1. */
static size_t distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t limit, size_t *rows)
{
    size_t *row[3] = { rows, rows + (m + 1), rows + 2 * (m + 1) }; /* two before, one before, this one */
    for (size_t j = 0; j <= m; j++)
        row[1][j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[2][0] = i;
        size_t best = i;
        for (size_t j = 1; j <= m; j++) {
            size_t cost = smaller(row[1][j], row[2][j - 1]) + 1;
            cost = smaller(cost, row[1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = smaller(cost, row[0][j - 2] + 1);
            row[2][j] = cost;
            best = smaller(best, cost);
        }
        if (best > limit)
            return limit + 1;
        size_t *oldest = row[0];
        row[0] = row[1];
        row[1] = row[2];
        row[2] = oldest;
    }
    return smaller(row[1][m], limit + 1);
}

size_t text_distance(const char *a, const char *b, size_t limit)
{
    Arena arena = ARENA_INIT;
    size_t n, m;
    const uint32_t *x = upcase_all(&arena, a, &n);
    const uint32_t *y = upcase_all(&arena, b, &m);
    size_t result = limit + 1;
    if ((n > m ? n - m : m - n) <= limit)
        result = distance(x, n, y, m, limit, ARENA_NEW_ARRAY(&arena, size_t, 3 * (m + 1)));
    arena_release(&arena);
    return result;
}

/* ---- lists ---- */

bool text_list_has(const StringList *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_equals(list->items[i], text))
            return true;
    }
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

void text_list_sort(StringList *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(list->items[0]), compare_texts);
}

const char *text_list_quoted(const StringList *list, Arena *arena)
{
    Str quoted;
    str_init(&quoted, SIZE_MAX);
    for (size_t i = 0; i < list->count; i++)
        str_appendf(&quoted, "%s'%s'", i > 0 ? ", " : "", list->items[i]);
    return str_take(&quoted, arena);
}

const char *text_list_like(const StringList *candidates, const char *text, Arena *arena)
{
    enum { CLOSE = 3, ROOM = 300 };
    Str names;
    str_init(&names, ROOM);
    for (size_t i = 0; i < candidates->count; i++) {
        if (text_distance(text, candidates->items[i], CLOSE) <= CLOSE)
            str_appendf(&names, "%s'%s'", names.length > 0 ? ", " : "", candidates->items[i]);
    }
    return str_take(&names, arena);
}
