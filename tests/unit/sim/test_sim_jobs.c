/* SPDX-License-Identifier: MIT */
/* The life of jobs on the simulated host, and the knobs that change it. */
#include "unit/sim/sim_fixture.h"

#include "cim/cimxml.h"
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static uint64_t number_of(const CimInstance *row, const char *property)
{
    return cim_instance_uint(row, property, UINT64_MAX);
}

static const char *job_of(const CimInstance *out)
{
    const char *path = cim_instance_text(out, "Job");
    assert_non_null(path);
    return path;
}

static void test_progress(void **state)
{
    (void) state;
    open_sample(NULL, "\"jobMilliseconds\": 1000");
    const char *path = job_of(create_snapshot(PLAIN_VM, ""));
    static const struct {
        int64_t after_ms;
        uint64_t job_state, percent;
        const char *elapsed;
    } rows[] = {
        { 0, 4, 0, "00000000000000.000000:000" },      { 250, 4, 25, "00000000000000.250000:000" },
        { 999, 4, 99, "00000000000000.999000:000" },   { 1000, 7, 100, "00000000000001.000000:000" },
        { 60000, 7, 100, "00000000000001.000000:000" },
    };
    int64_t start_ms = sample.now_ms;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        sample.now_ms = start_ms + rows[i].after_ms;
        const CimInstance *job = row_at(path);
        assert_int_equal(number_of(job, "JobState"), rows[i].job_state);
        assert_int_equal(number_of(job, "PercentComplete"), rows[i].percent);
        assert_string_equal(cim_instance_text(job, "ElapsedTime"), rows[i].elapsed);
        assert_string_equal(cim_instance_text(job, "StartTime"), "20260701140509.000000+000");
        /* A query sees the same. */
        const char *wql = arena_printf(&sample.arena, "SELECT * FROM Msvm_ConcreteJob WHERE PercentComplete = %d AND "
                                                      "JobState = %d", (int) rows[i].percent, (int) rows[i].job_state);
        assert_int_equal(rows_of(wql).count, 1);
    }
    /* Five minutes after its end it is gone. */
    sample.now_ms = start_ms + 1000 + 5 * 60 * 1000 - 1;
    assert_true(is_there(path));
    sample.now_ms++;
    assert_false(is_there(path));
    assert_int_equal(rows_of("SELECT * FROM Msvm_AffectedJobElement").count, 0);
}

/* Whoever looks first after the end ends it, with the same result. */
static void test_ended_by_anybody(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    reopen_sample();
    sample.now_ms += 3600 * 1000;
    assert_int_equal(count_checkpoints(PLAIN_VM), 1);
    assert_false(is_there(job_of(out))); /* ended an hour ago */
    const CimInstance *checkpoint =
        row_of("SELECT * FROM Msvm_VirtualSystemSettingData WHERE VirtualSystemIdentifier = '" PLAIN_VM
               "' AND VirtualSystemType LIKE '%Snapshot%'");
    assert_string_equal(cim_instance_text(checkpoint, "CreationTime"), "20260701140509.000000+000");
}

/* Jobs end in the order of their due times, not all at once. */
static void test_order(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *start = request_state(PLAIN_VM, 2);
    sample.now_ms += 100;
    CimInstance *other = create_snapshot(LAB_VM, "");
    sample.now_ms += 310;
    assert_int_equal(number_of(row_at(job_of(start)), "JobState"), 7);
    assert_int_equal(number_of(row_at(job_of(other)), "JobState"), 4);
    assert_int_equal(number_of(row_at(job_of(other)), "PercentComplete"), 77);
}

static void test_associations(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    const char *vm_jobs = "ASSOCIATORS OF {" SYSTEM_PATH(PLAIN_VM) "} WHERE AssocClass = Msvm_AffectedJobElement";
    assert_string_equal(row_of(vm_jobs)->path, job_of(out));
    const char *references =
        arena_printf(&sample.arena, "REFERENCES OF {%s} WHERE ResultClass = Msvm_AffectedJobElement", job_of(out));
    size_t count;
    assert_int_equal(cim_instance_array(row_of(references), "ElementEffects", &count)[0].uint, 1);
    finish(out);
    CimInstanceList list = rows_of(references);
    assert_int_equal(list.count, 2);
    assert_int_equal(cim_instance_array(list.items[1], "ElementEffects", &count)[0].uint, 5);
    assert_string_equal(
        row_of(arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_OwningJobElement", job_of(out)))
            ->class_name,
        SNAPSHOTS);
    out = request_state(PLAIN_VM, 2);
    assert_string_equal(
        row_of(arena_printf(&sample.arena, "ASSOCIATORS OF {%s} WHERE AssocClass = Msvm_OwningJobElement", job_of(out)))
            ->class_name,
        MANAGEMENT);
}

static void test_failed_job(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(MY_VM, "");
    const CimInstance *job = row_at(job_of(out));
    assert_int_equal(number_of(job, "JobState"), 4); /* fails in its own time */
    assert_int_equal(number_of(job, "ErrorCode"), 0);
    assert_true(cim_instance_is_null(job, "ErrorDescription"));
    assert_true(cim_instance_is_null(call(job->path, "GetError", NULL), "Error"));
    job = finish(out);
    assert_int_equal(number_of(job, "JobState"), 10);
    assert_string_equal(
        cim_instance_text(job, "ErrorDescription"),
        "Checkpoint operation failed.\n\n"
        "Production checkpoints cannot be created for 'my vm'. (Virtual machine ID " MY_VM ")\n\n"
        "The operation cannot be performed on the virtual machine because it is assigned one or more GPUP "
        "partitions.");
    reopen_sample();
    size_t count;
    CimInstance *error;
    Error err;
    const CimValue *errors = cim_instance_array(call(job->path, "GetErrorEx", NULL), "Errors", &count);
    assert_int_equal(count, 3);
    assert_true(cimxml_read(errors[0].text, &sample.arena, &error, &err));
    assert_string_equal(error->class_name, "Msvm_Error");
    assert_string_equal(cim_instance_text(error, "Message"), "Checkpoint operation failed.");
    assert_string_equal(cim_instance_text(error, "MessageID"), "32775");
}

static void test_job_methods(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(PLAIN_VM, ""), *in = new_instance("__PARAMETERS");
    set_value(in, "RequestedState", cim_uint(CIM_TYPE_UINT16, 4));
    assert_int_equal(return_value(call(job_of(out), "RequestStateChange", in)), 32775); /* not cancellable */
    set_value(in, "RequestedState", cim_uint(CIM_TYPE_UINT16, 2));
    assert_int_equal(return_value(call(job_of(out), "RequestStateChange", in)), 32773);
    assert_int_equal(return_value(call(job_of(out), "KillJob", NULL)), 32770);
}

/* ---- knobs ---- */

static void test_at_once(void **state)
{
    (void) state;
    open_sample(NULL, "\"jobsFinishAtOnce\": true");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    assert_int_equal(return_value(out), 4096);
    assert_int_equal(number_of(row_at(job_of(out)), "JobState"), 7);
    assert_int_equal(count_checkpoints(PLAIN_VM), 1);
}

static void test_vanishing(void **state)
{
    (void) state;
    open_sample(NULL, "\"jobsVanish\": true");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    assert_true(is_there(job_of(out)));
    sample.now_ms += 400;
    assert_false(is_there(job_of(out)));
    assert_int_equal(count_checkpoints(PLAIN_VM), 1);
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"jobsVanish\": true, \"jobsFinishAtOnce\": true");
    out = create_snapshot(PLAIN_VM, "");
    assert_int_equal(return_value(out), 4096);
    assert_false(is_there(job_of(out)));
}

static void test_warnings(void **state)
{
    (void) state;
    open_sample(NULL, "\"jobsCompleteWithWarnings\": true");
    assert_int_equal(number_of(finish(create_snapshot(PLAIN_VM, "")), "JobState"), 32768);
    const CimInstance *job = finish(create_snapshot(MY_VM, ""));
    assert_int_equal(number_of(job, "JobState"), 10); /* a failure stays one */
    assert_int_equal(close_sample(NULL), 0);
    open_sample(NULL, "\"jobsCompleteWithWarnings\": true, \"jobWarningsHaveText\": true");
    job = finish(create_snapshot(PLAIN_VM, ""));
    assert_int_equal(number_of(job, "JobState"), 32768);
    assert_int_equal(number_of(job, "ErrorCode"), 0);
    assert_string_equal(cim_instance_text(job, "ErrorSummaryDescription"), "The job completed with warnings.");
    const char *text = cim_instance_text(job, "ErrorDescription");
    assert_non_null(strstr(text, "warnings.\n\nThe operation was completed, but"));
}

/* A clock that was set back does not make jobs negative. */
static void test_clock_set_back(void **state)
{
    (void) state;
    open_sample(NULL, "");
    CimInstance *out = create_snapshot(PLAIN_VM, "");
    sample.now_ms -= 3600 * 1000;
    const CimInstance *job = row_at(job_of(out));
    assert_int_equal(number_of(job, "JobState"), 4);
    assert_int_equal(number_of(job, "PercentComplete"), 0);
    sample.now_ms += 2 * 3600 * 1000;
    assert_int_equal(count_checkpoints(PLAIN_VM), 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, close_sample)
    const struct CMUnitTest tests[] = {
        TEST(test_progress),
        TEST(test_ended_by_anybody),
        TEST(test_order),
        TEST(test_associations),
        TEST(test_failed_job),
        TEST(test_job_methods),
        TEST(test_at_once),
        TEST(test_vanishing),
        TEST(test_warnings),
        TEST(test_clock_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
