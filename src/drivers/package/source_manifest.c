/* SPDX-License-Identifier: MIT */
#include "drivers/package/source_manifest.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

static bool read_entry(const PackageSource *source, const PackageEntry *entry, Arena *arena, Manifest *ret_manifest,
                       Error *err)
{
    PackageReader *reader;
    char *text;
    size_t size;
    if (!package_reader_open(source, &reader, err))
        return false;
    bool ok = package_read_small(reader, entry, LIMIT_MANIFEST_BYTES, arena, &text, &size, err) &&
              (manifest_parse(text, size, arena, ret_manifest, err) ||
               error_prefix(err, "the package's manifest cannot be understood"));
    package_reader_close(reader);
    return ok;
}

bool package_manifest_read(const PackageSource *source, Arena *arena, bool *ret_has, Manifest *ret_manifest, Error *err)
{
    const PackageEntry *entry = package_find(source, package_key(manifest_path(source->name, arena), arena));
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *other = &source->entries.items[i];
        if (other->place == LAYOUT_IN_OWN && other != entry) {
            (void) error_set(err, ERR_INVALID, "'%s' in the package is not the manifest of '%s'", other->path,
                             source->name);
            return error_hint(err, "give the package the name back that it was gathered with");
        }
    }
    *ret_has = entry != NULL;
    return entry == NULL || read_entry(source, entry, arena, ret_manifest, err);
}

bool manifest_is_for(const Manifest *manifest, const char *device_id)
{
    enum { MODEL_LENGTH = 21 };
    for (size_t i = 0; i < manifest->gpus.count; i++) {
        if (ascii_ncasecmp(manifest->gpus.items[i].device_id, device_id, MODEL_LENGTH) == 0)
            return true;
    }
    return false;
}

/* <0, 0, >0. Number by number, as in 32.0.15.6094. */
static int compare_versions(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        char *end_a, *end_b;
        unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
        if (x != y || end_a == a || end_b == b)
            return (x > y) - (x < y);
        a = end_a + (*end_a == '.');
        b = end_b + (*end_b == '.');
    }
    return (*a != '\0') - (*b != '\0');
}

bool manifest_is_newer(const Manifest *manifest, const Manifest *than)
{
    bool is_rival = false;
    for (size_t i = 0; i < than->gpus.count; i++)
        is_rival |= manifest_is_for(manifest, than->gpus.items[i].device_id);
    if (!is_rival || !text_equals(manifest->provider, than->provider))
        return false;
    int later = strcmp(manifest->driver_date, than->driver_date); /* yyyy-mm-dd */
    return later > 0 || (later == 0 && compare_versions(manifest->driver_version, than->driver_version) > 0);
}
