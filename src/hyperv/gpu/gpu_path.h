/* SPDX-License-Identifier: MIT */
/* The three spellings of a GPU's identity, and how to get from one to another without asking anybody:
 *   device ID        PCI\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\4&17f0f7d2&0&0008            (Plug and Play)
 *   instance ID      \\?\PCI#VEN_10DE&DEV_2206&...#4&17f0f7d2&0&0008#{064092b3-...}\GPUPARAV     (Name of the GPU)
 *   HostResource     \\HV1\root\virtualization\v2:Msvm_PartitionableGpu.CreationClassName="...",Name="<instance ID>"
 * Letter case differs between the places that show them and never matters. The end of the instance ID (from "#{" on)
 * differs between hosts (\GPUPARAV, \PARAV) and does not matter either. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

/* Any of the three as a device ID. A text that is none of them comes back as it is. */
const char *gpu_path_device_id(const char *text, Arena *arena);

/* The instance ID inside a HostResource; another text comes back as it is. */
const char *gpu_path_instance_id(const char *host_resource, Arena *arena);

/* The two texts, each in any of the three spellings, name the same device. */
bool gpu_path_same_device(const char *a, const char *b);
