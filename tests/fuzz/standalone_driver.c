/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target without libFuzzer: every file given, or in a folder given, goes through LLVMFuzzerTestOneInput.
 * So any compiler can replay a corpus as an ordinary test. Fails if there is no file: an empty corpus tests nothing. */
#include "base/arena.h"
#include "base/limits.h"
#include "platform/fs.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    char *data;
    size_t size;
    bool done = fs_read_file(path, LIMIT_STATE_FILE_BYTES, &arena, &data, &size, err);
    if (done)
        LLVMFuzzerTestOneInput((const uint8_t *) arena_memdup(&arena, data, size), size);
    arena_release(&arena);
    return done;
}

static bool replay(const char *path, size_t *count, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList names = { .items = NULL };
    Error ignored; /* what is no folder is taken for a file */
    bool is_folder = fs_list_folder(path, &arena, &names, &ignored);
    bool done = is_folder || replay_file(path, err);
    *count += !is_folder && done;
    for (size_t i = 0; done && i < names.count; i++) {
        done = replay_file(fs_join(&arena, path, names.items[i]), err);
        *count += done;
    }
    arena_release(&arena);
    return done;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        Error err;
        if (!replay(argv[i], &count, &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    printf("%zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
