/* SPDX-License-Identifier: MIT */
#include "support/test_package.h"

#include "base/check.h"
#include "platform/files.h"

#include <stdio.h>
#include <string.h>

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

void test_file_put(const char *root, const char *path, const char *text)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *folder = fs_join(&arena, root, arena_strndup(&arena, path, (size_t) (strrchr(path, '/') - path)));
    must(fs_make_folders(folder, FS_SHARED, &err), &err);
    must(fs_replace_file(fs_join(&arena, root, path), text, strlen(text), FS_SHARED, &err), &err);
    arena_release(&arena);
}

ManifestValue test_package_value(const char *name, const char *text, Arena *arena)
{
    ManifestValue value = { .key = TEST_CLASS_KEY, .name = name, .kind = VALUE_TEXT };
    ARRAY_PUSH(arena, &value.texts, text);
    return value;
}

void test_package_make(const char *folder, const TestPackage *package)
{
    Arena arena = ARENA_INIT;
    const char *root = fs_join(&arena, folder, package->name);
    Manifest manifest = { .name = package->name,
                          .provider = "Intel Corporation",
                          .driver_version = "1",
                          .driver_date = package->date != NULL ? package->date : "",
                          .inf = "",
                          .values = package->values,
                          .created = "2024-08-14T00:00:00.000Z",
                          .program = "test" };
    ManifestGpu gpu = { .name = "Intel Arc", .device_id = "PCI\\VEN_8086&DEV_56A0&SUBSYS_1&REV_1\\1" };
    ARRAY_PUSH(&arena, &manifest.gpus, gpu);
    ARRAY_PUSH(&arena, &manifest.folders, package->package_folder);
    for (const TestFile *file = package->files; file->path != NULL; file++) {
        ManifestFile listed = { .path = file->path, .size = strlen(file->text), .modified_s = 1723593600 };
        hash_of(file->text, strlen(file->text), listed.sha256);
        ARRAY_PUSH(&arena, &manifest.files, listed);
        test_file_put(root, file->path, file->text);
    }
    test_file_put(root, manifest_path(package->name, &arena), manifest_format(&manifest, &arena));
    arena_release(&arena);
}
