/* SPDX-License-Identifier: MIT */
/* GPUs that a VM had, and that it shall get back: what detach remembers until attach puts them on again. It lies beside
 * the journals of this computer (journal/journal.h, memos), because it is of no use elsewhere: it names GPUs of this
 * host. (The VM itself has one place for it, its notes, which are the user's own to change.) */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"
#include "json/shape.h"

#include <stdbool.h>

typedef struct DetachedGpus {
    const char *since;           /* RFC 3339, UTC */
    const char *parent;          /* path of the checkpoint that the VM stood on then; NULL: none */
    StringList disks;            /* the files of its disks then */
    GpuPartitionList partitions; /* as they were, with the IDs that they had */
    StringList names;            /* of their GPUs, in the same order, for when they are gone */
} DetachedGpus;

/* In a memo, and in the record of a change that writes or clears one; and the kinds of memos. */
extern const Shape detached_shape;
extern const RecordKind *const detached_kinds[];

/* *ret_detached NULL: nothing is remembered of that VM. */
MUST_CHECK bool detached_read(const HyperVHost *host, const char *vm_guid, Arena *arena,
                              const DetachedGpus **ret_detached, Error *err);

MUST_CHECK bool detached_write(Journal *journal, const DetachedGpus *detached, Error *err);
MUST_CHECK bool detached_clear(Journal *journal, Error *err);

/* What is remembered reads as "wanted" (NULL: nothing), whoever wrote it. */
bool detached_is_remembered(const HyperVHost *host, const char *vm_guid, const DetachedGpus *wanted, Arena *arena);

/* Which of the remembered GPUs are on the VM again, whoever put them there. */
typedef struct DetachedMatch {
    const GpuPartition *row; /* the VM's adapter of that GPU; NULL: none */
    bool is_same;            /* ... with the settings that are remembered */
} DetachedMatch;

/* One for each that is remembered; each adapter is used once. *ret_others: adapters that are none of them. */
const DetachedMatch *detached_compare(const DetachedGpus *detached, const GpuPartitionList *present, Arena *arena,
                                      GpuPartitionList *ret_others);

/* What of it is not on the VM as it was: what attach has to see to. */
DetachedGpus detached_left(const DetachedGpus *detached, const GpuPartitionList *present, Arena *arena);
