/* SPDX-License-Identifier: MIT */
/* Config files: "<GPU name>.config" and "adapter.config", lines of "variable = value" with the twelve limits. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/partition.h"

#include <stdbool.h>

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

/* The file in the folder that applies to a GPU of that name: "<name>.config" with the blanks as they are, as '-', as
 * '_' or left out, letter case ignored (what no file name can hold on Windows, such as '/', counts as a blank); else
 * "adapter.config". *ret_config is NULL when there is neither (or no such folder). Two files that fit the same name
 * are ERR_AMBIGUOUS. gpu_name NULL: adapter.config only. */
MUST_CHECK bool adapter_config_find(const char *folder, const char *gpu_name, Arena *arena,
                                    const AdapterConfig **ret_config, Error *err);

/* The limits that result when the file is applied: its values over "base". */
PartitionLimits adapter_config_apply(const AdapterConfig *config, const PartitionLimits *base);
