/* SPDX-License-Identifier: MIT */
/* The promises of cim/session.h, tried on the sample host. */
#include "contract/contract_fixture.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/cimxml.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <stdio.h>
#include <string.h>

/* ---- rows and types ---- */

static void test_types(void **state)
{
    Fixture *f = *state;
    const CimInstance *gpu = query(f, "SELECT * FROM Msvm_PartitionableGpu").items[0];
    const CimValue *value = value_of(gpu, "TotalEncode", CIM_TYPE_UINT64, false);
    assert_true(value->uint == UINT64_MAX);
    value = value_of(gpu, "ValidPartitionCounts", CIM_TYPE_UINT16, true);
    assert_int_equal(value->array.count, 1);
    assert_int_equal(value->array.items[0].type, CIM_TYPE_UINT16);
    assert_int_equal(value->array.items[0].uint, 32);
    value = value_of(gpu, "PartitionCount", CIM_TYPE_UINT16, false);
    assert_int_equal(value->uint, 32);
    value = value_of(gpu, "InstallDate", CIM_TYPE_DATETIME, false);
    assert_true(value->is_null);
    value = value_of(gpu, "Dedicated", CIM_TYPE_UINT16, true);
    assert_true(value->is_null);

    const CimInstance *vm = get(f, SYSTEM(MY_VM));
    assert_true(cim_datetime_is_valid(value_of(vm, "InstallDate", CIM_TYPE_DATETIME, false)->text));
    const CimInstance *settings = get(f, SETTINGS(MY_VM));
    assert_false(value_of(settings, "IsSaved", CIM_TYPE_BOOLEAN, false)->boolean);
    value = value_of(settings, "AutomaticCriticalErrorActionTimeout", CIM_TYPE_DATETIME, false);
    assert_string_equal(value->text, "00000000003000.000000:000");
    value = value_of(settings, "Notes", CIM_TYPE_STRING, true);
    assert_string_equal(value->array.items[0].text, "");
    const CimInstance *adapter =
        one(f, "SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE '%EDF7D457%'");
    value = value_of(adapter, "Weight", CIM_TYPE_UINT32, false);
    assert_false(value->is_null);
    value = value_of(adapter, "MinPartitionVRAM", CIM_TYPE_UINT64, false);
    assert_int_equal(value->uint, 80000000);
    const CimInstance *other = one(f, "SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE '%AAAAAAAA%'");
    assert_true(value_of(other, "MinPartitionVRAM", CIM_TYPE_UINT64, false)->is_null);
}

static void test_references(void **state)
{
    Fixture *f = *state;
    const CimInstance *row =
        query(f, "REFERENCES OF {" SYSTEM(MY_VM) "} WHERE ResultClass = Msvm_SettingsDefineState").items[0];
    assert_string_equal(row->class_name, "Msvm_SettingsDefineState");
    assert_true(cim_path_equals(value_of(row, "ManagedElement", CIM_TYPE_REFERENCE, false)->text, SYSTEM(MY_VM)));
    assert_true(cim_path_equals(value_of(row, "SettingData", CIM_TYPE_REFERENCE, false)->text, SETTINGS(MY_VM)));
}

/* A host path inside a string is not the same as a reference: quotes and backslashes must survive. */
static void test_path_in_string(void **state)
{
    Fixture *f = *state;
    const CimInstance *adapter =
        one(f, "SELECT * FROM Msvm_GpuPartitionSettingData WHERE InstanceID LIKE '%EDF7D457%'");
    const CimValue *value = value_of(adapter, "HostResource", CIM_TYPE_STRING, true);
    assert_int_equal(value->array.count, 1);
    const CimInstance *gpu = get(f, value->array.items[0].text);
    assert_string_equal(cim_instance_text(gpu, "Name"),
                        "\\\\?\\PCI#VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1#6&22222222&0&00000008"
                        "#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV");
    assert_true(cim_path_equals(gpu->path, value->array.items[0].text));
}

static void test_embedded_text(void **state)
{
    Fixture *f = *state;
    const CimInstance *component = one(f, "SELECT * FROM Msvm_KvpExchangeComponent WHERE SystemName = '" RENDER_VM "'");
    const CimValue *value = value_of(component, "GuestIntrinsicExchangeItems", CIM_TYPE_STRING, true);
    assert_true(value->array.count > 0);
    CimInstance *item = NULL;
    if (!cimxml_read(value->array.items[0].text, &f->arena, &item, &f->err))
        fail_msg("%s", f->err.message);
    assert_string_equal(item->class_name, "Msvm_KvpExchangeDataItem");
    assert_non_null(cim_instance_text(item, "Name"));
    assert_int_equal(cim_instance_uint(item, "Source", 99), 2);
}

static void test_rows_are_complete(void **state)
{
    Fixture *f = *state;
    const CimInstance *row = one(f, "SELECT * FROM Msvm_ComputerSystem WHERE Name = '" MY_VM "'");
    const CimClassDecl *class_decl = cim_class_find(NS_VIRTUALIZATION, "Msvm_ComputerSystem");
    assert_string_equal(row->class_name, "Msvm_ComputerSystem");
    assert_true(cim_path_equals(row->path, SYSTEM(MY_VM)));
    for (size_t i = 0; i < class_decl->property_count; i++) {
        if (class_decl->properties[i].since <= 22631)
            assert_non_null(cim_instance_find(row, class_decl->properties[i].name));
        else
            assert_null(cim_instance_find(row, class_decl->properties[i].name));
    }
    assert_non_null(cim_instance_find(row, "otherenabledstate")); /* inherited, null, any case */
    CimPath path;
    assert_true(cim_path_parse(row->path, &f->arena, &path, &f->err));
    assert_string_equal(path.ns, NS_VIRTUALIZATION);
    assert_non_null(path.host);
    assert_int_equal(path.count, 2);
}

static void test_columns(void **state)
{
    Fixture *f = *state;
    const CimInstance *row = one(f, "SELECT Name, elementname FROM Msvm_ComputerSystem WHERE EnabledState = 3 AND "
                                    "ElementName = 'my vm'");
    assert_string_equal(cim_instance_text(row, "Name"), MY_VM);
    assert_string_equal(cim_instance_text(row, "ElementName"), "my vm");
    assert_null(cim_instance_find(row, "EnabledState"));
}

static void test_order(void **state)
{
    static const char *const parts[] = { "11111111", "22222222", "17f0f7d2", "33333333", "44444444" };
    Fixture *f = *state;
    CimInstanceList list = query(f, "SELECT * FROM Msvm_PartitionableGpu");
    assert_int_equal(list.count, 5);
    for (size_t i = 0; i < list.count; i++)
        assert_non_null(strstr(cim_instance_text(list.items[i], "Name"), parts[i]));
}

static void test_other_namespace(void **state)
{
    Fixture *f = *state;
    CimInstanceList list = query_in(f, NS_CIMV2,
                                    "SELECT * FROM Win32_PnPEntity WHERE DeviceID = "
                                    "'PCI\\\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\\\4&17f0f7d2&0&0008'");
    assert_int_equal(list.count, 1);
    assert_string_equal(cim_instance_text(list.items[0], "Name"), "NVIDIA GeForce RTX 3080");
    list = query_in(f, "ROOT/CIMV2", "select * from win32_operatingsystem");
    assert_int_equal(list.count, 1);
    assert_string_equal(cim_instance_text(list.items[0], "BuildNumber"), "22631");
}

/* ---- conditions ---- */

static void test_conditions(void **state)
{
    static const struct {
        const char *where;
        size_t count;
    } rows[] = {
        { "ElementName = 'MY VM'", 1 },
        { "elementNAME = \"my vm\"", 1 },
        { "ElementName = 'nobody'", 0 },
        { "ElementName <> 'my vm'", 5 },
        { "EnabledState = 2", 2 }, /* the host and one VM */
        { "EnabledState > 2 AND EnabledState < 4", 4 },
        { "NOT EnabledState = 2", 4 },
        { "EnabledState = 2 AND NOT (InstallDate IS NULL)", 1 },
        { "InstallDate IS NOT NULL", 5 },
        { "ElementName LIKE 'M%'", 1 },
        { "ElementName LIKE '%r'", 1 },
        { "ElementName LIKE '[a-c]%' OR ElementName = 'lab'", 2 },
        { "ElementName = 'łódź-größe 開発'", 1 },
        { "ProcessID = 1", 0 },
        { "ProcessID <> 1", 1 }, /* null is not unequal */
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CimInstanceList list =
            query(f, arena_printf(&f->arena, "SELECT * FROM Msvm_ComputerSystem WHERE %s", rows[i].where));
        if (list.count != rows[i].count)
            fail_msg("%s: %zu rows", rows[i].where, list.count);
    }
}

/* Names that mean something in WQL, in LIKE patterns, in XML or in object paths. */
static void test_special_names(void **state)
{
    static const char *const names[] = { "it's \"quoted\"", "back\\slash\\", "100%_[a-z]^", "a < b & c > d", "Größe 開発",
                                         "{x} = 'y' OR 1=1", "tab\tand\nline" };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CimInstance *in = parameters(f);
        set(f, in, "SystemSettings", cim_embedded(vm_settings_named(f, names[i])));
        CimInstance *out = invoke(f, service(f, MANAGEMENT), "DefineSystem", in);
        assert_int_equal(return_value(out), 0);
        const char *path = value_of(out, "ResultingSystem", CIM_TYPE_REFERENCE, false)->text;
        assert_string_equal(cim_instance_text(get(f, path), "ElementName"), names[i]);
        const char *wql;
        assert_true(wql_select("Msvm_ComputerSystem", "ElementName", names[i], &f->arena, &wql, &f->err));
        assert_true(cim_path_equals(one(f, wql)->path, path));
        Str like;
        str_init(&like, LIMIT_WQL_BYTES);
        str_append(&like, "SELECT * FROM Msvm_ComputerSystem WHERE ElementName LIKE ");
        wql_append_prefix_pattern(&like, names[i]);
        assert_true(str_finish(&like, &f->arena, &wql, &f->err));
        assert_true(cim_path_equals(one(f, wql)->path, path));
    }
}

static void test_superclasses(void **state)
{
    Fixture *f = *state;
    size_t systems = query(f, "SELECT * FROM Msvm_ComputerSystem").count;
    size_t gpus = query(f, "SELECT * FROM Msvm_PartitionableGpu").count;
    assert_int_equal(query(f, "SELECT * FROM CIM_ComputerSystem").count, systems + gpus);
    CimInstanceList pools = query(f, "SELECT * FROM Msvm_ResourcePool");
    for (size_t i = 0; i < pools.count; i++)
        assert_string_equal(pools.items[i]->class_name, "Msvm_ResourcePool");
    assert_true(query(f, "SELECT * FROM CIM_ResourcePool").count > pools.count);
}

/* ---- associations ---- */

static void test_associators(void **state)
{
    static const struct {
        const char *path, *assoc_class, *result_class;
        size_t count;
    } rows[] = {
        { SYSTEM(MY_VM), "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData", 1 },
        { SETTINGS(MY_VM), "Msvm_SettingsDefineState", NULL, 1 },
        { SETTINGS(MY_VM), "Msvm_VirtualSystemSettingDataComponent", "Msvm_GpuPartitionSettingData", 2 },
        { SETTINGS(MY_VM), "msvm_virtualsystemsettingdatacomponent", "CIM_ResourceAllocationSettingData", 9 },
        { SETTINGS(LAB_VM), "Msvm_VirtualSystemSettingDataComponent", "Msvm_GpuPartitionSettingData", 0 },
        { SYSTEM(LAB_VM), "Msvm_SnapshotOfVirtualSystem", "Msvm_VirtualSystemSettingData", 2 },
        { SYSTEM(LAB_VM), "Msvm_MostCurrentSnapshotInBranch", NULL, 1 },
        { SYSTEM(LAB_VM), NULL, "Msvm_VirtualSystemSettingData", 3 },
        { SYSTEM(MY_VM), "Msvm_MostCurrentSnapshotInBranch", NULL, 0 },
        { SYSTEM(LAB_VM), "Msvm_LastAppliedSnapshot", NULL, 0 },
        { SYSTEM(RENDER_VM), "Msvm_SystemDevice", "Msvm_GpuPartition", 1 },
        { SYSTEM(RENDER_VM), "CIM_Component", "Msvm_KvpExchangeComponent", 1 },
        { SETTINGS(LAB_VM), "Msvm_ParentChildSettingData", NULL, 1 },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t count = associators(f, rows[i].path, rows[i].assoc_class, rows[i].result_class).count;
        if (count != rows[i].count)
            fail_msg("row %zu: %zu instances", i, count);
    }
}

/* From the pool of GPU partitions to the template of a new one. */
static void test_template(void **state)
{
    Fixture *f = *state;
    const CimInstance *pool = one(f, "SELECT * FROM Msvm_ResourcePool WHERE ResourceSubType = "
                                     "'Microsoft:Hyper-V:GPU Partition' AND Primordial = TRUE");
    CimInstanceList list = associators(f, pool->path, "Msvm_ElementCapabilities", "Msvm_AllocationCapabilities");
    assert_int_equal(list.count, 1);
    const char *references = arena_printf(
        &f->arena, "REFERENCES OF {%s} WHERE ResultClass = Msvm_SettingsDefineCapabilities", list.items[0]->path);
    list = query(f, references);
    assert_int_equal(list.count, 4);
    size_t defaults = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (cim_instance_uint(list.items[i], "ValueRole", 99) != 0 ||
            cim_instance_uint(list.items[i], "ValueRange", 99) != 0)
            continue;
        const CimInstance *template = get(f, cim_instance_text(list.items[i], "PartComponent"));
        assert_non_null(strstr(cim_instance_text(template, "InstanceID"), "\\Default"));
        assert_int_equal(cim_instance_uint(template, "ResourceType", 0), 32770);
        defaults++;
    }
    assert_int_equal(defaults, 1);
}

/* Any object and any association can be had by its path. */
static void test_get_by_path(void **state)
{
    static const char *const classes[] = {
        "CIM_ManagedElement", "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingDataComponent",
        "Msvm_SettingsDefineCapabilities", "Msvm_ParentChildSettingData", "Msvm_ResourceAllocationFromPool",
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        CimInstanceList list = query(f, arena_printf(&f->arena, "SELECT * FROM %s", classes[i]));
        assert_true(list.count > 0);
        for (size_t k = 0; k < list.count; k++) {
            assert_non_null(list.items[k]->path);
            CimInstance *again = get(f, list.items[k]->path);
            assert_string_equal(again->class_name, list.items[k]->class_name);
            assert_true(cim_path_equals(again->path, list.items[k]->path));
        }
    }
}

static void test_roles(void **state)
{
    static const struct {
        const char *tail;
        size_t count;
    } rows[] = {
        { "AssocClass = Msvm_ParentChildSettingData", 2 },
        { "AssocClass = Msvm_ParentChildSettingData Role = Antecedent", 1 },
        { "AssocClass = Msvm_ParentChildSettingData Role = Dependent", 1 },
        { "AssocClass = Msvm_ParentChildSettingData ResultRole = Antecedent", 1 },
        { "AssocClass = Msvm_ParentChildSettingData Role = Antecedent ResultRole = Antecedent", 0 },
        { "AssocClass = Msvm_VirtualSystemSettingDataComponent ClassDefsOnly", 7 },
    };
    Fixture *f = *state;
    /* The newer of the two checkpoints: its parent is the older one, its child the current configuration. */
    const CimInstance *settings = get(f, SETTINGS(LAB_VM));
    const char *parent = cim_instance_text(settings, "Parent");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t count = query(f, arena_printf(&f->arena, "ASSOCIATORS OF {%s} WHERE %s", parent, rows[i].tail)).count;
        if (count != rows[i].count)
            fail_msg("%s: %zu instances", rows[i].tail, count);
    }
    assert_int_equal(query(f, "SELECT * FROM Msvm_ParentChildSettingData").count, 2);
}

/* ---- paths ---- */

static void test_path_forms(void **state)
{
    static const char *const forms[] = {
        SYSTEM(MY_VM),
        "Msvm_ComputerSystem.Name=\"" MY_VM "\",CreationClassName=\"Msvm_ComputerSystem\"",
        "msvm_computersystem.creationclassname=\"MSVM_COMPUTERSYSTEM\",name=\"f65d0775-1ca1-4804-9305-71f4a38bdd83\"",
        "root\\virtualization\\v2:" SYSTEM(MY_VM),
        "root/virtualization/v2:" SYSTEM(MY_VM),
        "\\\\.\\root\\virtualization\\v2:" SYSTEM(MY_VM),
        "\\\\ANOTHER\\root\\virtualization\\v2:" SYSTEM(MY_VM),
        "//HV1/root/virtualization/v2:" SYSTEM(MY_VM),
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        assert_string_equal(cim_instance_text(get(f, forms[i]), "ElementName"), "my vm");
}

/* ---- errors ---- */

typedef struct Mistake {
    const char *what;
    ErrorCode code;
    uint32_t native; /* 0: any */
} Mistake;

static void check_mistake(const Fixture *f, const Mistake *mistake, bool done)
{
    if (done)
        fail_msg("%s: no error", mistake->what);
    if (f->err.code != mistake->code)
        fail_msg("%s: %s (%s)", mistake->what, f->err.message, error_code_name(f->err.code));
    if (mistake->native == 0)
        return;
    assert_int_equal(f->err.source, ERROR_SOURCE_HRESULT);
    if (f->err.native != mistake->native)
        fail_msg("%s: %llx", mistake->what, (unsigned long long) f->err.native);
}

static void test_query_mistakes(void **state)
{
    static const Mistake mistakes[] = {
        { "SELECT * FROM Msvm_NoSuchClass", ERR_UNSUPPORTED, WMI_E_INVALID_CLASS },
        { "SELECT * FROM Win32_PnPEntity", ERR_UNSUPPORTED, WMI_E_INVALID_CLASS }, /* in the other namespace */
        { "SELECT", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "SELECT * FROM Msvm_ComputerSystem WHERE", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "SELECT * FROM Msvm_ComputerSystem WHERE Name = 'x", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "SELECT Nothing FROM Msvm_ComputerSystem", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "SELECT * FROM Msvm_ComputerSystem WHERE Nothing = 1", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "DROP TABLE Msvm_ComputerSystem", ERR_INVALID, WMI_E_INVALID_QUERY },
        { "ASSOCIATORS OF {" SYSTEM(MY_VM) "} WHERE AssocClass = Msvm_NoSuchClass", ERR_UNSUPPORTED,
          WMI_E_INVALID_CLASS },
        { "ASSOCIATORS OF {" SYSTEM("00000000-0000-0000-0000-000000000000") "}", ERR_NOT_FOUND, WMI_E_NOT_FOUND },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        CimInstanceList list = { .items = NULL };
        bool done = cim_session_query(f->session, NS_VIRTUALIZATION, mistakes[i].what, &f->arena, &list, &f->err);
        check_mistake(f, &mistakes[i], done);
        assert_int_equal(list.count, 0);
    }
    CimInstanceList list = { .items = NULL };
    const Mistake mistake = { "root\\nowhere", ERR_UNSUPPORTED, WMI_E_INVALID_NAMESPACE };
    bool done =
        cim_session_query(f->session, mistake.what, "SELECT * FROM Msvm_ComputerSystem", &f->arena, &list, &f->err);
    check_mistake(f, &mistake, done);
}

static void test_get_mistakes(void **state)
{
    static const Mistake mistakes[] = {
        { SYSTEM("00000000-0000-0000-0000-000000000000"), ERR_NOT_FOUND, WMI_E_NOT_FOUND },
        { "Msvm_SettingsDefineState.ManagedElement=\"x\",SettingData=\"y\"", ERR_NOT_FOUND, WMI_E_NOT_FOUND },
        { SETTINGS("00000000-0000-0000-0000-000000000000"), ERR_NOT_FOUND, WMI_E_NOT_FOUND },
        { "Msvm_ConcreteJob.InstanceID=\"00000000-0000-0000-0000-000000000000\"", ERR_NOT_FOUND, WMI_E_NOT_FOUND },
        { "Msvm_NoSuchClass.Name=\"x\"", ERR_UNSUPPORTED, WMI_E_INVALID_CLASS },
        { "Msvm_ComputerSystem.Nothing=\"x\"", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
        { "not a path", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
        { "Msvm_ComputerSystem.Name=\"x", ERR_INVALID, WMI_E_INVALID_OBJECT_PATH },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        CimInstance *instance = NULL;
        bool done = cim_session_get(f->session, NS_VIRTUALIZATION, mistakes[i].what, &f->arena, &instance, &f->err);
        check_mistake(f, &mistakes[i], done);
        assert_null(instance);
    }
}

static void check_invoke_mistake(Fixture *f, const char *path, const char *method, const char *parameter,
                                 CimValue value, ErrorCode code, uint32_t native)
{
    const Mistake mistake = { arena_printf(&f->arena, "%s of %s, %s", method, path, parameter), code, native };
    CimInstance *in = parameters(f), *out = NULL;
    set(f, in, parameter, value);
    bool done = cim_session_invoke(f->session, NS_VIRTUALIZATION, path, method, in, &f->arena, &out, &f->err);
    check_mistake(f, &mistake, done);
    assert_null(out);
}

static void test_invoke_mistakes(void **state)
{
    Fixture *f = *state;
    CimValue state_off = cim_uint(CIM_TYPE_UINT16, 3);
    check_invoke_mistake(f, SYSTEM("00000000-0000-0000-0000-000000000000"), "RequestStateChange", "RequestedState",
                         state_off, ERR_NOT_FOUND, WMI_E_NOT_FOUND);
    check_invoke_mistake(f, SYSTEM(MY_VM), "NoSuchMethod", "RequestedState", state_off, ERR_UNSUPPORTED,
                         WMI_E_INVALID_METHOD);
    check_invoke_mistake(f, SYSTEM(MY_VM), "RequestStateChange", "NoSuchParameter", state_off, ERR_INVALID,
                         WMI_E_INVALID_METHOD_PARAMETERS);
    check_invoke_mistake(f, SYSTEM(MY_VM), "RequestStateChange", "Job", cim_text(CIM_TYPE_REFERENCE, "x"), ERR_INVALID,
                         WMI_E_INVALID_METHOD_PARAMETERS); /* OUT only */
    check_invoke_mistake(f, SYSTEM(MY_VM), "RequestStateChange", "RequestedState", cim_string("two"), ERR_INVALID,
                         WMI_E_INVALID_METHOD_PARAMETERS);
    check_invoke_mistake(f, "not a path", "RequestStateChange", "RequestedState", state_off, ERR_INVALID,
                         WMI_E_INVALID_OBJECT_PATH);
}

static void test_round_trips(void **state)
{
    Fixture *f = *state;
    uint64_t before = f->session->round_trips;
    query(f, "SELECT * FROM Msvm_PartitionableGpu");
    assert_int_equal(f->session->round_trips, before + 1);
    get(f, SYSTEM(MY_VM));
    assert_int_equal(f->session->round_trips, before + 2);
    associators(f, SYSTEM(MY_VM), "Msvm_SettingsDefineState", NULL);
    assert_int_equal(f->session->round_trips, before + 3);
    const char *path = service(f, SNAPSHOTS);
    before = f->session->round_trips;
    CimInstance *in = parameters(f);
    set(f, in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, SYSTEM(MY_VM)));
    CimInstance *out = invoke(f, path, "CreateSnapshot", in);
    assert_int_equal(f->session->round_trips, before + 1);
    uint64_t polls = f->session->polls;
    wait_for_job(f, out);
    assert_int_equal(f->session->round_trips, before + 1);
    assert_true(f->session->polls > polls);
}

/* ---- root\cimv2: what is asked about drivers ---- */

#define DISPLAY_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\"
#define RADEON "PCI\\\\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\\\\6&22222222&0&00000008"

/* Methods of the registry provider are called of the class itself. value: NULL for methods without one. */
static CimInstance *ask_registry(Fixture *f, const char *method, const char *key, const char *value)
{
    CimInstance *in = parameters(f), *out = NULL;
    set(f, in, "hDefKey", cim_uint(CIM_TYPE_UINT32, UINT32_C(0x80000002)));
    set(f, in, "sSubKeyName", cim_string(key));
    if (value != NULL)
        set(f, in, "sValueName", cim_string(value));
    if (!cim_session_invoke(f->session, NS_CIMV2, "StdRegProv", method, in, &f->arena, &out, &f->err))
        fail_msg("%s: %s", method, f->err.message);
    return out;
}

static void test_registry(void **state)
{
    Fixture *f = *state;
    CimInstance *out = ask_registry(f, "GetExpandedStringValue", DISPLAY_KEY "0001", "DriverVersion");
    assert_int_equal(return_value(out), 0);
    assert_string_equal(value_of(out, "sValue", CIM_TYPE_STRING, false)->text, "31.0.24019.1006");
    out = ask_registry(f, "GetMultiStringValue", DISPLAY_KEY "0001\\CopyToVmWhenNewer", "opencl");
    assert_int_equal(return_value(out), 0);
    const CimValue *texts = value_of(out, "sValue", CIM_TYPE_STRING, true);
    assert_int_equal(texts->array.count, 2);
    assert_string_equal(texts->array.items[1].text, "OpenCL.dll");
    out = ask_registry(f, "EnumKey", DISPLAY_KEY "0001", NULL);
    assert_int_equal(value_of(out, "sNames", CIM_TYPE_STRING, true)->array.count, 3);
    out = ask_registry(f, "EnumValues", DISPLAY_KEY "0001\\CopyToVmWhenNewer", NULL);
    assert_string_equal(value_of(out, "sNames", CIM_TYPE_STRING, true)->array.items[0].text, "opencl");
    const CimValue *types = value_of(out, "Types", CIM_TYPE_SINT32, true);
    assert_int_equal(types->array.count, 1);
    assert_int_equal(types->array.items[0].sint, 7); /* REG_MULTI_SZ */
}

/* What is not there is no error of the call, and gives no value. */
static void test_registry_without(void **state)
{
    static const char *const calls[][3] = {
        { "GetExpandedStringValue", DISPLAY_KEY "0001", "Nothing" },
        { "GetExpandedStringValue", DISPLAY_KEY "9999", "DriverVersion" },
        { "GetMultiStringValue", DISPLAY_KEY "0001", "Nothing" },
        { "EnumValues", DISPLAY_KEY "9999", NULL },
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        CimInstance *out = ask_registry(f, calls[i][0], calls[i][1], calls[i][2]);
        assert_true(return_value(out) != 0);
        assert_true(cim_instance_is_null(out, calls[i][2] != NULL ? "sValue" : "sNames"));
    }
}

static void test_drivers(void **state)
{
    Fixture *f = *state;
    CimInstanceList rows =
        query_in(f, NS_CIMV2, "SELECT * FROM Win32_PnPEntity WHERE DeviceID LIKE 'PCI\\\\VEN[_]1002%'");
    assert_int_equal(rows.count, 1);
    assert_string_equal(cim_instance_text(rows.items[0], "Name"), "Radeon RX 6800 XT");
    assert_int_equal(value_of(rows.items[0], "ConfigManagerErrorCode", CIM_TYPE_UINT32, false)->uint, 0);
    rows = query_in(f, NS_CIMV2, "SELECT SystemDrive FROM Win32_OperatingSystem");
    assert_int_equal(rows.count, 1);
    assert_string_equal(cim_instance_text(rows.items[0], "SystemDrive"), "C:");
    rows = query_in(f, NS_CIMV2, "SELECT * FROM Win32_PnPSignedDriver WHERE DeviceID = '" RADEON "'");
    assert_int_equal(rows.count, 1);
    assert_non_null(value_of(rows.items[0], "DriverDate", CIM_TYPE_DATETIME, false)->text);
    if (!cim_session_associators(f->session, NS_CIMV2, "Win32_PnPSignedDriver.DeviceID=\"" RADEON "\"",
                                 "Win32_PnPSignedDriverCIMDataFile", "CIM_DataFile", &f->arena, &rows, &f->err))
        fail_msg("%s", f->err.message);
    assert_int_equal(rows.count, 3);
    assert_string_equal(cim_instance_text(rows.items[2], "Name"),
                        "c:\\windows\\system32\\driverstore\\filerepository\\"
                        "u0400975.inf_amd64_77c1b0a9e5d4f213\\b400821\\amdxc64.dll");
}

static void test_folder_that_is_missing(void **state)
{
    Fixture *f = *state;
    CimInstance *folder = NULL;
    assert_false(
        cim_session_get(f->session, NS_CIMV2, "Win32_Directory.Name=\"C:\\\\Nothing\"", &f->arena, &folder, &f->err));
    assert_int_equal(f->err.code, ERR_NOT_FOUND);
}

int contract_run(const char *name, const ContractFactory *factory)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
    static const struct CMUnitTest own[] = {
        TEST(test_types),           TEST(test_references),     TEST(test_path_in_string),
        TEST(test_embedded_text),   TEST(test_rows_are_complete), TEST(test_columns),
        TEST(test_order),           TEST(test_other_namespace), TEST(test_conditions),
        TEST(test_special_names),   TEST(test_superclasses),   TEST(test_associators),
        TEST(test_template),        TEST(test_roles),          TEST(test_get_by_path),          TEST(test_path_forms),
        TEST(test_query_mistakes),  TEST(test_get_mistakes),   TEST(test_invoke_mistakes),
        TEST(test_round_trips),
        TEST(test_registry),        TEST(test_registry_without), TEST(test_drivers),
        TEST(test_folder_that_is_missing),
    };
    struct CMUnitTest tests[COUNT_OF(own) + METHOD_TEST_COUNT];
    memcpy(tests, own, sizeof(own));
    memcpy(tests + COUNT_OF(own), method_tests, sizeof(method_tests));
    use_factory(factory);
    return _cmocka_run_group_tests(name, tests, COUNT_OF(tests), NULL, NULL);
}
