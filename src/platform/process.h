/* SPDX-License-Identifier: MIT */
/* The program itself: where it is, what it runs in, whether it was asked to stop. */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* The folder of the running program (links resolved). */
MUST_CHECK bool process_program_folder(Arena *arena, const char **ret_folder, Error *err);

/* The environment variable, or NULL if it is missing or empty. */
const char *process_environment(const char *name, Arena *arena);

uint64_t process_id(void);

/* This computer's name, for messages; "this computer" if it cannot be told. */
const char *process_computer_name(Arena *arena);

/* The folder of journals and locks: local_host false gives the user's own
 * ($XDG_STATE_HOME/hyperpoint, else $HOME/.local/state/hyperpoint; Windows %LOCALAPPDATA%\HyperPoint); true the
 * machine's (Windows %ProgramData%\HyperPoint; elsewhere the same as the user's). Only that last one is made here, with
 * access for administrators and Hyper-V administrators alone, if the process has their rights; and it is refused with
 * ERR_DENIED where it is a link or belongs to another user. */
MUST_CHECK bool process_state_folder(bool local_host, Arena *arena, const char **ret_folder, Error *err);

/* Folders of this Windows: %ProgramData%, %ProgramFiles%. ERR_UNSUPPORTED elsewhere. */
typedef enum SystemFolder {
    SYSTEM_FOLDER_DATA,
    SYSTEM_FOLDER_PROGRAMS,
} SystemFolder;
MUST_CHECK bool process_system_folder(SystemFolder which, Arena *arena, const char **ret_folder, Error *err);

/* Makes a folder that is its owner's alone, on Windows that of the system and the administrators. What is there already
 * is refused with ERR_DENIED, on Windows, where it is a link or belongs to another user. */
MUST_CHECK bool process_claim_folder(const char *folder, Error *err);

/* From here on libraries that this process loads are looked for in System32 alone. Elsewhere nothing changes. */
void process_trust_system_libraries(void);

/* The drive that this computer's Windows is on: "C:\\". ERR_UNSUPPORTED on other systems, and if it is not in the
 * folder Windows there. */
MUST_CHECK bool process_windows_drive(Arena *arena, const char **ret_drive, Error *err);

/* The same, if this computer is a Hyper-V guest. ERR_STATE on one that is none. */
MUST_CHECK bool process_guest_drive(Arena *arena, const char **ret_drive, Error *err);

/* The process has an administrator's rights now: on Windows it runs elevated, elsewhere as root. */
bool process_is_administrator(void);

/* From here on this process may rename files whatever their access lists say, if its user may restore files (on Windows
 * administrators may): some of Windows' own belong to nobody who installs. Without that right nothing changes. */
void process_use_restore_right(void);

/* Standard streams that whoever started the program has closed become ones on which every use fails: otherwise the
 * next file that is opened would take the place of one, and get the result. For the start of main(). */
void process_fill_standard_streams(void);

/* What Ctrl-C, SIGTERM and SIGHUP ask to stop, once this has been called (again and again, if you like). Ctrl-C is one
 * request, the others, and the closing of a window, are two: there is no time left for patience. The only one of the
 * process; whoever works in it hands it down, or one whose parent it is. */
Cancel *process_cancel_on_interrupt(void);
