/* SPDX-License-Identifier: MIT */
/* Host addresses, and which back end serves them. */
#include "cim/connect.h"

#include "base/ascii.h"
#include "cim/connect_backend.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "platform/random.h"

#include <string.h>

#define SIM_PREFIX "sim:"

/* Splits FILE?VARIANT. A '?' in a folder name is none of that: Windows has paths that begin with \\?\. */
static const char *split_variant(char *file)
{
    char *mark = strrchr(file, '?');
    if (mark == NULL || strpbrk(mark, "/\\") != NULL)
        return "";
    *mark = '\0';
    return mark + 1;
}

static bool parse_sim(const char *host, Arena *arena, HostAddress *ret_address, Error *err)
{
    char *file = arena_strdup(arena, host + strlen(SIM_PREFIX));
    HostAddress address = { .text = arena_strdup(arena, host), .sim_variant = split_variant(file), .sim_file = "" };
    if (*file != '\0') {
        if (!fs_canonical_path(file, arena, &address.sim_file, err))
            return error_hint(err, "the folder of a simulated host's file must exist");
        if (!fs_check_file(address.sim_file, err))
            return false;
        address.key = arena_printf(arena, SIM_PREFIX "%s", address.sim_file);
    } else {
        char guid[GUID_TEXT_LENGTH + 1];
        random_guid(guid);
        address.key = arena_printf(arena, SIM_PREFIX "%s", guid);
    }
    address.typed_key = address.key;
    *ret_address = address;
    return true;
}

bool host_address_parse(const char *host, Arena *arena, HostAddress *ret_address, Error *err)
{
    if (host != NULL && ascii_starts_with(host, SIM_PREFIX))
        return parse_sim(host, arena, ret_address, err);
    return real_host_parse(host == NULL || *host == '\0' ? NULL : host, arena, ret_address, err);
}

bool host_address_identify(HostAddress *address, CimSession *session, Arena *arena, Error *err)
{
    const char *name;
    if (address->is_local) /* whatever it is called, it has one key already */
        return true;
    if (!cim_session_identify(session, arena, &name, err))
        return false;
    if (name != NULL && address->sim_file != NULL)
        address->key = arena_printf(arena, SIM_PREFIX "%s", name);
    else if (name != NULL)
        real_host_identify(address, name, arena);
    return true;
}

bool host_address_share(HostAddress *address, Clock *clock, Error *err)
{
    return address->sim_file == NULL || shared_host_open(address->sim_file, address->sim_variant, clock->now_ms(clock),
                                                         NULL, &address->shared, err);
}

void host_address_release(HostAddress *address)
{
    shared_host_release(address->shared);
    address->shared = NULL;
}

bool cim_connect(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err)
{
    if (address->shared != NULL) {
        *ret_session = sim_session_create(address->shared, clock);
        return true;
    }
    if (address->sim_file != NULL)
        return sim_session_open(address->sim_file, address->sim_variant, clock, ret_session, err);
    return real_host_connect(address, clock, ret_session, err);
}

bool cim_connect_files(const HostAddress *address, HostFiles **ret_files, Error *err)
{
    if (address->sim_file != NULL)
        return sim_files_open(address->sim_file, ret_files, err);
    return real_host_files(address, ret_files, err);
}
