/* SPDX-License-Identifier: MIT */
/* The images are of mingw-w64: a resource (VERSIONINFO, FILEVERSION 32,0,15,6094, CompanyName as the file is called)
 * by windres, linked with "-m i386pe" and "-m i386pep". */
#include "drivers/package/pe_version.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "platform/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VERSION_OF_BOTH ((uint64_t) 32 << 48 | (uint64_t) 15 << 16 | 6094)

typedef struct Image {
    Arena arena;
    char *data;
    size_t size;
} Image;

static Image read_image(const char *name)
{
    Image image = { .arena = ARENA_INIT };
    Error err = { .code = ERR_NONE };
    const char *path = fs_join(&image.arena, TEST_IMAGES_FOLDER, name);
    if (!fs_read_file(path, 1000000, &image.arena, &image.data, &image.size, &err))
        fail_msg("%s", err.message);
    return image;
}

static void put_32(Image *image, size_t offset, uint32_t value)
{
    assert_true(offset + 4 <= image->size);
    for (size_t i = 0; i < 4; i++)
        image->data[offset + i] = (char) (value >> 8 * i & 0xFF);
}

static size_t read_from(void *context, uint64_t offset, void *buffer, size_t size)
{
    const Image *image = context;
    size_t left = offset < image->size ? image->size - (size_t) offset : 0;
    size_t count = size < left ? size : left;
    memcpy(buffer, image->data + offset, count);
    return count;
}

static void test_kind(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        unsigned bits;
    } rows[] = { { "microsoft-32", 32 }, { "nvidia-64", 64 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Image image = read_image(rows[i].name);
        PeKind kind = pe_read_kind(read_from, &image, image.size);
        assert_int_equal(kind.bits, rows[i].bits);
        image.size = 100; /* cut off in its headers */
        assert_int_equal(pe_read_kind(read_from, &image, image.size).bits, 0);
        image.size = 0;
        assert_int_equal(pe_read_kind(read_from, &image, image.size).bits, 0);
        arena_release(&image.arena);
    }
}

static void test_images(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        bool is_microsoft;
    } rows[] = { { "microsoft-32", true }, { "nvidia-64", false } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Image image = read_image(rows[i].name);
        PeVersion version = pe_version_of(image.data, image.size);
        assert_true(version.has_number && version.number == VERSION_OF_BOTH);
        assert_int_equal(version.is_microsoft, rows[i].is_microsoft);
        assert_true(ascii_starts_with(version.company, rows[i].is_microsoft ? "Microsoft" : "NVIDIA"));
        arena_release(&image.arena);
    }
}

/* What looks like a resource, in code or data. */
static void test_look_alikes(void **state)
{
    (void) state;
    static const char company[] = "C\0o\0m\0p\0a\0n\0y\0N\0a\0m\0e\0\0\0\0\0M\0i\0c\0r\0o\0s\0o\0f\0t\0 \0C";
    enum { STUB = 0x40, LONGEST = 4096 };
    Image image = read_image("nvidia-64");
    put_32(&image, STUB, 0xFEEF04BD);
    put_32(&image, STUB + 4, 0x10000);
    put_32(&image, STUB + 8, 0x10001);
    assert_true(pe_version_of(image.data, image.size).number == VERSION_OF_BOTH);
    char longer[LONGEST];
    assert_true(image.size + sizeof(company) <= LONGEST);
    memcpy(longer, image.data, image.size);
    memcpy(longer + image.size, company, sizeof(company));
    assert_false(pe_version_of(longer, image.size + sizeof(company)).is_microsoft);
    arena_release(&image.arena);
}

/* Cut off anywhere, an image tells nothing or the truth. A copy of just that size, so that a sanitizer sees what is
 * read beyond its end. */
static void test_cut_off(void **state)
{
    (void) state;
    Image image = read_image("microsoft-32");
    size_t told = 0;
    for (size_t size = 0; size <= image.size; size++) {
        char *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut + 1, image.data, size);
        PeVersion version = pe_version_of(cut + 1, size);
        told += version.has_number;
        assert_true(version.number == (version.has_number ? VERSION_OF_BOTH : 0));
        assert_true(!version.is_microsoft || version.has_number);
        free(cut);
    }
    assert_in_range(told, 1, image.size / 2);
    arena_release(&image.arena);
}

static void test_damaged(void **state)
{
    (void) state;
    /* Of the 64-bit image: header at 0x80, sections at 0x188, resources at 0x200. */
    static const struct {
        size_t offset;
        uint32_t value;
    } rows[] = {
        { 0, 0x00905A4E },               /* not "MZ" */
        { 0x3C, 0xFFFFFFF0 },            /* header beyond the end */
        { 0x80, 0x00004551 },            /* not "PE" */
        { 0x86, 0x00000000 },            /* no sections */
        { 0x98, 0x00000107 },            /* neither 32 nor 64 bit */
        { 0x104, 0x00000002 },           /* no folder of resources among the directories */
        { 0x118, 0x7FFFFFFF },           /* resources where no section is */
        { 0x188 + 20, 0xFFFFFF00 },      /* section beyond the end */
        { 0x200 + 12, 0x00000000 },      /* no types */
        { 0x200 + 16, 0x00000011 },      /* another type */
        { 0x200 + 20, 0x80FFFFFF },      /* names beyond the end */
        { 0x200 + 20, 0x80000000 },      /* a folder in itself */
        { 0x200 + 20, 0x00000018 },      /* data where a folder should be */
        { 0x200 + 24 + 20, 0x00000000 }, /* no languages */
        { 0x200 + 48 + 20, 0x80000018 }, /* a folder where data should be */
        { 0x200 + 72, 0x00000000 },      /* data where no section is */
        { 0x200 + 76, 0x7FFFFFFF },      /* data longer than the section */
        { 0x200 + 76, 0x0000002C },      /* data too short */
        { 0x200 + 88 + 40, 0xFEEF04BE }, /* no signature */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Image image = read_image("nvidia-64");
        put_32(&image, rows[i].offset, rows[i].value);
        if (pe_version_of(image.data, image.size).has_number)
            fail_msg("0x%zX: accepted", rows[i].offset);
        arena_release(&image.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_kind),
        cmocka_unit_test(test_look_alikes),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
