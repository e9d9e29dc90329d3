/* SPDX-License-Identifier: MIT */
#include "journal/journal.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/limits.h"
#include "json/document.h"
#include "platform/fs.h"
#include "platform/process.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "hyperpoint-journal/1"

struct Journal {
    Arena arena;
    const char *host_key;
    const char *id;
    const char *file;
    FsLock *lock;
    Clock *clock;
};

/* FNV-1a, 64 bits: names files, protects nothing. */
static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char) *text) * UINT64_C(1099511628211);
    return hash;
}

static const char *file_name(Arena *arena, const JournalPlace *place, const char *folder, const char *id,
                             const char *ending)
{
    const char *name = arena_printf(arena, "%s@%016" PRIx64 "%s", id, hash_text(place->key), ending);
    return fs_join(arena, fs_join(arena, place->folder, folder), name);
}

/* The place of the record of an object; of one that is nowhere, where it is made. */
static const JournalPlace *find_place(const JournalHome *home, const char *id)
{
    Arena arena = ARENA_INIT;
    bool is_former = !fs_exists(file_name(&arena, &home->place, "journal", id, ".json")) &&
                     fs_exists(file_name(&arena, &home->former, "journal", id, ".json"));
    arena_release(&arena);
    return is_former ? &home->former : &home->place;
}

const char *journal_file(const JournalHome *home, const char *id, Arena *arena)
{
    return file_name(arena, find_place(home, id), "journal", id, ".json");
}

static bool hint_unreadable(Error *err, const char *file)
{
    return error_hint(err,
                      "the journal '%s' tells which GPUs to put back; keep it, look at it, and remove it only when the "
                      "VM's GPUs are as they should be",
                      file);
}

/* The holder's own words, written into the lock file. */
static void describe_holder(const char *lock_file, Error *err)
{
    Arena arena = ARENA_INIT;
    char *text = NULL;
    size_t size = 0;
    Error ignored = { .code = ERR_NONE };
    /* The holder may be between taking the lock and writing its line: then there is nothing to add. */
    if (fs_read_file(lock_file, LIMIT_JOURNAL_BYTES, &arena, &text, &size, &ignored) && size > 0)
        (void) error_hint(err, "%s; wait until it has finished", text);
    else
        (void) error_hint(err, "wait until it has finished");
    arena_release(&arena);
}

bool journal_open(const JournalHome *home, const char *id, const char *purpose, Clock *clock, Journal **ret_journal,
                  Error *err)
{
    CHECK(guid_is_valid(id));
    Journal *journal = alloc_zeroed(sizeof(*journal));
    Arena *arena = &journal->arena;
    journal->id = arena_strdup(arena, id);
    journal->clock = clock;
    const char *lock_file = file_name(arena, &home->place, "locks", id, ".lock");

    if (!fs_make_folders(fs_join(arena, home->place.folder, "journal"), FS_PRIVATE, err) ||
        !fs_make_folders(fs_join(arena, home->place.folder, "locks"), FS_PRIVATE, err)) {
        (void) error_hint(
            err, "HyperPoint keeps its journal there and changes nothing without it; make the folder writable");
        goto failed;
    }
    if (!fs_lock(lock_file, FS_PRIVATE, &journal->lock, err)) {
        if (err->code == ERR_BUSY) {
            (void) error_set(err, ERR_BUSY, "another HyperPoint is changing this VM");
            describe_holder(lock_file, err);
        }
        goto failed;
    }
    const char *holder = arena_printf(arena, "process %" PRIu64 " holds it for %s since %s", process_id(), purpose,
                                      clock_format_local(arena, clock->now_ms(clock)));
    if (!fs_lock_write(journal->lock, holder, err))
        goto failed;
    journal->host_key = arena_strdup(arena, find_place(home, id)->key);
    journal->file = journal_file(home, id, arena);
    *ret_journal = journal;
    return true;

failed:
    journal_close(journal);
    return false;
}

void journal_close(Journal *journal)
{
    if (journal == NULL)
        return;
    fs_unlock(journal->lock);
    arena_release(&journal->arena);
    free(journal);
}

const char *journal_path(const Journal *journal)
{
    return journal->file;
}

bool journal_parse(const char *text, size_t size, const char *host_key, const char *id, json_t **ret_record, Error *err)
{
    json_t *root;
    if (!json_document_parse(text, size, FORMAT, &root, err))
        return false;
    const char *host = json_string_value(json_object_get(root, "host"));
    const char *found_id = json_string_value(json_object_get(root, "id"));
    json_t *record = json_object_get(root, "record");
    bool ok = false;
    if (host == NULL || strcmp(host, host_key) != 0 || found_id == NULL || !ascii_equals(found_id, id))
        (void) error_set(err, ERR_PROTOCOL, "the journal belongs to another host or VM");
    else if (!json_is_object(record))
        (void) error_set(err, ERR_PROTOCOL, "the journal holds no record");
    else
        ok = true;
    if (ok)
        *ret_record = json_incref(record);
    json_decref(root);
    return ok;
}

static bool read_record(const char *file, const char *host_key, const char *id, json_t **ret_record, Error *err)
{
    Arena arena = ARENA_INIT;
    char *text;
    size_t size;
    bool ok = true;
    if (fs_read_file(file, LIMIT_JOURNAL_BYTES, &arena, &text, &size, err)) {
        if (!journal_parse(text, size, host_key, id, ret_record, err)) {
            ok = error_prefix(err, "journal '%s'", file);
            (void) hint_unreadable(err, file);
        }
    } else if (err->code == ERR_NOT_FOUND) {
        *err = (Error){ .code = ERR_NONE };
        *ret_record = NULL;
    } else {
        ok = hint_unreadable(err, file);
    }
    arena_release(&arena);
    return ok;
}

bool journal_read(const Journal *journal, json_t **ret_record, Error *err)
{
    return read_record(journal->file, journal->host_key, journal->id, ret_record, err);
}

bool journal_peek(const JournalHome *home, const char *id, json_t **ret_record, Error *err)
{
    Arena arena = ARENA_INIT;
    const JournalPlace *place = find_place(home, id);
    bool ok = read_record(file_name(&arena, place, "journal", id, ".json"), place->key, id, ret_record, err);
    arena_release(&arena);
    return ok;
}

bool journal_write(Journal *journal, json_t *record, Error *err)
{
    Arena arena = ARENA_INIT;
    json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:O}", "format", FORMAT, "program", HYPERPOINT_VERSION, "host",
                             journal->host_key, "id", journal->id, "written",
                             clock_format_utc(&arena, journal->clock->now_ms(journal->clock)), "record", record);
    const char *text = json_document_format(root, &arena);
    bool ok = fs_replace_file(journal->file, text, strlen(text), FS_PRIVATE, err);
    if (!ok)
        (void) error_prefix(err, "cannot write the journal");
    arena_release(&arena);
    return ok;
}

bool journal_clear(Journal *journal, Error *err)
{
    Error failure = { .code = ERR_NONE };
    if (fs_remove_file(journal->file, &failure) || !fs_exists(journal->file))
        return true; /* if only the flush failed: a record that a power cut brings back finds everything done */
    *err = failure;
    return false;
}

static bool has_id(const StringList *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (ascii_equals(ids->items[i], id))
            return true;
    }
    return false;
}

static bool list_place(const JournalPlace *place, Arena *arena, StringList *ids, Error *err)
{
    StringList names = { 0 };
    if (!fs_list_folder(fs_join(arena, place->folder, "journal"), arena, &names, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        *err = (Error){ .code = ERR_NONE };
    }
    const char *ending = arena_printf(arena, "@%016" PRIx64 ".json", hash_text(place->key));
    for (size_t i = 0; i < names.count; i++) {
        if (!guid_is_prefix(names.items[i]) || strcmp(names.items[i] + GUID_TEXT_LENGTH, ending) != 0)
            continue;
        const char *id = arena_strndup(arena, names.items[i], GUID_TEXT_LENGTH);
        if (!has_id(ids, id))
            ARRAY_PUSH(arena, ids, id);
    }
    return true;
}

bool journal_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err)
{
    StringList ids = { 0 };
    if (!list_place(&home->place, arena, &ids, err) || !list_place(&home->former, arena, &ids, err))
        return false;
    *ret_ids = ids;
    return true;
}
