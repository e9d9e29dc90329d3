/* SPDX-License-Identifier: MIT */
/* What a capture takes of a host: everything that HyperPoint asks hosts for, all in one place. Whoever reads another
 * class, or another value of the registry, adds its row here; tests/capture runs the verbs and fails without it. */
#pragma once

#include <stddef.h>

/* The rows of a class, subclasses included, in one query. */
typedef struct TakenClass {
    const char *ns, *class_name;
    const char *query; /* NULL: all rows */
} TakenClass;

/* What association queries bring along, and nobody reads. */
typedef struct PassedClass {
    const char *class_name;
    const char *why; /* for people */
} PassedClass;

/* What changes from moment to moment, or is nobody's business. */
typedef struct PassedProperty {
    const char *class_name, *property;
    const char *why;
} PassedProperty;

/* A value below HKEY_LOCAL_MACHINE. Those of drivers are not here: they are recorded while the drivers are looked for,
 * by what does so for get-drivers. */
typedef struct TakenValue {
    const char *key, *name;
} TakenValue;

extern const TakenClass taken_classes[];
extern const size_t taken_class_count;
extern const PassedClass passed_classes[];
extern const size_t passed_class_count;
extern const PassedProperty passed_properties[];
extern const size_t passed_property_count;
extern const TakenValue taken_values[];
extern const size_t taken_value_count;
