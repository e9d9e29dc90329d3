/* SPDX-License-Identifier: MIT */
/* The program's surroundings on POSIX systems. Folders of the user: XDG Base Directory Specification 0.8. */
#include "platform/process.h"

#include "base/check.h"
#include "platform/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<mach-o/dyld.h>)
#include <mach-o/dyld.h>

static bool program_path(char *path, size_t size)
{
    uint32_t length = (uint32_t) size;
    return _NSGetExecutablePath(path, &length) == 0;
}
#else
static bool program_path(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size);
    if (length < 0 || (size_t) length == size)
        return false;
    path[length] = '\0';
    return true;
}
#endif

bool process_program_folder(Arena *arena, const char **ret_folder, Error *err)
{
    char path[4096];
    const char *canonical;
    if (!program_path(path, sizeof(path)))
        return error_set_errno(err, errno, "cannot find the program's own folder");
    if (!fs_canonical_path(path, arena, &canonical, err))
        return false;
    const char *separator = strrchr(canonical, '/');
    CHECK(separator != NULL);
    size_t length = (size_t) (separator - canonical);
    *ret_folder = arena_strndup(arena, canonical, length > 0 ? length : 1);
    return true;
}

const char *process_environment(const char *name, Arena *arena)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? arena_strdup(arena, value) : NULL;
}

uint64_t process_id(void)
{
    return (uint64_t) getpid();
}

const char *process_computer_name(Arena *arena)
{
    char name[256] = "";
    if (gethostname(name, sizeof(name) - 1) != 0 || *name == '\0')
        return "this computer";
    return arena_strdup(arena, name);
}

bool process_state_folder(bool local_host, Arena *arena, const char **ret_folder, Error *err)
{
    (void) local_host; /* no local Hyper-V on this platform, so nothing that all users would share */
    const char *state = process_environment("XDG_STATE_HOME", arena);
    if (state != NULL && *state == '/') { /* the specification: a relative path is ignored */
        *ret_folder = fs_join(arena, state, "hyperpoint");
        return true;
    }
    const char *home = process_environment("HOME", arena);
    if (home == NULL) {
        const struct passwd *user = getpwuid(getuid());
        home = user != NULL ? user->pw_dir : NULL;
    }
    if (home == NULL || *home != '/') {
        error_set(err, ERR_NOT_FOUND, "cannot find a folder for journals: no home folder");
        return error_hint(err, "set the environment variable HOME or XDG_STATE_HOME to an absolute path");
    }
    *ret_folder = fs_join(arena, home, ".local/state/hyperpoint");
    return true;
}

void process_fill_standard_streams(void)
{
    /* The root folder: always there, and neither read nor written. The lowest free descriptor is taken. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            CHECK(open("/", O_RDONLY | O_DIRECTORY) == fd);
    }
}

static Cancel interrupted; /* a signal handler can be handed nothing */

static void on_signal(int number)
{
    cancel_request(&interrupted);
    if (number != SIGINT) /* whoever sends these does not wait for long: what is under way is put back at once */
        cancel_request(&interrupted);
}

Cancel *process_cancel_on_interrupt(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    /* SA_RESTART: what is under way goes on to its end; the flag is looked at between steps. */
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    struct sigaction old;
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        CHECK(sigaction(signals[i], NULL, &old) == 0);
        if (old.sa_handler != SIG_IGN) /* nohup, and the background jobs of a shell, stay as they are */
            CHECK(sigaction(signals[i], &action, NULL) == 0);
    }
    /* A reader that goes away must not kill the program in the middle of its work: writing fails with EPIPE. */
    action.sa_handler = SIG_IGN;
    CHECK(sigaction(SIGPIPE, &action, NULL) == 0);
    return &interrupted;
}

bool process_windows_drive(Arena *arena, const char **ret_drive, Error *err)
{
    (void) arena;
    (void) ret_drive;
    (void) error_set(err, ERR_UNSUPPORTED, "this is no Windows guest");
    return error_advise(err, ADVICE_NAME_ROOT, NULL);
}

bool process_guest_drive(Arena *arena, const char **ret_drive, Error *err)
{
    return process_windows_drive(arena, ret_drive, err);
}

bool process_is_administrator(void)
{
    return geteuid() == 0;
}

void process_use_restore_right(void)
{
    /* root may do everything as it is */
}

bool process_system_folder(SystemFolder which, Arena *arena, const char **ret_folder, Error *err)
{
    (void) which;
    (void) arena;
    (void) ret_folder;
    return error_set(err, ERR_UNSUPPORTED, "this system has no such folder");
}

bool process_claim_folder(const char *folder, Error *err)
{
    return fs_make_folders(folder, FS_PRIVATE, err);
}

void process_trust_system_libraries(void)
{
}
