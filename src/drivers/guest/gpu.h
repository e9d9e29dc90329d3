/* SPDX-License-Identifier: MIT */
/* The GPUs of a guest, as its own Windows sees them. A GPU partition is a device of Microsoft's in the guest, the
 * Virtual Render Device (PCI\VEN_1414&DEV_008E), whatever the host's GPU is; whether it found the driver's files shows
 * in its problem code (0: works, 43: it did not). Sources: Windows driver documentation, "GPU paravirtualization" and
 * "Device Manager error messages"; Windows SDK, "Win32_PnPEntity". */
#pragma once

#include "cim/session.h"

#define GUEST_GPU_UNKNOWN UINT32_MAX /* no problem code of Windows: WMI told none */

typedef struct GuestGpu {
    const char *name;      /* Unverified: that of the host's GPU; never NULL */
    const char *device_id; /* "PCI\\VEN_1414&DEV_008E&..." */
    uint32_t problem;      /* ConfigManagerErrorCode, or GUEST_GPU_UNKNOWN */
} GuestGpu;

typedef struct GuestGpus {
    GuestGpu *items;
    size_t count, capacity;
} GuestGpus;

/* Asks the guest's own WMI, in one round trip. No GPU is no error: the VM has none assigned. */
MUST_CHECK bool guest_gpus_read(CimSession *guest, Arena *arena, GuestGpus *ret_gpus, Error *err);

/* Its driver begins anew when the device is restarted, and that may be all it needs: not one that works, that somebody
 * has disabled, that lacks a driver, or room. */
bool guest_gpu_is_restartable(const GuestGpu *gpu);

/* What helps against its problem is a restart of the guest. */
bool guest_gpu_needs_restart(const GuestGpu *gpu);

/* "works", or what is wrong: "has stopped (code 43)". */
const char *guest_gpu_state(const GuestGpu *gpu, Arena *arena);

/* What a run has found out when it looks for the cause of a problem. */
typedef struct GuestFindings {
    enum {
        GUEST_VM_UNKNOWN, /* it was not looked at */
        GUEST_VM_FITS,
        GUEST_VM_HINDERS, /* settings of the VM are in the way */
    } vm;
    enum {
        GUEST_DRIVERS_UNKNOWN,
        GUEST_DRIVERS_UNPROVEN,  /* they were looked at, and it cannot be told */
        GUEST_DRIVERS_DIFFER,    /* from the host's */
        GUEST_DRIVERS_CURRENT,   /* as far as could be seen from outside */
        GUEST_DRIVERS_INSTALLED, /* just now, and every file was checked */
    } drivers;
    bool is_unrecorded; /* installdrivers has installed nothing that it could verify */
} GuestFindings;

typedef enum GuestAdvice {
    GUEST_ADVICE_LOOK = 1,          /* nothing is known of the problem: Device Manager tells more */
    GUEST_ADVICE_MEND_VM = 2,       /* the settings that are in the way */
    GUEST_ADVICE_UPDATE = 4,        /* the drivers */
    GUEST_ADVICE_REMEDY = 8,        /* guest_gpu_remedy() */
    GUEST_ADVICE_MORE_MMIO = 16,    /* give the VM more than an assignment does */
    GUEST_ADVICE_VERIFY = 32,       /* the installed files */
    GUEST_ADVICE_CHECK_DRIVERS = 64,
    GUEST_ADVICE_CHECK_VM = 128,
} GuestAdvice;

/* What to do about the problem, a set of GuestAdvice: what this run has found; where it found nothing, the remedy and
 * the causes that remain. 0: it works. */
unsigned guest_gpu_advice(const GuestGpu *gpu, const GuestFindings *findings);

/* "restart the guest": what helps against the problem in itself. NULL: nothing is known. */
const char *guest_gpu_remedy(const GuestGpu *gpu);
