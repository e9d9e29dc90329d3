/* SPDX-License-Identifier: MIT */
/* Random numbers from the system. */
#pragma once

#include "base/guid.h"

#include <stddef.h>

/* Up to 256 bytes, as good as keys need. */
void random_bytes(void *bytes, size_t size);

/* A new random GUID (version 4), upper case: 36 characters and a NUL. */
void random_guid(char text[GUID_TEXT_LENGTH + 1]);
