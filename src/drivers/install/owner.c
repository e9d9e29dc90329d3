/* SPDX-License-Identifier: MIT */
#include "drivers/install/owner.h"

#include "base/ascii.h"
#include "drivers/package/vendor.h"

#include <string.h>

#define SYSTEM_DRIVERS "Windows/System32/drivers/"
#define COMPONENT_STORE "Windows/WinSxS"

/* The order is the rule. What Windows has in its component store, or says that it is Microsoft's, stays even if a
 * record in the guest claims it: that is data from outside. */
Owner owner_by_signs(const OwnerSigns *signs)
{
    if (signs->is_in_store || signs->version->is_microsoft)
        return OWNER_WINDOWS;
    if (signs->is_package)
        return OWNER_PACKAGE;
    if (ascii_starts_with(signs->path, SYSTEM_DRIVERS) && !vendor_has_folder(signs->path))
        return OWNER_SYSTEM;
    if (signs->is_link)
        return OWNER_LINK;
    if (vendor_is_company(signs->version->company))
        return OWNER_VENDOR;
    return signs->version->company[0] != '\0' ? OWNER_OTHER : OWNER_UNKNOWN;
}

bool owner_gives_way(Owner owner)
{
    return owner == OWNER_PACKAGE || owner == OWNER_VENDOR || owner == OWNER_LINK;
}

const char *owner_text(Owner owner)
{
    return owner == OWNER_WINDOWS  ? "belongs to Windows"
           : owner == OWNER_SYSTEM ? "is in the folder of Windows' own drivers"
           : owner == OWNER_OTHER  ? "belongs to another program"
                                   : "does not tell whose it is";
}

bool owner_is_written(const InstalledFile *record)
{
    return record != NULL && record->before != BEFORE_SAME;
}

/* Unverified: that files of Windows are links into its component store. Where they are not, the other signs count. */
static bool is_in_store(const Tree *tree, const TargetFile *file)
{
    Arena arena = ARENA_INIT;
    bool found = file_is_linked_below(file->full, tree_full(tree, COMPONENT_STORE, &arena));
    arena_release(&arena);
    return found;
}

/* Where it can be read no more, the file has ended. */
static size_t read_piece(void *context, uint64_t offset, void *buffer, size_t size)
{
    Error ignored = { .code = ERR_NONE };
    size_t count;
    return file_read_at(context, offset, buffer, size, &count, &ignored) ? count : 0;
}

bool owner_look(const Tree *tree, const TargetFile *file, bool is_package, PeVersion *ret_version, Owner *ret_owner,
                Error *err)
{
    PeVersion version = { .has_number = false };
    OwnerSigns signs = {
        .path = file->path, .is_link = file->status.kind == FILE_LINK, .is_package = is_package, .version = &version
    };
    if (!signs.is_link) {
        FileStream *stream;
        if (!tree_open_file(tree, file->path, &stream, err))
            return false;
        version = pe_read_version(read_piece, stream, file->status.size);
        file_close(stream);
        signs.is_in_store = is_in_store(tree, file);
    }
    *ret_version = version;
    *ret_owner = owner_by_signs(&signs);
    return true;
}
