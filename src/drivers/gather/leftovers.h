/* SPDX-License-Identifier: MIT */
/* What a running Windows leaves in a driver's folder besides the driver: logs, traces, dumps, temporary files, and INF
 * files that Windows has compiled for itself. No guest needs them, and they change while they are read. Source: folders
 * of drivers in use, as users have listed them. */
#pragma once

#include <stdbool.h>

/* By the name of a file, or of a folder with nothing else in it. */
bool leftover_is_file(const char *name);
bool leftover_is_folder(const char *name);
