/* SPDX-License-Identifier: MIT */
#include "drivers/package/content.h"

#include <string.h>

bool content_has_time(int64_t modified_s, int64_t expected_s)
{
    enum { STEP_S = 2 };
    return modified_s >= expected_s - STEP_S && modified_s <= expected_s + STEP_S;
}

bool content_is_expected(PackageReader *reader, const PackageEntry *entry, const ManifestFile *expected, bool *ret_is,
                         Error *err)
{
    char sha256[HASH_TEXT_LENGTH + 1];
    *ret_is = entry->size == expected->size;
    if (!*ret_is || content_has_time(entry->modified_s, expected->modified_s))
        return true;
    if (!package_hash(reader, entry, sha256, err))
        return false;
    *ret_is = strcmp(sha256, expected->sha256) == 0;
    return true;
}
