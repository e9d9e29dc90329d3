/* SPDX-License-Identifier: MIT */
#include "journal/journal.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "base/limits.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "platform/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct Journal {
    Arena arena;
    JournalLabel label; /* of what is written */
    JournalFile file, memo;
    const char *memo_host; /* key of the host in the memo: journals alone may be at the former one */
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

static const char *bare_name(Arena *arena, const JournalPlace *place, const char *id, const char *ending)
{
    return arena_printf(arena, "%s@%016" PRIx64 "%s", id, hash_text(place->key), ending);
}

static const char *file_name(Arena *arena, const JournalPlace *place, const char *folder, const char *id,
                             const char *ending)
{
    return fs_join(arena, fs_join(arena, place->folder, folder), bare_name(arena, place, id, ending));
}

/* Of a program that was killed while it wrote; the lock is held. */
static void remove_leftovers(Arena *arena, const JournalPlace *place, const char *folder, const char *id)
{
    fs_remove_leftovers(fs_join(arena, place->folder, folder), bare_name(arena, place, id, ".json"));
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

const char *journal_memo_file(const JournalHome *home, const char *id, Arena *arena)
{
    return file_name(arena, &home->place, "memos", id, ".json");
}

bool journal_is_held(const JournalHome *home, const char *id)
{
    Arena arena = ARENA_INIT;
    Error refusal = { .code = ERR_NONE };
    FsLock *lock = NULL;
    const char *lock_file = file_name(&arena, &home->place, "locks", id, ".lock");
    bool is_held = fs_exists(lock_file) && !fs_lock(lock_file, FS_PRIVATE, &lock, &refusal) && refusal.code == ERR_BUSY;
    fs_unlock(lock);
    arena_release(&arena);
    return is_held;
}

static JournalFile file_at(const char *path)
{
    return (JournalFile){ .path = path, .limit = LIMIT_JOURNAL_BYTES };
}

static JournalFile memo_at(const char *path)
{
    return (JournalFile){ .path = path, .limit = LIMIT_JOURNAL_BYTES, .word = "memo" };
}

bool journal_open(const JournalHome *home, const char *id, const char *name, const char *purpose, Clock *clock,
                  Journal **ret_journal, Error *err)
{
    CHECK(guid_is_valid(id));
    Journal *journal = alloc_zeroed(sizeof(*journal));
    Arena *arena = &journal->arena;
    journal->clock = clock;
    const char *lock_file = file_name(arena, &home->place, "locks", id, ".lock");

    if (!fs_make_folders(fs_join(arena, home->place.folder, "journal"), FS_PRIVATE, err) ||
        !fs_make_folders(fs_join(arena, home->place.folder, "memos"), FS_PRIVATE, err) ||
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
    remove_leftovers(arena, find_place(home, id), "journal", id);
    remove_leftovers(arena, &home->place, "memos", id);
    journal->label = (JournalLabel){ .host = arena_strdup(arena, find_place(home, id)->key),
                                     .id = arena_strdup(arena, id),
                                     .name = arena_strdup(arena, name) };
    journal->file = file_at(journal_file(home, id, arena));
    journal->memo = memo_at(journal_memo_file(home, id, arena));
    journal->memo_host = arena_strdup(arena, home->place.key);
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
    return journal->file.path;
}

static bool belongs_to(const JournalLabel *label, const char *host_key, const char *id)
{
    return label->host != NULL && strcmp(label->host, host_key) == 0 && label->id != NULL &&
           ascii_equals(label->id, id);
}

static bool read_record(const JournalFile *file, const char *host_key, const char *id, const RecordKind *const *kinds,
                        Arena *arena, JournalRecord *ret_record, Error *err)
{
    JournalRecord record;
    const char *word = journal_file_word(file);
    bool ok = journal_file_read(file, kinds, arena, &record, err);
    if (ok && record.label.kind != NULL && !belongs_to(&record.label, host_key, id))
        ok = error_set(err, ERR_PROTOCOL, "the %s '%s' belongs to another host or VM", word, file->path);
    if (ok)
        *ret_record = record;
    else if (!error_tells_what_to_do(err))
        (void) error_hint(err,
                          "the %s '%s' tells which GPUs to put back; keep it, look at it, and remove it only when "
                          "the VM's GPUs are as they should be",
                          word, file->path);
    return ok;
}

bool journal_read(const Journal *journal, const RecordKind *const *kinds, Arena *arena, JournalRecord *ret_record,
                  Error *err)
{
    return read_record(&journal->file, journal->label.host, journal->label.id, kinds, arena, ret_record, err);
}

bool journal_peek(const JournalHome *home, const char *id, const RecordKind *const *kinds, Arena *arena,
                  JournalRecord *ret_record, Error *err)
{
    const JournalPlace *place = find_place(home, id);
    JournalFile file = file_at(file_name(arena, place, "journal", id, ".json"));
    return read_record(&file, place->key, id, kinds, arena, ret_record, err);
}

static bool write_record(const Journal *journal, const JournalFile *file, const char *host_key, const RecordKind *kind,
                         const void *data, Error *err)
{
    Arena arena = ARENA_INIT;
    JournalLabel label = journal->label;
    label.host = host_key;
    label.written = clock_format_utc(&arena, journal->clock->now_ms(journal->clock));
    bool ok = journal_file_write(file, kind, data, &label, err);
    arena_release(&arena);
    return ok;
}

bool journal_write(Journal *journal, const RecordKind *kind, const void *data, Error *err)
{
    return write_record(journal, &journal->file, journal->label.host, kind, data, err);
}

bool journal_clear(Journal *journal, Error *err)
{
    bool is_sure; /* if it is not: a record that a power cut brings back finds everything done */
    return journal_file_clear(&journal->file, &is_sure, err);
}

static bool check_file(const JournalFile *file, Error *err)
{
    Arena arena = ARENA_INIT;
    const char *beside = arena_printf(&arena, "%s.try", file->path);
    bool ok = fs_replace_file(beside, "", 0, FS_PRIVATE, err) && fs_remove_file(beside, err);
    arena_release(&arena);
    return ok || error_prefix(err, "cannot write the %s", journal_file_word(file));
}

bool journal_check(const Journal *journal, bool with_memo, Error *err)
{
    return check_file(&journal->file, err) && (!with_memo || check_file(&journal->memo, err));
}

/* ---- memos ---- */

bool journal_memo_read(const JournalHome *home, const char *id, const RecordKind *const *kinds, Arena *arena,
                       JournalRecord *ret_record, Error *err)
{
    JournalFile file = memo_at(journal_memo_file(home, id, arena));
    return read_record(&file, home->place.key, id, kinds, arena, ret_record, err);
}

bool journal_memo_write(Journal *journal, const RecordKind *kind, const void *data, Error *err)
{
    return write_record(journal, &journal->memo, journal->memo_host, kind, data, err);
}

bool journal_memo_clear(Journal *journal, Error *err)
{
    bool is_sure; /* if it is not: one that a power cut brings back is seen to be out of date */
    return journal_file_clear(&journal->memo, &is_sure, err);
}

/* ---- listings ---- */

static bool list_place(const JournalPlace *place, const char *folder, Arena *arena, StringList *ids, Error *err)
{
    StringList names = { 0 };
    if (!fs_list_folder(fs_join(arena, place->folder, folder), arena, &names, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        *err = (Error){ .code = ERR_NONE };
    }
    const char *ending = arena_printf(arena, "@%016" PRIx64 ".json", hash_text(place->key));
    for (size_t i = 0; i < names.count; i++) {
        if (!guid_is_prefix(names.items[i]) || strcmp(names.items[i] + GUID_TEXT_LENGTH, ending) != 0)
            continue;
        const char *id = arena_strndup(arena, names.items[i], GUID_TEXT_LENGTH);
        if (!text_list_has(ids, id))
            ARRAY_PUSH(arena, ids, id);
    }
    return true;
}

bool journal_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err)
{
    StringList ids = { 0 };
    if (!list_place(&home->place, "journal", arena, &ids, err) ||
        !list_place(&home->former, "journal", arena, &ids, err))
        return false;
    *ret_ids = ids;
    return true;
}

bool journal_memo_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err)
{
    StringList ids = { 0 };
    if (!list_place(&home->place, "memos", arena, &ids, err))
        return false;
    *ret_ids = ids;
    return true;
}
