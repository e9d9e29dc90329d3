/* SPDX-License-Identifier: MIT */
/* What checkpoints hold: their disks and how large those are, and GPU partition adapters.
 *
 * Unverified: that the InstanceID of a checkpoint's resource begins with that of the checkpoint, as a VM's does with
 * its own, and that a query by the names of files is answered quickly. */
#include "hyperv/checkpoint/checkpoint_tree.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/limits.h"
#include "base/str.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <string.h>

enum { FILES_PER_QUERY = 64 };

#define PREFIX "Microsoft:"

/* "Microsoft:GUID\..." of a configuration. */
static bool is_part_of(const char *resource_id, const char *config_id)
{
    return resource_id != NULL && ascii_starts_with(resource_id, PREFIX) &&
           ascii_ncasecmp(resource_id + strlen(PREFIX), config_id, GUID_TEXT_LENGTH) == 0;
}

static CheckpointNode *owner_of(CheckpointTree *tree, const char *resource_id)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (is_part_of(resource_id, tree->items[i].id))
            return &tree->items[i];
    }
    return NULL;
}

/* ---- adapters ---- */

bool checkpoint_tree_read_adapters(HyperVHost *host, CheckpointTree *tree, Arena *arena, GpuPartitionList *ret_present,
                                   Error *err)
{
    CimInstanceList rows;
    GpuPartitionList present = { 0 };
    if (!host_select(host, NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", NULL, NULL, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        GpuPartition partition = partition_from_instance(rows.items[i], arena);
        CheckpointNode *node = owner_of(tree, partition.adapter_id);
        if (node != NULL)
            ARRAY_PUSH(arena, &node->adapters, partition);
        else if (is_part_of(partition.adapter_id, tree->vm.guid))
            ARRAY_PUSH(arena, &present, partition);
    }
    *ret_present = present;
    return true;
}

/* ---- disks ---- */

bool checkpoint_is_disk(const char *file)
{
    static const char *const extensions[] = { ".vhdx", ".avhdx", ".vhd", ".avhd" };
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        if (ascii_ends_with(file, extensions[i]))
            return true;
    }
    return false; /* a DVD */
}

static bool read_disks(HyperVHost *host, CheckpointTree *tree, Arena *arena, Error *err)
{
    CimInstanceList rows;
    if (!host_select(host, NS_VIRTUALIZATION, "Msvm_StorageAllocationSettingData", NULL, NULL, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        CheckpointNode *node = owner_of(tree, cim_instance_text(rows.items[i], "InstanceID"));
        StringList files;
        cim_instance_texts(rows.items[i], "HostResource", arena, &files);
        if (node != NULL && files.count > 0 && checkpoint_is_disk(files.items[0]))
            ARRAY_PUSH(arena, &node->disks, arena_strdup(arena, files.items[0]));
    }
    return true;
}

static bool query_files(HyperVHost *host, const StringList *files, size_t first, size_t end, Arena *arena,
                        CimInstanceList *ret_rows, Error *err)
{
    Str text;
    str_init(&text, LIMIT_WQL_BYTES);
    str_append(&text, "SELECT Name, FileSize FROM CIM_DataFile WHERE ");
    for (size_t i = first; i < end; i++) {
        str_append(&text, i > first ? " OR Name = " : "Name = ");
        wql_append_literal(&text, files->items[i]);
    }
    const char *query;
    return str_finish(&text, arena, &query, err) &&
           cim_session_query(host->session, NS_CIMV2, query, arena, ret_rows, err);
}

static const CimInstance *find_file(const CimInstanceList *rows, const char *file)
{
    for (size_t i = 0; i < rows->count; i++) {
        const char *name = cim_instance_text(rows->items[i], "Name");
        if (name != NULL && ascii_equals(name, file))
            return rows->items[i];
    }
    return NULL;
}

static void set_sizes(CheckpointTree *tree, const CimInstanceList *rows)
{
    for (size_t i = 0; i < tree->count; i++) {
        CheckpointNode *node = &tree->items[i];
        node->has_size = node->disks.count > 0;
        for (size_t k = 0; k < node->disks.count; k++) {
            const CimInstance *row = find_file(rows, node->disks.items[k]);
            node->has_size = node->has_size && row != NULL && !cim_instance_is_null(row, "FileSize");
            node->size += row != NULL ? cim_instance_uint(row, "FileSize", 0) : 0;
        }
    }
}

bool checkpoint_read_files(HyperVHost *host, const StringList *files, Arena *arena, CimInstanceList *ret_rows,
                           Error *err)
{
    CimInstanceList all = { 0 };
    for (size_t first = 0; first < files->count; first += FILES_PER_QUERY) {
        CimInstanceList rows;
        size_t end = files->count - first > FILES_PER_QUERY ? first + FILES_PER_QUERY : files->count;
        if (!query_files(host, files, first, end, arena, &rows, err))
            return false;
        for (size_t i = 0; i < rows.count; i++)
            ARRAY_PUSH(arena, &all, rows.items[i]);
    }
    *ret_rows = all;
    return true;
}

/* That they cannot be told is no failure: disks may lie on a share, which the host's files do not show. */
static void read_sizes(HyperVHost *host, CheckpointTree *tree, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    StringList files = { 0 };
    CimInstanceList rows;
    for (size_t i = 0; i < tree->count; i++) {
        for (size_t k = 0; k < tree->items[i].disks.count; k++)
            ARRAY_PUSH(arena, &files, tree->items[i].disks.items[k]);
    }
    if (checkpoint_read_files(host, &files, arena, &rows, &err))
        set_sizes(tree, &rows);
    else
        host_tell_detail(host, &err, "going on without the sizes of checkpoints");
}

bool checkpoint_tree_read_disks(HyperVHost *host, CheckpointTree *tree, Arena *arena, Error *err)
{
    if (tree->count > 0 && !read_disks(host, tree, arena, err))
        return false;
    read_sizes(host, tree, arena);
    return true;
}
