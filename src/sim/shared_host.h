/* SPDX-License-Identifier: MIT */
/* A simulated host that several use: sessions, a WMI provider, a server; in one process or in many.
 *
 * It lives in a state file (docs/simulator.md), or in memory. Who is inside is there alone: other threads wait at a
 * monitor, other processes at "FILE.lock" (the file itself is replaced as a whole, so a lock on it would be lost).
 * Entering reads the file again if it is another one than last time; leaving writes it if something changed. What
 * cannot be written has not happened: the host in memory is dropped, and read again by the next one.
 *
 *     if (!shared_host_enter(shared, SHARED_HOST_READ, now_ms, cancel, &host, err))
 *         return false;
 *     bool ok = sim_host_query(host, now_ms, ...);
 *     return shared_host_leave(shared, ok, err);
 *
 * Two shared hosts of one file see each other's changes as two processes do. */
#pragma once

#include "base/cancel.h"
#include "base/error.h"
#include "cim/host_files.h"
#include "sim/store/host.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct SharedHost SharedHost;

/* file: NULL or "": in memory. "variant" names what a missing file (or the one in memory) is filled with; NULL or "":
 * windows11. An existing file keeps what it has. For shared_host_release(). */
MUST_CHECK bool shared_host_open(const char *file, const char *variant, int64_t now_ms, const Cancel *cancel,
                                 SharedHost **ret_shared, Error *err);

/* One more user of it, from any thread; each releases it. The last one closes it. NULL is fine. */
SharedHost *shared_host_keep(SharedHost *shared);
void shared_host_release(SharedHost *shared);

/* "": in memory. */
const char *shared_host_file(const SharedHost *shared);

/* The path by which it was used first, as its lock file tells: through another path to the same lock file (a folder
 * that is mounted twice) it is the same host. A copy has a lock file of its own: it is another one. "": in memory. */
const char *shared_host_identity(const SharedHost *shared);

/* What one is going to do. A reader is let in although the file, or its lock, may not be written: it sees jobs end, and
 * they end again, in the same way, for the next one. */
typedef enum SharedHostUse {
    SHARED_HOST_READ,
    SHARED_HOST_CHANGE,
} SharedHostUse;

/* Waits for the others, until it is cancelled (NULL: never). On success the host is this thread's until it leaves. */
MUST_CHECK bool shared_host_enter(SharedHost *shared, SharedHostUse use, int64_t now_ms, const Cancel *cancel,
                                  SimHost **ret_host, Error *err);

/* ok: what was asked of the host has succeeded. False if it has not (err stays), or if it could not be written:
 * ERR_UNKNOWN_OUTCOME if it may have been all the same. */
MUST_CHECK bool shared_host_leave(SharedHost *shared, bool ok, Error *err);

/* The files of the host of that state file, for host_files_close(). A file that is not there: the sample's. */
MUST_CHECK bool shared_host_open_files(const char *file, HostFiles **ret_files, Error *err);
