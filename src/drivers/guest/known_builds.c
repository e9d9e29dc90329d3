/* SPDX-License-Identifier: MIT */
#include "drivers/guest/known_builds.h"

#include "base/ascii.h"
#include "cim/schema.h"

#include <inttypes.h>
#include <string.h>

#define LOCAL_MACHINE UINT32_C(0x80000002)
#define VERSION_KEY "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

/* The revisions that it may be. */
static bool is_inside(const WindowsBuild *build, const KnownBuild *known)
{
    bool is_known = build->revision != WINDOWS_REVISION_UNKNOWN;
    uint32_t least = is_known ? build->revision : 0, most = build->revision;
    bool above = build->build > known->min.build || (build->build == known->min.build && most >= known->min.revision);
    bool below = build->build < known->max.build || (build->build == known->max.build && least <= known->max.revision);
    return above && below;
}

bool known_build_applies(const KnownBuild *known, const WindowsBuild *host, const WindowsBuild *guest)
{
    switch (known->side) {
    case KNOWN_HOST:
        return is_inside(host, known);
    case KNOWN_GUEST:
        return is_inside(guest, known);
    case KNOWN_UNEQUAL:
        return (is_inside(host, known) || is_inside(guest, known)) &&
               (host->build != guest->build || host->revision != guest->revision);
    }
    return false;
}

bool known_build_surely_applies(const KnownBuild *known, const WindowsBuild *host, const WindowsBuild *guest)
{
    const uint32_t revisions[] = { 0, WINDOWS_REVISION_UNKNOWN - 1 };
    for (size_t i = 0; i < 2; i++) {
        WindowsBuild h = *host, g = *guest;
        if (h.revision == WINDOWS_REVISION_UNKNOWN)
            h.revision = revisions[i];
        if (g.revision == WINDOWS_REVISION_UNKNOWN)
            g.revision = revisions[i];
        if (!known_build_applies(known, &h, &g))
            return false;
    }
    return true;
}

bool windows_build_parse(const char *text, WindowsBuild *ret_build)
{
    char digits[sizeof("4294967295")];
    unsigned long long build, revision;
    size_t length = strcspn(text, ".");
    if (text[length] != '.' || length >= sizeof(digits))
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (!ascii_parse_uint64(digits, &build) || build == 0 || build > UINT32_MAX ||
        !ascii_parse_uint64(text + length + 1, &revision) || revision >= WINDOWS_REVISION_UNKNOWN)
        return false;
    *ret_build = (WindowsBuild){ (uint32_t) build, (uint32_t) revision };
    return true;
}

/* The value UBR (update build revision), which WMI has nowhere else. Unverified: that users who may ask WMI may read
 * it; without it every revision is thought possible. */
static uint32_t read_revision(CimSession *session, Arena *arena)
{
    Error unseen = { .code = ERR_NONE };
    CimInstance *in = cim_instance_create(arena, ""), *out;
    cim_instance_set(in, arena, "hDefKey", cim_uint(CIM_TYPE_UINT32, LOCAL_MACHINE));
    cim_instance_set(in, arena, "sSubKeyName", cim_string(VERSION_KEY));
    cim_instance_set(in, arena, "sValueName", cim_string("UBR"));
    if (!cim_session_invoke(session, NS_CIMV2, "StdRegProv", "GetDWORDValue", in, arena, &out, &unseen) ||
        cim_instance_uint(out, "ReturnValue", UINT64_MAX) != 0)
        return WINDOWS_REVISION_UNKNOWN;
    return (uint32_t) cim_instance_uint(out, "uValue", WINDOWS_REVISION_UNKNOWN);
}

bool windows_build_read(CimSession *session, WindowsBuild *ret_build, Error *err)
{
    Arena arena = ARENA_INIT;
    CimInstanceList rows;
    unsigned long long build = 0;
    bool ok = cim_session_query(session, NS_CIMV2, "SELECT * FROM Win32_OperatingSystem", &arena, &rows, err);
    const char *text = ok && rows.count > 0 ? cim_instance_text(rows.items[0], "BuildNumber") : NULL;
    if (ok && (text == NULL || !ascii_parse_uint64(text, &build) || build > UINT32_MAX))
        ok = error_set(err, ERR_PROTOCOL, "Windows does not tell its build");
    if (ok)
        *ret_build = (WindowsBuild){ (uint32_t) build, read_revision(session, &arena) };
    arena_release(&arena);
    return ok;
}

const char *windows_build_format(const WindowsBuild *build, Arena *arena)
{
    if (build->revision == WINDOWS_REVISION_UNKNOWN)
        return arena_printf(arena, "%" PRIu32, build->build);
    return arena_printf(arena, "%" PRIu32 ".%" PRIu32, build->build, build->revision);
}
