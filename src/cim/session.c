/* SPDX-License-Identifier: MIT */
/* What all back ends share: argument checks, refusal after a cancel, trace, counting, limits. */
#include "cim/session.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/str.h"
#include "cim/cimxml.h"
#include "cim/path.h"

/* One verb under way, for its trace. */
typedef struct Call {
    CimSession *session;
    const char *verb;
    const char *ns;
    const char *what;
    int64_t start_us;
} Call;

void cim_session_init(CimSession *session, const CimSessionOps *ops, const char *host, Clock *clock)
{
    CHECK(ops->name != NULL && ops->query != NULL && ops->get != NULL && ops->invoke != NULL && ops->close != NULL);
    CHECK(host != NULL && clock != NULL);
    *session = (CimSession){ .ops = ops, .host = host, .clock = clock };
}

/* Nothing may be sent once the user has interrupted, unless things are being put back. */
static bool call_begin(Call *call, uint64_t *counter, Error *err)
{
    CimSession *session = call->session;
    CHECK(call->ns != NULL && call->what != NULL);
    if (cancel_is_requested(&session->cancel))
        return error_set(err, ERR_CANCELLED, "interrupted");
    ++*counter;
    if (session->trace != NULL)
        call->start_us = session->clock->ticks_us(session->clock);
    return true;
}

static void call_end(const Call *call, size_t rows, const Error *err_or_null)
{
    CimSession *session = call->session;
    if (session->trace != NULL)
        session->trace->call(session->trace, call->verb, call->ns, call->what,
                             session->clock->ticks_us(session->clock) - call->start_us, rows, err_or_null);
}

static bool query(const char *verb, uint64_t *counter, CimSession *session, const char *ns, const char *wql,
                  Arena *arena, CimInstanceList *ret_list, Error *err)
{
    Call call = { .session = session, .verb = verb, .ns = ns, .what = wql };
    CimInstanceList list = { .items = NULL };
    if (!call_begin(&call, counter, err))
        return false;
    bool done = session->ops->query(session, ns, wql, arena, &list, err);
    if (done && list.count > LIMIT_QUERY_ROWS)
        done = error_set(err, ERR_PROTOCOL, "more than %d rows answer the query '%s'", LIMIT_QUERY_ROWS, wql);
    call_end(&call, list.count, done ? NULL : err);
    if (done)
        *ret_list = list;
    return done;
}

bool cim_session_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *ret_list,
                       Error *err)
{
    return query("query", &session->round_trips, session, ns, wql, arena, ret_list, err);
}

static bool get(const char *verb, uint64_t *counter, CimSession *session, const char *ns, const char *path,
                Arena *arena, CimInstance **ret_instance, Error *err)
{
    Call call = { .session = session, .verb = verb, .ns = ns, .what = path };
    if (!call_begin(&call, counter, err))
        return false;
    bool done = session->ops->get(session, ns, path, arena, ret_instance, err);
    call_end(&call, done, done ? NULL : err);
    return done;
}

bool cim_session_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                     Error *err)
{
    return get("get", &session->round_trips, session, ns, path, arena, ret_instance, err);
}

bool cim_session_poll(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                      Error *err)
{
    return get("poll", &session->polls, session, ns, path, arena, ret_instance, err);
}

static void append_term(Str *query, const char *keyword, const char *class_name)
{
    if (class_name == NULL)
        return;
    CHECK(cim_name_is_valid(class_name));
    str_append(query, keyword);
    str_append(query, class_name);
}

static bool associators_query(const char *path, const char *assoc_class, const char *result_class, Arena *arena,
                              const char **ret_wql, Error *err)
{
    Str text;
    str_init(&text, LIMIT_WQL_BYTES);
    str_append(&text, "ASSOCIATORS OF {");
    str_append(&text, path);
    str_append(&text, assoc_class != NULL || result_class != NULL ? "} WHERE" : "}");
    append_term(&text, " AssocClass = ", assoc_class);
    append_term(&text, " ResultClass = ", result_class);
    return str_finish(&text, arena, ret_wql, err);
}

bool cim_session_associators(CimSession *session, const char *ns, const char *path, const char *assoc_class,
                             const char *result_class, Arena *arena, CimInstanceList *ret_list, Error *err)
{
    const char *wql;
    return associators_query(path, assoc_class, result_class, arena, &wql, err) &&
           cim_session_query(session, ns, wql, arena, ret_list, err);
}

bool cim_session_poll_results(CimSession *session, const char *ns, const char *job_path, const char *result_class,
                              Arena *arena, CimInstanceList *ret_list, Error *err)
{
    const char *wql;
    return associators_query(job_path, "Msvm_AffectedJobElement", result_class, arena, &wql, err) &&
           query("poll", &session->polls, session, ns, wql, arena, ret_list, err);
}

/* ---- embedded instances: methods take them as text (DSP0201) ---- */

static bool text_of(const CimValue *value, Arena *arena, CimValue *ret_value, Error *err)
{
    const char *text;
    if (!cimxml_write(value->instance, arena, &text, err))
        return false;
    *ret_value = cim_string(text);
    return true;
}

static bool texts_of(const CimValue *value, Arena *arena, CimValue *ret_value, Error *err)
{
    if (value->is_null) {
        *ret_value = value->is_array ? cim_null_array(CIM_TYPE_STRING) : cim_null(CIM_TYPE_STRING);
        return true;
    }
    if (!value->is_array)
        return text_of(value, arena, ret_value, err);
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, value->array.count);
    for (size_t i = 0; i < value->array.count; i++) {
        if (!text_of(&value->array.items[i], arena, &items[i], err))
            return false;
    }
    *ret_value = cim_array(CIM_TYPE_STRING, items, value->array.count);
    return true;
}

static bool with_texts(const CimInstance *in, Arena *arena, const CimInstance **ret_in, Error *err)
{
    if (in == NULL) {
        *ret_in = NULL;
        return true;
    }
    CimInstance *copy = cim_instance_create(arena, in->class_name);
    for (size_t i = 0; i < in->count; i++) {
        CimValue value = in->properties[i].value;
        if (value.type == CIM_TYPE_INSTANCE && !texts_of(&in->properties[i].value, arena, &value, err))
            return false;
        cim_instance_set(copy, arena, in->properties[i].name, value);
    }
    *ret_in = copy;
    return true;
}

bool cim_session_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                        const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err)
{
    CHECK(path != NULL && cim_name_is_valid(method));
    Call call = { .session = session, .verb = "invoke", .ns = ns, .what = arena_printf(arena, "%s %s", path, method) };
    const CimInstance *parameters;
    if (!with_texts(in, arena, &parameters, err) || !call_begin(&call, &session->round_trips, err))
        return false;
    bool done = session->ops->invoke(session, ns, path, method, parameters, arena, ret_out, err);
    call_end(&call, done, done ? NULL : err);
    return done;
}

bool cim_session_identify(CimSession *session, Arena *arena, const char **ret_name, Error *err)
{
    const char *name = NULL;
    Error failure;
    if (session->ops->identify != NULL && !session->ops->identify(session, arena, &name, &failure)) {
        name = NULL;
        if (failure.code != ERR_UNSUPPORTED) { /* without Hyper-V there is nothing to name; the first verb tells so */
            *err = failure;
            return false;
        }
    }
    *ret_name = name;
    return true;
}

void cim_session_close(CimSession *session)
{
    if (session != NULL)
        session->ops->close(session);
}
