/* SPDX-License-Identifier: MIT */
/* The checkpoints of a VM as a tree: what each is, where the VM stands, what each holds.
 * Sources: Msvm_VirtualSystemSettingData, Msvm_StorageAllocationSettingData (Windows SDK), CIM_DataFile. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CheckpointKind {
    CHECKPOINT_STANDARD,
    CHECKPOINT_PRODUCTION, /* what the VM was set to; of a VM that was off there is no difference */
    CHECKPOINT_AUTOMATIC,  /* made by Hyper-V at a start */
    CHECKPOINT_RECOVERY,   /* of a backup */
    CHECKPOINT_REPLICA,    /* of Hyper-V Replica, with those of a failover */
    CHECKPOINT_PLANNED,    /* of a VM that is being imported */
    CHECKPOINT_MISSING,    /* its files are not there */
    CHECKPOINT_OTHER,
    CHECKPOINT_KIND_COUNT
} CheckpointKind;

extern const char *const checkpoint_kind_names[CHECKPOINT_KIND_COUNT];

/* Who made it, by the mark in its notes. */
typedef enum CheckpointMaker {
    CHECKPOINT_OF_OTHERS,
    CHECKPOINT_OURS,   /* HyperPoint, because it was asked for */
    CHECKPOINT_SAFETY, /* HyperPoint, before another one was restored */
    CHECKPOINT_MAKER_COUNT
} CheckpointMaker;

/* The line in the notes that tells so: "[HyperPoint checkpoint GUID]". The GUID is the checkpoint's own, so that a copy
 * of the notes in another configuration says nothing of that one. OF_OTHERS has none: NULL. */
const char *checkpoint_mark(CheckpointMaker maker, const char *id, Arena *arena);

/* The notes with the mark in them, or NULL: they have it already. "notes" NULL: there are none so far. */
const char *checkpoint_marked_notes(const char *notes, CheckpointMaker maker, const char *id, Arena *arena);

#define NO_CHECKPOINT SIZE_MAX

typedef struct CheckpointNode {
    const char *id;    /* GUID, upper case */
    const char *name;
    const char *path;  /* of its Msvm_VirtualSystemSettingData */
    const char *notes; /* NULL: none */
    CheckpointKind kind;
    CheckpointMaker maker;
    bool holds_memory;
    bool has_time;
    int64_t created_ms; /* since 1970 */
    size_t parent;      /* index; NO_CHECKPOINT: a root */
    size_t depth;       /* of a root 0 */

    /* By checkpoint_tree_read_disks(): */
    StringList disks; /* the files its disks stand on */
    bool has_size;    /* the host tells of each */
    uint64_t size;    /* bytes of those files */
    /* By checkpoint_tree_read_adapters(): */
    GpuPartitionList adapters; /* that it brings along when it is applied */
} CheckpointNode;

typedef struct CheckpointTree {
    Vm vm;                 /* as it is now */
    CheckpointNode *items; /* parents before their children, those by their age */
    size_t count;
    size_t capacity;
    size_t current; /* the one that the VM stands on; NO_CHECKPOINT: none */
} CheckpointTree;

CheckpointKind checkpoint_kind_of(const CimInstance *row);

/* Of a checkpoint's row: its GUID, in capitals, and its notes; NULL: none. */
const char *checkpoint_id_of(const CimInstance *row, Arena *arena);
const char *checkpoint_notes_of(const CimInstance *row, Arena *arena);

/* Of a GUID: the row's InstanceID, and its object path. */
const char *checkpoint_instance_id(const char *id, Arena *arena);
const char *checkpoint_path(const char *id, Arena *arena);

/* One round trip. */
MUST_CHECK bool checkpoint_tree_read(HyperVHost *host, const Vm *vm, Arena *arena, CheckpointTree *ret_tree,
                                     Error *err);

/* The adapters of the checkpoints, and those that the VM has now. One round trip. */
MUST_CHECK bool checkpoint_tree_read_adapters(HyperVHost *host, CheckpointTree *tree, Arena *arena,
                                              GpuPartitionList *ret_present, Error *err);

/* The disks of the checkpoints, and how large they are: one round trip, and one more for each 64 disks. A host that
 * does not tell how large files are leaves has_size false. */
MUST_CHECK bool checkpoint_tree_read_disks(HyperVHost *host, CheckpointTree *tree, Arena *arena, Error *err);

/* The file is a virtual hard disk, by its name: no DVD. */
bool checkpoint_is_disk(const char *file);

/* Name and FileSize of those of the files that the host shows: one round trip for each 64. */
MUST_CHECK bool checkpoint_read_files(HyperVHost *host, const StringList *files, Arena *arena,
                                      CimInstanceList *ret_rows, Error *err);

/* One that is a user's to restore, to rename and to remove: no backup's, no replica's. */
bool checkpoint_is_users(const CheckpointNode *node);

/* ERR_USAGE for what can be no name and no ID: what checkpoint_find() says, before there is a host. */
MUST_CHECK bool checkpoint_check_name(const char *text, Error *err);

/* The checkpoint of that name (any letter case), of that ID (a GUID, or "id:GUID"), or "latest": the newest that was
 * asked for, so neither an automatic one nor one that a restoring made, nor a backup's. ERR_NOT_FOUND with similar
 * names, ERR_AMBIGUOUS with the IDs of all that have the name. */
MUST_CHECK bool checkpoint_find(const CheckpointTree *tree, const char *text, size_t *ret_index, Error *err);

/* The index of the checkpoint of that ID, or NO_CHECKPOINT. */
size_t checkpoint_index_of(const CheckpointTree *tree, const char *id);

/* The checkpoint is the other one, or stands below it. */
bool checkpoint_is_below(const CheckpointTree *tree, size_t index, size_t top);

/* "'name' (GUID, 2024-08-22 12:45:00 UTC)" */
const char *checkpoint_label(const CheckpointNode *node, Arena *arena);
/* "2024-08-22 12:45:00 UTC", or "at an unknown time" */
const char *checkpoint_time(const CheckpointNode *node, Arena *arena);
