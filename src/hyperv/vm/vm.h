/* SPDX-License-Identifier: MIT */
/* A virtual machine: finding it, its state, its settings, its adapters. Identity is the GUID; names are not unique.
 * Sources: Msvm_ComputerSystem and Msvm_VirtualSystemSettingData (Windows SDK, Hyper-V WMI provider v2). */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"

#include <stdbool.h>
#include <stdint.h>

/* Msvm_ComputerSystem.EnabledState, the values HyperPoint tells apart; any other number is "in transition". */
typedef enum VmState {
    VM_STATE_RUNNING = 2,
    VM_STATE_OFF = 3,
    VM_STATE_STOPPING = 4, /* its guest shuts down */
    VM_STATE_SAVED = 6,
    VM_STATE_PAUSED = 9,
} VmState;

/* Msvm_VirtualSystemSettingData.UserSnapshotType */
typedef enum CheckpointType {
    CHECKPOINTS_UNKNOWN = 0, /* the host does not tell (before build 10240) */
    CHECKPOINTS_DISABLED = 2,
    CHECKPOINTS_PRODUCTION = 3, /* falls back to standard */
    CHECKPOINTS_PRODUCTION_ONLY = 4,
    CHECKPOINTS_STANDARD = 5,
} CheckpointType;

typedef struct Vm {
    const char *guid; /* 36 characters, upper case */
    const char *name;
    const char *address;         /* what finds it again, for advice: its name, or "id:GUID" */
    const char *system_path;     /* Msvm_ComputerSystem */
    const char *settings_id;     /* InstanceID of the current configuration, "Microsoft:<GUID>" */
    const char *settings_path;   /* Msvm_VirtualSystemSettingData */
    const char *parent;          /* path of the checkpoint that the VM stands on, NULL: none */
    const CimInstance *settings; /* the whole row */

    /* The host is of build 20348 or newer: it tells which GPU an adapter belongs to (HostResource). Seen by a property
     * that these hosts' settings have and older ones' have not. */
    bool host_tells_gpus;
    bool is_clustered; /* its files lie on a cluster shared volume */
    CheckpointType checkpoint_type;
} Vm;

/* What may have changed since it was last looked at. */
typedef struct VmStatus {
    VmState state;             /* or any other number of EnabledState */
    uint16_t operation;        /* OperationalStatus[1], 0: none */
    uint16_t replication_mode; /* 0 none, 1 primary, 2 replica, 3 test replica, 4 extended replica */
} VmStatus;

/* Properties of Msvm_MemorySettingData; in MB. */
#define MEMORY_MINIMUM "Reservation"
#define MEMORY_STARTUP "VirtualQuantity"

/* The adapters that hold parts of the VM's devices, and its memory. */
typedef struct VmResources {
    GpuPartitionList partitions; /* in the host's order */
    bool has_direct_assignment;  /* an Msvm_PciExpressSettingData: a whole device is assigned (DDA) */
    const CimInstance *memory;   /* its Msvm_MemorySettingData; NULL: the host shows none */
    StringList own_items;        /* names of HyperPoint's own data items (kvp.h), which the configuration holds */
    StringList disks;            /* the files that its disks, and what else is in its drives, stand on */
} VmResources;

/* With a GPU partition Hyper-V wants start-up and minimum memory equal where dynamic memory is on: the VM may not start
 * otherwise, or see only a part of its memory. (What Hyper-V says when memory is changed while a GPU is assigned, as
 * users quote it; it checks nothing when a GPU is assigned.) */
bool vm_memory_hinders_gpus(const VmResources *resources);

/* "id:GUID", and the GUID in it: NULL where the text is a name. */
const char *vm_id_text(const char *guid, Arena *arena);
const char *vm_id_in(const char *text);

/* What finds that VM again, typed between double quotes in any shell: its name, or "id:GUID" where that is not sure. */
const char *vm_address(const char *name, const char *guid, Arena *arena);

/* ERR_USAGE for an "id:" without a GUID: what vm_find() says, before there is a host. */
MUST_CHECK bool vm_check_name(const char *name, Error *err);

/* Finds a VM by its name, in any letter case and script, or by "id:GUID". One round trip, two when it is not there.
 * ERR_NOT_FOUND with similar names, ERR_AMBIGUOUS with the IDs of all that have the name, ERR_DENIED without rights. */
MUST_CHECK bool vm_find(HyperVHost *host, const char *name, Arena *arena, Vm *ret_vm, Error *err);

/* The same VM as it is now, whatever it is called by now. ret_vm may be vm. */
MUST_CHECK bool vm_find_again(HyperVHost *host, const Vm *vm, Arena *arena, Vm *ret_vm, Error *err);

/* One that was found by its ID: that is not needed for advice while it has the name that nobody else has. NULL: whether
 * there is such a name is not known. */
void vm_use_only_name(Vm *vm, const char *only_name_or_null, Arena *arena);

/* Makes a Vm of a row of Msvm_VirtualSystemSettingData. */
Vm vm_from_settings(const CimInstance *row, Arena *arena);

/* Of a row of Msvm_ComputerSystem. */
VmStatus vm_status_of(const CimInstance *row);

/* One round trip. ERR_NOT_FOUND if the VM is gone. */
MUST_CHECK bool vm_read_status(HyperVHost *host, const Vm *vm, VmStatus *ret_status, Error *err);

/* The same while something is waited for: counts as a poll. */
MUST_CHECK bool vm_poll_status(HyperVHost *host, const Vm *vm, VmStatus *ret_status, Error *err);

/* One round trip. */
MUST_CHECK bool vm_read_resources(HyperVHost *host, const Vm *vm, Arena *arena, VmResources *ret_resources, Error *err);
MUST_CHECK bool vm_read_partitions(HyperVHost *host, const Vm *vm, Arena *arena, GpuPartitionList *ret_partitions,
                                   Error *err);

/* The VM is off and nothing works on it: its GPUs can be changed. Otherwise ERR_STATE or ERR_BUSY with what to do. */
MUST_CHECK bool vm_check_idle(const Vm *vm, const VmStatus *status, Error *err);

/* ERR_STATE of a VM that should run, without a hint: the caller knows what helps. Always returns false. */
bool vm_error_not_running(const Vm *vm, const VmStatus *status, Error *err);

/* Nothing works on the VM, whatever its state. Otherwise ERR_BUSY. */
MUST_CHECK bool vm_check_not_busy(const Vm *vm, const VmStatus *status, Error *err);

/* "running", "off", "saved", "paused", "in transition (N)". */
const char *vm_state_name(VmState state, Arena *arena);

/* The checkpoints of a VM and its current configuration as they are now, in one round trip. */
typedef struct VmCheckpoints {
    Vm current;
    CimInstanceList checkpoints; /* rows of Msvm_VirtualSystemSettingData of type Snapshot */
} VmCheckpoints;

MUST_CHECK bool vm_read_checkpoints(HyperVHost *host, const Vm *vm, Arena *arena, VmCheckpoints *ret_checkpoints,
                                    Error *err);
