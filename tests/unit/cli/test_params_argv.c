/* SPDX-License-Identifier: MIT */
/* What PowerShell delivers for typed command lines (tests/data/powershell-argv.tsv, measured) must bind as
 * PowerShell's own parameter binder would have bound it, or be refused (tests/data/powershell-meaning.tsv). */
#include "unit/cli/test_params.h"

#include "platform/fs.h"
#include "support/param_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

enum { LEGACY, FORM_COUNT = 3, COLUMN_COUNT = 4 };

/* The lines of a file that are no comments, each split at tabs; columns that are not there are empty. */
typedef struct Table {
    const char *(*rows)[COLUMN_COUNT];
    size_t count;
} Table;

static char *cut_at(char **rest, char end)
{
    char *start = *rest;
    size_t length = strcspn(start, (char[]){ end, '\0' });
    *rest = start + length + (start[length] != '\0');
    start[length] = '\0';
    return start;
}

static Table read_table(const char *path, Arena *arena)
{
    Table table = { .count = 0 };
    char *data;
    size_t size;
    Error err;
    assert_true(fs_read_file(path, 1024 * 1024, arena, &data, &size, &err));
    table.rows = arena_alloc(arena, (size + 1) * sizeof(*table.rows)); /* a line has a byte at least */
    for (char *rest = data; rest < data + size;) {
        char *line = cut_at(&rest, '\n');
        if (*line == '#')
            continue;
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            table.rows[table.count][i] = cut_at(&line, '\t');
        table.count++;
    }
    return table;
}

static int check_form(const char *typed, const char *argv_json, const char *expected)
{
    Arena arena = ARENA_INIT;
    json_t *words = json_loads(argv_json, 0, NULL);
    assert_non_null(words);
    StringList argv = { 0 };
    for (size_t i = 0; i < json_array_size(words); i++)
        ARRAY_PUSH(&arena, &argv, json_string_value(json_array_get(words, i)));
    bool guest = strncmp(typed, "-DRV", 4) == 0 || strncmp(typed, "-SRC", 4) == 0;
    int result = check_binding(guest ? &guest_table : &host_table, &argv, expected, &arena);
    if (result != 0)
        print_error("   typed: %s\n    argv: %s\n", typed, argv_json);
    json_decref(words);
    arena_release(&arena);
    return result;
}

void test_powershell_argv(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Table argv = read_table(TEST_DATA_FOLDER "/powershell-argv.tsv", &arena);
    Table meaning = read_table(TEST_DATA_FOLDER "/powershell-meaning.tsv", &arena);
    int failures = 0;
    assert_int_equal(argv.count, meaning.count);
    assert_true(argv.count > 50);
    for (size_t i = 0; i < argv.count; i++) {
        const char *typed = argv.rows[i][0];
        const char *binder = meaning.rows[i][1], *program = meaning.rows[i][2], *legacy = meaning.rows[i][3];
        assert_string_equal(typed, meaning.rows[i][0]);
        for (size_t form = 0; form < FORM_COUNT; form++) {
            const char *expected = form == LEGACY && *legacy != '\0' ? legacy : *program != '\0' ? program : binder;
            failures += check_form(typed, argv.rows[i][1 + form], expected);
        }
    }
    assert_int_equal(failures, 0);
    arena_release(&arena);
}
