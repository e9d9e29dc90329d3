/* SPDX-License-Identifier: MIT */
/* Fuzz target: command lines. The input is words, each ended by NUL or line feed. What is accepted is valid text, and
 * written out in the canonical form it is bound to the same values. */
#include "base/check.h"
#include "base/utf.h"
#include "support/param_tables.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_table(const TestTable *table, const StringList *argv)
{
    Arena arena = ARENA_INIT;
    TestOptions options = { 0 }, again = { 0 };
    Error err;
    if (params_parse(table->params, table->count, argv->count, argv->items, &options, &arena, &err)) {
        StringList words = options_render(table, &options, &arena);
        CHECK(params_parse(table->params, table->count, words.count, words.items, &again, &arena, &err));
        StringList same = options_render(table, &again, &arena);
        CHECK(same.count == words.count);
        for (size_t i = 0; i < words.count; i++) {
            CHECK(utf8_is_valid(words.items[i], strlen(words.items[i])));
            CHECK(strcmp(words.items[i], same.items[i]) == 0);
        }
    } else {
        CHECK(err.code == ERR_USAGE);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    StringList argv = { 0 };
    char *text = arena_strndup(&arena, (const char *) data, size);
    for (char *word = text; word < text + size;) {
        ARRAY_PUSH(&arena, &argv, word);
        word += strcspn(word, "\n");
        *word++ = '\0';
    }
    check_table(&host_table, &argv);
    check_table(&guest_table, &argv);
    arena_release(&arena);
    return 0;
}
