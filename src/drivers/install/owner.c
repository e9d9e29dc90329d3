/* SPDX-License-Identifier: MIT */
#include "drivers/install/owner.h"

#include "base/ascii.h"
#include "drivers/install/foreseen.h"
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
    const char *place = foreseen_place(file);
    bool found = place != NULL && file_is_linked_below(tree_full(tree, place, &arena),
                                                       tree_full(tree, COMPONENT_STORE, &arena));
    arena_release(&arena);
    return found;
}

bool owner_look(const Tree *tree, const TargetFile *file, bool is_package, PeVersion *ret_version, Owner *ret_owner,
                Error *err)
{
    PeVersion version = { .has_number = false };
    OwnerSigns signs = {
        .path = file->path, .is_link = file->status.kind == FILE_LINK, .is_package = is_package, .version = &version
    };
    if (!signs.is_link) {
        if (!foreseen_version(tree, file, &version, err))
            return false;
        signs.is_in_store = is_in_store(tree, file);
    }
    *ret_version = version;
    *ret_owner = owner_by_signs(&signs);
    return true;
}
