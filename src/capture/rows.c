/* SPDX-License-Identifier: MIT */
#include "capture/rows.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"
#include "capture/taken.h"
#include "platform/text.h"
#include "sim/store/vm_model.h"

#include <string.h>

/* ---- what is left out ---- */

void capture_leave_out(const Captured *captured, const char *what, const char *name, const char *why)
{
    CaptureResult *result = captured->result;
    LeftOut *entry = NULL;
    for (size_t i = 0; entry == NULL && i < result->left_out.count; i++) {
        LeftOut *known = &result->left_out.items[i];
        if (strcmp(known->why, why) == 0 && ascii_equals(known->what, what) &&
            (known->names.count > 0) == (name != NULL))
            entry = known;
    }
    if (entry == NULL) {
        LeftOut added = { .what = arena_strdup(captured->arena, what), .why = arena_strdup(captured->arena, why) };
        ARRAY_PUSH(captured->arena, &result->left_out, added);
        entry = &result->left_out.items[result->left_out.count - 1];
    }
    entry->count++;
    if (name != NULL && !text_list_has(&entry->names, name))
        ARRAY_PUSH(captured->arena, &entry->names, arena_strdup(captured->arena, name));
}

bool capture_is_over(const Error *err)
{
    return err->code == ERR_UNREACHABLE || err->code == ERR_CANCELLED || err->code == ERR_TIMEOUT;
}

/* ---- values ---- */

/* The state file holds texts of UTF-8, and a reader has to have room for them. */
static bool is_storable(const char *text)
{
    size_t size = strlen(text);
    return size <= LIMIT_CAPTURE_TEXT && utf8_is_valid(text, size);
}

/* By way of the text, which is what a state file is read from. */
static bool take_scalar(const Captured *captured, CimType type, const CimValue *value, CimValue *ret_value)
{
    Error ignored; /* the caller tells what was left out */
    if (value->type == CIM_TYPE_INSTANCE || type == CIM_TYPE_INSTANCE)
        return false;
    const char *text = cim_value_format(value, &captured->host->arena);
    return is_storable(text) && cim_value_parse(type, text, &captured->host->arena, ret_value, &ignored);
}

static bool take_value(const Captured *captured, const CimPropertyDecl *decl, const CimValue *value,
                       CimValue *ret_value)
{
    if (value->is_null) {
        *ret_value = decl->is_array ? cim_null_array(decl->type) : cim_null(decl->type);
        return true;
    }
    if (value->is_array != decl->is_array)
        return false;
    if (!decl->is_array)
        return take_scalar(captured, decl->type, value, ret_value);
    if (value->array.count > LIMIT_ARRAY_ITEMS)
        return false;
    CimValue *items = ARENA_NEW_ARRAY(&captured->host->arena, CimValue, value->array.count);
    for (size_t i = 0; i < value->array.count; i++) {
        if (!take_scalar(captured, decl->type, &value->array.items[i], &items[i]))
            return false;
    }
    *ret_value = cim_array(decl->type, items, value->array.count);
    return true;
}

/* ---- rows ---- */

static void set_nulls(SimObject *object)
{
    for (size_t i = 0; i < object->class->count; i++) {
        const CimPropertyDecl *decl = object->class->properties[i];
        object->row.properties[i].value = decl->is_array ? cim_null_array(decl->type) : cim_null(decl->type);
    }
}

static bool is_passed(const Captured *captured, const char *class_name, const CimProperty *property)
{
    for (size_t i = 0; i < passed_property_count; i++) {
        const PassedProperty *passed = &passed_properties[i];
        if (!ascii_equals(passed->class_name, class_name) || !ascii_equals(passed->property, property->name))
            continue;
        if (!property->value.is_null)
            capture_leave_out(captured, class_name, property->name, passed->why);
        return true;
    }
    return false;
}

static void take_properties(const Captured *captured, const CimInstance *row, SimObject *object)
{
    set_nulls(object);
    for (size_t i = 0; i < row->count; i++) {
        const CimProperty *property = &row->properties[i];
        size_t index = sim_class_index(object->class, property->name);
        if (is_passed(captured, row->class_name, property))
            continue;
        if (index == SIZE_MAX && !ascii_starts_with(property->name, "__"))
            capture_leave_out(captured, row->class_name, property->name, "unknown to the simulated host");
        if (index != SIZE_MAX && !take_value(captured, object->class->properties[index], &property->value,
                                             &object->row.properties[index].value))
            capture_leave_out(captured, row->class_name, property->name, "no value that a state file can hold");
    }
}

static CapturedClass *find_class(const Captured *captured, const char *class_name)
{
    CaptureResult *result = captured->result;
    size_t i = 0;
    while (i < result->classes.count && strcmp(result->classes.items[i].class_name, class_name) != 0)
        i++;
    if (i == result->classes.count)
        ARRAY_PUSH(captured->arena, &result->classes, ((CapturedClass){ .class_name = class_name }));
    return &result->classes.items[i];
}

void capture_tell_class(const Captured *captured, const char *class_name)
{
    (void) find_class(captured, class_name);
}

bool capture_row(const Captured *captured, const char *ns, const CimInstance *row)
{
    SimClass *class = sim_class_find(captured->host, ns, row->class_name);
    if (class == NULL || class->decl->is_abstract || class->decl->is_association) {
        capture_leave_out(captured, row->class_name, NULL, "a class that is unknown to the simulated host");
        return false;
    }
    const char *id = cim_instance_text(row, "InstanceID");
    if (id != NULL && ascii_starts_with(id, SIM_DEFINITION_PREFIX))
        return false; /* a template, of which the simulated host has its own */
    SimObject *object = sim_object_create(captured->host, class);
    take_properties(captured, row, object);
    if (!sim_object_insert(captured->host, object)) {
        capture_leave_out(captured, row->class_name, NULL, "a row without a key, or twice the same");
        return false;
    }
    find_class(captured, class->decl->name)->rows++;
    captured->result->rows++;
    return true;
}

/* ---- how they hang together ---- */

static SimObject *find_torn_vm(const SimHost *host)
{
    SimWalk walk = sim_walk(host, "Msvm_ComputerSystem");
    for (SimObject *vm; (vm = sim_walk_next(&walk)) != NULL;) {
        const SimObject *settings = sim_vm_is(vm) ? sim_vm_settings(host, vm) : NULL;
        if (sim_vm_is(vm) &&
            (settings == NULL || !sim_settings_is_current(settings) || sim_settings_vm(host, settings) != vm))
            return vm;
    }
    return NULL;
}

void capture_drop_torn_vms(const Captured *captured)
{
    for (SimObject *vm; (vm = find_torn_vm(captured->host)) != NULL;) {
        capture_leave_out(captured, "Msvm_ComputerSystem", NULL, "a VM whose configuration the host does not show");
        sim_object_remove(captured->host, vm);
    }
}

static const char *file_of(const SimObject *disk)
{
    const CimValue *files = sim_object_value(disk, "HostResource");
    return files != NULL && !files->is_null && files->array.count > 0 ? files->array.items[0].text : NULL;
}

static void link_disks_of(SimHost *host, const SimObject *settings, const SimObject *parent, Arena *scratch)
{
    static const char class_name[] = "Msvm_StorageAllocationSettingData";
    SimObjects disks = sim_settings_resources(host, settings, class_name, scratch);
    SimObjects below = sim_settings_resources(host, parent, class_name, scratch);
    for (size_t i = 0; i < disks.count; i++) {
        for (size_t k = 0; k < below.count; k++) {
            const char *file = file_of(disks.items[i]), *base = file_of(below.items[k]);
            const char *device = sim_resource_device(disks.items[i]), *other = sim_resource_device(below.items[k]);
            if (file == NULL || base == NULL || device == NULL || other == NULL || ascii_equals(file, base) ||
                !ascii_equals(device, other))
                continue;
            cim_instance_set(host->disk_parents, &host->arena, file, cim_string(base));
        }
    }
}

void capture_link_disks(const Captured *captured)
{
    Arena scratch = ARENA_INIT;
    SimWalk walk = sim_walk(captured->host, "Msvm_VirtualSystemSettingData");
    for (const SimObject *settings; (settings = sim_walk_next(&walk)) != NULL;) {
        const SimObject *parent = sim_object_at(captured->host, NS_VIRTUALIZATION, sim_object_text(settings, "Parent"));
        if (parent != NULL && sim_object_is(parent, "Msvm_VirtualSystemSettingData"))
            link_disks_of(captured->host, settings, parent, &scratch);
    }
    arena_release(&scratch);
}
