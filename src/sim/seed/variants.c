/* SPDX-License-Identifier: MIT */
/* Variants of the sample host: other versions of Windows, and situations that a real host may be in. */
#include "sim/seed/variants.h"

#include "base/compiler.h"
#include "base/str.h"
#include "sim/seed/seed.h"
#include "sim/services/services.h"

#include <string.h>

typedef struct Variant {
    const char *name;
    uint32_t build; /* of a Windows; 0: something that goes with any of them */
    const char *windows;
    bool is_server;
    size_t flag; /* offset of the bool in SimSeed to flip, of the others */
} Variant;

static const Variant variants[] = {
    { "windows10", 19045, "Microsoft Windows 10 Pro", false, 0 },
    { "windows11", 22631, "Microsoft Windows 11 Pro", false, 0 },
    { "server2022", 20348, "Microsoft Windows Server 2022 Datacenter", true, 0 },
    { "server2025", 26100, "Microsoft Windows Server 2025 Datacenter", true, 0 },
    { "no-hyperv", 0, NULL, false, offsetof(SimSeed, has_hyperv) },
    { "no-gpu", 0, NULL, false, offsetof(SimSeed, has_gpus) },
    { "no-rights", 0, NULL, false, offsetof(SimSeed, has_no_rights) },
    { "localized", 0, NULL, false, offsetof(SimSeed, is_german) },
    { "stale", 0, NULL, false, offsetof(SimSeed, has_stale_vm) },
    { "unplugged", 0, NULL, false, offsetof(SimSeed, has_unplugged_vm) },
    { "checkpoints", 0, NULL, false, offsetof(SimSeed, has_history_vm) },
    { "guest", 0, NULL, false, offsetof(SimSeed, is_guest) },
    { "outdated-guest", 0, NULL, false, offsetof(SimSeed, is_outdated_guest) },
};

static bool unknown(const char *name, size_t length, Error *err)
{
    Str list;
    str_init(&list, sizeof(err->hint));
    for (size_t i = 0; i < COUNT_OF(variants); i++)
        str_appendf(&list, "%s%s", i > 0 ? ", " : "", variants[i].name);
    error_set(err, ERR_USAGE, "there is no variant '%.*s' of the simulated host", (int) length, name);
    error_hint(err, "variants, joined by '+': %s", str_text(&list));
    str_release(&list);
    return false;
}

static const Variant *find(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(variants); i++) {
        if (strlen(variants[i].name) == length && strncmp(variants[i].name, name, length) == 0)
            return &variants[i];
    }
    return NULL;
}

/* has_hyperv and has_gpus are there unless a variant takes them away; the other flags the other way round. */
static void apply(const Variant *variant, SimSeed *seed)
{
    if (variant->build == 0) {
        bool *flag = (bool *) ((char *) seed + variant->flag);
        *flag = variant->flag != offsetof(SimSeed, has_hyperv) && variant->flag != offsetof(SimSeed, has_gpus);
        return;
    }
    seed->build = variant->build;
    seed->windows = variant->windows;
    seed->is_server = variant->is_server;
}

static bool parse(const char *text, SimSeed *ret_seed, Error *err)
{
    SimSeed seed = { .has_hyperv = true, .has_gpus = true };
    for (const char *rest = text; *rest != '\0';) {
        size_t length = strcspn(rest, "+");
        const Variant *variant = find(rest, length);
        if (variant == NULL)
            return unknown(rest, length, err);
        if (variant->build != 0 && seed.build != 0)
            return error_set(err, ERR_USAGE, "variant '%s' names two versions of Windows", text);
        apply(variant, &seed);
        rest += length + (rest[length] == '+');
    }
    if (seed.build == 0)
        apply(find("windows11", strlen("windows11")), &seed);
    *ret_seed = seed;
    return true;
}

bool sim_host_check_variant(const char *variant, Error *err)
{
    SimSeed seed;
    return parse(variant != NULL ? variant : "", &seed, err);
}

bool sim_host_create_sample(const char *variant, int64_t now_ms, SimHost **ret_host, Error *err)
{
    SimSeed seed;
    if (!parse(variant != NULL ? variant : "", &seed, err))
        return false;
    SimKnobs knobs = sim_knobs_default(seed.build);
    knobs.german = seed.is_german;
    knobs.no_rights = seed.has_no_rights;
    bool is_guest = seed.is_guest || seed.is_outdated_guest;
    SimHost *host = sim_host_create(is_guest ? "MYVM" : "HV1", seed.build, seed.has_hyperv && !is_guest, &knobs);
    sim_services_attach(host);
    host->variant = arena_strdup(&host->arena, variant != NULL && *variant != '\0' ? variant : "windows11");
    host->is_server = seed.is_server;
    host->now_ms = now_ms;
    *ret_host = host;
    if (is_guest) {
        sim_seed_guest(host, &seed);
        return true;
    }
    sim_seed_cimv2(host, &seed);
    sim_seed_drivers(host, &seed);
    if (seed.has_hyperv)
        sim_seed_hyperv(host, &seed);
    if (seed.has_hyperv && seed.has_history_vm)
        sim_seed_history(host, &seed);
    return true;
}
