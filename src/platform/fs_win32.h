/* SPDX-License-Identifier: MIT */
/* What fs_win32.c and files_win32.c share. */
#pragma once

#include "platform/fs.h"
#include "platform/win32.h"

/* The step may be taken; if not, GetLastError() says why. */
bool fs_may(FsStep step, const char *path);

/* Waits, if the call before failed for a reason that may be gone soon. "also_denied": so may a missing right, since a
 * file that is about to vanish, or is open without leave to delete it, answers like that, too. */
bool fs_try_again(unsigned tries, bool also_denied);

/* The long form of a path, absolute, with "." and ".." taken out. Names of devices stay what they are. */
wchar_t *fs_native_path(Arena *arena, const char *path);
