/* SPDX-License-Identifier: MIT */
#include "hyperv/change/memory.h"

#include "cim/path.h"
#include "cim/schema.h"

#define CLASS "Msvm_MemorySettingData"

bool memory_write(HyperVHost *host, const char *service_path, const ChangeRecord *record, bool forward, Arena *arena,
                  Error *err)
{
    CimInstance *memory = cim_instance_create(arena, CLASS);
    cim_instance_set(memory, arena, "InstanceID", cim_string(record->memory_id));
    for (size_t i = 0; i < record->memory.count; i++) {
        const SettingChange *change = &record->memory.items[i];
        cim_instance_set(memory, arena, change->property, forward ? change->after : change->before);
    }
    CimValue item = cim_embedded(memory);
    CimInstance *in = cim_instance_create(arena, "ModifyResourceSettings");
    cim_instance_set(in, arena, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, &item, 1));
    const char *what = forward ? "change the VM's memory" : "put the VM's memory back";
    return host_call(host, service_path, "ModifyResourceSettings", in, what, arena, NULL, err);
}

bool memory_is_written(HyperVHost *host, const ChangeRecord *record, bool *ret_is_written, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstance *row;
    const char *path = cim_path_make(&arena, CLASS, "InstanceID", record->memory_id);
    bool ok = cim_session_get(host->session, NS_VIRTUALIZATION, path, &arena, &row, err);
    bool is_written = ok;
    for (size_t i = 0; ok && i < record->memory.count; i++) {
        const CimValue *found = cim_instance_find(row, record->memory.items[i].property);
        is_written = is_written && found != NULL && cim_value_equals(found, &record->memory.items[i].after);
    }
    if (ok)
        *ret_is_written = is_written;
    arena_release(&arena);
    return ok;
}
