/* SPDX-License-Identifier: MIT */
/* Random numbers from the kernel. */
#include "platform/random.h"

#include "base/check.h"

#include <sys/random.h>

void random_bytes(void *bytes, size_t size)
{
    CHECK(getentropy(bytes, size) == 0);
}
