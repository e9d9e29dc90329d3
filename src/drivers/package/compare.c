/* SPDX-License-Identifier: MIT */
#include "drivers/package/compare.h"

#include "drivers/package/content.h"
#include "drivers/package/layout.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

static int compare_paths(const void *a, const void *b)
{
    return text_casecmp(((const ExpectedFile *) a)->path, ((const ExpectedFile *) b)->path);
}

static void sort(ExpectedFiles *expected)
{
    if (expected->count > 0)
        qsort(expected->items, expected->count, sizeof(*expected->items), compare_paths);
}

void expected_add_manifest(ExpectedFiles *expected, const Manifest *manifest, Arena *arena)
{
    sort(expected);
    size_t of_host = expected->count;
    for (size_t i = 0; i < manifest->files.count; i++) {
        const ManifestFile *file = &manifest->files.items[i];
        ExpectedFile entry = {
            .path = file->path, .size = file->size, .modified_s = file->modified_s, .rule = file->rule,
            .sha256 = file->sha256
        };
        ExpectedFile *known =
            of_host > 0 ? bsearch(&entry, expected->items, of_host, sizeof(entry), compare_paths) : NULL;
        if (known == NULL)
            ARRAY_PUSH(arena, expected, entry);
        else if (known->size == file->size && content_has_time(known->modified_s, file->modified_s))
            known->sha256 = file->sha256;
    }
    sort(expected);
}

/* ---- one file ---- */

static bool has_right_content(const ExpectedFile *file, const FoundFile *found, FilePlace *place, bool *ret_is,
                              Error *err)
{
    bool is_known;
    *ret_is = true;
    bool has_time = found->has_time && !file->is_recorded && content_has_time(found->modified_s, file->modified_s);
    if (place->is_same == NULL || has_time)
        return true;
    if (!place->is_same(place, file, &is_known, ret_is, err))
        return false;
    *ret_is = *ret_is || !is_known;
    return true;
}

/* Whether there is the right one, or one that may be there instead. */
static bool judge_content(const ExpectedFile *file, const FoundFile *found, FilePlace *place, FileFault *fault,
                          Error *err)
{
    bool is_right = false, is_owned = true, is_of_size = file->is_recorded || found->size == file->size;
    if (file->is_loose && place->is_owned == NULL)
        return true;
    if (is_of_size && !has_right_content(file, found, place, &is_right, err))
        return false;
    if (is_right)
        return true;
    if (!file->is_loose) {
        fault->fault = !is_of_size && found->size < file->size ? "is too short" : "is another one";
        return true;
    }
    if (!place->is_owned(place, file, &is_owned, err))
        return false;
    if (!is_owned)
        *fault = (FileFault){ file->path, "is another one, and does not tell whose it is", true };
    return true;
}

/* A fault without words: it is right. */
static bool judge(const ExpectedFile *file, FilePlace *place, FileFault *ret_fault, Error *err)
{
    FoundFile found;
    *ret_fault = (FileFault){ .path = file->path };
    if (cancel_is_requested(place->cancel))
        return error_set(err, ERR_CANCELLED, "interrupted");
    if (!place->find(place, file, &found, err))
        return false;
    if (found.obstacle != NULL)
        *ret_fault = (FileFault){ found.obstacle,
                                  strcmp(found.obstacle, file->path) == 0 ? "is no plain file" : "is no plain folder",
                                  true };
    else if (!found.is_there)
        ret_fault->fault = "is missing";
    else if (!found.is_file)
        ret_fault->fault = "is no plain file";
    else if (found.size == 0 && file->size > 0)
        ret_fault->fault = "is empty";
    else
        return judge_content(file, &found, place, ret_fault, err);
    return true;
}

/* ---- all of them ---- */

/* Of a file below LAYOUT_STORE: the length of the path up to the end of its package's folder. 0: it is not there. */
static size_t folder_length(const char *path)
{
    size_t store = strlen(LAYOUT_STORE "/");
    if (strncmp(path, LAYOUT_STORE "/", store) != 0 || strchr(path + store, '/') == NULL)
        return 0;
    return (size_t) (strchr(path + store, '/') - path);
}

/* The faults from "first" on are all files of one folder, and it has no other ones: told as one. */
static void fold(FileFaults *faults, size_t first, Arena *arena)
{
    enum { WORTH_IT = 10 };
    size_t count = faults->count - first;
    if (count < WORTH_IT)
        return;
    for (size_t i = first; i < faults->count; i++) {
        if (strcmp(faults->items[i].fault, "is missing") != 0)
            return;
    }
    const char *path = faults->items[first].path;
    faults->items[first] = (FileFault){ arena_strndup(arena, path, folder_length(path)),
                                        arena_printf(arena, "has none of its %zu files", count), false };
    faults->count = first + 1;
}

/* What several files meet is told once. */
static void add_fault(FileFaults *faults, size_t first, const FileFault *fault, Arena *arena)
{
    const FileFault *last = faults->count > first ? &faults->items[faults->count - 1] : NULL;
    if (last == NULL || strcmp(last->path, fault->path) != 0)
        ARRAY_PUSH(arena, faults, *fault);
}

bool files_compare(const ExpectedFiles *expected, FilePlace *place, Arena *arena, FileFaults *ret_faults,
                   size_t *ret_wrong, Error *err)
{
    FileFaults faults = { 0 };
    size_t wrong = 0;
    for (size_t i = 0; i < expected->count;) {
        const char *folder = expected->items[i].path;
        size_t length = folder_length(folder), first = faults.count, begin = i;
        do {
            FileFault fault;
            if (!judge(&expected->items[i], place, &fault, err))
                return false;
            wrong += fault.fault != NULL;
            if (fault.fault != NULL)
                add_fault(&faults, first, &fault, arena);
        } while (++i < expected->count && length > 0 &&
                 strncmp(expected->items[i].path, folder, length + 1) == 0);
        if (faults.count - first == i - begin)
            fold(&faults, first, arena);
    }
    *ret_faults = faults;
    *ret_wrong = wrong;
    return true;
}
