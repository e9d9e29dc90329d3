/* SPDX-License-Identifier: MIT */
/* How each point of the conversation matrix begins: a host whose driver is in files (drives/), a guest with an older
 * one, which an update of before has brought, and its service. */
#pragma once

#include "base/arena.h"

/* Makes it: the folder of a stage (support/guest_stage.h). *ret_request: what the older driver was asked for with. */
const char *conversation_base_make(Arena *arena, const char **ret_request);
