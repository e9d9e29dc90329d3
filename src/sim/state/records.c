/* SPDX-License-Identifier: MIT */
#include "sim/state/records.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "cim/value.h"
#include "platform/hash.h"
#include "sim/store/host_model.h"

#include <string.h>

/* 0: none. */
static json_t *write_time(const void *member)
{
    int64_t unix_ms = *(const int64_t *) member;
    if (unix_ms == 0)
        return NULL;
    Arena scratch = ARENA_INIT;
    json_t *json = json_string(cim_datetime_format(&scratch, unix_ms));
    arena_release(&scratch);
    return json;
}

static bool read_time(const json_t *json, Arena *arena, void *member, Error *err)
{
    (void) arena;
    (void) err; /* the caller names the place */
    return json_is_string(json) && cim_datetime_parse(json_string_value(json), member);
}

static bool check_affected(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    return ((const AffectedRecord *) record)->effect <= UINT16_MAX ||
           error_set(err, ERR_PROTOCOL, "its member 'effect' is no number of 16 bits");
}

static const Field affected_fields[] = {
    FIELD_TEXT(AffectedRecord, path, "path"),
    FIELD_UINT32(AffectedRecord, effect, "effect"),
};
static const Shape affected_shape = SHAPE(AffectedRecord, affected_fields, .check = check_affected);

static const Field failure_fields[] = {
    FIELD_UINT32(FailureRecord, code, "code"),
    FIELD_TEXTS(FailureRecord, layers, "layers", .flags = FIELD_OPTIONAL),
};
static const Shape failure_shape = SHAPE(FailureRecord, failure_fields);

static const Field job_fields[] = {
    FIELD_TEXT(JobRecord, id, "id"),
    FIELD_TEXT(JobRecord, type, "type"),
    FIELD_OTHER(JobRecord, start_ms, write_time, read_time, "start"),
    FIELD_OTHER(JobRecord, due_ms, write_time, read_time, "due"),
    FIELD_OTHER(JobRecord, end_ms, write_time, read_time, "end", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JobRecord, vm, "vm", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JobRecord, subject, "subject", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(JobRecord, name, "name", .flags = FIELD_OPTIONAL),
    FIELD_UINT32(JobRecord, from_state, "fromState"),
    FIELD_TEXTS(JobRecord, texts, "texts", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(JobRecord, guids, "guids", .flags = FIELD_OPTIONAL),
    FIELD_LIST(JobRecord, affected, &affected_shape, "affected", .flags = FIELD_OPTIONAL),
    FIELD_POINTER(JobRecord, failure, &failure_shape, "failure", .flags = FIELD_OPTIONAL),
};
const Shape job_record_shape = SHAPE(JobRecord, job_fields);

static bool check_guest(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    return guid_is_valid(((const SimGuest *) record)->vm) ||
           error_set(err, ERR_PROTOCOL, "its member 'vm' is no GUID");
}

static const Field guest_fields[] = {
    FIELD_TEXT(SimGuest, vm, "vm"),
    FIELD_TEXT(SimGuest, folder, "folder"),
};
static const Shape guest_shape = SHAPE(SimGuest, guest_fields, .check = check_guest);

static bool check_file(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const SimFile *file = record;
    bool is_path = ascii_is_alpha(file->path[0]) && file->path[1] == ':' && file->path[2] == '\\';
    bool is_folder = file->path[0] != '\0' && file->path[strlen(file->path) - 1] == '\\';
    return (is_path && strlen(file->sha256) == (is_folder ? 0 : HASH_TEXT_LENGTH)) ||
           error_set(err, ERR_PROTOCOL, "its member 'path' or 'sha256' is none");
}

static const Field file_fields[] = {
    FIELD_TEXT(SimFile, path, "path"),
    FIELD_UINT64(SimFile, size, "size"),
    FIELD_INT64(SimFile, modified_s, "modified"),
    FIELD_TEXT(SimFile, sha256, "sha256"),
    FIELD_TEXT(SimFile, text, "text", .flags = FIELD_OPTIONAL),
    FIELD_UINT32(SimFile, bits, "bits"),
    FIELD_BOOLEAN(SimFile, is_library, "library", .flags = FIELD_OPTIONAL),
    FIELD_BOOLEAN(SimFile, has_number, "versioned", .flags = FIELD_OPTIONAL),
    FIELD_UINT64(SimFile, number, "version"),
    FIELD_BOOLEAN(SimFile, is_microsoft, "microsoft", .flags = FIELD_OPTIONAL),
};
static const Shape file_shape = SHAPE(SimFile, file_fields, .check = check_file);

static const Field delivery_fields[] = {
    FIELD_TEXT(SimDelivery, vm, "vm"),
    FIELD_TEXT(SimDelivery, name, "name"),
    FIELD_TEXT(SimDelivery, data, "data", .flags = FIELD_OPTIONAL),
    FIELD_OTHER(SimDelivery, due_ms, write_time, read_time, "due"),
    FIELD_BOOLEAN(SimDelivery, again, "again", .flags = FIELD_OPTIONAL),
};
static const Shape delivery_shape = SHAPE(SimDelivery, delivery_fields);

static const Field host_fields[] = {
    FIELD_BOOLEAN(SimHost, is_server, "server", .flags = FIELD_OPTIONAL),
    FIELD_BOOLEAN(SimHost, is_captured, "captured", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(SimHost, variant, "variant", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(SimHost, hidden_adapters, "hiddenAdapters", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(SimHost, drives, "drives", .flags = FIELD_OPTIONAL),
    FIELD_LIST(SimHost, files, &file_shape, "files", .flags = FIELD_OPTIONAL),
    FIELD_LIST(SimHost, guests, &guest_shape, "guests", .flags = FIELD_OPTIONAL),
    FIELD_LIST(SimHost, deliveries, &delivery_shape, "deliveries", .flags = FIELD_OPTIONAL),
};
const Shape host_record_shape = SHAPE(SimHost, host_fields);
