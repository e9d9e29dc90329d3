/* SPDX-License-Identifier: MIT */
#include "drivers/install/install_journal.h"

#include "base/limits.h"
#include "drivers/package/layout.h"

static bool check_step(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstallStep *step = record;
    return record_check_path(step->path, layout_check_step, err) &&
           record_check_path(step->fresh, layout_check_own, err) &&
           record_check_path(step->old, layout_check_own, err);
}

static const Field step_fields[] = {
    FIELD_TEXT(InstallStep, path, "path"),
    FIELD_TEXT(InstallStep, fresh, "fresh", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(InstallStep, old, "old", .flags = FIELD_OPTIONAL),
};
static const Shape step_shape = SHAPE(InstallStep, step_fields, .check = check_step);

static bool check_journal(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstallJournal *journal = record;
    return record_check_folders(&journal->folders, err) && record_check_folders(&journal->leaving, err);
}

static const Field journal_fields[] = {
    FIELD_TEXT(InstallJournal, what, "what"),
    FIELD_BOOLEAN(InstallJournal, waits, "waits", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(InstallJournal, folders, "folders", .limit = LIMIT_JOURNAL_STEPS),
    FIELD_TEXTS(InstallJournal, leaving, "leaving", .limit = LIMIT_JOURNAL_STEPS, .flags = FIELD_OPTIONAL),
    FIELD_LIST(InstallJournal, steps, &step_shape, "steps", .limit = LIMIT_JOURNAL_STEPS),
    FIELD_LIST(InstallJournal, values, &install_value_shape, "values", .limit = LIMIT_JOURNAL_VALUES,
               .flags = FIELD_OPTIONAL),
};
static const Shape journal_shape = SHAPE(InstallJournal, journal_fields, .check = check_journal);

const RecordKind installation_kind = { "installation", 1, &journal_shape, .former = "hyperpoint-install/1" };

const RecordKind *const install_record_kinds[] = { &installation_kind, NULL };
