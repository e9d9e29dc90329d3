/* SPDX-License-Identifier: MIT */
#include "drivers/gather/host_image.h"

typedef struct Image {
    HostFiles *files;
    HostFile *file;
} Image;

/* Where it can be read no more, the file has ended. */
static size_t read_piece(void *context, uint64_t offset, void *buffer, size_t size)
{
    const Image *image = context;
    Error ignored = { .code = ERR_NONE };
    size_t count;
    return image->files->ops->read_at(image->file, offset, buffer, size, &count, &ignored) ? count : 0;
}

PeKind host_image_kind(HostFiles *files, const char *path, uint64_t size)
{
    Image image = { .files = files };
    Error ignored = { .code = ERR_NONE };
    HostImage known;
    if (files->ops->describe != NULL && files->ops->describe(files, path, &known, &ignored))
        return (PeKind){ .bits = known.bits, .is_library = known.is_library };
    if (!files->ops->open(files, path, &image.file, &ignored))
        return (PeKind){ .bits = 0 };
    PeKind kind = pe_read_kind(read_piece, &image, size);
    files->ops->close_file(image.file);
    return kind;
}

bool host_image_version(HostFiles *files, const char *path, uint64_t size, PeVersion *ret_version, Error *err)
{
    Image image = { .files = files };
    HostImage known;
    if (files->ops->describe != NULL) {
        if (!files->ops->describe(files, path, &known, err))
            return false;
        *ret_version = (PeVersion){ .has_number = known.has_number,
                                    .number = known.number,
                                    .is_microsoft = known.is_microsoft };
        return true;
    }
    if (!files->ops->open(files, path, &image.file, err))
        return false;
    *ret_version = pe_read_version(read_piece, &image, size);
    files->ops->close_file(image.file);
    return true;
}
