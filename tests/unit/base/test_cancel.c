/* SPDX-License-Identifier: MIT */
#include "base/cancel.h"

#include "base/compiler.h"
#include "unit/base/tests.h"

static void a_request_reaches_the_parts(void **state)
{
    (void) state;
    Cancel whole = { .parent = NULL }, part = { .parent = &whole }, other = { .parent = &whole };
    assert_false(cancel_is_requested(NULL));
    cancel_request(&part);
    assert_true(cancel_is_requested(&part));
    assert_false(cancel_is_requested(&whole) || cancel_is_requested(&other)); /* one part alone */
    cancel_reset(&part);
    assert_false(cancel_is_requested(&part));
    cancel_request(&whole);
    assert_true(cancel_is_requested(&part) && cancel_is_requested(&other));
    cancel_reset(&part); /* the whole's stands */
    assert_true(cancel_is_requested(&part));
}

static void patience_leaves_the_first_requests_of_the_whole_alone(void **state)
{
    (void) state;
    Cancel whole = { .parent = NULL }, part = { .parent = &whole, .patience = 1 }, step = { .parent = &part };
    cancel_request(&whole);
    assert_true(cancel_is_requested(&whole));
    assert_false(cancel_is_requested(&part) || cancel_is_requested(&step));
    cancel_request(&whole);
    assert_true(cancel_is_requested(&part) && cancel_is_requested(&step));
    cancel_reset(&whole);
    cancel_request(&part); /* what is asked of the part itself it does not wait with */
    assert_true(cancel_is_requested(&part) && cancel_is_requested(&step));
}

static void nothing_is_cut_short_behind_a_shield(void **state)
{
    (void) state;
    Cancel whole = { .parent = NULL }, part = { .parent = &whole };
    cancel_request(&whole);
    cancel_request(&part);
    {
        CLEANUP(cancel_unshield) Cancel *outer = cancel_shield(&part);
        assert_ptr_equal(outer, &part);
        {
            CLEANUP(cancel_unshield) Cancel *inner = cancel_shield(&part);
            assert_false(cancel_is_requested(inner));
        }
        assert_false(cancel_is_requested(&part)); /* shields nest */
        assert_true(cancel_is_requested(&whole));
    }
    assert_true(cancel_is_requested(&part)); /* what was asked meanwhile is not forgotten */
}

int test_cancel(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reaches_the_parts),
        cmocka_unit_test(patience_leaves_the_first_requests_of_the_whole_alone),
        cmocka_unit_test(nothing_is_cut_short_behind_a_shield),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
