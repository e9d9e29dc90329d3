/* SPDX-License-Identifier: MIT */
/* Plug and Play's devices: the Configuration Manager. Windows SDK, "CM_Disable_DevNode", "CM_Enable_DevNode"; disabled
 * without CM_DISABLE_PERSIST, a device is enabled again at the next start of Windows, whatever happens meanwhile.
 * Unverified: that the virtual GPU of a guest can be disabled while somebody is signed in. */
#include "platform/devices.h"

#include "platform/win32.h"

#include <cfgmgr32.h>

/* The Configuration Manager has numbers of its own, and Windows no texts for them. */
static bool failed(CONFIGRET result, const char *what, const char *device_id, Error *err)
{
    ErrorCode code = result == CR_ACCESS_DENIED ? ERR_DENIED : result == CR_REMOVE_VETOED ? ERR_BUSY : ERR_IO;
    return error_set(err, code, "cannot %s device '%s': number %lu of the Configuration Manager", what, device_id,
                     (unsigned long) result);
}

static bool restart(Devices *devices, const char *device_id, Error *err)
{
    (void) devices;
    Arena arena = ARENA_INIT;
    DEVINST device;
    CONFIGRET located = CM_Locate_DevNodeW(&device, wide_from_utf8(&arena, device_id), CM_LOCATE_DEVNODE_NORMAL);
    arena_release(&arena);
    if (located != CR_SUCCESS)
        return failed(located, "find", device_id, err);
    CONFIGRET disabled = CM_Disable_DevNode(device, CM_DISABLE_UI_NOT_OK);
    CONFIGRET enabled = CM_Enable_DevNode(device, 0);
    if (disabled != CR_SUCCESS)
        return failed(disabled, "disable", device_id, err);
    return enabled == CR_SUCCESS || failed(enabled, "enable", device_id, err);
}

Devices *devices_system(void)
{
    static Devices devices = { .restart = restart };
    return &devices;
}
