/* SPDX-License-Identifier: MIT */
/* No Plug and Play of Windows here. */
#include "platform/devices.h"

static bool restart(Devices *devices, const char *device_id, Error *err)
{
    (void) devices;
    return error_set(err, ERR_UNSUPPORTED, "device '%s' is one of Windows", device_id);
}

Devices *devices_system(void)
{
    static Devices devices = { .restart = restart };
    return &devices;
}
