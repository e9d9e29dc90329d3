/* SPDX-License-Identifier: MIT */
/* The GPUs of a host that can be partitioned, with what Plug and Play knows about them.
 *
 * Sources: Msvm_PartitionableGpu, Msvm_GpuPartition (root\virtualization\v2), Win32_PnPEntity (root\cimv2). */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum GpuQuotaKind {
    GPU_QUOTA_VRAM,
    GPU_QUOTA_ENCODE,
    GPU_QUOTA_DECODE,
    GPU_QUOTA_COMPUTE,
    GPU_QUOTA_COUNT
} GpuQuotaKind;

extern const char *const gpu_quota_names[GPU_QUOTA_COUNT]; /* "VRAM", "Encode", "Decode", "Compute" */

/* On the driver's own scale; is_set false: the host does not tell. */
typedef struct GpuQuota {
    PartitionLimit total, available, min, max, optimal;
} GpuQuota;

typedef struct Gpu {
    const char *name;           /* friendly name; NULL: Plug and Play does not know the device */
    const char *device_id;      /* as Plug and Play writes it, else made from the instance ID */
    const char *instance_id;    /* Msvm_PartitionableGpu.Name */
    const char *path;           /* object path, what HostResource takes */
    size_t order;               /* position in the partitionable list, from 1; 0: not in it (gone) */
    bool is_present;            /* Plug and Play has the device */
    bool is_ok;                 /* ... and it works (ConfigManagerErrorCode 0) */
    uint32_t problem;           /* ConfigManagerErrorCode, 0: none */
    bool is_display;            /* of the setup class Display (an NPU is not) */
    bool is_basic;              /* Windows runs it by its own basic driver, because it has no other one */
    uint64_t partitions;        /* PartitionCount: possible at the same time */
    uint64_t partitions_in_use; /* by running VMs (rows of Msvm_GpuPartition) */
    GpuQuota quotas[GPU_QUOTA_COUNT];
} Gpu;

typedef struct GpuList {
    Gpu *items;
    size_t count;
    size_t capacity;
    /* Devices that Plug and Play knows and Hyper-V does not offer: names for adapters whose GPU is gone. order 0. */
    Gpu *others;
    size_t other_count;
    /* The host does not tell which GPU an adapter belongs to, but it has only one: that is it. */
    bool sole_is_meant;
} GpuList;

/* Reads them in three round trips. No GPUs is no error. host_tells_gpus as in Vm. */
MUST_CHECK bool gpu_list_read(HyperVHost *host, bool host_tells_gpus, Arena *arena, GpuList *ret_list, Error *err);

/* Only what Plug and Play knows, as "others": for the names of adapters, in one round trip. */
MUST_CHECK bool gpu_list_read_names(HyperVHost *host, Arena *arena, GpuList *ret_list, Error *err);

/* The partitionable GPU of an adapter, or NULL: it names none, or one that is gone. */
const Gpu *gpu_list_find(const GpuList *list, const GpuPartition *partition);

/* The adapter could not be put on (again): the GPU it names is gone, or the host has none at all. */
bool gpu_list_lacks(const GpuList *list, const GpuPartition *partition);

/* Names the adapter's GPU as the host does now: the path that was written down may have been another one, because the
 * host was renamed, or by its end. */
void gpu_list_refresh(const GpuList *list, GpuPartition *partition);

/* The name to show for an adapter: of its GPU, else of the device as far as Plug and Play knows it, else "Unknown
 * GPU" or, without instance path, "GPU chosen by the host". */
const char *gpu_list_name_of(const GpuList *list, const GpuPartition *partition);

/* The GPU can take one more running partition. */
bool gpu_has_room(const Gpu *gpu);

/* A display adapter that works and has room: one that add-auto may take. */
bool gpu_is_suitable(const Gpu *gpu);

/* Plug and Play knows the device, and it is no display adapter: a neural processor, for example. */
bool gpu_is_accelerator(const Gpu *gpu);

/* Its partitions are functions of the hardware (SR-IOV, data-centre GPUs), not the paravirtual ones of WDDM: the end of
 * its instance ID tells. Such a guest takes the vendor's own guest driver. */
bool gpu_is_sriov(const Gpu *gpu);

/* The limits of a new partition. Kind by kind partition_limits_default(); of a GPU with SR-IOV, the GPU's own minimum,
 * maximum and optimum where one of the three lies outside of what it allows. */
PartitionLimits gpu_new_limits(const Gpu *gpu);

/* The devices of the host that are GPUs, or like them (in root\cimv2). */
extern const char gpu_devices_query[];

/* What makes a GPU partitionable: the way out for a host that has none. */
extern const char gpu_none_hint[];
