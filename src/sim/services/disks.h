/* SPDX-License-Identifier: MIT */
/* Files of virtual disks: where each VM and each checkpoint has its data.
 *
 * A configuration's disks are its Msvm_StorageAllocationSettingData, HostResource[0] the file. What a checkpoint holds
 * is never written again: the VM goes on in a differencing disk, a file that is the child of the checkpoint's. Which
 * file is whose child stands in host->disk_parents; how large each is, in its CIM_DataFile, which a state file may
 * lack. */
#pragma once

#include "sim/store/host_model.h"

/* Makes the CIM_DataFile of a file; parent NULL: no differencing disk. One that is there already is left as it is. */
void sim_disk_add(SimHost *host, const char *path, const char *parent, uint64_t size);

/* Each disk of the configuration becomes a new differencing disk, the child of what it was. id tells the files of this
 * branch from others: a GUID. */
enum { SIM_NEW_DISK_BYTES = 4 << 20 }; /* of one that holds nothing yet */
void sim_disks_branch(SimHost *host, const SimObject *settings, const char *id, uint64_t size);

/* The disks of one configuration are the files that another one has. */
void sim_disks_share(SimHost *host, const SimObject *settings, const SimObject *with);

/* Removes differencing disks that no configuration has and no other disk is a child of. */
void sim_disks_drop_unused(SimHost *host, const SimObject *vm);

/* There is a disk that no configuration has any more, with one child: both can become one. */
bool sim_disks_need_merge(const SimHost *host, const SimObject *vm);

/* Merges all such disks of the VM: the child's content goes into the parent's file, the child's file is gone. */
void sim_disks_merge(SimHost *host, const SimObject *vm);
