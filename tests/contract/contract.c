/* SPDX-License-Identifier: MIT */
/* The promises of cim/session.h, tried on the sample host. */
#include "contract/contract.h"

#include "base/limits.h"
#include "base/str.h"
#include "cim/cimxml.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "cim/wql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define MY_VM "F65D0775-1CA1-4804-9305-71F4A38BDD83"
#define LAB_VM "7B61DC96-3BBD-455F-8027-B18D2CFD643A"
#define RENDER_VM "0F0E0D0C-0B0A-4908-8706-050403020100"
#define MANAGEMENT "Msvm_VirtualSystemManagementService"
#define SNAPSHOTS "Msvm_VirtualSystemSnapshotService"
#define SYSTEM(guid) "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" guid "\""
#define SETTINGS(guid) "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:" guid "\""
#define MY_ADAPTER "Microsoft:" MY_VM "\\EDF7D457-23FC-4358-902A-57B31399ED19"

typedef struct Fixture {
    const ContractFactory *factory;
    CimSession *session;
    Arena arena;
    Error err;
} Fixture;

static const ContractFactory *current_factory;
static Fixture fixture;

static int open_fixture(void **state)
{
    fixture = (Fixture){ .factory = current_factory };
    fixture.session = current_factory->open(current_factory->context);
    *state = &fixture;
    return fixture.session == NULL;
}

static int close_fixture(void **state)
{
    Fixture *f = *state;
    arena_release(&f->arena);
    f->factory->close(f->factory->context, f->session);
    return 0;
}

/* ---- short forms; each fails the test when the call fails ---- */

static CimInstanceList query_in(Fixture *f, const char *ns, const char *wql)
{
    CimInstanceList list = { .items = NULL };
    if (!cim_session_query(f->session, ns, wql, &f->arena, &list, &f->err))
        fail_msg("%s: %s", wql, f->err.message);
    return list;
}

static CimInstanceList query(Fixture *f, const char *wql)
{
    return query_in(f, NS_VIRTUALIZATION, wql);
}

static CimInstance *one(Fixture *f, const char *wql)
{
    CimInstanceList list = query(f, wql);
    if (list.count != 1)
        fail_msg("%s: %zu rows", wql, list.count);
    return list.items[0];
}

static CimInstance *get(Fixture *f, const char *path)
{
    CimInstance *instance = NULL;
    if (!cim_session_get(f->session, NS_VIRTUALIZATION, path, &f->arena, &instance, &f->err))
        fail_msg("%s: %s", path, f->err.message);
    return instance;
}

static const char *service(Fixture *f, const char *class_name)
{
    return one(f, arena_printf(&f->arena, "SELECT * FROM %s", class_name))->path;
}

static CimInstance *invoke(Fixture *f, const char *path, const char *method, const CimInstance *in)
{
    CimInstance *out = NULL;
    if (!cim_session_invoke(f->session, NS_VIRTUALIZATION, path, method, in, &f->arena, &out, &f->err))
        fail_msg("%s: %s", method, f->err.message);
    return out;
}

static CimInstance *parameters(Fixture *f)
{
    return cim_instance_create(&f->arena, "__PARAMETERS");
}

static void set(Fixture *f, CimInstance *instance, const char *name, CimValue value)
{
    cim_instance_set(instance, &f->arena, name, value);
}

static uint64_t return_value(const CimInstance *out)
{
    const CimValue *value = cim_instance_find(out, "ReturnValue");
    assert_non_null(value);
    assert_false(value->is_null);
    assert_int_equal(value->type, CIM_TYPE_UINT32);
    return value->uint;
}

/* Waits for the job of an answer and gives its last state. */
static CimInstance *wait_for_job(Fixture *f, const CimInstance *out)
{
    const char *path = cim_instance_text(out, "Job");
    assert_non_null(path);
    for (int polls = 0; polls < 1000; polls++) {
        CimInstance *job = NULL;
        if (!cim_session_poll(f->session, NS_VIRTUALIZATION, path, &f->arena, &job, &f->err))
            fail_msg("%s: %s", path, f->err.message);
        if (cim_instance_uint(job, "JobState", 0) >= 7)
            return job;
        assert_in_range(cim_instance_uint(job, "PercentComplete", 101), 0, 99);
        f->session->clock->sleep_ms(f->session->clock, 50);
    }
    fail_msg("job does not end");
    return NULL;
}

static const CimValue *value_of(const CimInstance *row, const char *name, CimType type, bool is_array)
{
    const CimValue *value = cim_instance_find(row, name);
    if (value == NULL)
        fail_msg("%s has no '%s'", row->class_name, name);
    assert_int_equal(value->type, type);
    assert_int_equal(value->is_array, is_array);
    return value;
}

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

static CimInstance *vm_settings_named(Fixture *f, const char *name)
{
    CimInstance *settings = cim_instance_create(&f->arena, "Msvm_VirtualSystemSettingData");
    set(f, settings, "ElementName", cim_string(name));
    return settings;
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

static CimInstanceList associators(Fixture *f, const char *path, const char *assoc_class, const char *result_class)
{
    CimInstanceList list = { .items = NULL };
    if (!cim_session_associators(f->session, NS_VIRTUALIZATION, path, assoc_class, result_class, &f->arena, &list,
                                 &f->err))
        fail_msg("%s: %s", path, f->err.message);
    return list;
}

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

/* ---- methods ---- */

/* A change that is done when the call returns; the embedded instance given as one, and as text. */
static void test_synchronous_method(void **state)
{
    Fixture *f = *state;
    static const char *const names[] = { "another name", "a name & more <text>" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CimInstance *settings = vm_settings_named(f, names[i]), *in = parameters(f);
        set(f, settings, "InstanceID", cim_string("Microsoft:" MY_VM));
        CimValue value = cim_embedded(settings);
        const char *text;
        assert_true(cimxml_write(settings, &f->arena, &text, &f->err));
        set(f, in, "SystemSettings", i == 0 ? value : cim_string(text));
        CimInstance *out = invoke(f, service(f, MANAGEMENT), "ModifySystemSettings", in);
        assert_int_equal(return_value(out), 0);
        assert_true(value_of(out, "Job", CIM_TYPE_REFERENCE, false)->is_null);
        assert_string_equal(cim_instance_text(get(f, SYSTEM(MY_VM)), "ElementName"), names[i]);
        assert_string_equal(cim_instance_text(get(f, SETTINGS(MY_VM)), "ElementName"), names[i]);
    }
}

/* Arrays of embedded instances in, arrays of references out, and back in. */
static void test_arrays(void **state)
{
    Fixture *f = *state;
    CimInstance *adapters[2], *in = parameters(f);
    CimValue items[2];
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        adapters[i] = cim_instance_create(&f->arena, "Msvm_GpuPartitionSettingData");
        set(f, adapters[i], "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770));
        set(f, adapters[i], "ResourceSubType", cim_string("Microsoft:Hyper-V:GPU Partition"));
        set(f, adapters[i], "PoolID", cim_string(""));
        set(f, adapters[i], "MinPartitionVRAM", cim_null(CIM_TYPE_UINT64));
        items[i] = cim_embedded(adapters[i]);
    }
    set(f, in, "AffectedConfiguration", cim_text(CIM_TYPE_REFERENCE, SETTINGS(MY_VM)));
    set(f, in, "ResourceSettings", cim_array(CIM_TYPE_INSTANCE, items, COUNT_OF(items)));
    const char *management = service(f, MANAGEMENT);
    CimInstance *out = invoke(f, management, "AddResourceSettings", in);
    assert_int_equal(return_value(out), 0);
    const CimValue *made = value_of(out, "ResultingResourceSettings", CIM_TYPE_REFERENCE, true);
    assert_int_equal(made->array.count, 2);
    for (size_t i = 0; i < made->array.count; i++)
        assert_true(cim_instance_is_null(get(f, made->array.items[i].text), "HostResource"));
    in = parameters(f);
    set(f, in, "ResourceSettings", *made);
    out = invoke(f, management, "RemoveResourceSettings", in);
    assert_int_equal(return_value(out), 0);
    assert_int_equal(associators(f, SETTINGS(MY_VM), "Msvm_VirtualSystemSettingDataComponent",
                                 "Msvm_GpuPartitionSettingData").count, 2);
}

static CimInstance *create_snapshot(Fixture *f, const char *vm_path)
{
    CimInstance *in = parameters(f);
    set(f, in, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, vm_path));
    set(f, in, "SnapshotSettings", cim_string(""));
    set(f, in, "SnapshotType", cim_uint(CIM_TYPE_UINT16, 2));
    return invoke(f, service(f, SNAPSHOTS), "CreateSnapshot", in);
}

static void test_job(void **state)
{
    Fixture *f = *state;
    CimInstance *out = create_snapshot(f, SYSTEM(LAB_VM));
    assert_int_equal(return_value(out), 4096);
    assert_true(cim_instance_is_null(out, "ResultingSnapshot"));
    CimInstance *job = wait_for_job(f, out);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 7);
    assert_int_equal(cim_instance_uint(job, "PercentComplete", 0), 100);
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 99), 0);
    assert_int_equal(cim_instance_uint(job, "JobType", 0), 70);
    assert_true(cim_datetime_is_valid(value_of(job, "StartTime", CIM_TYPE_DATETIME, false)->text));
    assert_string_equal(cim_instance_text(job, "TimeBeforeRemoval"), "00000000000500.000000:000");
    assert_int_equal(associators(f, SYSTEM(LAB_VM), "Msvm_SnapshotOfVirtualSystem", NULL).count, 3);
    CimInstanceList affected = associators(f, job->path, "Msvm_AffectedJobElement", "Msvm_VirtualSystemSettingData");
    assert_int_equal(affected.count, 1);
    assert_string_equal(cim_instance_text(affected.items[0], "VirtualSystemType"),
                        "Microsoft:Hyper-V:Snapshot:Realized");
    assert_ptr_equal(strstr(cim_instance_text(affected.items[0], "ElementName"), "lab - ("),
                     cim_instance_text(affected.items[0], "ElementName"));
}

static void test_refused_job(void **state)
{
    Fixture *f = *state;
    CimInstance *out = create_snapshot(f, SYSTEM(MY_VM)); /* it has GPU partitions */
    assert_int_equal(return_value(out), 4096);
    CimInstance *job = wait_for_job(f, out);
    assert_int_equal(cim_instance_uint(job, "JobState", 0), 10);
    assert_int_equal(cim_instance_uint(job, "ErrorCode", 0), 32775);
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "\n\n"));
    assert_non_null(strstr(cim_instance_text(job, "ErrorDescription"), "GPUP partitions"));
    assert_string_equal(cim_instance_text(job, "ErrorSummaryDescription"), "Checkpoint operation failed.");
    out = invoke(f, job->path, "GetErrorEx", NULL);
    assert_int_equal(return_value(out), 0);
    const CimValue *errors = value_of(out, "Errors", CIM_TYPE_STRING, true);
    assert_int_equal(errors->array.count, 3);
    CimInstance *error = NULL;
    assert_true(cimxml_read(errors->array.items[2].text, &f->arena, &error, &f->err));
    assert_string_equal(error->class_name, "Msvm_Error");
    assert_non_null(strstr(cim_instance_text(error, "Message"), "GPUP partitions"));
    out = invoke(f, job->path, "GetError", NULL);
    assert_false(value_of(out, "Error", CIM_TYPE_STRING, false)->is_null);
    assert_int_equal(associators(f, SYSTEM(MY_VM), "Msvm_SnapshotOfVirtualSystem", NULL).count, 0);
}

/* A refusal by ReturnValue is no error of the call. */
static void test_refused_call(void **state)
{
    Fixture *f = *state;
    CimInstance *in = parameters(f);
    set(f, in, "RequestedState", cim_uint(CIM_TYPE_UINT16, 32769));
    CimInstance *out = invoke(f, SYSTEM(LAB_VM), "RequestStateChange", in);
    assert_int_equal(return_value(out), 32775);
    assert_true(cim_instance_is_null(out, "Job"));
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
    const struct CMUnitTest tests[] = {
        TEST(test_types),           TEST(test_references),     TEST(test_path_in_string),
        TEST(test_embedded_text),   TEST(test_rows_are_complete), TEST(test_columns),
        TEST(test_order),           TEST(test_other_namespace), TEST(test_conditions),
        TEST(test_special_names),   TEST(test_superclasses),   TEST(test_associators),
        TEST(test_template),        TEST(test_roles),          TEST(test_get_by_path),          TEST(test_path_forms),
        TEST(test_query_mistakes),  TEST(test_get_mistakes),   TEST(test_invoke_mistakes),
        TEST(test_synchronous_method), TEST(test_arrays),      TEST(test_job),
        TEST(test_refused_job),     TEST(test_refused_call),   TEST(test_round_trips),
        TEST(test_registry),        TEST(test_registry_without), TEST(test_drivers),
        TEST(test_folder_that_is_missing),
    };
    current_factory = factory;
    return _cmocka_run_group_tests(name, tests, COUNT_OF(tests), NULL, NULL);
}
