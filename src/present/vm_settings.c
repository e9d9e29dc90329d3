/* SPDX-License-Identifier: MIT */
#include "present/vm_settings.h"

#include "base/compiler.h"
#include "hyperv/change/change_record.h"
#include "hyperv/vm/vm.h"
#include "json/document.h"

#include <inttypes.h>
#include <string.h>

typedef enum SettingUnit { UNIT_SWITCH, UNIT_MEGABYTES, UNIT_CHECKPOINT_TYPE, UNIT_STOP_ACTION } SettingUnit;

static const struct {
    const char *property, *name;
    SettingUnit unit;
} settings[] = {
    { "AutomaticSnapshotsEnabled", "automatic checkpoints", UNIT_SWITCH },
    { "GuestControlledCacheTypes", "cache types controlled by the guest", UNIT_SWITCH },
    { "LowMmioGapSize", "low MMIO space", UNIT_MEGABYTES },
    { "HighMmioGapSize", "high MMIO space", UNIT_MEGABYTES },
    { MEMORY_MINIMUM, "minimum memory", UNIT_MEGABYTES },
    { "UserSnapshotType", "checkpoint type", UNIT_CHECKPOINT_TYPE },
    { "AutomaticShutdownAction", "when the host shuts down", UNIT_STOP_ACTION },
};

const char *setting_name(const char *property)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(settings[i].property, property) == 0)
            return settings[i].name;
    }
    return property;
}

static const char *checkpoint_type_name(uint64_t type)
{
    switch (type) {
    case CHECKPOINTS_DISABLED:
        return "disabled";
    case CHECKPOINTS_PRODUCTION:
        return "production";
    case CHECKPOINTS_PRODUCTION_ONLY:
        return "production only";
    case CHECKPOINTS_STANDARD:
        return "standard";
    default:
        return "unknown";
    }
}

/* AutomaticShutdownAction */
static const char *stop_action_name(uint64_t action)
{
    switch (action) {
    case 2:
        return "turn the VM off";
    case 3:
        return "save the VM";
    case 4:
        return "shut the guest down";
    default:
        return "unknown";
    }
}

const char *setting_value(const char *property, const CimValue *value, Arena *arena)
{
    if (value->is_null)
        return "not set";
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(settings[i].property, property) != 0)
            continue;
        if (settings[i].unit == UNIT_SWITCH)
            return value->boolean ? "on" : "off";
        if (settings[i].unit == UNIT_MEGABYTES)
            return arena_printf(arena, "%" PRIu64 " MB", value->uint);
        if (settings[i].unit == UNIT_STOP_ACTION)
            return stop_action_name(value->uint);
        return checkpoint_type_name(value->uint);
    }
    return cim_value_format(value, arena);
}

json_t *partition_limits_json(const void *member)
{
    const PartitionLimits *limits = member;
    json_t *json = json_object();
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const PartitionLimit *limit = &limits->items[i];
        json_put(json, partition_limit_names[i], limit->is_set ? json_uint64(limit->value) : json_null());
    }
    return json;
}

json_t *partition_numa_json(const void *record)
{
    const GpuPartition *partition = record;
    return partition->has_numa ? json_boolean(partition->numa) : json_null();
}

json_t *setting_type_json(const void *record)
{
    return json_string(cim_type_name(((const SettingChange *) record)->before.type));
}

json_t *setting_value_json(const void *member)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(cim_value_format(member, &arena));
    arena_release(&arena);
    return json;
}
