/* SPDX-License-Identifier: MIT */
/* Which driver packages a running guest has, asked through its own WMI: what is in its HostDriverStore. Only what WMI
 * finds by its key, and lists of one folder, are asked for: a search among all files would take it minutes. Classes:
 * Windows SDK, "Win32_Directory", "Win32_SubDirectory", "CIM_DirectoryContainsFile". */
#pragma once

#include "cim/session.h"

/* "C:\Windows\System32\HostDriverStore", on the drive that Windows is on. It may not exist. */
MUST_CHECK bool guest_store_find(CimSession *guest, Arena *arena, const char **ret_store, Error *err);

/* Whether there is a driver's folder of that name. */
MUST_CHECK bool guest_store_has(CimSession *guest, const char *store, const char *folder, Arena *arena, bool *ret_has,
                                Error *err);

/* The names of all drivers' folders, which takes WMI longer than the question for one. */
MUST_CHECK bool guest_store_folders(CimSession *guest, const char *store, Arena *arena, StringList *ret_names,
                                    Error *err);

/* Whether a journal of installdrivers stands: what it began is not finished. */
MUST_CHECK bool guest_store_has_journal(CimSession *guest, const char *store, Arena *arena, bool *ret_has, Error *err);

/* The names of the packages that installdrivers has installed. */
MUST_CHECK bool guest_store_packages(CimSession *guest, const char *store, Arena *arena, StringList *ret_names,
                                     Error *err);
