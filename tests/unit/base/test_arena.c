/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "unit/base/tests.h"

#include <string.h>

static void test_alloc(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    /* Sizes around the block sizes; each is zeroed, aligned, and keeps what was written while others come. */
    static const size_t sizes[] = { 0, 1, 7, 4000, 96, 97, 5000, 3 * 1024 * 1024, 16 };
    unsigned char *memory[sizeof(sizes) / sizeof(sizes[0])];
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        memory[i] = arena_alloc(&arena, sizes[i]);
        assert_int_equal((uintptr_t) memory[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(memory[i][j], 0);
        memset(memory[i], (int) i + 1, sizes[i]);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(memory[i][j], i + 1);
    }
    arena_release(&arena);
    assert_null(arena.last);
    assert_non_null(arena_alloc(&arena, 1));
    arena_release(&arena);
}

static void test_strings(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    assert_string_equal(arena_strdup(&arena, ""), "");
    assert_string_equal(arena_strndup(&arena, "abc", 2), "ab");
    assert_memory_equal(arena_memdup(&arena, "a\0b", 4), "a\0b", 4);
    char *text = arena_printf(&arena, "%s %d %*s", "x", 7, 9000, "y");
    assert_int_equal(strlen(text), 9004);
    assert_int_equal(strncmp(text, "x 7  ", 5), 0);
    arena_release(&arena);
}

static void test_marks(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    ArenaMark empty = arena_mark(&arena);
    char *kept = arena_strdup(&arena, "kept");
    ArenaMark outer = arena_mark(&arena);
    char *first = arena_alloc(&arena, 100);
    ArenaMark inner = arena_mark(&arena);
    (void) arena_alloc(&arena, 100000);
    arena_reset(&arena, inner);
    (void) arena_alloc(&arena, 10);
    arena_reset(&arena, outer);
    memset(first, 'x', 100);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    assert_int_equal(first[99], 0);
    assert_string_equal(kept, "kept");
    arena_reset(&arena, empty);
    assert_null(arena.last);
}

static void test_arrays(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    StringList list = { 0 };
    for (int i = 0; i < 1000; i++)
        ARRAY_PUSH(&arena, &list, arena_printf(&arena, "%d", i));
    assert_int_equal(list.count, 1000);
    assert_string_equal(list.items[0], "0");
    assert_string_equal(list.items[999], "999");
    arena_release(&arena);
}

int test_arena(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_arrays),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
