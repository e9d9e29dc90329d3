/* SPDX-License-Identifier: MIT */
#include "platform/hash.h"

#include <string.h>

void hash_format(const unsigned char digest[HASH_SIZE], char ret_text[HASH_TEXT_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < HASH_SIZE; i++) {
        ret_text[2 * i] = digits[digest[i] >> 4];
        ret_text[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_text[HASH_TEXT_LENGTH] = '\0';
}

bool hash_of(const void *data, size_t size, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    Hash *hash;
    if (!hash_create(&hash, err))
        return false;
    hash_add(hash, data, size);
    hash_finish(hash, ret_text);
    hash_destroy(hash);
    return true;
}

static void parse(const char *text, unsigned char digest[HASH_SIZE])
{
    for (size_t i = 0; i < HASH_TEXT_LENGTH; i++) {
        unsigned digit = (unsigned) (text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
        digest[i / 2] = (unsigned char) (i % 2 == 0 ? digit << 4 : digest[i / 2] | digit);
    }
}

static void add_pad(Hash *hash, const unsigned char key[HASH_SIZE], unsigned char pad)
{
    unsigned char block[2 * HASH_SIZE];
    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < HASH_SIZE; i++)
        block[i] ^= key[i];
    hash_add(hash, block, sizeof(block));
}

void hash_hmac(Hash *hash, const unsigned char key[HASH_SIZE], const void *data, size_t size,
               unsigned char ret_digest[HASH_SIZE])
{
    char text[HASH_TEXT_LENGTH + 1];
    add_pad(hash, key, 0x36);
    hash_add(hash, data, size);
    hash_finish(hash, text);
    parse(text, ret_digest);
    add_pad(hash, key, 0x5C);
    hash_add(hash, ret_digest, HASH_SIZE);
    hash_finish(hash, text);
    parse(text, ret_digest);
}
