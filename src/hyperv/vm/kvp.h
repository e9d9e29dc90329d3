/* SPDX-License-Identifier: MIT */
/* Data exchange: pairs of a key and a value, from the host to the guest of a VM (they are a part of the VM's
 * configuration) and from the guest to its host. Source: Msvm_KvpExchangeComponent, Msvm_KvpExchangeDataItem and
 * AddKvpItems, ModifyKvpItems, RemoveKvpItems (Windows SDK, Hyper-V WMI provider v2).
 *
 * HyperPoint's own items have names that begin with KVP_OWN; those of others are not touched, and of what every guest
 * shows of its Windows only single facts are read. What comes
 * from a guest is written by whoever rules there: it is text of a limited length and nothing else until it has been
 * understood. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

#define KVP_OWN "HyperPoint."
#define KVP_SETTINGS_CLASS "Msvm_KvpExchangeComponentSettingData"
#define KVP_COMPONENT_CLASS "Msvm_KvpExchangeComponent"

typedef struct KvpItem {
    const char *name, *value;
} KvpItem;

typedef struct KvpItems {
    KvpItem *items;
    size_t count, capacity;
} KvpItems;

/* The value of that name (any letter case); NULL: there is none. */
const char *kvp_find(const KvpItems *items, const char *name);

/* HyperPoint's own items of a list of embedded instances (HostExchangeItems, GuestExchangeItems). What is too long, is
 * no item, or has a name that came before is passed over. */
KvpItems kvp_own_items(const CimInstance *row, const char *property, Arena *arena);

/* ---- from the host ---- */

typedef struct KvpSettings {
    bool is_enabled; /* the integration service is switched on for the VM */
    KvpItems items;  /* HyperPoint's own */
} KvpSettings;

/* One round trip. ERR_UNSUPPORTED: the VM has no data exchange. */
MUST_CHECK bool kvp_read_settings(HyperVHost *host, const Vm *vm, Arena *arena, KvpSettings *ret_settings, Error *err);

/* Names of HyperPoint's own items in a row of KVP_SETTINGS_CLASS, in the arena. */
StringList kvp_own_names(const CimInstance *row, Arena *arena);

/* Removes the items of these names, as they have just been read; none: nothing is asked of the host. */
MUST_CHECK bool kvp_take_back(HyperVHost *host, const Vm *vm, const StringList *names, Error *err);

/* What leads from the items that are there to those that are wanted. */
typedef struct KvpChange {
    KvpItems add, modify, remove;
} KvpChange;

KvpChange kvp_plan(const KvpItems *found, const KvpItems *wanted, Arena *arena);

/* Makes HyperPoint's own items the wanted ones, whatever "found" are, as just read; one call for each kind of change
 * that there is. After a call that failed the items are read again, once. */
MUST_CHECK bool kvp_reach(HyperVHost *host, const Vm *vm, const KvpItems *found, const KvpItems *wanted, Error *err);

/* ---- from the guest ---- */

typedef enum KvpContact {
    KVP_ABSENT,     /* no component: the VM does not run, or its data exchange is switched off */
    KVP_NO_CONTACT, /* the guest has not loaded its part, or not yet */
    KVP_LOST,       /* the guest does not answer any more */
    KVP_PAUSED,
    KVP_IN_CONTACT,
} KvpContact;

typedef struct KvpView {
    KvpContact contact;
    const char *path; /* of the component, for the next look; NULL: there is none */
    KvpItems items;   /* what the guest shows of HyperPoint's own */
} KvpView;

/* Of a row of KVP_COMPONENT_CLASS. */
KvpView kvp_view_of(const CimInstance *row, Arena *arena);

/* The value of one of the items that every guest shows of itself ("OSVersion"), of a row of KVP_COMPONENT_CLASS; NULL:
 * there is none, or it is too long. */
const char *kvp_guest_fact(const CimInstance *row, const char *name, Arena *arena);

/* One round trip, or a poll, as component_look() has it; "path" is that of the view before. */
MUST_CHECK bool kvp_look(HyperVHost *host, const Vm *vm, const char *path, Arena *arena, KvpView *ret_view, Error *err);
