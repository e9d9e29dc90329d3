/* SPDX-License-Identifier: MIT */
/* Where host and guest meet: names of the data exchange's items, its keys in the guest, and the folder that files are
 * brought to. Source: Hyper-V documentation, "Data Exchange: Using key-value pairs to share information between the
 * host and guest on Hyper-V". */
#pragma once

#include "base/arena.h"

/* Items: from the host, and from the guest. Installed packages count from 1 to LIMIT_EXCHANGE_PACKAGES. */
#define EXCHANGE_REQUEST "HyperPoint.Request"
#define EXCHANGE_STATUS "HyperPoint.Status"
#define EXCHANGE_AGENT "HyperPoint.Agent"
const char *exchange_package_item(unsigned number, Arena *arena);

enum { EXCHANGE_VERSION_LENGTH = 47 }; /* of a version in a message */

/* Keys of the guest's registry, below HKEY_LOCAL_MACHINE: what the host writes, what the guest writes, and facts of the
 * VM's. The last one is HyperPoint's own: what the guest's administrator allows, each a DWORD, 0 or 1. */
#define EXCHANGE_KEY_FROM_HOST "SOFTWARE\\Microsoft\\Virtual Machine\\External"
#define EXCHANGE_KEY_FROM_GUEST "SOFTWARE\\Microsoft\\Virtual Machine\\Guest"
#define EXCHANGE_KEY_FACTS "SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters"
#define EXCHANGE_KEY_SWITCHES "SOFTWARE\\HyperPoint\\Guest"
#define EXCHANGE_FACT_VM_ID "VirtualMachineId"
#define EXCHANGE_ALLOW_UPDATE "AllowUpdate"
#define EXCHANGE_ALLOW_RESTART "AllowRestart"

/* The folder in the guest's %ProgramData% that a request's file is brought to, and the file's name there. */
#define EXCHANGE_INBOX "HyperPoint-inbox"
const char *exchange_file_name(const char *id, Arena *arena);
