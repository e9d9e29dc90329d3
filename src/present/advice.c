/* SPDX-License-Identifier: MIT */
#include "present/advice.h"

#include "base/check.h"

#include <inttypes.h>
#include <string.h>

/* {call}, once, and behind it {data}, once, stand for themselves. */
static const char *const templates[ADVICE_COUNT] = {
    [ADVICE_NONE] = "",
    [ADVICE_LIST_VMS] = "-DO list-vms shows the VMs of this host",
    [ADVICE_WRITE_VM_ID] = "it looks like id:F65D0775-1CA1-4804-9305-71F4A38BDD83; -DO list-vms shows it",
    [ADVICE_NAME_VM_BY_ID] = "say which one: -VM id:{data}",
    [ADVICE_RECOVER_FIRST] = "run first: {call} -VM \"{data}\" -DO recover",
    [ADVICE_SHUT_DOWN_RECOVER] = "shut the VM down if it runs, then run: {call} -VM \"{data}\" -DO recover",
    [ADVICE_ENABLE_CHECKPOINTS] = "add -CHECKPOINTTYPE production (or standard): it enables them and leaves them "
                                  "enabled",
    [ADVICE_ENABLE_OR_DISCARD] = "enable them with a checkpoint first: {call} -VM \"{data}\" -CHECKPOINTTYPE "
                                 "production, which will be the latest one; or add -DISCARD, which loses the present "
                                 "state",
    [ADVICE_STOP_AND_START] = "-STOP -START with this command shuts it down and starts it again",
    [ADVICE_DISCARD_SAVED] = "-STOP -DISCARDSAVED throws its memory away",
    [ADVICE_TURN_OFF] = "-STOP -TURNOFF turns its power off",
    [ADVICE_WAIT_LONGER] = "-TIMEOUT gives it longer, -TURNOFF turns its power off then",
    [ADVICE_FIX_MEMORY] = "-FIXMEMORY with this command sets the minimum to {data} MB",
    [ADVICE_UPDATE_STARTED] = "-START starts it for this, -START -STOP shuts it down again afterwards",
    [ADVICE_LIST_CHECKPOINTS] = "-DO list-checkpoints shows those it has",
    [ADVICE_WRITE_CHECKPOINT_ID] = "it looks like id:3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C01; -DO list-checkpoints "
                                   "shows it",
    [ADVICE_NAME_CHECKPOINT_BY_ID] = "say which one: -CHECKPOINT id:{data}",
    [ADVICE_LIST_GPUS] = "-DO list-gpus-partitionable shows what this host has",
    [ADVICE_LIST_ADAPTERS] = "-DO list-gpus-assigned shows the adapters it has",
    [ADVICE_LIST_ASSIGNED] = "-DO list-gpus-assigned shows what is",
    [ADVICE_WRITE_DEVICE_ID] = "it looks like deviceid:PCI\\VEN_...\\...; -DO list-gpus-partitionable shows it",
    [ADVICE_WRITE_INSTANCE_ID] = "it looks like instanceid:\\\\?\\PCI#VEN_...#...#{...}\\GPUPARAV; "
                                 "-DO list-gpus-partitionable shows it",
    [ADVICE_WRITE_ORDER] = "positions count from 1: order:1 is the first of -DO list-gpus-partitionable",
    [ADVICE_WRITE_ADAPTER_ID] = "it looks like adapterid:Microsoft:GUID\\GUID; -DO list-gpus-assigned shows it",
    [ADVICE_TAKE_GPU] = "-GPU order:{data}",
    [ADVICE_TAKE_UNSUITABLE] = "-DO list-gpus-partitionable shows them; -GPU chooses one all the same",
    [ADVICE_LET_HOST_CHOOSE] = "use -DO add-auto without -GPU, or disable the other GPUs in the host's Device Manager "
                               "meanwhile",
    [ADVICE_REPLACE_GPU] = "plug it in again or reinstall its driver, name what takes its place with -GPU, or take the "
                           "adapter off for good: -DO remove -GPU \"adapterid:{data}\"",
    [ADVICE_NAME_SUBSTITUTES] = "plug it in again or reinstall its driver; or add -GPU to name what takes its place",
    [ADVICE_ATTACH] = "{call} -VM \"{data}\" -DO attach puts them back",
    [ADVICE_ATTACH_FIRST] = "put those back first, with -DO attach; -DO attach -FORGET forgets them instead",
    [ADVICE_TAKE_OFF_FIRST] = "take it off with -DO remove and attach again; or, if all is to stay as it is, forget "
                              "what was detached, with -DO attach -FORGET",
    [ADVICE_REPLACE_DETACHED] = "plug it in again or reinstall its driver, or name what takes its place with -DO "
                                "attach -GPU; if it is not wanted any more, assign the others with -DO add, and forget "
                                "what was detached, with -DO attach -FORGET",
    [ADVICE_FEWER_SUBSTITUTES] = "-GPU names only what takes the place of GPUs that are gone; -DO add assigns others",
    [ADVICE_TAKE_OFF_GONE] = "plug it in again or reinstall its driver, or take the adapter off for good: -DO remove "
                             "-GPU \"adapterid:{data}\"",
    [ADVICE_ASSIGN] = "what was detached is remembered on the computer that did it, for the user who did; -DO add "
                      "assigns GPUs",
    [ADVICE_NAME_HOST] = "-HOST HV1 names a computer, -HOST sim:FILE a simulated host; without -HOST it is the Hyper-V "
                         "of this computer",
    [ADVICE_REHEARSE] = "-HOST sim:FILE rehearses on a simulated host, which is made if FILE does not exist",
    [ADVICE_SIMULATE] = "-HOST sim:FILE uses a simulated host",
    [ADVICE_USE_LOCAL] = "leave out -HOST",
    [ADVICE_SET_UP_GUEST] = "set it up there once, as administrator: installdrivers -SERVICE install; -DO "
                            "update-drivers -BRING brings that program there",
    [ADVICE_SAME_VERSION] = "hyperpoint here and installdrivers there shall be of one version; -DO "
                             "update-drivers -BRING brings this one",
    [ADVICE_LOOK_AT_SERVICE] = "look at it in the guest: installdrivers -SERVICE status",
    [ADVICE_END_USERS] = "end what uses the files, or repeat with -FORCE",
    [ADVICE_RECOVER_INSTALL] = "installdrivers -RECOVER does so",
    [ADVICE_MEND_AND_RECOVER] = "mend the cause and run installdrivers -RECOVER",
    [ADVICE_RESTART_OR_RECOVER] = "restart the guest, or call it off: installdrivers -RECOVER",
    [ADVICE_RECOVER_IN_GUEST] = "start the guest, and run installdrivers -RECOVER in it",
    [ADVICE_UNINSTALL_IN_GUEST] = "start the guest, and run installdrivers -UNINSTALL in it",
    [ADVICE_NAME_ROOT] = "-ROOT names the folder where the guest's system drive is mounted",
    [ADVICE_NAME_ROOT_AS_HERE] = "run installdrivers in the guest; if this is the place all the same, name it: "
                                 "-ROOT C:\\",
    [ADVICE_NAME_DRIVE] = "-ROOT names a drive, as in C:\\, or where one is mounted",
    [ADVICE_INSTALL_ELEVATED] = "run installdrivers in a PowerShell or cmd that was opened as administrator",
    [ADVICE_GATHER_DRIVERS] = "gather one on the host: hyperpoint -VM \"my vm\" -DO get-drivers -ZIP",
};

static const char *fill(const char *template, const char *call, const char *data, Arena *arena)
{
    static const char call_mark[] = "{call}", data_mark[] = "{data}";
    const char *begin = "", *rest = template;
    const char *found = strstr(rest, call_mark);
    if (found != NULL) {
        begin = arena_printf(arena, "%.*s%s", (int) (found - rest), rest, call);
        rest = found + strlen(call_mark);
    }
    found = strstr(rest, data_mark);
    if (found == NULL)
        return arena_printf(arena, "%s%s", begin, rest);
    return arena_printf(arena, "%s%.*s%s%s", begin, (int) (found - rest), rest, data, found + strlen(data_mark));
}

/* The items of a list that blanks separate, with something else between them. */
static const char *join(const char *list, const char *between, Arena *arena)
{
    const char *text = "";
    for (; *list != '\0'; list += strspn(list, " ")) {
        size_t length = strcspn(list, " ");
        text = arena_printf(arena, "%s%s%.*s", text, *text != '\0' ? between : "", (int) length, list);
        list += length;
    }
    return text;
}

const char *advice_words(const Advice *advice, const char *program, Arena *arena)
{
    CHECK((unsigned) advice->code < ADVICE_COUNT);
    const char *data = advice->data;
    if (advice->code == ADVICE_NAME_VM_BY_ID)
        data = join(data, " or -VM id:", arena);
    if (advice->code == ADVICE_NAME_CHECKPOINT_BY_ID)
        data = join(data, " or -CHECKPOINT id:", arena);
    return fill(templates[advice->code], program, data, arena);
}

static const char *mmio_obstacle(const VmObstacle *obstacle, const char *which, const char *words, const char *program,
                                 Arena *arena)
{
    return arena_printf(arena,
                        "the %s MMIO space of VM '%s' is %" PRIu64 " MB, an assignment makes it %" PRIu64
                        " MB; shut the VM down, then make a checkpoint that does so, too: %s -VM \"%s\" %s",
                        which, obstacle->vm_name, obstacle->is_mb, obstacle->right_mb, program, obstacle->vm_address,
                        words);
}

static const char *high_mmio_words(uint64_t mb, Arena *arena)
{
    bool is_whole = mb % 1024 == 0;
    return arena_printf(arena, "-HIGHMMIO %" PRIu64 "%s", is_whole ? mb / 1024 : mb, is_whole ? "GB" : "MB");
}

const char *advice_vm_obstacle(const VmObstacle *obstacle, const char *program, Arena *arena)
{
    const char *vm = obstacle->vm_name;
    switch (obstacle->kind) {
    case OBSTACLE_HIGH_MMIO:
        return mmio_obstacle(obstacle, "high", high_mmio_words(obstacle->right_mb, arena), program, arena);
    case OBSTACLE_LOW_MMIO:
        return mmio_obstacle(obstacle, "low", "-LOWMMIO 1GB", program, arena);
    case OBSTACLE_CACHE_TYPES:
        return arena_printf(arena,
                            "the guest of VM '%s' does not control cache types; shut the VM down, then on the host: "
                            "Set-VM -Name \"%s\" -GuestControlledCacheTypes $true",
                            vm, vm);
    case OBSTACLE_MEMORY:
        break;
    }
    return arena_printf(
        arena,
        "VM '%s' has dynamic memory and starts with %" PRIu64 " MB, its minimum is %" PRIu64
        " MB, and with a GPU they must be equal; shut the VM down, then make a checkpoint that sets it: %s -VM \"%s\" "
        "-FIXMEMORY",
        vm, obstacle->right_mb, obstacle->is_mb, program, obstacle->vm_address);
}

/* The remedy, and what to look at besides. */
static const char *remaining_advice(const GuestGpu *gpu, unsigned advice, Arena *arena)
{
    static const struct {
        GuestAdvice advice;
        const char *text;
    } looks[] = {
        { GUEST_ADVICE_VERIFY, "look for files that have vanished: installdrivers -VERIFY in the guest" },
        { GUEST_ADVICE_CHECK_DRIVERS, "it may not have the host's active driver: hyperpoint -DO check-drivers tells" },
        { GUEST_ADVICE_CHECK_VM,
          "the VM's MMIO space and memory may be wrong for a GPU: hyperpoint -VM \"my vm\" -DO check-drivers -GUEST "
          "looks at them" },
    };
    const char *text = (advice & GUEST_ADVICE_MORE_MMIO) != 0
                           ? "give the VM more MMIO space than it has, on the host: hyperpoint with -HIGHMMIO, at its "
                             "next checkpoint or assignment"
                           : guest_gpu_remedy(gpu);
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        if ((advice & looks[i].advice) != 0)
            text = arena_printf(arena, "%s; %s", text, looks[i].text);
    }
    return text;
}

StringList advice_guest_gpu(const GuestGpu *gpu, const GuestFindings *findings, const VmObstacles *obstacles,
                            const char *program, Arena *arena)
{
    StringList texts = { 0 };
    unsigned advice = guest_gpu_advice(gpu, findings);
    for (size_t i = 0; (advice & GUEST_ADVICE_MEND_VM) != 0 && i < obstacles->count; i++)
        ARRAY_PUSH(arena, &texts, advice_vm_obstacle(&obstacles->items[i], program, arena));
    if ((advice & GUEST_ADVICE_UPDATE) != 0)
        ARRAY_PUSH(arena, &texts, "it has not the driver that is active on the host, with all its files");
    if ((advice & GUEST_ADVICE_LOOK) != 0)
        ARRAY_PUSH(arena, &texts, "the guest's Device Manager tells more about it");
    if ((advice & (GUEST_ADVICE_REMEDY | GUEST_ADVICE_MORE_MMIO)) != 0)
        ARRAY_PUSH(arena, &texts, remaining_advice(gpu, advice, arena));
    return texts;
}

const char *advice_no_guest_gpu(const GuestVm *vm, bool is_its_guest, const char *program, Arena *arena)
{
    if (vm == NULL)
        return arena_printf(
            arena, "the guest gets its GPU when the VM is started with one assigned: %s -VM \"my vm\" -DO add-auto",
            program);
    if (vm->partitions == 0)
        return arena_printf(arena, "VM '%s' has no GPU assigned; shut it down, then: %s -VM \"%s\" -DO add-auto",
                            vm->name, program, vm->name);
    return arena_printf(arena,
                        "VM '%s' has a GPU assigned, and this guest shows none: %sshut the VM down, and start it again",
                        vm->name, is_its_guest ? "" : "see that -GUEST is its guest, ");
}

const char *advice_drivers(const CompareOutcome *outcome, const char *program, Arena *arena)
{
    const char *first = outcome->needs_a_hand ? "move away in the guest what is told not to be a plain file or folder, "
                                                "or not to tell whose it is, since installdrivers leaves it alone; "
                                              : "";
    if (outcome->has_service && outcome->needs_installation)
        return arena_printf(arena, "%s -DO update-drivers installs it in the guest", program);
    if (outcome->has_incomplete)
        return arena_printf(arena,
                            "%sremove the package that is incomplete; %s -DO get-drivers makes a new one then, and "
                            "installdrivers installs it in the guest",
                            first, program);
    if (outcome->needs_package)
        return arena_printf(arena, "%s%s -DO get-drivers makes a new package; installdrivers installs it in the guest",
                            first, program);
    if (outcome->needs_installation)
        return arena_printf(arena, "%sinstalldrivers in the guest installs the package", first);
    if (outcome->package != NULL)
        return arena_printf(arena,
                            "installdrivers -DRV \"%s\" installs it all the same; without '%s' in that folder it needs "
                            "no -DRV",
                            outcome->package, outcome->winner);
    if (outcome->verdict == COMPARE_UNPROVEN)
        return "run it where the host's files can be read: on the host, or with hyperpoint for Windows";
    return NULL;
}

#define POLICIES                                                                                                       \
    "RequireSecureDeviceAssignment and RequireSupportedDeviceAssignment below "                                        \
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV, DWORD 0"

/* Twice what it has, and at least what GPUs with much memory want. */
static const char *more_mmio(const StartFailure *failure, Arena *arena)
{
    enum { USUAL_GB = 64, MB_PER_GB = 1024 };
    uint64_t twice = 2 * ((failure->high_mmio_mb + MB_PER_GB - 1) / MB_PER_GB);
    return arena_printf(arena, "-HIGHMMIO %" PRIu64 "GB", twice > USUAL_GB ? twice : USUAL_GB);
}

const char *advice_start_failure(const StartFailure *failure, const char *vm_address, const char *program, Arena *arena)
{
    const char *call = arena_printf(arena, "%s -VM \"%s\"", program, vm_address);
    switch (failure->problem) {
    case START_UNEXPLAINED:
        break;
    case START_GPU_GONE:
        return arena_printf(arena,
                            "the GPU of one of its adapters is gone from the host: plug it in again, or take the "
                            "adapter off: %s -DO remove -GPU \"adapterid:%s\"",
                            call, failure->adapter_id);
    case START_GPU_HIDDEN:
        return arena_printf(arena,
                            "it has an adapter for a GPU that is gone, which the host does not show: take the others "
                            "off and put them on anew: %s -DO detach, then: %s -DO attach; where that does not help, "
                            "Remove-VMGpuPartitionAdapter on the host",
                            call, call);
    case START_GPU_EXHAUSTED:
        return arena_printf(
            arena,
            "no partition of the GPU is left, or the MMIO space is too small for it: shut another VM "
            "down that has it, or make a checkpoint that gives this one more space: %s %s; or the host's "
            "policy refuses the GPU: " POLICIES ", lets it have it",
            call, more_mmio(failure, arena));
    case START_GPU_POLICY:
        return "the host's policy refuses the GPU: as an administrator there, set " POLICIES;
    case START_GPU_DENIED:
        return arena_printf(
            arena, "see that the GPU works on the host, and put it on anew: %s -DO detach, then: %s -DO attach", call,
            call);
    case START_HIBERNATION:
        return "hibernation is enabled in the VM (EnableHibernation), and its GPU does not go with that: switch it off";
    case START_MMIO_TOO_HIGH:
        return arena_printf(arena,
                            "its high MMIO space ends above what the host's processor can address: make it smaller, "
                            "down to Hyper-V's own, with a checkpoint: %s -HIGHMMIO 512MB",
                            call);
    case START_AUTOMATIC:
        return arena_printf(arena,
                            "automatic checkpoints are on, and none can be made with a GPU; a checkpoint switches "
                            "them off: %s",
                            call);
    case START_MEMORY:
        return arena_printf(arena,
                            "its memory is dynamic and starts with %" PRIu64 " MB, which its minimum must be with a "
                            "GPU; a checkpoint can set it: %s -FIXMEMORY",
                            failure->memory_mb, call);
    }
    return NULL;
}
