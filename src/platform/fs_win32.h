/* SPDX-License-Identifier: MIT */
/* What fs_win32.c, fs_open_win32.c and files_win32.c share. */
#pragma once

#include "platform/fs.h"
#include "platform/native_path_win32.h"
#include "platform/win32.h"

/* The step may be taken; if not, GetLastError() says why. */
bool fs_may(FsStep step, const char *path);

/* Waits, if the call before failed for a reason that may be gone soon. "also_denied": so may a missing right, since a
 * file that is about to vanish, or is open without leave to delete it, answers like that, too. */
bool fs_try_again(unsigned tries, bool also_denied);

/* CreateFileW() of a native path, tried again as long as that may help. */
HANDLE fs_open_native(const wchar_t *native, DWORD access, DWORD sharing, DWORD disposition, DWORD flags);

/* "\\.\COM1", "\\?\pipe\x" and what Windows makes such a name of: "NUL", "CON". Not "\\?\C:\file". */
bool fs_is_device_name(const wchar_t *native);

/* Opens what is to be a plain file; anything else is refused without waiting, as fs.h says. What is in use for a moment
 * is tried again. Not through a link with no_follow. */
MUST_CHECK bool fs_open_plain(const char *path, DWORD access, DWORD sharing, DWORD disposition, bool no_follow,
                              HANDLE *ret_file, Error *err);
