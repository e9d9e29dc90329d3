/* SPDX-License-Identifier: MIT */
#include "drivers/package/zip_write.h"

#include "base/alloc.h"
#include "base/check.h"
#include "drivers/package/zip_library.h"
#include "platform/files.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

/* Level 5 is no larger than what zip -6 makes, and level 6 takes a fifth more time for half a percent. libzip's own,
 * for what is streamed: level 6 takes half as long again for one percent. */
enum { LEVEL = 5, STREAMED_LEVEL = 5, OUTPUT_BUFFER = 1024 * 1024, KEPT = 8 * 1024 * 1024 };

/* ---- deflating ---- */

struct ZipDeflater {
    struct libdeflate_compressor *compressor;
    void *buffer; /* of KEPT bytes: fresh memory for each file costs as much as deflating small ones */
};

ZipDeflater *zip_deflater_create(void)
{
    ZipDeflater *deflater = alloc_zeroed(sizeof(*deflater));
    deflater->compressor = libdeflate_alloc_compressor(LEVEL);
    CHECK(deflater->compressor != NULL);
    deflater->buffer = alloc_resize(NULL, KEPT);
    return deflater;
}

void zip_deflater_destroy(ZipDeflater *deflater)
{
    if (deflater == NULL)
        return;
    libdeflate_free_compressor(deflater->compressor);
    free(deflater->buffer);
    free(deflater);
}

void zip_deflate(ZipDeflater *deflater, const void *data, size_t size, ZipPiece *ret_piece)
{
    size_t bound = libdeflate_deflate_compress_bound(deflater->compressor, size);
    bool is_small = bound <= KEPT;
    void *packed = is_small ? deflater->buffer : alloc_resize(NULL, bound);
    size_t used = libdeflate_deflate_compress(deflater->compressor, data, size, packed, bound);
    CHECK(used > 0); /* it fits by definition */
    *ret_piece = (ZipPiece){ .data = alloc_resize(is_small ? NULL : packed, used),
                             .size = used,
                             .original_size = size,
                             .crc = libdeflate_crc32(0, data, size) };
    if (is_small)
        memcpy(ret_piece->data, packed, used);
}

/* ---- what goes in ---- */

typedef struct Writer {
    ZipFeed *feed;
    Error err; /* the first failure of ours; libzip only has numbers */
} Writer;

typedef struct Source {
    Writer *writer;
    const ZipEntry *entry;
    size_t index;
    ZipPiece piece;
    bool is_loaded;
    size_t position;
    zip_error_t error;
} Source;

static zip_int64_t failed(Writer *writer, zip_error_t *error, const Error *err, int zip_code)
{
    if (writer->err.code == ERR_NONE)
        writer->err = *err;
    libzip.zip_error_set(error, zip_code, 0);
    return -1;
}

static zip_int64_t tell_status(Source *source, zip_stat_t *status)
{
    Error err = { .code = ERR_NONE };
    Writer *writer = source->writer;
    libzip.zip_stat_init(status);
    status->valid = ZIP_STAT_SIZE | ZIP_STAT_MTIME;
    status->size = source->entry->size;
    status->mtime = (time_t) source->entry->modified_s;
    if (source->entry->is_streamed)
        return sizeof(*status);
    if (!source->is_loaded && !writer->feed->get(writer->feed, source->index, &source->piece, &err))
        return failed(writer, &source->error, &err, ZIP_ER_READ);
    source->is_loaded = true;
    /* Told that it is deflated already, libzip copies the data as it is. */
    status->valid |= ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    status->size = source->piece.original_size;
    status->comp_size = source->piece.size;
    status->crc = source->piece.crc;
    status->comp_method = ZIP_CM_DEFLATE;
    status->encryption_method = ZIP_EM_NONE;
    return sizeof(*status);
}

static zip_int64_t read_data(Source *source, void *buffer, zip_uint64_t size)
{
    Error err = { .code = ERR_NONE };
    ZipFeed *feed = source->writer->feed;
    size_t count = source->piece.size - source->position;
    count = count < size ? count : (size_t) size;
    if (!source->entry->is_streamed)
        memcpy(buffer, (const char *) source->piece.data + source->position, count);
    else if (!feed->read(feed, source->index, buffer, (size_t) size, &count, &err))
        return failed(source->writer, &source->error, &err, ZIP_ER_READ);
    source->position += count;
    return (zip_int64_t) count;
}

static void drop_data(Source *source)
{
    free(source->piece.data);
    source->piece.data = NULL;
}

static zip_int64_t serve_source(void *context, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    Source *source = context;
    /* libzip has more commands; what is not among those told is never asked. */
    switch ((int) command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE | ZIP_SOURCE_MAKE_COMMAND_BITMASK(ZIP_SOURCE_SUPPORTS);
    case ZIP_SOURCE_STAT:
        return tell_status(source, data);
    case ZIP_SOURCE_OPEN:
        source->position = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_data(source, data, size);
    case ZIP_SOURCE_CLOSE:
        drop_data(source);
        return 0;
    case ZIP_SOURCE_ERROR:
        return libzip.zip_error_to_data(&source->error, data, size);
    case ZIP_SOURCE_FREE:
        drop_data(source);
        libzip.zip_error_fini(&source->error);
        free(source);
        return 0;
    default:
        libzip.zip_error_set(&source->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* ---- what comes out ---- */

/* libzip writes in small portions, and goes back to each entry's head: both end in memory, mostly. */
typedef struct Sink {
    Writer *writer;
    const char *path;
    FileStream *stream;
    char *buffer;
    uint64_t start; /* of the buffer in the file */
    size_t used;
    uint64_t position; /* of the next byte */
    uint64_t length;   /* of the file */
    zip_error_t error;
} Sink;

static bool empty_buffer(Sink *sink, Error *err)
{
    if (sink->used > 0 && !file_write_at(sink->stream, sink->start, sink->buffer, sink->used, err))
        return false;
    sink->start += sink->used;
    sink->used = 0;
    return true;
}

static bool write_data(Sink *sink, const char *data, size_t size, Error *err)
{
    while (size > 0) {
        bool is_inside = sink->position >= sink->start && sink->position <= sink->start + sink->used &&
                         sink->position < sink->start + OUTPUT_BUFFER;
        if (!is_inside) {
            if (!empty_buffer(sink, err))
                return false;
            sink->start = sink->position;
        }
        size_t offset = (size_t) (sink->position - sink->start), room = OUTPUT_BUFFER - offset;
        size_t count = size < room ? size : room;
        memcpy(sink->buffer + offset, data, count);
        sink->used = offset + count > sink->used ? offset + count : sink->used;
        sink->position += count;
        sink->length = sink->position > sink->length ? sink->position : sink->length;
        data += count;
        size -= count;
    }
    return true;
}

static zip_int64_t put_data(Sink *sink, const void *data, zip_uint64_t size)
{
    Error err = { .code = ERR_NONE };
    if (!write_data(sink, data, (size_t) size, &err))
        return failed(sink->writer, &sink->error, &err, ZIP_ER_WRITE);
    return (zip_int64_t) size;
}

static zip_int64_t begin(Sink *sink)
{
    Error err = { .code = ERR_NONE };
    if (!file_create(sink->path, &sink->stream, &err))
        return failed(sink->writer, &sink->error, &err, ZIP_ER_TMPOPEN);
    return 0;
}

static zip_int64_t commit(Sink *sink)
{
    Error err = { .code = ERR_NONE };
    FileStream *stream = sink->stream;
    if (!empty_buffer(sink, &err) || !file_flush(stream, &err))
        return failed(sink->writer, &sink->error, &err, ZIP_ER_WRITE);
    sink->stream = NULL;
    return file_finish(stream, 0, &err) ? 0 : failed(sink->writer, &sink->error, &err, ZIP_ER_WRITE);
}

static void roll_back(Sink *sink)
{
    file_close(sink->stream);
    sink->stream = NULL;
}

/* There is nothing yet that could be read. */
static zip_int64_t not_there(Sink *sink)
{
    libzip.zip_error_set(&sink->error, ZIP_ER_READ, ENOENT);
    return -1;
}

static zip_int64_t serve_sink(void *context, void *data, zip_uint64_t size, zip_source_cmd_t command)
{
    Sink *sink = context;
    switch ((int) command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_BEGIN_WRITE:
        return begin(sink);
    case ZIP_SOURCE_WRITE:
        return put_data(sink, data, size);
    case ZIP_SOURCE_TELL_WRITE:
        return (zip_int64_t) sink->position;
    case ZIP_SOURCE_SEEK_WRITE: {
        zip_int64_t offset =
            libzip.zip_source_seek_compute_offset(sink->position, sink->length, data, size, &sink->error);
        if (offset < 0)
            return -1;
        sink->position = (uint64_t) offset;
        return 0;
    }
    case ZIP_SOURCE_COMMIT_WRITE:
        return commit(sink);
    case ZIP_SOURCE_ROLLBACK_WRITE:
        roll_back(sink);
        return 0;
    case ZIP_SOURCE_ERROR:
        return libzip.zip_error_to_data(&sink->error, data, size);
    case ZIP_SOURCE_FREE:
        return 0; /* the caller's */
    default:
        return not_there(sink);
    }
}

/* ---- the archive ---- */

/* The time in UTC, which the zip's own field is not: the "extended timestamp" of Info-ZIP. */
static bool add_time(zip_t *zip, zip_uint64_t index, int64_t modified_s)
{
    enum { EXTENDED_TIMESTAMP = 0x5455, HAS_MODIFIED = 1 };
    if (modified_s < 0 || modified_s > INT32_MAX)
        return true; /* does not fit */
    uint32_t time = (uint32_t) modified_s;
    zip_uint8_t field[] = { HAS_MODIFIED, (zip_uint8_t) time, (zip_uint8_t) (time >> 8), (zip_uint8_t) (time >> 16),
                            (zip_uint8_t) (time >> 24) };
    return libzip.zip_file_extra_field_set(zip, index, EXTENDED_TIMESTAMP, ZIP_EXTRA_FIELD_NEW, field, sizeof(field),
                                    ZIP_FL_LOCAL | ZIP_FL_CENTRAL) == 0;
}

static bool add_entry(zip_t *zip, Writer *writer, const ZipEntry *entry, size_t index)
{
    Source *state = alloc_zeroed(sizeof(*state));
    *state = (Source){ .writer = writer, .entry = entry, .index = index };
    libzip.zip_error_init(&state->error);
    zip_source_t *source = libzip.zip_source_function(zip, serve_source, state);
    if (source == NULL) {
        free(state);
        return false;
    }
    zip_int64_t number = libzip.zip_file_add(zip, entry->path, source, ZIP_FL_ENC_UTF_8);
    if (number < 0) {
        libzip.zip_source_free(source); /* frees the state, too */
        return false;
    }
    return (!entry->is_streamed ||
            libzip.zip_set_file_compression(zip, (zip_uint64_t) number, ZIP_CM_DEFLATE, STREAMED_LEVEL) == 0) &&
           add_time(zip, (zip_uint64_t) number, entry->modified_s);
}

static bool write_archive(Sink *sink, const ZipEntry *entries, size_t count, Error *err)
{
    zip_error_t error;
    libzip.zip_error_init(&error);
    zip_source_t *target = libzip.zip_source_function_create(serve_sink, sink, &error);
    zip_t *zip = target != NULL ? libzip.zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error) : NULL;
    if (zip == NULL) {
        (void) error_set(err, ERR_IO, "cannot begin '%s': %s", sink->path, libzip.zip_error_strerror(&error));
        libzip.zip_source_free(target);
        libzip.zip_error_fini(&error);
        return false;
    }
    libzip.zip_error_fini(&error);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = add_entry(zip, sink->writer, &entries[i], i);
    if (ok && libzip.zip_close(zip) == 0)
        return true;
    if (sink->writer->err.code != ERR_NONE)
        *err = sink->writer->err;
    else
        (void) error_set(err, ERR_IO, "cannot write '%s': %s", sink->path, libzip.zip_strerror(zip));
    libzip.zip_discard(zip);
    return false;
}

bool zip_write(const char *path, const ZipEntry *entries, size_t count, ZipFeed *feed, Error *err)
{
    if (!zip_library_load(err))
        return false;
    Writer writer = { .feed = feed };
    Sink sink = { .writer = &writer, .path = path, .buffer = alloc_zeroed(OUTPUT_BUFFER) };
    libzip.zip_error_init(&sink.error);
    bool ok = write_archive(&sink, entries, count, err);
    roll_back(&sink); /* a file that libzip left open */
    Error ignored;    /* the cause above is what matters */
    if (!ok)
        (void) !file_remove_tree(path, &ignored);
    libzip.zip_error_fini(&sink.error);
    free(sink.buffer);
    return ok;
}
