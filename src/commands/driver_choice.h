/* SPDX-License-Identifier: MIT */
/* What get-drivers and check-drivers take alike: -VM and -GPU say whose drivers, -DEST where packages are. */
#pragma once

#include "commands/app.h"
#include "operations/driver_gpus.h"

/* The GPUs that -GPU names, else those assigned to the VM: one or several. ret_vm (NULL is fine): the VM, whose name is
 * NULL where there is no -VM. */
MUST_CHECK bool driver_choice_gpus(App *app, DriverGpuList *ret_gpus, Vm *ret_vm, Error *err);

/* -DEST, else "hostdrivers" beside the program. */
const char *driver_choice_folder(const App *app);
