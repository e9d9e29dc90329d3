/* SPDX-License-Identifier: MIT */
/* Fuzz target: adapter config files. What is understood, written out again, is understood the same and without
 * warnings; and the same text in UTF-16 says the same. */
#include "base/check.h"
#include "base/limits.h"
#include "base/utf.h"
#include "hyperv/gpu/adapter_config.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const PartitionLimits *a, const PartitionLimits *b)
{
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++)
        CHECK(a->items[i].is_set == b->items[i].is_set && a->items[i].value == b->items[i].value);
}

static void check_written(const AdapterConfig *config, Arena *arena)
{
    const char *text = "";
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (config->limits.items[i].is_set)
            text = arena_printf(arena, "%s%s = %" PRIu64 "\r\n", text, partition_limit_names[i],
                                config->limits.items[i].value);
    }
    AdapterConfig again;
    Error err;
    CHECK(adapter_config_parse("written", text, strlen(text), arena, &again, &err));
    CHECK(again.warnings.count == 0);
    check_same(&config->limits, &again.limits);
}

static void check_utf16(const AdapterConfig *config, const char *data, size_t size, Arena *arena)
{
    size_t count;
    const uint16_t *units = utf16_from_utf8(arena, data, size, &count);
    char *bytes = arena_alloc(arena, 2 * count + 2);
    memcpy(bytes, "\xFE\xFF", 2);
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i + 2] = (char) (units[i] >> 8);
        bytes[2 * i + 3] = (char) (units[i] & 0xFF);
    }
    AdapterConfig again;
    Error err;
    CHECK(adapter_config_parse("utf-16", bytes, 2 * count + 2, arena, &again, &err));
    CHECK(config->warnings.count == again.warnings.count);
    check_same(&config->limits, &again.limits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    AdapterConfig config;
    Error err;
    const char *text = (const char *) data;
    if (adapter_config_parse("fuzz", text, size, &arena, &config, &err)) {
        check_written(&config, &arena);
        bool marked = size > 0 && (data[0] == 0xEF || data[0] >= 0xFE);
        if (!marked && size < LIMIT_CONFIG_BYTES / 2 && utf8_is_valid(text, size))
            check_utf16(&config, text, size, &arena);
    } else {
        CHECK(err.code == ERR_INVALID);
    }
    arena_release(&arena);
    return 0;
}
