/* SPDX-License-Identifier: MIT */
#include "support/file_tree.h"

#include "base/check.h"
#include "platform/files.h"
#include "platform/fs.h"

#include <stdio.h>

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

void file_tree_copy(const char *from, const char *to)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    FileStatus status;
    must(file_status(from, &status, &err), &err);
    if (status.kind == FILE_PLAIN) {
        char *data;
        size_t size;
        FileStream *stream = NULL;
        must(fs_read_file(from, 1 << 24, &arena, &data, &size, &err) && file_create(to, &stream, &err), &err);
        must(file_write(stream, data, size, &err) && file_finish_unflushed(stream, status.modified_s, &err), &err);
    } else {
        StringList names;
        must(file_make_folder(to, &err) && fs_list_folder(from, &arena, &names, &err), &err);
        for (size_t i = 0; i < names.count; i++)
            file_tree_copy(fs_join(&arena, from, names.items[i]), fs_join(&arena, to, names.items[i]));
    }
    arena_release(&arena);
}

void file_tree_replace(const char *from, const char *to)
{
    Error err = { .code = ERR_NONE };
    must(file_remove_tree(to, &err), &err);
    file_tree_copy(from, to);
}
