/* SPDX-License-Identifier: MIT */
/* What became of driver packages in a guest, and of its GPUs. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/install.h"
#include "operations/installed_gpus.h"

extern const Shape package_report_shape; /* PackageReport of what was installed: all that is ever told */
extern const Shape holder_shape;         /* Holder, in it */
extern const Shape package_check_shape;  /* PackageCheck */
extern const Shape install_recovery_shape;
extern const Shape installed_gpus_shape;

/* A package of those that are put in or taken out; its error is left to the caller. */
void present_package(Output *output, const PackageReport *package);

void present_package_check(Output *output, const PackageCheck *check);
void present_install_recovery(Output *output, const InstallRecovery *recovery);

/* What is to be done about the GPUs, too. */
void present_installed_gpus(Output *output, const InstalledGpus *gpus);

/* The same of a guest that does not run here. */
void present_installed_elsewhere(Output *output);
