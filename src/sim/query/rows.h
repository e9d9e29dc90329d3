/* SPDX-License-Identifier: MIT */
/* Rows: what a client gets to see of objects. */
#pragma once

#include "sim/store/host_model.h"

/* The object's row with what depends on the time of the call; not to be changed. */
const CimInstance *sim_live_row(const SimHost *host, const SimObject *object, Arena *arena);

/* A copy of what the object looks like at this moment, with its path. */
CimInstance *sim_row(const SimHost *host, const SimObject *object, Arena *arena);

/* Appends a copy of the row, cut to the columns (0: all). As in WMI a row without all its keys has no path. */
void sim_append_row(const SimHost *host, const SimClass *class, const CimInstance *row, const StringList *columns,
                    Arena *arena, CimInstanceList *list);
