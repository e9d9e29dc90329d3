/* SPDX-License-Identifier: MIT */
#include "cim/connect_backend.h"

bool real_host_parse(const char *host, Arena *arena, HostAddress *ret_address, Error *err)
{
    if (host == NULL) {
        error_set(err, ERR_USAGE, "no host given");
        (void) error_hint(err, "this program has no local Hyper-V to talk to");
        return error_advise(err, ADVICE_REHEARSE, NULL);
    }
    const char *text = arena_strdup(arena, host);
    *ret_address = (HostAddress){ .text = text, .key = text, .typed_key = text, .sim_variant = "" };
    return true;
}

void real_host_identify(HostAddress *address, const char *name, Arena *arena)
{
    address->key = arena_strdup(arena, name);
}

bool real_host_connect(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err)
{
    (void) clock;
    (void) ret_session;
    error_set(err, ERR_UNSUPPORTED, "cannot connect to '%s': this program cannot talk to Windows hosts", address->text);
    return error_advise(err, ADVICE_SIMULATE, NULL);
}

bool real_host_files(const HostAddress *address, HostFiles **ret_files, Error *err)
{
    (void) ret_files;
    error_set(err, ERR_UNSUPPORTED, "cannot read the files of '%s': this program cannot reach shares of Windows hosts",
              address->text);
    return error_hint(err, "run hyperpoint on that host, or on another Windows computer");
}
