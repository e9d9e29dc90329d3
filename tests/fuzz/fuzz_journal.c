/* SPDX-License-Identifier: MIT */
/* The journal is read after a crash, and a memo whenever, so anything may be in the file: it must be refused, or
 * understood and written back the same. */
#include "base/check.h"
#include "hyperv/change/recovery.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size, const RecordKind *const *kinds, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    JournalRecord record, again;
    if (!journal_text_parse(text, size, kinds, arena, &record, &err))
        return;
    const char *written = journal_text_format(record.kind, record.data, &record.label, arena);
    CHECK(journal_text_parse(written, strlen(written), kinds, arena, &again, &err));
    CHECK(record.kind == again.kind);
    CHECK(strcmp(written, journal_text_format(again.kind, again.data, &again.label, arena)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    check((const char *) data, size, vm_record_kinds, &arena);
    check((const char *) data, size, detached_kinds, &arena);
    arena_release(&arena);
    return 0;
}
