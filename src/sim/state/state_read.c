/* SPDX-License-Identifier: MIT */
/* A host from the text of a state file. Everything is checked here, so that the rest of the folder can rely on it:
 * types, keys, that each VM has its configuration, and that jobs hold what their end needs. Format:
 * docs/simulator.md. */
#include "sim/state/state.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/limits.h"
#include "sim/services/jobs.h"
#include "sim/services/services.h"
#include "sim/state/records.h"
#include "sim/store/host_model.h"
#include "sim/store/registry.h"
#include "sim/store/vm_model.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT_VERSION = 1, BUILD_MIN = 14393, BUILD_MAX = 99999, HOST_NAME_MAX_LENGTH = 255, ADDRESS_BITS_MAX = 63 };

static bool wrong(Error *err, const char *where, const char *what)
{
    return error_set(err, ERR_PROTOCOL, "%s: %s", where, what);
}

/* ---- values ---- */

static bool read_scalar(CimType type, const json_t *json, Arena *arena, CimValue *ret_value)
{
    Error ignored; /* the caller names the place */
    if (json_is_boolean(json)) {
        *ret_value = cim_boolean(json_is_true(json));
        return type == CIM_TYPE_BOOLEAN;
    }
    if (json_is_string(json))
        return cim_value_parse(type, json_string_value(json), arena, ret_value, &ignored);
    char number[32];
    if (json_is_integer(json))
        (void) snprintf(number, sizeof(number), "%" PRId64, (int64_t) json_integer_value(json));
    else if (json_is_real(json))
        (void) snprintf(number, sizeof(number), "%.17g", json_real_value(json));
    else
        return false;
    return !cim_type_is_text(type) && type != CIM_TYPE_CHAR16 &&
           cim_value_parse(type, number, arena, ret_value, &ignored);
}

static bool read_value(const CimPropertyDecl *decl, const json_t *json, Arena *arena, CimValue *ret_value)
{
    if (json_is_null(json)) {
        *ret_value = decl->is_array ? cim_null_array(decl->type) : cim_null(decl->type);
        return true;
    }
    if (!decl->is_array)
        return read_scalar(decl->type, json, arena, ret_value);
    size_t count = json_array_size(json);
    if (!json_is_array(json) || count > LIMIT_ARRAY_ITEMS)
        return false;
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_scalar(decl->type, json_array_get(json, i), arena, &items[i]))
            return false;
    }
    *ret_value = cim_array(decl->type, items, count);
    return true;
}

/* ---- instances ---- */

static bool read_properties(SimHost *host, SimObject *object, json_t *json, const char *where, Error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        if (strcmp(name, "class") == 0)
            continue;
        size_t index = sim_class_index(object->class, name);
        if (index == SIZE_MAX)
            return error_set(err, ERR_PROTOCOL, "%s: class '%s' has no property '%s' on build %u", where,
                             object->row.class_name, name, (unsigned) host->build);
        const CimPropertyDecl *decl = object->class->properties[index];
        if (!read_value(decl, value, &host->arena, &object->row.properties[index].value))
            return error_set(err, ERR_PROTOCOL, "%s: property '%s' is not %s %s%s", where, name,
                             decl->is_array ? "a list of" : "a", cim_type_name(decl->type),
                             decl->is_array ? "" : " value");
    }
    return true;
}

static bool read_instance(SimHost *host, const char *ns, json_t *json, const char *where, Error *err)
{
    const char *class_name = json_string_value(json_object_get(json, "class"));
    if (class_name == NULL)
        return wrong(err, where, "is no object with a 'class'");
    SimClass *class = sim_class_find(host, ns, class_name);
    if (class == NULL || class->decl->is_abstract || class->decl->is_association)
        return error_set(err, ERR_PROTOCOL, "%s: there are no instances of class '%s' on build %u", where, class_name,
                         (unsigned) host->build);
    SimObject *object = sim_object_create(host, class);
    if (!read_properties(host, object, json, where, err))
        return false;
    return sim_object_insert(host, object) || wrong(err, where, "lacks a key, or has the keys of another instance");
}

static bool read_namespace(SimHost *host, const char *ns, const json_t *json, Error *err)
{
    if (json != NULL && !json_is_array(json))
        return wrong(err, ns, "is not a list of instances");
    for (size_t i = 0; i < json_array_size(json); i++) {
        char where[128];
        (void) snprintf(where, sizeof(where), "instance %zu of '%s'", i + 1, ns);
        if (!read_instance(host, ns, json_array_get(json, i), where, err))
            return false;
    }
    return true;
}

/* Each VM has a current configuration, and both name each other. */
static bool check_vms(const SimHost *host, Error *err)
{
    SimWalk walk = sim_walk(host, "Msvm_ComputerSystem");
    for (const SimObject *vm; (vm = sim_walk_next(&walk)) != NULL;) {
        if (!sim_vm_is(vm))
            continue;
        const SimObject *settings = sim_vm_settings(host, vm);
        if (settings == NULL || !sim_settings_is_current(settings) || sim_settings_vm(host, settings) != vm)
            return error_set(err, ERR_PROTOCOL, "VM '%s' has no current configuration", sim_vm_guid(vm));
    }
    return true;
}

/* ---- jobs ---- */

/* It holds what its end needs. */
static bool job_is_complete(const SimJob *job)
{
    unsigned needs = job->type->needs;
    bool several_vms = (needs & SIM_JOB_TEXT) != 0 && (needs & SIM_JOB_SUBJECT) == 0;
    for (size_t i = 0; i < job->guids.count; i++) {
        if (!guid_is_valid(job->guids.items[i]))
            return false;
    }
    if (job->vm != NULL ? !guid_is_valid(job->vm) : !several_vms)
        return false;
    return ((needs & SIM_JOB_SUBJECT) == 0 || job->subject != NULL) &&
           ((needs & SIM_JOB_NAME) == 0 || job->name != NULL) &&
           ((needs & SIM_JOB_TEXT) == 0 || job->texts.count > 0) &&
           ((needs & SIM_JOB_GUID) == 0 || (job->guids.count > 0 && job->guids.count >= job->texts.count));
}

static bool take_failure(const FailureRecord *record, SimFailure *failure)
{
    if (record == NULL)
        return true;
    if (record->code == 0 || record->code > UINT16_MAX || record->layers.count > SIM_LAYERS_MAX)
        return false;
    failure->code = (uint16_t) record->code;
    for (; failure->count < record->layers.count; failure->count++)
        failure->layers[failure->count] = record->layers.items[failure->count];
    return true;
}

static bool take_job(SimHost *host, const JobRecord *record)
{
    SimJob *job = ARENA_NEW(&host->arena, SimJob);
    *job = (SimJob){
        .id = record->id,
        .type = sim_job_type_find(host, record->type),
        .start_ms = record->start_ms,
        .due_ms = record->due_ms,
        .end_ms = record->end_ms,
        .vm = record->vm,
        .subject = record->subject,
        .name = record->name,
        .texts = record->texts,
        .guids = record->guids,
        .from_state = record->from_state,
    };
    for (size_t i = 0; i < record->affected.count; i++)
        sim_job_affect(host, job, record->affected.items[i].path, (uint16_t) record->affected.items[i].effect);
    if (!guid_is_valid(job->id) || job->type == NULL || job->start_ms > job->due_ms || !job_is_complete(job) ||
        !take_failure(record->failure, &job->failure))
        return false;
    sim_job_add(host, job);
    return true;
}

static bool read_jobs(SimHost *host, const json_t *json, Error *err)
{
    if (json != NULL && !json_is_array(json))
        return wrong(err, "'jobs'", "is not a list");
    for (size_t i = 0; i < json_array_size(json); i++) {
        JobRecord record = { .id = NULL };
        if (!shape_read(&job_record_shape, json_array_get(json, i), &host->arena, &record, err))
            return error_prefix(err, "job %zu", i + 1);
        if (!take_job(host, &record))
            return error_set(err, ERR_PROTOCOL, "job %zu is of no kind of the host, or lacks what its end needs",
                             i + 1);
    }
    return true;
}

/* ---- the host ---- */

static bool read_knob(const SimKnobRow *row, const json_t *json, void *value)
{
    json_int_t number = json_integer_value(json);
    if (row->kind == SIM_KNOB_BOOLEAN) {
        *(bool *) value = json_is_true(json);
        return json_is_boolean(json);
    }
    if (row->kind == SIM_KNOB_NUMBER) {
        *(int64_t *) value = number;
        return json_is_integer(json) && number >= 0 && number <= SIM_KNOB_MAX;
    }
    unsigned choice = 0;
    while (json_is_string(json) && row->choices[choice] != NULL &&
           strcmp(row->choices[choice], json_string_value(json)) != 0)
        choice++;
    *(unsigned *) value = choice;
    return json_is_string(json) && row->choices[choice] != NULL;
}

static bool read_knobs(json_t *json, SimKnobs *knobs, Error *err)
{
    const char *name;
    json_t *value;
    if (json != NULL && !json_is_object(json))
        return wrong(err, "'knobs'", "is not an object");
    json_object_foreach(json, name, value)
    {
        size_t i = 0;
        while (i < sim_knob_row_count && strcmp(sim_knob_rows[i].name, name) != 0)
            i++;
        if (i == sim_knob_row_count)
            return error_set(err, ERR_PROTOCOL, "there is no knob '%s'", name);
        if (!read_knob(&sim_knob_rows[i], value, (char *) knobs + sim_knob_rows[i].offset))
            return error_set(err, ERR_PROTOCOL, "knob '%s' cannot have that value", name);
    }
    bool code_is_good = knobs->checkpoint_refusal_code > 0 && knobs->checkpoint_refusal_code <= UINT16_MAX;
    if (!code_is_good)
        return wrong(err, "knob 'checkpointRefusalCode'", "is no error code");
    return knobs->address_bits <= ADDRESS_BITS_MAX || wrong(err, "knob 'addressBits'", "is more than 63");
}

static bool check_members(json_t *json, Error *err)
{
    static const char *const members[] = { "hyperpointSim", "name",           "build",       "server",    "variant",
                                           "knobs",         "hiddenAdapters", "lastApplied", "instances", "jobs",
                                           "registry",      "drives",         "disks",       "guests",    "deliveries",
                                           "captured",      "files",          NULL };
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        size_t i = 0;
        while (members[i] != NULL && strcmp(members[i], name) != 0)
            i++;
        if (members[i] == NULL)
            return error_set(err, ERR_PROTOCOL, "there is no member '%s' in a simulated host", name);
    }
    json_t *instances = json_object_get(json, "instances");
    if (!json_is_object(instances))
        return wrong(err, "'instances'", "is missing or not an object");
    json_object_foreach(instances, name, value)
    {
        if (strcmp(name, NS_VIRTUALIZATION) != 0 && strcmp(name, NS_CIMV2) != 0)
            return error_set(err, ERR_PROTOCOL, "there is no namespace '%s' in a simulated host", name);
    }
    return true;
}

static bool read_head(json_t *json, SimHost **ret_host, Error *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    json_int_t build = json_integer_value(json_object_get(json, "build"));
    if (json_integer_value(json_object_get(json, "hyperpointSim")) != FORMAT_VERSION)
        return error_set(err, ERR_PROTOCOL, "this is no simulated host of format %d", FORMAT_VERSION);
    if (name == NULL || *name == '\0' || strlen(name) > HOST_NAME_MAX_LENGTH || strpbrk(name, "\\/\"'") != NULL)
        return wrong(err, "'name'", "is no computer name");
    if (build < BUILD_MIN || build > BUILD_MAX)
        return error_set(err, ERR_PROTOCOL, "'build' is not between %d and %d", BUILD_MIN, BUILD_MAX);
    if (!check_members(json, err))
        return false;
    SimKnobs knobs = sim_knobs_default((uint32_t) build);
    if (!read_knobs(json_object_get(json, "knobs"), &knobs, err))
        return false;
    bool has_hyperv = json_object_get(json_object_get(json, "instances"), NS_VIRTUALIZATION) != NULL;
    SimHost *host = sim_host_create(name, (uint32_t) build, has_hyperv, &knobs);
    sim_services_attach(host);
    *ret_host = host;
    return true;
}

static bool is_any(const char *text)
{
    (void) text;
    return true;
}

/* An object of texts; which names it may have is asked of the function. */
static bool read_map(SimHost *host, json_t *json, const char *where, bool (*is_name)(const char *), CimInstance *map,
                     Error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        if (!is_name(name) || !json_is_string(value))
            return error_set(err, ERR_PROTOCOL, "%s: '%s' has no place there, or is no text", where, name);
        cim_instance_set(map, &host->arena, arena_strdup(&host->arena, name),
                         cim_string(arena_strdup(&host->arena, json_string_value(value))));
    }
    return json == NULL || json_is_object(json) || wrong(err, where, "is not an object");
}

/* Text: REG_SZ; list: REG_MULTI_SZ; number: REG_DWORD; {"expand": text}: REG_EXPAND_SZ. */
static bool read_registry_value(SimHost *host, json_t *json, SimValue *value)
{
    const char *text = json_string_value(json_is_object(json) ? json_object_get(json, "expand") : json);
    if (json_is_array(json)) {
        value->kind = SIM_VALUE_TEXTS;
        for (size_t i = 0; i < json_array_size(json); i++) {
            const char *item = json_string_value(json_array_get(json, i));
            if (item == NULL)
                return false;
            ARRAY_PUSH(&host->arena, &value->texts, arena_strdup(&host->arena, item));
        }
        return true;
    }
    if (json_is_integer(json)) {
        json_int_t number = json_integer_value(json);
        value->kind = SIM_VALUE_DWORD;
        value->number = (uint32_t) number;
        return number >= 0 && number <= UINT32_MAX;
    }
    if (text == NULL)
        return false;
    value->kind = json_is_object(json) ? SIM_VALUE_EXPAND : SIM_VALUE_TEXT;
    ARRAY_PUSH(&host->arena, &value->texts, arena_strdup(&host->arena, text));
    return true;
}

static bool read_registry(SimHost *host, json_t *json, Error *err)
{
    const char *path, *name;
    json_t *values, *json_value;
    if (json != NULL && !json_is_object(json))
        return wrong(err, "'registry'", "is not an object");
    json_object_foreach(json, path, values)
    {
        if (!json_is_object(values))
            return error_set(err, ERR_PROTOCOL, "registry key '%s' is not an object", path);
        SimKey *key = sim_registry_key(host, arena_strdup(&host->arena, path));
        json_object_foreach(values, name, json_value)
        {
            SimValue value = { .name = arena_strdup(&host->arena, name) };
            if (!read_registry_value(host, json_value, &value))
                return error_set(err, ERR_PROTOCOL, "registry value '%s' of '%s' is none", name, path);
            sim_key_add(host, key, value);
        }
    }
    return true;
}

static bool read_body(SimHost *host, json_t *json, Error *err)
{
    json_t *instances = json_object_get(json, "instances");
    if (!shape_read(&host_record_shape, json, &host->arena, host, err))
        return false;
    return read_registry(host, json_object_get(json, "registry"), err) &&
           read_map(host, json_object_get(json, "lastApplied"), "'lastApplied'", guid_is_valid, host->last_applied,
                    err) &&
           read_map(host, json_object_get(json, "disks"), "'disks'", is_any, host->disk_parents, err) &&
           read_namespace(host, NS_CIMV2, json_object_get(instances, NS_CIMV2), err) &&
           read_namespace(host, NS_VIRTUALIZATION, json_object_get(instances, NS_VIRTUALIZATION), err) &&
           check_vms(host, err) && read_jobs(host, json_object_get(json, "jobs"), err);
}

bool sim_host_read(const char *text, size_t size, SimHost **ret_host, Error *err)
{
    json_error_t cause;
    SimHost *host = NULL;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &cause);
    if (json == NULL)
        return error_set(err, ERR_PROTOCOL, "line %d, column %d: %s", cause.line, cause.column, cause.text);
    bool ok = json_is_object(json) ? read_head(json, &host, err) : wrong(err, "line 1", "this is no JSON object");
    ok = ok && read_body(host, json, err);
    json_decref(json);
    if (!ok) {
        sim_host_destroy(host);
        return false;
    }
    host->changes = 0;
    *ret_host = host;
    return true;
}
