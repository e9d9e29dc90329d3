/* SPDX-License-Identifier: MIT */
#include "document.h"

#include "platform/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

Arena arena;
const char *document;

int document_read(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    char *text;
    size_t size;
    if (!fs_read_file(DOCUMENT, 1024 * 1024, &arena, &text, &size, &err))
        fail_msg("%s", err.message);
    document = text;
    return 0;
}

int document_release(void **state)
{
    (void) state;
    arena_release(&arena);
    return 0;
}
