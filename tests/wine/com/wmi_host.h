/* SPDX-License-Identifier: MIT */
/* The host behind the WMI stand-in (tests/wine/wmi_provider) for tests in C. */
#pragma once

/* A fresh sample host in a state file of its own, which WMI answers for from now on. variant NULL: windows11. */
void wmi_host_open(const char *variant);

/* The next calls fail: "CALL:HRESULT:COUNT" as in provider.h, each time anew. NULL: none does any more. */
void wmi_host_fault(const char *fault);

/* Wine's own WMI answers again; the state file is removed. */
void wmi_host_close(void);
