/* SPDX-License-Identifier: MIT */
/* Manifests come with packages from anywhere: refused, or understood and written back the same. INF files of the host
 * are read with the same bytes: whatever comes out is text. */
#include "base/check.h"
#include "drivers/gather/inf.h"
#include "drivers/package/manifest.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    Manifest manifest, again;
    if (manifest_parse((const char *) data, size, &arena, &manifest, &err)) {
        const char *text = manifest_format(&manifest, &arena);
        CHECK(manifest_parse(text, strlen(text), &arena, &again, &err));
        CHECK(strcmp(manifest_format(&again, &arena), text) == 0);
    }
    Inf inf = inf_parse((const char *) data, size, "amd64", &arena);
    for (size_t i = 0; i < inf.copy_infs.count; i++)
        CHECK(*inf.copy_infs.items[i] != '\0' && strpbrk(inf.copy_infs.items[i], "/\\") == NULL);
    arena_release(&arena);
    return 0;
}
