/* SPDX-License-Identifier: MIT */
#include "platform/hash.h"

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
