/* SPDX-License-Identifier: MIT */
/* The memory of a VM (Msvm_MemorySettingData) as a change sets it, and puts it back. Only while no GPU is assigned to
 * the VM: with one, Hyper-V refuses. */
#pragma once

#include "hyperv/change/change_record.h"
#include "hyperv/host/host.h"

/* Writes what the record says of the memory (forward), or what it was, in one call. */
MUST_CHECK bool memory_write(HyperVHost *host, const char *service_path, const ChangeRecord *record, bool forward,
                             Arena *arena, Error *err);

/* *ret_is_written: the memory is as the record wants it. Anything else is as it was, or somebody else's doing. */
MUST_CHECK bool memory_is_written(HyperVHost *host, const ChangeRecord *record, bool *ret_is_written, Error *err);
