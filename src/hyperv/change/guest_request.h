/* SPDX-License-Identifier: MIT */
/* What stands open while a guest is asked for something: the item that asks, and the way that its file takes. Entered
 * into the VM's journal before any of it is opened, so that whoever comes after a kill can take it back; what the guest
 * itself has begun is its own affair, and it has a journal of its own. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/vm/guest_file.h"
#include "hyperv/host/host.h"
#include "hyperv/change/recovery.h"
#include "hyperv/vm/vm.h"

typedef struct GuestRequest {
    const char *verb; /* "update-drivers" */
    const char *step; /* how far it has come: "bringing", "asking" */
    const char *vm_guid, *vm_name;
    GuestWay way;
} GuestRequest;

/* Removes HyperPoint's own items from the VM, and puts the way back, whatever of both there is. Both are tried. */
MUST_CHECK bool guest_request_take_back(HyperVHost *host, const Vm *vm, const GuestRequest *request, Error *err);

extern const VmRecordKind guest_request_kind;
