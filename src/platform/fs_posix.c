/* SPDX-License-Identifier: MIT */
/* Files on POSIX systems (Linux, macOS). What survives a power cut is what was flushed: file contents before the
 * rename that makes them visible, and the folder after it. Every step that changes the disk asks fs_fault_point().
 * POSIX.1-2008; flock() is from 4.2BSD. */
#define _XOPEN_SOURCE 700 /* realpath in glibc */
#define _DARWIN_C_SOURCE  /* flock and F_FULLFSYNC on macOS */

#include "platform/fs_posix.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/fs_kind.h"
#include "platform/process.h"
#include "platform/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__ /* has its own names for these two */
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

struct FsLock {
    int fd;
    char *path;
};

static mode_t file_mode(FsPrivacy privacy)
{
    return privacy == FS_PRIVATE ? 0600 : 0666;
}

bool fs_write_at(int fd, const char *data, size_t size, off_t offset)
{
    while (size > 0) {
        ssize_t written = pwrite(fd, data, size, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t) written;
        offset += written;
    }
    return true;
}

bool fs_flush(int fd)
{
#ifdef F_FULLFSYNC /* macOS: fsync() leaves the data in the drive's cache */
    if (fcntl(fd, F_FULLFSYNC) == 0)
        return true;
#endif
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Folder of a path: everything before the last separator. */
static char *folder_of(Arena *arena, const char *path)
{
    const char *separator = strrchr(path, '/');
    if (separator == NULL)
        return arena_strdup(arena, ".");
    return arena_strndup(arena, path, separator == path ? 1 : (size_t) (separator - path));
}

const char *fs_join(Arena *arena, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *separator = length > 0 && folder[length - 1] != '/' ? "/" : "";
    return arena_printf(arena, "%s%s%s", folder, separator, name);
}

static bool flush_folder_of(const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    const char *folder = folder_of(&arena, path);
    int fd = fs_may(FS_STEP_FLUSH, folder) ? fs_open(folder, O_RDONLY | O_DIRECTORY, 0) : -1;
    /* EINVAL: a file system that cannot flush folders; there is nothing better to do on it. */
    bool ok = fd >= 0 && (fs_flush(fd) || errno == EINVAL);
    if (!ok)
        error_set_errno(err, errno, "cannot flush folder '%s'", folder);
    if (fd >= 0)
        (void) close(fd); /* only read */
    arena_release(&arena);
    return ok;
}

static bool read_all(int fd, const char *path, size_t expected, size_t limit, Arena *arena, char **ret_data,
                     size_t *ret_size, Error *err)
{
    /* One byte more than expected shows the end, one more than allowed shows that there is too much. */
    size_t capacity = (expected < limit ? expected : limit) + 1;
    size_t size = 0;
    char *data = arena_alloc(arena, capacity + 1);
    for (;;) {
        if (size > limit)
            return error_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", path, limit);
        if (size == capacity) {
            capacity = capacity <= limit / 2 ? capacity * 2 : limit + 1;
            char *larger = arena_alloc(arena, capacity + 1);
            memcpy(larger, data, size);
            data = larger;
        }
        ssize_t count = read(fd, data + size, capacity - size);
        if (count < 0 && errno != EINTR)
            return error_set_errno(err, errno, "cannot read '%s'", path);
        if (count == 0)
            break;
        if (count > 0)
            size += (size_t) count;
    }
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return true;
}

bool fs_read_file(const char *path, size_t limit, Arena *arena, char **ret_data, size_t *ret_size, Error *err)
{
    CHECK(limit < SIZE_MAX - 1);
    int fd;
    struct stat status;
    if (!fs_open_plain(path, O_RDONLY, 0, &fd, err))
        return false;
    size_t expected = fstat(fd, &status) == 0 && status.st_size > 0 ? (size_t) status.st_size : 0;
    bool ok = read_all(fd, path, expected, limit, arena, ret_data, ret_size, err);
    (void) close(fd); /* only read */
    return ok;
}

/* Makes the new file beside the one it will replace. On failure there is none, and errno is set. */
static bool write_new_file(const char *path, const void *data, size_t size, mode_t mode, bool keep_mode)
{
    int fd = fs_may(FS_STEP_OPEN, path) ? fs_open(path, O_WRONLY | O_CREAT | O_EXCL, mode) : -1;
    if (fd < 0)
        return false;
    bool ok = (!keep_mode || fchmod(fd, mode) == 0) && fs_may(FS_STEP_WRITE, path) && fs_write_at(fd, data, size, 0) &&
              fs_may(FS_STEP_FLUSH, path) && fs_flush(fd);
    int cause = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        cause = errno;
    }
    if (!ok)
        (void) unlink(path); /* the cause above is what matters */
    errno = cause;
    return ok;
}

bool fs_replace_file(const char *path, const void *data, size_t size, FsPrivacy privacy, Error *err)
{
    Arena arena = ARENA_INIT;
    char guid[GUID_TEXT_LENGTH + 1];
    random_guid(guid);
    const char *target = NULL;
    struct stat old;
    bool ok = fs_canonical_path(path, &arena, &target, err);
    bool exists = ok && stat(target, &old) == 0;
    if (exists)
        ok = fs_check_plain(path, old.st_mode, err);
    if (ok) {
        bool keep_mode = privacy == FS_SHARED && exists;
        mode_t mode = keep_mode ? old.st_mode & 07777 : file_mode(privacy);
        const char *new_path = arena_printf(&arena, "%s.%.8s.tmp", target, guid);
        ok = write_new_file(new_path, data, size, mode, keep_mode);
        if (ok && !(fs_may(FS_STEP_RENAME, target) && rename(new_path, target) == 0)) {
            ok = false;
            int cause = errno;
            (void) unlink(new_path); /* the cause above is what matters */
            errno = cause;
        }
        ok = ok ? flush_folder_of(target, err) : error_set_errno(err, errno, "cannot write '%s'", path);
    }
    arena_release(&arena);
    return ok;
}

bool fs_remove_file(const char *path, Error *err)
{
    if (fs_may(FS_STEP_REMOVE, path) && unlink(path) == 0)
        return flush_folder_of(path, err);
    return errno == ENOENT ? true : error_set_errno(err, errno, "cannot remove '%s'", path);
}

/* An existing folder is success; a file of that name is not. */
static bool make_folder(const char *path, mode_t mode, Error *err)
{
    struct stat status;
    if (stat(path, &status) == 0)
        return S_ISDIR(status.st_mode) ? true : error_set_errno(err, ENOTDIR, "cannot make folder '%s'", path);
    if (fs_may(FS_STEP_MAKE_FOLDER, path) && mkdir(path, mode) == 0)
        return flush_folder_of(path, err);
    return errno == EEXIST ? true : error_set_errno(err, errno, "cannot make folder '%s'", path);
}

bool fs_make_folders(const char *path, FsPrivacy privacy, Error *err)
{
    Arena arena = ARENA_INIT;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    char *prefix = arena_strndup(&arena, path, length);
    mode_t mode = privacy == FS_PRIVATE ? 0700 : 0777;
    bool ok = true;
    for (size_t i = 1; ok && i < length; i++) {
        if (prefix[i] != '/')
            continue;
        prefix[i] = '\0';
        ok = make_folder(prefix, mode, err);
        prefix[i] = '/';
    }
    ok = ok && make_folder(prefix, mode, err);
    arena_release(&arena);
    return ok;
}

bool fs_append_file(const char *path, const char *text, Error *err)
{
    int fd;
    if (!fs_open_plain(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, file_mode(FS_SHARED), &fd, err))
        return false;
    bool ok = fs_may(FS_STEP_WRITE, path);
    for (size_t left = strlen(text); ok && left > 0;) {
        ssize_t written = write(fd, text, left);
        ok = written >= 0 || errno == EINTR;
        if (written > 0) {
            text += written;
            left -= (size_t) written;
        }
    }
    if (!ok)
        error_set_errno(err, errno, "cannot write '%s'", path);
    if (close(fd) != 0 && ok)
        ok = error_set_errno(err, errno, "cannot write '%s'", path);
    return ok;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

bool fs_list_opened(int fd, const char *path, size_t limit, Arena *arena, StringList *ret_names, Error *err)
{
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        (void) error_set_errno(err, errno, "cannot read folder '%s'", path);
        (void) close(fd); /* only read */
        return false;
    }
    StringList names = { 0 };
    const struct dirent *entry;
    while (errno = 0, names.count <= limit && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ARRAY_PUSH(arena, &names, arena_strdup(arena, entry->d_name));
    }
    int cause = errno;
    (void) closedir(folder); /* only read */
    if (cause != 0)
        return error_set_errno(err, cause, "cannot read folder '%s'", path);
    if (names.count > limit)
        return fs_refuse_names(path, limit, err);
    if (names.count > 0)
        qsort(names.items, names.count, sizeof(names.items[0]), compare_names);
    *ret_names = names;
    return true;
}

bool fs_list_folder_upto(const char *path, size_t limit, Arena *arena, StringList *ret_names, Error *err)
{
    int fd = fs_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return error_set_errno(err, errno, "cannot read folder '%s'", path);
    return fs_list_opened(fd, path, limit, arena, ret_names, err);
}

/* realpath() into the arena; NULL and errno on failure. */
static char *resolve(const char *path, Arena *arena)
{
    char *resolved = realpath(path, NULL);
    if (resolved == NULL)
        return NULL;
    char *copy = arena_strdup(arena, resolved);
    free(resolved);
    return copy;
}

bool fs_canonical_path(const char *path, Arena *arena, const char **ret_path, Error *err)
{
    const char *found = resolve(path, arena);
    if (found != NULL) {
        *ret_path = found;
        return true;
    }
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    const char *missing = arena_strndup(arena, path, length);
    struct stat status;
    if (errno != ENOENT || length == 0)
        return error_set_errno(err, errno, "cannot resolve '%s'", path);
    /* What the link points to could come into being anywhere; better to say so than to replace the link. */
    if (lstat(missing, &status) == 0)
        return error_set(err, ERR_NOT_FOUND, "'%s' is a link to something that does not exist", path);
    const char *folder = resolve(folder_of(arena, missing), arena);
    if (folder == NULL)
        return error_set_errno(err, errno, "cannot resolve '%s'", path);
    const char *separator = strrchr(missing, '/');
    *ret_path = fs_join(arena, folder, separator != NULL ? separator + 1 : missing);
    return true;
}

static uint64_t nanoseconds(struct timespec time)
{
    return (uint64_t) time.tv_sec * 1000000000u + (uint64_t) time.tv_nsec;
}

FsStamp fs_stamp_of(const struct stat *status)
{
    return (FsStamp){ .device = (uint64_t) status->st_dev,
                      .inode = (uint64_t) status->st_ino,
                      .size = (uint64_t) status->st_size,
                      .modified_ns = nanoseconds(status->st_mtim),
                      .changed_ns = nanoseconds(status->st_ctim) };
}

FsStamp fs_stamp(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? fs_stamp_of(&status) : (FsStamp){ 0 };
}

bool fs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Asks again and again instead of sleeping inside flock(): a signal between a check and a sleep would be missed. */
static bool lock_file(int fd, const char *path, int kind, bool wait, const Cancel *cancel, Error *err)
{
    long pause_ms = 1;
    while (!fs_may(FS_STEP_LOCK, path) || flock(fd, kind | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return error_set_errno(err, errno, "cannot lock '%s'", path);
        if (!wait)
            return error_set(err, ERR_BUSY, "'%s' is locked by another process", path);
        if (cancel_is_requested(cancel))
            return error_set(err, ERR_CANCELLED, "interrupted while waiting for '%s'", path);
        (void) nanosleep(&(struct timespec){ .tv_nsec = pause_ms * 1000000 }, NULL); /* shorter is fine */
        pause_ms = pause_ms < 32 ? pause_ms * 2 : pause_ms;
    }
    return true;
}

/* Somebody may have removed or replaced the file between the opening and the locking. */
static bool is_same_file(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static bool open_lock(const char *path, FsPrivacy privacy, int kind, bool wait, const Cancel *cancel, FsLock **ret_lock,
                      Error *err)
{
    for (;;) {
        int fd;
        if (!fs_open_plain(path, O_RDWR | O_CREAT | O_NOFOLLOW, file_mode(privacy), &fd, err))
            return false;
        bool locked = lock_file(fd, path, kind, wait, cancel, err);
        if (locked && is_same_file(fd, path)) {
            FsLock *lock = alloc_zeroed(sizeof(*lock));
            *lock = (FsLock){ .fd = fd, .path = alloc_strdup(path) };
            *ret_lock = lock;
            return true;
        }
        (void) close(fd); /* nothing was written */
        if (!locked)
            return false;
    }
}

bool fs_lock(const char *path, FsPrivacy privacy, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, LOCK_EX, false, NULL, ret_lock, err);
}

bool fs_lock_wait(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, LOCK_EX, true, cancel, ret_lock, err);
}

bool fs_lock_shared(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, LOCK_SH, true, cancel, ret_lock, err);
}

bool fs_lock_write(FsLock *lock, const char *text, Error *err)
{
    size_t size = strlen(text);
    if (fs_may(FS_STEP_WRITE, lock->path) && fs_write_at(lock->fd, text, size, 0) &&
        ftruncate(lock->fd, (off_t) size) == 0)
        return true;
    return error_set_errno(err, errno, "cannot write lock file '%s'", lock->path);
}

void fs_unlock(FsLock *lock)
{
    if (lock == NULL)
        return;
    (void) flock(lock->fd, LOCK_UN); /* at once, even if a forked child still has the file open */
    (void) close(lock->fd);          /* its text is for information only */
    free(lock->path);
    free(lock);
}
