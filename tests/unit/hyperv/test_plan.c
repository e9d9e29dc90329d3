/* SPDX-License-Identifier: MIT */
/* Plans: what becomes of a request on a host that was read, without a host and without a disk. */
#include "hyperv/change/plan.h"

#include "base/compiler.h"
#include "present/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* What is not as usual. The usual VM is off, has memory of one size, makes automatic checkpoints, and its settings are
 * Hyper-V's own. The host has four GPUs: 1 and 2 work, 3 is a neural processor, 4 has a problem. */
enum {
    RUNNING = 1 << 0,
    PAUSED = 1 << 1,
    SAVED = 1 << 2,
    STARTING = 1 << 3,
    BUSY = 1 << 4,
    REPLICA = 1 << 5,
    EXTENDED_REPLICA = 1 << 6,
    PRIMARY = 1 << 7,
    DIRECT = 1 << 8,
    DISABLED = 1 << 9, /* no checkpoints */
    CLUSTERED = 1 << 10,
    FITS = 1 << 11, /* its settings are what GPUs want */
    DYNAMIC = 1 << 12,
    NO_MEMORY_ID = 1 << 13,
    OLD_HOST = 1 << 14, /* tells no GPUs */
    NO_GPUS = 1 << 15,
    ONE_GPU = 1 << 16,
    FULL_1 = 1 << 17, /* no partition of GPU 1 is free */
    FULL_2 = 1 << 18,
    SETTING_LACKS = 1 << 19, /* the host has no automatic checkpoints */
    /* of the request: */
    FIX_MEMORY = 1 << 20,
    STANDARD = 1 << 21, /* -CHECKPOINTTYPE */
    LOW_2048 = 1 << 22,
    HIGH_512 = 1 << 23, /* as it is */
    /* files: */
    CONFIG = 1 << 24,        /* for GPU 1 */
    BROKEN_CONFIG = 1 << 25, /* ... */
    WRONG_CONFIG = 1 << 26,  /* ... whose limits contradict what it does not name */
    /* what is remembered: */
    DETACHED_12 = 1 << 27, /* GPUs 1 and 2 */
    DETACHED_9 = 1 << 28,
    UNREADABLE = 1 << 29,
    OTHER_LIMITS = 1 << 30, /* of what the VM has */
};

#define VM_GUID "F65D0775-1CA1-4804-9305-71F4A38BDD83"
#define ADAPTER_PREFIX "Microsoft:" VM_GUID "\\00000000-0000-0000-0000-00000000000"
#define MEMORY_CLASS "Msvm_MemorySettingData"

static Arena arena;
static const char *told;

static void keep(Report *report, const char *text)
{
    (void) report;
    told = arena_printf(&arena, "%s%s\n", told, text);
}

static const char *say(Report *report, const Advice *advice, Arena *words_arena)
{
    (void) report;
    return advice_words(advice, "hyperpoint", words_arena);
}

static Report report = { .notice = keep, .warning = keep, .words = say };

/* ---- what was read ---- */

static Gpu make_gpu(size_t order, int flags)
{
    static const char *const names[] = { "NVIDIA GeForce RTX 4060", "Radeon RX 6800 XT", "Intel AI Boost", "Old" };
    const char *path = arena_printf(&arena, "\\\\?\\PCI#VEN_000%zu#1#{X}\\GPUPARAV", order);
    bool is_full = (order == 1 && (flags & FULL_1) != 0) || (order == 2 && (flags & FULL_2) != 0);
    return (Gpu){ .name = names[order - 1],
                  .device_id = arena_printf(&arena, "PCI\\VEN_000%zu\\1", order),
                  .instance_id = path,
                  .path = path,
                  .order = order,
                  .is_present = true,
                  .is_ok = order != 4,
                  .problem = order == 4 ? 43 : 0,
                  .is_display = order != 3,
                  .partitions = 2,
                  .partitions_in_use = is_full ? 2 : 0 };
}

static GpuList make_gpus(int flags)
{
    GpuList list = { 0 };
    size_t count = (flags & NO_GPUS) != 0 ? 0 : (flags & ONE_GPU) != 0 ? 1 : 4;
    for (size_t i = 1; i <= count; i++)
        ARRAY_PUSH(&arena, &list, make_gpu(i, flags));
    list.sole_is_meant = (flags & OLD_HOST) != 0 && count == 1;
    return list;
}

/* A digit for each adapter: its GPU; 9 is one that the host does not have, 0 none. Their IDs end in 1, 2, ... */
static GpuPartitionList make_adapters(const char *gpus)
{
    GpuPartitionList list = { 0 };
    for (size_t i = 0; gpus[i] != '\0'; i++) {
        GpuPartition adapter = { .adapter_id = arena_printf(&arena, ADAPTER_PREFIX "%zu", i + 1), .pool_id = "" };
        if (gpus[i] != '0')
            adapter.host_resource = arena_printf(&arena, "\\\\?\\PCI#VEN_000%c#1#{X}\\GPUPARAV", gpus[i]);
        ARRAY_PUSH(&arena, &list, adapter);
    }
    return list;
}

/* Their paths had another end then. */
static const DetachedGpus *make_detached(int flags)
{
    const char *gpus = (flags & DETACHED_12) != 0 ? "12" : (flags & DETACHED_9) != 0 ? "9" : "";
    DetachedGpus *detached = ARENA_NEW(&arena, DetachedGpus);
    detached->partitions = make_adapters(gpus);
    for (size_t i = 0; i < detached->partitions.count; i++) {
        detached->partitions.items[i].host_resource =
            arena_printf(&arena, "\\\\?\\PCI#VEN_000%c#1#{OLD}\\GPUPARAV", gpus[i]);
        ARRAY_PUSH(&arena, &detached->names, "a remembered GPU");
    }
    return *gpus != '\0' ? detached : NULL;
}

static const CimInstance *make_settings(int flags)
{
    bool fits = (flags & FITS) != 0;
    CimInstance *row = cim_instance_create(&arena, "Msvm_VirtualSystemSettingData");
    if ((flags & SETTING_LACKS) == 0)
        cim_instance_set(row, &arena, "AutomaticSnapshotsEnabled", cim_boolean(!fits));
    cim_instance_set(row, &arena, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, CHECKPOINTS_PRODUCTION));
    cim_instance_set(row, &arena, "GuestControlledCacheTypes", cim_boolean(fits));
    cim_instance_set(row, &arena, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, fits ? 1024 : 128));
    cim_instance_set(row, &arena, "HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, fits ? 65536 : 512));
    cim_instance_set(row, &arena, "AutomaticShutdownAction", cim_uint(CIM_TYPE_UINT16, fits ? 2 : 3));
    return row;
}

static const CimInstance *make_memory(int flags)
{
    CimInstance *row = cim_instance_create(&arena, MEMORY_CLASS);
    if ((flags & NO_MEMORY_ID) == 0)
        cim_instance_set(row, &arena, "InstanceID", cim_string("memory"));
    cim_instance_set(row, &arena, "DynamicMemoryEnabled", cim_boolean((flags & DYNAMIC) != 0));
    cim_instance_set(row, &arena, MEMORY_MINIMUM, cim_uint(CIM_TYPE_UINT64, 512));
    cim_instance_set(row, &arena, MEMORY_STARTUP, cim_uint(CIM_TYPE_UINT64, 4096));
    return row;
}

static AdapterConfigs make_configs(int flags)
{
    static const Error broken = { .code = ERR_INVALID, .message = "x.config:1: no '='" };
    static const char *const warning = "x.config:2: unknown variable 'y'";
    AdapterConfigs configs = { 0 };
    if ((flags & (CONFIG | BROKEN_CONFIG | WRONG_CONFIG)) == 0)
        return configs;
    AdapterConfig *config = ARENA_NEW(&arena, AdapterConfig);
    config->name = "x.config";
    ARRAY_PUSH(&arena, &config->warnings, warning);
    config->limits.items[PARTITION_LIMIT_MIN_VRAM] =
        (PartitionLimit){ .is_set = true, .value = (flags & WRONG_CONFIG) != 0 ? UINT64_MAX : 7 };
    GpuConfig of_gpu = { .gpu_name = "NVIDIA GeForce RTX 4060",
                         .config = config,
                         .problem = (flags & BROKEN_CONFIG) != 0 ? &broken : NULL };
    ARRAY_PUSH(&arena, &configs, of_gpu);
    return configs;
}

static VmView make_view(const char *adapters, int flags)
{
    VmView view = { .gpus = make_gpus(flags), .configs = make_configs(flags) };
    view.vm = (Vm){ .guid = VM_GUID,
                    .name = "vm",
                    .settings = make_settings(flags),
                    .host_tells_gpus = (flags & OLD_HOST) == 0,
                    .is_clustered = (flags & CLUSTERED) != 0,
                    .checkpoint_type = (flags & DISABLED) != 0 ? CHECKPOINTS_DISABLED : CHECKPOINTS_PRODUCTION };
    view.status.state = (flags & RUNNING) != 0    ? VM_STATE_RUNNING
                        : (flags & PAUSED) != 0   ? VM_STATE_PAUSED
                        : (flags & SAVED) != 0    ? VM_STATE_SAVED
                        : (flags & STARTING) != 0 ? (VmState) 10
                                                  : VM_STATE_OFF;
    view.status.operation = (flags & BUSY) != 0 ? 32772 : 0;
    view.status.replication_mode = (flags & REPLICA) != 0            ? 2
                                   : (flags & EXTENDED_REPLICA) != 0 ? 4
                                   : (flags & PRIMARY) != 0          ? 1
                                                                     : 0;
    view.resources = (VmResources){ .partitions = make_adapters(adapters),
                                    .has_direct_assignment = (flags & DIRECT) != 0,
                                    .memory = make_memory(flags) };
    for (size_t i = 0; (flags & OTHER_LIMITS) != 0 && i < view.resources.partitions.count; i++)
        view.resources.partitions.items[i].limits.items[PARTITION_LIMIT_MIN_VRAM].is_set = true;
    view.detached = make_detached(flags);
    if ((flags & UNREADABLE) != 0)
        view.detached_failure = (Error){ .code = ERR_PROTOCOL, .message = "the memo is of the kind 'x/1'" };
    return view;
}

/* "choice" as words, separated by '|'. */
static PlanRequest make_request(PlanVerb verb, const char *choice, int flags)
{
    PlanRequest request = { .verb = verb,
                            .verb_name = "verb",
                            .fix_memory = (flags & FIX_MEMORY) != 0,
                            .settles = SETTLE_AUTOMATIC | SETTLE_LOW_MMIO | SETTLE_HIGH_MMIO | SETTLE_CACHE_TYPES |
                                       SETTLE_STOP_ACTION,
                            .low_mmio_mb = (flags & LOW_2048) != 0 ? 2048 : 0,
                            .high_mmio_mb = (flags & HIGH_512) != 0 ? 512 : 0,
                            .checkpoint_type = (flags & STANDARD) != 0 ? CHECKPOINTS_STANDARD : CHECKPOINTS_UNKNOWN };
    StringList words = { 0 };
    Error err = { .code = ERR_NONE };
    while (*choice != '\0') {
        size_t length = strcspn(choice, "|");
        ARRAY_PUSH(&arena, &words, arena_strndup(&arena, choice, length));
        choice += length + (choice[length] == '|');
    }
    assert_true(selectors_parse(&words, &arena, &request.selectors, &err));
    return request;
}

/* ---- the plan in a line ---- */

static void add_settings(const SettingChangeList *settings, const char **line)
{
    for (size_t i = 0; i < settings->count; i++)
        *line = arena_printf(&arena, "%s %.4s=%s", *line, settings->items[i].property,
                             cim_value_format(&settings->items[i].after, &arena));
}

/* Settings by the first letters of their names; -N comes off, =N stays, <N goes back on, +N is a new one of that GPU
 * (0: the host chooses), with "c" where its limits come from a file. */
static const char *line_of(const ChangeRecord *record, const GpuList *gpus)
{
    const char *line = record_is_empty(record, &arena) ? " empty" : "";
    add_settings(&record->settings, &line);
    GpuPartitionList removals = record_removals(record, &arena);
    for (size_t i = 0; i < removals.count; i++)
        line = arena_printf(&arena, "%s -%s", line, removals.items[i].adapter_id + strlen(ADAPTER_PREFIX));
    add_settings(&record->memory, &line);
    if (record->takes_checkpoint)
        line = arena_printf(&arena, "%s checkpoint", line);
    for (size_t i = 0; i < record->after.count; i++) {
        const GpuPartition *adapter = &record->after.items[i];
        const char *id = adapter->adapter_id != NULL ? adapter->adapter_id : adapter->previous_id;
        const char *config = adapter->limits_from != NULL ? "c" : "";
        const Gpu *gpu = gpu_list_find(gpus, adapter);
        if (gpu != NULL && adapter->host_resource != NULL)
            assert_string_equal(adapter->host_resource, gpu->path); /* as the host calls it now */
        if (id != NULL)
            line = arena_printf(&arena, "%s %c%s%s", line, adapter->adapter_id != NULL ? '=' : '<',
                                id + strlen(ADAPTER_PREFIX), config);
        else
            line = arena_printf(&arena, "%s +%zu%s", line, gpu != NULL ? gpu->order : 0, config);
    }
    return *line == ' ' ? line + 1 : line;
}

/* ---- rows ---- */

typedef struct PlanRow {
    PlanVerb verb;
    const char *choice;   /* -GPU */
    const char *adapters; /* that the VM has */
    int flags;
    const char *line; /* NULL: refused */
    const char *told; /* a part of what is said meanwhile; NULL: nothing is said */
} PlanRow;

#define NEW_SETTINGS "Auto=false Gues=true LowM=1024 High=32768"

static const PlanRow plans[] = {
    /* A checkpoint takes off what there is and puts it back in its order. */
    { PLAN_CHECKPOINT, "", "", FITS, "checkpoint", NULL },
    { PLAN_CHECKPOINT, "", "", 0, "checkpoint", NULL },
    { PLAN_CHECKPOINT, "", "1", 0, "Auto=false -1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "21", FITS, "-1 -2 checkpoint <1 <2", NULL },
    { PLAN_CHECKPOINT, "", "11", FITS, "-1 -2 checkpoint <1 <2", NULL },
    { PLAN_CHECKPOINT, "", "0", FITS, "-1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", SETTING_LACKS, "-1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", FITS | STANDARD, "User=5 -1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", FITS | STANDARD | DISABLED, "User=5 -1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", FITS | PRIMARY, "-1 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", FITS | CLUSTERED, "-1 checkpoint <1", "lies on a cluster volume" },
    { PLAN_CHECKPOINT, "", "1", FITS | FULL_1, "-1 checkpoint <1", "2 of 2 partitions are in use; the VM will start" },
    { PLAN_CHECKPOINT, "", "12", FITS | LOW_2048, "LowM=2048 -1 -2 checkpoint <1 <2", NULL },
    { PLAN_CHECKPOINT, "", "12", HIGH_512, "Auto=false -1 -2 checkpoint <1 <2", NULL },
    { PLAN_CHECKPOINT, "order:2", "1", FITS, "-1 checkpoint +2", NULL },
    { PLAN_CHECKPOINT, "order:2|order:1", "1", FITS, "-1 checkpoint +2 <1", NULL },
    { PLAN_CHECKPOINT, "order:2", "9", FITS, "-1 checkpoint +2", NULL }, /* what takes its place is named */
    { PLAN_CHECKPOINT, "", "21", FITS | CONFIG, "-1 -2 checkpoint <1 <2c", "gets the limits of 'x.config'" },
    { PLAN_CHECKPOINT, "", "2", FITS | BROKEN_CONFIG, "-1 checkpoint <1", NULL }, /* for another GPU */

    /* Adding */
    { PLAN_ADD, "order:1", "", 0, NEW_SETTINGS " +1", NULL },
    { PLAN_ADD, "order:1", "", FITS, "+1", NULL },
    { PLAN_ADD, "order:2", "1", FITS, "=1 +2", NULL },
    { PLAN_ADD, "order:1", "1", 0, "empty =1", "is assigned already" },
    { PLAN_ADD, "order:1", "1", LOW_2048, "Auto=false LowM=2048 =1", "is assigned already" },
    { PLAN_ADD, "order:1", "1", HIGH_512, "empty =1", "is assigned already" },
    { PLAN_ADD, "order:2|order:1|order:2", "", FITS, "+2 +1", NULL },
    { PLAN_ADD, "all", "1", FITS, "=1 +2 +3 +4", "no display adapter" },
    { PLAN_ADD, "order:3", "", FITS, "+3", "it gives the guest no graphics" },
    { PLAN_ADD, "order:4", "", FITS, "+4", "does not work on the host now (problem code 43)" },
    { PLAN_ADD, "order:1", "", FITS | CONFIG, "+1c", "unknown variable 'y'" },
    { PLAN_ADD, "order:1", "", FITS | OLD_HOST | ONE_GPU, "+1", NULL },
    { PLAN_ADD, "order:1", "0", FITS | OLD_HOST | ONE_GPU, "empty =1", "is assigned already" },
    { PLAN_ADD_ALL, "", "", FITS, "+1 +2 +3 +4", "no display adapter" },
    { PLAN_ADD_ALL, "", "12", FITS, "=1 =2 +3 +4", "is assigned already" },

    /* ... by itself */
    { PLAN_ADD_AUTO, "", "", FITS, "+1", "is the first suitable GPU; not taken: Radeon RX 6800 XT (-GPU order:2)" },
    { PLAN_ADD_AUTO, "", "", FITS | FULL_1, "+2", NULL },
    { PLAN_ADD_AUTO, "", "2", FITS, "=1 +1", NULL },
    { PLAN_ADD_AUTO, "", "1", FITS, "empty =1", "not taken: Radeon RX 6800 XT (-GPU order:2)" },
    { PLAN_ADD_AUTO, "order:2", "", FITS, "+2", NULL },
    { PLAN_ADD_AUTO, "Voodoo", "", FITS | FULL_2, "+1", "none of the GPUs that were named exists; taking NVIDIA" },
    { PLAN_ADD_AUTO, "Voodoo|order:2", "", FITS, "+2", NULL },
    { PLAN_ADD_AUTO, "", "", FITS | OLD_HOST, "+0", NULL },

    /* Removing: nothing is checked of the GPUs, and nothing set. */
    { PLAN_REMOVE, "order:1", "12", 0, "Auto=false -1 =2", NULL },
    { PLAN_REMOVE, "order:1", "12", FITS, "-1 =2", NULL },
    { PLAN_REMOVE, "order:1", "1", 0, "-1", NULL },
    { PLAN_REMOVE, "order:1", "11", 0, "-1 -2", NULL },
    { PLAN_REMOVE, "all", "129", 0, "-1 -2 -3", NULL },
    { PLAN_REMOVE, "adapterid:" ADAPTER_PREFIX "2", "11", FITS, "-2 =1", NULL },
    { PLAN_REMOVE, "order:1|order:2", "1", 0, "-1", "is not assigned to VM 'vm'; skipped" },
    { PLAN_REMOVE, "deviceid:PCI\\VEN_0009\\1", "9", 0, "-1", NULL },
    { PLAN_REMOVE, "order:1", "1", DIRECT, "-1", NULL },
    { PLAN_REMOVE, "order:1", "12", FITS | DYNAMIC, "-1 =2", NULL },
    { PLAN_REMOVE_ALL, "", "12", 0, "-1 -2", NULL },
    { PLAN_REMOVE_ALL, "", "", 0, "empty", NULL },
    { PLAN_REMOVE_ALL, "", "9", DIRECT | NO_GPUS, "-1", NULL },

    /* From scratch */
    { PLAN_RESET, "", "12", FITS, "-1 -2 +1", "not taken: Radeon" },
    { PLAN_RESET, "order:2", "12", FITS, "-1 -2 +2", NULL },
    { PLAN_RESET, "", "9", FITS | FULL_2, "-1 +1", NULL },
    { PLAN_RESET, "Voodoo", "1", FITS | FULL_2, "-1 +1", "none of the GPUs that were named exists" },

    /* Off for a while: what is remembered already is not lost. */
    { PLAN_DETACH, "", "12", 0, "-1 -2", NULL },
    { PLAN_DETACH, "", "", 0, "empty", "holds no GPU partition" },
    { PLAN_DETACH, "", "", DIRECT, "empty", "holds no GPU partition" },
    { PLAN_DETACH, "", "", DETACHED_12, "empty", "are detached already" },
    { PLAN_DETACH, "", "12", DETACHED_12, "-1 -2", "they are remembered as they are now" },
    { PLAN_DETACH, "", "123", DETACHED_12, "-1 -2 -3", "they are remembered as they are now" },
    { PLAN_DETACH, "", "1", DETACHED_12, "-1", "all of them stay remembered" },
    { PLAN_DETACH, "", "2", DETACHED_12, "-1", "all of them stay remembered" },

    /* Back: nothing is set but what any GPU needs, and what others have put on stays. */
    { PLAN_ATTACH, "", "", FITS | DETACHED_12, "<1 <2", NULL },
    { PLAN_ATTACH, "", "", DETACHED_12, "Auto=false <1 <2", NULL },
    { PLAN_ATTACH, "", "", FITS | DETACHED_12 | LOW_2048, "LowM=2048 <1 <2", NULL },
    { PLAN_ATTACH, "", "", FITS | DETACHED_12 | CONFIG, "<1 <2", NULL },
    { PLAN_ATTACH, "", "", FITS | DETACHED_12 | FULL_1, "<1 <2", "the VM will start only when one is free" },
    { PLAN_ATTACH, "", "3", FITS | DETACHED_12, "=1 <1 <2", "holds Intel AI Boost, which was assigned since" },
    { PLAN_ATTACH, "", "2", FITS | DETACHED_12, "=1 <1", "is on VM 'vm' again already" },
    { PLAN_ATTACH, "", "12", FITS | DETACHED_12, "=1 =2", "is on VM 'vm' again already" },
    { PLAN_ATTACH, "", "12", DETACHED_12, "=1 =2", "is on VM 'vm' again already" }, /* automatic ones stay on */
    { PLAN_ATTACH, "", "12", DETACHED_12 | LOW_2048, "Auto=false LowM=2048 =1 =2", "is on VM 'vm' again already" },
    { PLAN_ATTACH, "", "1", FITS, "empty =1", "no GPU of VM 'vm' is detached" },
    { PLAN_ATTACH, "", "1", FITS | LOW_2048, "LowM=2048 =1", "no GPU of VM 'vm' is detached" },
    { PLAN_ATTACH, "", "1", HIGH_512, "empty =1", "no GPU of VM 'vm' is detached" },
    { PLAN_ATTACH, "", "1", FITS | DYNAMIC | FIX_MEMORY, "-1 Rese=4096 <1", "no GPU of VM 'vm' is detached" },
    { PLAN_ATTACH, "order:2", "", FITS | DETACHED_9, "<1", "takes the place of a remembered GPU" },
    { PLAN_ADD, "order:2", "1", FITS | DETACHED_9, "=1 +2", "-DO attach puts them back" },
    { PLAN_ADD, "order:2", "1", FITS | UNREADABLE, "=1 +2", "the memo is of the kind 'x/1'" },
    { PLAN_CHECKPOINT, "", "", FITS | DETACHED_9, "checkpoint", NULL },

    /* Settings alone: all adapters stay, also those that could not be put back, but where memory is changed. */
    { PLAN_SETTLE, "", "12", 0, NEW_SETTINGS " Auto=4 =1 =2", NULL },
    { PLAN_SETTLE, "", "12", FITS, "empty =1 =2", NULL },
    { PLAN_SETTLE, "", "9", DIRECT, NEW_SETTINGS " Auto=4 =1", NULL },
    { PLAN_SETTLE, "", "1", FITS | DYNAMIC, "empty =1", NULL },
    { PLAN_SETTLE, "", "1", FITS | DYNAMIC | FIX_MEMORY, "-1 Rese=4096 <1", NULL },

    /* Given up: nothing of the VM is looked at, and nothing is changed. */
    { PLAN_FORGET, "", "1", DETACHED_12 | OTHER_LIMITS, "=1", NULL },
    { PLAN_FORGET, "", "", DETACHED_9, "", NULL },
    { PLAN_FORGET, "", "", RUNNING | DETACHED_9, "", NULL },
    { PLAN_FORGET, "", "", SAVED | REPLICA | DIRECT | DETACHED_12, "", NULL },
    { PLAN_FORGET, "", "1", FITS | DYNAMIC | FIX_MEMORY | DETACHED_12, "=1", NULL },
    { PLAN_FORGET, "", "1", RUNNING, "empty =1", "no GPU of VM 'vm' is detached" },

    /* Memory: only while no GPU is on, and only if that is asked for. */
    { PLAN_CHECKPOINT, "", "1", FITS | DYNAMIC, "-1 checkpoint <1", "-FIXMEMORY with this command sets the" },
    { PLAN_CHECKPOINT, "", "1", FITS | DYNAMIC | FIX_MEMORY, "-1 Rese=4096 checkpoint <1", NULL },
    { PLAN_CHECKPOINT, "", "1", FITS | FIX_MEMORY, "-1 checkpoint <1", NULL },
    { PLAN_ADD, "order:2", "1", FITS | DYNAMIC | FIX_MEMORY, "-1 Rese=4096 <1 +2", NULL },
    { PLAN_REMOVE_ALL, "", "1", FITS | DYNAMIC | FIX_MEMORY, "-1", NULL },
};

static void requests_become_plans(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        const PlanRow *row = &plans[i];
        VmView view = make_view(row->adapters, row->flags);
        PlanRequest request = make_request(row->verb, row->choice, row->flags);
        ChangeRecord record;
        Error err = { .code = ERR_NONE };
        told = "";
        if (!plan_make(&view, &request, &report, &arena, &record, &err))
            fail_msg("row %zu: %s", i, err.message);
        const char *line = line_of(&record, &view.gpus);
        if (strcmp(line, row->line) != 0)
            fail_msg("row %zu: '%s', not '%s'", i, line, row->line);
        if (row->told != NULL ? strstr(told, row->told) == NULL : *told != '\0')
            fail_msg("row %zu: told '%s'", i, told);
        arena_release(&arena);
    }
}

typedef struct RefusalRow {
    PlanVerb verb;
    const char *choice, *adapters;
    int flags;
    ErrorCode code;
    AdviceCode advice; /* ADVICE_NONE: a hint */
    const char *message;
} RefusalRow;

static const RefusalRow refusals[] = {
    { PLAN_CHECKPOINT, "", "1", RUNNING, ERR_STATE, ADVICE_STOP_AND_START, "is running, not off" },
    { PLAN_REMOVE_ALL, "", "", RUNNING, ERR_STATE, ADVICE_STOP_AND_START, "is running, not off" },
    { PLAN_CHECKPOINT, "", "1", PAUSED, ERR_STATE, ADVICE_TURN_OFF, "is paused, not off" },
    { PLAN_CHECKPOINT, "", "1", SAVED, ERR_STATE, ADVICE_NONE, "is saved, not off" },
    { PLAN_CHECKPOINT, "", "1", STARTING, ERR_STATE, ADVICE_NONE, "in transition (10)" },
    { PLAN_CHECKPOINT, "", "1", BUSY, ERR_BUSY, ADVICE_NONE, "its disks are being merged" },
    { PLAN_CHECKPOINT, "", "1", BUSY | RUNNING, ERR_BUSY, ADVICE_NONE, "its disks are being merged" },
    { PLAN_CHECKPOINT, "", "1", REPLICA, ERR_STATE, ADVICE_NONE, "is a replica" },
    { PLAN_REMOVE_ALL, "", "1", REPLICA, ERR_STATE, ADVICE_NONE, "is a replica" },
    { PLAN_CHECKPOINT, "", "1", EXTENDED_REPLICA, ERR_STATE, ADVICE_NONE, "is a replica" },
    { PLAN_CHECKPOINT, "", "", DIRECT, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_ADD_AUTO, "", "", DIRECT, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_SETTLE, "", "1", DIRECT | DYNAMIC | FIX_MEMORY, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_SETTLE, "", "9", DYNAMIC | FIX_MEMORY, ERR_STATE, ADVICE_REPLACE_GPU, "could not be put back" },
    { PLAN_SETTLE, "", "1", RUNNING, ERR_STATE, ADVICE_STOP_AND_START, "is running, not off" },
    { PLAN_RESET, "", "", DIRECT, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_CHECKPOINT, "", "1", DISABLED, ERR_STATE, ADVICE_ENABLE_CHECKPOINTS, "checkpoints are disabled" },
    { PLAN_CHECKPOINT, "", "19", 0, ERR_STATE, ADVICE_REPLACE_GPU, "could not be put back" },
    { PLAN_CHECKPOINT, "", "0", NO_GPUS, ERR_STATE, ADVICE_REPLACE_GPU, "could not be put back" },
    { PLAN_ADD, "order:2", "9", DYNAMIC | FIX_MEMORY, ERR_STATE, ADVICE_REPLACE_GPU, "could not be put back" },
    { PLAN_CHECKPOINT, "order:5", "1", 0, ERR_NOT_FOUND, ADVICE_NONE, "no GPU matches 'order:5'" },
    { PLAN_CHECKPOINT, "order:2", "1", FULL_2, ERR_STATE, ADVICE_NONE, "has no partition left" },
    { PLAN_CHECKPOINT, "adapterid:" ADAPTER_PREFIX "1", "1", 0, ERR_USAGE, ADVICE_NONE, "is for removing only" },
    { PLAN_CHECKPOINT, "", "1", BROKEN_CONFIG, ERR_INVALID, ADVICE_NONE, "x.config:1: no '='" },
    { PLAN_ADD, "order:1", "", WRONG_CONFIG, ERR_INVALID, ADVICE_NONE, "x.config: MinPartitionVRAM" },
    { PLAN_ADD, "order:1", "", FULL_1, ERR_STATE, ADVICE_NONE, "has no partition left" },
    { PLAN_ADD, "Voodoo", "", 0, ERR_NOT_FOUND, ADVICE_NONE, "no GPU matches 'Voodoo'" },
    { PLAN_ADD, "deviceid:PCI\\X\\1", "", 0, ERR_NOT_FOUND, ADVICE_LIST_GPUS, "no GPU matches" },
    { PLAN_ADD, "order:1", "", NO_GPUS, ERR_NOT_FOUND, ADVICE_NONE, "the host has no partitionable GPU" },
    { PLAN_ADD, "order:2", "", OLD_HOST, ERR_UNSUPPORTED, ADVICE_LET_HOST_CHOOSE, "chooses the GPU by itself" },
    { PLAN_ADD_ALL, "", "", OLD_HOST, ERR_UNSUPPORTED, ADVICE_LET_HOST_CHOOSE, "chooses the GPU by itself" },
    { PLAN_ADD_ALL, "", "", NO_GPUS, ERR_NOT_FOUND, ADVICE_NONE, "the host has no partitionable GPU" },
    { PLAN_ADD_ALL, "", "", FULL_2, ERR_STATE, ADVICE_NONE, "Radeon RX 6800 XT has no partition left" },
    { PLAN_ADD_AUTO, "", "", NO_GPUS, ERR_NOT_FOUND, ADVICE_NONE, "the host has no partitionable GPU" },
    { PLAN_ADD_AUTO, "", "", FULL_1 | FULL_2, ERR_NOT_FOUND, ADVICE_TAKE_UNSUITABLE, "no suitable GPU" },
    { PLAN_ADD_AUTO, "", "", FULL_1 | ONE_GPU, ERR_NOT_FOUND, ADVICE_NONE, "no suitable GPU" },
    { PLAN_RESET, "", "1", FULL_1 | FULL_2, ERR_NOT_FOUND, ADVICE_TAKE_UNSUITABLE, "no suitable GPU" },
    { PLAN_REMOVE, "order:2", "1", 0, ERR_NOT_FOUND, ADVICE_LIST_ASSIGNED, "none of these GPUs is assigned" },
    { PLAN_REMOVE, "order:9", "1", 0, ERR_NOT_FOUND, ADVICE_NONE, "no GPU matches 'order:9'" },
    { PLAN_REMOVE, "adapterid:" ADAPTER_PREFIX "7", "1", 0, ERR_NOT_FOUND, ADVICE_LIST_ADAPTERS, "has no adapter" },
    { PLAN_REMOVE, "all", "", 0, ERR_NOT_FOUND, ADVICE_LIST_ASSIGNED, "none of these GPUs is assigned" },
    { PLAN_DETACH, "", "1", RUNNING, ERR_STATE, ADVICE_STOP_AND_START, "is running, not off" },
    { PLAN_DETACH, "", "19", 0, ERR_STATE, ADVICE_TAKE_OFF_GONE, "could not be put back" },
    { PLAN_DETACH, "", "1", DIRECT, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_DETACH, "", "3", DETACHED_12, ERR_STATE, ADVICE_ATTACH_FIRST, "still remembered" },
    { PLAN_DETACH, "", "13", DETACHED_12, ERR_STATE, ADVICE_ATTACH_FIRST, "still remembered" },
    { PLAN_DETACH, "", "1", DETACHED_12 | OTHER_LIMITS, ERR_STATE, ADVICE_TAKE_OFF_FIRST, "with other settings" },
    { PLAN_DETACH, "", "12", DETACHED_12 | OTHER_LIMITS, ERR_STATE, ADVICE_TAKE_OFF_FIRST, "with other settings" },
    { PLAN_DETACH, "", "1", UNREADABLE, ERR_PROTOCOL, ADVICE_NONE, "of the kind 'x/1'" },
    { PLAN_ATTACH, "", "", RUNNING | DETACHED_12, ERR_STATE, ADVICE_STOP_AND_START, "is running, not off" },
    { PLAN_ATTACH, "", "", DIRECT | DETACHED_12, ERR_UNSUPPORTED, ADVICE_NONE, "direct assignment (DDA)" },
    { PLAN_ATTACH, "", "", 0, ERR_STATE, ADVICE_ASSIGN, "none is remembered" },
    { PLAN_ATTACH, "", "1", DETACHED_12 | OTHER_LIMITS, ERR_STATE, ADVICE_TAKE_OFF_FIRST, "with other settings" },
    { PLAN_ATTACH, "", "", DETACHED_9, ERR_STATE, ADVICE_REPLACE_DETACHED, "is gone from the host" },
    { PLAN_ATTACH, "order:2|order:3", "", DETACHED_9, ERR_STATE, ADVICE_FEWER_SUBSTITUTES, "is not needed: no other" },
    { PLAN_ATTACH, "order:2", "", DETACHED_12, ERR_STATE, ADVICE_FEWER_SUBSTITUTES, "is not needed: no GPU" },
    { PLAN_ATTACH, "order:2", "12", DETACHED_12, ERR_STATE, ADVICE_FEWER_SUBSTITUTES, "is not needed: no GPU" },
    { PLAN_ATTACH, "order:2", "1", 0, ERR_STATE, ADVICE_FEWER_SUBSTITUTES, "is not needed: no GPU" },
    { PLAN_ATTACH, "order:9", "1", 0, ERR_NOT_FOUND, ADVICE_NONE, "no GPU matches 'order:9'" },
    { PLAN_ATTACH, "Voodoo", "12", DETACHED_12, ERR_NOT_FOUND, ADVICE_NONE, "no GPU matches 'Voodoo'" },
    { PLAN_ATTACH, "", "", UNREADABLE, ERR_PROTOCOL, ADVICE_NONE, "of the kind 'x/1'" },
    { PLAN_FORGET, "", "", UNREADABLE, ERR_PROTOCOL, ADVICE_NONE, "of the kind 'x/1'" },
    { PLAN_ADD, "order:1", "", DYNAMIC | FIX_MEMORY | NO_MEMORY_ID, ERR_PROTOCOL, ADVICE_NONE, "without its ID" },
};

static void requests_are_refused(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const RefusalRow *row = &refusals[i];
        VmView view = make_view(row->adapters, row->flags);
        PlanRequest request = make_request(row->verb, row->choice, row->flags);
        ChangeRecord record;
        Error err = { .code = ERR_NONE };
        told = "";
        if (plan_make(&view, &request, &report, &arena, &record, &err))
            fail_msg("row %zu: '%s'", i, line_of(&record, &view.gpus));
        if (err.code != row->code || err.advice.code != row->advice || strstr(err.message, row->message) == NULL)
            fail_msg("row %zu: %s, advice %d: %s", i, error_code_name(err.code), (int) err.advice.code, err.message);
        if (row->code != ERR_PROTOCOL && !error_tells_what_to_do(&err) && row->code != ERR_INVALID)
            fail_msg("row %zu: '%s' says not what to do", i, err.message);
        arena_release(&arena);
    }
}

/* Whatever is asked for, and however much of it is there: what a plan says that it does, it can do. */
static void plans_hold_together(void **state)
{
    (void) state;
    static const char *const adapters[] = { "", "1", "12", "3" };
    static const int options[] = { 0, LOW_2048, HIGH_512, STANDARD, DYNAMIC, DYNAMIC | FIX_MEMORY,
                                   DYNAMIC | FIX_MEMORY | LOW_2048 };
    static const int remembered[] = { 0, DETACHED_12 };
    for (size_t i = 0; i < COUNT_OF(adapters) * COUNT_OF(options) * COUNT_OF(remembered) * PLAN_RESTORE; i++) {
        size_t rest = i / PLAN_RESTORE;
        int flags = options[rest % COUNT_OF(options)] | remembered[rest / COUNT_OF(options) % COUNT_OF(remembered)];
        PlanVerb verb = (PlanVerb) (i % PLAN_RESTORE);
        VmView view = make_view(adapters[rest / COUNT_OF(options) / COUNT_OF(remembered)], flags);
        PlanRequest request = make_request(verb, verb == PLAN_ADD || verb == PLAN_REMOVE ? "order:1" : "", flags);
        ChangeRecord record;
        Error err = { .code = ERR_NONE };
        told = "";
        if (verb != PLAN_NOTHING && plan_make(&view, &request, &report, &arena, &record, &err)) {
            bool holds = (!record.attaches || record.detached != NULL) &&
                         (record.remembered == NULL || (record.detached != NULL && !record.attaches)) &&
                         (record.memory_id != NULL) == (record.memory.count > 0) &&
                         (!record_is_empty(&record, &arena) || record.settings.count == 0);
            if (!holds)
                fail_msg("row %zu, verb %d: '%s'", i, (int) verb, line_of(&record, &view.gpus));
        }
        arena_release(&arena);
    }
}

/* VMs that are not off, where that may be changed. */
static void power_is_asked_for(void **state)
{
    (void) state;
    static const struct {
        int flags;
        PowerRequest power;
        ErrorCode code;
        AdviceCode advice;
    } rows[] = {
        { RUNNING, { .stop = true }, ERR_NONE, ADVICE_NONE },
        { PAUSED, { .stop = true, .turn_off = true }, ERR_NONE, ADVICE_NONE },
        { SAVED, { .stop = true, .discard_saved = true }, ERR_NONE, ADVICE_NONE },
        { RUNNING, { .turn_off = true }, ERR_STATE, ADVICE_STOP_AND_START },
        { PAUSED, { .stop = true, .discard_saved = true }, ERR_STATE, ADVICE_TURN_OFF },
        { SAVED, { .stop = true, .turn_off = true }, ERR_STATE, ADVICE_DISCARD_SAVED },
        { STARTING, { .stop = true, .turn_off = true }, ERR_STATE, ADVICE_NONE },
        { BUSY | RUNNING, { .stop = true }, ERR_BUSY, ADVICE_NONE },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        VmView view = make_view("1", rows[i].flags);
        PlanRequest request = make_request(PLAN_REMOVE_ALL, "", rows[i].flags);
        request.power = rows[i].power;
        ChangeRecord record;
        Error err = { .code = ERR_NONE };
        bool ok = plan_make(&view, &request, &report, &arena, &record, &err);
        if (ok != (rows[i].code == ERR_NONE) || err.code != rows[i].code || err.advice.code != rows[i].advice)
            fail_msg("row %zu: %s, advice %d: %s", i, error_code_name(err.code), (int) err.advice.code, err.message);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(requests_become_plans), cmocka_unit_test(requests_are_refused),
                                        cmocka_unit_test(plans_hold_together),
                                        cmocka_unit_test(power_is_asked_for) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
