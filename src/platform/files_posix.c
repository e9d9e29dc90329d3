/* SPDX-License-Identifier: MIT */
/* Trees of files on POSIX systems. POSIX.1-2008; syncfs() and sync_file_range() are Linux' own. */
#define _GNU_SOURCE /* syncfs, sync_file_range */

#include "platform/files_posix.h"

#include "platform/file_stream.h"
#include "platform/fs_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

FsPlace fs_place_of(const char *path)
{
    return (FsPlace){ AT_FDCWD, path, path };
}

static FileKind kind_of(mode_t mode)
{
    return S_ISREG(mode) ? FILE_PLAIN : S_ISDIR(mode) ? FILE_FOLDER : S_ISLNK(mode) ? FILE_LINK : FILE_OTHER;
}

bool file_status_at(const FsPlace *place, FileStatus *ret_status, Error *err)
{
    struct stat status;
    if (fstatat(place->folder, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return error_set_errno(err, errno, "cannot look at '%s'", place->path);
        *ret_status = (FileStatus){ .kind = FILE_NONE };
        return true;
    }
    *ret_status = (FileStatus){ .kind = kind_of(status.st_mode),
                                .size = (uint64_t) status.st_size,
                                .modified_s = status.st_mtime,
                                .stamp = fs_stamp_of(&status) };
    return true;
}

/* Of the same name, in the folder or in one of those in it: that is how Windows' component store has its files. */
bool file_is_linked_below(const char *path, const char *folder)
{
    struct stat status, other;
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    Error ignored = { .code = ERR_NONE };
    const char *name = strrchr(path, '/');
    bool found = false;
    if (name != NULL && lstat(path, &status) == 0 && status.st_nlink > 1)
        (void) !fs_list_folder(folder, &arena, &names, &ignored);
    for (size_t i = 0; !found && i < names.count; i++) {
        ArenaMark mark = arena_mark(&arena);
        found = lstat(arena_printf(&arena, "%s/%s%s", folder, names.items[i], name), &other) == 0 &&
                other.st_dev == status.st_dev && other.st_ino == status.st_ino;
        arena_reset(&arena, mark);
    }
    arena_release(&arena);
    return found;
}

static int descriptor(const FileStream *stream)
{
    return (int) stream->native;
}

bool file_open_at(const FsPlace *place, FileStream **ret_stream, Error *err)
{
    int fd;
    if (!fs_open_plain_at(place, O_RDONLY | O_NOFOLLOW, 0, &fd, err))
        return false;
    *ret_stream = file_stream_create(fd, place->path);
    return true;
}

bool file_create_at(const FsPlace *place, FileStream **ret_stream, Error *err)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    int fd = fs_may(FS_STEP_OPEN, place->path) ? fs_open_at(place, flags, 0666) : -1;
    if (fd < 0)
        return errno == EEXIST ? error_set(err, ERR_STATE, "'%s' is there already", place->path)
                               : error_set_errno(err, errno, "cannot make '%s'", place->path);
    *ret_stream = file_stream_create(fd, place->path);
    return true;
}

bool file_read_at(const FileStream *stream, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = pread(descriptor(stream), (char *) buffer + done, size - done, (off_t) (offset + done));
        if (count < 0 && errno != EINTR)
            return error_set_errno(err, errno, "cannot read '%s'", stream->path);
        if (count == 0)
            break;
        done += count > 0 ? (size_t) count : 0;
    }
    *ret_count = done;
    return true;
}

bool file_write_at(FileStream *stream, uint64_t offset, const void *data, size_t size, Error *err)
{
    return (fs_may(FS_STEP_WRITE, stream->path) && fs_write_at(descriptor(stream), data, size, (off_t) offset)) ||
           error_set_errno(err, errno, "cannot write '%s'", stream->path);
}

bool file_flush(FileStream *stream, Error *err)
{
    return (fs_may(FS_STEP_FLUSH, stream->path) && fs_flush(descriptor(stream))) ||
           error_set_errno(err, errno, "cannot flush '%s'", stream->path);
}

bool file_finish_unflushed(FileStream *stream, int64_t modified_s, Error *err)
{
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = (time_t) modified_s } };
    bool ok = modified_s == 0 || futimens(descriptor(stream), times) == 0;
    int cause = errno;
    if (close(descriptor(stream)) != 0 && ok) {
        ok = false;
        cause = errno;
    }
    if (!ok)
        (void) error_set_errno(err, cause, "cannot write '%s'", stream->path);
    file_stream_destroy(stream);
    return ok;
}

bool file_finish(FileStream *stream, int64_t modified_s, Error *err)
{
#ifdef SYNC_FILE_RANGE_WRITE
    /* The disk is busy while the next files are made, and file_flush_all() has less to wait for. A hint: may fail. */
    (void) sync_file_range(descriptor(stream), 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    return file_finish_unflushed(stream, modified_s, err);
}

void file_close(FileStream *stream)
{
    if (stream == NULL)
        return;
    (void) close(descriptor(stream)); /* only read, or worth nothing */
    file_stream_destroy(stream);
}

bool file_make_folder_at(const FsPlace *place, Error *err)
{
    return (fs_may(FS_STEP_MAKE_FOLDER, place->path) && mkdirat(place->folder, place->name, 0777) == 0) ||
           error_set_errno(err, errno, "cannot make folder '%s'", place->path);
}

/* Errno EEXIST where something is of that name. File systems without the flag have the look before alone. */
static bool rename_to_nothing(const FsPlace *from, const FsPlace *to)
{
    struct stat status;
    if (fstatat(to->folder, to->name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
#ifdef RENAME_NOREPLACE
    if (renameat2(from->folder, from->name, to->folder, to->name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
#endif
    return renameat(from->folder, from->name, to->folder, to->name) == 0;
}

bool file_move_at(const FsPlace *from, const FsPlace *to, Error *err)
{
    if (fs_may(FS_STEP_RENAME, from->path) && rename_to_nothing(from, to))
        return true;
    return errno == EEXIST ? error_set(err, ERR_STATE, "cannot move '%s': '%s' is there already", from->path, to->path)
                           : error_set_errno(err, errno, "cannot move '%s' to '%s'", from->path, to->path);
}

bool file_flush_opened(int folder, const char *path, Error *err)
{
    bool ok = fs_may(FS_STEP_FLUSH, path);
#ifdef __linux__
    ok = ok && syncfs(folder) == 0;
#else
    (void) folder;
    sync();
#endif
    return ok || error_set_errno(err, errno, "cannot flush the disk of '%s'", path);
}

static bool open_folder(const char *path, int *ret_folder, Error *err)
{
    int folder = fs_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0)
        return error_set_errno(err, errno, "cannot open folder '%s'", path);
    *ret_folder = folder;
    return true;
}

bool file_flush_all(const char *folder, Error *err)
{
    int fd = -1;
    if (!open_folder(folder, &fd, err))
        return false;
    bool ok = file_flush_opened(fd, folder, err);
    (void) close(fd); /* only read */
    return ok;
}

bool file_free_space_opened(int folder, const char *path, uint64_t *ret_bytes, Error *err)
{
    struct statvfs space;
    if (fstatvfs(folder, &space) != 0)
        return error_set_errno(err, errno, "cannot tell the free space of '%s'", path);
    *ret_bytes = (uint64_t) space.f_bavail * space.f_frsize;
    return true;
}

bool file_free_space(const char *folder, uint64_t *ret_bytes, Error *err)
{
    int fd = -1;
    if (!open_folder(folder, &fd, err))
        return false;
    bool ok = file_free_space_opened(fd, folder, ret_bytes, err);
    (void) close(fd); /* only read */
    return ok;
}

bool file_remove_folder_at(const FsPlace *place, Error *err)
{
    if (fs_may(FS_STEP_REMOVE, place->path) && unlinkat(place->folder, place->name, AT_REMOVEDIR) == 0)
        return true;
    if (errno == ENOENT)
        return true;
    if (errno == ENOTEMPTY || errno == EEXIST)
        return error_set(err, ERR_STATE, "folder '%s' is not empty", place->path);
    return error_set_errno(err, errno, "cannot remove folder '%s'", place->path);
}

bool file_remove_at(const FsPlace *place, Error *err)
{
    return (fs_may(FS_STEP_REMOVE, place->path) && unlinkat(place->folder, place->name, 0) == 0) || errno == ENOENT ||
           error_set_errno(err, errno, "cannot remove '%s'", place->path);
}
