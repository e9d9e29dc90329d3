/* SPDX-License-Identifier: MIT */
/* Paths in values of the host's registry: what drivers and services write there comes in many forms.
 * Sources: Windows driver documentation, "GPU paravirtualization" (CopyToVm values); Microsoft, "Naming Files, Paths,
 * and Namespaces"; the ImagePath values of drivers ("\SystemRoot\..."). */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

/* The file that is meant, as "C:\Windows\..."; of a path that is not a full one, below "base". Understood: quotes and
 * blanks around it, "@" before it, slashes of either kind, doubled ones, "." and "..", "%SystemRoot%", "%windir%",
 * "\SystemRoot", "System32\" and its like at the beginning, "\??\C:", "\\?\C:", "\Device\HarddiskVolume3" (taken for
 * the drive with Windows), "\\HOST\C$" (taken for this host), Sysnative. NULL: it is no path of a file on a disk of the
 * host's. *ret_is_full: it did not need "base" (which may be NULL: then only full ones are found). "windows" is
 * "C:\Windows". */
const char *host_path_resolve(const char *text, const char *windows, const char *base, Arena *arena, bool *ret_is_full);

/* A full path begins there, in whatever of these forms. */
bool host_path_begins(const char *text);

/* What is behind the folder in a path that lies in it, or NULL. */
const char *host_path_below(const char *path, const char *folder);
