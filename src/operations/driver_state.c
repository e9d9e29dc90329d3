/* SPDX-License-Identifier: MIT */
#include "operations/driver_state.h"

#include "base/ascii.h"
#include "drivers/package/rivals.h"

#include <string.h>

bool driver_folders_are_akin(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (ascii_starts_with(a, ".inf_") && ascii_starts_with(b, ".inf_"))
            return true;
        if (*a == '\0' || ascii_lower(*a) != ascii_lower(*b))
            return false;
    }
}

bool found_has_folder(const FoundDriver *found, const char *name)
{
    for (size_t i = 0; i < found->folders.count; i++) {
        if (ascii_equals(found->folders.items[i], name))
            return true;
    }
    return false;
}

static bool has_active(const FoundDriver *found, const ActiveDriver *active)
{
    return found_has_folder(found, active->folder) &&
           (found->version == NULL || strcmp(found->version, active->version) == 0);
}

static DriverState state_of(const DriverFilesResult *files, const FoundDriver *found)
{
    return files->expected == 0    ? DRIVER_UNPROVEN
           : files->wrong > 0      ? DRIVER_INCOMPLETE
           : found->winner != NULL ? DRIVER_LEFT_OUT
                                   : DRIVER_CURRENT;
}

/* A manifest says that it was made for other GPUs. */
static bool is_others(const FoundDrivers *list, const char *folder, const char *device_id)
{
    for (size_t i = 0; i < list->count; i++) {
        const FoundDriver *found = &list->items[i];
        if (found->gpus.count > 0 && found_has_folder(found, folder) && !gpus_have_model(&found->gpus, device_id))
            return true;
    }
    return false;
}

/* The folder that is of another version of the driver, or NULL. */
static const char *akin_folder(const FoundDrivers *list, const FoundDriver *found, const ActiveDriver *active,
                               const char *device_id)
{
    for (size_t i = 0; i < found->folders.count; i++) {
        const char *folder = found->folders.items[i];
        if (driver_folders_are_akin(folder, active->folder) && !is_others(list, folder, device_id))
            return folder;
    }
    return NULL;
}

static DriverPlace find_former(const FoundDrivers *list, const ActiveDriver *active, const char *device_id)
{
    for (size_t i = 0; i < list->count; i++) {
        const FoundDriver *found = &list->items[i];
        bool is_for_gpu = gpus_have_model(&found->gpus, device_id);
        const char *first = found->folders.count > 0 ? found->folders.items[0] : NULL;
        const char *folder = is_for_gpu ? first : akin_folder(list, found, active, device_id);
        if (is_for_gpu || folder != NULL)
            return (DriverPlace){
                .state = DRIVER_OUTDATED, .version = found->version, .folder = folder, .place = found->place
            };
    }
    return (DriverPlace){ .state = DRIVER_MISSING };
}

bool driver_state_find(const FoundDrivers *list, const ActiveDriver *active, const char *device_id, FileLook *look,
                       DriverPlace *ret_place, Error *err)
{
    DriverPlace best = { .place = NULL };
    for (size_t i = 0; i < list->count; i++) {
        const FoundDriver *found = &list->items[i];
        DriverPlace place = { .version = found->version, .folder = active->folder, .place = found->place };
        if (!has_active(found, active))
            continue;
        if (!look->compare(look, found, &place.files, err))
            return false;
        place.state = state_of(&place.files, found);
        place.winner = found->winner;
        place.package = found->manifest != NULL ? found->manifest->name : NULL;
        if (best.place == NULL || place.state < best.state)
            best = place;
        if (place.state == DRIVER_CURRENT)
            break;
    }
    *ret_place = best.place != NULL ? best : find_former(list, active, device_id);
    return true;
}
