/* SPDX-License-Identifier: MIT */
#include "support/system.h"

#include "base/check.h"

char *capture_close(FILE *stream, Arena *arena)
{
    long size = ftell(stream);
    CHECK(size >= 0 && fflush(stream) == 0);
    rewind(stream);
    char *text = arena_alloc(arena, (size_t) size + 1);
    CHECK(fread(text, 1, (size_t) size, stream) == (size_t) size && fclose(stream) == 0);
    return text;
}
