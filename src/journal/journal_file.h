/* SPDX-License-Identifier: MIT */
/* One file that tells what an unfinished change has to put back: of a VM on this computer, or of an installation on a
 * guest's disk. It is there whole or not at all, whatever happens, and only what is understood is acted upon.
 *
 *     {
 *      "format": "hyperpoint-journal/2",   how this file is to be read
 *      "program": "1.2.0",                 the version that wrote it
 *      "kind": "change/1",                 what the record is, and the version of its shape
 *      "written": "2026-01-31T12:00:00Z",
 *      "host": ..., "id": ..., "name": ... whose it is; left out where the place of the file tells
 *      "record": { ... }                   as the shape of its kind says
 *     }
 *
 * A kind or a version that the reader does not know is refused by name: a newer program has written it, and what is not
 * understood must not be put back half. docs/architecture.md tells how a kind is added. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "json/shape.h"
#include "platform/tree.h"

#include <stdbool.h>
#include <stddef.h>

/* A kind of record. Readers take a list of those that they know, which ends with NULL. */
typedef struct RecordKind {
    const char *name; /* "change" */
    unsigned version; /* of the shape: another one whenever a program that knows the last one would go wrong */
    const Shape *shape;
    const char *former; /* the format of whole files from before there were kinds; NULL: there are none */
} RecordKind;

/* What a journal tells beside its record. NULL: it does not. */
typedef struct JournalLabel {
    const char *program, *kind, *written;
    const char *host, *id, *name; /* whose it is */
} JournalLabel;

typedef struct JournalRecord {
    JournalLabel label;     /* its kind NULL: there is no journal */
    const RecordKind *kind; /* NULL: the same, or only the label was asked for */
    void *data;             /* as its shape says */
} JournalRecord;

/* Of "label" the program and the kind are filled in here. */
const char *journal_text_format(const RecordKind *kind, const void *data, const JournalLabel *label, Arena *arena);

/* kinds NULL: only the label, of any kind. ERR_PROTOCOL for what cannot be understood; with a hint where a newer
 * program has written it. */
MUST_CHECK bool journal_text_parse(const char *text, size_t size, const RecordKind *const *kinds, Arena *arena,
                                   JournalRecord *ret_record, Error *err);

/* Where a journal lies. */
typedef struct JournalFile {
    const Tree *tree; /* the path is relative to it; NULL: it is of this computer's own files */
    const char *path;
    size_t limit;     /* more bytes than that are not read */
    const char *word; /* what messages call it; NULL: "journal" */
} JournalFile;

/* What messages call it. */
const char *journal_file_word(const JournalFile *file);

/* The same of the file, which failures name; success, and all NULL, where there is none. */
MUST_CHECK bool journal_file_read(const JournalFile *file, const RecordKind *const *kinds, Arena *arena,
                                  JournalRecord *ret_record, Error *err);

/* Replaces the record; on the disk when this returns true. On failure the one from before is there, or, where only the
 * last flush failed, the new one. */
MUST_CHECK bool journal_file_write(const JournalFile *file, const RecordKind *kind, const void *data,
                                   const JournalLabel *label, Error *err);

/* *ret_sure false: it is gone, but a power cut could bring it back, and then what it names must still be there. */
MUST_CHECK bool journal_file_clear(const JournalFile *file, bool *ret_sure, Error *err);
