/* SPDX-License-Identifier: MIT */
#include "drivers/install/replaced.h"

#include "base/sorted.h"
#include "drivers/package/rivals.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

/* One GPU of one installed package. */
typedef struct Claim {
    const char *provider, *device_id;
    size_t number; /* of the package */
} Claim;

typedef struct Replacing {
    const InstalledPackages *installed;
    const Newcomer *newcomer;
    bool *goes; /* by number */
    struct {
        Claim *items; /* those for one GPU together */
        size_t count, capacity;
    } claims;
} Replacing;

static int compare_claims(const void *first, const void *second)
{
    const Claim *a = first, *b = second;
    int order = gpu_model_compare(a->device_id, b->device_id);
    return order != 0 ? order : text_casecmp(a->provider, b->provider);
}

static void list_claims(Replacing *replacing, Arena *arena)
{
    for (size_t i = 0; i < replacing->installed->count; i++) {
        const InstalledPackage *package = &replacing->installed->items[i];
        for (size_t k = 0; k < package->device_ids.count; k++) {
            Claim claim = { package->provider, package->device_ids.items[k], i };
            ARRAY_PUSH(arena, &replacing->claims, claim);
        }
    }
    if (replacing->claims.count > 0)
        qsort(replacing->claims.items, replacing->claims.count, sizeof(Claim), compare_claims);
}

/* The newcomer wants to drive that GPU. */
static bool is_claimed(const Newcomer *newcomer, const char *device_id)
{
    for (size_t i = 0; i < newcomer->served.count; i++) {
        if (gpu_model_compare(newcomer->served.items[i], device_id) == 0)
            return false;
    }
    return gpus_have_model(&newcomer->manifest->gpus, device_id);
}

/* Another one that stays is for that GPU, too. */
static bool has_another(const Replacing *replacing, size_t number, const char *device_id)
{
    const Claim wanted = { replacing->installed->items[number].provider, device_id, number };
    const Claim *claims = replacing->claims.items;
    size_t count = replacing->claims.count;
    size_t i = sorted_place(&wanted, claims, count, sizeof(Claim), compare_claims);
    for (; i < count && compare_claims(&claims[i], &wanted) == 0; i++) {
        size_t other = claims[i].number;
        if (other != number && !replacing->goes[other])
            return true;
    }
    return false;
}

/* It has put the newcomer's own driver there: another folder of the store is another driver. */
static bool has_driver(const InstalledPackage *package, const Manifest *manifest, Arena *arena)
{
    return manifest->folders.count > 0 && installed_has_folder(package, manifest->folders.items[0], arena);
}

static bool is_for_all(const Manifest *manifest, const StringList *device_ids)
{
    for (size_t i = 0; i < device_ids->count; i++) {
        if (!gpus_have_model(&manifest->gpus, device_ids->items[i]))
            return false;
    }
    return true;
}

static bool is_needless(const Replacing *replacing, size_t number, Arena *arena)
{
    const InstalledPackage *package = &replacing->installed->items[number];
    const Newcomer *newcomer = replacing->newcomer;
    bool meets = false;
    if (!text_equals(package->provider, newcomer->manifest->provider))
        return false;
    if (is_for_all(newcomer->manifest, &package->device_ids) && has_driver(package, newcomer->manifest, arena))
        return true;
    for (size_t i = 0; i < package->device_ids.count; i++) {
        bool is_won = is_claimed(newcomer, package->device_ids.items[i]);
        if (!is_won && !has_another(replacing, number, package->device_ids.items[i]))
            return false;
        meets = meets || is_won;
    }
    return meets;
}

static const char *find_name(const Replacing *replacing, Arena *arena)
{
    const char *own = replacing->newcomer->name, *name = own;
    for (size_t number = 2;; number++) {
        bool is_taken = false;
        for (size_t i = 0; i < replacing->installed->count; i++)
            is_taken = is_taken ||
                       (!replacing->goes[i] && text_equals(replacing->installed->items[i].name, name));
        if (!is_taken)
            return name;
        name = arena_printf(arena, "%s_%zu", own, number);
    }
}

void replaced_find(const InstalledPackages *installed, const Newcomer *newcomer, Arena *arena, StringList *ret_replaced,
                   const char **ret_name)
{
    Replacing replacing = { .installed = installed,
                            .newcomer = newcomer,
                            .goes = ARENA_NEW_ARRAY(arena, bool, installed->count + 1) };
    StringList replaced = { 0 };
    list_claims(&replacing, arena);
    for (size_t i = 0; i < installed->count; i++) {
        const InstalledPackage *package = &installed->items[i];
        bool has_gpus = newcomer->manifest != NULL && newcomer->manifest->gpus.count > 0;
        replacing.goes[i] = has_gpus && package->device_ids.count > 0 ? is_needless(&replacing, i, arena)
                                                                      : text_equals(package->name, newcomer->name);
        if (replacing.goes[i])
            ARRAY_PUSH(arena, &replaced, package->name);
    }
    *ret_replaced = replaced;
    *ret_name = find_name(&replacing, arena);
}
