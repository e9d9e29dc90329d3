/* SPDX-License-Identifier: MIT */
/* What carrying a change out (change.c) and recovering one that was cut short (change_recovery.c) have in common: a
 * change under way, and the steps that look before they act, so that it does not matter how far the last try came. */
#pragma once

#include "hyperv/change/assignment.h"
#include "hyperv/change/change.h"
#include "hyperv/checkpoint/checkpoint_tree.h"

typedef struct Change {
    HyperVHost *host;
    const Vm *vm;
    ChangeRecord *record;
    Journal *journal;
    Arena *arena;
    const char *service_path;
    ChangeResult *result;
    size_t done_before, in_doubt_before; /* calls_done and calls_in_doubt of the host before the change */
    bool asked_for_checkpoint;
    bool is_recovery;
    StringList taken_off; /* IDs of adapters that calls of ours have taken off for certain */
    GpuPartitionList additions; /* that have to come off when everything is put back */
    bool knows_additions;
    bool refused; /* the host refused to make the adapters as they were asked for, the last time */
} Change;

Change change_of(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                    ChangeResult *result);

/* The journal. A step that cannot be entered is warned of. */
MUST_CHECK bool change_write_record(Change *change, Error *err);
void change_enter_step(Change *change, ChangeStep step);
MUST_CHECK bool change_clear_journal(Change *change, Error *err);

/* The VM's settings: one call without a look, and all of the record as they shall be, or (not forward) as they were. */
MUST_CHECK bool change_modify_settings(Change *change, const CimInstance *settings, const char *what, Error *err);
MUST_CHECK bool change_reach_settings(Change *change, bool forward, Error *err);

/* What a checkpoint of this change is marked as. */
CheckpointMaker change_checkpoint_maker(const Change *change);

/* Adapters, by assignment_reach(); and what is remembered of those that were detached. */
MUST_CHECK bool change_reach_adapters(Change *change, const Assignment *assignment, const GpuPartitionList *current,
                                      Error *err);
MUST_CHECK bool change_settle_detached(Change *change, bool forward, Error *err);

/* One call without a look; no GPU is on. */
MUST_CHECK bool change_modify_memory(Change *change, bool forward, Error *err);

/* What HyperPoint told the guest and did not take back, since it was killed then: a checkpoint would bring it back
 * whenever it is applied. The guest carries out nothing twice, so that is not worth stopping for. */
void change_forget_items(const Change *change, const StringList *names);

bool change_must_go_on(const Change *change);

/* The end of the change: everything as it shall be. The other end: everything as it was; "current": the adapters of a
 * moment ago, NULL: they are looked at. */
MUST_CHECK bool change_put_on(Change *change, Error *err);
MUST_CHECK bool change_put_back(Change *change, const GpuPartitionList *current, Error *err);
