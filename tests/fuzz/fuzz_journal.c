/* SPDX-License-Identifier: MIT */
/* The journal is read after a crash, so anything may be in the file: it must be refused, or understood and written
 * back the same. */
#include "base/check.h"
#include "hyperv/recovery.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    JournalRecord record, again;
    if (journal_text_parse((const char *) data, size, vm_record_kinds, &arena, &record, &err)) {
        const char *written = journal_text_format(record.kind, record.data, &record.label, &arena);
        CHECK(journal_text_parse(written, strlen(written), vm_record_kinds, &arena, &again, &err));
        CHECK(record.kind == again.kind);
        CHECK(strcmp(written, journal_text_format(again.kind, again.data, &again.label, &arena)) == 0);
    }
    arena_release(&arena);
    return 0;
}
