/* SPDX-License-Identifier: MIT */
/* SHA-256 by libcrypto's EVP interface, which uses the processor's own instructions where there are any. */
#include "platform/hash.h"

#include "base/alloc.h"
#include "base/check.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct Hash {
    EVP_MD_CTX *context;
};

/* None of these calls fails but for want of memory. */
static void begin(Hash *hash)
{
    CHECK(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1);
}

Hash *hash_create(void)
{
    Hash *hash = alloc_zeroed(sizeof(*hash));
    hash->context = EVP_MD_CTX_new();
    CHECK(hash->context != NULL);
    begin(hash);
    return hash;
}

void hash_add(Hash *hash, const void *data, size_t size)
{
    CHECK(EVP_DigestUpdate(hash->context, data, size) == 1);
}

void hash_finish(Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1])
{
    unsigned char digest[HASH_SIZE];
    CHECK(EVP_DigestFinal_ex(hash->context, digest, NULL) == 1);
    hash_format(digest, ret_text);
    begin(hash);
}

void hash_destroy(Hash *hash)
{
    if (hash == NULL)
        return;
    EVP_MD_CTX_free(hash->context);
    free(hash);
}
