/* SPDX-License-Identifier: MIT */
/* The constant tables behind schema.h; for schema.c only. */
#pragma once

#include "cim/schema.h"

typedef struct CimNamespaceTable {
    const char *ns;
    const CimClassDecl *classes; /* sorted by name, case ignored */
    size_t count;
} CimNamespaceTable;

enum { CIM_NAMESPACE_COUNT = 2 };
extern const CimNamespaceTable cim_namespace_tables[CIM_NAMESPACE_COUNT];
