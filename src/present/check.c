/* SPDX-License-Identifier: MIT */
#include "present/check.h"

#include "base/compiler.h"
#include "base/str.h"
#include "drivers/guest/gpu.h"
#include "json/document.h"
#include "present/advice.h"
#include "present/result.h"

#include <inttypes.h>
#include <string.h>

/* ---- the words ---- */

#define FIX "{call} -VM \"{address}\" -DO check -FIX"

const CheckWords check_words[CHECK_RULE_COUNT] = {
    [CHECK_UNFINISHED] = { "a change of the VM is unfinished",
                           "what it had may not be there, and nothing else can be changed before",
                           "{call} -VM \"{address}\" -DO recover", "if no HyperPoint is working on it now", true },
    [CHECK_START_FAILED] = { "its last start failed: {text}", "the VM does not start", NULL, NULL, false },
    [CHECK_POLICY] = { "a policy of the host refuses devices: {text} is not 0",
                       "VMs with a GPU that the host does not trust do not start",
                       NULL, "as an administrator of the host, set RequireSecureDeviceAssignment and "
                             "RequireSupportedDeviceAssignment to 0 (DWORD), below "
                             "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV", false },
    [CHECK_NO_GPU] = { "the host has no partitionable GPU", "no VM can have one", NULL, "{text}", false },
    [CHECK_GPU_PROBLEM] = { "the GPU does not work on the host (problem code {is})",
                            "VMs that have it do not start, or see no GPU",
                            NULL, "look at the device in the host's Device Manager, or reinstall its driver", false },
    [CHECK_GPU_GONE] = { "the VM's GPU is gone from the host",
                         "the VM does not start, and no checkpoint can put the adapter back",
                         "{call} -VM \"{address}\" -DO remove -GPU \"adapterid:{adapter}\"",
                         "or plug the GPU in again, or reinstall its driver", true },
    [CHECK_AUTOMATIC] = { "automatic checkpoints are on",
                          "Hyper-V makes one at each start, which it cannot with a GPU: the VM does not start", FIX,
                          NULL, true },
    [CHECK_MEMORY] = { "dynamic memory: the VM starts with {right} MB, and its minimum is {is} MB",
                       "with a GPU they must be equal, or the VM does not start or sees only a part of its memory", FIX,
                       NULL, true },
    [CHECK_MMIO_TOO_HIGH] = { "the VM's high MMIO space ends at {is} MB, and the host's processor addresses {right} MB",
                              "the VM does not start", "{call} -VM \"{address}\" -HIGHMMIO {more}",
                              "a checkpoint makes the space smaller; 512MB is Hyper-V's own", false },
    [CHECK_GUEST_GPU] = { "the guest says that its GPU {text}", "programs in the guest have no GPU",
                          "{call} -VM \"{address}\" -DO check-drivers", "{more}", false },
    [CHECK_GUEST_NO_GPU] = { "the VM runs with a GPU, and its guest shows none", "programs in the guest have no GPU",
                             NULL,
                             "shut the VM down and start it again; a guest with Windows needs build 17134 or newer",
                             false },
    [CHECK_GUEST_DRIVER] = { "the guest has drivers of version {more}, the host of {text}",
                             "a guest works only with the host's own driver: it loses its GPU (code 43), or sees "
                           "another one than there is",
                             "{call} -VM \"{address}\" -DO update-drivers", NULL, false },
    [CHECK_HIGH_MMIO] = { "the VM's high MMIO space is {is} MB, and an assignment gives {right} MB",
                          "the GPU may not work in the guest (code 43), or the VM not start", FIX, NULL, true },
    [CHECK_LOW_MMIO] = { "the VM's low MMIO space is {is} MB, and an assignment gives {right} MB",
                         "the GPU may not work in the guest", FIX, NULL, true },
    [CHECK_CACHE_TYPES] = { "cache types are not controlled by the guest", "the GPU may not work in the guest", FIX,
                            NULL, true },
    [CHECK_GPU_FULL] = { "no partition of the GPU is free: {is} of {right} are in use",
                         "the VM does not start until one is", NULL, "shut another VM down that has this GPU", false },
    [CHECK_LIMITS] = { "the adapter's limits cannot be met: {text}", "the VM may not start",
                       "{call} -VM \"{address}\" -DO remove -GPU \"adapterid:{adapter}\"",
                       "and add the GPU again: it gets limits that it allows", true },
    [CHECK_SEVERAL_PARTITIONS] = { "the VM has {is} partitions of data-centre GPUs",
                                   "Hyper-V gives a VM one partition of such a GPU", NULL,
                                   "take all but one off: {call} -VM \"{address}\" -DO remove -GPU", false },
    [CHECK_ACCELERATOR] = { "the device is no display adapter (a neural processor, for example)",
                            "it gives the guest no graphics",
                            "{call} -VM \"{address}\" -DO remove -GPU \"adapterid:{adapter}\"", NULL, true },
    [CHECK_STOP_SAVES] = { "the VM is to be saved when the host shuts down",
                           "a VM with a GPU cannot be saved: it is cut off, and loses what it has not written", FIX,
                           NULL, true },
    [CHECK_SAVED] = { "the VM is saved, and has a GPU", "it may not resume, and cannot be changed", NULL,
                      "start it and shut it down from inside; if it does not start, remove its saved state", false },
    [CHECK_OLD_VERSION] = { "the VM's configuration version is {text}",
                            "VMs of versions before 9.0 are reported not to work with GPUs",
                            NULL, "back it up and upgrade it, which cannot be undone: Update-VMVersion", false },
    [CHECK_GUEST_WINDOWS] = { "the guest's Windows is of build {is}",
                              "Windows before build 17134 has no drivers for GPU partitions", NULL,
                              "update the guest's Windows", false },
    [CHECK_CLUSTERED] = { "the VM's files lie on a cluster volume",
                          "as a role of a cluster a VM with a GPU partition may not start (0x32), or be moved to "
                          "a host without the GPU",
                          NULL, "take it out of the cluster, or use data-centre GPUs on Windows Server 2025", false },
    [CHECK_AUTOMATIC_LEFT] = { "an automatic checkpoint is left: '{text}'",
                               "it grows with all that the VM writes, and may keep a GPU from being assigned",
                               "{call} -VM \"{address}\" -DO remove-checkpoint -CHECKPOINT \"id:{more}\"", NULL,
                               false },
    [CHECK_MISSING_CHECKPOINT] = { "files of the checkpoint '{text}' are not there", "it cannot be restored", NULL,
                                   "put the files back, or remove the checkpoint in Hyper-V Manager", false },
    [CHECK_DETACHED_GONE] = { "a GPU that was detached from the VM is gone from the host",
                              "-DO attach cannot put it back", "{call} -VM \"{address}\" -DO attach -GPU order:1",
                              "names what takes its place; -DO attach -FORGET gives it up", true },
    [CHECK_PACKAGE_OUTDATED] = { "the package of its driver is of version {text}, the host's driver of {more}",
                                 "a guest in which it is installed loses its GPU (code 43), or sees another one than "
                                 "there is",
                                 "{call} -GPU \"deviceid:{device}\" -DO get-drivers",
                                 "with the same -DEST, if there was one; then installdrivers in the guest", false },
    [CHECK_HOST_BUILD] = { "the host's Windows: {text}", "it is reported of this build", NULL, "{more}", false },
    [CHECK_NO_PATH] = { "of the VM's adapters {is} name no GPU, and the host has several",
                        "at each start the host chooses one by itself", NULL,
                        "on Windows 11 or Server 2022 and newer, -DO reset -GPU assigns the one that is meant; older "
                        "hosts have to have the others disabled", false },
    [CHECK_CHECKPOINTS_DISABLED] = { "checkpoints are disabled", "HyperPoint cannot make any",
                                     "{call} -VM \"{address}\" -CHECKPOINTTYPE production",
                                     "makes one, and enables them", true },
    [CHECK_REPLICATED] = { "the VM is replicated to another host, or from one",
                           "the other host needs the same GPU, and a replica cannot be changed", NULL,
                           "see that the VM starts there without its GPU", false },
    [CHECK_DIRECT_ASSIGNMENT] = { "the VM has a whole device, too (DDA)", "Hyper-V makes no checkpoints of such a VM",
                                  NULL, "Remove-VMAssignableDevice takes it off", false },
    [CHECK_HIBERNATION] = { "hibernation is enabled in the VM",
                            "with a GPU whose driver does not go with that it does not start", NULL,
                            "switch it off if the VM does not start (EnableHibernation)", false },
    [CHECK_MERGING] = { "disks of checkpoints that were removed are being merged",
                        "the VM cannot be changed meanwhile", NULL, "wait until it is done", false },
    [CHECK_BACKUP_LEFT] = { "a backup has left its checkpoint '{text}'",
                            "it grows with all that the VM writes, and Hyper-V Manager cannot remove it", NULL,
                            "look at the backup; Get-VMSnapshot -SnapshotType Recovery | Remove-VMSnapshot removes "
                            "it", false },
    [CHECK_DETACHED_LONG] = { "its GPUs have been detached since {text}", "somebody may have forgotten them",
                              "{call} -VM \"{address}\" -DO attach", "-DO attach -FORGET gives them up", true },
    [CHECK_GUEST_BUILD] = { "the guest's Windows: {text}", "it is reported of this build", NULL, "{more}", false },
    [CHECK_UNEQUAL_BUILDS] = { "the Windows of host and guest: {text}", "it is reported of these builds", NULL,
                               "{more}", false },
    [CHECK_ENHANCED_SESSION] = { "enhanced sessions are on: {text}", "it is reported of the guest's build", NULL,
                                 "{more}", false },
    [CHECK_NOT_PARTITIONABLE] = { "the GPU cannot be partitioned", "no VM can have it", NULL, "{text}", false },
    [CHECK_GONE_VM] = { "GPUs are remembered of VM '{vm}', which is gone from the host",
                        "it was deleted, moved, or renamed elsewhere", NULL,
                        "if it comes back, -DO attach on it puts them back", false },
};

typedef struct Values {
    const char *name, *text;
} Values;

static const char *fill_in(const char *template, const Values *values, size_t count, Arena *arena)
{
    if (template == NULL)
        return NULL;
    Str text;
    str_init(&text, SIZE_MAX);
    while (*template != '\0') {
        size_t length = strcspn(template, "{");
        str_append_bytes(&text, template, length);
        template += length;
        if (*template == '\0')
            break;
        size_t end = strcspn(template, "}");
        for (size_t i = 0; i < count; i++) {
            if (strlen(values[i].name) == end - 1 && strncmp(template + 1, values[i].name, end - 1) == 0)
                str_append(&text, values[i].text != NULL ? values[i].text : "");
        }
        template += end + (template[end] != '\0');
    }
    const char *filled = str_take(&text, arena);
    return *filled != '\0' ? filled : NULL;
}

/* What depends on more than the row. */
static void add_advice(const Finding *finding, const char *call, Arena *arena, ToldFinding *told)
{
    if (finding->rule == CHECK_UNFINISHED && finding->text != NULL) {
        told->message = finding->text;
        told->command = told->advice = NULL;
    }
    if (finding->rule != CHECK_START_FAILED)
        return;
    const GpuPartitionList *partitions = &finding->vm->resources.partitions;
    const StartFailure failure = { .problem = finding->vm->failed_start.problem,
                                   .adapter_id = partitions->count > 0 ? partitions->items[0].adapter_id : "",
                                   .high_mmio_mb = cim_instance_uint(finding->vm->vm.settings, "HighMmioGapSize", 0) };
    told->advice = advice_start_failure(&failure, finding->vm->vm.address, call, arena);
    if (told->advice == NULL)
        told->command = arena_printf(arena, "%s -VM \"%s\" -DO start", call, finding->vm->vm.address);
}

/* Which command changes nothing while the VM is on, and how it comes to be off. */
static void add_power(const Finding *finding, const char *call, Arena *arena, ToldFinding *told)
{
    static const PowerRequest nothing = { .stop = false };
    Error refusal = { .code = ERR_NONE };
    if (!check_words[finding->rule].needs_off || told->command == NULL || finding->vm == NULL ||
        power_check(&finding->vm->vm, &finding->vm->status, &nothing, &refusal))
        return;
    const char *words = advice_words(&refusal.advice, call, arena);
    if (*words != '\0')
        told->advice = arena_printf(arena, "%s%s%s", told->advice != NULL ? told->advice : "",
                                    told->advice != NULL ? "; " : "", words);
}

ToldFinding finding_told(const Finding *finding, const char *host, const char *call, Arena *arena)
{
    const CheckWords *words = &check_words[finding->rule];
    const Vm *vm = finding->vm != NULL ? &finding->vm->vm : NULL;
    const GuestGpu guest_gpu = { .name = "", .device_id = "", .problem = (uint32_t) finding->is };
    bool is_guest_gpu = finding->rule == CHECK_GUEST_GPU;
    const Values values[] = {
        { "vm", vm != NULL ? vm->name : finding->vm_name },
        { "address", vm != NULL ? vm->address : finding->vm_address },
        { "gpu", finding->gpu },
        { "adapter", finding->adapter_id },
        { "device", finding->device_id },
        { "is", arena_printf(arena, "%" PRIu64, finding->is) },
        { "right", arena_printf(arena, "%" PRIu64, finding->right) },
        { "text", is_guest_gpu ? guest_gpu_state(&guest_gpu, arena) : finding->text },
        { "more", finding->more },
        { "call", call },
    };
    ToldFinding told = { .code = check_rules[finding->rule].code,
                         .severity = finding->severity,
                         .host = host,
                         .vm = vm != NULL ? vm->name : finding->vm_name,
                         .vm_id = vm != NULL ? vm->guid : NULL,
                         .gpu = finding->gpu,
                         .message = fill_in(words->what, values, COUNT_OF(values), arena),
                         .why = fill_in(words->why, values, COUNT_OF(values), arena),
                         .command = fill_in(words->command, values, COUNT_OF(values), arena),
                         .advice = fill_in(words->advice, values, COUNT_OF(values), arena),
                         .source = finding->source,
                         .fixable = finding->fix != FIX_NONE };
    add_advice(finding, call, arena, &told);
    add_power(finding, call, arena, &told);
    return told;
}

ToldFindings findings_told(const Findings *findings, const char *host, const char *call, Arena *arena)
{
    ToldFindings told = { 0 };
    for (size_t i = 0; i < findings->count; i++)
        ARRAY_PUSH(arena, &told, finding_told(&findings->items[i], host, call, arena));
    return told;
}

/* ---- as text and as JSON ---- */

static const char *heading(const void *record, Arena *arena)
{
    const ToldFinding *told = record;
    const char *vm = told->vm != NULL ? arena_printf(arena, ", VM '%s'", told->vm) : "";
    const char *gpu = told->gpu != NULL ? arena_printf(arena, ", %s", told->gpu) : "";
    return arena_printf(arena, "%s: %s%s%s", check_severity_names[told->severity], told->code, vm, gpu);
}

static const char *source_text(const void *record, Arena *arena)
{
    (void) arena;
    return ((const ToldFinding *) record)->source;
}

/* NULL is no line in text, and null in JSON. */
#define FIELD_MAYBE(member, name_, label_)                                                                             \
    FIELD_TEXT(ToldFinding, member, name_, .flags = FIELD_NULLABLE, .label = label_, .show = show_##member)

#define SHOW_MAYBE(member)                                                                                             \
    static const char *show_##member(const void *record, Arena *arena)                                                 \
    {                                                                                                                  \
        (void) arena;                                                                                                  \
        return ((const ToldFinding *) record)->member;                                                                 \
    }
SHOW_MAYBE(command)
SHOW_MAYBE(advice)

static const Field finding_fields[] = {
    FIELD_TEXT(ToldFinding, code, "code"),
    FIELD_NAME(ToldFinding, severity, check_severity_names, "severity"),
    FIELD_TEXT(ToldFinding, host, "host", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, vm, "vm", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, vm_id, "vmId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, gpu, "gpu", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, message, "message", .label = "What"),
    FIELD_TEXT(ToldFinding, why, "why", .label = "Why"),
    FIELD_MAYBE(command, "command", "Run"),
    FIELD_MAYBE(advice, "advice", "Do"),
    FIELD_TEXT(ToldFinding, source, "source", .flags = FIELD_NULLABLE, .label = "Source", .show = source_text),
    FIELD_BOOLEAN(ToldFinding, fixable, "fixable"),
};

static const TextLayout layout = { .indent = 2, .label_width = 6, .has_gap = true };

const Shape finding_shape = SHAPE(ToldFinding, finding_fields, .heading = heading, .layout = &layout);

static const Field mended_fields[] = {
    FIELD_TEXT(ToldFinding, code, "code"),
    FIELD_TEXT(ToldFinding, vm, "vm", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, vm_id, "vmId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ToldFinding, message, "message"),
};
const Shape mended_finding_shape = SHAPE(ToldFinding, mended_fields);

static const char *const area_names[AREA_COUNT] = {
    "vms",      "gpus",   "memory",  "direct-assignment", "windows-build", "device-policy", "enhanced-sessions",
    "failed-starts", "drivers", "processor", "packages", "guest",
};

static const Field area_fields[] = {
    FIELD_NAME(CheckedArea, area, area_names, "what"),
    FIELD_TEXT(CheckedArea, vm_name, "vm", .flags = FIELD_NULLABLE),
    FIELD_BOOLEAN(CheckedArea, was_read, "done"),
    FIELD_TEXT(CheckedArea, reason, "reason", .flags = FIELD_NULLABLE),
};
const Shape checked_area_shape = SHAPE(CheckedArea, area_fields);

void present_areas(Output *output, const CheckedAreas *areas)
{
    present_members(output, "checked", &checked_area_shape, areas);
    for (size_t i = 0; i < areas->count; i++) {
        const CheckedArea *area = &areas->items[i];
        if (area->was_read)
            continue;
        if (area->vm_name != NULL)
            output_verbose(output, "the guest of VM '%s' was not asked: %s", area->vm_name, area->reason);
        else if (area->area == AREA_PROCESSOR)
            output_verbose(output, "not checked: %s: %s", area_names[area->area], area->reason);
        else
            output_warning(output, "not checked: %s: %s", area_names[area->area], area->reason);
    }
}

/* "1 error" */
static const char *count_text(size_t count, const char *one, const char *many, Arena *arena)
{
    return arena_printf(arena, "%zu %s", count, count == 1 ? one : many);
}

const char *findings_count_text(const Findings *findings, Arena *arena)
{
    size_t counts[CHECK_SEVERITY_COUNT] = { 0 };
    StringList parts = { 0 };
    for (size_t i = 0; i < findings->count; i++)
        counts[findings->items[i].severity]++;
    if (counts[CHECK_ERROR] > 0)
        ARRAY_PUSH(arena, &parts, count_text(counts[CHECK_ERROR], "error", "errors", arena));
    if (counts[CHECK_WARNING] > 0)
        ARRAY_PUSH(arena, &parts, count_text(counts[CHECK_WARNING], "warning", "warnings", arena));
    if (counts[CHECK_ADVICE] > 0)
        ARRAY_PUSH(arena, &parts, count_text(counts[CHECK_ADVICE], "piece of advice", "pieces of advice", arena));
    const char *text = parts.count > 0 ? parts.items[0] : "nothing";
    for (size_t i = 1; i < parts.count; i++)
        text = arena_printf(arena, "%s%s%s", text, i + 1 == parts.count ? " and " : ", ", parts.items[i]);
    return text;
}
