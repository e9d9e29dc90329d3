/* SPDX-License-Identifier: MIT */
#include "drivers/package/content.h"

#include <string.h>

bool content_has_time(int64_t modified_s, int64_t expected_s)
{
    enum { STEP_S = 2 };
    return modified_s >= expected_s - STEP_S && modified_s <= expected_s + STEP_S;
}

static bool add_to_hash(void *context, const void *data, size_t size, Error *err)
{
    (void) err;
    hash_add(context, data, size);
    return true;
}

bool content_is_expected(PackageReader *reader, const PackageEntry *entry, const ManifestFile *expected, bool *ret_is,
                         Error *err)
{
    char sha256[HASH_TEXT_LENGTH + 1];
    *ret_is = entry->size == expected->size;
    if (!*ret_is || content_has_time(entry->modified_s, expected->modified_s))
        return true;
    Hash *hash;
    if (!hash_create(&hash, err))
        return false;
    bool ok = package_read(reader, entry, add_to_hash, hash, err);
    hash_finish(hash, sha256);
    hash_destroy(hash);
    *ret_is = ok && strcmp(sha256, expected->sha256) == 0;
    return ok;
}
