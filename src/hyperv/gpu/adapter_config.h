/* SPDX-License-Identifier: MIT */
/* Config files: "<GPU name>.config" and "adapter.config", lines of "variable = value" with the twelve limits. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct AdapterConfig {
    const char *name;       /* of the file, without its folder */
    PartitionLimits limits; /* is_set only for the variables it names */
    StringList warnings;    /* "adapter.config:7: unknown variable 'MinVRAM'", for the user */
} AdapterConfig;

/* Reads the text of a config file. "name" stands in messages. Blank lines and lines starting with # or ; are skipped;
 * UTF-8 with or without BOM and UTF-16 with BOM (what Notepad and PowerShell 5.1 write) are understood.
 * Variable names without regard to case. Unknown variables and repeated ones are warnings (the last value counts);
 * a line without '=' or a value that is no unsigned 64-bit decimal is ERR_INVALID with its line number.  */
MUST_CHECK bool adapter_config_parse(const char *name, const char *data, size_t size, Arena *arena,
                                     AdapterConfig *ret_config, Error *err);

/* What applies to a GPU. */
typedef struct GpuConfig {
    const char *gpu_name;        /* NULL: to those whose names are not known */
    const AdapterConfig *config; /* NULL: no file does */
    const Error *problem;        /* why it is not known what does; NULL: it is */
} GpuConfig;

typedef struct AdapterConfigs {
    GpuConfig *items;
    size_t count;
    size_t capacity;
} AdapterConfigs;

/* The files in the folder that apply to GPUs of those names (NULL among them does not matter): "<name>.config" with the
 * blanks as they are, as '-', as '_' or left out, letter case ignored (what no file name can hold on Windows, such as
 * '/', counts as a blank); else "adapter.config". None where there is neither, or no such folder. Two files that fit
 * the same name are ERR_AMBIGUOUS. What is wrong with a file matters only to those who want it. */
AdapterConfigs adapter_configs_read(const char *folder, const StringList *gpu_names, Arena *arena);

/* *ret_config NULL: none. gpu_name NULL: the GPU's name is not known; only "adapter.config" applies. */
MUST_CHECK bool adapter_configs_find(const AdapterConfigs *configs, const char *gpu_name,
                                     const AdapterConfig **ret_config, Error *err);

/* The limits that result when the file is applied: its values over "base". */
PartitionLimits adapter_config_apply(const AdapterConfig *config, const PartitionLimits *base);
