/* SPDX-License-Identifier: MIT */
/* Data exchange: pairs of a key and a value that the host keeps in a VM's configuration and hands to its guest, and
 * those that the guest shows to its host (Windows SDK, "Msvm_KvpExchangeDataItem class"). */
#pragma once

#include "sim/services/service.h"

/* The component of a VM that is being started; its guest will be told all items. */
void sim_kvp_create_component(SimHost *host, const SimObject *vm);

/* A guest that starts anew is told all items once more. */
void sim_kvp_tell_all(SimHost *host, const SimObject *vm);

/* Sets the guest's own items in the row of its component. */
void sim_kvp_show_items(const SimHost *host, const SimObject *component, CimInstance *row, Arena *arena);

extern const SimService sim_kvp_service;
