/* SPDX-License-Identifier: MIT */
/* The kinds of records that a VM's journal can hold (journal/journal_file.h), and what recovers each of them. A kind is
 * a row in vm_record_kinds: what it is called, its shape, and two functions, one that tells what recovery would do, and
 * one that does it. docs/architecture.md, "A record of a new kind". */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/change.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/gpu/selector.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"
#include "journal/journal.h"

#include <stdbool.h>

/* What a recovery works with. The VM's jobs have come to their end; where something is to be changed, it is off, unless
 * the kind says otherwise. */
typedef struct Recovery {
    HyperVHost *host;
    const Vm *vm;
    GpuList gpus;                    /* of the host, now */
    const SelectorList *substitutes; /* of GPUs that are gone, one each; empty: none */
    Journal *journal;                /* open; NULL: only a look */
    Arena *arena;
} Recovery;

/* What it does, or would do. */
typedef struct RecoveryResult {
    const char *verb, *step;     /* what was interrupted, and how far it had come: words of the record */
    bool wants_checkpoint;       /* it was to make one */
    const char *restored;        /* the checkpoint that it was to apply; NULL: none */
    ChangeResult change;         /* the checkpoint, and whether all is put back or finished */
    GpuPartitionList partitions; /* that the VM holds then; without ID: not put back yet */
} RecoveryResult;

typedef struct VmRecordKind {
    RecordKind record; /* first: readers of journals know no more */
    /* What recover() would do. Asks the host, changes nothing. */
    bool (*plan_recovery)(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err);
    /* Finishes or undoes, looks that it is so, and clears the journal, which stands on failure. */
    bool (*recover)(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err);
    bool works_while_on; /* the VM need not be off for it */
} VmRecordKind;

/* All of them, for journal_read() and journal_peek(); ends with NULL. */
extern const RecordKind *const vm_record_kinds[];

/* That of a record that was read with vm_record_kinds. */
const VmRecordKind *vm_record_kind(const JournalRecord *record);

/* For both: the adapters of both lists name their GPUs as the host does now. ERR_STATE when one that they need is
 * gone from it and no substitute was named. With substitutes those take the places of what is gone, in both lists, and
 * what is left over is given up, which is told. So are
 * substitutes that nothing needs. */
MUST_CHECK bool recovery_settle_gone_gpus(const Recovery *recovery, GpuPartitionList *before, GpuPartitionList *after,
                                          Error *err);

/* Changes (hyperv/change/change_record.h), which change_apply() writes; those of the second kind write or clear what is
 * remembered of detached GPUs. */
extern const VmRecordKind change_kind, detachment_kind;

/* A restore (the same record, with a checkpoint that is applied), which programs from before it do not understand. */
extern const VmRecordKind restore_kind;
