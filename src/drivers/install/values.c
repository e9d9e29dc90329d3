/* SPDX-License-Identifier: MIT */
#include "drivers/install/values.h"

#include "base/ascii.h"
#include "drivers/package/layout.h"
#include "platform/text.h"

#include <string.h>

typedef struct Planning {
    InstallPlan *plan;
    InstallTarget *target;
    Registry *registry;
    Report *report;
    Arena *arena;
    const char *told_key; /* another driver's, as the user knows by now */
} Planning;

const InstallValue *install_find_value(const InstallValues *values, const char *key, const char *name)
{
    for (size_t i = 0; i < values->count; i++) {
        if (ascii_equals(values->items[i].key, key) && ascii_equals(values->items[i].name, name))
            return &values->items[i];
    }
    return NULL;
}

/* What a package of ours wrote there, or NULL. */
static const InstallValue *find_installed(const InstallPlan *plan, const char *key, const char *name, bool staying_only)
{
    for (size_t i = 0; i < plan->installed.count; i++) {
        const InstalledPackage *package = &plan->installed.items[i];
        const InstallValue *value = install_find_value(&package->values, key, name);
        if (value != NULL && !(staying_only && install_is_replaced(plan, package->name)))
            return value;
    }
    return NULL;
}

/* The host's drive letter need not be the guest's. */
static const char *on_guest_drive(const Planning *planning, const char *text)
{
    const char *root = target_root(planning->target);
    bool is_path = ascii_is_alpha(text[0]) && ascii_starts_with(text + 1, ":\\Windows\\System32\\HostDriverStore\\");
    if (!is_path || root[1] != ':')
        return text;
    return arena_printf(planning->arena, "%c%s", root[0], text + 1);
}

static RegistryValue native_value(const Planning *planning, const ManifestValue *value)
{
    StringList texts = { 0 };
    if (value->kind == VALUE_DWORD)
        return registry_dword_value(value->number, planning->arena);
    for (size_t i = 0; i < value->texts.count; i++)
        ARRAY_PUSH(planning->arena, &texts, on_guest_drive(planning, value->texts.items[i]));
    return value->kind == VALUE_TEXTS ? registry_texts_value(&texts, planning->arena)
                                      : registry_text_value(texts.items[0], planning->arena);
}

/* The host's driver has this number among its display drivers; in the guest it may be somebody else's. */
static bool is_free(const Planning *planning, const char *key, bool *ret_free, Error *err)
{
    RegistryValue provider;
    if (!planning->registry->read(planning->registry, key, "ProviderName", planning->arena, &provider, err))
        return false;
    StringList texts = registry_value_texts(&provider, planning->arena);
    *ret_free = texts.count == 0 || text_equals(texts.items[0], planning->plan->manifest->provider);
    return true;
}

static bool plan_value(Planning *planning, const ManifestValue *value, Error *err)
{
    InstallPlan *plan = planning->plan;
    const InstallValue *ours = find_installed(plan, value->key, value->name, false);
    bool free;
    RegistryValue current;
    if (!layout_check_value(value->key, value->name, err))
        return error_prefix(err, "the package's manifest");
    if (planning->registry == NULL) {
        plan->values_left++;
        if (ours != NULL)
            ARRAY_PUSH(planning->arena, &plan->own_values, *ours);
        return true;
    }
    if (!is_free(planning, value->key, &free, err) ||
        !planning->registry->read(planning->registry, value->key, value->name, planning->arena, &current, err))
        return false;
    if (!free) {
        if (planning->told_key == NULL || !ascii_equals(planning->told_key, value->key))
            report_warning(planning->report,
                           "the registry key '%s' is another driver's: the package's values for "
                           "it are left out",
                           value->key);
        planning->told_key = value->key;
        return true;
    }
    bool is_ours = ours != NULL && registry_value_equals(&current, &ours->after);
    InstallValue wanted = { .key = value->key,
                            .name = value->name,
                            .before = is_ours ? ours->before : current,
                            .after = native_value(planning, value) };
    ARRAY_PUSH(planning->arena, &plan->own_values, wanted);
    if (!registry_value_equals(&current, &wanted.after)) {
        wanted.before = current;
        ARRAY_PUSH(planning->arena, &plan->values, wanted);
    }
    return true;
}

/* Puts back what was there, unless somebody else has changed it since. */
static bool plan_return(const Planning *planning, const InstallValue *value, Error *err)
{
    InstallPlan *plan = planning->plan;
    RegistryValue current;
    if (install_find_value(&plan->own_values, value->key, value->name) != NULL ||
        find_installed(plan, value->key, value->name, true) != NULL)
        return true;
    if (planning->registry == NULL) {
        plan->values_left++;
        ARRAY_PUSH(planning->arena, &plan->own_values, *value);
        return true;
    }
    if (!planning->registry->read(planning->registry, value->key, value->name, planning->arena, &current, err))
        return false;
    if (!registry_value_equals(&current, &value->after)) {
        report_warning(planning->report, "'%s' of the registry key '%s' is not the package's any more, and stays",
                       value->name, value->key);
        return true;
    }
    InstallValue back = { .key = value->key, .name = value->name, .before = current, .after = value->before };
    if (!registry_value_equals(&back.before, &back.after))
        ARRAY_PUSH(planning->arena, &plan->values, back);
    return true;
}

bool install_plan_values(InstallPlan *plan, InstallTarget *target, Registry *registry, Report *report, Arena *arena,
                         Error *err)
{
    Planning planning = { .plan = plan, .target = target, .registry = registry, .report = report, .arena = arena };
    for (size_t i = 0; plan->manifest != NULL && i < plan->manifest->values.count; i++) {
        if (!plan_value(&planning, &plan->manifest->values.items[i], err))
            return false;
    }
    for (size_t i = 0; i < plan->installed.count; i++) {
        const InstalledPackage *package = &plan->installed.items[i];
        for (size_t j = 0; install_is_replaced(plan, package->name) && j < package->values.count; j++) {
            if (!plan_return(&planning, &package->values.items[j], err))
                return false;
        }
    }
    return true;
}
