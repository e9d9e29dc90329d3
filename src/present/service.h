/* SPDX-License-Identifier: MIT */
/* The guest's service, as it is and as it will be. */
#pragma once

#include "agent/setup.h"
#include "cli/output.h"
#include "json/shape.h"

typedef enum ServiceOutcome {
    SERVICE_OUTCOME_LOOKED, /* nothing was changed, or asked for */
    SERVICE_OUTCOME_PLANNED,
    SERVICE_OUTCOME_INSTALLED,
    SERVICE_OUTCOME_REMOVED,
    SERVICE_OUTCOME_ENDED, /* it ran, and was told to end */
} ServiceOutcome;

typedef struct ServiceReport {
    ServiceOutcome outcome;
    bool is_here; /* the Windows that runs here */
    SetupState state;
    const char *program; /* what Windows starts; NULL in a guest that is a folder */
} ServiceReport;

extern const Shape service_shape; /* ServiceReport */

/* Before anything is changed: what the host will be able to do. */
void present_consent(Output *output, const Setup *setup);

void present_service(Output *output, const ServiceReport *report);
