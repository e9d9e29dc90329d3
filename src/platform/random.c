/* SPDX-License-Identifier: MIT */
/* GUIDs: RFC 4122, section 4.4 (version 4). */
#include "platform/random.h"

void random_guid(char text[GUID_TEXT_LENGTH + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char bytes[16];
    random_bytes(bytes, sizeof(bytes));
    bytes[6] = (unsigned char) (0x40 | (bytes[6] & 0x0F));
    bytes[8] = (unsigned char) (0x80 | (bytes[8] & 0x3F));
    char *out = text;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0x0F];
    }
    *out = '\0';
}
