/* SPDX-License-Identifier: MIT */
/* Fuzz target: the version resource of a file from somewhere. What it tells is in the file. */
#include "base/check.h"
#include "drivers/package/pe_version.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool contains(const uint8_t *data, size_t size, const uint8_t *what, size_t length)
{
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, what, length) == 0)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t company[] = { 'M', 0, 'i', 0, 'c', 0, 'r', 0, 'o', 0, 's', 0, 'o', 0, 'f', 0, 't', 0 };
    PeVersion version = pe_version_of(data, size);
    if (version.has_number) {
        uint8_t bytes[8]; /* the upper half comes first */
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t) (version.number >> 8 * (i ^ 4));
        CHECK(contains(data, size, bytes, sizeof(bytes)));
    }
    CHECK(!version.is_microsoft || contains(data, size, company, 2));
    for (size_t i = 0; version.company[i] != '\0'; i++) {
        uint8_t unit[2] = { (uint8_t) version.company[i], 0 };
        CHECK(version.company[i] == '?' || contains(data, size, unit, sizeof(unit)));
    }
    return 0;
}
