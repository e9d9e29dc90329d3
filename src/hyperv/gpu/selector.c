/* SPDX-License-Identifier: MIT */
#include "hyperv/gpu/selector.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "base/str.h"
#include "hyperv/gpu/gpu_path.h"
#include "platform/text.h"

#include <string.h>

static const struct {
    const char *prefix;
    SelectorKind kind;
} prefixes[] = {
    { "deviceid:", SELECTOR_DEVICE_ID },
    { "instanceid:", SELECTOR_INSTANCE_ID },
    { "order:", SELECTOR_ORDER },
    { "adapterid:", SELECTOR_ADAPTER_ID },
};

static bool is_adapter_id(const char *text)
{
    static const char prefix[] = "Microsoft:";
    if (!ascii_starts_with(text, prefix))
        return false;
    text += sizeof(prefix) - 1;
    return guid_is_prefix(text) && text[GUID_TEXT_LENGTH] == '\\' && guid_is_valid(text + GUID_TEXT_LENGTH + 1);
}

/* cmd.exe cuts an unquoted argument at '&': what arrives ends in VEN_xxxx. */
static bool is_cut_at_ampersand(const char *text)
{
    const char *last = strrchr(text, '\\');
    if (last == NULL || strrchr(text, '#') > last)
        last = strrchr(text, '#');
    return last != NULL && ascii_starts_with(last + 1, "VEN_") && strchr(text, '&') == NULL;
}

static bool check_device(const char *text, const char *value, char separator, AdviceCode advice, Error *err)
{
    if (is_cut_at_ampersand(value)) {
        (void) error_set(err, ERR_USAGE, "'%s' is cut off at the '&'", text);
        return error_hint(err, "put the whole value in quotes");
    }
    if (strchr(value, separator) == NULL) {
        (void) error_set(err, ERR_USAGE, "'%s' is not complete", text);
        return error_advise(err, advice, NULL);
    }
    return true;
}

static bool check_selector(Selector *selector, Error *err)
{
    const char *text = selector->text;
    unsigned long long order;
    switch (selector->kind) {
    case SELECTOR_NAME:
    case SELECTOR_ALL:
        return true;
    case SELECTOR_DEVICE_ID:
        return check_device(text, selector->value, '\\', ADVICE_WRITE_DEVICE_ID, err);
    case SELECTOR_INSTANCE_ID:
        return check_device(text, selector->value, '#', ADVICE_WRITE_INSTANCE_ID, err);
    case SELECTOR_ORDER:
        if (!ascii_parse_uint64(selector->value, &order) || order == 0 || order > SIZE_MAX) {
            (void) error_set(err, ERR_USAGE, "'%s' is not a position", text);
            return error_advise(err, ADVICE_WRITE_ORDER, NULL);
        }
        selector->order = (size_t) order;
        return true;
    case SELECTOR_ADAPTER_ID:
        if (!is_adapter_id(selector->value)) {
            (void) error_set(err, ERR_USAGE, "'%s' is not an adapter ID", text);
            return error_advise(err, ADVICE_WRITE_ADAPTER_ID, NULL);
        }
        return true;
    }
    return true;
}

bool selectors_parse(const StringList *values, Arena *arena, SelectorList *ret_selectors, Error *err)
{
    SelectorList list = { 0 };
    for (size_t i = 0; i < values->count; i++) {
        Selector selector = { .kind = SELECTOR_NAME, .text = values->items[i], .value = values->items[i] };
        for (size_t j = 0; j < COUNT_OF(prefixes); j++) {
            if (ascii_starts_with(selector.text, prefixes[j].prefix)) {
                selector.kind = prefixes[j].kind;
                selector.value = selector.text + strlen(prefixes[j].prefix);
            }
        }
        while (ascii_is_space(*selector.value))
            selector.value++;
        if (ascii_equals(selector.text, "all"))
            selector.kind = SELECTOR_ALL;
        if (*selector.value == '\0')
            return error_set(err, ERR_USAGE, "'%s' names no GPU", selector.text);
        if (!check_selector(&selector, err))
            return false;
        ARRAY_PUSH(arena, &list, selector);
    }
    *ret_selectors = list;
    return true;
}

/* Whether the selector means this GPU. An adapter ID never does. */
static bool matches_gpu(const Selector *selector, const Gpu *gpu)
{
    switch (selector->kind) {
    case SELECTOR_NAME:
        return gpu->name != NULL && text_equals_spaced(gpu->name, selector->value);
    case SELECTOR_DEVICE_ID:
        return gpu_path_same_device(gpu->device_id, selector->value);
    case SELECTOR_INSTANCE_ID:
        return *gpu->instance_id != '\0' && gpu_path_same_device(gpu->instance_id, selector->value);
    case SELECTOR_ORDER:
        return gpu->order == selector->order;
    case SELECTOR_ADAPTER_ID:
        return false;
    case SELECTOR_ALL:
        return true;
    }
    return false;
}

bool selector_matches_partition(const Selector *selector, const GpuPartition *partition, const GpuList *gpus)
{
    if (selector->kind == SELECTOR_ALL)
        return true;
    if (selector->kind == SELECTOR_ADAPTER_ID)
        return ascii_equals(partition->adapter_id, selector->value);
    const Gpu *gpu = gpu_list_find(gpus, partition);
    if (gpu != NULL)
        return matches_gpu(selector, gpu);
    if (partition->host_resource == NULL)
        return false;
    if (selector->kind == SELECTOR_NAME)
        return text_equals_spaced(gpu_list_name_of(gpus, partition), selector->value);
    return (selector->kind == SELECTOR_DEVICE_ID || selector->kind == SELECTOR_INSTANCE_ID) &&
           gpu_path_same_device(partition->host_resource, selector->value);
}

static bool not_found(const Selector *selector, const GpuList *gpus, Error *err)
{
    if (gpus->count == 0) {
        (void) error_set(err, ERR_NOT_FOUND, "no GPU matches '%s': the host has no partitionable GPU", selector->text);
        return error_hint(err, "%s", gpu_none_hint);
    }
    (void) error_set(err, ERR_NOT_FOUND, "no GPU matches '%s'", selector->text);
    if (selector->kind == SELECTOR_ORDER)
        return error_hint(err, "the host has %zu partitionable GPU%s: order:1 to order:%zu", gpus->count,
                          gpus->count == 1 ? "" : "s", gpus->count);
    Str names;
    str_init(&names, 300);
    for (size_t i = 0; i < gpus->count && selector->kind == SELECTOR_NAME; i++) {
        const char *name = gpus->items[i].name;
        if (name != NULL && strstr(str_text(&names), name) == NULL)
            str_appendf(&names, "%s'%s'", names.length > 0 ? ", " : "", name);
    }
    if (names.length > 0)
        (void) error_hint(err, "this host has %s", str_text(&names));
    else
        (void) error_advise(err, ADVICE_LIST_GPUS, NULL);
    str_release(&names);
    return false;
}

bool selectors_check_gpus(const SelectorList *selectors, Error *err)
{
    for (size_t i = 0; i < selectors->count; i++) {
        if (selectors->items[i].kind == SELECTOR_ADAPTER_ID) {
            (void) error_set(err, ERR_USAGE, "'%s': an adapter ID is for removing only",
                             selectors->items[i].text);
            return error_hint(err, "choose by name, deviceid:, instanceid: or order:, or all");
        }
    }
    return true;
}

bool selectors_resolve(const SelectorList *selectors, const GpuList *gpus, bool allow_missing, Arena *arena,
                       const Gpu ***ret_gpus, size_t *ret_count, Error *err)
{
    struct {
        const Gpu **items;
        size_t count, capacity;
    } chosen = { 0 };
    if (!selectors_check_gpus(selectors, err))
        return false;
    for (size_t i = 0; i < selectors->count; i++) {
        const Selector *selector = &selectors->items[i];
        bool found = false;
        for (size_t j = 0; j < gpus->count; j++) {
            const Gpu *gpu = &gpus->items[j];
            if (!matches_gpu(selector, gpu))
                continue;
            found = true;
            bool known = false;
            for (size_t k = 0; k < chosen.count; k++)
                known = known || chosen.items[k] == gpu;
            if (!known)
                ARRAY_PUSH(arena, &chosen, gpu);
        }
        if (!found && !allow_missing)
            return not_found(selector, gpus, err);
    }
    *ret_gpus = chosen.items;
    *ret_count = chosen.count;
    return true;
}
