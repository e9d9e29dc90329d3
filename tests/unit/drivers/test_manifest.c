/* SPDX-License-Identifier: MIT */
#include "drivers/package/manifest.h"

#include "base/compiler.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Arena arena;

static int release(void **state)
{
    (void) state;
    arena_release(&arena);
    return 0;
}

static Manifest sample(void)
{
    static const char *folders[] = { "nv_dispi.inf_amd64_1", "amdocl.inf_amd64_2" };
    static const char *paths[] = { "C:\\a", "C:\\b" };
    static ManifestGpu gpus[] = { { "NVIDIA \xC5\x81", "PCI\\VEN_10DE" } };
    static ManifestValue values[] = {
        { .key = "SYSTEM\\x", .name = "Text", .kind = VALUE_TEXT, .texts = { paths, 1, 2 } },
        { .key = "SYSTEM\\x", .name = "Texts", .kind = VALUE_TEXTS, .texts = { paths, 2, 2 } },
        { .key = "SYSTEM\\x", .name = "None", .kind = VALUE_TEXTS },
        { .key = "SYSTEM\\x", .name = "Number", .kind = VALUE_DWORD, .number = UINT32_MAX },
    };
    static ManifestFile files[] = {
        { .path = "Windows/System32/a.dll", .size = UINT64_MAX, .modified_s = 1723593600, .rule = RULE_NEWER },
        { .path = "Windows/System32/b.dll", .size = 0, .modified_s = 0, .rule = RULE_ALWAYS },
    };
    Error err;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_true(hash_of(files[i].path, strlen(files[i].path), files[i].sha256, &err));
    return (Manifest){ .name = "NVIDIA_20240814",
                       .provider = "NVIDIA",
                       .driver_version = "32.0.15.6094",
                       .driver_date = "2024-08-14",
                       .inf = "oem12.inf",
                       .folders = { folders, 2, 2 },
                       .gpus = { gpus, 1, 1 },
                       .values = { values, COUNT_OF(values), COUNT_OF(values) },
                       .files = { files, COUNT_OF(files), COUNT_OF(files) },
                       .created = "2026-07-01T12:05:09.123Z",
                       .program = "0.1.0" };
}

static void test_round_trip(void **state)
{
    (void) state;
    Manifest manifest = sample(), again;
    Error err;
    const char *text = manifest_format(&manifest, &arena);
    for (const char *c = text; *c != '\0'; c++)
        assert_in_range(*c, '\n', '~');
    if (!manifest_parse(text, strlen(text), &arena, &again, &err))
        fail_msg("%s", err.message);
    assert_string_equal(manifest_format(&again, &arena), text);
    assert_string_equal(again.gpus.items[0].name, "NVIDIA \xC5\x81");
    assert_true(again.files.items[0].size == UINT64_MAX);
    assert_int_equal(again.files.items[0].modified_s, 1723593600);
    assert_int_equal(again.values.items[3].number, UINT32_MAX);
    assert_int_equal(again.values.items[2].texts.count, 0);
}

static void test_place(void **state)
{
    (void) state;
    assert_string_equal(manifest_path("AMD_20240312", &arena),
                        "Windows/System32/HostDriverStore/HyperPoint/AMD_20240312.json");
}

/* One spot of a good manifest, made bad. */
static void test_refusals(void **state)
{
    (void) state;
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        { "hyperpoint-package/1", "hyperpoint-package/2", "format" },
        { "\"provider\": \"NVIDIA\"", "\"provider\": null", "'provider'" },
        { "\"18446744073709551615\"", "\"18446744073709551616\"", "item 1 of 'files'" },
        { "\"18446744073709551615\"", "\"-1\"", "item 1 of 'files'" },
        { "\"18446744073709551615\"", "1", "item 1 of 'files'" },
        { "2024-08-14T", "2024-13-14T", "item 1 of 'files'" },
        { "2024-08-14T00:00:00.000Z", "2024-08-14T00:00", "item 1 of 'files'" },
        { "\"always\"", "\"never\"", "item 2 of 'files'" },
        { "4294967295", "4294967296", "item 4 of 'registry'" },
        { "4294967295", "-1", "item 4 of 'registry'" },
        { "\"packageFolders\": [", "\"packageFolders\": [ 1, ", "'packageFolders'" },
        { "\"files\": [", "\"filez\": [", "'files'" },
        { "\"gpus\": [", "\"gpus\": [ {}, ", "item 1 of 'gpus'" },
        { "\"sha256\": \"", "\"sha256\": \"g", "item 1 of 'files'" },
        { "{", "", "line" },
    };
    Manifest manifest = sample();
    const char *text = manifest_format(&manifest, &arena);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *spot = strstr(text, cases[i].from);
        assert_non_null(spot);
        const char *bad =
            arena_printf(&arena, "%.*s%s%s", (int) (spot - text), text, cases[i].to, spot + strlen(cases[i].from));
        Manifest out = { .name = "untouched" };
        Error err = { .code = ERR_NONE };
        if (manifest_parse(bad, strlen(bad), &arena, &out, &err))
            fail_msg("taken: %s", cases[i].to);
        assert_int_equal(err.code, ERR_PROTOCOL);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("%s: %s", cases[i].to, err.message);
        assert_string_equal(out.name, "untouched");
    }
}

/* As many values of the registry as that, no two the same. */
static bool parse_with_values(size_t count, Error *err)
{
    static const char *text[] = { "x" };
    Manifest manifest = sample(), out;
    manifest.values = (ManifestValues){ 0 };
    for (size_t i = 0; i < count; i++) {
        ManifestValue value = {
            .key = "SYSTEM\\x", .name = arena_printf(&arena, "%zu", i), .kind = VALUE_TEXT, .texts = { text, 1, 1 }
        };
        ARRAY_PUSH(&arena, &manifest.values, value);
    }
    const char *whole = manifest_format(&manifest, &arena);
    return manifest_parse(whole, strlen(whole), &arena, &out, err);
}

/* Each value is compared with all others. */
static void test_limits(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    assert_true(parse_with_values(LIMIT_PACKAGE_LISTED, &err));
    assert_false(parse_with_values(LIMIT_PACKAGE_LISTED + 1, &err));
    assert_string_equal(err.message, "manifest: 'registry' has more than 1024 items");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_round_trip, release),
        cmocka_unit_test_teardown(test_place, release),
        cmocka_unit_test_teardown(test_refusals, release),
        cmocka_unit_test_teardown(test_limits, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
