/* SPDX-License-Identifier: MIT */
/* Config files: their text, which of them applies, and the limits that come of it. */
#include "hyperv/gpu/adapter_config.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "platform/fs.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "MinPartitionVRAM=5 ..." and the warnings, each on a line of its own. */
static const char *describe(const AdapterConfig *config, Arena *arena)
{
    const char *text = "";
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (config->limits.items[i].is_set)
            text = arena_printf(arena, "%s%s%s=%" PRIu64, text, *text != '\0' ? " " : "", partition_limit_names[i],
                                config->limits.items[i].value);
    }
    for (size_t i = 0; i < config->warnings.count; i++)
        text = arena_printf(arena, "%s\n%s", text, config->warnings.items[i]);
    return text;
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void test_parse(void **state)
{
    (void) state;
    static const struct {
        const char *data;
        size_t size;
        const char *expected; /* "!message" */
    } cases[] = {
        { BYTES(""), "" },
        { BYTES("MinPartitionVRAM = 80000000"), "MinPartitionVRAM=80000000" },
        { BYTES("minpartitionvram=1\r\n\r\n# x\r\n ; = y\r\n\tOPTIMALPARTITIONCOMPUTE \t=\t2 \r\n"),
          "MinPartitionVRAM=1 OptimalPartitionCompute=2" },
        { BYTES("MinPartitionVRAM=1\rMaxPartitionVRAM=2"), "MinPartitionVRAM=1 MaxPartitionVRAM=2" },
        { BYTES("MaxPartitionEncode = 18446744073709551615\n"), "MaxPartitionEncode=18446744073709551615" },
        { BYTES("MinPartitionVRAM = 1\nMinPartitionVRAM = 2\n"),
          "MinPartitionVRAM=2\na.config:2: 'MinPartitionVRAM' is set again; this value counts" },
        { BYTES("\nMinVRAM = x\n"), "\na.config:2: unknown variable 'MinVRAM'" },
        { BYTES("= 5"), "\na.config:1: unknown variable ''" },
        { BYTES("\xEF\xBB\xBFMinPartitionDecode=3"), "MinPartitionDecode=3" },
        { BYTES("\xFF\xFE"
                "M\0i\0n\0P\0a\0r\0t\0i\0t\0i\0o\0n\0D\0e\0c\0o\0d\0e\0=\0"
                "3\0\r\0\n\0"),
          "MinPartitionDecode=3" },
        { BYTES("\xFE\xFF"
                "\0M\0i\0n\0P\0a\0r\0t\0i\0t\0i\0o\0n\0D\0e\0c\0o\0d\0e\0=\0"
                "3"),
          "MinPartitionDecode=3" },
        { BYTES("\xFF\xFE"), "" },
        { BYTES("# \xFF in a comment\nMinPartitionVRAM=1"), "MinPartitionVRAM=1" },
        { BYTES("\n\nMinPartitionVRAM 80000000"), "!a.config:3: no '=' in 'MinPartitionVRAM 80000000'" },
        { BYTES("MinPartitionVRAM ="), "!a.config:1: MinPartitionVRAM: '' is not a whole number" },
        { BYTES("minpartitionvram = 1GB"), "!a.config:1: MinPartitionVRAM: '1GB' is not a whole number" },
        { BYTES("MinPartitionVRAM = -1"), "!a.config:1: MinPartitionVRAM: '-1' is not a whole number" },
        { BYTES("MinPartitionVRAM = 18446744073709551616"), "!'18446744073709551616' is not a whole number" },
        { BYTES("MinPartitionVRAM = 1 # most"), "!'1 # most' is not a whole number" },
        { BYTES("M\0i\0n\0"), "!a.config: not a text file: it contains zero bytes" },
        { BYTES("\xFF\xFE"
                "M\0i"),
          "!a.config: not a text file: half a UTF-16 character" },
        { BYTES("\xFF\xFE\0\0"), "!a.config: not a text file: it contains zero bytes" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        AdapterConfig config = { .name = "untouched" };
        Error err;
        if (adapter_config_parse("a.config", cases[i].data, cases[i].size, &arena, &config, &err)) {
            assert_string_equal(config.name, "a.config");
            assert_string_equal(describe(&config, &arena), cases[i].expected);
        } else {
            assert_string_equal(config.name, "untouched");
            assert_int_equal(err.code, ERR_INVALID);
            assert_int_equal(cases[i].expected[0], '!');
            if (strstr(err.message, cases[i].expected + 1) == NULL)
                assert_string_equal(err.message, cases[i].expected);
        }
        arena_release(&arena);
    }
}

static void test_limits_of_size(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    AdapterConfig config;
    Error err;
    char *lines = arena_alloc(&arena, LIMIT_CONFIG_BYTES + 2);
    memset(lines, '\n', LIMIT_CONFIG_LINES);
    assert_true(adapter_config_parse("a", lines, LIMIT_CONFIG_LINES, &arena, &config, &err));
    lines[LIMIT_CONFIG_LINES] = '\n';
    assert_false(adapter_config_parse("a", lines, LIMIT_CONFIG_LINES + 1, &arena, &config, &err));
    assert_string_equal(err.message, "a: more than 10000 lines");
    memset(lines, '#', LIMIT_CONFIG_BYTES + 1);
    assert_true(adapter_config_parse("a", lines, LIMIT_CONFIG_BYTES, &arena, &config, &err));
    assert_false(adapter_config_parse("a", lines, LIMIT_CONFIG_BYTES + 1, &arena, &config, &err));
    assert_string_equal(err.message, "a: larger than 1048576 bytes");
    arena_release(&arena);
}

/* Makes a folder with these files ('|' between names); each sets MinPartitionVRAM to its position, from 1. */
static const char *make_folder(Arena *arena, const char *names)
{
    Error err;
    const char *folder = system_make_folder(arena);
    char *rest = arena_strdup(arena, names);
    for (int i = 1; *rest != '\0'; i++) {
        size_t length = strcspn(rest, "|");
        bool last = rest[length] == '\0';
        rest[length] = '\0';
        const char *text = arena_printf(arena, "MinPartitionVRAM = %d\n", i);
        assert_true(fs_append_file(fs_join(arena, folder, rest), text, &err));
        rest += length + (last ? 0 : 1);
    }
    return folder;
}

static bool find_config(const char *folder, const char *gpu_name, Arena *arena, const AdapterConfig **ret_config,
                        Error *err)
{
    StringList names = { .items = &gpu_name, .count = 1 };
    AdapterConfigs configs = adapter_configs_read(folder, &names, arena);
    return adapter_configs_find(&configs, gpu_name, ret_config, err);
}

static void test_find(void **state)
{
    (void) state;
    static const struct {
        const char *files;
        const char *gpu;
        uint64_t found; /* position of the file, 0 for none, AMBIGUOUS */
    } cases[] = {
#define AMBIGUOUS 99
        { "", "RTX 4060", 0 },
        { "adapter.config.example|x.config|RTX 4060.txt|.config", "RTX 4060", 0 },
        { "adapter.config", "RTX 4060", 1 },
        { "Adapter.Config", "RTX 4060", 1 },
        { "adapter.config|Nvidia Geforce RTX 4060.config", "NVIDIA GeForce RTX 4060", 2 },
        { "adapter.config|Nvidia-Geforce-RTX-4060.config", "NVIDIA GeForce RTX 4060", 2 },
        { "adapter.config|Nvidia_Geforce_RTX_4060.config", "NVIDIA GeForce RTX 4060", 2 },
        { "adapter.config|NvidiaGeforceRTX4060.CONFIG", "NVIDIA GeForce RTX 4060", 2 },
        { "adapter.config|Nvidia Geforce-RTX 4060.config", "NVIDIA GeForce RTX 4060", 1 },
        { "adapter.config|\u00dcber-Grafik.config", "\u00fcber grafik", 2 },
        { "adapter.config|RTX 4060.config", NULL, 1 },
        { "RTX 4060.config", NULL, 0 },
        { "a b.config|a-b.config", "A B", AMBIGUOUS },
#ifndef _WIN32 /* where no two names differ in letter case alone */
        { "a b.config|A B.config", "a b", AMBIGUOUS },
        { "adapter.config|ADAPTER.config", "a b", AMBIGUOUS },
        { "adapter.config|ADAPTER.config|x.config", "x", 3 },
#endif
        { "adapter.config|Radeon_Pro_W7900_PCIe.config", "Radeon Pro W7900/PCIe", 2 },
        { "adapter.config|ab.config", "a:b", 2 },
        { "adapter.config|.config", " ", 1 },
        { "adapter.config|.config", "", 1 },
        { "adapter.config", "../adapter", 1 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        Error err;
        const char *folder = make_folder(&arena, cases[i].files);
        const AdapterConfig *config = (const AdapterConfig *) &arena;
        bool ok = find_config(folder, cases[i].gpu, &arena, &config, &err);
        uint64_t found = !ok ? AMBIGUOUS : config == NULL ? 0 : config->limits.items[PARTITION_LIMIT_MIN_VRAM].value;
        if (!ok)
            assert_int_equal(err.code, ERR_AMBIGUOUS);
        if (found != cases[i].found)
            print_error("files: %s, GPU: %s\n", cases[i].files, cases[i].gpu);
        assert_int_equal(found, cases[i].found);
        if (ok && config != NULL)
            assert_null(strpbrk(config->name, "/\\"));
        system_remove_folder(folder);
        arena_release(&arena);
    }
}

static void test_find_fails(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const AdapterConfig *config = NULL;
    assert_true(find_config("/nonexistent/folder", "x", &arena, &config, &err));
    assert_null(config);
    const char *folder = make_folder(&arena, "adapter.config");
    assert_false(find_config(fs_join(&arena, folder, "adapter.config"), "x", &arena, &config, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_true(fs_append_file(fs_join(&arena, folder, "adapter.config"), "nonsense\n", &err));
    assert_false(find_config(folder, "x", &arena, &config, &err));
    assert_string_equal(err.message, "adapter.config:2: no '=' in 'nonsense'");
    system_remove_folder(folder);
    arena_release(&arena);
}

/* Each file is read once, and what is wrong with one matters to its GPUs only. */
static void test_several(void **state)
{
    (void) state;
    static const char *gpus[] = { "A", "B", NULL, "C", "Broken", "D" };
    Arena arena = ARENA_INIT;
    Error err;
    const char *folder = make_folder(&arena, "adapter.config|b.config|broken.config");
    assert_true(fs_append_file(fs_join(&arena, folder, "broken.config"), "nonsense\n", &err));
    StringList names = { .items = gpus, .count = COUNT_OF(gpus) };
    AdapterConfigs configs = adapter_configs_read(folder, &names, &arena);
    const AdapterConfig *general, *own, *config;
    assert_true(adapter_configs_find(&configs, NULL, &general, &err));
    assert_string_equal(general->name, "adapter.config");
    assert_true(adapter_configs_find(&configs, "B", &own, &err));
    assert_string_equal(own->name, "b.config");
    assert_true(adapter_configs_find(&configs, "A", &config, &err) && config == general);
    assert_true(adapter_configs_find(&configs, "D", &config, &err) && config == general);
    assert_false(adapter_configs_find(&configs, "Broken", &config, &err));
    assert_int_equal(err.code, ERR_INVALID);
    system_remove_folder(folder);
    arena_release(&arena);
}

static void test_apply(void **state)
{
    (void) state;
    AdapterConfig config = { 0 };
    PartitionLimits base = partition_limits_default();
    base.items[PARTITION_LIMIT_MAX_DECODE].is_set = false;
    config.limits.items[PARTITION_LIMIT_MIN_VRAM] = (PartitionLimit){ .is_set = true, .value = 0 };
    PartitionLimits limits = adapter_config_apply(&config, &base);
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        assert_int_equal(limits.items[i].is_set, i != PARTITION_LIMIT_MAX_DECODE);
        assert_int_equal(limits.items[i].value, i == PARTITION_LIMIT_MIN_VRAM ? 0 : base.items[i].value);
    }
}

static void test_defaults(void **state)
{
    (void) state;
    Error err;
    PartitionLimits limits = partition_limits_default();
    assert_true(partition_limits_check(&limits, &err));
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const char *name = partition_limit_names[i];
        assert_true(limits.items[i].is_set);
        assert_int_equal(limits.items[i].value, strncmp(name, "Min", 3) == 0 ? 80000000 : 100000000);
    }
    assert_string_equal(partition_limit_names[PARTITION_LIMIT_OPTIMAL_ENCODE], "OptimalPartitionEncode");
    assert_string_equal(partition_limit_names[PARTITION_LIMIT_MAX_COMPUTE], "MaxPartitionCompute");
}

static void test_check(void **state)
{
    (void) state;
    enum { NONE = -1 };
    static const struct {
        int64_t min, max, optimal;
        const char *message; /* NULL: fine */
    } cases[] = {
        { NONE, NONE, NONE, NULL },
        { 1, 3, 2, NULL },
        { 2, 2, 2, NULL },
        { 3, NONE, NONE, NULL },
        { 3, NONE, 2, "MinPartitionDecode (3) is larger than OptimalPartitionDecode (2)" },
        { NONE, 2, 3, "OptimalPartitionDecode (3) is larger than MaxPartitionDecode (2)" },
        { 3, 2, NONE, "MinPartitionDecode (3) is larger than MaxPartitionDecode (2)" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        PartitionLimits limits = partition_limits_default();
        PartitionLimit *decode = &limits.items[PARTITION_LIMIT_MIN_DECODE];
        decode[PARTITION_LIMIT_MIN] = (PartitionLimit){ cases[i].min != NONE, (uint64_t) cases[i].min };
        decode[PARTITION_LIMIT_MAX] = (PartitionLimit){ cases[i].max != NONE, (uint64_t) cases[i].max };
        decode[PARTITION_LIMIT_OPTIMAL] = (PartitionLimit){ cases[i].optimal != NONE, (uint64_t) cases[i].optimal };
        bool ok = partition_limits_check(&limits, &err);
        assert_int_equal(ok, cases[i].message == NULL);
        if (!ok)
            assert_string_equal(err.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_limits_of_size),
        cmocka_unit_test(test_find),    cmocka_unit_test(test_find_fails),
        cmocka_unit_test(test_several), cmocka_unit_test(test_apply),
        cmocka_unit_test(test_check),   cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
