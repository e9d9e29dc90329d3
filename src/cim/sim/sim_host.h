/* SPDX-License-Identifier: MIT */
/* A simulated Hyper-V host in memory: what a session, a WS-Management server or a WMI provider asks of it.
 *
 * It knows no files, no locks and no clock: the time is told with every call, and jobs that are due by then have ended
 * before the call is answered. Embedded instances are CIM-XML text, as with the real one. Rules: docs/simulator.md. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SimHost SimHost;

/* The built-in sample host in the given variant ("windows11", "windows10+localized"; NULL or "": windows11).
 * ERR_USAGE with the list of variants when one is unknown. */
MUST_CHECK bool sim_host_create_sample(const char *variant, int64_t now_ms, SimHost **ret_host, Error *err);

/* A host from the text of a state file, and back. ERR_PROTOCOL names the place. */
MUST_CHECK bool sim_host_read(const char *text, size_t size, SimHost **ret_host, Error *err);
MUST_CHECK bool sim_host_write(const SimHost *host, Arena *arena, const char **ret_text, size_t *ret_size, Error *err);

/* NULL is fine. */
void sim_host_destroy(SimHost *host);

/* Its computer name. */
const char *sim_host_name(const SimHost *host);

/* The folder that holds its drives, as the state file has it; NULL: it has the sample's files. */
const char *sim_host_drives(const SimHost *host);

/* Counts up whenever something changes that belongs into the state file. */
uint64_t sim_host_changes(const SimHost *host);

/* The verbs of CimSessionOps (cim/session.h), with the same results and errors. */
MUST_CHECK bool sim_host_query(SimHost *host, int64_t now_ms, const char *ns, const char *wql, Arena *arena,
                               CimInstanceList *list, Error *err);
MUST_CHECK bool sim_host_get(SimHost *host, int64_t now_ms, const char *ns, const char *path, Arena *arena,
                             CimInstance **ret_instance, Error *err);

/* Embedded instances in "in" are STRING values with their CIM-XML text. Nothing has changed when this fails. */
MUST_CHECK bool sim_host_invoke(SimHost *host, int64_t now_ms, const char *ns, const char *path, const char *method,
                                const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err);
