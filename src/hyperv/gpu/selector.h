/* SPDX-License-Identifier: MIT */
/* Choosing GPUs and adapters: by name, device ID, instance ID, order or adapter ID, or all. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/gpu/partition.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum SelectorKind {
    SELECTOR_NAME,
    SELECTOR_DEVICE_ID,
    SELECTOR_INSTANCE_ID,
    SELECTOR_ORDER,
    SELECTOR_ADAPTER_ID,
    SELECTOR_ALL, /* "all": every GPU of the host, and every adapter of a VM */
} SelectorKind;

typedef struct Selector {
    SelectorKind kind;
    const char *text;  /* as the user wrote it, for messages */
    const char *value; /* behind the prefix */
    size_t order;      /* SELECTOR_ORDER */
} Selector;

typedef struct SelectorList {
    Selector *items;
    size_t count;
    size_t capacity;
} SelectorList;

/* Reads what the user wrote. ERR_USAGE for what cannot be a selector: "order:0", a device ID without '\' or cut off at
 * '&', an instance ID without '#', an adapter ID that is not Microsoft:GUID\GUID. Nothing is looked up. */
MUST_CHECK bool selectors_parse(const StringList *values, Arena *arena, SelectorList *ret_selectors, Error *err);

/* Whether the selector means this adapter: by its own ID, or by its GPU (also one that is gone). */
bool selector_matches_partition(const Selector *selector, const GpuPartition *partition, const GpuList *gpus);

/* ERR_USAGE for adapter IDs, which mean no GPU: what selectors_resolve() says, before there is a host. */
MUST_CHECK bool selectors_check_gpus(const SelectorList *selectors, Error *err);

/* The GPUs that the selectors mean, each once, in the order of the selectors. A selector that matches nothing is
 * ERR_NOT_FOUND with what there is, unless allow_missing (then it is left out). Adapter IDs are ERR_USAGE. */
MUST_CHECK bool selectors_resolve(const SelectorList *selectors, const GpuList *gpus, bool allow_missing, Arena *arena,
                                  const Gpu ***ret_gpus, size_t *ret_count, Error *err);
