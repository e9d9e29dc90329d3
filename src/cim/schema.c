/* SPDX-License-Identifier: MIT */
/* Finds class, property and method declarations in the tables of schema_tables.c. */
#include "cim/schema.h"

#include "base/ascii.h"
#include "base/check.h"
#include "cim/schema_tables.h"

#include <stdlib.h>

static char ns_character(char c)
{
    return c == '/' ? '\\' : ascii_lower(c);
}

bool cim_namespace_equals(const char *a, const char *b)
{
    while (*a != '\0' && ns_character(*a) == ns_character(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static int compare_name(const void *name, const void *class_decl)
{
    return ascii_casecmp(name, ((const CimClassDecl *) class_decl)->name);
}

const CimClassDecl *cim_class_find(const char *ns, const char *name)
{
    for (size_t i = 0; i < CIM_NAMESPACE_COUNT; i++) {
        const CimNamespaceTable *table = &cim_namespace_tables[i];
        if (cim_namespace_equals(ns, table->ns))
            return bsearch(name, table->classes, table->count, sizeof(CimClassDecl), compare_name);
    }
    return NULL;
}

static const CimClassDecl *superclass_of(const CimClassDecl *class_decl)
{
    return class_decl->superclass == NULL ? NULL : cim_class_find(class_decl->ns, class_decl->superclass);
}

bool cim_class_is_a(const CimClassDecl *class_decl, const char *name)
{
    for (; class_decl != NULL; class_decl = superclass_of(class_decl)) {
        if (ascii_equals(class_decl->name, name))
            return true;
    }
    return false;
}

const CimPropertyDecl *cim_class_property(const CimClassDecl *class_decl, const char *name)
{
    for (; class_decl != NULL; class_decl = superclass_of(class_decl)) {
        for (size_t i = 0; i < class_decl->property_count; i++) {
            if (ascii_equals(class_decl->properties[i].name, name))
                return &class_decl->properties[i];
        }
    }
    return NULL;
}

const CimMethodDecl *cim_class_method(const CimClassDecl *class_decl, const char *name)
{
    for (; class_decl != NULL; class_decl = superclass_of(class_decl)) {
        for (size_t i = 0; i < class_decl->method_count; i++) {
            if (ascii_equals(class_decl->methods[i].name, name))
                return &class_decl->methods[i];
        }
    }
    return NULL;
}

size_t cim_class_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < CIM_NAMESPACE_COUNT; i++)
        count += cim_namespace_tables[i].count;
    return count;
}

const CimClassDecl *cim_class_at(size_t index)
{
    const CimNamespaceTable *table = cim_namespace_tables;
    CHECK(index < cim_class_count());
    while (index >= table->count)
        index -= table++->count;
    return &table->classes[index];
}
