/* SPDX-License-Identifier: MIT */
#include "operations/install.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/package/folder.h"
#include "drivers/package/rivals.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "platform/text.h"

#include <inttypes.h>
#include <string.h>

/* ---- where ---- */

/* The registry is the guest's if this Windows is what is installed in. */
static Registry *guest_registry(const char *root, Arena *arena)
{
    const char *drive, *canonical;
    Error ignored = { .code = ERR_NONE }; /* then it is not, or the next step tells */
    bool is_this = process_windows_drive(arena, &drive, &ignored) &&
                   fs_canonical_path(root, arena, &canonical, &ignored) && text_equals(drive, canonical);
    return is_this ? registry_system() : NULL;
}

/* To change this Windows. */
static bool use_rights(Error *err)
{
    process_use_restore_right();
    if (process_is_administrator())
        return true;
    (void) error_set(err, ERR_STATE, "the drivers of Windows are an administrator's");
    return error_advise(err, ADVICE_INSTALL_ELEVATED, NULL);
}

bool install_job_prepare(InstallJob *job, bool only_looks, Error *err)
{
    if (job->holders == NULL)
        job->holders = holders_system();
    if (job->root == NULL && !process_guest_drive(job->arena, &job->root, err))
        return false;
    if (job->registry == NULL) {
        job->registry = guest_registry(job->root, job->arena);
        if (job->registry != NULL && !only_looks && !use_rights(err))
            return false;
    }
    /* What all who are at this Windows must see is in the machine's folder. */
    return job->state_folder != NULL || only_looks ||
           process_state_folder(job->registry != NULL, job->arena, &job->state_folder, err);
}

/* ---- which ---- */

static bool find_all(const char *folder, Report *report, Arena *arena, StringList *paths, Error *err)
{
    StringList passed_over;
    if (!package_folder_list(folder, arena, paths, &passed_over, err))
        return false;
    for (size_t i = 0; i < passed_over.count; i++)
        report->notice(report, passed_over.items[i]);
    if (paths->count > 0)
        return true;
    (void) error_set(err, ERR_NOT_FOUND, "there is no driver package in '%s'", folder);
    return error_advise(err, ADVICE_GATHER_DRIVERS, NULL);
}

/* In any letter case, as Windows finds it; NULL: it is not there. */
static const char *find_entry(const StringList *entries, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->items[i], name) == 0)
            return entries->items[i];
        if (text_equals(entries->items[i], name))
            found = entries->items[i];
    }
    return found;
}

/* All that are not there are told at once. */
static bool find_named(const StringList *names, const char *folder, Arena *arena, StringList *paths, Error *err)
{
    StringList entries, missing = { 0 };
    if (!fs_list_folder_upto(folder, LIMIT_FOLDER_PACKAGES, arena, &entries, err))
        return false;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (!layout_check_part(name, err))
            return false;
        const char *entry = find_entry(&entries, arena_printf(arena, "%s.zip", name));
        if (entry == NULL)
            entry = find_entry(&entries, name);
        if (entry != NULL)
            ARRAY_PUSH(arena, paths, fs_join(arena, folder, entry));
        else
            ARRAY_PUSH(arena, &missing, name);
    }
    return missing.count == 0 || error_set(err, ERR_NOT_FOUND, "there is no package %s in '%s'",
                                           text_list_quoted(&missing, arena), folder);
}

bool packages_find(const PackageChoice *choice, Report *report, Arena *arena, StringList *ret_paths, Error *err)
{
    StringList paths = { 0 };
    if (choice->path != NULL)
        ARRAY_PUSH(arena, &paths, choice->path);
    else if (!(choice->names.count > 0 ? find_named(&choice->names, choice->folder, arena, &paths, err)
                                       : find_all(choice->folder, report, arena, &paths, err)))
        return false;
    *ret_paths = paths;
    return true;
}

/* Each would take the place of the other. */
static void find_rivals(ChosenPackages *packages, Arena *arena)
{
    const Manifest **manifests = ARENA_NEW_ARRAY(arena, const Manifest *, packages->count);
    for (size_t i = 0; i < packages->count; i++)
        manifests[i] = packages->items[i].source->manifest;
    const Rival *rivals = manifests_find_rivals(manifests, packages->count, arena);
    for (size_t i = 0; i < packages->count; i++) {
        ChosenPackage *package = &packages->items[i];
        package->winner = rivals[i].winner != SIZE_MAX ? packages->items[rivals[i].winner].source->name : NULL;
        package->served = rivals[i].served;
    }
}

bool packages_open(const PackageChoice *choice, const StringList *paths, Arena *arena, ChosenPackages *ret_packages,
                   Error *err)
{
    ChosenPackages packages = { 0 };
    for (size_t i = 0; i < paths->count; i++) {
        ChosenPackage package = { .winner = NULL };
        if (!package_open(paths->items[i], arena, &package.source, err)) {
            packages_close(&packages);
            return false;
        }
        ARRAY_PUSH(arena, &packages, package);
    }
    if (choice->names.count == 0)
        find_rivals(&packages, arena);
    *ret_packages = packages;
    return true;
}

void packages_close(ChosenPackages *packages)
{
    for (size_t i = 0; i < packages->count; i++)
        package_close(packages->items[i].source);
}

StringList package_names(const StringList *names, Arena *arena)
{
    StringList bare = { 0 };
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        size_t length = strlen(name);
        ARRAY_PUSH(arena, &bare, arena_strndup(arena, name, ascii_ends_with(name, ".zip") ? length - 4 : length));
    }
    return bare;
}

/* ---- putting in, taking out ---- */

/* A run over several packages. */
typedef struct Run {
    const InstallJob *job;
    PackageDone *done;
    void *context;
    InstallReport report;
} Run;

static void warn_of_holders(Report *report, const HolderList *holders)
{
    for (size_t i = 0; i < holders->count; i++) {
        const Holder *holder = &holders->items[i];
        report_warning(report, "'%s' is in use by %s%s (process %" PRIu64 ")", holder->path,
                       holder->is_service ? "the service " : "", holder->program, holder->process);
    }
}

static void tell_files(Report *report, const InstallPlan *plan)
{
    static const char *const words[] = { [PLANNED_WRITE] = "write",
                                         [PLANNED_SAME] = "is there",
                                         [PLANNED_NEWER] = "guest's is newer",
                                         [PLANNED_KEPT] = "not the package's, left alone" };
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        report_detail(report, "%s: %s", file->target.path, words[file->action]);
        if (file->action == PLANNED_KEPT)
            report_warning(report, "'%s' %s, and is left alone%s", file->target.path, owner_text(file->owner),
                           file->owner == OWNER_UNKNOWN && file->ours != NULL
                               ? "; if it is nobody's, remove it and install again"
                               : "");
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        const PlannedRemoval *removal = &plan->removals.items[i];
        report_detail(report, "%s: %s", removal->target.path,
                      removal->stays                    ? "somebody else's by now, stays"
                      : removal->original_is_gone       ? "remove; the original is gone"
                      : removal->ours->original != NULL ? "the original comes back"
                                                        : "remove");
    }
    for (size_t i = 0; i < plan->values.count; i++)
        report_detail(report, "%s\\%s: write", plan->values.items[i].key, plan->values.items[i].name);
}

static size_t count_files(const InstallPlan *plan, PlannedAction action)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->files.count; i++)
        count += plan->files.items[i].action == action;
    return count;
}

static void describe(const InstallPlan *plan, Arena *arena, PackageReport *package)
{
    /* What the plan has of its package ends with that. */
    if (plan->name != NULL)
        package->name = arena_strdup(arena, plan->name);
    if (plan->manifest != NULL)
        package->driver_version = arena_strdup(arena, plan->manifest->driver_version);
    package->written = plan->files_to_write;
    package->written_bytes = plan->bytes_to_write;
    package->already_there = count_files(plan, PLANNED_SAME);
    package->left_newer = count_files(plan, PLANNED_NEWER);
    package->left_to_windows = count_files(plan, PLANNED_KEPT);
    package->removed = plan->files_to_remove;
    package->registry_values = plan->values.count;
    package->values_left = plan->values_left;
    package->originals_gone = plan->originals_gone;
    package->replaced = plan->replaced;
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        bool gives_way = file->entry->place != LAYOUT_IN_SYSTEM || owner_gives_way(file->owner);
        if (file->action == PLANNED_NEWER && gives_way)
            ARRAY_PUSH(arena, &package->newer, file->target.path);
    }
}

static PackageOutcome failure_outcome(SwapState state)
{
    return state == SWAP_PUT_BACK ? PACKAGE_PUT_BACK : state == SWAP_UNFINISHED ? PACKAGE_UNFINISHED : PACKAGE_FAILED;
}

static PackageOutcome success_outcome(const InstallJob *job, const InstallResult *result, PackageOutcome done)
{
    return result->nothing                 ? PACKAGE_NOTHING
           : job->what_if                  ? PACKAGE_PLANNED
           : result->state == SWAP_WAITING ? PACKAGE_WAITING
                                           : done;
}

static bool install_chosen(const InstallJob *job, const ChosenPackage *chosen, InstallResult *result, Error *err)
{
    InstallJob one = *job;
    one.served = &chosen->served;
    return install_package(&one, chosen->source, result, err);
}

/* chosen NULL: it goes. */
static void work_on(Run *run, PackageReport *package, const ChosenPackage *chosen)
{
    const InstallJob *job = run->job;
    InstallResult result;
    bool ok = chosen != NULL ? install_chosen(job, chosen, &result, &package->why)
                             : install_uninstall(job, package->name, &result, &package->why);
    package->in_use = result.holders;
    warn_of_holders(job->report, &package->in_use);
    if (!ok) {
        if (chosen != NULL)
            (void) error_prefix(&package->why, "package '%s'", package->name);
        package->outcome = failure_outcome(result.state);
        run->report.unfinished = package->outcome == PACKAGE_UNFINISHED;
        return;
    }
    package->outcome =
        success_outcome(job, &result, chosen != NULL ? PACKAGE_INSTALLED : PACKAGE_UNINSTALLED);
    run->report.waits |= package->outcome == PACKAGE_WAITING;
    run->report.changes |= result.state == SWAP_DONE || package->outcome == PACKAGE_PLANNED;
    describe(&result.plan, job->arena, package);
    tell_files(job->report, &result.plan);
}

/* The user does not want what is left; each thing that was to be done, and was not, is told. */
static void tell_interrupted(PackageReport *package)
{
    package->outcome = PACKAGE_INTERRUPTED;
    (void) error_set(&package->why, ERR_CANCELLED, "interrupted: package '%s' was not %s", package->name,
                     package->is_removal ? "removed" : "installed");
}

/* Whether the next one may be begun. */
static bool do_one(Run *run, const char *name, const ChosenPackage *chosen)
{
    Arena *arena = run->job->arena;
    PackageReport package = { .name = arena_strdup(arena, name), .is_removal = chosen == NULL };
    if (chosen != NULL && chosen->winner != NULL) {
        package.outcome = PACKAGE_LEFT_OUT;
        package.winner = arena_strdup(arena, chosen->winner);
    } else if (run->report.waits) {
        package.outcome = PACKAGE_POSTPONED;
    } else if (cancel_is_requested(run->job->cancel)) {
        tell_interrupted(&package);
    } else {
        work_on(run, &package, chosen);
    }
    run->report.packages++;
    run->done(run->context, &package);
    return !run->report.unfinished;
}

/* The plan of several is made as the run goes: each against the guest that those before it leave. */
static InstallJob job_for(const InstallJob *job, size_t packages)
{
    InstallJob one = *job;
    if (job->what_if && packages > 1) {
        one.foreseen = foreseen_create(job->registry, job->arena);
        one.registry = foreseen_registry(one.foreseen);
    }
    return one;
}

void packages_install(const InstallJob *job, const ChosenPackages *packages, PackageDone *done, void *context,
                      InstallReport *ret_report)
{
    const InstallJob each = job_for(job, packages->count);
    Run run = { .job = &each, .done = done, .context = context };
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < packages->count; i++)
        goes_on = do_one(&run, packages->items[i].source->name, &packages->items[i]);
    *ret_report = run.report;
}

static bool installed_names(const InstallJob *job, StringList *names, bool *ret_unfinished, Error *err)
{
    InstalledPackages packages;
    SwapState state;
    bool ok = install_list(job, &packages, &state, err);
    *ret_unfinished = state == SWAP_UNFINISHED;
    for (size_t i = 0; ok && i < packages.count; i++)
        ARRAY_PUSH(job->arena, names, packages.items[i].name);
    return ok;
}

bool packages_uninstall(const InstallJob *job, const StringList *names, PackageDone *done, void *context,
                        InstallReport *ret_report, Error *err)
{
    Run run = { .done = done, .context = context };
    StringList chosen = *names;
    bool ok = names->count > 0 || installed_names(job, &chosen, &run.report.unfinished, err);
    bool goes_on = ok;
    const InstallJob each = job_for(job, chosen.count);
    run.job = &each;
    for (size_t i = 0; goes_on && i < chosen.count; i++)
        goes_on = do_one(&run, chosen.items[i], NULL);
    *ret_report = run.report;
    return ok;
}

/* ---- looking ---- */

bool packages_verify(const InstallJob *job, const StringList *names, PackageChecks *ret_checks, Error *err)
{
    InstalledPackages packages;
    InstallProblems problems;
    PackageChecks checks = { 0 };
    if (!install_verify(job, names, &packages, &problems, err))
        return false;
    for (size_t i = 0; i < packages.count; i++) {
        const InstalledPackage *package = &packages.items[i];
        PackageCheck check = { .name = package->name,
                               .driver_version = package->driver_version,
                               .files = package->files.count };
        for (size_t j = 0; j < problems.count; j++) {
            const InstallProblem *problem = &problems.items[j];
            FileFault fault = { .path = problem->path, .fault = problem->problem };
            if (strcmp(problem->package, package->name) != 0)
                continue;
            if (fault.fault != NULL)
                ARRAY_PUSH(job->arena, &check.faults, fault);
            else
                ARRAY_PUSH(job->arena, &check.left, fault.path);
        }
        ARRAY_PUSH(job->arena, &checks, check);
    }
    *ret_checks = checks;
    return true;
}

/* ---- recovering ---- */

bool packages_recover(const InstallJob *job, InstallRecovery *ret_recovery, Error *err)
{
    static const struct {
        InstallRecoveryOutcome done, looked;
    } outcomes[] = {
        [SWAP_FOUND_NOTHING] = { INSTALL_RECOVERY_NOTHING, INSTALL_RECOVERY_NOTHING },
        [SWAP_FOUND_UNFINISHED] = { INSTALL_RECOVERY_UNDONE, INSTALL_RECOVERY_UNFINISHED },
        [SWAP_FOUND_WAITING] = { INSTALL_RECOVERY_CALLED_OFF, INSTALL_RECOVERY_WAITING },
        [SWAP_FOUND_PLACED] = { INSTALL_RECOVERY_FINISHED, INSTALL_RECOVERY_PLACED },
    };
    const char *what;
    SwapFound found;
    *ret_recovery = (InstallRecovery){ .outcome = INSTALL_RECOVERY_NOTHING };
    if (cancel_is_requested(job->cancel))
        return error_set(err, ERR_CANCELLED, "interrupted: nothing was recovered");
    if (!install_recover(job, &found, &what, err)) {
        ret_recovery->unfinished = found != SWAP_FOUND_NOTHING;
        return false;
    }
    ret_recovery->outcome = job->what_if ? outcomes[found].looked : outcomes[found].done;
    ret_recovery->what = found != SWAP_FOUND_NOTHING ? what : NULL;
    return true;
}
