/* SPDX-License-Identifier: MIT */
/* Where host and guest meet: names of the data exchange's items, its keys in the guest, and the folder that files are
 * brought to. Source: Hyper-V documentation, "Data Exchange: Using key-value pairs to share information between the
 * host and guest on Hyper-V". */
#pragma once

#include "base/arena.h"

/* Items: from the host, and from the guest. Installed packages count from 1 to LIMIT_EXCHANGE_PACKAGES. */
#define EXCHANGE_REQUEST "HyperPoint.Request"
#define EXCHANGE_STATUS  "HyperPoint.Status"
#define EXCHANGE_AGENT   "HyperPoint.Agent"
const char *exchange_package_item(unsigned number, Arena *arena);

/* Keys of the guest's registry: what the host writes, what the guest writes, and facts of the VM's. */
#define EXCHANGE_KEY_FROM_HOST  "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\External"
#define EXCHANGE_KEY_FROM_GUEST "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest"
#define EXCHANGE_KEY_FACTS      "HKLM\\SOFTWARE\\Microsoft\\Virtual Machine\\Guest\\Parameters"
#define EXCHANGE_FACT_VM_ID     "VirtualMachineId"

/* The folder in the guest's %ProgramData% that a request's file is brought to, and the file's name there. */
#define EXCHANGE_INBOX "HyperPoint-inbox"
const char *exchange_file_name(const char *id, Arena *arena);
