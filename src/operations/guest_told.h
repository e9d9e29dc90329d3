/* SPDX-License-Identifier: MIT */
/* What the service in a running guest tells of it, compared with the host's drivers: which packages it has installed,
 * and how its GPU is. It tells versions and hashes and no names: whose a package is, the manifest of that hash tells,
 * where there is one among the packages that are here. */
#pragma once

#include "operations/driver_state.h"
#include "operations/guest_view.h"
#include "operations/guest_watch.h"

typedef struct ToldPackage {
    const ExchangePackage *package;
    const Manifest *manifest; /* NULL: no package here is the one */
    bool is_current;          /* it is the active driver of one of the GPUs that were looked for */
} ToldPackage;

typedef struct GuestTold {
    const char *name; /* of the VM */
    GuestAgent agent;
    ToldPackage packages[LIMIT_EXCHANGE_PACKAGES]; /* of the agent, which therefore stays where it is */
} GuestTold;

/* One look at what the guest tells now. Errors as guest_watch_agent(). The folders may have packages. */
MUST_CHECK bool guest_told_read(HyperVHost *host, const Vm *vm, const StringList *folders, Arena *arena,
                                GuestTold **ret_told, Error *err);

/* The guest installs a package whole or not at all: one of the active driver's version is taken for current. One that
 * is of nobody else, as far as is known, is taken for an earlier one. */
DriverPlace guest_told_find(GuestTold *told, const ActiveDriver *active, const char *device_id);

/* As of a guest that was asked itself, with one GPU for all that it has. */
GuestReport guest_told_report(const GuestTold *told, HyperVHost *host, Arena *arena);
