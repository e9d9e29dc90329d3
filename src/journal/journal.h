/* SPDX-License-Identifier: MIT */
/* Durable records of changes that are under way, one per object (a host and "id", for HyperPoint a VM), and the
 * lock that keeps a second program on this computer away from the same object. Knows nothing about what is changed.
 *
 * The protocol of a change:
 *     journal_open()  -> journal_read(): must be empty  -> journal_write(): what was, what shall be
 *     -> change step by step, journal_write() before each -> check -> journal_clear() -> journal_close()
 * A record that is found later means that a change did not come to its end; it says what to put back.
 *
 * Files below the home's folder: "journal/ID@HASH.json" and "locks/ID@HASH.lock", HASH being 16 hex digits of the host
 * key's FNV-1a hash; the record holds the full key, and a file of another key is refused. Written as
 * fs_replace_file() says: a record is there whole, or the one before it is. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "platform/clock.h"

#include <jansson.h>
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

/* Takes the lock. ERR_BUSY with who holds it (program, process, since when) if somebody does. "purpose" is told to
 * others who find the lock taken: "checkpoint of 'my vm'". The folders are made, readable for the owner only. */
MUST_CHECK bool journal_open(const JournalHome *home, const char *id, const char *purpose, Clock *clock,
                             Journal **ret_journal, Error *err);

/* The record, or *ret_record NULL when there is none. The caller owns the reference (json_decref).
 * ERR_PROTOCOL with the file's name and what to do when it is there but cannot be understood. */
MUST_CHECK bool journal_read(const Journal *journal, json_t **ret_record, Error *err);

/* Replaces the record; on the disk when this returns true. Borrows "record". */
MUST_CHECK bool journal_write(Journal *journal, json_t *record, Error *err);

MUST_CHECK bool journal_clear(Journal *journal, Error *err);

/* The record's file, for messages. */
const char *journal_path(const Journal *journal);

/* Releases the lock; a record stays. NULL is fine. */
void journal_close(Journal *journal);

/* Where the record of an object is, or would be. */
const char *journal_file(const JournalHome *home, const char *id, Arena *arena);

/* Reads a record without taking the lock, for listings: *ret_record NULL when there is none. */
MUST_CHECK bool journal_peek(const JournalHome *home, const char *id, json_t **ret_record, Error *err);

/* IDs of all objects of that host that have a record. */
MUST_CHECK bool journal_list(const JournalHome *home, Arena *arena, StringList *ret_ids, Error *err);

/* Reads the text of a record file; host key and id must be the ones given. For journal_read and its fuzzer. */
MUST_CHECK bool journal_parse(const char *text, size_t size, const char *host_key, const char *id, json_t **ret_record,
                              Error *err);
