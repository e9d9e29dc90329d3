/* SPDX-License-Identifier: MIT */
#include "drivers/package/rivals.h"

#include "base/ascii.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

/* Behind the bus, maker and device; not what board they are on, nor where. */
static size_t model_length(const char *device_id)
{
    size_t length = strcspn(device_id, "\\");
    if (device_id[length] == '\0')
        return length;
    length += 1 + strcspn(device_id + length + 1, "&\\");
    if (device_id[length] == '&')
        length += 1 + strcspn(device_id + length + 1, "&\\");
    return length;
}

int gpu_model_compare(const char *device_id, const char *other_device_id)
{
    size_t length = model_length(device_id), other = model_length(other_device_id);
    int order = ascii_ncasecmp(device_id, other_device_id, length < other ? length : other);
    return order != 0 ? order : (length > other) - (length < other);
}

bool gpus_have_model(const ManifestGpus *gpus, const char *device_id)
{
    for (size_t i = 0; i < gpus->count; i++) {
        if (gpu_model_compare(gpus->items[i].device_id, device_id) == 0)
            return true;
    }
    return false;
}

/* <0, 0, >0. Number by number, as in 32.0.15.6094. */
static int compare_versions(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        char *end_a, *end_b;
        unsigned long x = strtoul(a, &end_a, 10), y = strtoul(b, &end_b, 10);
        if (x != y || end_a == a || end_b == b)
            return (x > y) - (x < y);
        a = end_a + (*end_a == '.');
        b = end_b + (*end_b == '.');
    }
    return (*a != '\0') - (*b != '\0');
}

static int compare_age(const Manifest *a, const Manifest *b)
{
    int order = strcmp(a->created, b->created); /* RFC 3339, UTC */
    order = order != 0 ? order : strcmp(a->driver_date, b->driver_date); /* yyyy-mm-dd */
    return order != 0 ? order : compare_versions(a->driver_version, b->driver_version);
}

/* One GPU of one manifest. */
typedef struct Claim {
    const Manifest *manifest;
    const char *device_id;
    size_t number; /* of the manifest */
} Claim;

typedef struct Claims {
    Claim *items;
    size_t count, capacity;
} Claims;

/* What is for the same GPU comes together. */
static int compare_gpus(const Claim *a, const Claim *b)
{
    int order = gpu_model_compare(a->device_id, b->device_id);
    return order != 0 ? order : text_casecmp(a->manifest->provider, b->manifest->provider);
}

/* ... the winner first. */
static int compare_claims(const void *first, const void *second)
{
    const Claim *a = first, *b = second;
    int order = compare_gpus(a, b);
    order = order != 0 ? order : compare_age(b->manifest, a->manifest);
    return order != 0 ? order : (b->number > a->number) - (b->number < a->number);
}

/* All of them, those for one GPU together, of which the first one wins. */
static Claims claims_of(const Manifest *const *manifests, size_t count, Arena *arena)
{
    Claims claims = { 0 };
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; manifests[i] != NULL && k < manifests[i]->gpus.count; k++) {
            Claim claim = { manifests[i], manifests[i]->gpus.items[k].device_id, i };
            ARRAY_PUSH(arena, &claims, claim);
        }
    }
    if (claims.count > 0)
        qsort(claims.items, claims.count, sizeof(*claims.items), compare_claims);
    return claims;
}

Rival *manifests_find_rivals(const Manifest *const *manifests, size_t count, Arena *arena)
{
    Rival *rivals = ARENA_NEW_ARRAY(arena, Rival, count);
    Claims claims = claims_of(manifests, count, arena);
    const Claim *winner = claims.items;
    for (size_t i = 0; i < count; i++)
        rivals[i] = (Rival){ .winner = SIZE_MAX };
    for (size_t i = 0; i < claims.count; i++) {
        const Claim *claim = &claims.items[i];
        Rival *rival = &rivals[claim->number];
        if (compare_gpus(winner, claim) != 0)
            winner = claim;
        if (winner->number == claim->number)
            continue;
        ARRAY_PUSH(arena, &rival->served, claim->device_id);
        rival->winner = rival->served.count == claim->manifest->gpus.count ? winner->number : SIZE_MAX;
    }
    return rivals;
}
