/* SPDX-License-Identifier: MIT */
/* Embedded instances that stand for an object of the host: a resource or a configuration, whole or in part. */
#pragma once

#include "sim/store/host_model.h"

/* The name of the first property that the class lacks on this build or declares with another type; NULL: all are good.
 * WMI's own system properties ("__PATH") are let through. */
const char *sim_text_bad_property(const SimClass *class, const CimInstance *instance);

/* The property is in the instance and not null. */
bool sim_text_has(const CimInstance *instance, const char *property);

/* The property is in the list of names. */
bool sim_name_in(const char *name, const char *const *names, size_t count);

/* Sets the properties of the object that the instance has (null ones keep their value), but those in the list. */
void sim_text_apply(SimHost *host, SimObject *object, const CimInstance *instance, const char *const *except,
                    size_t except_count);
