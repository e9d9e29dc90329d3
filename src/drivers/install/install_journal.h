/* SPDX-License-Identifier: MIT */
/* The journal of an installation under way: what record the guest's journal file holds (journal/journal_file.h). */
#pragma once

#include "drivers/install/record_parts.h"
#include "journal/journal_file.h"
#include "platform/fs.h"

/* One file that is replaced, made (old NULL) or removed (fresh NULL). */
typedef struct InstallStep {
    const char *path;
    const char *fresh; /* where the file that shall be there waits */
    const char *old;   /* where the file that is there goes */
    /* Of a step that was planned, not read from a journal: that file as the plan saw it, and what "fresh" stands for,
     * the package's file or the text of a record; neither: a file that is there. */
    FileStatus was;
    const struct PlannedFile *file;
    const char *text;
} InstallStep;

typedef struct InstallSteps {
    InstallStep *items;
    size_t count, capacity;
} InstallSteps;

typedef struct InstallJournal {
    const char *what;   /* "installation of 'NVIDIA_20240814'" */
    bool waits;         /* Windows makes the moves when it starts the next time */
    StringList folders; /* that are made, the ones above first */
    StringList leaving; /* that go if they are empty by then, the ones above first */
    InstallSteps steps;
    InstallValues values;
} InstallJournal;

/* The kind of an InstallJournal in the journal's file, and all kinds that such a file can hold. */
extern const RecordKind installation_kind;
extern const RecordKind *const install_record_kinds[];
