/* SPDX-License-Identifier: MIT */
/* What the guest's service on a stage (support/guest_stage.h) has of a Windows: devices that restart, and a WMI. */
#pragma once

#include "cim/session.h"
#include "platform/devices.h"

/* Devices.restart */
bool stage_restart_device(Devices *devices, const char *device_id, Error *err);

/* AgentGuest.connect: the simulated guest. */
bool stage_connect_guest(void *context, CimSession **ret_session, Error *err);
