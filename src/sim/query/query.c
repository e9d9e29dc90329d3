/* SPDX-License-Identifier: MIT */
/* Answers queries and gets. Which error a mistake gives: Windows SDK, "WMI Error Constants"; cim/session.h says which
 * of our codes each has. */
#include "sim/query/query.h"

#include "base/ascii.h"
#include "cim/status.h"
#include "cim/wql.h"
#include "sim/query/associations.h"
#include "sim/query/rows.h"
#include "sim/services/jobs.h"
#include "sim/store/lookup.h"

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
        const CimInstance *row = sim_live_row(host, class->objects.items[i], &scratch);
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
    return sim_not_found(path, err);
}

bool sim_host_get(SimHost *host, int64_t now_ms, const char *ns, const char *path, Arena *arena,
                  CimInstance **ret_instance, Error *err)
{
    sim_jobs_advance(host, now_ms);
    if (!sim_check_namespace(host, ns, err))
        return false;
    CimPath parsed;
    if (!cim_path_parse(path, arena, &parsed, err))
        return sim_invalid_path(path, err);
    const SimClass *class = sim_class_find(host, ns, parsed.class_name);
    if (class != NULL && class->decl->is_association && !sim_is_hidden(host, ns))
        return get_association(host, class, path, arena, ret_instance, err);
    SimObject *object = NULL;
    if (!sim_check_object(host, ns, path, &object, err))
        return false;
    *ret_instance = sim_row(host, object, arena);
    return true;
}
