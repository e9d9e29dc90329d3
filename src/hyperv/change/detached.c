/* SPDX-License-Identifier: MIT */
#include "hyperv/change/detached.h"

#include "hyperv/change/change_record.h"
#include "json/document.h"

static bool check_detached(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const DetachedGpus *detached = record;
    for (size_t i = 0; i < detached->partitions.count; i++) {
        if (detached->partitions.items[i].adapter_id == NULL)
            return error_set(err, ERR_PROTOCOL, "one of its 'partitions' has no adapter ID");
    }
    return detached->names.count == detached->partitions.count ||
           error_set(err, ERR_PROTOCOL, "its member 'names' has another number of items than 'partitions'");
}

static const Field detached_fields[] = {
    FIELD_TEXT(DetachedGpus, since, "since"),
    FIELD_TEXT(DetachedGpus, parent, "parent", .flags = FIELD_NULLABLE),
    FIELD_TEXTS(DetachedGpus, disks, "disks", .flags = FIELD_OPTIONAL),
    FIELD_LIST(DetachedGpus, partitions, &partition_record_shape, "partitions"),
    FIELD_TEXTS(DetachedGpus, names, "names"),
};
const Shape detached_shape = SHAPE(DetachedGpus, detached_fields, .check = check_detached);

static const RecordKind detached_kind = { "detached", 1, &detached_shape, .former = NULL };
const RecordKind *const detached_kinds[] = { &detached_kind, NULL };

bool detached_read(const HyperVHost *host, const char *vm_guid, Arena *arena, const DetachedGpus **ret_detached,
                   Error *err)
{
    JournalRecord record;
    if (!journal_memo_read(&host->journals, vm_guid, detached_kinds, arena, &record, err))
        return false;
    *ret_detached = record.data;
    return true;
}

bool detached_write(Journal *journal, const DetachedGpus *detached, Error *err)
{
    return journal_memo_write(journal, &detached_kind, detached, err);
}

bool detached_clear(Journal *journal, Error *err)
{
    return journal_memo_clear(journal, err);
}

bool detached_is_remembered(const HyperVHost *host, const char *vm_guid, const DetachedGpus *wanted, Arena *arena)
{
    const DetachedGpus *found;
    Error lost = { .code = ERR_NONE };
    if (!detached_read(host, vm_guid, arena, &found, &lost) || found == NULL || wanted == NULL)
        return lost.code == ERR_NONE && found == wanted;
    json_t *is = shape_write(&detached_shape, found), *shall = shape_write(&detached_shape, wanted);
    bool same = json_equal(is, shall);
    json_decref(is);
    json_decref(shall);
    return same;
}

static void match(const DetachedGpus *detached, const GpuPartitionList *present, bool same_settings, bool *used,
                  DetachedMatch *matches)
{
    for (size_t i = 0; i < detached->partitions.count; i++) {
        const GpuPartition *wanted = &detached->partitions.items[i];
        for (size_t k = 0; matches[i].row == NULL && k < present->count; k++) {
            const GpuPartition *row = &present->items[k];
            if (used[k] || !partition_same_gpu(row, wanted) || (same_settings && !partition_has_settings(row, wanted)))
                continue;
            used[k] = true;
            matches[i] = (DetachedMatch){ .row = row, .is_same = same_settings };
        }
    }
}

const DetachedMatch *detached_compare(const DetachedGpus *detached, const GpuPartitionList *present, Arena *arena,
                                      GpuPartitionList *ret_others)
{
    GpuPartitionList others = { 0 };
    DetachedMatch *matches = ARENA_NEW_ARRAY(arena, DetachedMatch, detached->partitions.count);
    bool *used = ARENA_NEW_ARRAY(arena, bool, present->count);
    match(detached, present, true, used, matches);
    match(detached, present, false, used, matches);
    for (size_t k = 0; k < present->count; k++) {
        if (!used[k])
            ARRAY_PUSH(arena, &others, present->items[k]);
    }
    *ret_others = others;
    return matches;
}

DetachedGpus detached_left(const DetachedGpus *detached, const GpuPartitionList *present, Arena *arena)
{
    GpuPartitionList others;
    const DetachedMatch *matches = detached_compare(detached, present, arena, &others);
    DetachedGpus left = { .since = detached->since, .parent = detached->parent, .disks = detached->disks };
    for (size_t i = 0; i < detached->partitions.count; i++) {
        if (matches[i].is_same)
            continue;
        ARRAY_PUSH(arena, &left.partitions, detached->partitions.items[i]);
        ARRAY_PUSH(arena, &left.names, detached->names.items[i]);
    }
    return left;
}
