/* SPDX-License-Identifier: MIT */
/* What all files of this folder need of COM and WMI: the headers, text in both directions, and pointers that let go of
 * what they hold at the end of their scope. No other folder includes wbemcli.h. */
#pragma once

#include "base/arena.h"
#include "base/compiler.h"
#include "platform/win32.h"

#include <objbase.h>
#include <oleauto.h>
#include <wbemcli.h>

/* A copy; SysFreeString() it. Never NULL: memory that runs out ends the program, as everywhere. */
BSTR bstr_from_utf8(const char *text);

/* NULL is "". What follows a zero character is lost. */
const char *utf8_from_bstr(const OLECHAR *text, Arena *arena);

/* For CLEANUP(). */
void bstr_cleanup(BSTR *text);
void variant_cleanup(VARIANT *variant);
void com_release_cleanup(void *pointer_to_interface_pointer);

/* COM_LOCAL(IWbemServices) services = NULL; */
#define COM_LOCAL(interface_type) CLEANUP(com_release_cleanup) interface_type *
