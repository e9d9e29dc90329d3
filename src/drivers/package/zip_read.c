/* SPDX-License-Identifier: MIT */
/* libzip finds and hands out the packed bytes, libdeflate unpacks them in one go: several times as fast as libzip's
 * own way, which only files too large for memory go. The zip is read through platform/files.h, for the sake of names
 * and paths that only that can open. */
#include "drivers/package/zip_read.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/limits.h"
#include "drivers/package/zip_library.h"
#include "drivers/package/zip_names.h"
#include "platform/files.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

struct ZipReader {
    const char *path; /* borrowed from the handle below */
    zip_t *zip;
    struct libdeflate_decompressor *inflater;
    void *packed, *data; /* grown to the largest file so far */
    size_t packed_capacity, data_capacity;
};

/* ---- the zip's bytes ---- */

typedef struct Bytes {
    FileStream *file;
    uint64_t size, position;
    zip_error_t error;
} Bytes;

static zip_int64_t read_bytes(Bytes *bytes, void *data, zip_uint64_t length)
{
    Error err = { .code = ERR_NONE };
    size_t count;
    if (!file_read_at(bytes->file, bytes->position, data, (size_t) length, &count, &err)) {
        libzip.zip_error_set(&bytes->error, ZIP_ER_READ, (int) err.native);
        return -1;
    }
    bytes->position += count;
    return (zip_int64_t) count;
}

static zip_int64_t seek_bytes(Bytes *bytes, void *data, zip_uint64_t length)
{
    zip_int64_t position =
        libzip.zip_source_seek_compute_offset(bytes->position, bytes->size, data, length, &bytes->error);
    if (position < 0)
        return -1;
    bytes->position = (uint64_t) position;
    return 0;
}

static zip_int64_t serve_bytes(void *context, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    Bytes *bytes = context;
    if (command == ZIP_SOURCE_OPEN) {
        bytes->position = 0;
        return 0;
    }
    if (command == ZIP_SOURCE_READ)
        return read_bytes(bytes, data, length);
    if (command == ZIP_SOURCE_SEEK)
        return seek_bytes(bytes, data, length);
    if (command == ZIP_SOURCE_TELL)
        return (zip_int64_t) bytes->position;
    if (command == ZIP_SOURCE_CLOSE)
        return 0;
    if (command == ZIP_SOURCE_STAT) {
        zip_stat_t *stat = data;
        libzip.zip_stat_init(stat);
        stat->valid = ZIP_STAT_SIZE;
        stat->size = bytes->size;
        return sizeof(*stat);
    }
    if (command == ZIP_SOURCE_ERROR)
        return libzip.zip_error_to_data(&bytes->error, data, length);
    if (command == ZIP_SOURCE_SUPPORTS)
        return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    if (command == ZIP_SOURCE_FREE) {
        file_close(bytes->file);
        libzip.zip_error_fini(&bytes->error);
        free(bytes);
        return 0;
    }
    libzip.zip_error_set(&bytes->error, ZIP_ER_OPNOTSUPP, 0);
    return -1;
}

static bool fail_zip(Error *err, const char *path, zip_error_t *cause)
{
    ErrorCode code = libzip.zip_error_code_zip(cause) == ZIP_ER_READ ? ERR_IO : ERR_INVALID;
    (void) error_set(err, code, "'%s' cannot be read as a zip: %s", path, libzip.zip_error_strerror(cause));
    if (code == ERR_INVALID)
        (void) package_hint_damaged(err);
    return false;
}

static bool open_zip(const char *path, zip_t **ret_zip, uint64_t *ret_size, Error *err)
{
    FileStatus status;
    FileStream *file;
    if (!zip_library_load(err) || !file_status(path, &status, err) || !file_open(path, &file, err))
        return false;
    Bytes *bytes = alloc_zeroed(sizeof(*bytes));
    *bytes = (Bytes){ .file = file, .size = status.size };
    libzip.zip_error_init(&bytes->error);
    zip_error_t error;
    libzip.zip_error_init(&error);
    zip_source_t *source = libzip.zip_source_function_create(serve_bytes, bytes, &error);
    if (source == NULL) {
        (void) serve_bytes(bytes, NULL, 0, ZIP_SOURCE_FREE);
    } else {
        *ret_zip = libzip.zip_open_from_source(source, ZIP_RDONLY, &error);
        if (*ret_zip != NULL) {
            libzip.zip_error_fini(&error);
            *ret_size = status.size;
            return true;
        }
        libzip.zip_source_free(source);
    }
    (void) fail_zip(err, path, &error);
    libzip.zip_error_fini(&error);
    return false;
}

/* ---- what is in it ---- */

/* A link of a Unix (external attributes: mode in the upper half) or a reparse point of Windows. */
static bool is_link(zip_t *zip, zip_uint64_t index)
{
    enum { UNIX_FORMAT = 0170000, UNIX_FILE = 0100000, UNIX_FOLDER = 0040000, REPARSE_POINT = 0x400 };
    zip_uint8_t system;
    zip_uint32_t attributes;
    if (libzip.zip_file_get_external_attributes(zip, index, 0, &system, &attributes) != 0)
        return false;
    zip_uint32_t format = attributes >> 16 & UNIX_FORMAT;
    bool is_special = system == ZIP_OPSYS_UNIX && format != 0 && format != UNIX_FILE && format != UNIX_FOLDER;
    return is_special || (system != ZIP_OPSYS_UNIX && (attributes & REPARSE_POINT) != 0);
}

/* What makes a file of a zip unacceptable, or NULL. Deflate packs no more than 1032 bytes into one, and wastes few. */
static const char *entry_problem(zip_t *zip, zip_uint64_t index, const zip_stat_t *stat)
{
    enum { BEST_RATIO = 1032, SLACK = 1024 };
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC;
    if ((stat->valid & needed) != needed)
        return "is not described fully";
    if ((stat->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat->encryption_method != ZIP_EM_NONE)
        return "is encrypted";
    if (is_link(zip, index))
        return "is a link or a device";
    if (stat->comp_method == ZIP_CM_STORE)
        return stat->size == stat->comp_size ? NULL : "has a size that cannot be";
    if (stat->comp_method != ZIP_CM_DEFLATE)
        return "is packed in a way that is not supported (stored and deflated are)";
    if (stat->size / BEST_RATIO > stat->comp_size || stat->comp_size > SLACK + stat->size + stat->size / 8)
        return "has a size that cannot be";
    return NULL;
}

/* As it is in the zip: read as an old code page, control characters become pictures. */
static bool has_control_characters(zip_t *zip, zip_uint64_t index)
{
    const char *raw = libzip.zip_get_name(zip, index, ZIP_FL_ENC_RAW);
    for (; raw != NULL && *raw != '\0'; raw++) {
        if ((unsigned char) *raw < 0x20)
            return true;
    }
    return false;
}

static bool list_entry(zip_t *zip, zip_uint64_t index, uint64_t *left, ZipAdd *add, void *context, Error *err)
{
    zip_stat_t stat;
    libzip.zip_stat_init(&stat);
    const char *name = libzip.zip_get_name(zip, index, ZIP_FL_ENC_GUESS);
    if (name == NULL || libzip.zip_stat_index(zip, index, 0, &stat) != 0)
        return error_set(err, ERR_INVALID, "entry %" PRIu64 " of the zip cannot be read", index);
    if (has_control_characters(zip, index))
        return error_set(err, ERR_INVALID, "the name '%s' in the package has control characters", name);
    size_t length = strlen(name);
    if (length > 0 && (name[length - 1] == '/' || name[length - 1] == '\\'))
        return layout_check_folder(name, err);
    const char *problem = entry_problem(zip, index, &stat);
    /* Files that share their packed bytes are how a small zip unpacks to petabytes. */
    if (problem == NULL && stat.comp_size > *left)
        problem = "overlaps other files of the zip";
    if (problem != NULL)
        return error_set(err, ERR_INVALID, "'%s' in the package %s", name, problem);
    *left -= stat.comp_size;
    PackageEntry entry = { .size = stat.size, .index = (size_t) index };
    entry.modified_s = (stat.valid & ZIP_STAT_MTIME) != 0 && stat.mtime > 0 ? (int64_t) stat.mtime : 0;
    return add(context, name, &entry, err);
}

/* Who reads the zip another way than libzip does must find the same in it. */
static bool compare_name(void *context, uint64_t index, const char *name, size_t length, Error *err)
{
    const char *found = libzip.zip_get_name(context, index, ZIP_FL_ENC_RAW);
    if (found != NULL && strlen(found) == length && memcmp(found, name, length) == 0)
        return true;
    return error_set(err, ERR_INVALID, "the zip can be read in more than one way");
}

static bool check_names(const char *path, zip_t *zip, uint64_t size, Error *err)
{
    FileStream *file;
    if (!file_open(path, &file, err))
        return false;
    bool ok = zip_each_name(file, size, compare_name, zip, err);
    file_close(file);
    return ok;
}

bool zip_list(const char *path, ZipAdd *add, void *context, Error *err)
{
    zip_t *zip;
    uint64_t left;
    if (!open_zip(path, &zip, &left, err))
        return false;
    zip_int64_t count = libzip.zip_get_num_entries(zip, 0);
    bool ok = count <= LIMIT_PACKAGE_FILES ||
              error_set(err, ERR_INVALID, "the zip has %" PRId64 " entries; no driver has so many", count);
    ok = ok && (count == 0 || check_names(path, zip, left, err));
    for (zip_int64_t i = 0; ok && i < count; i++)
        ok = list_entry(zip, (zip_uint64_t) i, &left, add, context, err);
    libzip.zip_discard(zip);
    return ok;
}

/* ---- data ---- */

bool zip_reader_open(const char *path, ZipReader **ret_reader, Error *err)
{
    zip_t *zip;
    uint64_t size;
    if (!open_zip(path, &zip, &size, err))
        return false;
    ZipReader *reader = alloc_zeroed(sizeof(*reader));
    *reader = (ZipReader){ .path = path, .zip = zip, .inflater = libdeflate_alloc_decompressor() };
    CHECK(reader->inflater != NULL); /* out of memory */
    *ret_reader = reader;
    return true;
}

void zip_reader_close(ZipReader *reader)
{
    if (reader == NULL)
        return;
    libzip.zip_discard(reader->zip);
    libdeflate_free_decompressor(reader->inflater);
    free(reader->packed);
    free(reader->data);
    free(reader);
}

static void *make_room(void *memory, size_t *capacity, size_t size)
{
    if (size <= *capacity)
        return memory;
    *capacity = size;
    free(memory); /* what is in it is not needed any more */
    return alloc_resize(NULL, size);
}

static bool fail_damaged(const PackageEntry *entry, Error *err)
{
    (void) error_set(err, ERR_INVALID, "'%s' in the package is damaged", entry->path);
    return package_hint_damaged(err);
}

/* The bytes as they are in the zip. */
static bool read_packed(ZipReader *reader, const PackageEntry *entry, void *buffer, size_t size, Error *err)
{
    zip_file_t *file = libzip.zip_fopen_index(reader->zip, entry->index, ZIP_FL_COMPRESSED);
    if (file == NULL)
        return fail_zip(err, reader->path, libzip.zip_get_error(reader->zip));
    zip_int64_t count = libzip.zip_fread(file, buffer, size);
    (void) libzip.zip_fclose(file); /* only read */
    return count == (zip_int64_t) size || fail_damaged(entry, err);
}

static bool read_whole(ZipReader *reader, const PackageEntry *entry, const zip_stat_t *stat, PackageTake *take,
                       void *context, Error *err)
{
    size_t size = (size_t) stat->size, packed_size = (size_t) stat->comp_size;
    reader->data = make_room(reader->data, &reader->data_capacity, size + 1);
    if (stat->comp_method == ZIP_CM_STORE) {
        if (!read_packed(reader, entry, reader->data, size, err))
            return false;
    } else {
        reader->packed = make_room(reader->packed, &reader->packed_capacity, packed_size + 1);
        if (!read_packed(reader, entry, reader->packed, packed_size, err))
            return false;
        /* Without a place for the actual size, exactly this one is asked for. */
        if (libdeflate_deflate_decompress(reader->inflater, reader->packed, packed_size, reader->data, size, NULL) !=
            LIBDEFLATE_SUCCESS)
            return fail_damaged(entry, err);
    }
    if (libdeflate_crc32(0, reader->data, size) != stat->crc)
        return fail_damaged(entry, err);
    return take(context, reader->data, size, err);
}

/* libzip checks the CRC at the end. */
static bool read_stream(ZipReader *reader, const PackageEntry *entry, PackageTake *take, void *context, Error *err)
{
    enum { PIECE = 1024 * 1024 };
    zip_file_t *file = libzip.zip_fopen_index(reader->zip, entry->index, 0);
    if (file == NULL)
        return fail_zip(err, reader->path, libzip.zip_get_error(reader->zip));
    reader->data = make_room(reader->data, &reader->data_capacity, PIECE);
    uint64_t done = 0;
    bool ok = true;
    for (zip_int64_t count; ok && (count = libzip.zip_fread(file, reader->data, PIECE)) != 0;) {
        if (count < 0 || (uint64_t) count > entry->size - done)
            ok = fail_damaged(entry, err);
        else
            ok = take(context, reader->data, (size_t) count, err);
        done += count > 0 ? (uint64_t) count : 0;
    }
    (void) libzip.zip_fclose(file); /* only read */
    return ok && (done == entry->size || fail_damaged(entry, err));
}

bool zip_reader_read(ZipReader *reader, const PackageEntry *entry, PackageTake *take, void *context, Error *err)
{
    zip_stat_t stat;
    libzip.zip_stat_init(&stat);
    /* The zip was opened anew since it was listed. */
    if (libzip.zip_stat_index(reader->zip, entry->index, 0, &stat) != 0 || stat.size != entry->size ||
        entry_problem(reader->zip, entry->index, &stat) != NULL)
        return error_set(err, ERR_STATE, "the package '%s' was changed while it was read", reader->path);
    return stat.size <= PACKAGE_WHOLE ? read_whole(reader, entry, &stat, take, context, err)
                                      : read_stream(reader, entry, take, context, err);
}
