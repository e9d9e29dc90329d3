/* SPDX-License-Identifier: MIT */
#include "hyperv/vm/power.h"

#include "cim/schema.h"
#include "hyperv/host/wait.h"
#include "hyperv/vm/component.h"

#include <inttypes.h>
#include <string.h>

enum {
    /* RequestedState */
    REQUEST_START = 2,
    REQUEST_TURN_OFF = 3,

    /* What Msvm_ShutdownComponent answers besides the usual numbers. */
    ANSWER_NOT_READY = 32780,
    ANSWER_LOCKED = 32781,
    ANSWER_ON_ITS_WAY = 32782,
};

int64_t power_patience_s(const PowerRequest *request)
{
    return request->timeout_s > 0 ? request->timeout_s : POWER_TIMEOUT_S;
}

/* ---- what may be done ---- */

static bool refuse_saved(const Vm *vm, Error *err)
{
    (void) error_set(err, ERR_STATE,
                     "VM '%s' is saved: its memory, with all that is not saved in its programs, would "
                     "be lost",
                     vm->name);
    (void) error_hint(err, "start the VM and shut it down from inside");
    return error_advise(err, ADVICE_DISCARD_SAVED, NULL);
}

static bool refuse_paused(const Vm *vm, Error *err)
{
    (void) error_set(err, ERR_STATE, "VM '%s' is paused: its guest cannot shut down", vm->name);
    (void) error_hint(err, "resume the VM first, in Hyper-V Manager or with Resume-VM");
    return error_advise(err, ADVICE_TURN_OFF, NULL);
}

bool power_check(const Vm *vm, const VmStatus *status, const PowerRequest *request, Error *err)
{
    bool may_stop = request->stop && status->operation == 0;
    if (may_stop && status->state == VM_STATE_SAVED && !request->discard_saved)
        return refuse_saved(vm, err);
    if (may_stop && status->state == VM_STATE_PAUSED && !request->turn_off)
        return refuse_paused(vm, err);
    bool is_known = status->state == VM_STATE_RUNNING || status->state == VM_STATE_SAVED ||
                    status->state == VM_STATE_PAUSED || status->state == VM_STATE_STOPPING;
    return (may_stop && is_known) || vm_check_idle(vm, status, err);
}

/* ---- going down ---- */

static bool request_state(HyperVHost *host, const Vm *vm, uint16_t state, const char *what, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstance *in = cim_instance_create(&arena, "RequestStateChange");
    cim_instance_set(in, &arena, "RequestedState", cim_uint(CIM_TYPE_UINT16, state));
    bool ok = host_call(host, vm->system_path, "RequestStateChange", in, what, &arena, NULL, err);
    arena_release(&arena);
    return ok;
}

static bool answered(const Error *err, int64_t number)
{
    return err->source == ERROR_SOURCE_CIM_RETURN && err->native == number;
}

/* Of the answers that a user can do something about. Always false. */
static bool explain_refusal(const Vm *vm, Error *err)
{
    (void) error_prefix(err, "VM '%s'", vm->name);
    (void) error_hint(err, "%s",
                      answered(err, ANSWER_LOCKED)
                          ? "somebody is signed in there, and what is not saved would be lost: unlock it or sign out"
                      : answered(err, ANSWER_NOT_READY)
                          ? "it is still starting, or has no integration services that answer: shut it down from inside"
                          : "shut it down from inside");
    return error_advise(err, ADVICE_TURN_OFF, NULL);
}

/* What a guest is asked through its integration component. Success is that it is on its way. Without "force" it may say
 * no because of unsaved work. */
typedef struct GuestOrder {
    const char *method, *what, *reason;
    bool force;
} GuestOrder;

static bool ask_guest(HyperVHost *host, const Vm *vm, const GuestOrder *order, Error *err)
{
    Arena arena = ARENA_INIT;
    const CimInstance *component;
    Error failure = { .code = ERR_NONE };
    bool ok = component_look(host, vm, "Msvm_ShutdownComponent", NULL, &arena, &component, &failure);
    if (ok && component == NULL) {
        ok = error_set(&failure, ERR_UNSUPPORTED, "its integration service for shutting down is off");
    } else if (ok) {
        CimInstance *in = cim_instance_create(&arena, order->method);
        cim_instance_set(in, &arena, "Force", cim_boolean(order->force));
        cim_instance_set(in, &arena, "Reason", cim_string(order->reason));
        ok = host_call(host, component->path, order->method, in, order->what, &arena, NULL, &failure) ||
             answered(&failure, ANSWER_ON_ITS_WAY) || error_outcome_is_unknown(&failure) ||
             failure.source == ERROR_SOURCE_JOB; /* it may have begun: the waiting will show */
    }
    arena_release(&arena);
    if (ok)
        return true;
    *err = failure;
    return explain_refusal(vm, err);
}

static bool ask_to_shut_down(HyperVHost *host, const Vm *vm, bool force, Error *err)
{
    const GuestOrder order = { .method = "InitiateShutdown",
                               .what = "shut the guest down",
                               .reason = "HyperPoint changes the VM's GPUs or checkpoints",
                               .force = force };
    return ask_guest(host, vm, &order, err);
}

bool power_restart_guest(HyperVHost *host, const Vm *vm, Error *err)
{
    const GuestOrder order = { .method = "InitiateReboot",
                               .what = "restart the guest",
                               .reason = "HyperPoint has installed GPU drivers" };
    return ask_guest(host, vm, &order, err);
}

static bool has_passed(const Waiting *waiting, const PowerRequest *request)
{
    return wait_passed_s(waiting) >= power_patience_s(request);
}

static bool fail_in_time(const Vm *vm, const VmStatus *status, Error *err)
{
    if (status->state == VM_STATE_OFF)
        return error_set(err, ERR_TIMEOUT, "VM '%s' is off, but the host still works on it", vm->name);
    (void) error_set(err, ERR_TIMEOUT, "VM '%s' has not shut down in time", vm->name);
    (void) error_hint(err, "look what keeps its guest, which may still go down");
    return error_advise(err, ADVICE_WAIT_LONGER, NULL);
}

static void tell_waiting(const HyperVHost *host, const Vm *vm, int64_t seconds)
{
    Arena arena = ARENA_INIT;
    host->report->progress(host->report,
                           arena_printf(&arena, "wait until VM '%s' is off (%" PRId64 " s)", vm->name, seconds), -1);
    arena_release(&arena);
}

/* Off, and its automatic checkpoint merged. */
static bool wait_until_idle(HyperVHost *host, const Vm *vm, const PowerRequest *request, Error *err)
{
    for (Waiting waiting = wait_begin(host);; wait_pause(&waiting)) {
        VmStatus status;
        Error failure = { .code = ERR_NONE };
        if (vm_poll_status(host, vm, &status, &failure)) {
            wait_answered(&waiting);
            if (status.state == VM_STATE_OFF && status.operation == 0)
                return true;
            if (has_passed(&waiting, request))
                return fail_in_time(vm, &status, err);
            tell_waiting(host, vm, wait_passed_s(&waiting));
        } else if (failure.code == ERR_CANCELLED) {
            (void) error_set(err, ERR_CANCELLED, "interrupted while VM '%s' shuts down", vm->name);
            return error_hint(err, "its guest has been asked to, and may still go down");
        } else if (!wait_may_look_again(&waiting, &failure)) {
            *err = failure;
            return error_prefix(err, "lost sight of VM '%s' while it goes down", vm->name);
        }
    }
}

static bool wait_with_progress(HyperVHost *host, const Vm *vm, const PowerRequest *request, Error *err)
{
    bool ok = wait_until_idle(host, vm, request, err);
    host->report->progress(host->report, NULL, -1);
    return ok;
}

/* A call that failed may have been carried out. */
static bool turn_off(HyperVHost *host, const Vm *vm, const PowerRequest *request, Error *err)
{
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    VmStatus status;
    bool ok = request_state(host, vm, REQUEST_TURN_OFF, "turn the VM off", &failure) ||
              (error_leaves_doubt(&failure) && host_await_jobs(host, vm->system_path, NULL, &lost) &&
               vm_read_status(host, vm, &status, &lost) && status.state == VM_STATE_OFF);
    if (ok)
        return wait_with_progress(host, vm, request, err);
    *err = failure;
    if (answered(err, 32775))
        (void) error_hint(err, "turn it off on the host; a saved one: Remove-VMSavedState");
    return error_prefix(err, "VM '%s'", vm->name);
}

static bool shut_down(HyperVHost *host, const Vm *vm, const PowerRequest *request, bool *ret_asked, Error *err)
{
    Error locked = { .code = ERR_NONE };
    if (!ask_to_shut_down(host, vm, false, &locked) &&
        (!request->turn_off || !answered(&locked, ANSWER_LOCKED) || !ask_to_shut_down(host, vm, true, &locked))) {
        *err = locked;
        return false;
    }
    *ret_asked = true;
    return wait_with_progress(host, vm, request, err);
}

bool power_stop(HyperVHost *host, const Vm *vm, const VmStatus *status, const PowerRequest *request, bool *ret_asked,
                Error *err)
{
    Error failure = { .code = ERR_NONE };
    bool is_on_its_way = status->state == VM_STATE_STOPPING;
    *ret_asked = false;
    if (status->state == VM_STATE_OFF)
        return true;
    if (status->state == VM_STATE_RUNNING || is_on_its_way) {
        if (is_on_its_way ? wait_with_progress(host, vm, request, &failure)
                          : shut_down(host, vm, request, ret_asked, &failure))
            return true;
        if (!request->turn_off || failure.code == ERR_CANCELLED) {
            *err = failure;
            return false;
        }
        report_warning(host->report, "%s; its power is turned off", failure.message);
    }
    if (turn_off(host, vm, request, err))
        return true;
    *ret_asked = *ret_asked || err->source != ERROR_SOURCE_CIM_RETURN; /* which is a clear no */
    return false;
}

/* ---- going up ---- */

bool power_start(HyperVHost *host, const Vm *vm, Error *err)
{
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    VmStatus status;
    /* A call that failed may have been carried out, or somebody else was quicker. */
    if (request_state(host, vm, REQUEST_START, "start the VM", &failure) ||
        (error_leaves_doubt(&failure) && host_await_jobs(host, vm->system_path, NULL, &lost) &&
         vm_read_status(host, vm, &status, &lost) && status.state == VM_STATE_RUNNING))
        return true;
    *err = failure;
    return error_prefix(err, "VM '%s'", vm->name);
}

/* What was read of a VM that did not start. */
typedef struct Failed {
    Vm vm;
    VmResources resources;
    GpuList gpus;
} Failed;

static bool read_failed(HyperVHost *host, const Vm *vm, Arena *arena, Failed *failed)
{
    Error lost = { .code = ERR_NONE };
    return vm_find_again(host, vm, arena, &failed->vm, &lost) &&
           vm_read_resources(host, &failed->vm, arena, &failed->resources, &lost) &&
           gpu_list_read(host, vm->host_tells_gpus, arena, &failed->gpus, &lost);
}

static bool find_gone(const Failed *failed, StartFailure *failure)
{
    for (size_t i = 0; i < failed->resources.partitions.count; i++) {
        const GpuPartition *partition = &failed->resources.partitions.items[i];
        if (!gpu_list_lacks(&failed->gpus, partition))
            continue;
        failure->problem = START_GPU_GONE;
        failure->adapter_id = partition->adapter_id;
        return true;
    }
    return false;
}

/* Numbers and names that the host's text has in every language, where the causes of the error are. Unverified: that
 * they are all there; "invalid parameter" of a start being the MMIO space. */
StartProblem power_problem_in_text(const char *text)
{
    static const struct {
        const char *mark;
        StartProblem problem;
    } marks[] = {
        { "RequireSecureDeviceAssignment", START_GPU_POLICY },
        { "GPUPARAV", START_GPU_HIDDEN },
        { "0x80070032", START_HIBERNATION },
        { "0x800705AA", START_GPU_EXHAUSTED },
        { "0x80070005", START_GPU_DENIED },
    };
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (strstr(text, marks[i].mark) != NULL)
            return marks[i].problem;
    }
    return START_UNEXPLAINED;
}

static StartProblem find_problem(const Error *failure)
{
    StartProblem problem = power_problem_in_text(failure->message);
    bool is_refused_value = failure->source == ERROR_SOURCE_JOB && failure->native == START_REFUSED_VALUE;
    return problem == START_UNEXPLAINED && is_refused_value ? START_MMIO_TOO_HIGH : problem;
}

StartFailure power_explain(HyperVHost *host, const Vm *vm, const Error *error, Arena *arena)
{
    StartFailure failure = { .error = *error, .problem = find_problem(error) };
    Failed failed = { .vm = *vm };
    if (error->source != ERROR_SOURCE_JOB || !read_failed(host, vm, arena, &failed))
        return failure;
    failure.high_mmio_mb = cim_instance_uint(failed.vm.settings, "HighMmioGapSize", 0);
    if (find_gone(&failed, &failure) ||
        failed.resources.partitions.count == 0 || failure.problem != START_UNEXPLAINED)
        return failure;
    const CimInstance *settings = failed.vm.settings;
    if (cim_instance_boolean(settings, "AutomaticSnapshotsEnabled", false)) {
        failure.problem = START_AUTOMATIC;
    } else if (vm_memory_hinders_gpus(&failed.resources)) {
        failure.problem = START_MEMORY;
        failure.memory_mb = cim_instance_uint(failed.resources.memory, MEMORY_STARTUP, 0);
    }
    return failure;
}
