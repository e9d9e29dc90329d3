/* SPDX-License-Identifier: MIT */
/* VMs, their configurations and resources: how the rows of the object store hang together. */
#pragma once

#include "sim/store/host_model.h"

#define SIM_TYPE_CURRENT "Microsoft:Hyper-V:System:Realized"
#define SIM_TYPE_CHECKPOINT_PREFIX "Microsoft:Hyper-V:Snapshot:"
#define SIM_TYPE_CHECKPOINT SIM_TYPE_CHECKPOINT_PREFIX "Realized"
#define SIM_TYPE_RECOVERY SIM_TYPE_CHECKPOINT_PREFIX "Recovery"
#define SIM_SUBTYPE_GPU "Microsoft:Hyper-V:GPU Partition"
#define SIM_DEFINITION_PREFIX "Microsoft:Definition\\"

/* EnabledState of Msvm_ComputerSystem. The CIM names 2, 3, 4, 9, 10; the rest is Hyper-V's own. */
enum {
    SIM_STATE_RUNNING = 2,
    SIM_STATE_OFF = 3,
    SIM_STATE_STOPPING = 4,
    SIM_STATE_SAVED = 6,
    SIM_STATE_PAUSED = 9,
    SIM_STATE_STARTING = 10,
    SIM_STATE_SAVING = 32773,
    SIM_STATE_PAUSING = 32776,
    SIM_STATE_RESUMING = 32777,
};

/* OperationalStatus[1] while work is being done on the VM (Windows SDK, "Msvm_ComputerSystem class"). */
enum {
    SIM_OPERATION_CREATING = 32768,
    SIM_OPERATION_APPLYING = 32769,
    SIM_OPERATION_DELETING = 32770,
    SIM_OPERATION_MERGING = 32772,
};

/* The VM with that GUID (case ignored); NULL for none. The host's own row is no VM. */
SimObject *sim_vm_find(const SimHost *host, const char *guid);
bool sim_vm_is(const SimObject *object);

/* What names the VM: Name, "F65D0775-...". */
const char *sim_vm_guid(const SimObject *vm);

/* Its current configuration (Msvm_VirtualSystemSettingData). */
SimObject *sim_vm_settings(const SimHost *host, const SimObject *vm);

uint64_t sim_vm_state(const SimObject *vm);
void sim_vm_set_state(SimHost *host, SimObject *vm, uint64_t state);

/* An operation that shuts out others is under way: OperationalStatus[1], or a state between two states. */
bool sim_vm_is_busy(const SimObject *vm);

/* The same for starting and stopping: merging disks goes on under a VM that is started or stopped. */
bool sim_vm_is_held(const SimObject *vm);

/* OperationalStatus[1]; 0: none. */
void sim_vm_set_operation(SimHost *host, SimObject *vm, uint16_t operation);

/* Its .vmcx has an adapter that WMI does not show. */
bool sim_vm_has_hidden_adapter(const SimHost *host, const SimObject *vm);

/* The VM a configuration (current or checkpoint) belongs to; NULL when there is none. */
SimObject *sim_settings_vm(const SimHost *host, const SimObject *settings);
bool sim_settings_is_current(const SimObject *settings);
bool sim_settings_is_checkpoint(const SimObject *settings); /* of any type: also recovery and replica points */

/* The configuration a resource belongs to, from the first half of its InstanceID; NULL for templates. */
SimObject *sim_resource_settings(const SimHost *host, const SimObject *resource);

/* The second half: "EDF7D457-...". */
const char *sim_resource_device(const SimObject *resource);

/* The resources of a configuration that are of the class, in the order they were made. */
SimObjects sim_settings_resources(const SimHost *host, const SimObject *settings, const char *class_name,
                                  Arena *arena);

/* Removes the configuration with its resources. */
void sim_settings_remove(SimHost *host, SimObject *settings);

/* Copies all resources of one configuration to another; their InstanceIDs get its prefix. */
void sim_settings_copy_resources(SimHost *host, const SimObject *from, const SimObject *to);

/* HostResource[0] of an adapter: the path of its GPU. NULL if it has none. */
const char *sim_adapter_gpu_path(const SimObject *adapter);

/* The GPU with that path, or that Name; NULL if the host has none such. */
SimObject *sim_gpu_at(const SimHost *host, const char *path);
SimObject *sim_gpu_find(const SimHost *host, const char *name);

/* What a new VM is made of. Sizes in MiB. */
typedef struct SimVmPlan {
    const char *guid;       /* NULL: a new one */
    const char *name;
    const char *subtype;    /* "Microsoft:Hyper-V:SubType:2" */
    uint64_t memory;
    uint64_t processors;
    int64_t created_ms;
} SimVmPlan;

/* Makes its rows: system, configuration, memory, processor and integration components; off. */
SimObject *sim_vm_create(SimHost *host, const SimVmPlan *plan);

/* A new resource of the class in the configuration, with default values; device: the second half of its InstanceID.
 * NULL when this build lacks the class, or there is one already. */
SimObject *sim_resource_create(SimHost *host, const SimObject *settings, const char *class_name, const char *device);

/* A device of a running VM, not yet on the host. */
SimObject *sim_device_create(SimHost *host, const SimObject *vm, const char *class_name, const char *device_id);
