/* SPDX-License-Identifier: MIT */
/* Packages of a host's drivers: finding what belongs into them, and making them one after the other. Changes nothing on
 * the host. */
#pragma once

#include "cim/host_files.h"
#include "drivers/gather/finder.h"
#include "operations/driver_gpus.h"
#include "platform/clock.h"

typedef struct GatherRequest {
    HyperVHost *host;
    HostFiles *files;
    Clock *clock;
    const char *folder; /* where packages go */
    bool zip;
} GatherRequest;

typedef struct LeftOutGpu {
    const char *name;
    bool is_accelerator;
    Error why;
} LeftOutGpu;

typedef struct LeftOutGpus {
    LeftOutGpu *items;
    size_t count, capacity;
} LeftOutGpus;

typedef struct Gathering {
    Drivers drivers; /* each once, though it may be that of several GPUs */
    LeftOutGpus left_out;
} Gathering;

typedef struct GatheredPackage {
    const char *name, *path;
    bool is_unchanged; /* it was there already, and would be the same again */
    bool is_planned;   /* nobody has looked whether it is */
    const char *provider, *driver_version, *driver_date; /* "" where the host does not tell */
    StringList folders;                                  /* in the driver store */
    StringList gpus;                                     /* names of those it was made for */
    size_t files;                                        /* without the manifest */
    uint64_t size;                                       /* before they are compressed */
} GatheredPackage;

/* GPUs whose drivers cannot be gathered do not spoil the others: they are left out, and that may be all of them. */
MUST_CHECK bool gather_find(const GatherRequest *request, const DriverGpuList *gpus, Arena *arena,
                            Gathering *ret_gathering, Error *err);

/* A display adapter is among those left out: what was asked for cannot be done completely. */
bool gather_is_partial(const LeftOutGpus *left_out);

/* The package that would be made. Its name gets a number where packages of others have it already. */
GatheredPackage gather_plan(const GatherRequest *request, const Driver *driver, Arena *arena);

/* Makes the package of one of the drivers; the rest as pack_driver(). */
MUST_CHECK bool gather_pack(const GatherRequest *request, const Driver *driver, Arena *arena,
                            GatheredPackage *ret_package, Error *err);
