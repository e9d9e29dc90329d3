/* SPDX-License-Identifier: MIT */
/* What the vendor declares for guests: the CopyToVm keys of a driver. Source: Windows driver documentation, "GPU
 * paravirtualization". */
#pragma once

#include "drivers/gather/active.h"

/* A value of a CopyToVm key: the source, and the name in the guest if it is another one. */
typedef struct Declaration {
    const ManifestValue *value;
    const char *folder; /* "Windows/System32" */
    FileRule rule;
} Declaration;

typedef struct Declarations {
    Declaration *items;
    size_t count, capacity;
} Declarations;

/* Adds what another GPU with the same driver declares, as far as it is not the same. */
void declarations_add(Declarations *declarations, const Declarations *more, Arena *arena);

/* Those of the class key and of the service key. */
MUST_CHECK bool declarations_read(CimSession *session, const ActiveDriver *active, Arena *arena,
                                  Declarations *ret_declarations, Error *err);
