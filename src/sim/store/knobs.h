/* SPDX-License-Identifier: MIT */
/* Switches of a simulated host: what differs between real hosts, or is not known of them, and what a test wants to
 * be awkward. They stand in the state file under "knobs" where they differ from the default. docs/simulator.md
 * lists them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happens to a batch of several resource settings. */
typedef enum SimBatch {
    SIM_BATCH_ALL,            /* all or nothing */
    SIM_BATCH_HALF,           /* done up to the first member that fails */
    SIM_BATCH_HALF_THEN_FAIL, /* every batch of more than one: the first half is done, then it fails */
} SimBatch;

/* When the disks of a removed checkpoint are merged. */
typedef enum SimMerge {
    SIM_MERGE_BACKGROUND,   /* a job of its own that begins when the checkpoint is gone */
    SIM_MERGE_IN_JOB,       /* the job that removes the checkpoint ends when all is merged */
    SIM_MERGE_AT_POWER_OFF, /* if the VM is on, not before it is turned off */
} SimMerge;

/* What a guest does that is asked to shut down. */
typedef enum SimShutdown {
    SIM_SHUTDOWN_WORKS,
    SIM_SHUTDOWN_LOCKED,  /* not without force: somebody is signed in and the screen is locked */
    SIM_SHUTDOWN_REFUSED,
    SIM_SHUTDOWN_HANGS,   /* it takes the request and never gets there */
} SimShutdown;

/* Whether the guest's side of the integration components answers. */
typedef enum SimContact { SIM_CONTACT_OK, SIM_CONTACT_NONE, SIM_CONTACT_LOST } SimContact;

/* What becomes of a data item on its way to the guest. */
typedef enum SimKvp { SIM_KVP_WORKS, SIM_KVP_LOST, SIM_KVP_TWICE } SimKvp;

/* What becomes of a file that is copied into the guest. */
typedef enum SimCopy {
    SIM_COPY_WORKS,
    SIM_COPY_SILENT, /* the job goes well, and there is no file */
    SIM_COPY_CUT,    /* the same, and half of the file is missing */
    SIM_COPY_DISK_FULL,
} SimCopy;

typedef struct SimKnobs {
    int64_t job_milliseconds;           /* how long a job takes */
    bool async_resources;               /* Add/Modify/RemoveResourceSettings answer 4096 */
    bool sync_snapshots;                /* CreateSnapshot answers 0 with the checkpoint's path */
    bool jobs_finish_at_once;           /* a job has ended at the first look */
    bool jobs_vanish;                   /* a job's object is gone as soon as it ends */
    bool jobs_complete_with_warnings;   /* JobState 32768 instead of 7 */
    bool job_warnings_have_text;        /* ... with an ErrorDescription */
    unsigned batch;                     /* SimBatch */
    bool hot_gpu_changes;               /* GPU partitions may change while the VM runs */
    bool gpu_memory_changes;            /* with a GPU, memory may change as long as start-up and minimum are equal */
    bool refuse_encode_limits;          /* only all-ones are taken for Max- and OptimalPartitionEncode */
    int64_t checkpoint_refusal_code;    /* ErrorCode of the job when the VM has a GPU: 32775 or 32768 */
    bool ampersand_entity_refused;      /* embedded text with &amp; &lt; &gt; &quot; is refused */
    bool ignore_snapshot_name;          /* CreateSnapshot's name is ignored */
    unsigned merge;                     /* SimMerge */
    int64_t merge_milliseconds;         /* how long a merge takes */
    bool apply_with_gpu;                /* a checkpoint can be applied to a VM with a GPU */
    bool automatic_checkpoints;         /* they are made at the start of a VM, and removed when it is off */
    bool automatic_blocks_gpu;          /* an automatic checkpoint keeps GPUs from being assigned */
    bool guest_cannot_quiesce;          /* no production checkpoint of a running VM */
    unsigned guest_shutdown;            /* SimShutdown */
    int64_t guest_shutdown_milliseconds; /* how long that takes */
    bool shutdown_unseen;               /* EnabledState stays "running" until the guest is down */
    unsigned guest_contact;             /* SimContact */
    int64_t guest_boot_milliseconds;    /* from the start of a VM until its guest answers */
    unsigned kvp;                       /* SimKvp */
    int64_t kvp_milliseconds;           /* from one data item that the guest is told to the next */
    unsigned guest_copy;                /* SimCopy */
    int64_t guest_copy_rate;            /* KiB in a second; 0: a file takes as long as any job */
    int64_t guest_files_milliseconds;   /* until the guest has loaded its part of the guest service interface */
    bool keeps_saved_state;             /* a saved VM cannot be turned off */
    int64_t address_bits;               /* of the host's processor; 0: enough for any MMIO space */
    int64_t gpu_mmio;                   /* MiB above 4 GiB that each GPU partition needs */
    bool gpu_access_denied;             /* a VM with a GPU does not start: the device refuses */
    bool gpu_hibernation;               /* a VM with a GPU starts with hibernation enabled */
    bool gpu_save;                      /* a running VM with a GPU can be saved */
    bool device_policy;                 /* a VM with a GPU does not start: group policy */
    bool no_rights;                     /* the user is no Hyper-V administrator */
    bool german;                        /* language of Captions, Descriptions and error texts */
} SimKnobs;

/* Defaults depend on the build of Windows. */
SimKnobs sim_knobs_default(uint32_t build);

/* One row per knob, for reading and writing them by name. NUMBER is an int64_t of 0 to SIM_KNOB_MAX; CHOICE an unsigned
 * index into the names. */
typedef enum SimKnobKind { SIM_KNOB_BOOLEAN, SIM_KNOB_NUMBER, SIM_KNOB_CHOICE } SimKnobKind;

enum { SIM_KNOB_MAX = 24 * 60 * 60 * 1000 };

typedef struct SimKnobRow {
    const char *name; /* in the state file */
    SimKnobKind kind;
    size_t offset;              /* in SimKnobs */
    const char *const *choices; /* up to a NULL */
} SimKnobRow;

extern const SimKnobRow sim_knob_rows[];
extern const size_t sim_knob_row_count;
