/* SPDX-License-Identifier: MIT */
/* What the fuzz targets of the exchange's messages have in common: a text that is taken is the one that is written. */
#pragma once

#include "base/check.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_EXCHANGE(Record, read, write)                                                                             \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                                       \
    {                                                                                                                  \
        Arena arena = ARENA_INIT;                                                                                      \
        const char *text = arena_strndup(&arena, (const char *) data, size);                                           \
        Record record;                                                                                                 \
        Error err = { .code = ERR_NONE };                                                                              \
        if (read(text, &record, &err)) {                                                                               \
            CHECK(strlen(text) <= LIMIT_EXCHANGE_VALUE);                                                               \
            CHECK(strcmp(write(&record, &arena), text) == 0);                                                          \
        } else {                                                                                                       \
            CHECK(err.code == ERR_PROTOCOL && err.message[0] != '\0');                                                 \
        }                                                                                                              \
        arena_release(&arena);                                                                                         \
        return 0;                                                                                                      \
    }
