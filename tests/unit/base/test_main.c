/* SPDX-License-Identifier: MIT */
#include "unit/base/tests.h"

int main(void)
{
    return test_arena() + test_ascii() + test_cancel() + test_error() + test_guid() + test_sorted() +
           test_str() + test_utf() + test_visible();
}
