/* SPDX-License-Identifier: MIT */
/* How files are opened on POSIX systems: only what is a file, and without waiting. POSIX.1-2008. */
#include "platform/fs_posix.h"

#include "platform/fs_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool fs_may(FsStep step, const char *path)
{
    int fault = fs_fault_point(step, path);
    if (fault != 0)
        errno = fault;
    return fault == 0;
}

int fs_open_at(const FsPlace *place, int flags, mode_t mode)
{
    int fd;
    do
        fd = openat(place->folder, place->name, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

int fs_open(const char *path, int flags, mode_t mode)
{
    return fs_open_at(&(FsPlace){ AT_FDCWD, path, path }, flags, mode);
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISLNK(mode)  ? "a link"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* O_NONBLOCK: what has become a pipe since it was looked at keeps nobody waiting. It also turns the wait for another
 * program's lease (fcntl(2); Samba takes them) into EWOULDBLOCK, until the system ends the lease. */
static int open_at_once(const FsPlace *place, int flags, mode_t mode)
{
    enum { PAUSE_MS = 10 };
    for (;;) {
        int fd = fs_open_at(place, flags | O_NONBLOCK | O_NOCTTY, mode);
        if (fd >= 0 || errno != EWOULDBLOCK)
            return fd;
        (void) nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000 }, NULL); /* shorter is fine */
    }
}

bool fs_check_plain(const char *path, mode_t mode, Error *err)
{
    return S_ISREG(mode) || fs_refuse_kind(path, kind_of(mode), err);
}

bool fs_check_file(const char *path, Error *err)
{
    struct stat status;
    return stat(path, &status) != 0 || fs_check_plain(path, status.st_mode, err);
}

bool fs_open_plain_at(const FsPlace *place, int flags, mode_t mode, int *ret_fd, Error *err)
{
    /* Looked at before it is opened, because that alone does something to some devices (tapes, watchdogs), and after,
     * because it may have been exchanged. */
    struct stat status;
    int look = (flags & O_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0;
    const char *path = place->path;
    if (fstatat(place->folder, place->name, &status, look) == 0 && !fs_check_plain(path, status.st_mode, err))
        return false;
    bool may = (flags & O_CREAT) == 0 || fs_may(FS_STEP_OPEN, path);
    int fd = may ? open_at_once(place, flags, mode) : -1;
    if (fd < 0 || fstat(fd, &status) != 0)
        (void) error_set_errno(err, errno, "cannot open '%s'", path);
    else if (fs_check_plain(path, status.st_mode, err)) {
        *ret_fd = fd;
        return true;
    }
    if (fd >= 0)
        (void) close(fd); /* nothing was done to it */
    return false;
}

bool fs_open_plain(const char *path, int flags, mode_t mode, int *ret_fd, Error *err)
{
    return fs_open_plain_at(&(FsPlace){ AT_FDCWD, path, path }, flags, mode, ret_fd, err);
}
