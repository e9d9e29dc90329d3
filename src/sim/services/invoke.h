/* SPDX-License-Identifier: MIT */
/* Method calls: the third verb of a session, beside those of query.h. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"
#include "sim/store/host.h"

/* Embedded instances in "in" are STRING values with their CIM-XML text. Nothing has changed when this fails. */
MUST_CHECK bool sim_host_invoke(SimHost *host, int64_t now_ms, const char *ns, const char *path, const char *method,
                                const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err);
