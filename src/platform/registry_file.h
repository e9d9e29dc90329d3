/* SPDX-License-Identifier: MIT */
/* A registry in a text file: that of a guest which is a folder. The text is that of regedit's exports, in UTF-8, with
 * each value on one line:
 *
 *     Windows Registry Editor Version 5.00
 *
 *     [HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters]
 *     "VirtualMachineId"="F65D0775-1CA1-4804-9305-71F4A38BDD83"
 *     "AllowUpdate"=dword:00000001
 *     "Anything else"=hex(7):61,00,00,00,00,00
 *
 * A '\\' and a '"' in a text has a '\\' before it; @ is the value without a name. Empty lines and lines that begin with
 * a ';' say nothing. All keys are below HKEY_LOCAL_MACHINE, and are found whatever their case. A line that is
 * anything else makes the file one that cannot be read (ERR_PROTOCOL, with the line).
 *
 * Any number of processes may use the file at once. Readers take no lock: the file is replaced as a whole, so they see
 * it as it was before a write or after it. A writer holds the lock of "<file>.lock" from reading to replacing. Whoever
 * waits for a change looks at fs_stamp() of the file. */
#pragma once

#include "platform/registry.h"

/* A file that is not there is a registry without keys; the first write makes it, in a folder that must be there. The
 * registry lives in the arena and needs no closing. */
Registry *registry_file_open(const char *path, Arena *arena);
