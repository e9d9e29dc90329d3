/* SPDX-License-Identifier: MIT */
#include "present/install.h"

#include "json/document.h"
#include "platform/text.h"
#include "present/advice.h"
#include "present/drivers.h"
#include "present/result.h"

#include <inttypes.h>

static const TextLayout lines_layout = { .indent = 2 };

/* ---- packages that are put in or taken out ---- */

static const Field holder_fields[] = {
    FIELD_TEXT(Holder, path, "path"),
    FIELD_TEXT(Holder, program, "program"),
    FIELD_UINT64(Holder, process, "process"),
    FIELD_BOOLEAN(Holder, is_service, "service"),
};
const Shape holder_shape = SHAPE(Holder, holder_fields);

static const char *installation_text(const PackageReport *package, Arena *arena)
{
    if (package->outcome == PACKAGE_NOTHING && package->left_to_windows > 0)
        return arena_printf(arena, "Package '%s' is installed already; files left to others: %zu",
                            package->name, package->left_to_windows);
    if (package->outcome == PACKAGE_NOTHING)
        return arena_printf(arena, "Package '%s' is installed already, and all its files are right", package->name);
    return arena_printf(arena, "Package '%s' %s: %zu files (%s), %zu were there already", package->name,
                        package->outcome == PACKAGE_PLANNED   ? "would be installed"
                        : package->outcome == PACKAGE_WAITING ? "will be installed when Windows starts the next time"
                                                              : "has been installed",
                        package->written, size_text(package->written_bytes, arena), package->already_there);
}

static const char *removal_text(const PackageReport *package, Arena *arena)
{
    return arena_printf(arena, "Package '%s' %s: %zu files", package->name,
                        package->outcome == PACKAGE_PLANNED   ? "would be removed"
                        : package->outcome == PACKAGE_WAITING ? "will be removed when Windows starts the next time"
                                                              : "has been removed",
                        package->removed);
}

static const char *package_heading(const void *record, Arena *arena)
{
    const PackageReport *package = record;
    return package->is_removal ? removal_text(package, arena) : installation_text(package, arena);
}

static const char *const outcome_names[] = {
    [PACKAGE_FAILED] = "failed",
    [PACKAGE_PUT_BACK] = "put-back",
    [PACKAGE_UNFINISHED] = "unfinished",
    [PACKAGE_INTERRUPTED] = "interrupted",
    [PACKAGE_NOTHING] = "nothing",
    [PACKAGE_PLANNED] = "planned",
    [PACKAGE_WAITING] = "waiting",
    [PACKAGE_INSTALLED] = "installed",
    [PACKAGE_UNINSTALLED] = "uninstalled",
};

/* The further a package came, the more is told of it. */
static const Field package_report_fields[] = {
    FIELD_TEXT(PackageReport, name, "name"),
    FIELD_NAME(PackageReport, outcome, outcome_names, "outcome"),
    /* once it was begun: */
    FIELD_LIST(PackageReport, in_use, &holder_shape, "inUse"),
    /* and done: */
    FIELD_TEXT(PackageReport, driver_version, "driverVersion", .flags = FIELD_NULLABLE),
    FIELD_SIZE(PackageReport, written, "written"),
    FIELD_UINT64(PackageReport, written_bytes, "writtenBytes"),
    FIELD_SIZE(PackageReport, already_there, "alreadyThere"),
    FIELD_SIZE(PackageReport, left_newer, "leftNewer"),
    FIELD_SIZE(PackageReport, left_to_windows, "leftToWindows"),
    FIELD_SIZE(PackageReport, removed, "removed"),
    FIELD_SIZE(PackageReport, registry_values, "registryValues"),
    FIELD_TEXTS(PackageReport, replaced, "replaced"),
    /* of one that was put in: */
    FIELD_TEXTS(PackageReport, newer, "newer"),
};
enum { FIELDS_OF_ALL = 2, FIELDS_OF_BEGUN = 3, FIELDS_OF_REMOVED = COUNT_OF(package_report_fields) - 1 };

const Shape package_report_shape =
    SHAPE(PackageReport, package_report_fields, .heading = package_heading, .layout = &lines_layout);
static const Shape removed_shape = { sizeof(PackageReport), package_report_fields, FIELDS_OF_REMOVED,
                                     .heading = package_heading, .layout = &lines_layout };
static const Shape failed_shape = { sizeof(PackageReport), package_report_fields, FIELDS_OF_BEGUN,
                                    .layout = &lines_layout };
static const Shape not_begun_shape = { sizeof(PackageReport), package_report_fields, FIELDS_OF_ALL,
                                       .layout = &lines_layout };

/* "'a', 'b' and 3 more" */
static const char *name_some(const StringList *paths, Arena *arena)
{
    enum { SHOWN = 10 };
    StringList some = *paths;
    some.count = some.count > SHOWN ? SHOWN : some.count;
    const char *named = text_list_quoted(&some, arena);
    return paths->count > SHOWN ? arena_printf(arena, "%s and %zu more", named, paths->count - SHOWN) : named;
}

/* An older driver beside them may not work. */
static void tell_newer(Output *output, const StringList *newer)
{
    Arena arena = ARENA_INIT;
    if (newer->count > 0)
        output_notice(output,
                      "what the guest has of these is newer, and stays: %s; if its driver does not work with them, "
                      "-REPLACENEWER takes the package's",
                      name_some(newer, &arena));
    arena_release(&arena);
}

static void present_installation(Output *output, const PackageReport *package)
{
    tell_newer(output, &package->newer);
    present_done_item(output, "packages", &package_report_shape, package);
    if (package->outcome == PACKAGE_NOTHING)
        return;
    for (size_t i = 0; i < package->replaced.count; i++) {
        if (!text_equals(package->replaced.items[i], package->name))
            output_done(output, "  it replaces '%s'\n", package->replaced.items[i]);
    }
    if (package->values_left > 0)
        output_notice(output,
                      "%zu registry values of the vendor's are not written, since the guest does not run here; OpenCL "
                      "or Level Zero programs may need them",
                      package->values_left);
}

void present_package(Output *output, const PackageReport *package)
{
    switch (package->outcome) {
    case PACKAGE_FAILED:
    case PACKAGE_PUT_BACK:
    case PACKAGE_UNFINISHED:
        present_item(output, "packages", &failed_shape, package);
        break;
    case PACKAGE_INTERRUPTED:
        present_item(output, "packages", &not_begun_shape, package);
        break;
    case PACKAGE_LEFT_OUT:
        output_notice(output,
                      "package '%s' is left out: '%s' is for the same GPU, and was gathered later; -DRV \"%s\" "
                      "installs it all the same",
                      package->name, package->winner, package->name);
        break;
    case PACKAGE_POSTPONED:
        output_notice(output, "package '%s' has to wait until then, too: %s it after the restart", package->name,
                      package->is_removal ? "remove" : "install");
        break;
    case PACKAGE_NOTHING:
    case PACKAGE_PLANNED:
    case PACKAGE_WAITING:
    case PACKAGE_INSTALLED:
        if (package->is_removal)
            present_done_item(output, "packages", &removed_shape, package);
        else
            present_installation(output, package);
        break;
    case PACKAGE_UNINSTALLED:
        present_done_item(output, "packages", &removed_shape, package);
        break;
    }
}

/* ---- packages that were looked at ---- */

static const char *check_heading(const void *record, Arena *arena)
{
    const PackageCheck *check = record;
    if (check->faults.count == 0)
        return arena_printf(arena, "Package '%s' is OK: %zu files", check->name, check->files);
    return arena_printf(arena, "Package '%s' is NOT OK: %zu of its files or values are missing or changed", check->name,
                        check->faults.count);
}

static json_t *write_check_outcome(const void *record)
{
    return json_string(((const PackageCheck *) record)->faults.count == 0 ? "ok" : "altered");
}

static const Field package_check_fields[] = {
    FIELD_TEXT(PackageCheck, name, "name"),
    FIELD_OF_RECORD(write_check_outcome, NULL, "outcome"),
    FIELD_TEXT(PackageCheck, driver_version, "driverVersion"),
    FIELD_LIST(PackageCheck, faults, &file_fault_shape, "problems"),
    FIELD_TEXTS(PackageCheck, left, "leftAlone"),
};
const Shape package_check_shape =
    SHAPE(PackageCheck, package_check_fields, .heading = check_heading, .layout = &lines_layout);

void present_package_check(Output *output, const PackageCheck *check)
{
    for (size_t i = 0; i < check->faults.count; i++)
        output_warning(output, "'%s' %s", check->faults.items[i].path, check->faults.items[i].fault);
    Arena arena = ARENA_INIT;
    if (check->left.count > 0)
        output_notice(output, "others are in the place of these files of package '%s', and were left alone: %s",
                      check->name, name_some(&check->left, &arena));
    arena_release(&arena);
    present_item(output, "packages", &package_check_shape, check);
}

/* ---- what was interrupted ---- */

static const char *const recovery_names[] = {
    [INSTALL_RECOVERY_NOTHING] = "nothing",       [INSTALL_RECOVERY_UNDONE] = "undone",
    [INSTALL_RECOVERY_CALLED_OFF] = "called-off", [INSTALL_RECOVERY_FINISHED] = "finished",
    [INSTALL_RECOVERY_UNFINISHED] = "unfinished", [INSTALL_RECOVERY_WAITING] = "waiting",
    [INSTALL_RECOVERY_PLACED] = "placed",
};

static const char *recovery_heading(const void *record, Arena *arena)
{
    static const char *const texts[] = {
        [INSTALL_RECOVERY_UNDONE] = "has been undone",          [INSTALL_RECOVERY_CALLED_OFF] = "has been called off",
        [INSTALL_RECOVERY_FINISHED] = "is complete",            [INSTALL_RECOVERY_UNFINISHED] = "would be undone",
        [INSTALL_RECOVERY_WAITING] = "would be called off", [INSTALL_RECOVERY_PLACED] = "would be finished",
    };
    const InstallRecovery *recovery = record;
    if (recovery->outcome == INSTALL_RECOVERY_NOTHING)
        return "Nothing to recover: no installation is half done";
    return arena_printf(arena, "The interrupted %s %s", recovery->what, texts[recovery->outcome]);
}

static const Field install_recovery_fields[] = {
    FIELD_TEXT(InstallRecovery, what, "recovered", .flags = FIELD_NULLABLE),
    FIELD_NAME(InstallRecovery, outcome, recovery_names, "outcome"),
};
const Shape install_recovery_shape =
    SHAPE(InstallRecovery, install_recovery_fields, .heading = recovery_heading, .layout = &lines_layout);

void present_install_recovery(Output *output, const InstallRecovery *recovery)
{
    present_whole(output, &install_recovery_shape, recovery);
}

/* ---- the guest's GPUs ---- */

static json_t *write_restarted(const void *record)
{
    const InstalledGpus *gpus = record;
    if (!gpus->was_asked)
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; i < gpus->restarted.count; i++) {
        if (gpus->restarted.items[i].failure == NULL)
            json_push(array, json_text(gpus->restarted.items[i].device_id));
    }
    return array;
}

static json_t *write_gpus(const void *record)
{
    const InstalledGpus *gpus = record;
    return gpus->is_known && !gpus->only_looked ? shape_write_list(&guest_gpu_shape, &gpus->gpus) : NULL;
}

static const Field installed_gpus_fields[] = {
    FIELD_OF_RECORD(write_restarted, NULL, "restartedGpus"),
    FIELD_OF_RECORD(write_gpus, NULL, "gpus"),
};
const Shape installed_gpus_shape = SHAPE(InstalledGpus, installed_gpus_fields, .layout = &lines_layout);

static void tell_restarts(Output *output, const InstalledGpus *gpus)
{
    for (size_t i = 0; i < gpus->restarted.count; i++) {
        const RestartedGpu *gpu = &gpus->restarted.items[i];
        output_done(output, "GPU '%s' %s, and %s\n", gpu->name, gpu->state,
                    gpus->only_looked ? "would be restarted" : "is restarted");
        if (gpu->failure != NULL)
            output_warning(output, "%s", gpu->failure);
    }
}

static void tell_states(Output *output, const GuestGpus *gpus)
{
    Arena arena = ARENA_INIT;
    uint32_t told = 0; /* two GPUs often have one problem */
    const GuestFindings findings = { .drivers = GUEST_DRIVERS_INSTALLED };
    for (size_t i = 0; i < gpus->count; i++) {
        const GuestGpu *gpu = &gpus->items[i];
        StringList advice = advice_guest_gpu(gpu, &findings, NULL, "hyperpoint", &arena);
        output_done(output, "GPU '%s' %s\n", gpu->name, guest_gpu_state(gpu, &arena));
        for (size_t j = 0; gpu->problem != told && j < advice.count; j++)
            output_notice(output, "%s", advice.items[j]);
        told = gpu->problem;
    }
    if (gpus->count == 0)
        output_notice(output, "this guest has no GPU: shut the VM down and assign one, on its host: hyperpoint -VM "
                              "\"my vm\" -DO add-auto");
    arena_release(&arena);
}

void present_installed_gpus(Output *output, const InstalledGpus *gpus)
{
    tell_restarts(output, gpus);
    if (gpus->is_known && !gpus->only_looked)
        tell_states(output, &gpus->gpus);
    present_whole(output, &installed_gpus_shape, gpus);
}

void present_installed_elsewhere(Output *output)
{
    output_notice(output, "start the VM; if it has no GPU assigned, assign one first: hyperpoint -VM \"my vm\" "
                          "-DO add-auto");
}
