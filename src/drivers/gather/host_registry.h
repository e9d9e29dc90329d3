/* SPDX-License-Identifier: MIT */
/* Reading a host's registry, below HKEY_LOCAL_MACHINE, through its CIM session: class StdRegProv (Windows SDK, "System
 * Registry Provider"). What is not there is no error; each call is one round trip. */
#pragma once

#include "cim/session.h"
#include "drivers/package/manifest.h"

/* A value that is text: *ret_text NULL if there is none. */
MUST_CHECK bool registry_read_text(CimSession *session, const char *key, const char *name, Arena *arena,
                                   const char **ret_text, Error *err);

#define REGISTRY_NO_NUMBER UINT64_MAX

/* A number of 32 bits; REGISTRY_NO_NUMBER: there is none. */
MUST_CHECK bool registry_read_number(CimSession *session, const char *key, const char *name, uint64_t *ret_number,
                                     Error *err);

/* All values of a key that a ManifestValue can hold, and of those the ones in "names" (NULL-terminated; NULL: all).
 * One round trip for the key and one for each value. */
MUST_CHECK bool registry_read_values(CimSession *session, const char *key, const char *const *names, Arena *arena,
                                     ManifestValues *ret_values, Error *err);

/* The same ones in the same order. */
bool registry_same_texts(const StringList *a, const StringList *b);

/* All values of a key that are texts, of one string or of several. */
MUST_CHECK bool registry_read_all_texts(CimSession *session, const char *key, Arena *arena, ManifestValues *ret_values,
                                        Error *err);
