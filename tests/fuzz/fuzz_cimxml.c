/* SPDX-License-Identifier: MIT */
/* Fuzz target: what the CIM-XML reader takes must be written, read as the same, and written as the same. */
#include "base/check.h"
#include "base/limits.h"
#include "cim/cimxml.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(Arena *arena, const CimInstance *instance)
{
    Error err;
    const char *text, *again;
    CimInstance *second;
    if (!cimxml_write(instance, arena, &text, &err)) {
        CHECK(err.code == ERR_INVALID && strstr(err.message, "longer than") != NULL); /* escapes take room */
        return;
    }
    CHECK(cimxml_read(text, arena, &second, &err));
    CimValue a = cim_embedded(instance), b = cim_embedded(second);
    CHECK(cim_value_equals(&a, &b));
    CHECK(cimxml_write(second, arena, &again, &err));
    CHECK(strcmp(text, again) == 0);
    CimValue copy = cim_value_copy(&a, arena);
    CHECK(cim_value_equals(&a, &copy));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    Error err;
    CimInstance *instance;
    if (cimxml_read(arena_strndup(&arena, (const char *) data, size), &arena, &instance, &err))
        check_round_trip(&arena, instance);
    else
        CHECK(err.code == ERR_PROTOCOL);
    arena_release(&arena);
    return 0;
}
