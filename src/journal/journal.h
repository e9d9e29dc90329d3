/* SPDX-License-Identifier: MIT */
/* Durable records of changes that are under way, one per object (a host and "id", for HyperPoint a VM), and the
 * lock that keeps a second program on this computer away from the same object. What the records are is known by their
 * kinds (journal/journal_file.h), which are handed in.
 *
 * The protocol of a change:
 *     journal_open()  -> journal_read(): must be empty  -> journal_write(): what was, what shall be
 *     -> change step by step, journal_write() before each -> check -> journal_clear() -> journal_close()
 * A record that is found later means that a change did not come to its end; it says what to put back.
 *
 * Files below the home's folder: "journal/ID@HASH.json", "memos/ID@HASH.json" and "locks/ID@HASH.lock", HASH being 16
 * hex digits of the host key's FNV-1a hash; the file holds the full key, and one of another key is refused. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "journal/journal_file.h"
#include "platform/clock.h"

#include <stdbool.h>

typedef struct Journal Journal;

/* Where the journals of a host lie, and the key that it has there. */
typedef struct JournalPlace {
    const char *folder, *key;
} JournalPlace;

typedef struct JournalHome {
    JournalPlace place;  /* for journals that are made, and for locks */
    JournalPlace former; /* where an earlier version may have left one; the same: nowhere else */
} JournalHome;

/* Takes the lock, and clears away what a killed program left half-written. ERR_BUSY with who holds it (program,
 * process, since when) if somebody does. "purpose" is told to others who find the lock taken: "checkpoint of 'my vm'";
 * "name" is what the object is called in the records. The folders are made, readable for the owner only. */
MUST_CHECK bool journal_open(const JournalHome *home, const char *id, const char *name, const char *purpose,
                             Clock *clock, Journal **ret_journal, Error *err);

/* As journal_file_read(). ERR_PROTOCOL says what to do when the record is there but cannot be understood. */
MUST_CHECK bool journal_read(const Journal *journal, const RecordKind *const *kinds, Arena *arena,
                             JournalRecord *ret_record, Error *err);

/* As journal_file_write(). */
MUST_CHECK bool journal_write(Journal *journal, const RecordKind *kind, const void *data, Error *err);

MUST_CHECK bool journal_clear(Journal *journal, Error *err);

/* A record, and with_memo a memo, could be written and cleared now: for before something that nobody takes back. */
MUST_CHECK bool journal_check(const Journal *journal, bool with_memo, Error *err);

/* The record's file, for messages. */
const char *journal_path(const Journal *journal);

/* Releases the lock; a record stays. NULL is fine. */
void journal_close(Journal *journal);

/* Where the record of an object is, or would be. */
const char *journal_file(const JournalHome *home, const char *id, Arena *arena);

/* Reads a record without taking the lock, for listings. */
MUST_CHECK bool journal_peek(const JournalHome *home, const char *id, const RecordKind *const *kinds, Arena *arena,
                             JournalRecord *ret_record, Error *err);

/* Somebody works on the object now. It is asked by trying the lock for a moment. */
bool journal_is_held(const JournalHome *home, const char *id);

/* ---- what has to be remembered of an object while no change of it is under way ---- */

/* One record for each object, kept in the same way beside the journal, until it is cleared. Written under the object's
 * lock; anybody may read it. */
MUST_CHECK bool journal_memo_read(const JournalHome *home, const char *id, const RecordKind *const *kinds, Arena *arena,
                                  JournalRecord *ret_record, Error *err);
MUST_CHECK bool journal_memo_write(Journal *journal, const RecordKind *kind, const void *data, Error *err);
MUST_CHECK bool journal_memo_clear(Journal *journal, Error *err);
MUST_CHECK bool journal_memo_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err);
const char *journal_memo_file(const JournalHome *home, const char *id, Arena *arena);

/* ---- listings ---- */

/* IDs of all objects of that host that have a record. */
MUST_CHECK bool journal_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err);
