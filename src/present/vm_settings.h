/* SPDX-License-Identifier: MIT */
/* Settings of a VM in words: "low MMIO space", "1024 MB"; those of VMs and partitions in JSON. */
#pragma once

#include "base/arena.h"
#include "cim/value.h"

#include <jansson.h>

const char *setting_name(const char *property);
const char *setting_value(const char *property, const CimValue *value, Arena *arena);

/* For shapes (json/shape.h): of a PartitionLimits, of a GpuPartition whose NUMA placement is meant, of a SettingChange
 * whose type is meant, and of a CimValue in it. */
json_t *partition_limits_json(const void *limits);
json_t *partition_numa_json(const void *partition);
json_t *setting_type_json(const void *setting);
json_t *setting_value_json(const void *value);
