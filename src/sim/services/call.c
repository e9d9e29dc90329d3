/* SPDX-License-Identifier: MIT */
#include "sim/services/call.h"

#include "base/compiler.h"
#include "base/utf.h"
#include "cim/cimxml.h"
#include "sim/store/vm_model.h"

#include <string.h>

const char *sim_call_text(const SimCall *call, const char *parameter)
{
    return cim_instance_text(call->in, parameter);
}

SimObject *sim_call_object(const SimCall *call, const char *parameter, const char *class_name)
{
    SimObject *object = sim_object_at(call->host, NS_VIRTUALIZATION, sim_call_text(call, parameter));
    return object != NULL && sim_object_is(object, class_name) ? object : NULL;
}

SimObject *sim_call_vm(const SimCall *call, const char *parameter)
{
    SimObject *vm = sim_call_object(call, parameter, "Msvm_ComputerSystem");
    return vm != NULL && sim_vm_is(vm) ? vm : NULL;
}

void sim_call_set_reference(SimCall *call, const char *parameter, const SimObject *object)
{
    const char *path = sim_object_path(call->host, object, call->arena);
    cim_instance_set(call->out, call->arena, parameter, cim_text(CIM_TYPE_REFERENCE, path));
}

void sim_call_set_references(SimCall *call, const char *parameter, const SimObjects *objects)
{
    const char **paths = ARENA_NEW_ARRAY(call->arena, const char *, objects->count);
    for (size_t i = 0; i < objects->count; i++)
        paths[i] = sim_object_path(call->host, objects->items[i], call->arena);
    cim_instance_set(call->out, call->arena, parameter,
                     cim_text_array(call->arena, CIM_TYPE_REFERENCE, paths, objects->count));
}

uint32_t sim_call_start_job(SimCall *call, SimJob *job)
{
    sim_job_start(call->host, job);
    sim_call_set_reference(call, "Job", sim_job_object(call->host, job));
    return SIM_RETURN_JOB;
}

static bool is_utf8(const CimValue *value)
{
    if (value->is_null || !cim_type_is_text(value->type))
        return true;
    for (size_t i = 0; value->is_array && i < value->array.count; i++) {
        if (!is_utf8(&value->array.items[i]))
            return false;
    }
    return value->is_array || utf8_is_valid(value->text, strlen(value->text));
}

/* A reference to half a character (&#xD800;) is no text that a state file could hold. */
static bool has_valid_texts(const CimInstance *instance)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (!is_utf8(&instance->properties[i].value))
            return false;
    }
    return true;
}

uint32_t sim_read_text(const SimHost *host, const char *text, Arena *arena, CimInstance **ret_instance)
{
    static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;" };
    Error ignored; /* the service tells no more than that it refuses the text */
    for (size_t i = 0; i < COUNT_OF(entities) && host->knobs.ampersand_entity_refused; i++) {
        if (strstr(text, entities[i]) != NULL)
            return SIM_RETURN_FAILED;
    }
    bool good = cimxml_read(text, arena, ret_instance, &ignored) && has_valid_texts(*ret_instance);
    return good ? SIM_RETURN_OK : SIM_RETURN_INVALID_PARAMETER;
}
