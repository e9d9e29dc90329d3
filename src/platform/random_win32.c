/* SPDX-License-Identifier: MIT */
/* Random numbers from Windows' own generator. */
#include "platform/random.h"

#include "base/check.h"
#include "platform/win32.h"

#include <bcrypt.h>

void random_bytes(void *bytes, size_t size)
{
    CHECK(BCryptGenRandom(NULL, bytes, (ULONG) size, BCRYPT_USE_SYSTEM_PREFERRED_RNG) >= 0);
}
