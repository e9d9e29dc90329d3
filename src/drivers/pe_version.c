/* SPDX-License-Identifier: MIT */
/* The resource is looked for by its signature instead of by way of the headers: the same finds it in damaged files, and
 * there is nothing that a wrong offset could lead astray. */
#include "drivers/pe_version.h"

#include "base/compiler.h"

#include <string.h>

static const unsigned char *find(const unsigned char *data, size_t size, const unsigned char *what, size_t length)
{
    while (size >= length) {
        const unsigned char *found = memchr(data, what[0], size - length + 1);
        if (found == NULL)
            return NULL;
        if (memcmp(found, what, length) == 0)
            return found;
        size -= (size_t) (found - data) + 1;
        data = found + 1;
    }
    return NULL;
}

static uint64_t read_32(const unsigned char *data)
{
    return (uint64_t) data[0] | (uint64_t) data[1] << 8 | (uint64_t) data[2] << 16 | (uint64_t) data[3] << 24;
}

bool pe_file_version(const void *data, size_t size, uint64_t *ret_version)
{
    /* dwSignature, dwStrucVersion 1.0; then dwFileVersionMS, dwFileVersionLS */
    static const unsigned char signature[] = { 0xBD, 0x04, 0xEF, 0xFE, 0x00, 0x00, 0x01, 0x00 };
    const unsigned char *bytes = data;
    if (size < 2 || bytes[0] != 'M' || bytes[1] != 'Z')
        return false;
    const unsigned char *found = find(bytes, size, signature, sizeof(signature));
    if (found == NULL || size - (size_t) (found - bytes) < sizeof(signature) + 8)
        return false;
    *ret_version = read_32(found + sizeof(signature)) << 32 | read_32(found + sizeof(signature) + 4);
    return true;
}

bool pe_is_microsoft(const void *data, size_t size)
{
    /* UTF-16: "CompanyName", NUL, padding to four bytes, "Microsoft" */
    static const char name[] = "CompanyName", company[] = "Microsoft";
    unsigned char wide_name[2 * sizeof(name)] = { 0 }, wide_company[2 * (sizeof(company) - 1)] = { 0 };
    for (size_t i = 0; i < sizeof(name); i++)
        wide_name[2 * i] = (unsigned char) name[i];
    for (size_t i = 0; i < sizeof(company) - 1; i++)
        wide_company[2 * i] = (unsigned char) company[i];
    const unsigned char *bytes = data;
    const unsigned char *found = find(bytes, size, wide_name, sizeof(wide_name));
    if (found == NULL)
        return false;
    const unsigned char *value = found + sizeof(wide_name);
    size_t left = size - (size_t) (value - bytes);
    return find(value, left < sizeof(wide_company) + 2 ? left : sizeof(wide_company) + 2, wide_company,
                sizeof(wide_company)) != NULL;
}
