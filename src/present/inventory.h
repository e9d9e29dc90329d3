/* SPDX-License-Identifier: MIT */
/* Listings: VMs, the GPUs of a host, and those a VM holds. The first lines of a GPU's entry are those of the original
 * tool, which scripts read; what it lacked follows below them. */
#pragma once

#include "hyperv/gpu/gpu.h"
#include "json/shape.h"

extern const Shape vm_summary_shape;   /* VmSummary */
extern const Shape gpu_shape;          /* Gpu */
extern const Shape assigned_gpu_shape; /* AssignedGpu */

/* For shapes: the position of an AssignedGpu's GPU, or null. */
json_t *assigned_gpu_order_to_json(const void *assigned);

/* "(2) Radeon RX 6800 XT", the number being that of the partitionable list; "(-)" where the GPU is NULL. */
const char *gpu_label(const Gpu *gpu, const char *name, Arena *arena);

/* "min 80000000, max 100000000, optimal 100000000", or "not set". */
const char *partition_limits_text(const PartitionLimits *limits, GpuQuotaKind kind, Arena *arena);
