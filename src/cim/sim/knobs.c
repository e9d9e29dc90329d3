/* SPDX-License-Identifier: MIT */
/* Names and defaults of the switches. */
#include "cim/sim/knobs.h"

#include "base/compiler.h"

#include <string.h>

/* Unverified for builds 19041 to 22631: that they refuse changes of GPUs while the VM runs. */
SimKnobs sim_knobs_default(uint32_t build)
{
    return (SimKnobs){
        .job_milliseconds = 400,
        .checkpoint_refusal_code = 32775,
        .ampersand_entity_refused = true,
        .hot_gpu_changes = build >= 26100,
    };
}

#define KNOB(name_, kind_, member) { name_, SIM_KNOB_##kind_, offsetof(SimKnobs, member) }

const SimKnobRow sim_knob_rows[] = {
    KNOB("jobMilliseconds", NUMBER, job_milliseconds),
    KNOB("asyncResources", BOOLEAN, async_resources),
    KNOB("syncSnapshots", BOOLEAN, sync_snapshots),
    KNOB("jobsFinishAtOnce", BOOLEAN, jobs_finish_at_once),
    KNOB("jobsVanish", BOOLEAN, jobs_vanish),
    KNOB("jobsCompleteWithWarnings", BOOLEAN, jobs_complete_with_warnings),
    KNOB("batch", BATCH, batch),
    KNOB("hotGpuChanges", BOOLEAN, hot_gpu_changes),
    KNOB("refuseEncodeLimits", BOOLEAN, refuse_encode_limits),
    KNOB("checkpointRefusalCode", NUMBER, checkpoint_refusal_code),
    KNOB("ampersandEntityRefused", BOOLEAN, ampersand_entity_refused),
    KNOB("ignoreSnapshotName", BOOLEAN, ignore_snapshot_name),
    KNOB("gpuSave", BOOLEAN, gpu_save),
    KNOB("devicePolicy", BOOLEAN, device_policy),
    KNOB("noRights", BOOLEAN, no_rights),
    KNOB("german", BOOLEAN, german),
};

const size_t sim_knob_row_count = COUNT_OF(sim_knob_rows);

static const char *const batch_names[] = {
    [SIM_BATCH_ALL] = "all",
    [SIM_BATCH_HALF] = "half",
    [SIM_BATCH_HALF_THEN_FAIL] = "halfThenFail",
};

const char *sim_batch_name(SimBatch batch)
{
    return batch_names[batch];
}

bool sim_batch_parse(const char *name, SimBatch *ret_batch)
{
    for (size_t i = 0; i < COUNT_OF(batch_names); i++) {
        if (strcmp(batch_names[i], name) == 0) {
            *ret_batch = (SimBatch) i;
            return true;
        }
    }
    return false;
}
