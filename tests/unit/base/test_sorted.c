/* SPDX-License-Identifier: MIT */
#include "base/sorted.h"

#include "base/compiler.h"
#include "unit/base/tests.h"

static int compare(const void *key, const void *item)
{
    int x = *(const int *) key, y = *(const int *) item;
    return (x > y) - (x < y);
}

/* Every number of items, every key: the place is that of the first item which is not less. */
static void test_place(void **state)
{
    (void) state;
    static const int items[] = { 1, 3, 3, 3, 5, 7, 7, 9 };
    for (size_t count = 0; count <= COUNT_OF(items); count++) {
        for (int key = 0; key <= 10; key++) {
            size_t expected = 0;
            while (expected < count && items[expected] < key)
                expected++;
            assert_int_equal(sorted_place(&key, items, count, sizeof(items[0]), compare), expected);
        }
    }
}

static void test_none(void **state)
{
    (void) state;
    int key = 1;
    assert_int_equal(sorted_place(&key, NULL, 0, sizeof(key), compare), 0);
}

int test_sorted(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_place), cmocka_unit_test(test_none) };
    return cmocka_run_group_tests_name("sorted", tests, NULL, NULL);
}
