/* SPDX-License-Identifier: MIT */
/* Every rule of -DO check has words, and its row in docs/check.md: the same codes in the same order, with their
 * severities, and whether -FIX mends it. What the complaints are mapped to are rules that there are. */
#include "present/check.h"

#include "document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static const char *section(const char *heading)
{
    const char *start = strstr(document, arena_printf(&arena, "\n## %s\n", heading));
    if (start == NULL)
        fail_msg("docs/check.md has no section %s", heading);
    return start + 1;
}

static void every_rule_is_documented(void **state)
{
    (void) state;
    const char *line = strstr(section("Rules"), "|---|");
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        const CheckRuleRow *row = &check_rules[i];
        const char *expected = arena_printf(&arena, "| `%s` | %s | %s | ", row->code,
                                            check_severity_names[row->severity], row->fix != FIX_NONE ? "yes" : "no");
        line = strchr(line, '\n') + 1;
        if (strncmp(line, expected, strlen(expected)) != 0)
            fail_msg("docs/check.md has not: %s", expected);
    }
    assert_int_equal(strchr(line, '\n')[1], '\n');
}

static bool is_code(const char *text, size_t length)
{
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        if (strlen(check_rules[i].code) == length && strncmp(check_rules[i].code, text, length) == 0)
            return true;
    }
    return false;
}

/* A word in backticks with a hyphen, at the beginning of the last cell or behind a comma, is a code. */
static void complaints_name_rules(void **state)
{
    (void) state;
    bool is_named[CHECK_RULE_COUNT] = { false };
    const char *line = strstr(section("What users complain about"), "|---|");
    while (*(line = strchr(line, '\n') + 1) == '|') {
        const char *end = strchr(line, '\n'), *cell = end - 2;
        while (cell[-1] != '|')
            cell--;
        for (cell++; cell[0] == '`'; cell += cell[0] == ',' ? 2 : 0) {
            size_t length = strcspn(cell + 1, "`");
            if (!is_code(cell + 1, length))
                fail_msg("docs/check.md: '%.*s' is no rule", (int) length, cell + 1);
            for (size_t i = 0; i < CHECK_RULE_COUNT; i++)
                is_named[i] = is_named[i] || (strlen(check_rules[i].code) == length &&
                                              strncmp(check_rules[i].code, cell + 1, length) == 0);
            cell += length + 2;
        }
        if (*cell == '\0')
            break;
    }
    assert_true(is_named[CHECK_AUTOMATIC]);
}

static void every_rule_has_words(void **state)
{
    (void) state;
    const VmFacts vm = { .vm = { .name = "a", .address = "a", .guid = "G" } };
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        const Finding finding = { .rule = (CheckRule) i, .vm = &vm, .gpu = "gpu", .adapter_id = "id", .text = "text",
                                  .more = "more" };
        if (check_words[i].what == NULL || check_words[i].why == NULL ||
            (check_words[i].command == NULL && check_words[i].advice == NULL && i != CHECK_START_FAILED))
            fail_msg("no words for %s", check_rules[i].code);
        if (i == CHECK_START_FAILED) /* by what the VM is like */
            continue;
        ToldFinding told = finding_told(&finding, "host", "hyperpoint", &arena);
        const char *texts[] = { told.message, told.why, told.command, told.advice };
        for (size_t j = 0; j < COUNT_OF(texts); j++) {
            if (texts[j] != NULL && strpbrk(texts[j], "{}") != NULL)
                fail_msg("%s: a placeholder is left in '%s'", check_rules[i].code, texts[j]);
        }
        assert_int_equal(told.fixable, finding.fix != FIX_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_is_documented),
        cmocka_unit_test(complaints_name_rules),
        cmocka_unit_test(every_rule_has_words),
    };
    return cmocka_run_group_tests(tests, document_read, document_release);
}
