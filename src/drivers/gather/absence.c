/* SPDX-License-Identifier: MIT */
#include "drivers/gather/absence.h"

const char *host_absence(HostFiles *files, const char *path, Arena *arena)
{
    HostEntries entries;
    HostFile *file;
    Error why = { .code = ERR_NONE };
    if (files->ops->list(files, path, arena, &entries, &why))
        return "is a folder on the host";
    if (why.code == ERR_INVALID)
        return "is a link on the host, or lies behind one, and is not followed";
    why = (Error){ .code = ERR_NONE };
    if (files->ops->open(files, path, &file, &why)) {
        files->ops->close_file(file);
        return "is left out as no part of the driver";
    }
    return why.code == ERR_NOT_FOUND ? "the host does not have"
                                     : arena_printf(arena, "cannot be read on the host: %s", why.message);
}
