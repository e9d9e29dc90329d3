/* SPDX-License-Identifier: MIT */
/* Names and defaults of the switches. */
#include "sim/store/knobs.h"

#include "base/compiler.h"

/* Unverified for builds 19041 to 22631: that they refuse changes of GPUs while the VM runs. */
SimKnobs sim_knobs_default(uint32_t build)
{
    return (SimKnobs){
        .job_milliseconds = 400,
        .merge_milliseconds = 400,
        .guest_shutdown_milliseconds = 400,
        .kvp_milliseconds = 50,
        .guest_files_milliseconds = 200,
        .checkpoint_refusal_code = 32775,
        .ampersand_entity_refused = true,
        .hot_gpu_changes = build >= 26100,
    };
}

#define KNOB(name_, kind_, member) { name_, SIM_KNOB_##kind_, offsetof(SimKnobs, member), NULL }
#define CHOICE(name_, member, ...)                                                                                     \
    { name_, SIM_KNOB_CHOICE, offsetof(SimKnobs, member), (const char *const[]){ __VA_ARGS__, NULL } }

const SimKnobRow sim_knob_rows[] = {
    KNOB("jobMilliseconds", NUMBER, job_milliseconds),
    KNOB("asyncResources", BOOLEAN, async_resources),
    KNOB("syncSnapshots", BOOLEAN, sync_snapshots),
    KNOB("jobsFinishAtOnce", BOOLEAN, jobs_finish_at_once),
    KNOB("jobsVanish", BOOLEAN, jobs_vanish),
    KNOB("jobsCompleteWithWarnings", BOOLEAN, jobs_complete_with_warnings),
    KNOB("jobWarningsHaveText", BOOLEAN, job_warnings_have_text),
    CHOICE("batch", batch, "all", "half", "halfThenFail"),
    KNOB("hotGpuChanges", BOOLEAN, hot_gpu_changes),
    KNOB("gpuMemoryChanges", BOOLEAN, gpu_memory_changes),
    KNOB("refuseEncodeLimits", BOOLEAN, refuse_encode_limits),
    KNOB("checkpointRefusalCode", NUMBER, checkpoint_refusal_code),
    KNOB("ampersandEntityRefused", BOOLEAN, ampersand_entity_refused),
    KNOB("ignoreSnapshotName", BOOLEAN, ignore_snapshot_name),
    CHOICE("merge", merge, "background", "inJob", "atPowerOff"),
    KNOB("mergeMilliseconds", NUMBER, merge_milliseconds),
    KNOB("applyWithGpu", BOOLEAN, apply_with_gpu),
    KNOB("automaticCheckpoints", BOOLEAN, automatic_checkpoints),
    KNOB("automaticBlocksGpu", BOOLEAN, automatic_blocks_gpu),
    KNOB("guestCannotQuiesce", BOOLEAN, guest_cannot_quiesce),
    CHOICE("guestShutdown", guest_shutdown, "works", "locked", "refused", "hangs"),
    KNOB("guestShutdownMilliseconds", NUMBER, guest_shutdown_milliseconds),
    KNOB("shutdownUnseen", BOOLEAN, shutdown_unseen),
    CHOICE("guestContact", guest_contact, "ok", "none", "lost"),
    KNOB("guestBootMilliseconds", NUMBER, guest_boot_milliseconds),
    CHOICE("kvp", kvp, "works", "lost", "twice"),
    KNOB("kvpMilliseconds", NUMBER, kvp_milliseconds),
    CHOICE("guestCopy", guest_copy, "works", "silent", "cut", "diskFull"),
    KNOB("guestCopyRate", NUMBER, guest_copy_rate),
    KNOB("guestFilesMilliseconds", NUMBER, guest_files_milliseconds),
    KNOB("keepsSavedState", BOOLEAN, keeps_saved_state),
    KNOB("addressBits", NUMBER, address_bits),
    KNOB("gpuMmio", NUMBER, gpu_mmio),
    KNOB("gpuAccessDenied", BOOLEAN, gpu_access_denied),
    KNOB("gpuHibernation", BOOLEAN, gpu_hibernation),
    KNOB("gpuSave", BOOLEAN, gpu_save),
    KNOB("devicePolicy", BOOLEAN, device_policy),
    KNOB("noRights", BOOLEAN, no_rights),
    KNOB("german", BOOLEAN, german),
};

const size_t sim_knob_row_count = COUNT_OF(sim_knob_rows);
