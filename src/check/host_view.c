/* SPDX-License-Identifier: MIT */
#include "check/host_view.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "cim/schema.h"
#include "drivers/gather/host_registry.h"
#include "hyperv/change/detached.h"
#include "journal/journal.h"
#include "operations/found_drivers.h"

#include <stdlib.h>
#include <string.h>

#define POLICY_KEY "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV"

/* Hyper-V's jobs (hyperv/host/job.h): JobType of a start, JobState of one that ended badly. */
enum { JOB_OF_START = 12, JOB_TERMINATED = 8, JOB_EXCEPTION = 10 };

/* Rows belong to a VM by its GUID, so that one is found among many quickly. */
typedef struct VmIndex {
    VmFacts **items;
    size_t count;
} VmIndex;

typedef struct Reading {
    HyperVHost *host;
    Arena *arena;
    HostView *view;
    VmIndex index;
} Reading;

/* ---- VMs by their GUIDs ---- */

static int compare_guids(const void *a, const void *b)
{
    return ascii_casecmp((*(VmFacts *const *) a)->vm.guid, (*(VmFacts *const *) b)->vm.guid);
}

static void make_index(Reading *reading)
{
    VmFactsList *vms = &reading->view->vms;
    reading->index.items = ARENA_NEW_ARRAY(reading->arena, VmFacts *, vms->count + 1);
    reading->index.count = vms->count;
    for (size_t i = 0; i < vms->count; i++)
        reading->index.items[i] = &vms->items[i];
    qsort(reading->index.items, vms->count, sizeof(VmFacts *), compare_guids);
}

static int compare_guid(const void *guid, const void *facts)
{
    return ascii_ncasecmp(guid, (*(VmFacts *const *) facts)->vm.guid, GUID_TEXT_LENGTH);
}

/* "guid" may go on behind the GUID; NULL: none such. */
static VmFacts *find_vm(const Reading *reading, const char *guid)
{
    VmFacts **found = guid == NULL ? NULL
                                   : bsearch(guid, reading->index.items, reading->index.count,
                                             sizeof(*reading->index.items), compare_guid);
    return found != NULL ? *found : NULL;
}

/* The VM whose present configuration a resource belongs to: "Microsoft:<GUID>\..." */
static VmFacts *owner_of(const Reading *reading, const CimInstance *row)
{
    static const char prefix[] = "Microsoft:";
    const char *id = cim_instance_text(row, "InstanceID");
    return id != NULL && ascii_starts_with(id, prefix) ? find_vm(reading, id + strlen(prefix)) : NULL;
}

/* ---- areas ---- */

/* reason NULL: it was read. */
static void tell_area(Reading *reading, CheckArea area, const Vm *vm, const char *reason)
{
    CheckedArea row = { .area = area,
                        .vm_name = vm != NULL ? vm->name : NULL,
                        .vm_guid = vm != NULL ? vm->guid : NULL,
                        .was_read = reason == NULL,
                        .reason = reason };
    ARRAY_PUSH(reading->arena, &reading->view->areas, row);
}

/* Something that the rest can do without. An interruption is the end of all. */
static bool tell_unread(Reading *reading, CheckArea area, const Error *failure, Error *err)
{
    if (failure->code == ERR_CANCELLED || failure->code == ERR_UNREACHABLE) {
        *err = *failure;
        return false;
    }
    tell_area(reading, area, NULL, arena_strdup(reading->arena, failure->message));
    return true;
}

/* The rows of a class of either namespace, or none. */
static bool select_rows(Reading *reading, const char *ns, const char *query, CheckArea area, CimInstanceList *ret_rows,
                        Error *err)
{
    Error failure = { .code = ERR_NONE };
    if (cim_session_query(reading->host->session, ns, query, reading->arena, ret_rows, &failure)) {
        tell_area(reading, area, NULL, NULL);
        return true;
    }
    *ret_rows = (CimInstanceList){ 0 };
    return tell_unread(reading, area, &failure, err);
}

/* ---- VMs ---- */

static void add_checkpoint(Reading *reading, const CimInstance *row)
{
    VmFacts *facts = find_vm(reading, cim_instance_text(row, "VirtualSystemIdentifier"));
    const char *type = cim_instance_text(row, "VirtualSystemType");
    const char *name = cim_instance_text(row, "ElementName"), *created = cim_instance_text(row, "CreationTime");
    if (facts == NULL || type == NULL || !ascii_starts_with(type, "Microsoft:Hyper-V:Snapshot:"))
        return;
    CheckpointFact checkpoint = { .kind = checkpoint_kind_of(row),
                                  .id = checkpoint_id_of(row, reading->arena),
                                  .name = name != NULL ? name : "" };
    if (created == NULL || !cim_datetime_parse(created, &checkpoint.created_ms))
        checkpoint.created_ms = 0;
    ARRAY_PUSH(reading->arena, &facts->checkpoints, checkpoint);
}

static void add_status(Reading *reading, const CimInstance *row)
{
    VmFacts *facts = find_vm(reading, cim_instance_text(row, "Name"));
    if (facts == NULL)
        return;
    facts->status = vm_status_of(row);
    facts->is_known = true;
    facts->enhanced_session = (uint16_t) cim_instance_uint(row, "EnhancedSessionModeState", 0);
}

static bool read_vms(Reading *reading, Error *err)
{
    CimInstanceList systems, settings;
    bool visible;
    if (!host_is_visible(reading->host, reading->arena, &visible, &systems, err))
        return false;
    if (!visible)
        return host_rights_error(reading->host, err);
    if (!host_select(reading->host, NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData", NULL, NULL, reading->arena,
                     &settings, err))
        return false;
    for (size_t i = 0; i < settings.count; i++) {
        const char *type = cim_instance_text(settings.items[i], "VirtualSystemType");
        const char *guid = cim_instance_text(settings.items[i], "VirtualSystemIdentifier");
        if (type == NULL || guid == NULL || !guid_is_valid(guid) ||
            !ascii_equals(type, "Microsoft:Hyper-V:System:Realized"))
            continue;
        VmFacts facts = { .vm = vm_from_settings(settings.items[i], reading->arena) };
        reading->view->host_tells_gpus = facts.vm.host_tells_gpus;
        ARRAY_PUSH(reading->arena, &reading->view->vms, facts);
    }
    make_index(reading);
    for (size_t i = 0; i < settings.count; i++)
        add_checkpoint(reading, settings.items[i]);
    for (size_t i = 0; i < systems.count; i++)
        add_status(reading, systems.items[i]);
    tell_area(reading, AREA_VMS, NULL, NULL);
    return true;
}

/* Two VMs of one name are named by their IDs. */
static int compare_names(const void *a, const void *b)
{
    return strcmp((*(VmFacts *const *) a)->vm.name, (*(VmFacts *const *) b)->vm.name);
}

static void address_namesakes(Reading *reading)
{
    VmFactsList *vms = &reading->view->vms;
    VmFacts **by_name = ARENA_NEW_ARRAY(reading->arena, VmFacts *, vms->count + 1);
    for (size_t i = 0; i < vms->count; i++)
        by_name[i] = &vms->items[i];
    qsort(by_name, vms->count, sizeof(*by_name), compare_names);
    for (size_t i = 1; i < vms->count; i++) {
        if (strcmp(by_name[i - 1]->vm.name, by_name[i]->vm.name) != 0)
            continue;
        by_name[i - 1]->vm.address = vm_id_text(by_name[i - 1]->vm.guid, reading->arena);
        by_name[i]->vm.address = vm_id_text(by_name[i]->vm.guid, reading->arena);
    }
}

static bool read_adapters(Reading *reading, Error *err)
{
    CimInstanceList rows;
    HostView *view = reading->view;
    if (!host_select(reading->host, NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", NULL, NULL, reading->arena,
                     &rows, err) ||
        !gpu_list_read(reading->host, view->host_tells_gpus, reading->arena, &view->gpus, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        VmFacts *facts = owner_of(reading, rows.items[i]);
        if (facts != NULL)
            ARRAY_PUSH(reading->arena, &facts->resources.partitions,
                       partition_from_instance(rows.items[i], reading->arena));
    }
    for (size_t i = 0; i < view->gpus.count; i++)
        view->is_gpu_in_use = view->is_gpu_in_use || view->gpus.items[i].partitions_in_use > 0;
    tell_area(reading, AREA_GPUS, NULL, NULL);
    return true;
}

static bool read_resources(Reading *reading, Error *err)
{
    CimInstanceList memory, devices;
    if (!select_rows(reading, NS_VIRTUALIZATION, "SELECT * FROM Msvm_MemorySettingData", AREA_MEMORY, &memory, err) ||
        !select_rows(reading, NS_VIRTUALIZATION, "SELECT * FROM Msvm_PciExpressSettingData", AREA_DEVICES, &devices,
                     err))
        return false;
    for (size_t i = 0; i < memory.count; i++) {
        VmFacts *facts = owner_of(reading, memory.items[i]);
        if (facts != NULL)
            facts->resources.memory = memory.items[i];
    }
    for (size_t i = 0; i < devices.count; i++) {
        VmFacts *facts = owner_of(reading, devices.items[i]);
        if (facts != NULL)
            facts->resources.has_direct_assignment = true;
    }
    return true;
}

/* ---- guests ---- */

/* "10.0.26100" */
static bool parse_build(const char *text, WindowsBuild *ret_build)
{
    unsigned long long build;
    const char *last = text != NULL ? strrchr(text, '.') : NULL;
    if (last == NULL || !ascii_parse_uint64(last + 1, &build) || build >= UINT32_MAX)
        return false;
    *ret_build = (WindowsBuild){ (uint32_t) build, WINDOWS_REVISION_UNKNOWN };
    return true;
}

static void add_guest(Reading *reading, const CimInstance *row)
{
    VmFacts *facts = find_vm(reading, cim_instance_text(row, "SystemName"));
    if (facts == NULL || !vm_facts_concern_gpus(facts))
        return;
    Error silent = { .code = ERR_NONE };
    GuestFacts *guest = &facts->guest;
    KvpView view = kvp_view_of(row, reading->arena);
    guest->contact = view.contact;
    if (view.contact != KVP_IN_CONTACT)
        return;
    guest->has_agent = guest_agent_read(&view.items, &guest->agent, &silent);
    /* Linux names its kernel there. Unverified: that Windows has the form "10.0.22631" in all its versions. */
    const char *system = kvp_guest_fact(row, "OSName", reading->arena);
    guest->has_build =
        (guest->has_agent && windows_build_parse(guest->agent.report.windows, &guest->build)) ||
        (system != NULL && ascii_starts_with(system, "Windows") &&
         parse_build(kvp_guest_fact(row, "OSVersion", reading->arena), &guest->build));
}

static const char *why_guest_is_silent(const VmFacts *facts)
{
    switch (facts->guest.contact) {
    case KVP_ABSENT:
        return facts->status.state != VM_STATE_RUNNING ? "the VM does not run"
                                                       : "its data exchange with the host is switched off";
    case KVP_NO_CONTACT:
        return "it is not in contact with the host";
    case KVP_LOST:
        return "it does not answer any more";
    case KVP_PAUSED:
        return "the VM is paused";
    case KVP_IN_CONTACT:
        break;
    }
    return facts->guest.has_agent ? NULL : "HyperPoint's service does not run in it";
}

static bool read_guests(Reading *reading, Error *err)
{
    CimInstanceList rows;
    Error failure = { .code = ERR_NONE };
    if (!cim_session_query(reading->host->session, NS_VIRTUALIZATION, "SELECT * FROM " KVP_COMPONENT_CLASS,
                           reading->arena, &rows, &failure))
        return tell_unread(reading, AREA_GUEST, &failure, err);
    for (size_t i = 0; i < rows.count; i++)
        add_guest(reading, rows.items[i]);
    for (size_t i = 0; i < reading->view->vms.count; i++) {
        const VmFacts *facts = &reading->view->vms.items[i];
        if (vm_facts_concern_gpus(facts))
            tell_area(reading, AREA_GUEST, &facts->vm, why_guest_is_silent(facts));
    }
    return true;
}

/* ---- starts that failed ---- */

/* The VM's GUID is in the host's text, in every language. Unverified: that it always is. */
static VmFacts *vm_in_text(const Reading *reading, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool is_start = at == text || (!ascii_is_xdigit(at[-1]) && at[-1] != '-');
        VmFacts *facts = is_start && strlen(at) >= GUID_TEXT_LENGTH ? find_vm(reading, at) : NULL;
        if (facts != NULL)
            return facts;
    }
    return NULL;
}

/* What users see first of it, on one line. */
static const char *last_layer(const char *text, Arena *arena)
{
    const char *layer = text;
    for (const char *next; (next = strstr(layer, "\n\n")) != NULL && next[2] != '\0';)
        layer = next + 2;
    return arena_strndup(arena, layer, strcspn(layer, "\r\n"));
}

/* The host forgets a job five minutes after its end. Its event logs keep more, but are not in WMI. A VM that runs by
 * now has got over it. */
static bool read_failed_starts(Reading *reading, Error *err)
{
    CimInstanceList rows;
    if (!select_rows(reading, NS_VIRTUALIZATION, "SELECT * FROM Msvm_ConcreteJob", AREA_STARTS, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        const CimInstance *job = rows.items[i];
        uint64_t state = cim_instance_uint(job, "JobState", 0);
        const char *text = cim_instance_text(job, "ErrorDescription");
        if (cim_instance_uint(job, "JobType", 0) != JOB_OF_START || state < JOB_TERMINATED || state > JOB_EXCEPTION ||
            text == NULL)
            continue;
        VmFacts *facts = vm_in_text(reading, text);
        if (facts == NULL || facts->status.state != VM_STATE_OFF)
            continue;
        StartProblem problem = power_problem_in_text(text);
        if (problem == START_UNEXPLAINED && cim_instance_uint(job, "ErrorCode", 0) == START_REFUSED_VALUE)
            problem = START_MMIO_TOO_HIGH;
        facts->failed_start = (FailedStart){ .text = last_layer(text, reading->arena), .problem = problem };
    }
    return true;
}

/* ---- the host ---- */

static bool read_windows(Reading *reading, Error *err)
{
    Error failure = { .code = ERR_NONE };
    HostView *view = reading->view;
    view->known = known_builds;
    view->known_count = known_build_count;
    view->has_windows = windows_build_read(reading->host->session, &view->windows, &failure);
    if (!view->has_windows)
        return tell_unread(reading, AREA_WINDOWS, &failure, err);
    tell_area(reading, AREA_WINDOWS, NULL, NULL);
    return true;
}

static bool read_policy(Reading *reading, Error *err)
{
    Error failure = { .code = ERR_NONE };
    uint64_t secure, supported;
    CimSession *session = reading->host->session;
    if (!registry_read_number(session, POLICY_KEY, "RequireSecureDeviceAssignment", &secure, &failure) ||
        !registry_read_number(session, POLICY_KEY, "RequireSupportedDeviceAssignment", &supported, &failure))
        return tell_unread(reading, AREA_POLICY, &failure, err);
    reading->view->requires_secure = secure != REGISTRY_NO_NUMBER && secure != 0;
    reading->view->requires_supported = supported != REGISTRY_NO_NUMBER && supported != 0;
    tell_area(reading, AREA_POLICY, NULL, NULL);
    return true;
}

static bool read_sessions(Reading *reading, Error *err)
{
    CimInstanceList rows;
    if (!select_rows(reading, NS_VIRTUALIZATION, "SELECT * FROM Msvm_VirtualSystemManagementServiceSettingData",
                     AREA_SESSIONS, &rows, err))
        return false;
    reading->view->allows_sessions =
        rows.count > 0 && cim_instance_boolean(rows.items[0], "EnhancedSessionModeEnabled", false);
    return true;
}

static bool read_drivers(Reading *reading, Error *err)
{
    CimInstanceList rows;
    if (!select_rows(reading, NS_CIMV2, "SELECT * FROM Win32_VideoController", AREA_DRIVERS, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        HostDriver driver = { .device_id = cim_instance_text(rows.items[i], "PNPDeviceID"),
                              .version = cim_instance_text(rows.items[i], "DriverVersion") };
        if (driver.device_id != NULL && driver.version != NULL && *driver.version != '\0')
            ARRAY_PUSH(reading->arena, &reading->view->drivers, driver);
    }
    return true;
}

static void read_processor(Reading *reading)
{
    reading->view->address_bits = reading->host->session->address_bits;
    tell_area(reading, AREA_PROCESSOR, NULL,
              reading->view->address_bits != 0 ? NULL : "only a check on the host itself can ask it");
}

/* ---- this computer ---- */

static bool read_packages(Reading *reading, const char *folder, Error *err)
{
    Error failure = { .code = ERR_NONE };
    if (folder == NULL)
        return true;
    if (!found_in_packages(folder, report_silent(), reading->arena, &reading->view->packages, &failure))
        return tell_unread(reading, AREA_PACKAGES, &failure, err);
    tell_area(reading, AREA_PACKAGES, NULL, NULL);
    return true;
}

/* Not what another HyperPoint is working on now. */
static void read_unfinished(Reading *reading)
{
    VmSummaryList vms = { 0 };
    for (size_t i = 0; i < reading->view->vms.count; i++) {
        const Vm *vm = &reading->view->vms.items[i].vm;
        ARRAY_PUSH(reading->arena, &vms, ((VmSummary){ .name = vm->name, .guid = vm->guid }));
    }
    UnfinishedChangeList all = inventory_find_all_unfinished(reading->host, &vms, reading->arena);
    for (size_t i = 0; i < all.count; i++) {
        const char *guid = all.items[i].vm_guid;
        if (!guid_is_valid(guid) || !journal_is_held(&reading->host->journals, guid))
            ARRAY_PUSH(reading->arena, &reading->view->unfinished, all.items[i]);
    }
}

static void add_detached(Reading *reading, VmFacts *facts)
{
    Error unreadable = { .code = ERR_NONE };
    const DetachedGpus *detached = NULL;
    if (!detached_read(reading->host, facts->vm.guid, reading->arena, &detached, &unreadable) || detached == NULL)
        return;
    DetachedGpus left = detached_left(detached, &facts->resources.partitions, reading->arena);
    if (left.partitions.count == 0)
        return;
    facts->detached_since = left.since;
    facts->detached = left.partitions;
    facts->detached_names = left.names;
}

static void read_memos(Reading *reading)
{
    Error unreadable = { .code = ERR_NONE };
    StringList ids;
    JournalRecord record;
    const JournalHome *home = &reading->host->journals;
    if (!journal_memo_list(home, reading->arena, &ids, &unreadable))
        return;
    for (size_t i = 0; i < ids.count; i++) {
        VmFacts *facts = find_vm(reading, ids.items[i]);
        if (facts != NULL)
            add_detached(reading, facts);
        else if (journal_memo_read(home, ids.items[i], NULL, reading->arena, &record, &unreadable) &&
                 record.label.name != NULL)
            ARRAY_PUSH(reading->arena, &reading->view->gone_memos, record.label.name);
    }
}

bool host_view_read(HyperVHost *host, const HostViewRequest *request, Arena *arena, HostView *ret_view, Error *err)
{
    HostView view = { .now_ms = host->session->clock->now_ms(host->session->clock), .host_tells_gpus = true };
    Reading reading = { .host = host, .arena = arena, .view = &view };
    if (!read_vms(&reading, err) || !read_adapters(&reading, err) || !read_resources(&reading, err))
        return false;
    address_namesakes(&reading);
    read_memos(&reading);
    read_unfinished(&reading);
    if (!read_guests(&reading, err) || !read_failed_starts(&reading, err) || !read_windows(&reading, err) ||
        !read_policy(&reading, err) || !read_sessions(&reading, err) || !read_drivers(&reading, err) ||
        !read_packages(&reading, request->packages, err))
        return false;
    read_processor(&reading);
    *ret_view = view;
    return true;
}

/* ---- for the rules ---- */

bool vm_facts_concern_gpus(const VmFacts *facts)
{
    return facts->resources.partitions.count > 0 || facts->detached.count > 0;
}

bool vm_facts_run(const VmFacts *facts)
{
    return facts->status.state == VM_STATE_RUNNING && facts->resources.partitions.count > 0;
}

bool vm_facts_are_on(const VmFacts *facts)
{
    return facts->status.state != VM_STATE_OFF && facts->status.state != VM_STATE_SAVED;
}

const char *host_view_driver_version(const HostView *view, const char *device_id)
{
    for (size_t i = 0; i < view->drivers.count; i++) {
        if (ascii_equals(view->drivers.items[i].device_id, device_id))
            return view->drivers.items[i].version;
    }
    return NULL;
}
