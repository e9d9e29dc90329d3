/* SPDX-License-Identifier: MIT */
/* Which objects are associated, as a table of rules, and the queries about it. Roles and classes: the MOF of Windows
 * builds 9200 to 29617, for root\cimv2 the class pages of the Windows SDK; language: Windows SDK, "ASSOCIATORS OF
 * Statement", "REFERENCES OF Statement".
 *
 * Every association is written from the side where each object has few partners, so that those can be computed;
 * the other direction asks all objects of that side. */
#include "sim/query/associations.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "sim/query/rows.h"
#include "sim/services/jobs.h"
#include "sim/store/lookup.h"
#include "sim/store/vm_model.h"

#include <string.h>

typedef struct Rule {
    const char *association;
    const char *from_role, *from_class;
    const char *to_role, *to_class;
    /* Appends the partners of an object of from_class. */
    void (*partners)(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list);
    /* Sets what the association says beyond its two ends; NULL: nothing. */
    void (*details)(const SimHost *host, const SimObject *from, const SimObject *to, Arena *arena, CimInstance *row);
} Rule;

static void add(Arena *arena, SimObjects *list, SimObject *object)
{
    if (object != NULL)
        ARRAY_PUSH(arena, list, object);
}

/* ---- configurations and resources ---- */

static void vm_of_current(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    if (sim_settings_is_current(from))
        add(arena, list, sim_settings_vm(host, from));
}

static void vm_of_checkpoint(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    if (sim_settings_is_checkpoint(from))
        add(arena, list, sim_settings_vm(host, from));
}

static void settings_of_resource(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    add(arena, list, sim_resource_settings(host, from));
}

static void parent_of_settings(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    SimObject *parent = sim_object_at(host, NS_VIRTUALIZATION, sim_object_text(from, "Parent"));
    if (parent != NULL && sim_object_is(parent, "Msvm_VirtualSystemSettingData"))
        add(arena, list, parent);
}

/* Unverified for branched trees: only the branch that the VM is on is listed. */
static void parent_of_vm(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    if (sim_vm_is(from))
        parent_of_settings(host, sim_vm_settings(host, from), arena, list);
}

static void applied_to_vm(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    const char *id = cim_instance_text(host->last_applied, sim_object_text(from, "Name"));
    if (id != NULL)
        add(arena, list, sim_object_by_instance_id(host, "Msvm_VirtualSystemSettingData", id));
}

/* The device that a resource became when the VM was started. */
static void device_of_resource(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    static const char *const pairs[][2] = {
        { "Msvm_GpuPartitionSettingData", "Msvm_GpuPartition" },
        { "Msvm_KvpExchangeComponentSettingData", "Msvm_KvpExchangeComponent" },
        { "Msvm_ShutdownComponentSettingData", "Msvm_ShutdownComponent" },
        { "Msvm_HeartbeatComponentSettingData", "Msvm_HeartbeatComponent" },
        { "Msvm_GuestServiceInterfaceComponentSettingData", "Msvm_GuestServiceInterfaceComponent" },
    };
    const SimObject *settings = sim_resource_settings(host, from);
    if (settings == NULL || !sim_settings_is_current(settings))
        return;
    const char *device_id = arena_printf(arena, "Microsoft:%s", sim_resource_device(from));
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, pairs[i][1]);
        const char *const keys[] = { pairs[i][1], device_id, "Msvm_ComputerSystem",
                                     sim_object_text(settings, "VirtualSystemIdentifier") };
        if (class != NULL && sim_object_is(from, pairs[i][0]))
            add(arena, list, sim_object_find(host, class, keys, COUNT_OF(keys)));
    }
}

/* ---- the host: pools, capabilities, devices ---- */

static bool same_resource(const SimObject *a, const SimObject *b)
{
    return sim_object_uint(a, "ResourceType") == sim_object_uint(b, "ResourceType") &&
           ascii_equals(sim_object_text(a, "ResourceSubType"), sim_object_text(b, "ResourceSubType"));
}

static void pool_of(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    SimWalk walk = sim_walk(host, "CIM_ResourcePool");
    for (SimObject *pool; (pool = sim_walk_next(&walk)) != NULL;) {
        if (same_resource(pool, from) && ascii_equals(sim_object_text(pool, "PoolID"), sim_object_text(from, "PoolID")))
            add(arena, list, pool);
    }
}

static void pool_of_resource(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    if (sim_resource_settings(host, from) != NULL) /* templates are allocated from nothing */
        pool_of(host, from, arena, list);
}

/* Templates are named "Microsoft:Definition\<capabilities>\Default". */
static void capabilities_of_template(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    const char *id = sim_object_text(from, "InstanceID");
    if (!ascii_starts_with(id, SIM_DEFINITION_PREFIX))
        return;
    id += strlen(SIM_DEFINITION_PREFIX);
    const char *capabilities = arena_printf(arena, "Microsoft:%.*s", (int) strcspn(id, "\\"), id);
    add(arena, list, sim_object_by_instance_id(host, "Msvm_AllocationCapabilities", capabilities));
}

static void template_details(const SimHost *host, const SimObject *from, const SimObject *to, Arena *arena,
                             CimInstance *row)
{
    static const struct {
        const char *name;
        uint16_t role, range;
    } kinds[] = { { "Default", 0, 0 }, { "Minimum", 3, 1 }, { "Maximum", 3, 2 }, { "Increment", 3, 3 } };
    (void) host;
    (void) to;
    const char *name = strrchr(sim_object_text(from, "InstanceID"), '\\');
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (name == NULL || !ascii_equals(name + 1, kinds[i].name))
            continue;
        cim_instance_set(row, arena, "ValueRole", cim_uint(CIM_TYPE_UINT16, kinds[i].role));
        cim_instance_set(row, arena, "ValueRange", cim_uint(CIM_TYPE_UINT16, kinds[i].range));
    }
}

static void system_of_device(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    add(arena, list, sim_vm_find(host, sim_object_text(from, "SystemName")));
}

static void component_of_service(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    SimWalk walk = sim_walk(host, "Msvm_GuestServiceInterfaceComponent");
    for (SimObject *component; (component = sim_walk_next(&walk)) != NULL;) {
        if (ascii_equals(sim_object_text(component, "SystemName"), sim_object_text(from, "SystemName")))
            add(arena, list, component);
    }
}

/* ---- jobs ---- */

static void affected_by_job(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    const SimJob *job = sim_job_of(host, from);
    for (size_t i = 0; job != NULL && i < job->affected.count; i++)
        add(arena, list, sim_object_at(host, NS_VIRTUALIZATION, job->affected.items[i].path));
}

static void job_details(const SimHost *host, const SimObject *from, const SimObject *to, Arena *arena, CimInstance *row)
{
    const SimJob *job = sim_job_of(host, from);
    for (size_t i = 0; job != NULL && i < job->affected.count; i++) {
        const SimAffected *affected = &job->affected.items[i];
        if (sim_object_at(host, NS_VIRTUALIZATION, affected->path) != to)
            continue;
        CimValue *effect = ARENA_NEW(arena, CimValue);
        *effect = cim_uint(CIM_TYPE_UINT16, affected->effect);
        cim_instance_set(row, arena, "ElementEffects", cim_array(CIM_TYPE_UINT16, effect, 1));
    }
}

static void owner_of_job(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    uint64_t type = sim_object_uint(from, "JobType");
    SimWalk walk = sim_walk(host, type >= 70 && type <= 73 ? "Msvm_VirtualSystemSnapshotService"
                                                           : "Msvm_VirtualSystemManagementService");
    add(arena, list, sim_walk_next(&walk));
}

/* ---- files ---- */

/* Whoever has the driver's maker and version. Unverified: Windows takes them from the driver's INF. */
static void files_of_driver(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    SimWalk walk = sim_walk_in(host, NS_CIMV2, "CIM_DataFile");
    for (SimObject *file; (file = sim_walk_next(&walk)) != NULL;) {
        if (strcmp(sim_object_text(file, "Manufacturer"), sim_object_text(from, "Manufacturer")) == 0 &&
            strcmp(sim_object_text(file, "Version"), sim_object_text(from, "DriverVersion")) == 0)
            add(arena, list, file);
    }
}

/* Of a file or a folder. */
static void folder_above(const SimHost *host, const SimObject *from, Arena *arena, SimObjects *list)
{
    const char *name = sim_object_text(from, "Name"), *end = strrchr(name, '\\');
    if (end == NULL)
        return;
    const char *above = arena_strndup(arena, name, (size_t) (end - name));
    add(arena, list, sim_object_find(host, sim_class_find(host, NS_CIMV2, "Win32_Directory"), &above, 1));
}

/* ---- the table ---- */

#define SETTINGS "Msvm_VirtualSystemSettingData"
#define RESOURCE "CIM_ResourceAllocationSettingData"

static const Rule rules[] = {
    { "Msvm_SettingsDefineState", "SettingData", SETTINGS, "ManagedElement", "Msvm_ComputerSystem", vm_of_current,
      NULL },
    { "Msvm_SettingsDefineState", "SettingData", RESOURCE, "ManagedElement", "CIM_LogicalDevice", device_of_resource,
      NULL },
    { "Msvm_VirtualSystemSettingDataComponent", "PartComponent", RESOURCE, "GroupComponent", SETTINGS,
      settings_of_resource, NULL },
    { "Msvm_SnapshotOfVirtualSystem", "Dependent", SETTINGS, "Antecedent", "Msvm_ComputerSystem", vm_of_checkpoint,
      NULL },
    { "Msvm_MostCurrentSnapshotInBranch", "Antecedent", "Msvm_ComputerSystem", "Dependent", SETTINGS, parent_of_vm,
      NULL },
    { "Msvm_LastAppliedSnapshot", "Dependent", "Msvm_ComputerSystem", "Antecedent", SETTINGS, applied_to_vm, NULL },
    { "Msvm_ParentChildSettingData", "Dependent", SETTINGS, "Antecedent", SETTINGS, parent_of_settings, NULL },
    { "Msvm_AffectedJobElement", "AffectingElement", "CIM_ConcreteJob", "AffectedElement", "CIM_ManagedElement",
      affected_by_job, job_details },
    { "Msvm_OwningJobElement", "OwnedElement", "CIM_ConcreteJob", "OwningElement", "CIM_Service", owner_of_job, NULL },
    { "Msvm_ElementCapabilities", "Capabilities", "Msvm_AllocationCapabilities", "ManagedElement", "CIM_ResourcePool",
      pool_of, NULL },
    { "Msvm_SettingsDefineCapabilities", "PartComponent", RESOURCE, "GroupComponent", "Msvm_AllocationCapabilities",
      capabilities_of_template, template_details },
    { "Msvm_SystemDevice", "PartComponent", "CIM_LogicalDevice", "GroupComponent", "Msvm_ComputerSystem",
      system_of_device, NULL },
    { "Msvm_RegisteredGuestService", "Dependent", "Msvm_GuestService", "Antecedent",
      "Msvm_GuestServiceInterfaceComponent", component_of_service, NULL },
    { "Msvm_ResourceAllocationFromPool", "Dependent", RESOURCE, "Antecedent", "CIM_ResourcePool", pool_of_resource,
      NULL },
    { "CIM_DirectoryContainsFile", "PartComponent", "CIM_DataFile", "GroupComponent", "Win32_Directory", folder_above,
      NULL },
    { "Win32_PnPSignedDriverCIMDataFile", "Antecedent", "Win32_PnPSignedDriver", "Dependent", "CIM_DataFile",
      files_of_driver, NULL },
    { "Win32_SubDirectory", "PartComponent", "Win32_Directory", "GroupComponent", "Win32_Directory", folder_above,
      NULL },
};

/* ---- rows of associations ---- */

static CimInstance *make_row(const SimHost *host, const Rule *rule, const SimObject *from, const SimObject *to,
                             Arena *arena)
{
    const SimClass *class = sim_class_find(host, from->class->decl->ns, rule->association);
    CimInstance *row = cim_instance_create(arena, class->decl->name);
    row->properties = arena_memdup(arena, class->defaults, class->count * sizeof(CimProperty));
    row->count = row->capacity = class->count;
    cim_instance_set(row, arena, rule->from_role, cim_text(CIM_TYPE_REFERENCE, sim_object_path(host, from, arena)));
    cim_instance_set(row, arena, rule->to_role, cim_text(CIM_TYPE_REFERENCE, sim_object_path(host, to, arena)));
    if (rule->details != NULL)
        rule->details(host, from, to, arena, row);
    row->path = sim_path_of(host, class, row, arena);
    return row;
}

void sim_association_rows(const SimHost *host, const SimClass *class, const WqlQuery *query, Arena *arena,
                          CimInstanceList *list)
{
    Arena scratch = ARENA_INIT;
    ArenaMark mark = arena_mark(&scratch);
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (!ascii_equals(rules[i].association, class->decl->name))
            continue;
        SimWalk walk = sim_walk_in(host, class->decl->ns, rules[i].from_class);
        for (const SimObject *from; (from = sim_walk_next(&walk)) != NULL; arena_reset(&scratch, mark)) {
            SimObjects partners = { .items = NULL };
            rules[i].partners(host, from, &scratch, &partners);
            for (size_t k = 0; k < partners.count; k++) {
                const CimInstance *row = make_row(host, &rules[i], from, partners.items[k], &scratch);
                if (query->where == NULL || wql_matches(query->where, row))
                    sim_append_row(host, class, row, &query->columns, arena, list);
            }
        }
    }
    arena_release(&scratch);
}

/* ---- ASSOCIATORS OF, REFERENCES OF ---- */

/* A query about one object, and what it has found. */
typedef struct Search {
    const SimHost *host;
    const WqlQuery *query;
    const SimObject *about;
    Arena *arena;
    CimInstanceList *list;
    SimObjects seen; /* whoever is associated in several ways is listed once */
} Search;

/* The namespace has the class, and it is one of those that are wanted. */
static bool class_fits(const Search *search, const char *class_name, const char *wanted)
{
    const SimClass *class = sim_class_find(search->host, search->about->class->decl->ns, class_name);
    return class != NULL && (wanted == NULL || sim_class_is_a(class, wanted));
}

static bool role_fits(const char *role, const char *wanted)
{
    return wanted == NULL || ascii_equals(role, wanted);
}

/* One row per class instead of per object. */
static void add_class(const Search *search, const char *class_name)
{
    for (size_t i = 0; i < search->list->count; i++) {
        if (strcmp(search->list->items[i]->class_name, class_name) == 0)
            return;
    }
    CimInstance *row = cim_instance_create(search->arena, class_name);
    row->path = arena_printf(search->arena, "\\\\%s\\%s:%s", search->host->name,
                             search->about->class->decl->ns, class_name);
    ARRAY_PUSH(search->arena, search->list, row);
}

static bool was_seen(Search *search, SimObject *object)
{
    for (size_t i = 0; i < search->seen.count; i++) {
        if (search->seen.items[i] == object)
            return true;
    }
    ARRAY_PUSH(search->arena, &search->seen, object);
    return false;
}

/* "about" is one end of the association, "other" the other one. */
static void found(Search *search, const Rule *rule, const SimObject *from, const SimObject *to, SimObject *other)
{
    const WqlQuery *query = search->query;
    const char *own_role = other == to ? rule->from_role : rule->to_role;
    const char *other_role = other == to ? rule->to_role : rule->from_role;
    bool references = query->kind == WQL_REFERENCES;
    const char *result_class = references ? rule->association : other->row.class_name;
    if (!role_fits(own_role, query->role) || !role_fits(other_role, query->result_role) ||
        !class_fits(search, result_class, query->result_class))
        return;
    if (query->class_defs_only)
        add_class(search, result_class);
    else if (references)
        ARRAY_PUSH(search->arena, search->list, make_row(search->host, rule, from, to, search->arena));
    else if (query->assoc_class != NULL || !was_seen(search, other))
        ARRAY_PUSH(search->arena, search->list, sim_row(search->host, other, search->arena));
}

/* The object as "from". */
static void search_partners(Search *search, const Rule *rule)
{
    Arena scratch = ARENA_INIT;
    SimObjects partners = { .items = NULL };
    rule->partners(search->host, search->about, &scratch, &partners);
    for (size_t i = 0; i < partners.count; i++)
        found(search, rule, search->about, partners.items[i], partners.items[i]);
    arena_release(&scratch);
}

/* The object as "to": whoever has it as a partner. */
static void search_back(Search *search, const Rule *rule)
{
    const char *wanted = search->query->kind == WQL_ASSOCIATORS ? search->query->result_class : NULL;
    Arena scratch = ARENA_INIT;
    ArenaMark mark = arena_mark(&scratch);
    SimWalk walk = sim_walk_in(search->host, search->about->class->decl->ns, rule->from_class);
    for (SimObject *from; (from = sim_walk_next(&walk)) != NULL; arena_reset(&scratch, mark)) {
        SimObjects partners = { .items = NULL };
        if (wanted == NULL || sim_object_is(from, wanted)) /* most are not: this keeps large hosts fast */
            rule->partners(search->host, from, &scratch, &partners);
        for (size_t i = 0; i < partners.count; i++) {
            if (partners.items[i] == search->about)
                found(search, rule, from, search->about, from);
        }
    }
    arena_release(&scratch);
}

static bool check_classes(const SimHost *host, const char *ns, const WqlQuery *query, Error *err)
{
    SimClass *class = NULL;
    return (query->assoc_class == NULL || sim_check_class(host, ns, query->assoc_class, &class, err)) &&
           (query->result_class == NULL || sim_check_class(host, ns, query->result_class, &class, err));
}

bool sim_association_query(const SimHost *host, const char *ns, const WqlQuery *query, Arena *arena,
                           CimInstanceList *list, Error *err)
{
    SimObject *about = NULL;
    if (!check_classes(host, ns, query, err))
        return false;
    if (sim_is_hidden(host, ns))
        return true;
    if (!sim_check_object(host, ns, query->object, &about, err))
        return false;
    Search search = { .host = host, .query = query, .about = about, .arena = arena, .list = list };
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (!class_fits(&search, rules[i].association, query->assoc_class))
            continue;
        if (sim_object_is(about, rules[i].from_class))
            search_partners(&search, &rules[i]);
        if (sim_object_is(about, rules[i].to_class))
            search_back(&search, &rules[i]);
    }
    return true;
}
