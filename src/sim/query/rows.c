/* SPDX-License-Identifier: MIT */
#include "sim/query/rows.h"

#include "base/ascii.h"
#include "sim/services/guest.h"
#include "sim/services/jobs.h"
#include "sim/store/vm_model.h"

#include <string.h>

/* A row to be changed: shallow copy. */
static CimInstance *copy_row(const SimObject *object, Arena *arena)
{
    CimInstance *copy = arena_memdup(arena, &object->row, sizeof(object->row));
    copy->properties = arena_memdup(arena, object->row.properties, object->row.count * sizeof(CimProperty));
    copy->capacity = copy->count;
    return copy;
}

const CimInstance *sim_live_row(const SimHost *host, const SimObject *object, Arena *arena)
{
    const SimJob *job = sim_job_of(host, object);
    int64_t since;
    if (job != NULL && job->end_ms == 0) {
        CimInstance *row = copy_row(object, arena);
        sim_job_show_progress(host, job, row, arena);
        return row;
    }
    if (sim_guest_shows_contact(object)) {
        CimInstance *row = copy_row(object, arena);
        sim_guest_show_contact(host, object, row, arena);
        return row;
    }
    if (strcmp(object->row.class_name, "Msvm_ComputerSystem") == 0 && sim_vm_state(object) == SIM_STATE_RUNNING &&
        cim_datetime_parse(sim_object_text(object, "TimeOfLastStateChange"), &since) && since <= host->now_ms) {
        CimInstance *row = copy_row(object, arena);
        cim_instance_set(row, arena, "OnTimeInMilliseconds",
                         cim_uint(CIM_TYPE_UINT64, (uint64_t) (host->now_ms - since)));
        return row;
    }
    return &object->row;
}

CimInstance *sim_row(const SimHost *host, const SimObject *object, Arena *arena)
{
    CimInstance *row = cim_instance_copy(sim_live_row(host, object, arena), arena);
    row->path = sim_object_path(host, object, arena);
    return row;
}

static bool has_column(const StringList *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (ascii_equals(columns->items[i], name))
            return true;
    }
    return columns->count == 0;
}

void sim_append_row(const SimHost *host, const SimClass *class, const CimInstance *row, const StringList *columns,
                    Arena *arena, CimInstanceList *list)
{
    CimInstance *copy = cim_instance_create(arena, row->class_name);
    bool has_keys = true;
    copy->properties = ARENA_NEW_ARRAY(arena, CimProperty, row->count);
    copy->capacity = row->count;
    for (size_t i = 0; i < row->count; i++) {
        const CimProperty *property = &row->properties[i];
        if (has_column(columns, property->name))
            copy->properties[copy->count++] =
                (CimProperty){ .name = property->name, .value = cim_value_copy(&property->value, arena) };
        else if (class->is_key[i])
            has_keys = false;
    }
    if (has_keys)
        copy->path = sim_path_of(host, class, row, arena);
    ARRAY_PUSH(arena, list, copy);
}
