/* SPDX-License-Identifier: MIT */
#include "agent/stage_guest.h"

#include "cim/connect.h"
#include "support/guest_stage.h"

bool stage_restart_device(Devices *devices, const char *device_id, Error *err)
{
    (void) devices;
    (void) device_id;
    (void) err;
    return true;
}

bool stage_connect_guest(void *context, CimSession **ret_session, Error *err)
{
    HostAddress address;
    (void) context;
    return host_address_parse("sim:?guest", &stage.arena, &address, err) &&
           cim_connect(&address, &stage.clock, ret_session, err);
}
