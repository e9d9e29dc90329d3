/* SPDX-License-Identifier: MIT */
#include "journal/journal_file.h"

#include "base/ascii.h"
#include "json/document.h"
#include "platform/fs.h"

#include <string.h>

#define FORMAT_NAME "hyperpoint-journal/"
#define FORMAT FORMAT_NAME "2"

static const Field label_fields[] = {
    FIELD_TEXT(JournalLabel, program, "program", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JournalLabel, kind, "kind", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JournalLabel, written, "written", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JournalLabel, host, "host", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JournalLabel, id, "id", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JournalLabel, name, "name", .flags = FIELD_OPTIONAL),
};
static const Shape label_shape = SHAPE(JournalLabel, label_fields);

/* ---- the text ---- */

static const char *kind_text(const RecordKind *kind, Arena *arena)
{
    return arena_printf(arena, "%s/%u", kind->name, kind->version);
}

const char *journal_text_format(const RecordKind *kind, const void *data, const JournalLabel *label, Arena *arena)
{
    JournalLabel filled = *label;
    json_t *root = json_object();
    filled.program = HYPERPOINT_VERSION;
    filled.kind = kind_text(kind, arena);
    json_put(root, "format", json_string(FORMAT));
    shape_write_into(&label_shape, &filled, root);
    json_put(root, "record", shape_write(kind->shape, data));
    return json_document_format(root, arena);
}

static bool refuse_newer(const char *what, const JournalLabel *label, Error *err)
{
    (void) error_set(err, ERR_PROTOCOL, "%s '%s', which version %s has written and this one (" HYPERPOINT_VERSION
                     ") does not know", what, label->kind, label->program != NULL ? label->program : "(not told)");
    return error_hint(err, "end what is unfinished with the version of HyperPoint that began it, or with a newer one");
}

/* Files from before there were kinds have the record in the same place, or are one. */
static const json_t *record_of(const json_t *root)
{
    const json_t *record = json_object_get(root, "record");
    return record != NULL ? record : root;
}

/* The kind of a file of another format is that format. */
static bool read_label(const json_t *root, const char *format, Arena *arena, JournalLabel *ret_label, Error *err)
{
    JournalLabel label = { .kind = NULL };
    if (!shape_read(&label_shape, root, arena, &label, err))
        return false;
    if (strcmp(format, FORMAT) == 0 && label.kind == NULL)
        return error_set(err, ERR_PROTOCOL, "its member 'kind' is missing");
    if (strcmp(format, FORMAT) != 0) {
        const char *name = json_string_value(json_object_get(record_of(root), "vmName"));
        label.kind = arena_strdup(arena, format);
        label.name = name != NULL ? arena_strdup(arena, name) : NULL;
    }
    *ret_label = label;
    return true;
}

static bool find_kind(const RecordKind *const *kinds, const char *format, const JournalLabel *label, Arena *arena,
                      const RecordKind **ret_kind, Error *err)
{
    bool is_former = strcmp(format, FORMAT) != 0;
    for (; *kinds != NULL; kinds++) {
        const char *text = is_former ? (*kinds)->former : kind_text(*kinds, arena);
        if (text != NULL && strcmp(text, label->kind) == 0) {
            *ret_kind = *kinds;
            return true;
        }
    }
    if (is_former && !ascii_starts_with(format, FORMAT_NAME))
        return json_document_refuse(format, FORMAT, err);
    return refuse_newer(is_former ? "its format is" : "it is of the kind", label, err);
}

static bool read_record(const json_t *root, const char *format, const RecordKind *const *kinds, Arena *arena,
                        JournalRecord *ret_record, Error *err)
{
    JournalRecord record = { .kind = NULL };
    const json_t *json = record_of(root);
    if (!read_label(root, format, arena, &record.label, err) ||
        (kinds != NULL && !find_kind(kinds, format, &record.label, arena, &record.kind, err)))
        return false;
    if (kinds == NULL) {
        *ret_record = record;
        return true;
    }
    if (!json_is_object(json))
        return error_set(err, ERR_PROTOCOL, "its member 'record' is no object");
    record.data = arena_alloc(arena, record.kind->shape->size);
    if (!shape_read(record.kind->shape, json, arena, record.data, err))
        return false;
    *ret_record = record;
    return true;
}

bool journal_text_parse(const char *text, size_t size, const RecordKind *const *kinds, Arena *arena,
                        JournalRecord *ret_record, Error *err)
{
    const char *format;
    json_t *root;
    if (!json_document_load(text, size, &format, &root, err))
        return false;
    bool ok = format != NULL ? read_record(root, format, kinds, arena, ret_record, err)
                             : json_document_refuse(NULL, FORMAT, err);
    json_decref(root);
    return ok;
}

/* ---- the file ---- */

static const char *full_path(const JournalFile *file, Arena *arena)
{
    return file->tree != NULL ? tree_full(file->tree, file->path, arena) : arena_strdup(arena, file->path);
}

/* *ret_text NULL: there is none. */
static bool read_text(const JournalFile *file, Arena *arena, char **ret_text, size_t *ret_size, Error *err)
{
    Error failure = { .code = ERR_NONE };
    if (file->tree != NULL ? tree_read(file->tree, file->path, file->limit, arena, ret_text, ret_size, &failure)
                           : fs_read_file(file->path, file->limit, arena, ret_text, ret_size, &failure))
        return true;
    *ret_text = NULL;
    if (failure.code == ERR_NOT_FOUND)
        return true;
    *err = failure;
    return false;
}

const char *journal_file_word(const JournalFile *file)
{
    return file->word != NULL ? file->word : "journal";
}

static bool name_file(const JournalFile *file, Error *err)
{
    Arena arena = ARENA_INIT;
    (void) error_prefix(err, "%s '%s'", journal_file_word(file), full_path(file, &arena));
    arena_release(&arena);
    return false;
}

bool journal_file_read(const JournalFile *file, const RecordKind *const *kinds, Arena *arena, JournalRecord *ret_record,
                       Error *err)
{
    char *text;
    size_t size;
    JournalRecord record = { .kind = NULL };
    if (!read_text(file, arena, &text, &size, err))
        return false;
    if (text != NULL && !journal_text_parse(text, size, kinds, arena, &record, err))
        return name_file(file, err);
    *ret_record = record;
    return true;
}

bool journal_file_write(const JournalFile *file, const RecordKind *kind, const void *data, const JournalLabel *label,
                        Error *err)
{
    Arena arena = ARENA_INIT;
    const char *text = journal_text_format(kind, data, label, &arena);
    size_t size = strlen(text);
    bool ok = file->tree != NULL ? tree_replace_file(file->tree, file->path, text, size, err)
                                 : fs_replace_file(file->path, text, size, FS_PRIVATE, err);
    if (!ok)
        (void) error_prefix(err, "cannot write the %s", journal_file_word(file));
    arena_release(&arena);
    return ok;
}

static bool is_gone(const JournalFile *file)
{
    FileStatus status;
    Error ignored = { .code = ERR_NONE };
    if (file->tree == NULL)
        return !fs_exists(file->path);
    return tree_status(file->tree, file->path, &status, &ignored) && status.kind == FILE_NONE;
}

bool journal_file_clear(const JournalFile *file, bool *ret_sure, Error *err)
{
    Error failure = { .code = ERR_NONE }, again = { .code = ERR_NONE };
    bool is_sure = file->tree != NULL ? tree_remove_file(file->tree, file->path, &failure)
                                      : fs_remove_file(file->path, &failure);
    if (!is_sure && !is_gone(file)) {
        *err = failure;
        return false;
    }
    *ret_sure = is_sure || (file->tree != NULL && tree_flush_all(file->tree, &again));
    return true;
}
