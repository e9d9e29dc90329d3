/* SPDX-License-Identifier: MIT */
#include "platform/registry.h"

Registry *registry_system(void)
{
    return NULL;
}
