/* SPDX-License-Identifier: MIT */
/* The integration components of a VM that runs, such as Msvm_KvpExchangeComponent: there while it runs, and while the
 * service is switched on. */
#pragma once

#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

/* The component as it is now; *ret_row NULL: there is none. "path": where it was when it was looked for before, which
 * counts as a poll; NULL: it was not there, or not looked for yet. */
MUST_CHECK bool component_look(HyperVHost *host, const Vm *vm, const char *class_name, const char *path, Arena *arena,
                               const CimInstance **ret_row, Error *err);
