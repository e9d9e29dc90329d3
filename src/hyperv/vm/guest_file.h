/* SPDX-License-Identifier: MIT */
/* Bringing a file into a running guest, without a network and without an account there: look, open, bring, close. The
 * way is Hyper-V's guest service interface, which is off by default: opening switches it on, closing puts it back.
 * Source: Msvm_GuestServiceInterfaceComponent, Msvm_GuestFileService (Windows SDK, Hyper-V WMI provider v2).
 *
 * That the host says it is done does not mean that the file is there: only the guest can tell (users' reports of copies
 * that came to nothing soon after a start). */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stdint.h>

/* What has to be put back: for a journal. */
typedef struct GuestWay {
    const char *setting_id; /* InstanceID of the VM's Msvm_GuestServiceInterfaceComponentSettingData */
    bool was_open;          /* it was switched on before */
} GuestWay;

/* One round trip; nothing is changed. ERR_UNSUPPORTED: the host has no such interface. */
MUST_CHECK bool guest_way_look(HyperVHost *host, const Vm *vm, Arena *arena, GuestWay *ret_way, Error *err);

/* Switches it on, if it is off, and waits until the guest has loaded its part. ERR_TIMEOUT, ERR_STATE: it has not. */
MUST_CHECK bool guest_way_open(HyperVHost *host, const Vm *vm, const GuestWay *way, Error *err);

typedef struct GuestFile {
    const char *source;      /* a path of the host's */
    const char *destination; /* one of the guest's, which may have its variables in it */
    const char *name;        /* for progress and messages: "the package" */
    uint64_t size;
} GuestFile;

/* Missing folders are made, a file of that name is replaced. ERR_NO_SPACE: there is no room in the guest. */
MUST_CHECK bool guest_way_bring(HyperVHost *host, const Vm *vm, const GuestFile *file, Error *err);

/* As it was before it was opened, whatever it is now. */
MUST_CHECK bool guest_way_close(HyperVHost *host, const Vm *vm, const GuestWay *way, Error *err);
