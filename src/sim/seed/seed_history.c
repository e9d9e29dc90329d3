/* SPDX-License-Identifier: MIT */
/* The VM "history" of the variant "checkpoints": one of every kind, in a branched tree, with what each brings along
 * when it is applied. */
#include "sim/seed/seed.h"

#include "sim/services/disks.h"
#include "sim/store/vm_model.h"

#define HOUR_MS (INT64_C(60) * 60 * 1000)

static int64_t hours_later(int64_t hours)
{
    return sim_seed_created_ms + hours * HOUR_MS;
}

static void set_note(SimHost *host, SimObject *settings, const char *note)
{
    sim_object_set_texts(host, settings, "Notes", &note, 1);
}

/* As if the checkpoint had been applied: the VM goes on from it, in disks of its own. */
static void return_to(SimHost *host, const SimObject *vm, const SimObject *checkpoint, const char *id)
{
    SimObject *current = sim_vm_settings(host, vm);
    sim_disks_share(host, current, checkpoint);
    sim_disks_branch(host, current, id, UINT64_C(1) << 30);
    sim_disks_drop_unused(host, vm);
    sim_object_set_text(host, current, "Parent", sim_object_path(host, checkpoint, &host->arena));
    sim_object_set_boolean(host, current, "IsSaved", false);
    cim_instance_set(host->last_applied, &host->arena, sim_vm_guid(vm),
                     cim_string(sim_object_text(checkpoint, "InstanceID")));
}

/* Made when the host still allowed it: with a GPU and what belongs to it. */
static void seed_with_gpu(SimHost *host, const SimObject *vm, const SimSeed *seed)
{
    SimObject *checkpoint = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C06", "with a GPU",
                                                hours_later(53), UINT64_C(700) << 20);
    sim_object_set_boolean(host, checkpoint, "AutomaticSnapshotsEnabled", false);
    sim_object_set_boolean(host, checkpoint, "GuestControlledCacheTypes", true);
    sim_object_set_uint(host, checkpoint, "LowMmioGapSize", 1024);
    sim_object_set_uint(host, checkpoint, "HighMmioGapSize", 32768);
    if (seed->has_gpus)
        sim_seed_adapter(host, checkpoint, "B7A69584-7362-4514-8F0E-1D2C3B4A5968", 2);
}

void sim_seed_history(SimHost *host, const SimSeed *seed)
{
    SimObject *vm = sim_seed_vm(host, "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B03", "history", 8192, 4);
    SimObject *fresh = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C01", "fresh install",
                                           hours_later(2), UINT64_C(6) << 30);
    SimObject *drivers = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C02", "drivers installed",
                                             hours_later(26), UINT64_C(2) << 30);
    set_note(host, drivers, "the last good state\nbefore the games");
    SimObject *running = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C03", "while it ran",
                                             hours_later(27), UINT64_C(900) << 20);
    sim_object_set_uint(host, running, "UserSnapshotType", 5);
    sim_object_set_boolean(host, running, "IsSaved", true);

    return_to(host, vm, drivers, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2CF1");
    SimObject *automatic = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C04",
                                               "Automatic Checkpoint - history - (2024/8/22 - 12:45:00)",
                                               hours_later(52), UINT64_C(300) << 20);
    sim_object_set_boolean(host, automatic, "IsAutomaticSnapshot", true);
    seed_with_gpu(host, vm, seed);

    return_to(host, vm, fresh, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2CF2");
    SimObject *recovery = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C07",
                                              "history - Backup - (2024/8/23 - 02:00:00)", hours_later(66),
                                              UINT64_C(200) << 20);
    sim_object_set_text(host, recovery, "VirtualSystemType", SIM_TYPE_RECOVERY);
    SimObject *replica = sim_seed_checkpoint(host, vm, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2C08",
                                             "history - Standard Replica - (2024/8/23 - 03:00:00)", hours_later(67),
                                             UINT64_C(100) << 20);
    sim_object_set_text(host, replica, "VirtualSystemType", SIM_TYPE_CHECKPOINT_PREFIX "Replica:Standard");

    return_to(host, vm, drivers, "3F0C9A51-7E24-4B1D-8C62-0D5E4A3B2CF3");
}
