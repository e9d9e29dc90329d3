/* SPDX-License-Identifier: MIT */
/* Windows talks to the Hyper-V of this computer, and to others by DCOM. */
#include "cim/connect_backend.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "cim/com/com_session.h"
#include "platform/process.h"
#include "platform/text.h"
#include "platform/win32.h"

#include <string.h>

/* WMI's own name for this computer: no other can be called that. */
#define LOCAL "."

/* One journal per VM: so this computer must not be taken for another one because of how it is written. */
static bool is_this_computer(const char *host)
{
    static const char *const names[] = { LOCAL, "localhost", "127.0.0.1", "::1" };
    static const COMPUTER_NAME_FORMAT forms[] = { ComputerNameNetBIOS, ComputerNameDnsHostname,
                                                  ComputerNameDnsFullyQualified };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (ascii_equals(host, names[i]))
            return true;
    }
    bool same = false;
    Arena scratch = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(forms) && !same; i++) {
        wchar_t name[256];
        DWORD size = COUNT_OF(name);
        same = GetComputerNameExW(forms[i], name, &size) && text_equals(host, utf8_from_wide(&scratch, name));
    }
    arena_release(&scratch);
    return same;
}

static const char *make_key(const char *name, Arena *arena)
{
    char *key = arena_strdup(arena, name);
    for (char *p = key; *p != '\0'; p++)
        *p = ascii_lower(*p);
    return key;
}

bool real_host_parse(const char *host, Arena *arena, HostAddress *ret_address, Error *err)
{
    const char *computer = process_computer_name(arena);
    HostAddress address = { .text = computer, .key = LOCAL, .sim_variant = "", .is_local = true };
    if (host != NULL && !is_this_computer(host)) {
        if (strpbrk(host, "\\/ \t\"'") != NULL) {
            error_set(err, ERR_USAGE, "'%s' is not the name of a computer", host);
            return error_advise(err, ADVICE_NAME_HOST, NULL);
        }
        address = (HostAddress){ .text = arena_strdup(arena, host), .key = make_key(host, arena), .sim_variant = "" };
    }
    address.typed_key = address.key;
    *ret_address = address;
    return true;
}

/* An address of this computer that does not look like one: its IP address in the network, an alias. */
void real_host_identify(HostAddress *address, const char *name, Arena *arena)
{
    address->is_local = is_this_computer(name);
    address->key = address->is_local ? LOCAL : make_key(name, arena);
}

bool real_host_connect(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err)
{
    return com_session_open(address->is_local ? NULL : address->text, address->text, clock, ret_session, err);
}

/* Another computer's drives are its administrative shares, C$ and so on. */
bool real_host_files(const HostAddress *address, HostFiles **ret_files, Error *err)
{
    (void) err; /* what is wrong shows with the first file */
    Arena arena = ARENA_INIT;
    *ret_files = address->is_local
                     ? host_files_open_local("", ":")
                     : host_files_open_local(arena_printf(&arena, "\\\\%s\\", address->text), "$");
    arena_release(&arena);
    return true;
}
