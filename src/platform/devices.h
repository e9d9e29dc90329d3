/* SPDX-License-Identifier: MIT */
/* Devices of the system that the program runs on. Tests put others in the place of the system's own. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

typedef struct Devices Devices;

struct Devices {
    /* Disables the device (as Plug and Play names it) and enables it again, which makes its driver begin anew. Whether
     * it works then is for another look. On failure it is enabled as far as it can be. */
    bool (*restart)(Devices *devices, const char *device_id, Error *err);
};

/* This system's own; elsewhere than on Windows there are none. */
Devices *devices_system(void);
