/* SPDX-License-Identifier: MIT */
/* See scenarios.h. The habits of hosts ("knobs"): docs/simulator.md. */
#include "scenarios.h"

#include "base/compiler.h"

enum { VRAM = 1, ENCODE = 2, DECODE = 4, COMPUTE = 8, ALL = 15, DISABLED = 2 };

#define FULL                                                                                                           \
    {                                                                                                                  \
        .gpu = 1, .limit = 80000000, .kinds = ALL, .pool = "games"                                                     \
    }
#define PARTIAL                                                                                                        \
    {                                                                                                                  \
        .gpu = 2, .limit = 30000000, .kinds = VRAM | COMPUTE                                                           \
    }
#define PLAIN                                                                                                          \
    {                                                                                                                  \
        .gpu = 1, .kinds = 0                                                                                           \
    }
#define TWO                                                                                                            \
    {                                                                                                                  \
        .adapters = { FULL, PARTIAL }, .adapter_count = 2                                                              \
    }
#define ONE                                                                                                            \
    {                                                                                                                  \
        .adapters = { FULL }, .adapter_count = 1                                                                       \
    }
#define PATHLESS                                                                                                       \
    {                                                                                                                  \
        .gpu = 0, .limit = 50000000, .kinds = DECODE                                                                   \
    }
#define THREE                                                                                                          \
    {                                                                                                                  \
        .adapters = { FULL, PARTIAL, { .gpu = 3, .limit = 20000000, .kinds = VRAM } }, .adapter_count = 3              \
    }
#define MIXED                                                                                                          \
    {                                                                                                                  \
        .adapters = { PATHLESS, PARTIAL }, .adapter_count = 2                                                          \
    }
#define NO                                                                                                             \
    {                                                                                                                  \
        .adapter_count = 0                                                                                             \
    }

const Scenario scenarios[] = {
    { .name = "checkpoint",
      .words = { "-DO", "checkpoint" },
      .vm = TWO,
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true,
      .is_thorough = true },
    { .name = "checkpoint -GPU replacing",
      .words = { "-GPU", "order:3" },
      .vm = TWO,
      .foreign_gpu = 4,
      .takes_checkpoint = true,
      .is_thorough = true },
    { .name = "checkpoint -GPU one stays",
      .words = { "-GPU", "order:2,order:3" },
      .vm = TWO,
      .foreign_gpu = 4,
      .takes_checkpoint = true },
    { .name = "checkpoint -NAME",
      .words = { "-NAME", "before the update" },
      .vm = ONE,
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint, twice the same GPU",
      .words = { "-DO", "checkpoint" },
      .vm = { .adapters = { FULL, { .gpu = 1, .limit = 20000000, .kinds = ALL }, PLAIN }, .adapter_count = 3 },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint, no instance path",
      .words = { "-DO", "checkpoint" },
      .vm = MIXED,
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint, adapter.config",
      .words = { "-DO", "checkpoint" },
      .vm = TWO,
      .foreign_gpu = 3,
      .config = "MinPartitionVRAM = 1000\nMaxPartitionVRAM = 3000\nOptimalPartitionVRAM = 2000\n",
      .takes_checkpoint = true },
    { .name = "checkpoint -CHECKPOINTTYPE",
      .words = { "-CHECKPOINTTYPE", "standard" },
      .vm = { .adapters = { FULL }, .adapter_count = 1, .checkpoint_type = DISABLED },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint, three GPUs",
      .words = { "-DO", "checkpoint" },
      .vm = THREE,
      .foreign_gpu = 4,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint -GPU, no instance path",
      .words = { "-GPU", "order:3" },
      .vm = MIXED,
      .foreign_gpu = 4,
      .takes_checkpoint = true },
    { .name = "checkpoint without GPUs",
      .words = { "-DO", "checkpoint" },
      .vm = NO,
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "checkpoint -FIXMEMORY",
      .words = { "-FIXMEMORY" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .dynamic_memory = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "restore",
      .words = { "-DO", "restore", "-CHECKPOINT", "target" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .has_target = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true,
      .is_thorough = true },
    { .name = "restore -DISCARD",
      .words = { "-DO", "restore", "-CHECKPOINT", "target", "-DISCARD" },
      .vm = { .adapters = { FULL, PARTIAL, { .gpu = 3, .limit = 20000000, .kinds = VRAM } },
              .adapter_count = 3,
              .has_target = true,
              .stands_on_target = true },
      .foreign_gpu = 4,
      .keeps_adapters = true },
    { .name = "restore -GPU",
      .words = { "-DO", "restore", "-CHECKPOINT", "target", "-GPU", "order:2,order:3" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .has_target = true },
      .foreign_gpu = 5,
      .takes_checkpoint = true },
    { .name = "restore, no instance path",
      .words = { "-DO", "restore", "-CHECKPOINT", "latest", "-NAME", "before" },
      .vm = { .adapters = { PATHLESS, PARTIAL }, .adapter_count = 2, .has_target = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "restore without GPUs",
      .words = { "-DO", "restore", "-CHECKPOINT", "target" },
      .vm = { .adapter_count = 0, .has_target = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "add -FIXMEMORY",
      .words = { "-DO", "add", "-GPU", "order:2", "-FIXMEMORY" },
      .vm = { .adapters = { FULL }, .adapter_count = 1, .dynamic_memory = true },
      .foreign_gpu = 3 },
    { .name = "checkpoint -STOP -START",
      .words = { "-STOP", "-START", "-TIMEOUT", "20s" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .runs = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true,
      .is_thorough = true },
    { .name = "reset -STOP -START",
      .words = { "-DO", "reset", "-STOP", "-START", "-TIMEOUT", "20s" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .runs = true },
      .foreign_gpu = 3 },
    { .name = "add -STOP -START -TURNOFF",
      .words = { "-DO", "add", "-GPU", "order:2", "-STOP", "-START", "-TURNOFF", "-TIMEOUT", "5s" },
      .vm = { .adapters = { FULL }, .adapter_count = 1, .runs = true },
      .foreign_gpu = 3 },
    { .name = "restore -STOP -START",
      .words = { "-DO", "restore", "-CHECKPOINT", "target", "-STOP", "-START", "-TIMEOUT", "20s" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .has_target = true, .runs = true },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "detach -STOP -START",
      .words = { "-DO", "detach", "-STOP", "-START", "-TIMEOUT", "20s" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .runs = true },
      .foreign_gpu = 3 },
    { .name = "attach -STOP -START",
      .words = { "-DO", "attach", "-STOP", "-START", "-TIMEOUT", "20s" },
      .prepare = { { "-DO", "detach", "-STOP", "-START" } },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .runs = true },
      .foreign_gpu = 3 },
    { .name = "check -FIX",
      .words = { "-DO", "check", "-FIX", "-YES" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .dynamic_memory = true },
      .foreign_gpu = 3,
      .keeps_adapters = true,
      .mends = true },
    { .name = "check -FIX -STOP -START",
      .words = { "-DO", "check", "-FIX", "-YES", "-STOP", "-START", "-TIMEOUT", "20s" },
      .vm = { .adapters = { FULL, PARTIAL }, .adapter_count = 2, .runs = true },
      .foreign_gpu = 3,
      .keeps_adapters = true,
      .mends = true },
    { .name = "add two",
      .words = { "-DO", "add", "-GPU", "order:2,order:3" },
      .vm = ONE,
      .foreign_gpu = 4,
      .is_thorough = true },
    { .name = "add, no instance path", .words = { "-DO", "add", "-GPU", "order:3" }, .vm = MIXED, .foreign_gpu = 4 },
    { .name = "add -LOWMMIO",
      .words = { "-DO", "add", "-GPU", "order:2", "-LOWMMIO", "2GB" },
      .vm = NO,
      .foreign_gpu = 3 },
    { .name = "add-auto", .words = { "-DO", "add-auto" }, .vm = NO, .foreign_gpu = 3 },
    { .name = "add-all", .words = { "-DO", "add-all" }, .vm = ONE, .foreign_gpu = 1 },
    { .name = "add-auto, no instance path", .words = { "-DO", "add-auto" }, .vm = MIXED, .foreign_gpu = 3 },
    { .name = "add-all, no instance path", .words = { "-DO", "add-all" }, .vm = MIXED, .foreign_gpu = 2 },
    { .name = "remove", .words = { "-DO", "remove", "-GPU", "order:1" }, .vm = TWO, .foreign_gpu = 3 },
    { .name = "remove two",
      .words = { "-DO", "remove", "-GPU", "order:1,order:3" },
      .vm = THREE,
      .foreign_gpu = 4 },
    { .name = "remove, no instance path",
      .words = { "-DO", "remove", "-GPU", "order:2" },
      .vm = MIXED,
      .foreign_gpu = 3 },
    { .name = "remove-all", .words = { "-DO", "remove-all" }, .vm = TWO, .foreign_gpu = 3 },
    { .name = "remove-all, no instance path", .words = { "-DO", "remove-all" }, .vm = MIXED, .foreign_gpu = 3 },
    { .name = "reset", .words = { "-DO", "reset" }, .vm = TWO, .foreign_gpu = 3, .is_thorough = true },
    { .name = "reset -GPU", .words = { "-DO", "reset", "-GPU", "order:2" }, .vm = TWO, .foreign_gpu = 3 },
    { .name = "reset, no instance path", .words = { "-DO", "reset" }, .vm = MIXED, .foreign_gpu = 3 },
    { .name = "detach", .words = { "-DO", "detach" }, .vm = TWO, .foreign_gpu = 3, .is_thorough = true },
    { .name = "detach, three GPUs", .words = { "-DO", "detach" }, .vm = THREE, .foreign_gpu = 4 },
    { .name = "detach, no instance path", .words = { "-DO", "detach" }, .vm = MIXED, .foreign_gpu = 3 },
    { .name = "detach, one is back",
      .words = { "-DO", "detach" },
      .prepare = { { "-DO", "add", "-GPU", "order:1,order:2" },
                   { "-DO", "detach" },
                   { "-DO", "add", "-GPU", "order:2" } },
      .vm = NO,
      .foreign_gpu = 3 },
    { .name = "attach",
      .words = { "-DO", "attach" },
      .prepare = { { "-DO", "detach" } },
      .vm = TWO,
      .foreign_gpu = 3,
      .is_thorough = true },
    { .name = "attach, three GPUs",
      .words = { "-DO", "attach" },
      .prepare = { { "-DO", "detach" } },
      .vm = THREE,
      .foreign_gpu = 4 },
    { .name = "attach, no instance path",
      .words = { "-DO", "attach" },
      .prepare = { { "-DO", "detach" } },
      .vm = MIXED,
      .foreign_gpu = 3 },
    { .name = "attach beside another",
      .words = { "-DO", "attach" },
      .prepare = { { "-DO", "detach" }, { "-DO", "add", "-GPU", "order:4" } },
      .vm = TWO,
      .foreign_gpu = 3 },
};
const size_t scenario_count = COUNT_OF(scenarios);

const Scenario old_host_scenarios[] = {
    { .name = "checkpoint",
      .words = { "-DO", "checkpoint" },
      .vm = { .adapters = { PARTIAL }, .adapter_count = 1 },
      .foreign_gpu = 3,
      .takes_checkpoint = true,
      .keeps_adapters = true },
    { .name = "add-auto", .words = { "-DO", "add-auto" }, .vm = NO, .foreign_gpu = 3 },
    { .name = "remove-all",
      .words = { "-DO", "remove-all" },
      .vm = { .adapters = { PARTIAL }, .adapter_count = 1 },
      .foreign_gpu = 3 },
    { .name = "detach",
      .words = { "-DO", "detach" },
      .vm = { .adapters = { PARTIAL }, .adapter_count = 1 },
      .foreign_gpu = 3 },
    { .name = "attach",
      .words = { "-DO", "attach" },
      .prepare = { { "-DO", "detach" } },
      .vm = { .adapters = { PARTIAL }, .adapter_count = 1 },
      .foreign_gpu = 3 },
};
const size_t old_host_scenario_count = COUNT_OF(old_host_scenarios);

/* Short jobs are seen at work two or three times, which is enough. */
const HostSpec usual_host = { "windows11", "windows11", "{\"jobMilliseconds\": 100}" };
const HostSpec hot_host = { "server2025", "server2025", "{\"jobMilliseconds\": 100}" };
const HostSpec old_host = { "windows10", "windows10", "{\"jobMilliseconds\": 100}" };

const HostSpec other_hosts[] = {
    { "asyncResources", "windows11", "{\"jobMilliseconds\": 100, \"asyncResources\": true}" },
    { "batch half", "windows11", "{\"jobMilliseconds\": 100, \"batch\": \"half\"}" },
    { "batch halfThenFail", "windows11", "{\"jobMilliseconds\": 100, \"batch\": \"halfThenFail\"}" },
    { "asyncResources, batch halfThenFail", "windows11",
      "{\"jobMilliseconds\": 100, \"asyncResources\": true, \"batch\": \"halfThenFail\"}" },
    { "syncSnapshots", "windows11", "{\"jobMilliseconds\": 100, \"syncSnapshots\": true}" },
    { "jobsVanish", "windows11", "{\"jobMilliseconds\": 100, \"asyncResources\": true, \"jobsVanish\": true}" },
    { "jobsFinishAtOnce", "windows11", "{\"asyncResources\": true, \"jobsFinishAtOnce\": true}" },
    { "ignoreSnapshotName", "windows11", "{\"jobMilliseconds\": 100, \"ignoreSnapshotName\": true}" },
};
const size_t other_host_count = COUNT_OF(other_hosts);
