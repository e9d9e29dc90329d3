/* SPDX-License-Identifier: MIT */
/* What a user shall do next, as a code and its data: whoever talks to the user has the words for it
 * (present/advice.h), which are those of a command line here and of buttons elsewhere. */
#pragma once

typedef enum AdviceCode {
    ADVICE_NONE = 0,

    /* VMs. Data: the name of the VM, where nothing else is said. */
    ADVICE_LIST_VMS,           /* no data */
    ADVICE_WRITE_VM_ID,        /* no data: what was written is not the ID of a VM */
    ADVICE_NAME_VM_BY_ID,      /* data: the IDs, separated by blanks */
    ADVICE_RECOVER_FIRST,      /* a change of before is unfinished */
    ADVICE_SHUT_DOWN_RECOVER,  /* this change is */
    ADVICE_ENABLE_CHECKPOINTS, /* no data */
    ADVICE_ENABLE_OR_DISCARD,  /* the same before a restore */
    ADVICE_STOP_AND_START,     /* no data: a VM that runs can be brought down for this, and started again */
    ADVICE_DISCARD_SAVED,      /* no data: the memory of a saved one can be thrown away */
    ADVICE_TURN_OFF,           /* no data: the power of one whose guest does not shut down can be turned off */
    ADVICE_WAIT_LONGER,        /* no data: that, or it can be given more time */
    ADVICE_FIX_MEMORY,         /* data: the MB that its minimum has to be */
    ADVICE_UPDATE_STARTED, /* no data: a VM that is off can be started for this */
    ADVICE_LIST_CHECKPOINTS,
    ADVICE_WRITE_CHECKPOINT_ID,   /* no data: what was written is none */
    ADVICE_NAME_CHECKPOINT_BY_ID, /* data: the IDs, separated by blanks */

    /* GPUs of a host, and adapters of a VM. No data, where nothing else is said. */
    ADVICE_LIST_GPUS,
    ADVICE_LIST_ADAPTERS,     /* of the VM */
    ADVICE_LIST_ASSIGNED,     /* GPUs of the VM */
    ADVICE_WRITE_DEVICE_ID,   /* what was written is none; so with the next three */
    ADVICE_WRITE_INSTANCE_ID, /* ... */
    ADVICE_WRITE_ORDER,
    ADVICE_WRITE_ADAPTER_ID,
    ADVICE_TAKE_GPU,         /* data: its order */
    ADVICE_TAKE_UNSUITABLE,  /* GPUs that are not taken by themselves can be chosen */
    ADVICE_LET_HOST_CHOOSE,  /* an old one, which has more than one GPU */
    ADVICE_REPLACE_GPU,      /* data: the ID of the adapter whose GPU is gone */
    ADVICE_NAME_SUBSTITUTES, /* recovery: a GPU is gone */

    /* GPUs that are detached. No data, where nothing else is said. */
    ADVICE_ATTACH,            /* data: the name of the VM */
    ADVICE_ATTACH_FIRST,      /* others shall be remembered */
    ADVICE_TAKE_OFF_FIRST,    /* one of them is on with other settings */
    ADVICE_REPLACE_DETACHED,  /* one of them is gone */
    ADVICE_FEWER_SUBSTITUTES, /* not so many of them are gone */
    ADVICE_TAKE_OFF_GONE,     /* data: the ID of an adapter whose GPU is gone, which cannot be detached */
    ADVICE_ASSIGN,            /* there are none */

    /* Hosts. No data. */
    ADVICE_NAME_HOST,
    ADVICE_REHEARSE, /* there is no host: a simulated one will do */
    ADVICE_SIMULATE, /* this host cannot be talked to, a simulated one can */
    ADVICE_USE_LOCAL,

    /* The service in a guest. No data. */
    ADVICE_SET_UP_GUEST,    /* there is none */
    ADVICE_SAME_VERSION,    /* it is of another version */
    ADVICE_LOOK_AT_SERVICE, /* it does not answer */

    /* Installations in a guest. No data. */
    ADVICE_END_USERS,          /* of files that are in use */
    ADVICE_RECOVER_INSTALL,    /* what was interrupted has to be ended first */
    ADVICE_MEND_AND_RECOVER,   /* ending what was interrupted failed */
    ADVICE_RESTART_OR_RECOVER, /* it waits for the next start of the guest that runs here */
    ADVICE_RECOVER_IN_GUEST,   /* it needs the guest to run */
    ADVICE_UNINSTALL_IN_GUEST,
    ADVICE_NAME_ROOT,         /* where the guest's disk is */
    ADVICE_NAME_ROOT_AS_HERE, /* this computer does not look like a guest */
    ADVICE_NAME_DRIVE,        /* the guest's disk is a drive */
    ADVICE_INSTALL_ELEVATED,  /* with an administrator's rights */
    ADVICE_GATHER_DRIVERS,    /* on the host: there are no packages yet */
    ADVICE_COUNT
} AdviceCode;

typedef struct Advice {
    AdviceCode code;
    char data[512];
} Advice;
