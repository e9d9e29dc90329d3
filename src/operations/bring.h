/* SPDX-License-Identifier: MIT */
/* For a guest without the service: brings the packages, and the program that installs them, into one folder there,
 * where its administrator starts the program by hand. The program takes what lies in "hostdrivers" beside it. */
#pragma once

#include "operations/update.h"

#define BRING_PROGRAM "installdrivers.exe"

/* program: as this computer has it. Whatever can be refused is refused before anything is made or changed; the way for
 * files is put back, and stands in the VM's journal until then. *ret_report is set in any case. */
MUST_CHECK bool bring_vm(HyperVHost *host, const Vm *vm, const UpdateRequest *request, const char *program,
                         Arena *arena, UpdateReport *ret_report, Error *err);
