/* SPDX-License-Identifier: MIT */
/* Answers queries and gets. Which error a mistake gives: Windows SDK, "WMI Error Constants"; session.h says which of
 * our codes each has. */
#include "cim/sim/query.h"

#include "base/ascii.h"
#include "cim/session.h"
#include "cim/sim/associations.h"
#include "cim/sim/guest.h"
#include "cim/sim/jobs.h"
#include "cim/sim/vm_model.h"
#include "cim/wql.h"

#include <string.h>

bool sim_check_namespace(const SimHost *host, const char *ns, Error *err)
{
    if (cim_namespace_equals(ns, NS_CIMV2) || (cim_namespace_equals(ns, NS_VIRTUALIZATION) && host->has_hyperv))
        return true;
    return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_NAMESPACE,
                            "the host has no namespace '%s'", ns);
}

bool sim_is_hidden(const SimHost *host, const char *ns)
{
    return host->knobs.no_rights && cim_namespace_equals(ns, NS_VIRTUALIZATION);
}

bool sim_check_class(const SimHost *host, const char *ns, const char *name, SimClass **ret_class, Error *err)
{
    SimClass *class = sim_class_find(host, ns, name);
    if (class == NULL)
        return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_CLASS,
                                "the host has no class '%s'", name);
    *ret_class = class;
    return true;
}

/* ---- rows ---- */

/* A row to be changed: shallow copy. */
static CimInstance *copy_row(const SimObject *object, Arena *arena)
{
    CimInstance *copy = arena_memdup(arena, &object->row, sizeof(object->row));
    copy->properties = arena_memdup(arena, object->row.properties, object->row.count * sizeof(CimProperty));
    copy->capacity = copy->count;
    return copy;
}

/* The object's row with what depends on the time of the call. */
static const CimInstance *live_row(const SimHost *host, const SimObject *object, Arena *arena)
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
    CimInstance *row = cim_instance_copy(live_row(host, object, arena), arena);
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

/* ---- SELECT ---- */

static bool check_name(const SimClass *class, const char *name, Error *err)
{
    if (ascii_starts_with(name, "__") || cim_class_property(class->decl, name) != NULL) {
        if (ascii_starts_with(name, "__") || sim_class_index(class, name) != SIZE_MAX)
            return true;
    }
    return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_QUERY,
                            "class '%s' has no property '%s' on this host", class->decl->name, name);
}

static bool check_condition(const SimClass *class, const WqlExpression *where, Error *err)
{
    if (where == NULL)
        return true;
    if (where->property != NULL)
        return check_name(class, where->property, err);
    return check_condition(class, where->left, err) && check_condition(class, where->right, err);
}

static void select_objects(const SimHost *host, const SimClass *class, const WqlQuery *query, Arena *arena,
                           CimInstanceList *list)
{
    Arena scratch = ARENA_INIT;
    ArenaMark mark = arena_mark(&scratch);
    for (size_t i = 0; i < class->objects.count; i++) {
        const CimInstance *row = live_row(host, class->objects.items[i], &scratch);
        if (query->where == NULL || wql_matches(query->where, row))
            sim_append_row(host, class, row, &query->columns, arena, list);
        arena_reset(&scratch, mark);
    }
    arena_release(&scratch);
}

static bool select_rows(const SimHost *host, const char *ns, const WqlQuery *query, Arena *arena,
                        CimInstanceList *list, Error *err)
{
    SimClass *from = NULL;
    if (!sim_check_class(host, ns, query->class_name, &from, err) || !check_condition(from, query->where, err))
        return false;
    for (size_t i = 0; i < query->columns.count; i++) {
        if (!check_name(from, query->columns.items[i], err))
            return false;
    }
    for (size_t i = 0; i < host->class_count && !sim_is_hidden(host, ns); i++) {
        const SimClass *class = &host->classes[i];
        if (!cim_namespace_equals(class->decl->ns, ns) || !sim_class_is_a(class, from->decl->name))
            continue;
        if (class->decl->is_association)
            sim_association_rows(host, class, query, arena, list);
        else
            select_objects(host, class, query, arena, list);
    }
    return true;
}

bool sim_host_query(SimHost *host, int64_t now_ms, const char *ns, const char *wql, Arena *arena,
                    CimInstanceList *list, Error *err)
{
    WqlQuery query;
    sim_jobs_advance(host, now_ms);
    if (!sim_check_namespace(host, ns, err))
        return false;
    if (!wql_parse(wql, arena, &query, err)) {
        err->source = ERROR_SOURCE_HRESULT;
        err->native = WMI_E_INVALID_QUERY;
        return false;
    }
    if (query.kind == WQL_SELECT)
        return select_rows(host, ns, &query, arena, list, err);
    return sim_association_query(host, ns, &query, arena, list, err);
}

/* ---- by path ---- */

static bool invalid_path(const char *text, Error *err)
{
    return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_OBJECT_PATH,
                            "'%s' is not the path of an object", text);
}

static bool not_found(const char *text, Error *err)
{
    return error_set_native(err, ERR_NOT_FOUND, ERROR_SOURCE_HRESULT, WMI_E_NOT_FOUND, "the host has no '%s'", text);
}

/* Unverified: that WMI takes an unknown class in a path for an invalid class, and keys that are not the class's for
 * an invalid path. */
bool sim_check_object(const SimHost *host, const char *ns, const char *text, SimObject **ret_object, Error *err)
{
    Arena scratch = ARENA_INIT;
    CimPath path;
    SimClass *class = NULL;
    const char *keys[SIM_KEYS_MAX];
    size_t count = 0;
    SimObject *object = NULL;
    bool ok = cim_path_parse(text, &scratch, &path, err) || invalid_path(text, err);
    ok = ok && sim_check_class(host, ns, path.class_name, &class, err);
    ok = ok && (sim_path_keys(class, &path, keys, &count) || invalid_path(text, err));
    if (ok && !sim_is_hidden(host, ns))
        object = sim_object_find(host, class, keys, count);
    arena_release(&scratch);
    if (!ok)
        return false;
    if (object == NULL)
        return not_found(text, err);
    *ret_object = object;
    return true;
}

/* An association has no object; its row is looked for among all rows. */
static bool get_association(const SimHost *host, const SimClass *class, const char *path, Arena *arena,
                            CimInstance **ret_instance, Error *err)
{
    CimInstanceList list = { .items = NULL };
    sim_association_rows(host, class, &(WqlQuery){ .kind = WQL_SELECT }, arena, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (cim_path_equals(list.items[i]->path, path)) {
            *ret_instance = list.items[i];
            return true;
        }
    }
    return not_found(path, err);
}

bool sim_host_get(SimHost *host, int64_t now_ms, const char *ns, const char *path, Arena *arena,
                  CimInstance **ret_instance, Error *err)
{
    sim_jobs_advance(host, now_ms);
    if (!sim_check_namespace(host, ns, err))
        return false;
    CimPath parsed;
    if (!cim_path_parse(path, arena, &parsed, err))
        return invalid_path(path, err);
    const SimClass *class = sim_class_find(host, ns, parsed.class_name);
    if (class != NULL && class->decl->is_association && !sim_is_hidden(host, ns))
        return get_association(host, class, path, arena, ret_instance, err);
    SimObject *object = NULL;
    if (!sim_check_object(host, ns, path, &object, err))
        return false;
    *ret_instance = sim_row(host, object, arena);
    return true;
}
