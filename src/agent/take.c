/* SPDX-License-Identifier: MIT */
#include "agent/take.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 * 1024 };

/* What is left free on the disk beside the copy. */
enum { SPACE_RESERVE = 32 * 1024 * 1024 };

static Taken refused(ExchangeReason reason)
{
    return (Taken){ .state = TAKE_REFUSED, .reason = reason };
}

static Taken not_yet(ExchangeReason reason, uint64_t size)
{
    return (Taken){ .state = TAKE_NOT_YET, .reason = reason, .size = size };
}

unsigned take_percent(uint64_t size, uint64_t whole)
{
    return size >= whole ? 100 : (unsigned) (size * 100 / whole);
}

/* From the one to the other up to the end, or to the first byte too much. A file that cannot be read to its end is
 * one that somebody changes. */
static bool copy(const Take *take, FileStream *from, FileStream *to, char ret_hash[HASH_TEXT_LENGTH + 1],
                 uint64_t *ret_size, Error *err)
{
    Hash *hash;
    if (!hash_create(&hash, err))
        return false;
    unsigned char *piece = alloc_resize(NULL, PIECE);
    size_t count = PIECE;
    bool ok = true;
    for (*ret_size = 0; ok && count == PIECE && *ret_size <= take->request->size;) {
        Error changed = { .code = ERR_NONE };
        if (cancel_is_requested(take->cancel))
            ok = error_set(err, ERR_CANCELLED, "interrupted");
        else if (!file_read(from, piece, PIECE, &count, &changed))
            count = 0;
        ok = ok && file_write(to, piece, count, err);
        hash_add(hash, piece, count);
        *ret_size += count;
        take->progress(take->context, take_percent(*ret_size, take->request->size));
    }
    hash_finish(hash, ret_hash);
    free(piece);
    hash_destroy(hash);
    return ok;
}

static bool copy_to(const Take *take, FileStream *from, char ret_hash[HASH_TEXT_LENGTH + 1], uint64_t *ret_size,
                    Error *err)
{
    FileStream *to;
    if (!tree_create_file(take->tree, take->to, &to, err))
        return false;
    if (!copy(take, from, to, ret_hash, ret_size, err)) {
        file_close(to);
        return false;
    }
    return file_finish_unflushed(to, 0, err);
}

/* The file is as long as it should be by now. "before": as it was found. */
static bool take_whole(const Take *take, const FileStatus *before, Taken *ret_taken, Error *err)
{
    FileStream *from;
    FileStatus after;
    Error ignored = { .code = ERR_NONE };
    char hash[HASH_TEXT_LENGTH + 1];
    uint64_t size;
    if (!tree_open_file(take->tree, take->from, &from, &ignored)) {
        /* Gone again, another thing by now, or held by somebody: the next look will tell. */
        *ret_taken = not_yet(EXCHANGE_MISSING, 0);
        return true;
    }
    bool ok = copy_to(take, from, hash, &size, err);
    file_close(from);
    if (!ok)
        return false;
    if (size == take->request->size && strcmp(hash, take->request->sha256) == 0) {
        *ret_taken = (Taken){ .state = TAKE_DONE, .size = size };
        return true;
    }
    bool changes = !tree_status(take->tree, take->from, &after, &ignored) || after.kind != before->kind ||
                   !fs_stamp_equals(&after.stamp, &before->stamp);
    *ret_taken = changes ? not_yet(EXCHANGE_HASH, before->size) : refused(EXCHANGE_HASH);
    return true;
}

static bool check_space(const Take *take, Error *err)
{
    uint64_t space;
    return tree_free_space(take->tree, &space, err) &&
           (space >= take->request->size + SPACE_RESERVE ||
            error_set(err, ERR_NO_SPACE, "the disk of '%s' has no room for the package", tree_root(take->tree)));
}

bool take_file(const Take *take, Taken *ret_taken, Error *err)
{
    FileStatus status;
    Error found = { .code = ERR_NONE };
    if (!tree_remove(take->tree, take->to, err) || !check_space(take, err))
        return false;
    /* A link in the place of the inbox, or something else that leads away from it. */
    if (!tree_status(take->tree, take->from, &status, &found)) {
        *ret_taken = refused(EXCHANGE_MISSING);
        return true;
    }
    if (status.kind == FILE_NONE)
        *ret_taken = not_yet(EXCHANGE_MISSING, 0);
    else if (status.kind != FILE_PLAIN)
        *ret_taken = refused(EXCHANGE_MISSING);
    else if (status.size < take->request->size)
        *ret_taken = not_yet(EXCHANGE_SHORT, status.size);
    else if (status.size > take->request->size)
        *ret_taken = refused(EXCHANGE_SHORT);
    else if (!take_whole(take, &status, ret_taken, err)) {
        (void) !tree_remove(take->tree, take->to, &found); /* the first error is what matters */
        return false;
    }
    return ret_taken->state == TAKE_DONE || tree_remove(take->tree, take->to, err);
}
