/* SPDX-License-Identifier: MIT */
/* Builds of Windows with which GPU partitions are known to go wrong, as a host or as a guest. The table is made of
 * data/known-builds.json when the program is built; its format is in docs/drivers.md. */
#pragma once

#include "cim/session.h"

/* "26100.4349": the build, and what the updates have made of it. */
typedef struct WindowsBuild {
    uint32_t build, revision;
} WindowsBuild;

#define WINDOWS_REVISION_UNKNOWN UINT32_MAX

typedef enum KnownSide {
    KNOWN_HOST,
    KNOWN_GUEST,
    KNOWN_UNEQUAL, /* one of the two is in the range, and the other is not the same */
} KnownSide;

typedef struct KnownBuild {
    KnownSide side;
    WindowsBuild min, max; /* both are meant, too */
    const char *symptom, *advice, *source;
    bool needs_session; /* it comes with enhanced sessions only */
} KnownBuild;

extern const KnownBuild known_builds[];
extern const size_t known_build_count;

/* A revision that is not known may be any. */
bool known_build_applies(const KnownBuild *known, const WindowsBuild *host, const WindowsBuild *guest);

/* The same, whatever a revision is that is not known. */
bool known_build_surely_applies(const KnownBuild *known, const WindowsBuild *host, const WindowsBuild *guest);

/* "26100.4349", as a guest tells it. False: it is none; "0.0" stands for one that is not known. */
bool windows_build_parse(const char *text, WindowsBuild *ret_build);

/* Asks Windows itself, in two round trips. The revision may come back as not known. */
MUST_CHECK bool windows_build_read(CimSession *session, WindowsBuild *ret_build, Error *err);

/* "26100.4349", "26100". */
const char *windows_build_format(const WindowsBuild *build, Arena *arena);
