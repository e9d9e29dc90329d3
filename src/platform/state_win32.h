/* SPDX-License-Identifier: MIT */
/* The folder that all users of this computer's Hyper-V share. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* Makes the folder, if it is missing and the process has the rights of an administrator or Hyper-V administrator, with
 * access for those and the system alone. What is there is refused with ERR_DENIED if it is no plain folder or belongs
 * to another user. A folder that is missing afterwards is success: who may not make it may not change a VM either. */
MUST_CHECK bool state_claim_folder(const char *folder, Arena *arena, Error *err);
