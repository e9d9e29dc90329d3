/* SPDX-License-Identifier: MIT */
/* What a client reads: queries and single objects. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"
#include "sim/store/host.h"

/* The verbs of a session (cim/session.h), with the same results and errors. */
MUST_CHECK bool sim_host_query(SimHost *host, int64_t now_ms, const char *ns, const char *wql, Arena *arena,
                               CimInstanceList *list, Error *err);
MUST_CHECK bool sim_host_get(SimHost *host, int64_t now_ms, const char *ns, const char *path, Arena *arena,
                             CimInstance **ret_instance, Error *err);
