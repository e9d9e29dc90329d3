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

/* What gathering would warn of is kept; what else it says while it works is not asked for here. */
typedef struct Listener {
    Report base;
    StringList *lacks;
    Arena *arena;
} Listener;

static void keep(Report *report, const char *text)
{
    const Listener *listener = (const Listener *) report;
    ARRAY_PUSH(listener->arena, listener->lacks, arena_strdup(listener->arena, text));
}

/* Without what the host has itself, manifests have to tell. */
static bool read_driver(Search *search, Error *err)
{
    const Comparison *comparison = search->comparison;
    Listener listener = { .base = *report_silent(), .lacks = &search->row->lacks, .arena = search->arena };
    Driver driver;
    if (search->is_read || comparison->files == NULL)
        return true;
    search->is_read = true;
    listener.base.warning = keep;
    if (driver_find_files(comparison->host->session, comparison->files, &search->active, &search->gpu, &listener.base,
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
                                         .manifest = found->manifest,
                                         .folder = search->active.folder };
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
    if (guest != NULL && !guest_view_find(guest, search->active.folder, search->arena, err))
        return false;
    row->version = search->active.version;
    row->folder = search->active.folder;
    search->in_packages = true;
    if (!look_in(search, comparison->packages, &row->package, err))
        return false;
    search->in_packages = false;
    if (comparison->told != NULL) {
        DriverPlace told = guest_told_find(comparison->told, &search->active, search->gpu.device_id);
        row->guest = arena_memdup(search->arena, &told, sizeof(told));
        return true;
    }
    return look_in(search, guest != NULL ? &guest->found : comparison->on_disk, &row->guest, err);
}

/* As get-drivers does: what is wrong with one GPU's driver on the host does not spoil the others. */
static bool find_active(Search *search, Error *err)
{
    ComparedDriver *row = search->row;
    const Comparison *comparison = search->comparison;
    if (driver_find_active(comparison->host->session, comparison->files, row->device_id, search->arena, &search->active,
                           err))
        return true;
    (void) error_prefix(err, "%s", row->gpu);
    if (err->code != ERR_NOT_FOUND && err->code != ERR_INVALID)
        return false;
    row->left_out = arena_memdup(search->arena, err, sizeof(*err));
    *err = (Error){ .code = ERR_NONE };
    return true;
}

bool compare_driver(const Comparison *comparison, const DriverGpu *gpu, Arena *arena, ComparedDriver *ret_driver,
                    Error *err)
{
    ComparedDriver row = { .gpu = gpu->name, .device_id = gpu->device_id };
    Search search = { .look = { compare_files },
                      .comparison = comparison,
                      .row = &row,
                      .gpu = { .name = gpu->name, .device_id = gpu->device_id },
                      .arena = arena };
    if (gpu->is_sriov)
        row.needless = "it is partitioned by SR-IOV, and a guest takes the vendor's own guest driver";
    else if (gpu->is_accelerator)
        row.needless = "it is no display adapter, and no GPU of a guest works by its driver";
    else if (!find_active(&search, err) || (row.left_out == NULL && !look_everywhere(&search, err)))
        return false;
    *ret_driver = row;
    return true;
}

/* ---- all of them ---- */

/* It has a driver that a guest needs, and that could be looked at. */
static bool is_compared(const ComparedDriver *driver)
{
    return driver->needless == NULL && driver->left_out == NULL;
}

static CompareVerdict verdict_of(const DriverPlace *place)
{
    static const CompareVerdict verdicts[] = {
        [DRIVER_CURRENT] = COMPARE_ALIKE,           [DRIVER_LEFT_OUT] = COMPARE_LEFT_OUT,
        [DRIVER_INCOMPLETE] = COMPARE_FILES_DIFFER, [DRIVER_UNPROVEN] = COMPARE_UNPROVEN,
        [DRIVER_OUTDATED] = COMPARE_DRIVERS_DIFFER, [DRIVER_MISSING] = COMPARE_DRIVERS_DIFFER,
    };
    return place != NULL ? verdicts[place->state] : COMPARE_ALIKE;
}

static CompareVerdict worse(CompareVerdict a, CompareVerdict b)
{
    return a > b ? a : b;
}

static void add_driver(CompareOutcome *outcome, const ComparedDriver *driver)
{
    CompareVerdict package = verdict_of(driver->package), guest = verdict_of(driver->guest);
    outcome->is_any_compared = true;
    outcome->verdict = worse(outcome->verdict, worse(package, guest));
    outcome->guest = worse(outcome->guest, guest);
    outcome->needs_installation = outcome->needs_installation || guest >= COMPARE_FILES_DIFFER;
    outcome->needs_package = outcome->needs_package || package >= COMPARE_FILES_DIFFER ||
                             (driver->package == NULL && guest >= COMPARE_FILES_DIFFER);
    for (size_t i = 0; driver->guest != NULL && i < driver->guest->files.faults.count; i++)
        outcome->needs_a_hand = outcome->needs_a_hand || driver->guest->files.faults.items[i].needs_a_hand;
    outcome->has_incomplete = outcome->has_incomplete || package == COMPARE_FILES_DIFFER;
    if (package == COMPARE_LEFT_OUT) {
        outcome->package = driver->package->package;
        outcome->winner = driver->package->winner;
    }
}

CompareOutcome compare_outcome(const ComparedDrivers *drivers)
{
    CompareOutcome outcome = { .verdict = COMPARE_ALIKE };
    for (size_t i = 0; i < drivers->count; i++) {
        const ComparedDriver *driver = &drivers->items[i];
        outcome.is_partial = outcome.is_partial || driver->left_out != NULL;
        if (is_compared(driver))
            add_driver(&outcome, driver);
    }
    return outcome;
}
