/* SPDX-License-Identifier: MIT */
/* The class tables: consistent in themselves, found in any case, and right where HyperPoint depends on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ascii.h"
#include "cim/path.h"
#include "cim/schema.h"

#include <stdlib.h>
#include <string.h>

static bool is_listed(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Classes that methods refer to and that nobody asks for here. */
static void check_class_exists(const CimClassDecl *user, const char *name)
{
    static const char *const missing[] = {
        "CIM_Directory",
        "Msvm_EthernetPortAllocationSettingData",
        "Msvm_EthernetSwitchPortFeatureSettingData",
        "Msvm_SystemComponentSettingData",
        "Msvm_VirtualSystemReferencePoint",
    };
    bool expected = !is_listed(name, missing, COUNT_OF(missing));
    if ((cim_class_find(user->ns, name) != NULL) != expected)
        fail_msg("%s refers to %s", user->name, name);
}

static void check_typed(const CimClassDecl *class_decl, const char *name, CimType type, const char *ref_class)
{
    if (!cim_name_is_valid(name))
        fail_msg("%s: '%s'", class_decl->name, name);
    bool has_class = type == CIM_TYPE_REFERENCE || type == CIM_TYPE_INSTANCE;
    if (has_class != (ref_class != NULL))
        fail_msg("%s.%s: class of the reference", class_decl->name, name);
    if (has_class)
        check_class_exists(class_decl, ref_class);
}

static void check_properties(const CimClassDecl *class_decl)
{
    for (size_t i = 0; i < class_decl->property_count; i++) {
        const CimPropertyDecl *property = &class_decl->properties[i];
        check_typed(class_decl, property->name, property->type, property->ref_class);
        if (property->until != 0 && property->until < property->since)
            fail_msg("%s.%s: gone before it came", class_decl->name, property->name);
        if (property->is_key && property->is_array)
            fail_msg("%s.%s: array as key", class_decl->name, property->name);
        for (size_t k = 0; k < i; k++) {
            if (ascii_equals(class_decl->properties[k].name, property->name))
                fail_msg("%s.%s: twice", class_decl->name, property->name);
        }
        const CimClassDecl *superclass =
            class_decl->superclass == NULL ? NULL : cim_class_find(class_decl->ns, class_decl->superclass);
        const CimPropertyDecl *inherited = superclass == NULL ? NULL : cim_class_property(superclass, property->name);
        if (inherited == NULL)
            continue;
        if (inherited->type != property->type || inherited->is_array != property->is_array ||
            inherited->since < property->since || property->until != 0)
            fail_msg("%s.%s: other than inherited", class_decl->name, property->name);
        if (inherited->is_key && !property->is_key)
            fail_msg("%s.%s: key lost", class_decl->name, property->name);
    }
}

static void check_methods(const CimClassDecl *class_decl)
{
    for (size_t i = 0; i < class_decl->method_count; i++) {
        const CimMethodDecl *method = &class_decl->methods[i];
        assert_true(cim_name_is_valid(method->name));
        for (size_t k = 0; k < i; k++)
            assert_false(ascii_equals(class_decl->methods[k].name, method->name));
        for (size_t k = 0; k < method->count; k++) {
            const CimParameterDecl *parameter = &method->parameters[k];
            check_typed(class_decl, parameter->name, parameter->type, parameter->ref_class);
            assert_true(parameter->direction >= CIM_IN && parameter->direction <= CIM_IN_OUT);
            for (size_t other = 0; other < k; other++)
                assert_false(ascii_equals(method->parameters[other].name, parameter->name));
        }
    }
}

static size_t count_keys(const CimClassDecl *class_decl)
{
    size_t count = 0;
    for (; class_decl != NULL;
         class_decl = class_decl->superclass == NULL ? NULL : cim_class_find(class_decl->ns, class_decl->superclass)) {
        for (size_t i = 0; i < class_decl->property_count; i++)
            count += class_decl->properties[i].is_key;
    }
    return count;
}

static void the_tables_are_consistent(void **state)
{
    (void) state;
    assert_int_equal(cim_class_count(), 100 + 11);
    for (size_t i = 0; i < cim_class_count(); i++) {
        const CimClassDecl *class_decl = cim_class_at(i);
        assert_true(cim_name_is_valid(class_decl->name));
        check_properties(class_decl);
        check_methods(class_decl);
        size_t depth = 0;
        for (const CimClassDecl *c = class_decl; c->superclass != NULL; depth++) {
            const CimClassDecl *superclass = cim_class_find(c->ns, c->superclass);
            if (superclass == NULL || depth > 10)
                fail_msg("%s: superclass %s", c->name, c->superclass);
            assert_true(c->is_association || !superclass->is_association);
            c = superclass;
        }
    }
}

/* Without a key there is no object path. */
static void concrete_classes_have_keys(void **state)
{
    (void) state;
    static const char *const keyless[] = { "Msvm_Error", "Msvm_KvpExchangeDataItem", /* only travel embedded */
                                           "StdRegProv" /* has no instances */ };
    for (size_t i = 0; i < cim_class_count(); i++) {
        const CimClassDecl *class_decl = cim_class_at(i);
        bool expected = !is_listed(class_decl->name, keyless, COUNT_OF(keyless));
        if (!class_decl->is_abstract && (count_keys(class_decl) > 0) != expected)
            fail_msg("%s: keys", class_decl->name);
    }
}

static char *change_case(Arena *arena, const char *text, char (*change)(char c))
{
    char *changed = arena_strdup(arena, text);
    for (char *c = changed; *c != '\0'; c++)
        *c = change(*c);
    return changed;
}

static void everything_is_found_in_any_case(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < cim_class_count(); i++) {
        const CimClassDecl *class_decl = cim_class_at(i);
        assert_ptr_equal(cim_class_find(class_decl->ns, class_decl->name), class_decl);
        assert_ptr_equal(cim_class_find(class_decl->ns, change_case(&arena, class_decl->name, ascii_upper)),
                         class_decl);
        assert_ptr_equal(cim_class_find(class_decl->ns, change_case(&arena, class_decl->name, ascii_lower)),
                         class_decl);
        for (size_t k = 0; k < class_decl->property_count; k++) {
            const CimPropertyDecl *property = &class_decl->properties[k];
            assert_ptr_equal(cim_class_property(class_decl, change_case(&arena, property->name, ascii_upper)),
                             property);
        }
        for (size_t k = 0; k < class_decl->method_count; k++) {
            const CimMethodDecl *method = &class_decl->methods[k];
            assert_ptr_equal(cim_class_method(class_decl, change_case(&arena, method->name, ascii_lower)), method);
        }
    }
    arena_release(&arena);
}

static void namespaces(void **state)
{
    (void) state;
    assert_true(cim_namespace_equals("root/Virtualization/V2", NS_VIRTUALIZATION));
    assert_false(cim_namespace_equals("root\\virtualization", NS_VIRTUALIZATION));
    assert_false(cim_namespace_equals("root\\virtualization\\v2\\x", NS_VIRTUALIZATION));
    assert_non_null(cim_class_find("ROOT/CIMV2", "win32_pnpentity"));
    assert_null(cim_class_find(NS_VIRTUALIZATION, "Win32_PnPEntity"));
    assert_null(cim_class_find(NS_CIMV2, "Msvm_ComputerSystem"));
    assert_null(cim_class_find("root\\default", "Msvm_ComputerSystem"));
    assert_null(cim_class_find(NS_VIRTUALIZATION, "Msvm_ComputerSyste"));
    assert_null(cim_class_find(NS_VIRTUALIZATION, "Msvm_ComputerSystemX"));
}

static void inheritance(void **state)
{
    (void) state;
    const CimClassDecl *adapter = cim_class_find(NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData");
    assert_true(cim_class_is_a(adapter, "Msvm_GpuPartitionSettingData"));
    assert_true(cim_class_is_a(adapter, "cim_managedelement"));
    assert_false(cim_class_is_a(adapter, "CIM_LogicalElement"));
    assert_true(cim_class_property(adapter, "InstanceID")->is_key);
    assert_true(cim_class_property(adapter, "HostResource")->is_array);
    assert_null(cim_class_property(adapter, "Missing"));
    const CimClassDecl *vm = cim_class_find(NS_VIRTUALIZATION, "Msvm_ComputerSystem");
    assert_non_null(cim_class_method(vm, "SetPowerState"));
    assert_null(cim_class_method(vm, "Missing"));
    assert_string_equal(cim_class_method(vm, "RequestStateChange")->parameters[1].name, "Job");
}

/* The facts that commands rely on, from the class pages of the Windows SDK and the real MOF. */
static void what_hyperpoint_depends_on(void **state)
{
    (void) state;
    static const struct {
        const char *ns, *class_name, *property;
        CimType type;
        bool is_array, is_key;
        uint32_t since;
    } cases[] = {
        { NS_VIRTUALIZATION, "Msvm_ComputerSystem", "Name", CIM_TYPE_STRING, false, true, 0 },
        { NS_VIRTUALIZATION, "Msvm_ComputerSystem", "CreationClassName", CIM_TYPE_STRING, false, true, 0 },
        { NS_VIRTUALIZATION, "Msvm_ComputerSystem", "OperationalStatus", CIM_TYPE_UINT16, true, false, 0 },
        { NS_VIRTUALIZATION, "Msvm_PartitionableGpu", "PartitionCount", CIM_TYPE_UINT16, false, false, 14393 },
        { NS_VIRTUALIZATION, "Msvm_PartitionableGpu", "TotalEncode", CIM_TYPE_UINT64, false, false, 14393 },
        { NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", "MinPartitionVRAM", CIM_TYPE_UINT64, false, false, 14393 },
        { NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", "NumaAwarePlacement", CIM_TYPE_BOOLEAN, false, false,
          22621 },
        { NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData", "AutomaticSnapshotsEnabled", CIM_TYPE_BOOLEAN, false,
          false, 16299 },
        { NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData", "HighMmioGapSize", CIM_TYPE_UINT64, false, false, 10586 },
        { NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData", "CreationTime", CIM_TYPE_DATETIME, false, false, 0 },
        { NS_VIRTUALIZATION, "Msvm_ConcreteJob", "ErrorCode", CIM_TYPE_UINT16, false, false, 0 },
        { NS_VIRTUALIZATION, "Msvm_ConcreteJob", "InstanceID", CIM_TYPE_STRING, false, true, 0 },
        { NS_VIRTUALIZATION, "Msvm_RegisteredGuestService", "Antecedent", CIM_TYPE_REFERENCE, false, true, 0 },
        { NS_VIRTUALIZATION, "Msvm_SummaryInformation", "ElementName", CIM_TYPE_STRING, false, false, 0 },
        { NS_VIRTUALIZATION, "Msvm_SummaryInformation", "Snapshots", CIM_TYPE_INSTANCE, true, false, 0 },
        { NS_CIMV2, "Win32_PnPEntity", "DeviceID", CIM_TYPE_STRING, false, true, 0 },
        { NS_CIMV2, "Win32_VideoController", "AdapterRAM", CIM_TYPE_UINT32, false, false, 0 },
        { NS_CIMV2, "Win32_PnPSignedDriver", "DriverDate", CIM_TYPE_DATETIME, false, false, 0 },
        { NS_CIMV2, "Win32_OperatingSystem", "BuildNumber", CIM_TYPE_STRING, false, false, 0 },
        { NS_CIMV2, "Win32_ComputerSystem", "TotalPhysicalMemory", CIM_TYPE_UINT64, false, false, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const CimPropertyDecl *property =
            cim_class_property(cim_class_find(cases[i].ns, cases[i].class_name), cases[i].property);
        if (property == NULL || property->type != cases[i].type || property->is_array != cases[i].is_array ||
            property->is_key != cases[i].is_key || property->since != cases[i].since)
            fail_msg("%s.%s", cases[i].class_name, cases[i].property);
    }
}

static void the_method_that_adds_adapters(void **state)
{
    (void) state;
    const CimMethodDecl *method = cim_class_method(
        cim_class_find(NS_VIRTUALIZATION, "Msvm_VirtualSystemManagementService"), "AddResourceSettings");
    static const CimParameterDecl expected[] = {
        { "AffectedConfiguration", CIM_TYPE_REFERENCE, false, CIM_IN, "CIM_VirtualSystemSettingData" },
        { "ResourceSettings", CIM_TYPE_STRING, true, CIM_IN, NULL },
        { "ResultingResourceSettings", CIM_TYPE_REFERENCE, true, CIM_OUT, "CIM_ResourceAllocationSettingData" },
        { "Job", CIM_TYPE_REFERENCE, false, CIM_OUT, "CIM_ConcreteJob" },
    };
    assert_int_equal(method->count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        size_t k = 0;
        while (strcmp(method->parameters[k].name, expected[i].name) != 0)
            assert_true(++k < method->count);
        assert_int_equal(method->parameters[k].type, expected[i].type);
        assert_int_equal(method->parameters[k].is_array, expected[i].is_array);
        assert_int_equal(method->parameters[k].direction, expected[i].direction);
        if (expected[i].ref_class != NULL)
            assert_string_equal(method->parameters[k].ref_class, expected[i].ref_class);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_consistent),
        cmocka_unit_test(concrete_classes_have_keys),
        cmocka_unit_test(everything_is_found_in_any_case),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(inheritance),
        cmocka_unit_test(what_hyperpoint_depends_on),
        cmocka_unit_test(the_method_that_adds_adapters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
