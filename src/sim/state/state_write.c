/* SPDX-License-Identifier: MIT */
/* A host as the text of a state file. Format: docs/simulator.md. What is as the defaults say is left out; 64-bit
 * integers are decimal strings, because not every reader of JSON keeps them. */
#include "sim/state/state.h"

#include "base/check.h"
#include "sim/services/jobs.h"
#include "sim/state/records.h"
#include "sim/store/host_model.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Takes the value over; a NULL in it (text that is not UTF-8) makes the whole NULL in the end. */
static void put(json_t *object, const char *name, json_t *value, bool *good)
{
    if (json_object_set_new(object, name, value) != 0)
        *good = false;
}

static void push(json_t *array, json_t *value, bool *good)
{
    if (json_array_append_new(array, value) != 0)
        *good = false;
}

/* ---- values ---- */

static json_t *write_scalar(const CimValue *value)
{
    Arena scratch = ARENA_INIT;
    json_t *json;
    if (value->type == CIM_TYPE_BOOLEAN)
        json = json_boolean(value->boolean);
    else if (cim_type_is_signed(value->type) && value->type != CIM_TYPE_SINT64)
        json = json_integer(value->sint);
    else if (cim_type_is_unsigned(value->type) && value->type != CIM_TYPE_UINT64)
        json = json_integer((json_int_t) value->uint);
    else
        json = json_string(cim_value_format(value, &scratch));
    arena_release(&scratch);
    return json;
}

static json_t *write_value(const CimValue *value, bool *good)
{
    if (value->is_null)
        return json_null();
    if (!value->is_array)
        return write_scalar(value);
    json_t *array = json_array();
    for (size_t i = 0; i < value->array.count; i++)
        push(array, write_scalar(&value->array.items[i]), good);
    return array;
}

static json_t *write_object(const SimObject *object, bool *good)
{
    json_t *json = json_object();
    put(json, "class", json_string(object->row.class_name), good);
    for (size_t i = 0; i < object->row.count; i++) {
        const CimProperty *property = &object->row.properties[i];
        if (!cim_value_equals(&property->value, &object->class->defaults[i].value))
            put(json, property->name, write_value(&property->value, good), good);
    }
    return json;
}

static json_t *write_namespace(const SimHost *host, const char *ns, bool *good)
{
    json_t *array = json_array();
    for (size_t i = 0; i < host->class_count; i++) {
        const SimClass *class = &host->classes[i];
        if (!cim_namespace_equals(class->decl->ns, ns))
            continue;
        for (size_t k = 0; k < class->objects.count; k++)
            push(array, write_object(class->objects.items[k], good), good);
    }
    return array;
}

/* ---- knobs ---- */

static json_t *write_knob(const SimKnobRow *row, const void *value)
{
    if (row->kind == SIM_KNOB_BOOLEAN)
        return json_boolean(*(const bool *) value);
    if (row->kind == SIM_KNOB_NUMBER)
        return json_integer(*(const int64_t *) value);
    return json_string(row->choices[*(const unsigned *) value]);
}

static json_t *write_knobs(const SimHost *host, bool *good)
{
    json_t *json = json_object();
    SimKnobs defaults = sim_knobs_default(host->build);
    for (size_t i = 0; i < sim_knob_row_count; i++) {
        const SimKnobRow *row = &sim_knob_rows[i];
        json_t *value = write_knob(row, (const char *) &host->knobs + row->offset);
        json_t *usual = write_knob(row, (const char *) &defaults + row->offset);
        if (!json_equal(value, usual))
            put(json, row->name, json_incref(value), good);
        json_decref(value);
        json_decref(usual);
    }
    return json;
}

/* ---- jobs ---- */

static json_t *write_job(const SimJob *job)
{
    Arena scratch = ARENA_INIT;
    FailureRecord failure = { .code = job->failure.code };
    JobRecord record = {
        .id = job->id,
        .type = job->type->name,
        .start_ms = job->start_ms,
        .due_ms = job->due_ms,
        .end_ms = job->end_ms,
        .vm = job->vm,
        .subject = job->subject,
        .name = job->name,
        .from_state = (uint32_t) job->from_state,
        .texts = job->texts,
        .guids = job->guids,
        .failure = failure.code != 0 ? &failure : NULL,
    };
    for (size_t i = 0; i < job->failure.count; i++)
        ARRAY_PUSH(&scratch, &failure.layers, job->failure.layers[i]);
    for (size_t i = 0; i < job->affected.count; i++) {
        AffectedRecord item = { .path = job->affected.items[i].path, .effect = job->affected.items[i].effect };
        ARRAY_PUSH(&scratch, &record.affected, item);
    }
    json_t *json = shape_write(&job_record_shape, &record);
    arena_release(&scratch);
    return json;
}

/* ---- the file ---- */

static json_t *write_map(const CimInstance *map, bool *good)
{
    json_t *json = json_object();
    for (size_t i = 0; i < map->count; i++) {
        const CimProperty *property = &map->properties[i];
        put(json, property->name, json_string(property->value.text), good);
    }
    return json;
}

static json_t *write_registry_texts(const StringList *list, bool *good)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        push(array, json_string(list->items[i]), good);
    return array;
}

static json_t *write_registry_value(const SimValue *value, bool *good)
{
    if (value->kind == SIM_VALUE_DWORD)
        return json_integer(value->number);
    if (value->kind == SIM_VALUE_TEXTS)
        return write_registry_texts(&value->texts, good);
    json_t *text = json_string(value->texts.items[0]);
    if (value->kind == SIM_VALUE_TEXT)
        return text;
    json_t *json = json_object();
    put(json, "expand", text, good);
    return json;
}

static json_t *write_registry(const SimHost *host, bool *good)
{
    json_t *json = json_object();
    for (size_t i = 0; i < host->registry.count; i++) {
        const SimKey *key = &host->registry.items[i];
        json_t *values = json_object();
        for (size_t j = 0; j < key->values.count; j++)
            put(values, key->values.items[j].name, write_registry_value(&key->values.items[j], good), good);
        put(json, key->path, values, good);
    }
    return json;
}

static json_t *write_host(const SimHost *host, bool *good)
{
    json_t *json = json_object(), *instances = json_object(), *jobs = json_array();
    put(json, "hyperpointSim", json_integer(1), good);
    put(json, "name", json_string(host->name), good);
    put(json, "build", json_integer(host->build), good);
    shape_write_into(&host_record_shape, host, json);
    put(json, "knobs", write_knobs(host, good), good);
    put(json, "lastApplied", write_map(host->last_applied, good), good);
    if (host->has_hyperv)
        put(instances, NS_VIRTUALIZATION, write_namespace(host, NS_VIRTUALIZATION, good), good);
    put(instances, NS_CIMV2, write_namespace(host, NS_CIMV2, good), good);
    put(json, "instances", instances, good);
    for (size_t i = 0; i < host->jobs.count; i++)
        push(jobs, write_job(host->jobs.items[i]), good);
    put(json, "jobs", jobs, good);
    if (host->disk_parents->count > 0)
        put(json, "disks", write_map(host->disk_parents, good), good);
    put(json, "registry", write_registry(host, good), good);
    return json;
}

bool sim_host_write(const SimHost *host, Arena *arena, const char **ret_text, size_t *ret_size, Error *err)
{
    bool good = true;
    json_t *json = write_host(host, &good);
    char *text = good ? json_dumps(json, JSON_INDENT(1)) : NULL;
    json_decref(json);
    if (text == NULL)
        return error_set(err, ERR_INVALID, "the simulated host holds a text that is not UTF-8");
    size_t size = strlen(text);
    char *whole = arena_alloc(arena, size + 2); /* it is large, and written often */
    memcpy(whole, text, size);
    whole[size] = '\n';
    free(text);
    *ret_text = whole;
    *ret_size = size + 1;
    return true;
}
