/* SPDX-License-Identifier: MIT */
#include "support/test_package.h"

#include "drivers/package/zip_write.h"

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

static void put(const char *root, const char *path, const void *data, size_t size)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    const char *folder = fs_join(&arena, root, arena_strndup(&arena, path, (size_t) (strrchr(path, '/') - path)));
    must(fs_make_folders(folder, FS_SHARED, &err), &err);
    must(fs_replace_file(fs_join(&arena, root, path), data, size, FS_SHARED, &err), &err);
    arena_release(&arena);
}

void test_file_put(const char *root, const char *path, const char *text)
{
    put(root, path, text, strlen(text));
}

static void put_16(unsigned char *image, size_t offset, size_t value)
{
    image[offset] = (unsigned char) (value & 0xFF);
    image[offset + 1] = (unsigned char) (value >> 8 & 0xFF);
}

static void put_name(unsigned char *image, size_t offset, const char *name)
{
    for (size_t i = 0; i < strlen(name); i++)
        put_16(image, offset + 2 * i, (unsigned char) name[i]);
}

/* Headers, one section, three folders of resources, the version with its blocks one inside another. */
void test_library_put(const char *root, const char *path, const char *text, const char *company)
{
    enum { HEADER = 0x40, OPTIONAL = HEADER + 24, SECTION = OPTIONAL + 240, START = SECTION + 40, ADDRESS = 0x1000 };
    enum { VERSION = START + 88, STRINGS = VERSION + 40, TABLE = STRINGS + 36, COMPANY = TABLE + 24, VALUE = 32 };
    unsigned char image[1024] = "MZ";
    size_t end = COMPANY + VALUE + 2 * strlen(company) + 2;
    memcpy(image + 2, text, strlen(text));
    put_16(image, 0x3C, HEADER);
    memcpy(image + HEADER, "PE", 2);
    put_16(image, HEADER + 6, 1);
    put_16(image, HEADER + 20, 240);
    put_16(image, OPTIONAL, 0x20B);
    put_16(image, OPTIONAL + 108, 16);
    put_16(image, OPTIONAL + 112 + 16, ADDRESS);
    put_16(image, SECTION + 12, ADDRESS);
    put_16(image, SECTION + 16, end - START);
    put_16(image, SECTION + 20, START);
    for (size_t depth = 0; depth < 3; depth++) {
        static const size_t numbers[] = { 16, 1, 0x409 };
        put_16(image, START + 24 * depth + 14, 1);
        put_16(image, START + 24 * depth + 16, numbers[depth]);
        put_16(image, START + 24 * depth + 20, 24 * (depth + 1));
        image[START + 24 * depth + 23] = depth < 2 ? 0x80 : 0;
    }
    put_16(image, START + 72, ADDRESS + VERSION - START);
    put_16(image, START + 76, end - VERSION);
    put_16(image, VERSION, end - VERSION);
    put_name(image, VERSION + 6, "VS_VERSION_INFO");
    put_16(image, STRINGS, end - STRINGS);
    put_name(image, STRINGS + 6, "StringFileInfo");
    put_16(image, TABLE, end - TABLE);
    put_name(image, TABLE + 6, "040904B0");
    put_16(image, COMPANY, end - COMPANY);
    put_name(image, COMPANY + 6, "CompanyName");
    put_name(image, COMPANY + VALUE, company);
    put(root, path, image, end);
}

ManifestValue test_package_value(const char *name, const char *text, Arena *arena)
{
    ManifestValue value = { .key = TEST_CLASS_KEY, .name = name, .kind = VALUE_TEXT };
    ARRAY_PUSH(arena, &value.texts, text);
    return value;
}

static Manifest describe(const TestPackage *package, Arena *arena)
{
    Manifest manifest = { .name = package->name,
                          .provider = "Intel Corporation",
                          .driver_version = package->version != NULL ? package->version : "1",
                          .driver_date = package->date != NULL ? package->date : "",
                          .inf = "",
                          .values = package->values,
                          .created = "2024-08-14T00:00:00.000Z",
                          .program = "test" };
    ManifestGpu gpu = { .name = "Intel Arc", .device_id = "PCI\\VEN_8086&DEV_56A0&SUBSYS_1&REV_1\\1" };
    ARRAY_PUSH(arena, &manifest.gpus, gpu);
    ARRAY_PUSH(arena, &manifest.folders, package->package_folder);
    for (const TestFile *file = package->files; file->path != NULL; file++) {
        ManifestFile listed = { .path = file->path, .size = strlen(file->text), .modified_s = 1723593600 };
        Error err;
        CHECK(hash_of(file->text, strlen(file->text), listed.sha256, &err));
        ARRAY_PUSH(arena, &manifest.files, listed);
    }
    return manifest;
}

void test_package_make(const char *folder, const TestPackage *package)
{
    Arena arena = ARENA_INIT;
    const char *root = fs_join(&arena, folder, package->name);
    Manifest manifest = describe(package, &arena);
    for (const TestFile *file = package->files; file->path != NULL; file++)
        test_file_put(root, file->path, file->text);
    test_file_put(root, manifest_path(package->name, &arena), manifest_format(&manifest, &arena));
    arena_release(&arena);
}

typedef struct TextFeed {
    ZipFeed feed; /* first: the writer hands it back */
    const char **texts;
    ZipDeflater *deflater;
} TextFeed;

static bool deflate_text(ZipFeed *feed, size_t index, ZipPiece *ret_piece, Error *err)
{
    (void) err;
    TextFeed *texts = (TextFeed *) feed;
    zip_deflate(texts->deflater, texts->texts[index], strlen(texts->texts[index]), ret_piece);
    return true;
}

void test_package_zip(const TestPackage *package, const char *zip)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Manifest manifest = describe(package, &arena);
    size_t count = 0;
    while (package->files[count].path != NULL)
        count++;
    ZipEntry *entries = ARENA_NEW_ARRAY(&arena, ZipEntry, count + 1);
    TextFeed feed = { .feed = { .get = deflate_text },
                      .texts = ARENA_NEW_ARRAY(&arena, const char *, count + 1),
                      .deflater = zip_deflater_create() };
    for (size_t i = 0; i <= count; i++) {
        feed.texts[i] = i < count ? package->files[i].text : manifest_format(&manifest, &arena);
        entries[i] = (ZipEntry){ .path = i < count ? package->files[i].path : manifest_path(package->name, &arena),
                                 .size = strlen(feed.texts[i]),
                                 .modified_s = 1723593600 };
    }
    CHECK(zip_write(zip, entries, count + 1, &feed.feed, &err));
    zip_deflater_destroy(feed.deflater);
    arena_release(&arena);
}
