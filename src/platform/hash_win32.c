/* SPDX-License-Identifier: MIT */
/* SHA-256 by BCrypt (Windows SDK, "CNG Reference"). A hash object serves one hash. */
#include "platform/hash.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/win32.h"

#include <bcrypt.h>
#include <stdint.h>
#include <stdlib.h>

struct Hash {
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE handle;
};

/* None of these calls fails but for want of memory. */
static void must(NTSTATUS status)
{
    CHECK(status >= 0);
}

static void begin(Hash *hash)
{
    must(BCryptCreateHash(hash->algorithm, &hash->handle, NULL, 0, NULL, 0, 0));
}

bool hash_create(Hash **ret_hash, Error *err)
{
    (void) err; /* BCrypt is a part of Windows */
    Hash *hash = alloc_zeroed(sizeof(*hash));
    must(BCryptOpenAlgorithmProvider(&hash->algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0));
    begin(hash);
    *ret_hash = hash;
    return true;
}

void hash_add(Hash *hash, const void *data, size_t size)
{
    enum { PIECE = 1 << 30 }; /* the size is an ULONG */
    const UCHAR *bytes = data;
    while (size > 0) {
        ULONG piece = size < PIECE ? (ULONG) size : PIECE;
        must(BCryptHashData(hash->handle, (PUCHAR) (uintptr_t) bytes, piece, 0));
        bytes += piece;
        size -= piece;
    }
}

void hash_finish(Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1])
{
    unsigned char digest[HASH_SIZE];
    must(BCryptFinishHash(hash->handle, digest, HASH_SIZE, 0));
    (void) BCryptDestroyHash(hash->handle); /* a handle that is valid */
    hash_format(digest, ret_text);
    begin(hash);
}

void hash_destroy(Hash *hash)
{
    if (hash == NULL)
        return;
    (void) BCryptDestroyHash(hash->handle); /* both are valid */
    (void) BCryptCloseAlgorithmProvider(hash->algorithm, 0);
    free(hash);
}
