/* SPDX-License-Identifier: MIT */
#include "contract/contract_fixture.h"

#include "cim/schema.h"

static const ContractFactory *current_factory;
static Fixture fixture;

void use_factory(const ContractFactory *factory)
{
    current_factory = factory;
}

int open_fixture(void **state)
{
    fixture = (Fixture){ .factory = current_factory };
    fixture.session = current_factory->open(current_factory->context);
    *state = &fixture;
    return fixture.session == NULL;
}

int close_fixture(void **state)
{
    Fixture *f = *state;
    arena_release(&f->arena);
    f->factory->close(f->factory->context, f->session);
    return 0;
}

/* ---- short forms; each fails the test when the call fails ---- */

CimInstanceList query_in(Fixture *f, const char *ns, const char *wql)
{
    CimInstanceList list = { .items = NULL };
    if (!cim_session_query(f->session, ns, wql, &f->arena, &list, &f->err))
        fail_msg("%s: %s", wql, f->err.message);
    return list;
}

CimInstanceList query(Fixture *f, const char *wql)
{
    return query_in(f, NS_VIRTUALIZATION, wql);
}

CimInstance *one(Fixture *f, const char *wql)
{
    CimInstanceList list = query(f, wql);
    if (list.count != 1)
        fail_msg("%s: %zu rows", wql, list.count);
    return list.items[0];
}

CimInstance *get(Fixture *f, const char *path)
{
    CimInstance *instance = NULL;
    if (!cim_session_get(f->session, NS_VIRTUALIZATION, path, &f->arena, &instance, &f->err))
        fail_msg("%s: %s", path, f->err.message);
    return instance;
}

const char *service(Fixture *f, const char *class_name)
{
    return one(f, arena_printf(&f->arena, "SELECT * FROM %s", class_name))->path;
}

CimInstance *invoke(Fixture *f, const char *path, const char *method, const CimInstance *in)
{
    CimInstance *out = NULL;
    if (!cim_session_invoke(f->session, NS_VIRTUALIZATION, path, method, in, &f->arena, &out, &f->err))
        fail_msg("%s: %s", method, f->err.message);
    return out;
}

CimInstance *parameters(Fixture *f)
{
    return cim_instance_create(&f->arena, "__PARAMETERS");
}

void set(Fixture *f, CimInstance *instance, const char *name, CimValue value)
{
    cim_instance_set(instance, &f->arena, name, value);
}

uint64_t return_value(const CimInstance *out)
{
    const CimValue *value = cim_instance_find(out, "ReturnValue");
    assert_non_null(value);
    assert_false(value->is_null);
    assert_int_equal(value->type, CIM_TYPE_UINT32);
    return value->uint;
}

/* Waits for the job of an answer and gives its last state. */
CimInstance *wait_for_job(Fixture *f, const CimInstance *out)
{
    const char *path = cim_instance_text(out, "Job");
    assert_non_null(path);
    for (int polls = 0; polls < 1000; polls++) {
        CimInstance *job = NULL;
        if (!cim_session_poll(f->session, NS_VIRTUALIZATION, path, &f->arena, &job, &f->err))
            fail_msg("%s: %s", path, f->err.message);
        if (cim_instance_uint(job, "JobState", 0) >= 7)
            return job;
        assert_in_range(cim_instance_uint(job, "PercentComplete", 101), 0, 99);
        f->session->clock->sleep_ms(f->session->clock, 50);
    }
    fail_msg("job does not end");
    return NULL;
}

const CimValue *value_of(const CimInstance *row, const char *name, CimType type, bool is_array)
{
    const CimValue *value = cim_instance_find(row, name);
    if (value == NULL)
        fail_msg("%s has no '%s'", row->class_name, name);
    assert_int_equal(value->type, type);
    assert_int_equal(value->is_array, is_array);
    return value;
}

CimInstanceList associators(Fixture *f, const char *path, const char *assoc_class, const char *result_class)
{
    CimInstanceList list = { .items = NULL };
    if (!cim_session_associators(f->session, NS_VIRTUALIZATION, path, assoc_class, result_class, &f->arena, &list,
                                 &f->err))
        fail_msg("%s: %s", path, f->err.message);
    return list;
}

CimInstance *vm_settings_named(Fixture *f, const char *name)
{
    CimInstance *settings = cim_instance_create(&f->arena, "Msvm_VirtualSystemSettingData");
    set(f, settings, "ElementName", cim_string(name));
    return settings;
}
