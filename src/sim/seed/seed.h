/* SPDX-License-Identifier: MIT */
/* The built-in sample host: five GPUs and a few VMs, so that every example of the manual runs on it. And a guest of it,
 * as a host of its own. */
#pragma once

#include "sim/store/host_model.h"

/* What the variants decide. */
typedef struct SimSeed {
    uint32_t build;
    const char *windows; /* "Microsoft Windows 11 Pro" */
    bool is_server;
    bool has_hyperv;
    bool has_gpus;
    bool has_stale_vm;     /* a VM whose adapter WMI does not show */
    bool has_unplugged_vm; /* a VM whose GPU is gone */
    bool has_history_vm;   /* a VM with checkpoints of every kind */
    bool is_german;
    bool has_no_rights;
    bool is_guest;          /* not the host, but the Windows in its VM "my vm" */
    bool is_outdated_guest; /* one whose packages are of an earlier driver */
} SimSeed;

typedef struct SimSeedGpu {
    const char *name;      /* of the device */
    const char *path;      /* Msvm_PartitionableGpu.Name, without what all have in common */
    const char *device_id; /* of Win32_PnPEntity: the last part differs in case */
    const char *service;
    const char *provider;
    const char *manufacturer;
    const char *driver_version;
    const char *driver_date; /* yyyymmdd */
    const char *inf;         /* "oem12.inf" */
    const char *store;       /* folder in the DriverStore */
    const char *user_driver; /* in it */
    uint64_t memory;
    const char *location;
} SimSeedGpu;

enum { SIM_SEED_GPU_COUNT = 5 };
extern const SimSeedGpu sim_seed_gpus[SIM_SEED_GPU_COUNT];

/* Msvm_PartitionableGpu.Name. */
const char *sim_seed_gpu_name(const SimSeedGpu *gpu, Arena *arena);

/* A VM that is off, with one disk. */
SimObject *sim_seed_vm(SimHost *host, const char *guid, const char *name, uint64_t memory, uint64_t processors);

/* An adapter of the configuration; gpu: index of the GPU it is pinned to. */
SimObject *sim_seed_adapter(SimHost *host, const SimObject *settings, const char *device, size_t gpu);

/* A checkpoint of what the VM is now, which goes on in disks of that size. */
SimObject *sim_seed_checkpoint(SimHost *host, const SimObject *vm, const char *guid, const char *name, int64_t when_ms,
                               uint64_t size);

/* The VM "history". */
void sim_seed_history(SimHost *host, const SimSeed *seed);

extern const int64_t sim_seed_created_ms; /* when the VMs were made */

/* Fills the namespaces of an empty host. */
void sim_seed_hyperv(SimHost *host, const SimSeed *seed);
void sim_seed_cimv2(SimHost *host, const SimSeed *seed);
void sim_seed_drivers(SimHost *host, const SimSeed *seed);

/* Fills root\cimv2 of an empty guest. */
void sim_seed_guest(SimHost *host, const SimSeed *seed);
