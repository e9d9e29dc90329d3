/* SPDX-License-Identifier: MIT */
/* Windows SDK, "CopyFilesToGuest method of the Msvm_GuestFileService class"; texts and codes of failures: Microsoft's
 * test scripts for Linux guests; the copy that comes to nothing: users' reports. */
#include "sim/services/guest_files.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "sim/services/call.h"
#include "sim/services/guest.h"
#include "sim/services/settings_text.h"
#include "sim/store/guest_folder.h"
#include "sim/store/vm_model.h"

#define SETTING "Msvm_CopyFileToGuestSettingData"
#define SERVICE "Msvm_GuestFileService"
#define COMPONENT "Msvm_GuestServiceInterfaceComponent"
#define DEVICE_ID "Microsoft:6C09BB55-D683-4DA0-8931-C9BF705F6480"

/* ---- component and service ---- */

static SimObject *find_object(const SimHost *host, const SimObject *vm, const char *class_name, const char *id)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, class_name);
    const char *const keys[] = { class_name, id, "Msvm_ComputerSystem", sim_vm_guid(vm) };
    return sim_object_find(host, class, keys, COUNT_OF(keys));
}

/* Unverified: the service's Name. */
static const char *service_name(const SimObject *vm, Arena *arena)
{
    return arena_printf(arena, "Microsoft:%s\\6C09BB55-D683-4DA0-8931-C9BF705F6480", sim_vm_guid(vm));
}

void sim_guest_files_remove(SimHost *host, const SimObject *vm)
{
    Arena scratch = ARENA_INIT;
    SimObject *service = find_object(host, vm, SERVICE, service_name(vm, &scratch));
    if (service != NULL)
        sim_object_remove(host, service);
    arena_release(&scratch);
}

/* A state file may have one of the two already. */
static void create(SimHost *host, const SimObject *vm)
{
    SimObject *component = sim_device_create(host, vm, COMPONENT, DEVICE_ID);
    SimObject *service = sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, SERVICE));
    sim_object_set_time(host, component, "TimeOfLastStateChange", host->now_ms);
    sim_object_set_text(host, service, "SystemName", sim_vm_guid(vm));
    sim_object_set_text(host, service, "Name", service_name(vm, &host->arena));
    (void) !sim_object_insert(host, component);
    (void) !sim_object_insert(host, service);
}

void sim_guest_files_switch(SimHost *host, const SimObject *vm)
{
    SimObject *component = find_object(host, vm, COMPONENT, DEVICE_ID);
    if (sim_guest_is_enabled(host, vm, "Msvm_GuestServiceInterfaceComponentSettingData", false)) {
        if (component == NULL)
            create(host, vm);
        return;
    }
    sim_guest_files_remove(host, vm);
    if (component != NULL)
        sim_object_remove(host, component);
}

bool sim_guest_files_are_ready(const SimHost *host, const SimObject *vm, int64_t at_ms)
{
    int64_t since;
    const SimObject *component = find_object(host, vm, COMPONENT, DEVICE_ID);
    bool is_loading = component != NULL &&
                      cim_datetime_parse(sim_object_text(component, "TimeOfLastStateChange"), &since) &&
                      at_ms - since < host->knobs.guest_files_milliseconds;
    return component != NULL && !is_loading && sim_guest_contact(host, vm, at_ms) == SIM_STATUS_OK;
}

/* ---- copying ---- */

static void fail(SimHost *host, const SimObject *vm, SimText cause, SimFailure *failure)
{
    sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_COPY_FAILED, vm, NULL);
    sim_fail_layer(host, failure, cause, NULL, NULL);
}

static void copy_one(SimHost *host, const SimObject *vm, const CimInstance *setting, SimFailure *failure)
{
    static const SimText causes[] = {
        [SIM_PUT_NO_SOURCE] = SIM_TEXT_FILE_NOT_FOUND, [SIM_PUT_NO_FOLDER] = SIM_TEXT_PATH_NOT_FOUND,
        [SIM_PUT_EXISTS] = SIM_TEXT_FILE_EXISTS,       [SIM_PUT_TOO_LONG] = SIM_TEXT_NAME_TOO_LONG,
        [SIM_PUT_DENIED] = SIM_TEXT_ACCESS_DENIED,     [SIM_PUT_FAILED] = SIM_TEXT_UNSPECIFIED,
    };
    const char *source = cim_instance_text(setting, "SourcePath");
    const char *destination = cim_instance_text(setting, "DestinationPath");
    SimGuestFile file = { .source = source != NULL ? source : "",
                          .destination = destination != NULL ? destination : "",
                          .overwrite = cim_instance_boolean(setting, "OverwriteExisting", false),
                          .create_path = cim_instance_boolean(setting, "CreateFullPath", false),
                          .is_cut = host->knobs.guest_copy == SIM_COPY_CUT };
    const SimGuest *guest = sim_guest_find(host, vm);
    SimGuestPut result = guest != NULL ? sim_guest_put_file(host, guest, &file) : SIM_PUT_DONE;
    if (result != SIM_PUT_DONE)
        fail(host, vm, causes[result], failure);
}

/* As long as the guest's part is not loaded, a copy is done, and there is no file. */
static void run_copy(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    bool is_lost = host->knobs.guest_copy == SIM_COPY_SILENT || !sim_guest_files_are_ready(host, vm, job->start_ms);
    if (find_object(host, vm, COMPONENT, DEVICE_ID) == NULL)
        fail(host, vm, SIM_TEXT_UNSPECIFIED, failure); /* turned off, or switched off */
    else if (!is_lost && host->knobs.guest_copy == SIM_COPY_DISK_FULL)
        fail(host, vm, SIM_TEXT_DISK_FULL, failure);
    for (size_t i = 0; i < job->texts.count && failure->code == 0 && !is_lost; i++) {
        CimInstance *setting;
        if (sim_read_text(host, job->texts.items[i], &scratch, &setting) != SIM_RETURN_OK)
            fail(host, vm, SIM_TEXT_UNSPECIFIED, failure); /* the knobs were changed meanwhile */
        else
            copy_one(host, vm, setting, failure);
    }
    arena_release(&scratch);
}

/* ---- calls ---- */

/* How long the file takes, by the knob. */
static int64_t time_of(const SimHost *host, const CimInstance *setting)
{
    const char *source = cim_instance_text(setting, "SourcePath");
    int64_t rate = host->knobs.guest_copy_rate;
    return rate == 0 || source == NULL ? 0 : (int64_t) (sim_host_file_size(host, source) / 1024) * 1000 / rate;
}

/* The texts of the call. Unverified: what is answered while another file is on its way, and that the job of that one is
 * told with the VM's. */
static uint32_t read_settings(SimCall *call, SimJob *job)
{
    SimHost *host = call->host;
    size_t count;
    const CimValue *items = cim_instance_array(call->in, "CopyFileToGuestSettings", &count);
    for (size_t i = 0; i < count; i++) {
        CimInstance *setting;
        uint32_t result = sim_read_text(host, items[i].text, call->arena, &setting);
        if (result != SIM_RETURN_OK)
            return result;
        const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, SETTING);
        if (!ascii_equals(setting->class_name, SETTING) || sim_text_bad_property(class, setting) != NULL)
            return SIM_RETURN_INVALID_PARAMETER;
        job->duration_ms += time_of(host, setting);
        ARRAY_PUSH(&host->arena, &job->texts, arena_strdup(&host->arena, items[i].text));
    }
    return count == 0 ? SIM_RETURN_INVALID_PARAMETER : SIM_RETURN_OK;
}

static uint32_t copy_files(SimCall *call)
{
    SimHost *host = call->host;
    SimObject *vm = sim_vm_find(host, sim_object_text(call->object, "SystemName"));
    if (vm == NULL || sim_vm_state(vm) != SIM_STATE_RUNNING || sim_job_at_work(host, "copy-to-guest", vm) != NULL)
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(host, "copy-to-guest", vm);
    uint32_t result = read_settings(call, job);
    if (result != SIM_RETURN_OK)
        return result;
    result = sim_call_start_job(call, job);
    SimObject *object = sim_job_object(host, job);
    sim_object_set_text(host, object, "VirtualSystemName", sim_object_text(vm, "ElementName"));
    sim_object_set_texts(host, object, "CopyFileToGuestSettingData", job->texts.items, job->texts.count);
    return result;
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { SERVICE, "CopyFilesToGuest", copy_files },
};

static const SimJobType job_types[] = {
    { "copy-to-guest", SIM_JOB_TEXT, 0, 0, 0, run_copy, "Msvm_CopyFileToGuestJob" },
};

const SimService sim_guest_files_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
};
