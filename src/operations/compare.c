/* SPDX-License-Identifier: MIT */
#include "operations/compare.h"

/* ---- one driver ---- */

/* The driver that is looked for, and where. */
typedef struct Search {
    FileLook look; /* first: it is handed back */
    const Comparison *comparison;
    ComparedDriver *row;
    ManifestGpu gpu;
    ActiveDriver active;
    Arena *arena;
    bool is_read;     /* what the host has of it: only if it is to be compared with something */
    Driver *driver;   /* NULL: it cannot be read */
    bool in_packages; /* else in the guest */
} Search;

static void say_nothing(Report *report, const char *text)
{
    (void) report, (void) text;
}

static void show_nothing(Report *report, const char *text, int percent)
{
    (void) report, (void) text, (void) percent;
}

/* Without what the host has itself, manifests have to tell. */
static bool read_driver(Search *search, Error *err)
{
    /* What gathering says while it works is not asked for here. */
    Report quiet = { .notice = say_nothing, .warning = say_nothing, .progress = show_nothing };
    const Comparison *comparison = search->comparison;
    Driver driver;
    if (search->is_read || comparison->files == NULL)
        return true;
    search->is_read = true;
    if (driver_find_files(comparison->host->session, comparison->files, &search->active, &search->gpu, &quiet,
                          search->arena, &driver, err)) {
        search->driver = arena_memdup(search->arena, &driver, sizeof(driver));
        return true;
    }
    if (err->code == ERR_CANCELLED)
        return error_prefix(err, "%s", search->gpu.name);
    search->row->unread = arena_strdup(search->arena, err->message);
    *err = (Error){ .code = ERR_NONE };
    return true;
}

static bool compare_files(FileLook *look, const FoundDriver *found, DriverFilesResult *ret_result, Error *err)
{
    Search *search = (Search *) look;
    const Comparison *comparison = search->comparison;
    if (!read_driver(search, err))
        return false;
    const DriverFilesRequest request = { .cancel = comparison->host->cancel,
                                         .files = search->driver != NULL ? comparison->files : NULL,
                                         .driver = search->driver,
                                         .manifest = found->manifest };
    if (search->in_packages)
        return driver_files_in_package(&request, found->place, search->arena, ret_result, err);
    if (comparison->guest == NULL)
        return driver_files_on_disk(&request, comparison->disk, search->arena, ret_result, err);
    const GuestView *guest = comparison->guest;
    return driver_files_in_guest(&request, guest->session, guest->store, search->arena, ret_result, err) ||
           error_prefix(err, "guest '%s'", guest->name);
}

static bool look_in(Search *search, const FoundDrivers *found, const DriverPlace **ret_place, Error *err)
{
    DriverPlace place;
    if (found == NULL)
        return true;
    if (!driver_state_find(found, &search->active, search->gpu.device_id, &search->look, &place, err))
        return false;
    *ret_place = arena_memdup(search->arena, &place, sizeof(place));
    return true;
}

static bool look_everywhere(Search *search, Error *err)
{
    const Comparison *comparison = search->comparison;
    ComparedDriver *row = search->row;
    GuestView *guest = comparison->guest;
    if (!driver_find_active(comparison->host->session, comparison->files, row->device_id, search->arena,
                            &search->active, err))
        return error_prefix(err, "%s", row->gpu);
    if (guest != NULL && !guest_view_find(guest, search->active.folder, search->arena, err))
        return false;
    row->version = search->active.version;
    row->folder = search->active.folder;
    search->in_packages = true;
    if (!look_in(search, comparison->packages, &row->package, err))
        return false;
    search->in_packages = false;
    return look_in(search, guest != NULL ? &guest->found : comparison->on_disk, &row->guest, err);
}

bool compare_driver(const Comparison *comparison, const DriverGpu *gpu, Arena *arena, ComparedDriver *ret_driver,
                    Error *err)
{
    ComparedDriver row = { .gpu = gpu->name, .device_id = gpu->device_id, .is_accelerator = gpu->is_accelerator };
    Search search = { .look = { compare_files },
                      .comparison = comparison,
                      .row = &row,
                      .gpu = { .name = gpu->name, .device_id = gpu->device_id },
                      .arena = arena };
    if (!look_everywhere(&search, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        row.left_out = arena_memdup(arena, err, sizeof(*err));
        *err = (Error){ .code = ERR_NONE };
    }
    *ret_driver = row;
    return true;
}

/* ---- all of them ---- */

static bool has_state(const DriverPlace *place, DriverState state)
{
    return place != NULL && place->state == state;
}

static bool is_somewhere(const ComparedDriver *driver, DriverState state)
{
    return driver->left_out == NULL && (has_state(driver->package, state) || has_state(driver->guest, state));
}

CompareVerdict compare_verdict(const ComparedDrivers *drivers)
{
    CompareVerdict verdict = COMPARE_ALIKE;
    for (size_t i = 0; i < drivers->count; i++) {
        const ComparedDriver *driver = &drivers->items[i];
        if (is_somewhere(driver, DRIVER_OUTDATED) || is_somewhere(driver, DRIVER_MISSING))
            return COMPARE_DRIVERS_DIFFER;
        if (is_somewhere(driver, DRIVER_INCOMPLETE) || is_somewhere(driver, DRIVER_UNPROVEN))
            verdict = COMPARE_FILES_DIFFER;
    }
    return verdict;
}

bool compare_is_partial(const ComparedDrivers *drivers)
{
    for (size_t i = 0; i < drivers->count; i++) {
        if (drivers->items[i].left_out != NULL && !drivers->items[i].is_accelerator)
            return true;
    }
    return false;
}

bool compare_guest_is_current(const ComparedDrivers *drivers)
{
    for (size_t i = 0; i < drivers->count; i++) {
        const ComparedDriver *driver = &drivers->items[i];
        if (driver->left_out == NULL && driver->guest != NULL && driver->guest->state != DRIVER_CURRENT)
            return false;
    }
    return true;
}
