/* SPDX-License-Identifier: MIT */
#include "drivers/install/damage.h"

#include "drivers/install/foreseen.h"
#include "platform/files.h"

#include <string.h>

enum { PIECE = 64 * 1024 };

/* Takes the first bytes of what it is given. */
typedef struct Beginning {
    Hash *hash;
    uint64_t left;
} Beginning;

static bool take_beginning(void *context, const void *data, size_t size, Error *err)
{
    Beginning *beginning = context;
    size_t taken = size < beginning->left ? size : (size_t) beginning->left;
    (void) err;
    hash_add(beginning->hash, data, taken);
    beginning->left -= taken;
    return true;
}

/* Where only zeros follow. */
static bool find_end(FileStream *stream, uint64_t *ret_end, Error *err)
{
    char buffer[PIECE];
    uint64_t end = 0;
    size_t count;
    for (uint64_t offset = 0;; offset += count) {
        if (!file_read_at(stream, offset, buffer, sizeof(buffer), &count, err))
            return false;
        if (count == 0)
            break;
        size_t used = count;
        while (used > 0 && buffer[used - 1] == 0)
            used--;
        end = used > 0 ? offset + used : end;
    }
    *ret_end = end;
    return true;
}

static bool hash_beginning(FileStream *stream, uint64_t length, Hash *hash, char ret_hash[HASH_TEXT_LENGTH + 1],
                           Error *err)
{
    char buffer[PIECE];
    Beginning beginning = { hash, length };
    size_t count = 1;
    for (uint64_t offset = 0; count > 0 && beginning.left > 0; offset += count) {
        if (!file_read_at(stream, offset, buffer, sizeof(buffer), &count, err) ||
            !take_beginning(&beginning, buffer, count, err))
            return false;
    }
    hash_finish(hash, ret_hash);
    return true;
}

static bool is_beginning(InstallWorker *worker, FileStream *stream, uint64_t length, const PackageEntry *whole,
                         bool *ret_is, Error *err)
{
    char there[HASH_TEXT_LENGTH + 1], right[HASH_TEXT_LENGTH + 1];
    Beginning beginning = { worker->hash, length };
    *ret_is = false;
    if (length > whole->size)
        return true;
    if (!hash_beginning(stream, length, worker->hash, there, err) ||
        !package_read(worker->reader, whole, take_beginning, &beginning, err))
        return false;
    hash_finish(worker->hash, right);
    *ret_is = strcmp(there, right) == 0;
    return true;
}

bool damage_look(InstallWorker *worker, const TargetFile *file, const PackageEntry *whole, bool *ret_is_damaged,
                 Error *err)
{
    FileStream *stream;
    uint64_t length;
    bool is_damaged = false;
    const char *place = foreseen_place(file);
    if (place == NULL)
        return true; /* as its package has it */
    if (!tree_open_file(worker->plan->tree, place, &stream, err))
        return false;
    bool ok = find_end(stream, &length, err);
    if (ok && length == 0)
        is_damaged = true;
    else if (ok && whole != NULL)
        ok = is_beginning(worker, stream, length, whole, &is_damaged, err);
    file_close(stream);
    if (ok)
        *ret_is_damaged = is_damaged;
    return ok;
}
