/* SPDX-License-Identifier: MIT */
#include "present/update.h"

#include "json/document.h"
#include "present/result.h"

#include <inttypes.h>

static const char *const outcome_names[] = {
    [UPDATE_FAILED] = "failed",       [UPDATE_PLANNED] = "planned", [UPDATE_CURRENT] = "current",
    [UPDATE_INSTALLED] = "installed", [UPDATE_WAITING] = "waiting", [UPDATE_BROUGHT] = "brought",
};

static const Field driver_fields[] = {
    FIELD_TEXT(UpdatedDriver, name, "package", .flags = FIELD_NULLABLE),
    FIELD_TEXT(UpdatedDriver, version, "version"),
    FIELD_TEXTS(UpdatedDriver, gpus, "gpus"),
    FIELD_UINT64(UpdatedDriver, size, "size"),
    FIELD_NAME(UpdatedDriver, outcome, outcome_names, "outcome"),
};
const Shape updated_driver_shape = SHAPE(UpdatedDriver, driver_fields);

static json_t *write_why(const void *record)
{
    return json_text(((const LeftOutGpu *) record)->why.message);
}

/* A warning tells of it in text. */
static const Field left_out_fields[] = {
    FIELD_TEXT(LeftOutGpu, name, "gpu"),
    FIELD_OF_RECORD(write_why, NULL, "why"),
};
const Shape left_out_gpu_shape = SHAPE(LeftOutGpu, left_out_fields);

/* ---- the guest ---- */

static json_t *write_problem(const void *record)
{
    int64_t problem = ((const GuestAgent *) record)->report.problem;
    return problem >= 0 ? json_integer(problem) : json_null();
}

static json_t *write_windows(const void *record)
{
    return json_string(((const GuestAgent *) record)->report.windows);
}

static json_t *write_program(const void *record)
{
    return json_string(((const GuestAgent *) record)->report.program);
}

static json_t *write_may_update(const void *record)
{
    return json_boolean(((const GuestAgent *) record)->report.update);
}

static json_t *write_may_restart(const void *record)
{
    return json_boolean(((const GuestAgent *) record)->report.restart);
}

static json_t *write_packages(const void *record)
{
    const GuestAgent *agent = record;
    json_t *array = json_array();
    for (size_t i = 0; i < agent->package_count; i++) {
        json_t *row = json_object();
        json_put(row, "driverVersion", json_string(agent->packages[i].driver));
        json_put(row, "manifest", json_string(agent->packages[i].sha256));
        json_put(row, "files", json_integer((json_int_t) agent->packages[i].files));
        json_push(array, row);
    }
    return array;
}

static const Field agent_fields[] = {
    FIELD_OF_RECORD(write_program, NULL, "program"),      FIELD_OF_RECORD(write_windows, NULL, "windows"),
    FIELD_OF_RECORD(write_may_update, NULL, "mayUpdate"), FIELD_OF_RECORD(write_may_restart, NULL, "mayRestart"),
    FIELD_OF_RECORD(write_problem, NULL, "problem"),      FIELD_OF_RECORD(write_packages, NULL, "packages"),
};
const Shape guest_agent_shape = SHAPE(GuestAgent, agent_fields);

const char *guest_agent_gpu(const GuestAgent *agent, Arena *arena)
{
    int64_t problem = agent->report.problem;
    if (problem == 0)
        return "works";
    if (problem == EXCHANGE_GPU_NONE)
        return "is not there";
    if (problem == EXCHANGE_GPU_UNKNOWN)
        return "may work or not: the guest cannot tell";
    return arena_printf(arena, "does not work (problem code %" PRId64 ")", problem);
}

/* ---- what was done ---- */

static const char *gpu_of(const UpdatedDriver *driver)
{
    return driver->gpus.count > 0 ? driver->gpus.items[0] : "the GPU";
}

static void show_driver(Output *output, const UpdateReport *report, const UpdatedDriver *driver, Arena *arena)
{
    const char *gpu = gpu_of(driver);
    const char *vm = report->vm_name;
    switch ((UpdateOutcome) driver->outcome) {
    case UPDATE_CURRENT:
        output_done(output, "The guest of VM '%s' has the driver of %s already: %s\n", vm, gpu, driver->version);
        break;
    case UPDATE_INSTALLED:
        output_done(output, "Installed in the guest of VM '%s': the driver of %s, %s (before: %s)\n", vm, gpu,
                    driver->version, guest_agent_versions(&report->before, arena));
        break;
    case UPDATE_WAITING:
        output_done(output,
                    "Brought into the guest of VM '%s': the driver of %s, %s (before: %s); it is in use when the guest "
                    "has been restarted\n",
                    vm, gpu, driver->version, guest_agent_versions(&report->before, arena));
        break;
    case UPDATE_BROUGHT:
        output_done(output, "Brought into the guest of VM '%s': the driver of %s, %s (%s.zip)\n", vm, gpu,
                    driver->version, driver->name);
        break;
    case UPDATE_PLANNED: /* told as a plan of all */
    case UPDATE_FAILED:
        break;
    }
}

static void plan_updates(Output *output, const UpdateReport *report, Arena *arena)
{
    StringList steps = { 0 };
    if (report->may_restart && report->before.waiting[0] != '\0')
        ARRAY_PUSH(arena, &steps, "restart the guest: drivers that were brought before wait for that");
    for (size_t i = 0; i < report->drivers.count; i++) {
        const UpdatedDriver *driver = &report->drivers.items[i];
        if (driver->outcome != UPDATE_PLANNED)
            continue;
        ARRAY_PUSH(arena, &steps,
                   arena_printf(arena, "make the package of the driver of %s: %s", gpu_of(driver), driver->version));
        ARRAY_PUSH(arena, &steps, "switch the guest services on, if they are off, and copy the package into the guest");
        ARRAY_PUSH(arena, &steps, arena_printf(arena, "have the guest install it (it has: %s)",
                                               guest_agent_versions(&report->before, arena)));
        if (report->may_restart)
            ARRAY_PUSH(arena, &steps, "restart the guest, if its GPU or files in use need that");
        ARRAY_PUSH(arena, &steps, "put the guest services back");
    }
    if (steps.count > 0)
        output_result(output, "Plan for VM '%s' (nothing is changed):\n", report->vm_name);
    for (size_t i = 0; i < steps.count; i++)
        output_result(output, "  %zu. %s\n", i + 1, steps.items[i]);
}

/* ---- what was brought to be installed by hand ---- */

/* In a shell of either kind: what stands between the signs is the command interpreter's. */
static const char *brought_command(const UpdateReport *report, Arena *arena)
{
    return arena_printf(arena, "cmd /c %s\\installdrivers -SERVICE offer", report->folder);
}

static void plan_bringing(Output *output, const UpdateReport *report, Arena *arena)
{
    const char *versions = "";
    for (size_t i = 0; i < report->drivers.count; i++) {
        const UpdatedDriver *driver = &report->drivers.items[i];
        versions = arena_printf(arena, "%s%s%s of %s", versions, i > 0 ? ", " : "", driver->version,
                                gpu_of(driver));
    }
    output_result(output,
                  "Plan for VM '%s', whose guest has no service that updates it (nothing is changed):\n"
                  "  1. make the packages of the drivers: %s\n"
                  "  2. switch the guest services on, if they are off, and copy the packages and installdrivers.exe "
                  "into a folder in the guest\n"
                  "  3. put the guest services back, and tell what to type in the guest\n",
                  report->vm_name, versions);
}

static void show_brought(Output *output, const UpdateReport *report, Arena *arena)
{
    output_result(output,
                  "Type in the guest, as administrator:\n  %s\n"
                  "It installs the drivers, and asks whether to set up the service that does so from now on; after "
                  "that the folder can be removed. If there is no such folder, the guest was not ready: try again\n",
                  brought_command(report, arena));
}

static json_t *write_folder(const void *record)
{
    return json_text(((const UpdateReport *) record)->folder);
}

static json_t *write_command(const void *record)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(brought_command(record, &arena));
    arena_release(&arena);
    return json;
}

static const Field brought_fields[] = {
    FIELD_OF_RECORD(write_folder, NULL, "folder"),
    FIELD_OF_RECORD(write_command, NULL, "command"),
};
const Shape brought_shape = SHAPE(UpdateReport, brought_fields);

void present_update(Output *output, const UpdateReport *report)
{
    Arena arena = ARENA_INIT;
    present_members(output, "drivers", &updated_driver_shape, &report->drivers);
    present_members(output, "leftOut", &left_out_gpu_shape, &report->left_out);
    json_put(output_json(output), "gone", json_integer((json_int_t) report->gone));
    if (report->has_agent)
        present_member(output, "guest", &guest_agent_shape, &report->after);
    json_put(output_json(output), "restarted", json_boolean(report->was_restarted));
    if (report->ending == ENDING_DONE && report->folder != NULL)
        present_member(output, "brought", &brought_shape, report);
    for (size_t i = 0; i < report->drivers.count; i++)
        show_driver(output, report, &report->drivers.items[i], &arena);
    if (report->ending == ENDING_PLANNED && report->folder != NULL)
        plan_bringing(output, report, &arena);
    else if (report->ending == ENDING_PLANNED)
        plan_updates(output, report, &arena);
    else if (report->ending == ENDING_DONE && report->folder != NULL)
        show_brought(output, report, &arena);
    else if (report->ending == ENDING_DONE || report->ending == ENDING_NOT_NEEDED)
        output_done(output, "The guest's GPU %s\n", guest_agent_gpu(&report->after, &arena));
    if (report->was_started)
        output_done(output, "VM '%s' %s\n", report->vm_name,
                    report->was_stopped ? "was started for this, and has been shut down again" : "has been started");
    arena_release(&arena);
}
