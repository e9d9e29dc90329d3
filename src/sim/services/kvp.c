/* SPDX-License-Identifier: MIT */
/* Methods of Msvm_VirtualSystemManagementService: Windows SDK, their pages (which keys each takes, 128 of them in a
 * call). Lengths: Linux kernel, hyperv.h. Keys of the guest's registry: Microsoft's page on data exchange. */
#include "sim/services/kvp.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "base/limits.h"
#include "base/utf.h"
#include "cim/cimxml.h"
#include "platform/text.h"
#include "sim/services/call.h"
#include "sim/services/guest.h"
#include "sim/store/guest_folder.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define ITEM "Msvm_KvpExchangeDataItem"
#define COMPONENT "Msvm_KvpExchangeComponent"
#define DEVICE_ID "Microsoft:2A34B1C2-FD73-4043-8A5B-DD2159BC743F"
#define GUEST_KEY "SOFTWARE\\Microsoft\\Virtual Machine\\"

enum { CALL_ITEMS_MAX = 128, KEY_UNITS_MAX = 255, VALUE_UNITS_MAX = 1023 };
enum { SOURCE_HOST = 0, SOURCE_GUEST = 1, SOURCE_GUEST_SYSTEM = 2, SOURCE_HOST_ONLY = 4 };

typedef struct Item {
    const char *name, *data;
    uint64_t source;
} Item;

typedef struct Items {
    Item *items;
    size_t count, capacity;
} Items;

/* ---- items as text ---- */

/* NULL: it cannot be said in XML. */
static const char *item_text(const SimHost *host, const Item *item, Arena *arena)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, ITEM);
    CimInstance *instance = cim_instance_create(arena, ITEM);
    instance->properties = arena_memdup(arena, class->defaults, class->count * sizeof(CimProperty));
    instance->count = instance->capacity = class->count;
    cim_instance_set(instance, arena, "Name", cim_string(item->name));
    cim_instance_set(instance, arena, "Data", cim_string(item->data));
    cim_instance_set(instance, arena, "Source", cim_uint(CIM_TYPE_UINT16, item->source));
    const char *text;
    Error ignored;
    return cimxml_write(instance, arena, &text, &ignored) ? text : NULL;
}

static bool read_item(const SimHost *host, const char *text, Arena *arena, Item *ret_item)
{
    CimInstance *instance;
    if (sim_read_text(host, text, arena, &instance) != SIM_RETURN_OK || !ascii_equals(instance->class_name, ITEM))
        return false;
    const char *data = cim_instance_text(instance, "Data");
    *ret_item = (Item){ .name = cim_instance_text(instance, "Name"),
                        .data = data != NULL ? data : "",
                        .source = cim_instance_uint(instance, "Source", SOURCE_HOST) };
    return ret_item->name != NULL && *ret_item->name != '\0';
}

static bool has_length(const char *text, size_t most)
{
    Arena scratch = ARENA_INIT;
    size_t count;
    (void) utf16_from_utf8(&scratch, text, strlen(text), &count);
    arena_release(&scratch);
    return count <= most;
}

static bool fits(const Item *item)
{
    return has_length(item->name, KEY_UNITS_MAX) && has_length(item->data, VALUE_UNITS_MAX);
}

/* ---- items of a configuration ---- */

static const char *property_of(uint64_t source)
{
    return source == SOURCE_HOST_ONLY ? "HostOnlyItems" : "HostExchangeItems";
}

static SimObject *find_settings(const SimHost *host, const SimObject *vm)
{
    Arena scratch = ARENA_INIT;
    const SimObject *settings = sim_vm_settings(host, vm);
    SimObjects list = sim_settings_resources(host, settings, "Msvm_KvpExchangeComponentSettingData", &scratch);
    SimObject *found = list.count > 0 ? list.items[0] : NULL;
    arena_release(&scratch);
    return found;
}

/* What is no item in a state file is passed over. */
static Items stored_items(SimHost *host, const SimObject *settings, uint64_t source)
{
    Items items = { 0 };
    const CimValue *value = settings == NULL ? NULL : sim_object_value(settings, property_of(source));
    for (size_t i = 0; value != NULL && !value->is_null && i < value->array.count; i++) {
        Item item;
        if (read_item(host, value->array.items[i].text, &host->arena, &item))
            ARRAY_PUSH(&host->arena, &items, item);
    }
    return items;
}

static void store_items(SimHost *host, SimObject *settings, uint64_t source, const Items *items)
{
    StringList texts = { 0 };
    for (size_t i = 0; i < items->count; i++)
        ARRAY_PUSH(&host->arena, &texts, item_text(host, &items->items[i], &host->arena));
    sim_object_set_texts(host, settings, property_of(source), texts.items, texts.count);
}

static Item *find_item(const Items *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++) {
        if (text_equals(items->items[i].name, name))
            return &items->items[i];
    }
    return NULL;
}

/* ---- on the way to the guest ---- */

static bool has_component(const SimHost *host, const SimObject *vm)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, COMPONENT);
    const char *const keys[] = { COMPONENT, DEVICE_ID, "Msvm_ComputerSystem", sim_vm_guid(vm) };
    return sim_object_find(host, class, keys, COUNT_OF(keys)) != NULL;
}

/* One after the other; to nobody if nobody sees the guest. name "": what the guest is told of its host; data NULL: the
 * item is gone. */
static void send(SimHost *host, const SimObject *vm, const char *name, const char *data)
{
    SimDelivery delivery = { .vm = sim_vm_guid(vm), .name = name, .data = data, .due_ms = host->now_ms };
    if (sim_guest_find(host, vm) == NULL)
        return;
    for (size_t i = 0; i < host->deliveries.count; i++) {
        const SimDelivery *other = &host->deliveries.items[i];
        if (ascii_equals(other->vm, delivery.vm) && other->due_ms > delivery.due_ms)
            delivery.due_ms = other->due_ms;
    }
    delivery.due_ms += host->knobs.kvp_milliseconds;
    ARRAY_PUSH(&host->arena, &host->deliveries, delivery);
    host->changes++;
}

void sim_kvp_tell_all(SimHost *host, const SimObject *vm)
{
    if (!has_component(host, vm))
        return;
    Items items = stored_items(host, find_settings(host, vm), SOURCE_HOST);
    send(host, vm, "", "");
    for (size_t i = 0; i < items.count; i++)
        send(host, vm, items.items[i].name, items.items[i].data);
}

/* Who cannot be told now is told later, or not before the next start. */
static bool waits(const SimHost *host, const SimDelivery *delivery)
{
    const SimObject *vm = sim_vm_find(host, delivery->vm);
    return vm != NULL && has_component(host, vm) && !sim_guest_boots(host, vm, delivery->due_ms) &&
           sim_guest_contact(host, vm, delivery->due_ms) != SIM_STATUS_OK;
}

static SimDelivery *next_due(const SimHost *host, int64_t until_ms)
{
    SimDelivery *next = NULL;
    for (size_t i = 0; i < host->deliveries.count; i++) {
        SimDelivery *delivery = &host->deliveries.items[i];
        if (delivery->due_ms <= until_ms && (next == NULL || delivery->due_ms < next->due_ms) &&
            !waits(host, delivery))
            next = delivery;
    }
    return next;
}

static void set_value(Registry *registry, const char *key, const char *name, const char *text, Arena *arena)
{
    Error unheard; /* nobody tells the host that its guest has no room for an item */
    RegistryValue old = { .state = REGISTRY_NO_KEY };
    RegistryValue value = { .state = REGISTRY_NO_VALUE };
    if (text != NULL)
        value = registry_text_value(text, arena);
    if (registry->read(registry, key, name, arena, &old, &unheard) && !registry_value_equals(&old, &value))
        (void) !registry->write(registry, key, name, &value, &unheard);
}

static void hand_over(const SimHost *host, const SimObject *vm, const SimDelivery *delivery)
{
    Arena scratch = ARENA_INIT;
    const SimGuest *guest = sim_guest_find(host, vm);
    Registry *registry = guest == NULL ? NULL : sim_guest_registry(host, guest, &scratch);
    if (registry != NULL) {
        static const char facts[] = GUEST_KEY "Guest\\Parameters";
        set_value(registry, facts, "HostName", host->name, &scratch);
        set_value(registry, facts, "PhysicalHostName", host->name, &scratch);
        set_value(registry, facts, "VirtualMachineId", sim_vm_guid(vm), &scratch);
        set_value(registry, facts, "VirtualMachineName", sim_object_text(vm, "ElementName"), &scratch);
        if (*delivery->name != '\0')
            set_value(registry, GUEST_KEY "External", delivery->name, delivery->data, &scratch);
    }
    arena_release(&scratch);
}

static void drop(SimHost *host, SimDelivery *delivery)
{
    SimDelivery *end = host->deliveries.items + host->deliveries.count--;
    memmove(delivery, delivery + 1, (size_t) (end - delivery - 1) * sizeof(*delivery));
    host->changes++;
}

/* Hands over what is due by then. */
static void deliver(SimHost *host, int64_t until_ms)
{
    for (SimDelivery *delivery; (delivery = next_due(host, until_ms)) != NULL;) {
        const SimObject *vm = sim_vm_find(host, delivery->vm);
        bool is_heard = vm != NULL && has_component(host, vm);
        int64_t boot_ms = host->knobs.guest_boot_milliseconds;
        if (is_heard && sim_guest_boots(host, vm, delivery->due_ms)) {
            delivery->due_ms += boot_ms; /* that is late enough */
            host->changes++;
            continue;
        }
        if (is_heard && host->knobs.kvp != SIM_KVP_LOST)
            hand_over(host, vm, delivery);
        if (is_heard && host->knobs.kvp == SIM_KVP_TWICE && !delivery->again) {
            delivery->again = true;
            delivery->due_ms += host->knobs.kvp_milliseconds + 1;
            host->changes++;
        } else {
            drop(host, delivery);
        }
    }
}

/* ---- jobs ---- */

typedef enum Change { CHANGE_ADD, CHANGE_MODIFY, CHANGE_REMOVE } Change;

static void refuse(SimHost *host, const SimObject *vm, const char *name, SimFailure *failure)
{
    sim_fail(host, failure, SIM_RETURN_INVALID_PARAMETER, SIM_TEXT_SETTINGS_FAILED, vm, NULL);
    sim_fail_layer(host, failure, SIM_TEXT_INVALID_PARAMETER, NULL, name);
}

/* False: the list does not take it. */
static bool change_list(SimHost *host, Items *list, Change change, const Item *item)
{
    Item *found = find_item(list, item->name);
    if ((found != NULL) == (change == CHANGE_ADD))
        return false;
    if (change == CHANGE_ADD) {
        ARRAY_PUSH(&host->arena, list, *item);
    } else if (change == CHANGE_MODIFY) {
        found->data = item->data;
    } else {
        Item *end = list->items + list->count--;
        memmove(found, found + 1, (size_t) (end - found - 1) * sizeof(*found));
    }
    return true;
}

/* All or nothing. Unverified: that, and what the job says. */
static void run_change(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure, Change change)
{
    SimObject *settings = find_settings(host, vm);
    if (settings == NULL) {
        sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, vm, NULL);
        return;
    }
    Items told = stored_items(host, settings, SOURCE_HOST), kept = stored_items(host, settings, SOURCE_HOST_ONLY);
    Items items = { 0 };
    for (size_t i = 0; i < job->texts.count; i++) {
        Item item;
        if (!read_item(host, job->texts.items[i], &host->arena, &item)) {
            refuse(host, vm, "DataItems", failure); /* the knobs were changed meanwhile */
            return;
        }
        bool is_kept = item.source == SOURCE_HOST_ONLY;
        if ((!is_kept && item.source != SOURCE_HOST) || !fits(&item) ||
            !change_list(host, is_kept ? &kept : &told, change, &item)) {
            refuse(host, vm, item.name, failure);
            return;
        }
        ARRAY_PUSH(&host->arena, &items, item);
    }
    store_items(host, settings, SOURCE_HOST, &told);
    store_items(host, settings, SOURCE_HOST_ONLY, &kept);
    for (size_t i = 0; i < items.count && has_component(host, vm); i++) {
        if (items.items[i].source == SOURCE_HOST)
            send(host, vm, items.items[i].name, change == CHANGE_REMOVE ? NULL : items.items[i].data);
    }
}

static void run_add(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_change(host, job, vm, failure, CHANGE_ADD);
}

static void run_modify(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_change(host, job, vm, failure, CHANGE_MODIFY);
}

static void run_remove(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_change(host, job, vm, failure, CHANGE_REMOVE);
}

/* ---- calls ---- */

static uint32_t change_items(SimCall *call, const char *type)
{
    SimHost *host = call->host;
    size_t count;
    const CimValue *items = cim_instance_array(call->in, "DataItems", &count);
    SimObject *vm = sim_call_vm(call, "TargetSystem");
    if (vm == NULL || count == 0 || count > CALL_ITEMS_MAX)
        return SIM_RETURN_INVALID_PARAMETER;
    if (sim_vm_is_held(vm))
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(host, type, vm);
    for (size_t i = 0; i < count; i++) {
        CimInstance *instance;
        uint32_t result = sim_read_text(host, items[i].text, call->arena, &instance);
        if (result != SIM_RETURN_OK)
            return result;
        ARRAY_PUSH(&host->arena, &job->texts, arena_strdup(&host->arena, items[i].text));
    }
    return sim_call_start_job(call, job);
}

static uint32_t add_items(SimCall *call)
{
    return change_items(call, "add-kvp");
}

static uint32_t modify_items(SimCall *call)
{
    return change_items(call, "modify-kvp");
}

static uint32_t remove_items(SimCall *call)
{
    return change_items(call, "remove-kvp");
}

/* ---- what the guest shows ---- */

void sim_kvp_create_component(SimHost *host, const SimObject *vm)
{
    static const Item system[] = {
        { "OSName", "Windows 11 Pro", SOURCE_GUEST_SYSTEM },
        { "OSVersion", "10.0.22631", SOURCE_GUEST_SYSTEM },
        { "FullyQualifiedDomainName", "guest", SOURCE_GUEST_SYSTEM },
    };
    const char *texts[COUNT_OF(system)];
    SimObject *device = sim_device_create(host, vm, COMPONENT, DEVICE_ID);
    for (size_t i = 0; i < COUNT_OF(system); i++)
        texts[i] = item_text(host, &system[i], &host->arena);
    sim_object_set_texts(host, device, "GuestIntrinsicExchangeItems", texts, COUNT_OF(texts));
    CHECK(sim_object_insert(host, device));
    sim_kvp_tell_all(host, vm);
}

/* Text values that fit; others are none of the guest's items. */
static void add_guest_item(const SimHost *host, Registry *registry, const char *name, Arena *arena, StringList *texts)
{
    Error ignored;
    RegistryValue value;
    if (!registry->read(registry, GUEST_KEY "Guest", name, arena, &value, &ignored) ||
        value.state != REGISTRY_VALUE || value.type != REGISTRY_TYPE_TEXT)
        return;
    StringList data = registry_value_texts(&value, arena);
    Item item = { .name = name, .data = data.count > 0 ? data.items[0] : "", .source = SOURCE_GUEST };
    const char *text = *name != '\0' && fits(&item) ? item_text(host, &item, arena) : NULL;
    if (text != NULL)
        ARRAY_PUSH(arena, texts, text);
}

void sim_kvp_show_items(const SimHost *host, const SimObject *component, CimInstance *row, Arena *arena)
{
    Error ignored;
    StringList names = { 0 }, texts = { 0 };
    const SimObject *vm = sim_vm_find(host, sim_object_text(component, "SystemName"));
    const SimGuest *guest = vm == NULL ? NULL : sim_guest_find(host, vm);
    Registry *registry = guest == NULL ? NULL : sim_guest_registry(host, guest, arena);
    if (registry == NULL)
        return; /* what the state file says */
    if (sim_guest_contact(host, vm, host->now_ms) == SIM_STATUS_OK &&
        registry->list(registry, GUEST_KEY "Guest", LIMIT_KEY_VALUES, arena, &names, &ignored)) {
        for (size_t i = 0; i < names.count; i++)
            add_guest_item(host, registry, names.items[i], arena, &texts);
    }
    cim_instance_set(row, arena, "GuestExchangeItems",
                     cim_text_array(arena, CIM_TYPE_STRING, texts.items, texts.count));
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_VirtualSystemManagementService", "AddKvpItems", add_items },
    { "Msvm_VirtualSystemManagementService", "ModifyKvpItems", modify_items },
    { "Msvm_VirtualSystemManagementService", "RemoveKvpItems", remove_items },
};

/* Unverified: the number of JobType. */
static const SimJobType job_types[] = {
    { "add-kvp", SIM_JOB_TEXT, 2, 0, 0, run_add, NULL },
    { "modify-kvp", SIM_JOB_TEXT, 2, 0, 0, run_modify, NULL },
    { "remove-kvp", SIM_JOB_TEXT, 2, 0, 0, run_remove, NULL },
};

const SimService sim_kvp_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
    .advance = deliver,
};
