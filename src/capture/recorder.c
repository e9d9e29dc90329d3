/* SPDX-License-Identifier: MIT */
#include "capture/recorder.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/utf.h"
#include "cim/schema.h"
#include "sim/store/registry.h"

#include <stdlib.h>
#include <string.h>

enum { ACCESS_DENIED = 5 };

typedef struct Recorder {
    CimSession base;
    CimSession *inner;
    Captured captured;
} Recorder;

/* ---- the registry ---- */

static bool has_value(const SimKey *key, const char *name)
{
    for (size_t i = 0; i < key->values.count; i++) {
        if (ascii_equals(key->values.items[i].name, name))
            return true;
    }
    return false;
}

static bool add_text(const Captured *captured, const char *text, StringList *texts)
{
    if (text == NULL || !utf8_is_valid(text, strlen(text)))
        return false;
    ARRAY_PUSH(&captured->host->arena, texts, arena_strdup(&captured->host->arena, text));
    return true;
}

/* False: it is no value that a state file can hold. */
static bool read_value(const Captured *captured, const char *method, const CimInstance *out, SimValue *value)
{
    StringList texts;
    if (ascii_equals(method, "GetDWORDValue")) {
        value->kind = SIM_VALUE_DWORD;
        value->number = (uint32_t) cim_instance_uint(out, "uValue", 0);
        return !cim_instance_is_null(out, "uValue");
    }
    if (!ascii_equals(method, "GetMultiStringValue")) {
        value->kind = SIM_VALUE_TEXT; /* variables in it have been expanded */
        return add_text(captured, cim_instance_text(out, "sValue"), &value->texts);
    }
    value->kind = SIM_VALUE_TEXTS;
    cim_instance_texts(out, "sValue", &captured->host->arena, &texts);
    for (size_t i = 0; i < texts.count; i++) {
        if (!add_text(captured, texts.items[i], &value->texts))
            return false;
    }
    return true;
}

static void record(const Captured *captured, const char *method, const CimInstance *in, const CimInstance *out)
{
    SimHost *host = captured->host;
    const char *path = cim_instance_text(in, "sSubKeyName"), *name = cim_instance_text(in, "sValueName");
    uint64_t result = cim_instance_uint(out, "ReturnValue", UINT64_MAX);
    if (path != NULL && result == ACCESS_DENIED)
        capture_leave_out(captured, path, name, "access denied");
    if (path == NULL || result != 0 || !utf8_is_valid(path, strlen(path)))
        return;
    SimKey *key = sim_registry_find(host, path);
    if (key == NULL)
        key = sim_registry_key(host, arena_strdup(&host->arena, path));
    if (name == NULL || ascii_equals(method, "EnumValues") || has_value(key, name))
        return;
    SimValue value = { .name = arena_strdup(&host->arena, name) };
    if (!utf8_is_valid(name, strlen(name)) || !read_value(captured, method, out, &value)) {
        capture_leave_out(captured, path, name, "no value that a state file can hold");
        return;
    }
    sim_key_add(host, key, value);
    captured->result->registry_values++;
}

/* ---- the session ---- */

static bool recorder_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                           Error *err)
{
    const Recorder *recorder = (const Recorder *) session;
    CimInstanceList rows;
    if (!cim_session_query(recorder->inner, ns, wql, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        if (ascii_equals(rows.items[i]->class_name, "CIM_DataFile"))
            (void) capture_row(&recorder->captured, ns, rows.items[i]);
    }
    *list = rows;
    return true;
}

static bool recorder_get(CimSession *session, const char *ns, const char *path, Arena *arena,
                         CimInstance **ret_instance, Error *err)
{
    return cim_session_get(((Recorder *) session)->inner, ns, path, arena, ret_instance, err);
}

static bool recorder_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                            const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err)
{
    const Recorder *recorder = (const Recorder *) session;
    if (!cim_session_invoke(recorder->inner, ns, path, method, in, arena, ret_out, err))
        return false;
    if (ascii_equals(path, "StdRegProv"))
        record(&recorder->captured, method, in, *ret_out);
    return true;
}

static void recorder_close(CimSession *session)
{
    free(session);
}

CimSession *recorder_create(CimSession *inner, const Captured *captured)
{
    static const CimSessionOps ops = {
        .name = "recorder",
        .query = recorder_query,
        .get = recorder_get,
        .invoke = recorder_invoke,
        .close = recorder_close,
    };
    Recorder *recorder = alloc_zeroed(sizeof(*recorder));
    cim_session_init(&recorder->base, &ops, inner->host, inner->clock);
    recorder->inner = inner;
    recorder->base.address_bits = inner->address_bits;
    recorder->captured = *captured;
    return &recorder->base;
}
