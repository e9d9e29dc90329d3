/* SPDX-License-Identifier: MIT */
/* Class declarations of root\virtualization\v2 and of the few root\cimv2 classes that matter, as constant tables.
 * Source: the MOF of Windows builds 9200 to 29617 (properties, types, keys, methods, "since which build"), and for
 * root\cimv2 the class pages of the Windows SDK (CIMWin32 and WhqlProvider providers; without superclasses). */
#pragma once

#include "cim/value.h"

#include <stdbool.h>
#include <stdint.h>

#define NS_VIRTUALIZATION "root\\virtualization\\v2"
#define NS_CIMV2 "root\\cimv2"

typedef struct CimPropertyDecl {
    const char *name;
    CimType type;
    bool is_array;
    bool is_key;
    bool is_write;    /* MOF "write" qualifier; does not predict what a modify method takes */
    uint32_t since;   /* first Windows build that has it; 0: all from 9200 on */
    uint32_t until;   /* last build that has it, 0: still there */
    const char *ref_class; /* class of a REFERENCE or INSTANCE, else NULL */
} CimPropertyDecl;

typedef enum CimDirection { CIM_IN = 1, CIM_OUT = 2, CIM_IN_OUT = 3 } CimDirection;

typedef struct CimParameterDecl {
    const char *name;
    CimType type;
    bool is_array;
    CimDirection direction;
    const char *ref_class;
} CimParameterDecl;

typedef struct CimMethodDecl {
    const char *name;
    const CimParameterDecl *parameters; /* all return uint32 */
    size_t count;
    uint32_t since;
} CimMethodDecl;

typedef struct CimClassDecl CimClassDecl;
struct CimClassDecl {
    const char *name;
    const char *superclass; /* NULL: none */
    const char *ns;
    bool is_association;
    bool is_abstract;
    uint32_t since;
    const CimPropertyDecl *properties; /* its own, without inherited ones */
    size_t property_count;
    const CimMethodDecl *methods;
    size_t method_count;
};

/* NULL if the namespace has no such class. Case is ignored; '/' may stand for '\' in the namespace. */
const CimClassDecl *cim_class_find(const char *ns, const char *name);
bool cim_namespace_equals(const char *a, const char *b);

/* The class or one of its superclasses has that name. */
bool cim_class_is_a(const CimClassDecl *class_decl, const char *name);

/* Own or inherited; the most derived declaration. */
const CimPropertyDecl *cim_class_property(const CimClassDecl *class_decl, const char *name);
const CimMethodDecl *cim_class_method(const CimClassDecl *class_decl, const char *name);

/* All classes, for walking. */
size_t cim_class_count(void);
const CimClassDecl *cim_class_at(size_t index);
