/* SPDX-License-Identifier: MIT */
/* What a change was about to do: the plan while it is carried out, the journal's record if it does not come to its end.
 * All that is needed to finish or to undo it is in here; nothing is looked up in config files again. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"
#include "hyperv/change/detached.h"
#include "hyperv/gpu/partition.h"
#include "json/shape.h"

#include <stdbool.h>

/* How far a change has come. Written before the step begins. */
typedef enum ChangeStep {
    STEP_PLANNED,    /* nothing has been asked of the host */
    STEP_SETTINGS,   /* VM settings are being changed */
    STEP_REMOVAL,    /* adapters are being taken off */
    STEP_MEMORY,     /* the VM's memory is being changed, with no GPU on */
    STEP_CHECKPOINT, /* the checkpoint is being created */
    STEP_APPLYING,   /* another checkpoint is being applied */
    STEP_ASSIGNMENT, /* adapters are being put on as they shall be */
    STEP_ROLLBACK,   /* everything is being put back as it was */
    STEP_COUNT
} ChangeStep;

/* One property of the VM's Msvm_VirtualSystemSettingData, or of its Msvm_MemorySettingData. */
typedef struct SettingChange {
    const char *property;
    CimValue before, after; /* of the property's own type */
} SettingChange;

typedef struct SettingChangeList {
    SettingChange *items;
    size_t count;
    size_t capacity;
} SettingChangeList;

typedef struct ChangeRecord {
    const char *verb; /* "checkpoint", "add", ... */
    const char *vm_guid, *vm_name;
    ChangeStep step;
    SettingChangeList settings;
    SettingChangeList memory; /* Hyper-V changes it only while no GPU is assigned */
    const char *memory_id;    /* InstanceID of the VM's Msvm_MemorySettingData; NULL: its memory stays as it is */
    GpuPartitionList before; /* adapters as they were; all have IDs */
    GpuPartitionList after;  /* adapters as they shall be; those without ID are added */
    StringList foreign;      /* IDs of adapters that somebody else put on meanwhile, as far as that is certain */
    bool empties_first;      /* all adapters come off before any goes on */
    bool takes_checkpoint;
    const char *checkpoint_name; /* NULL: the host's own choice */
    StringList own_items;        /* names of HyperPoint's data items, which no checkpoint shall hold; in no journal */
    const char *parent_before;   /* path of the checkpoint the VM stood on, NULL: none */

    const DetachedGpus *detached; /* what detach remembers, and attach puts back and forgets; NULL: none of it */
    bool attaches;                /* it forgets "detached", which is not NULL then */
    const DetachedGpus *remembered; /* of detach: what was remembered before; NULL: nothing */
    /* Of a restore: */
    const char *restore_id, *restore_name; /* the checkpoint that is applied, by its GUID; NULL: none */
    StringList disks;         /* the files of the VM's disks before */
    GpuPartitionList brings;  /* adapters that the checkpoint holds */
    StringList brought;       /* IDs of those that came with it */
} ChangeRecord;

/* The adapters of "before" that "after" does not keep, and whether any adapter of "after" has to be added. */
GpuPartitionList record_removals(const ChangeRecord *record, Arena *arena);
bool record_adds(const ChangeRecord *record);

/* Adapters of "after" that were not there before: what an undo may find and has to take off again. */
GpuPartitionList record_additions(const ChangeRecord *record, Arena *arena);

/* Those of the settings (after, or before) that the row of the VM's settings has not; NULL: it has them all. */
const CimInstance *record_missing_settings(const ChangeRecord *record, const char *settings_id,
                                           const CimInstance *current, bool forward, Arena *arena);

/* The plan changes the VM itself; without that it needs nothing of the host. Of one that has been carried out it is not
 * asked: what was added has its ID then. */
bool record_changes_vm(const ChangeRecord *record, Arena *arena);

/* The change would leave the VM, and what is remembered of it, as they are. */
bool record_is_empty(const ChangeRecord *record, Arena *arena);

/* "planned", "settings", ... as in the journal. */
const char *change_step_name(ChangeStep step);

/* Of a ChangeRecord and of a GpuPartition, in journals and memos. */
extern const Shape change_record_shape, partition_record_shape;
