/* SPDX-License-Identifier: MIT */
/* Rows: what a client gets to see of objects. */
#pragma once

#include "cim/sim/host_model.h"

/* Fails when the host lacks the namespace. */
MUST_CHECK bool sim_check_namespace(const SimHost *host, const char *ns, Error *err);

/* Without rights Hyper-V's namespace can be opened and looks empty. */
bool sim_is_hidden(const SimHost *host, const char *ns);

/* The class of that name in the namespace; ERR_UNSUPPORTED (invalid class) when this build lacks it. */
MUST_CHECK bool sim_check_class(const SimHost *host, const char *ns, const char *name, SimClass **ret_class,
                                Error *err);

/* The object at the path. ERR_INVALID (invalid object path), ERR_UNSUPPORTED (invalid class), ERR_NOT_FOUND. */
MUST_CHECK bool sim_check_object(const SimHost *host, const char *ns, const char *path, SimObject **ret_object,
                                 Error *err);

/* A copy of what the object looks like at this moment, with its path. */
CimInstance *sim_row(const SimHost *host, const SimObject *object, Arena *arena);

/* Appends a copy of the row, cut to the columns (0: all). As in WMI a row without all its keys has no path. */
void sim_append_row(const SimHost *host, const SimClass *class, const CimInstance *row, const StringList *columns,
                    Arena *arena, CimInstanceList *list);
