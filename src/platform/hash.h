/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), from the system's library: libcrypto, on Windows BCrypt. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { HASH_SIZE = 32, HASH_TEXT_LENGTH = 2 * HASH_SIZE };

/* One hash under way; one thread at a time. */
typedef struct Hash Hash;

/* Fails only where the library is not there. */
MUST_CHECK bool hash_create(Hash **ret_hash, Error *err);
void hash_add(Hash *hash, const void *data, size_t size);

/* The hash of all that was added, 64 digits in lower case; the next byte added begins a new one. */
void hash_finish(Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1]);

/* NULL is fine. */
void hash_destroy(Hash *hash);

/* Of one piece of memory. */
MUST_CHECK bool hash_of(const void *data, size_t size, char ret_text[HASH_TEXT_LENGTH + 1], Error *err);

/* HMAC-SHA-256 (RFC 2104) of one piece of memory, by a hash at whose beginning nothing has been added. */
void hash_hmac(Hash *hash, const unsigned char key[HASH_SIZE], const void *data, size_t size,
               unsigned char ret_digest[HASH_SIZE]);

/* The text of a hash. */
void hash_format(const unsigned char digest[HASH_SIZE], char ret_text[HASH_TEXT_LENGTH + 1]);
