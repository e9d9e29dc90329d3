/* SPDX-License-Identifier: MIT */
/* Makes a session from what the user wrote after -HOST. The only place that knows which back ends exist. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/host_files.h"
#include "cim/session.h"
#include "platform/clock.h"

typedef struct HostAddress {
    const char *text;      /* as shown in messages */
    const char *key;       /* names journals and locks; once the host is identified, however it is written, the same */
    const char *typed_key; /* the key of how it is written: earlier versions knew no other */
    const char *sim_file;  /* simulated host: its state file, canonical; "" for one in memory. NULL: a real host */
    const char *sim_variant; /* what a state file that does not exist yet is made as; "": the usual one */
    struct SharedHost *shared; /* a simulated host that is open: sessions use it together. NULL: each opens it itself */
    bool is_local;         /* the Hyper-V of this computer, as far as is known before the host is identified */
} HostAddress;

/* host NULL: the default of this platform (Windows: the local Hyper-V; elsewhere ERR_USAGE with a hint).
 * "sim:FILE" a simulated host, "sim:" one that lives in memory; "?VARIANT" behind either says how a new one is made.
 * Each one in memory is a host of its own, with a key of its own. Nothing is contacted. */
MUST_CHECK bool host_address_parse(const char *host, Arena *arena, HostAddress *ret_address, Error *err);

/* For whoever connects to the host several times, from any threads: opens what the sessions can use together, if there
 * is anything of that kind. Errors as of cim_connect(). To be released when the sessions are closed. */
MUST_CHECK bool host_address_share(HostAddress *address, Clock *clock, Error *err);
void host_address_release(HostAddress *address);

/* ERR_UNREACHABLE, ERR_DENIED, ERR_UNSUPPORTED (no back end for it in this program), and for a state file ERR_IO,
 * ERR_PROTOCOL (not JSON, truncated, not a simulated host). The address must live as long as the session. */
MUST_CHECK bool cim_connect(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err);

/* Asks a connected host what it calls itself, and makes the key of that: by another name, by its IP address, or through
 * another path to its state file it is the same host. Errors as of a verb of the session. */
MUST_CHECK bool host_address_identify(HostAddress *address, CimSession *session, Arena *arena, Error *err);

/* The host's files, for host_files_close(). ERR_UNSUPPORTED where there is no way to them yet. */
MUST_CHECK bool cim_connect_files(const HostAddress *address, HostFiles **ret_files, Error *err);
