/* SPDX-License-Identifier: MIT */
/* Data of registry values, as Windows keeps it: texts to bytes and back. */
#include "platform/registry.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void check_data(const RegistryValue *value, uint32_t type, const char *expected, size_t size)
{
    assert_int_equal(value->state, REGISTRY_VALUE);
    assert_int_equal(value->type, type);
    assert_int_equal(value->size, size);
    assert_memory_equal(value->data, expected, size);
}

static void test_make(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    static const char *const pair[] = { "a", "" };
    StringList texts = { 0 };
    RegistryValue value = registry_text_value("\xC3\xBC\xF0\x9F\x98\x80", &arena);
    check_data(&value, REGISTRY_TYPE_TEXT, "\xFC\0\x3D\xD8\x00\xDE\0\0", 8);
    value = registry_text_value("", &arena);
    check_data(&value, REGISTRY_TYPE_TEXT, "\0\0", 2);
    value = registry_dword_value(0x89ABCDEF, &arena);
    check_data(&value, REGISTRY_TYPE_DWORD, "\xEF\xCD\xAB\x89", 4);
    value = registry_texts_value(&texts, &arena);
    check_data(&value, REGISTRY_TYPE_TEXTS, "\0\0", 2);
    for (size_t i = 0; i < COUNT_OF(pair); i++)
        ARRAY_PUSH(&arena, &texts, pair[i]);
    value = registry_texts_value(&texts, &arena);
    check_data(&value, REGISTRY_TYPE_TEXTS, "a\0\0\0\0\0\0\0", 8);
    arena_release(&arena);
}

/* Whoever wrote it: terminators may be missing, and a last byte may be half a letter. */
static void test_texts(void **state)
{
    (void) state;
    static const struct {
        const char *data;
        size_t size;
        const char *texts[4];
    } cases[] = {
        { "a\0\0\0\0\0b\0\0\0\0\0", 12, { "a", "", "b", "" } },
        { "a\0\0\0\0\0", 6, { "a", "" } },
        { "a\0\0\0", 4, { "a" } },
        { "a\0b\0", 4, { "ab" } },
        { "a\0b", 3, { "a" } },
        { "\x3D\xD8\x00\xDE\0\0", 6, { "\xF0\x9F\x98\x80" } },
        { "\0\0", 2, { "" } },
        { "a", 1, { NULL } },
        { "", 0, { NULL } },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        RegistryValue value = { .state = REGISTRY_VALUE,
                                .type = REGISTRY_TYPE_TEXTS,
                                .data = (const unsigned char *) cases[i].data,
                                .size = cases[i].size };
        StringList texts = registry_value_texts(&value, &arena);
        size_t count = 0;
        while (count < COUNT_OF(cases[i].texts) && cases[i].texts[count] != NULL)
            count++;
        assert_int_equal(texts.count, count);
        for (size_t j = 0; j < count; j++)
            assert_string_equal(texts.items[j], cases[i].texts[j]);
    }
    arena_release(&arena);
}

static void test_equals(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    /* Each differs from all others. */
    RegistryValue values[] = {
        { .state = REGISTRY_NO_KEY },
        { .state = REGISTRY_NO_VALUE },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT },
        registry_text_value("", &arena),
        registry_text_value("a", &arena),
        registry_text_value("b", &arena),
        registry_dword_value(97, &arena), /* the bytes of "a" */
        registry_dword_value(98, &arena),
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        for (size_t j = 0; j < COUNT_OF(values); j++)
            assert_int_equal(registry_value_equals(&values[i], &values[j]), i == j);
    }
    RegistryValue again = registry_text_value("a", &arena);
    assert_true(registry_value_equals(&values[4], &again));
    RegistryValue gone = { .state = REGISTRY_NO_VALUE, .type = 7, .size = 2 }; /* only the state counts */
    assert_true(registry_value_equals(&values[1], &gone));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_equals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
