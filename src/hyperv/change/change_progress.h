/* SPDX-License-Identifier: MIT */
/* How far an interrupted change had come, and so whether it is finished or undone. */
#pragma once

#include "base/error.h"
#include "hyperv/change/change.h"
#include "hyperv/change/change_record.h"
#include "hyperv/change/recovery.h"
#include "hyperv/checkpoint/checkpoint.h"

#include <stdbool.h>

/* "gone" came off, and the row of "current" may be it, put back under another ID. */
bool change_may_be_back_as(const GpuPartition *gone, const GpuPartition *row, const GpuPartitionList *current);

/* What detach takes off is not wanted back. */
bool change_only_takes_off(const ChangeRecord *record);

/* A change that had got as far as putting adapters on is finished; one that had not is undone, except that a checkpoint
 * that was created counts as got so far, and that for detach taking off is the end, unless its adapters were being put
 * back. A restore is finished if its checkpoint has been applied, and undone otherwise. Asks the host where the record
 * alone does not tell. *ret_made: a checkpoint that was made and may have neither name nor mark yet. */
MUST_CHECK bool change_look_how_far(const Recovery *recovery, const ChangeRecord *record, ChangeResult *ret_result,
                                    Checkpoint *ret_made, Error *err);

/* The step that it had come to is not always the record's any more. */
RecoveryResult change_tell(const ChangeRecord *record, ChangeStep step, const ChangeResult *result);
