/* SPDX-License-Identifier: MIT */
/* What the session's wrapper adds to a back end: counting, trace, refusal after a cancel, the row limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cim/cimxml.h"
#include "cim/session.h"
#include "platform/process.h"

#include <stdlib.h>
#include <string.h>

/* A back end that answers every call the same way and remembers it. */
typedef struct Fake {
    CimSession session;
    Clock clock;
    CimTrace trace;
    int64_t ticks_us;
    bool fails;
    size_t rows;
    CimInstance row;
    const CimInstance *in;
    int calls, closes;
    Arena arena; /* keeps what was said */
    const char *said;
    const char *traced;
} Fake;

static Fake *fake_from(CimSession *session)
{
    return (Fake *) (void *) session;
}

static bool answer(Fake *fake, const char *said, Error *err)
{
    fake->calls++;
    fake->ticks_us += 250;
    fake->said = said;
    return fake->fails ? error_set_native(err, ERR_REMOTE, ERROR_SOURCE_HRESULT, 7, "no luck") : true;
}

static bool fake_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                       Error *err)
{
    Fake *fake = fake_from(session);
    for (size_t i = 0; i < fake->rows; i++)
        ARRAY_PUSH(arena, list, &fake->row);
    return answer(fake, arena_printf(&fake->arena, "query|%s|%s", ns, wql), err);
}

static bool fake_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                     Error *err)
{
    (void) arena;
    Fake *fake = fake_from(session);
    if (!answer(fake, arena_printf(&fake->arena, "get|%s|%s", ns, path), err))
        return false;
    *ret_instance = &fake->row;
    return true;
}

static bool fake_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                        const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err)
{
    (void) arena;
    Fake *fake = fake_from(session);
    fake->in = in;
    if (!answer(fake, arena_printf(&fake->arena, "invoke|%s|%s|%s", ns, path, method), err))
        return false;
    *ret_out = &fake->row;
    return true;
}

static void fake_close(CimSession *session)
{
    fake_from(session)->closes++;
}

static int64_t fake_ticks(Clock *clock)
{
    Fake *fake = (Fake *) (void *) ((char *) clock - offsetof(Fake, clock));
    return fake->ticks_us;
}

static void fake_trace(CimTrace *trace, const char *verb, const char *ns, const char *what, int64_t elapsed_us,
                       size_t rows, const Error *err_or_null)
{
    Fake *fake = (Fake *) (void *) ((char *) trace - offsetof(Fake, trace));
    fake->traced = arena_printf(&fake->arena, "%s|%s|%s|%d us|%zu|%s", verb, ns, what, (int) elapsed_us, rows,
                                err_or_null == NULL ? "ok" : err_or_null->message);
}

static const CimSessionOps fake_ops = {
    .name = "fake",
    .query = fake_query,
    .get = fake_get,
    .invoke = fake_invoke,
    .close = fake_close,
};

static int setup(void **state)
{
    Fake *fake = calloc(1, sizeof(*fake));
    fake->clock.ticks_us = fake_ticks;
    cim_session_init(&fake->session, &fake_ops, "fake:", &fake->clock);
    fake->trace.call = fake_trace;
    fake->session.trace = &fake->trace;
    fake->rows = 2;
    *state = fake;
    return 0;
}

static int teardown(void **state)
{
    Fake *fake = *state;
    arena_release(&fake->arena);
    free(fake);
    return 0;
}

static void each_verb_reaches_the_back_end(void **state)
{
    Fake *fake = *state;
    CimSession *session = &fake->session;
    CimInstanceList list;
    CimInstance *instance = NULL;
    CimInstance in = { .class_name = "" };
    Error err;
    assert_true(cim_session_query(session, "ns", "SELECT * FROM C", &fake->arena, &list, &err));
    assert_int_equal(list.count, 2);
    assert_ptr_equal(list.items[1], &fake->row);
    assert_string_equal(fake->said, "query|ns|SELECT * FROM C");
    assert_string_equal(fake->traced, "query|ns|SELECT * FROM C|250 us|2|ok");

    assert_true(cim_session_get(session, "ns", "C.A=1", &fake->arena, &instance, &err));
    assert_ptr_equal(instance, &fake->row);
    assert_string_equal(fake->said, "get|ns|C.A=1");
    assert_string_equal(fake->traced, "get|ns|C.A=1|250 us|1|ok");

    instance = NULL;
    assert_true(cim_session_invoke(session, "ns", "C.A=1", "Do", &in, &fake->arena, &instance, &err));
    assert_ptr_equal(instance, &fake->row);
    assert_non_null(fake->in);
    assert_string_equal(fake->said, "invoke|ns|C.A=1|Do");
    assert_string_equal(fake->traced, "invoke|ns|C.A=1 Do|250 us|1|ok");
    assert_true(session->round_trips == 3 && session->polls == 0);
}

static void a_poll_is_no_round_trip(void **state)
{
    Fake *fake = *state;
    CimInstance *instance;
    Error err;
    assert_true(cim_session_poll(&fake->session, "ns", "Job", &fake->arena, &instance, &err));
    assert_string_equal(fake->said, "get|ns|Job");
    assert_string_equal(fake->traced, "poll|ns|Job|250 us|1|ok");
    assert_true(fake->session.round_trips == 0 && fake->session.polls == 1);
}

static void associators_become_a_query(void **state)
{
    Fake *fake = *state;
    static const struct {
        const char *assoc_class, *result_class, *query;
    } cases[] = {
        { NULL, NULL, "query|ns|ASSOCIATORS OF {C.A=\"x\"}" },
        { "Assoc", NULL, "query|ns|ASSOCIATORS OF {C.A=\"x\"} WHERE AssocClass = Assoc" },
        { NULL, "Result", "query|ns|ASSOCIATORS OF {C.A=\"x\"} WHERE ResultClass = Result" },
        { "Assoc", "Result", "query|ns|ASSOCIATORS OF {C.A=\"x\"} WHERE AssocClass = Assoc ResultClass = Result" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CimInstanceList list;
        Error err;
        assert_true(cim_session_associators(&fake->session, "ns", "C.A=\"x\"", cases[i].assoc_class,
                                            cases[i].result_class, &fake->arena, &list, &err));
        assert_string_equal(fake->said, cases[i].query);
        assert_int_equal(list.count, 2);
    }
    assert_true(fake->session.round_trips == COUNT_OF(cases));
}

static void a_path_too_long_for_a_query(void **state)
{
    Fake *fake = *state;
    CimInstanceList list;
    Error err;
    char *path = arena_alloc(&fake->arena, LIMIT_WQL_BYTES + 1);
    memset(path, 'x', LIMIT_WQL_BYTES);
    assert_false(cim_session_associators(&fake->session, "ns", path, NULL, NULL, &fake->arena, &list, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(fake->calls, 0);
}

static void a_failure_leaves_the_outputs_alone(void **state)
{
    Fake *fake = *state;
    CimInstanceList list = { .items = NULL };
    CimInstance *instance = NULL;
    Error err;
    fake->fails = true;
    assert_false(cim_session_query(&fake->session, "ns", "q", &fake->arena, &list, &err));
    assert_int_equal(list.count, 0); /* although the back end had rows */
    assert_int_equal(err.native, 7);
    assert_string_equal(fake->traced, "query|ns|q|250 us|2|no luck");
    assert_false(cim_session_get(&fake->session, "ns", "C", &fake->arena, &instance, &err));
    assert_string_equal(fake->traced, "get|ns|C|250 us|0|no luck");
    assert_false(cim_session_invoke(&fake->session, "ns", "C", "Do", NULL, &fake->arena, &instance, &err));
    assert_string_equal(fake->traced, "invoke|ns|C Do|250 us|0|no luck");
    assert_null(instance);
    assert_true(fake->session.round_trips == 3);
}

/* Whatever the back end: methods take embedded instances as text. */
static void embedded_instances_become_texts(void **state)
{
    Fake *fake = *state;
    Arena *arena = &fake->arena;
    Error err = { .code = ERR_NONE };
    CimInstance *inner = cim_instance_create(arena, "Inner"), *in = cim_instance_create(arena, ""), *out;
    cim_instance_set(inner, arena, "Name", cim_string("a & b"));
    CimValue inners[] = { cim_embedded(inner), cim_embedded(inner) };
    const char *text;
    assert_true(cimxml_write(inner, arena, &text, &err));
    cim_instance_set(in, arena, "One", inners[0]);
    cim_instance_set(in, arena, "Two", cim_array(CIM_TYPE_INSTANCE, inners, 2));
    cim_instance_set(in, arena, "None", cim_null(CIM_TYPE_INSTANCE));
    cim_instance_set(in, arena, "NoList", cim_null_array(CIM_TYPE_INSTANCE));
    cim_instance_set(in, arena, "Number", cim_uint(CIM_TYPE_UINT16, 7));
    assert_true(cim_session_invoke(&fake->session, "ns", "X.Name=\"1\"", "Do", in, arena, &out, &err));
    assert_string_equal(cim_instance_text(fake->in, "One"), text);
    assert_string_equal(cim_instance_find(fake->in, "Two")->array.items[1].text, text);
    assert_int_equal(cim_instance_find(fake->in, "None")->type, CIM_TYPE_STRING);
    assert_true(cim_instance_is_null(fake->in, "None") && cim_instance_is_null(fake->in, "NoList"));
    assert_int_equal(cim_instance_uint(fake->in, "Number", 0), 7);
    assert_int_equal(cim_instance_find(in, "One")->type, CIM_TYPE_INSTANCE); /* the caller's stay as they are */
    assert_true(cim_session_invoke(&fake->session, "ns", "X.Name=\"1\"", "Do", NULL, arena, &out, &err));
    assert_null(fake->in);
}

static void a_cancel_stops_every_verb(void **state)
{
    Fake *fake = *state;
    CimSession *session = &fake->session;
    Arena *arena = &fake->arena;
    CimInstanceList list;
    CimInstance *instance;
    Error errors[5];
    Cancel all = { .parent = NULL };
    session->cancel.parent = &all;
    cancel_request(&all);
    assert_false(cim_session_query(session, "ns", "q", arena, &list, &errors[0]));
    assert_false(cim_session_get(session, "ns", "C", arena, &instance, &errors[1]));
    assert_false(cim_session_poll(session, "ns", "C", arena, &instance, &errors[2]));
    assert_false(cim_session_invoke(session, "ns", "C", "Do", NULL, arena, &instance, &errors[3]));
    assert_false(cim_session_associators(session, "ns", "C", NULL, NULL, arena, &list, &errors[4]));
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        assert_int_equal(errors[i].code, ERR_CANCELLED);
    assert_int_equal(fake->calls, 0);
    assert_null(fake->traced);
    assert_true(session->round_trips == 0 && session->polls == 0);

    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&session->cancel);
    assert_non_null(shielded);
    assert_true(cim_session_invoke(session, "ns", "C", "Do", NULL, arena, &instance, &errors[0]));
    assert_int_equal(fake->calls, 1);
}

static void too_many_rows_are_an_error(void **state)
{
    Fake *fake = *state;
    CimInstanceList list = { .items = NULL };
    Error err;
    fake->rows = LIMIT_QUERY_ROWS;
    assert_true(cim_session_query(&fake->session, "ns", "q", &fake->arena, &list, &err));
    list = (CimInstanceList){ .items = NULL };
    fake->rows++;
    assert_false(cim_session_query(&fake->session, "ns", "q", &fake->arena, &list, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_int_equal(list.count, 0);
}

static void works_without_a_trace(void **state)
{
    Fake *fake = *state;
    CimInstanceList list;
    Error err;
    fake->session.trace = NULL;
    assert_true(cim_session_query(&fake->session, "ns", "q", &fake->arena, &list, &err));
    assert_null(fake->traced);
}

static void closing(void **state)
{
    Fake *fake = *state;
    cim_session_close(NULL);
    cim_session_close(&fake->session);
    assert_int_equal(fake->closes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_verb_reaches_the_back_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_poll_is_no_round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(associators_become_a_query, setup, teardown),
        cmocka_unit_test_setup_teardown(a_path_too_long_for_a_query, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_leaves_the_outputs_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(embedded_instances_become_texts, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancel_stops_every_verb, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_rows_are_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(works_without_a_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(closing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
