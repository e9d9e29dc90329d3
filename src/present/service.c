/* SPDX-License-Identifier: MIT */
#include "present/service.h"

#include "present/result.h"

static const char *const outcome_names[] = {
    [SERVICE_OUTCOME_LOOKED] = "looked",       [SERVICE_OUTCOME_PLANNED] = "planned",
    [SERVICE_OUTCOME_INSTALLED] = "installed", [SERVICE_OUTCOME_REMOVED] = "removed",
    [SERVICE_OUTCOME_ENDED] = "ended",
};
static const char *const presence_names[] = {
    [SERVICE_IS_ABSENT] = "absent", [SERVICE_IS_STOPPED] = "stopped", [SERVICE_IS_RUNNING] = "running"
};

static const Field service_fields[] = {
    FIELD_NAME(ServiceReport, outcome, outcome_names, "outcome"),
    FIELD_NAME(ServiceReport, state.service, presence_names, "service"),
    FIELD_TEXT(ServiceReport, program, "program", .flags = FIELD_NULLABLE),
    FIELD_BOOLEAN(ServiceReport, state.switches.is_set_up, "setUp"),
    FIELD_BOOLEAN(ServiceReport, state.switches.update, "allowUpdate"),
    FIELD_BOOLEAN(ServiceReport, state.switches.restart, "allowRestart"),
};
const Shape service_shape = SHAPE(ServiceReport, service_fields);

void present_consent(Output *output, const Setup *setup)
{
    if (setup->is_here)
        output_result(output,
                      "The service %s will let this VM's host install GPU drivers here while Windows runs:\n"
                      "  it runs '%s' as LocalSystem, and starts with Windows\n",
                      AGENT_SERVICE, setup->program);
    else
        output_result(output, "The guest in '%s' will let its host install GPU drivers:\n", setup->root);
    output_result(output,
                  "  it does what the host writes into this VM's registry, and listens to no network\n"
                  "  a package is checked, and installed whole or not at all; no program in it is run\n"
                  "  the host is told which drivers are installed, the build of Windows, and whether the GPU works\n"
                  "  it does not restart Windows, and asks nobody to close a program\n");
}

static const char *allowed(bool is)
{
    return is ? "allowed" : "not allowed";
}

static void show_state(Output *output, const ServiceReport *report)
{
    static const char *const texts[] = { [SERVICE_IS_ABSENT] = "is not installed",
                                         [SERVICE_IS_STOPPED] = "is installed, and does not run",
                                         [SERVICE_IS_RUNNING] = "runs" };
    if (report->is_here)
        output_result(output, "The service " AGENT_SERVICE " %s\n", texts[report->state.service]);
    else if (!report->state.switches.is_set_up)
        output_result(output, "This guest is not set up for updates by its host\n");
    if (report->state.switches.is_set_up)
        output_result(output, "Updates by the host: %s; restarts by the host: %s\n",
                      allowed(report->state.switches.update), allowed(report->state.switches.restart));
}

void present_service(Output *output, const ServiceReport *report)
{
    present_member(output, "service", &service_shape, report);
    if (report->outcome == SERVICE_OUTCOME_LOOKED)
        show_state(output, report);
    else if (report->outcome == SERVICE_OUTCOME_PLANNED)
        output_result(output, "Nothing has been changed\n");
    else if (report->outcome == SERVICE_OUTCOME_ENDED)
        output_done(output, "The service has ended\n");
    else if (report->outcome == SERVICE_OUTCOME_REMOVED)
        output_done(output, "The host can install nothing here any more; installed drivers stay\n");
    else if (report->is_here)
        output_done(output, "The service " AGENT_SERVICE " runs: on the host, hyperpoint -VM \"my vm\" -DO "
                            "update-drivers\n");
    else
        output_done(output, "The guest is set up; installdrivers -SERVICE run -ROOT FOLDER serves it\n");
}
