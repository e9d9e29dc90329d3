/* SPDX-License-Identifier: MIT */
#include "sim/services/services.h"

#include "base/compiler.h"
#include "sim/services/guest.h"
#include "sim/services/guest_files.h"
#include "sim/services/job_methods.h"
#include "sim/services/kvp.h"
#include "sim/services/power.h"
#include "sim/services/reg_prov.h"
#include "sim/services/resources.h"
#include "sim/services/snapshots.h"
#include "sim/services/systems.h"

void sim_services_attach(SimHost *host)
{
    static const SimService *const services[] = {
        &sim_guest_service,    &sim_guest_files_service, &sim_job_service,       &sim_kvp_service,
        &sim_power_service,    &sim_reg_prov_service,    &sim_resources_service, &sim_snapshots_service,
        &sim_systems_service,
    };
    host->services = services;
    host->service_count = COUNT_OF(services);
}
