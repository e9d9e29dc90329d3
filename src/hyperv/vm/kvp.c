/* SPDX-License-Identifier: MIT */
/* Adding fails where there is the key, changing and removing where there is none (Windows SDK), so what is there is
 * read first. */
#include "hyperv/vm/kvp.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"
#include "cim/cimxml.h"
#include "cim/schema.h"
#include "hyperv/vm/component.h"

#include <string.h>

enum { SETTING_ENABLED = 2, SOURCE_HOST = 0 };
enum { STATUS_OK = 2, STATUS_NO_CONTACT = 12, STATUS_LOST = 13, STATUS_PAUSED = 15 };

/* ---- items ---- */

static const KvpItem *find_item(const KvpItems *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++) {
        if (ascii_equals(items->items[i].name, name))
            return &items->items[i];
    }
    return NULL;
}

const char *kvp_find(const KvpItems *items, const char *name)
{
    const KvpItem *item = find_item(items, name);
    return item != NULL ? item->value : NULL;
}

/* HyperPoint's items are ASCII, so that bytes are characters. */
static bool is_own(const char *name)
{
    return ascii_starts_with(name, KVP_OWN) && strlen(name) <= LIMIT_KVP_KEY;
}

KvpItems kvp_own_items(const CimInstance *row, const char *property, Arena *arena)
{
    KvpItems items = { 0 };
    StringList texts;
    cim_instance_texts(row, property, arena, &texts);
    for (size_t i = 0; i < texts.count && i < LIMIT_KVP_ITEMS; i++) {
        Error none;
        CimInstance *instance;
        if (strlen(texts.items[i]) > LIMIT_KVP_ITEM_BYTES || !cimxml_read(texts.items[i], arena, &instance, &none))
            continue;
        const char *name = cim_instance_text(instance, "Name"), *value = cim_instance_text(instance, "Data");
        KvpItem item = { .name = name, .value = value != NULL ? value : "" };
        if (name != NULL && is_own(name) && strlen(item.value) <= LIMIT_EXCHANGE_VALUE && !find_item(&items, name))
            ARRAY_PUSH(arena, &items, item);
    }
    return items;
}

/* ---- from the host ---- */

bool kvp_read_settings(HyperVHost *host, const Vm *vm, Arena *arena, KvpSettings *ret_settings, Error *err)
{
    CimInstanceList rows;
    if (!cim_session_associators(host->session, NS_VIRTUALIZATION, vm->settings_path,
                                 "Msvm_VirtualSystemSettingDataComponent", KVP_SETTINGS_CLASS, arena, &rows, err))
        return false;
    if (rows.count == 0)
        return error_set(err, ERR_UNSUPPORTED, "the host shows no data exchange of VM '%s'", vm->name);
    *ret_settings = (KvpSettings){
        .is_enabled = cim_instance_uint(rows.items[0], "EnabledState", SETTING_ENABLED) == SETTING_ENABLED,
        .items = kvp_own_items(rows.items[0], "HostExchangeItems", arena),
    };
    return true;
}

StringList kvp_own_names(const CimInstance *row, Arena *arena)
{
    StringList names = { 0 };
    KvpItems items = kvp_own_items(row, "HostExchangeItems", arena);
    for (size_t i = 0; i < items.count; i++)
        ARRAY_PUSH(arena, &names, items.items[i].name);
    return names;
}

KvpChange kvp_plan(const KvpItems *found, const KvpItems *wanted, Arena *arena)
{
    KvpChange change = { .add = { 0 } };
    for (size_t i = 0; i < wanted->count; i++) {
        const KvpItem *item = &wanted->items[i], *old = find_item(found, item->name);
        if (old == NULL)
            ARRAY_PUSH(arena, &change.add, *item);
        else if (strcmp(old->value, item->value) != 0)
            ARRAY_PUSH(arena, &change.modify, *item);
    }
    for (size_t i = 0; i < found->count; i++) {
        if (find_item(wanted, found->items[i].name) == NULL)
            ARRAY_PUSH(arena, &change.remove, found->items[i]);
    }
    return change;
}

static bool call(HyperVHost *host, const Vm *vm, const char *method, const char *what, const KvpItems *items,
                 Arena *arena, Error *err)
{
    const char *service;
    if (items->count == 0)
        return true;
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena, &service,
                           err))
        return false;
    CimValue *values = ARENA_NEW_ARRAY(arena, CimValue, items->count);
    for (size_t i = 0; i < items->count; i++) {
        CimInstance *item = cim_instance_create(arena, "Msvm_KvpExchangeDataItem");
        cim_instance_set(item, arena, "Name", cim_string(items->items[i].name));
        cim_instance_set(item, arena, "Data", cim_string(items->items[i].value));
        cim_instance_set(item, arena, "Source", cim_uint(CIM_TYPE_UINT16, SOURCE_HOST));
        values[i] = cim_embedded(item);
    }
    CimInstance *in = cim_instance_create(arena, method);
    cim_instance_set(in, arena, "TargetSystem", cim_text(CIM_TYPE_REFERENCE, vm->system_path));
    cim_instance_set(in, arena, "DataItems", cim_array(CIM_TYPE_INSTANCE, values, items->count));
    return host_call(host, service, method, in, what, arena, NULL, err);
}

static bool carry_out(HyperVHost *host, const Vm *vm, const KvpChange *change, Arena *arena, Error *err)
{
    return call(host, vm, "RemoveKvpItems", "take data items back", &change->remove, arena, err) &&
           call(host, vm, "ModifyKvpItems", "tell the guest", &change->modify, arena, err) &&
           call(host, vm, "AddKvpItems", "tell the guest", &change->add, arena, err);
}

/* The call may have been carried out, or somebody else has changed the items since they were read. */
static bool reach_again(HyperVHost *host, const Vm *vm, const KvpItems *wanted, const Error *failure, Arena *arena,
                        Error *err)
{
    KvpSettings now;
    host_tell_detail(host, failure, "looking at the items again");
    if (!host_await_jobs(host, vm->system_path, NULL, err) || !kvp_read_settings(host, vm, arena, &now, err))
        return false;
    KvpChange rest = kvp_plan(&now.items, wanted, arena);
    return carry_out(host, vm, &rest, arena, err);
}

bool kvp_reach(HyperVHost *host, const Vm *vm, const KvpItems *found, const KvpItems *wanted, Error *err)
{
    Arena arena = ARENA_INIT;
    Error failure = { .code = ERR_NONE };
    KvpChange change = kvp_plan(found, wanted, &arena);
    bool ok = carry_out(host, vm, &change, &arena, &failure);
    if (!ok && error_leaves_doubt(&failure))
        ok = reach_again(host, vm, wanted, &failure, &arena, err);
    else if (!ok)
        *err = failure;
    arena_release(&arena);
    return ok;
}

bool kvp_take_back(HyperVHost *host, const Vm *vm, const StringList *names, Error *err)
{
    Arena arena = ARENA_INIT;
    KvpItems found = { 0 }, none = { 0 };
    for (size_t i = 0; i < names->count; i++)
        ARRAY_PUSH(&arena, &found, ((KvpItem){ .name = names->items[i], .value = "" }));
    bool ok = kvp_reach(host, vm, &found, &none, err);
    arena_release(&arena);
    return ok;
}

/* ---- from the guest ---- */

static KvpContact contact_of(const CimInstance *row, Arena *arena)
{
    CimUintList status;
    cim_instance_uints(row, "OperationalStatus", arena, &status);
    switch (status.count > 0 ? status.items[0] : STATUS_OK) { /* a host that does not say */
    case STATUS_NO_CONTACT:
        return KVP_NO_CONTACT;
    case STATUS_LOST:
        return KVP_LOST;
    case STATUS_PAUSED:
        return KVP_PAUSED;
    default:
        return KVP_IN_CONTACT;
    }
}

KvpView kvp_view_of(const CimInstance *row, Arena *arena)
{
    return (KvpView){ .contact = contact_of(row, arena),
                      .path = row->path,
                      .items = kvp_own_items(row, "GuestExchangeItems", arena) };
}

const char *kvp_guest_fact(const CimInstance *row, const char *name, Arena *arena)
{
    StringList texts;
    cim_instance_texts(row, "GuestIntrinsicExchangeItems", arena, &texts);
    for (size_t i = 0; i < texts.count && i < LIMIT_KVP_ITEMS; i++) {
        Error none;
        CimInstance *instance;
        if (strlen(texts.items[i]) > LIMIT_KVP_ITEM_BYTES || !cimxml_read(texts.items[i], arena, &instance, &none))
            continue;
        const char *found = cim_instance_text(instance, "Name"), *value = cim_instance_text(instance, "Data");
        if (found != NULL && value != NULL && ascii_equals(found, name) && strlen(value) <= LIMIT_EXCHANGE_VALUE)
            return value;
    }
    return NULL;
}

bool kvp_look(HyperVHost *host, const Vm *vm, const char *path, Arena *arena, KvpView *ret_view, Error *err)
{
    const CimInstance *row;
    if (!component_look(host, vm, KVP_COMPONENT_CLASS, path, arena, &row, err))
        return false;
    *ret_view = row == NULL ? (KvpView){ .contact = KVP_ABSENT } : kvp_view_of(row, arena);
    return true;
}
