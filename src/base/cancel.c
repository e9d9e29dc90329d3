/* SPDX-License-Identifier: MIT */
#include "base/cancel.h"

#include "base/check.h"

#include <stddef.h>

void cancel_request(Cancel *cancel)
{
    (void) atomic_fetch_add(&cancel->requests, 1);
}

void cancel_reset(Cancel *cancel)
{
    atomic_store(&cancel->requests, 0);
}

bool cancel_is_requested(const Cancel *cancel)
{
    unsigned patience = 0;
    for (; cancel != NULL; cancel = cancel->parent) {
        if (atomic_load(&cancel->shields) > 0)
            return false;
        if (atomic_load(&cancel->requests) > patience)
            return true;
        patience = cancel->patience;
    }
    return false;
}

Cancel *cancel_shield(Cancel *cancel)
{
    (void) atomic_fetch_add(&cancel->shields, 1);
    return cancel;
}

void cancel_unshield(Cancel **shielded)
{
    CHECK(atomic_fetch_sub(&(*shielded)->shields, 1) > 0);
}
