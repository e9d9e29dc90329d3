/* SPDX-License-Identifier: MIT */
/* Packages that are for the same GPU: of those, a guest can use one. */
#pragma once

#include "drivers/package/manifest.h"

/* The model of a GPU in whatever slot, "PCI\VEN_10DE&DEV_2206", "ACPI\VEN_QCOM&DEV_0C36": <0, 0, >0. */
int gpu_model_compare(const char *device_id, const char *other_device_id);

/* One of them is of that model: a package that was made for them is one for that GPU. */
bool gpus_have_model(const ManifestGpus *gpus, const char *device_id);

typedef struct Rival {
    size_t winner;     /* number of a manifest that wins; SIZE_MAX: this one is wanted for at least one GPU */
    StringList served; /* device IDs of GPUs for which others win */
} Rival;

/* One for each manifest. Of those that are for one GPU model, by one provider, that wins which was gathered last: the
 * driver that was active on the host by then. Of several of one moment it is that of the latest date, then of the
 * highest version, then the last of these. Without a GPU that it wins for, a manifest has lost. A manifest may be NULL:
 * that tells nothing, and is nobody's rival. */
Rival *manifests_find_rivals(const Manifest *const *manifests, size_t count, Arena *arena);
