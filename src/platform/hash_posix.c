/* SPDX-License-Identifier: MIT */
/* SHA-256 by libcrypto's EVP interface, which uses the processor's own instructions where there are any. */
#include "platform/hash.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/library.h"

/* A type of theirs is called as an error of ours. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/evp.h>
#undef ERR_STATE
#include <stdlib.h>

#define CRYPTO_FUNCTIONS(EACH)                                                                                         \
    EACH(EVP_DigestFinal_ex)                                                                                           \
    EACH(EVP_DigestInit_ex)                                                                                            \
    EACH(EVP_DigestUpdate)                                                                                             \
    EACH(EVP_MD_CTX_free)                                                                                              \
    EACH(EVP_MD_CTX_new)                                                                                               \
    EACH(EVP_sha256)

static struct {
    CRYPTO_FUNCTIONS(LIBRARY_MEMBER)
} libcrypto;

static bool load(Error *err)
{
    static const char *const names[] = { CRYPTO_FUNCTIONS(LIBRARY_NAME) };
    static Library library = {
        .file = LIBCRYPTO_FILE, .functions = &libcrypto, .names = names, .count = COUNT_OF(names)
    };
    return library_load(&library, err);
}

struct Hash {
    EVP_MD_CTX *context;
};

/* None of these calls fails but for want of memory. */
static void begin(Hash *hash)
{
    CHECK(libcrypto.EVP_DigestInit_ex(hash->context, libcrypto.EVP_sha256(), NULL) == 1);
}

bool hash_create(Hash **ret_hash, Error *err)
{
    if (!load(err))
        return false;
    Hash *hash = alloc_zeroed(sizeof(*hash));
    hash->context = libcrypto.EVP_MD_CTX_new();
    CHECK(hash->context != NULL);
    begin(hash);
    *ret_hash = hash;
    return true;
}

void hash_add(Hash *hash, const void *data, size_t size)
{
    CHECK(libcrypto.EVP_DigestUpdate(hash->context, data, size) == 1);
}

void hash_finish(Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1])
{
    unsigned char digest[HASH_SIZE];
    CHECK(libcrypto.EVP_DigestFinal_ex(hash->context, digest, NULL) == 1);
    hash_format(digest, ret_text);
    begin(hash);
}

void hash_destroy(Hash *hash)
{
    if (hash == NULL)
        return;
    libcrypto.EVP_MD_CTX_free(hash->context);
    free(hash);
}
