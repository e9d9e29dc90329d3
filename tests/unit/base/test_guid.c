/* SPDX-License-Identifier: MIT */
#include "base/guid.h"

#include "base/compiler.h"
#include "unit/base/tests.h"

static void test_valid(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool valid, prefix;
    } cases[] = {
        { "F65D0775-1CA1-4804-9305-71F4A38BDD83", true, true },
        { "f65d0775-1ca1-4804-9305-71f4a38bdd83", true, true },
        { "F65D0775-1CA1-4804-9305-71F4A38BDD83\\X", false, true },
        { "F65D0775-1CA1-4804-9305-71F4A38BDD8", false, false },
        { "{F65D0775-1CA1-4804-9305-71F4A38BDD83}", false, false },
        { "F65D07751-CA1-4804-9305-71F4A38BDD83", false, false },
        { "G65D0775-1CA1-4804-9305-71F4A38BDD83", false, false },
        { "F65D0775-1CA1-4804-9305_71F4A38BDD83", false, false },
        { "", false, false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(guid_is_valid(cases[i].text), cases[i].valid);
        assert_int_equal(guid_is_prefix(cases[i].text), cases[i].prefix);
    }
}

int test_guid(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_valid) };
    return cmocka_run_group_tests_name("guid", tests, NULL, NULL);
}
