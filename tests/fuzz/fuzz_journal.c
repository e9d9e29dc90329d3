/* SPDX-License-Identifier: MIT */
/* The journal is read after a crash, so anything may be in the file: it must be refused, or understood and written
 * back the same. */
#include "base/check.h"
#include "hyperv/record.h"
#include "journal/journal.h"

#include <stddef.h>
#include <stdint.h>

#define ID "F65D0775-1CA1-4804-9305-71F4A38BDD83"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    json_t *json = NULL;
    ChangeRecord record, again;
    if (journal_parse((const char *) data, size, "sim:fuzz", ID, &json, &err)) {
        if (record_from_json(json, &arena, &record, &err)) {
            json_t *written = record_to_json(&record);
            CHECK(record_from_json(written, &arena, &again, &err));
            json_t *rewritten = record_to_json(&again);
            CHECK(json_equal(written, rewritten));
            json_decref(rewritten);
            json_decref(written);
        }
        json_decref(json);
    }
    arena_release(&arena);
    return 0;
}
