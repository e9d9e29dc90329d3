/* SPDX-License-Identifier: MIT */
/* What a client names - a namespace, a class, an object - or the error that WMI has for its mistake. Which error that
 * is: Windows SDK, "WMI Error Constants"; cim/session.h says which of our codes each has. */
#pragma once

#include "sim/store/host_model.h"

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

/* The errors for a text that is no path, or the path of nothing. */
bool sim_invalid_path(const char *text, Error *err);
bool sim_not_found(const char *text, Error *err);
