/* SPDX-License-Identifier: MIT */
#include "drivers/install/install.h"

#include "base/limits.h"
#include "drivers/install/installed_index.h"
#include "drivers/install/stage.h"
#include "drivers/install/values.h"
#include "drivers/install/workers.h"
#include "platform/text.h"

#include <inttypes.h>
#include <string.h>

/* What is left free on the disk for records and folders. */
enum { SPACE_RESERVE = 32 * 1024 * 1024 };

/* ---- who else is at it ---- */

static void warn(const InstallJob *job, const char *what, const Error *failure)
{
    report_warning(job->report, "%s%s", what, failure->message);
}

/* Who works in a guest: nobody else does, and what was half done in it is ended. */
typedef struct Entry {
    Tree *tree;
    InstallTarget *target;
    FsLock *lock;         /* in the user's state folder: one message for one user, also where a disk cannot be locked */
    TreeLock *guest_lock; /* in the guest: for other users and computers */
} Entry;

static void leave(Entry *entry)
{
    tree_unlock(entry->guest_lock);
    fs_unlock(entry->lock);
    tree_close(entry->tree);
}

static bool lock_state(const InstallJob *job, Entry *entry, Error *err)
{
    char hash[HASH_TEXT_LENGTH + 1];
    const char *root = tree_root(entry->tree);
    if (!hash_of(root, strlen(root), hash, err))
        return false;
    const char *folder = fs_join(job->arena, job->state_folder, "locks");
    const char *file = fs_join(job->arena, folder, arena_printf(job->arena, "install@%.16s.lock", hash));
    return fs_make_folders(folder, FS_PRIVATE, err) && fs_lock(file, FS_PRIVATE, &entry->lock, err);
}

static bool lock_guest(const InstallJob *job, Entry *entry, Error *err)
{
    TargetFile windows;
    if (!target_find(entry->target, "Windows", &windows, err) ||
        !tree_lock(entry->tree, windows.path, &entry->guest_lock, err))
        return false;
    if (entry->guest_lock == NULL)
        report_notice(job->report,
                      "the disk of '%s' cannot be locked; see to it that no other "
                      "user and no other computer runs installdrivers on it",
                      tree_root(entry->tree));
    return true;
}

static bool lock_root(const InstallJob *job, Entry *entry, Error *err)
{
    if (lock_state(job, entry, err) && lock_guest(job, entry, err)) {
        report_begins(job->report, "%s", job->root);
        return true;
    }
    return err->code != ERR_BUSY
               ? false
               : error_set(err, ERR_BUSY, "another installdrivers is at work in '%s'", tree_root(entry->tree));
}

static bool look_around(const InstallJob *job, Entry *entry, Error *err)
{
    return target_open_tree(job->root, &entry->tree, err) &&
           target_open(entry->tree, job->foreseen, job->arena, &entry->target, err);
}

/* What others can have in use. */
static bool is_in_guest(const TargetFile *file)
{
    return file->status.kind == FILE_PLAIN && file->foreseen == NULL;
}

/* Files that will be replaced or removed, and are in use. */
static bool check_holders(const InstallJob *job, InstallResult *result, Error *err)
{
    StringList paths = { 0 };
    const InstallPlan *plan = &result->plan;
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        if (file->action == PLANNED_WRITE && is_in_guest(&file->target))
            ARRAY_PUSH(job->arena, &paths, file->target.full);
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        if (is_in_guest(&plan->removals.items[i].target))
            ARRAY_PUSH(job->arena, &paths, plan->removals.items[i].target.full);
    }
    if (!job->holders->find(job->holders, &paths, job->arena, &result->holders, err)) {
        if (!job->force)
            return false;
        warn(job, "", err); /* the moves will show */
        *err = (Error){ .code = ERR_NONE };
    }
    if (result->holders.count == 0 || job->force || job->what_if)
        return true;
    const Holder *first = &result->holders.items[0];
    (void) error_set(err, ERR_BUSY, "'%s' is in use by %s (process %" PRIu64 ")", first->path, first->program,
                     first->process);
    (void) error_hint(err, "nothing was changed");
    return error_advise(err, ADVICE_END_USERS, NULL);
}

static bool check_space(const InstallJob *job, const InstallTarget *target, const InstallPlan *plan, Error *err)
{
    uint64_t space, needed = plan->bytes_to_write + SPACE_RESERVE;
    if (plan->files_to_write == 0)
        return true;
    if (!tree_free_space(target_tree(target), &space, err))
        return false;
    if (job->foreseen != NULL)
        space = foreseen_space(job->foreseen, space);
    if (space >= needed)
        return true;
    return error_set(err, ERR_NO_SPACE,
                     "the disk of '%s' has %" PRIu64 " MB free, and %" PRIu64
                     " MB are needed, since the old files stay "
                     "until the new ones are complete",
                     target_root(target), space >> 20, (needed >> 20) + 1);
}

/* ---- doing it ---- */

static bool check_same(const Tree *tree, const TargetFile *file, Error *err)
{
    FileStatus now;
    if (!tree_status(tree, file->path, &now, err))
        return false;
    if (now.kind == file->status.kind && fs_stamp_equals(&now.stamp, &file->status.stamp))
        return true;
    return error_set(err, ERR_STATE, "'%s' was changed by somebody else meanwhile", file->full);
}

static bool check_unchanged(const InstallPlan *plan, Error *err)
{
    for (size_t i = 0; i < plan->files.count; i++) {
        if (!check_same(plan->tree, &plan->files.items[i].target, err))
            return false;
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        if (!check_same(plan->tree, &plan->removals.items[i].target, err))
            return false;
    }
    return true;
}

static Swap swap_of(const InstallJob *job, const Tree *tree)
{
    return (Swap){ .tree = tree, .registry = job->registry, .report = job->report, .arena = job->arena };
}

/* Whoever does not end keeps the old files; it is no reason to stop. */
static void stop_holders(const InstallJob *job, const HolderList *list)
{
    StringList paths = { 0 };
    Error failure = { .code = ERR_NONE };
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || strcmp(list->items[i].path, list->items[i - 1].path) != 0)
            ARRAY_PUSH(job->arena, &paths, list->items[i].path);
    }
    job->report->progress(job->report, "waiting for programs and services to end", -1);
    if (!job->holders->stop(job->holders, &paths, &failure))
        warn(job, "", &failure);
    job->report->progress(job->report, NULL, -1);
}

static void clean_up(const InstallJob *job, const Swap *swap)
{
    Error failure = { .code = ERR_NONE };
    if (!swap_clean(swap, &failure))
        warn(job, "leftovers remain until the next run: ", &failure);
}

static void restart_holders(const InstallJob *job)
{
    Error failure = { .code = ERR_NONE };
    if (!job->holders->restart(job->holders, &failure))
        warn(job, "", &failure);
}

/* What fails before the journal is written has changed nothing but the work folder. */
static bool exchange(const InstallJob *job, const Swap *swap, const InstallPlan *plan, InstallJournal *journal,
                     SwapState *ret_state, Error *err)
{
    if (check_unchanged(plan, err))
        return swap_files(swap, journal, job->force, ret_state, err);
    clean_up(job, swap);
    return false;
}

static bool apply(const InstallJob *job, InstallTarget *target, const char *what, InstallResult *result, Error *err)
{
    InstallJournal journal = { .what = what, .values = result->plan.values };
    Swap swap = swap_of(job, target_tree(target));
    if (!install_stage(job, target, &result->plan, &journal, err)) {
        clean_up(job, &swap);
        return false;
    }
    if (result->holders.count > 0)
        stop_holders(job, &result->holders);
    bool ok = exchange(job, &swap, &result->plan, &journal, &result->state, err);
    if (result->holders.count > 0)
        restart_holders(job);
    if (!ok && err->code == ERR_BUSY && !job->force && job->registry != NULL)
        (void) error_advise(err, ADVICE_END_USERS, NULL);
    return ok;
}

static bool refuse_waiting(const InstallJob *job, const char *what, Error *err)
{
    (void) error_set(err, ERR_STATE, "the %s waits for the next start of Windows", what);
    return error_advise(err, job->registry != NULL ? ADVICE_RESTART_OR_RECOVER : ADVICE_RECOVER_IN_GUEST, NULL);
}

static bool recover_first(const InstallJob *job, const Tree *tree, SwapState *ret_state, Error *err)
{
    const char *what;
    SwapFound found;
    Swap swap = swap_of(job, tree);
    if (!swap_recover(&swap, false, &found, &what, err)) {
        *ret_state = found != SWAP_FOUND_NOTHING ? SWAP_UNFINISHED : SWAP_UNTOUCHED;
        return false;
    }
    if (found == SWAP_FOUND_WAITING)
        return refuse_waiting(job, what, err);
    if (found != SWAP_FOUND_NOTHING)
        report_notice(job->report, "the interrupted %s has been %s", what,
                      found == SWAP_FOUND_PLACED ? "finished" : "undone");
    return true;
}

bool install_is_finished(const InstallJob *job, const Tree *tree, Error *err)
{
    const char *what;
    SwapFound found;
    Swap swap = swap_of(job, tree);
    if (!swap_look(&swap, &found, &what, err))
        return false;
    if (found == SWAP_FOUND_NOTHING)
        return true;
    if (found == SWAP_FOUND_WAITING)
        return refuse_waiting(job, what, err);
    (void) error_set(err, ERR_STATE, "an interrupted %s has to be %s first", what,
                     found == SWAP_FOUND_PLACED ? "finished" : "undone");
    return error_advise(err, ADVICE_RECOVER_INSTALL, NULL);
}

/* Nothing half done in the guest, nobody else at it: the entry is the caller's to leave, in any case. Nothing is locked
 * with what_if. */
static bool enter(const InstallJob *job, Entry *entry, SwapState *ret_state, Error *err)
{
    *entry = (Entry){ .tree = NULL };
    *ret_state = SWAP_UNTOUCHED;
    if (!look_around(job, entry, err))
        return false;
    if (job->what_if)
        return install_is_finished(job, entry->tree, err);
    /* What recovery changes is not what has been looked at so far. */
    return lock_root(job, entry, err) && recover_first(job, entry->tree, ret_state, err) &&
           target_open(entry->tree, /* foreseen= */ NULL, job->arena, &entry->target, err);
}

static bool install(const InstallJob *job, InstallTarget *target, const PackageSource *source, InstallResult *result,
                    Error *err)
{
    InstallPlan *plan = &result->plan;
    const InstallPlanRequest request = { .source = source,
                                  .served = job->served,
                                  .replaces_newer = job->replace_newer,
                                  .cancel = job->cancel,
                                  .report = job->report };
    if (!install_plan(&request, target, job->arena, plan, err) ||
        !install_plan_values(plan, target, job->registry, job->report, job->arena, err) ||
        !check_space(job, target, plan, err) || !check_holders(job, result, err))
        return false;
    result->nothing = plan->files_to_write == 0 && plan->removals.count == 0 && plan->values.count == 0 &&
                      plan->files_given_up == 0 && install_is_replaced(plan, plan->name);
    if (result->nothing)
        return true;
    if (job->what_if)
        return install_foresee(job, target, plan, err);
    return apply(job, target, arena_printf(job->arena, "installation of '%s'", plan->name), result, err);
}

bool install_package(const InstallJob *job, const PackageSource *source, InstallResult *result, Error *err)
{
    Entry entry;
    *result = (InstallResult){ .state = SWAP_UNTOUCHED };
    bool ok = enter(job, &entry, &result->state, err) && install(job, entry.target, source, result, err);
    result->plan.tree = NULL; /* it is closed */
    leave(&entry);
    return ok;
}

static bool refuse_values(Error *err)
{
    (void) error_set(err, ERR_STATE, "the package has values in the registry of the guest, which does not run here");
    return error_advise(err, ADVICE_UNINSTALL_IN_GUEST, NULL);
}

static bool uninstall(const InstallJob *job, InstallTarget *target, const char *name, InstallResult *result, Error *err)
{
    InstallPlan *plan = &result->plan;
    const char *what = arena_printf(job->arena, "removal of '%s'", name);
    return install_plan_removal(name, target, job->report, job->arena, plan, err) &&
           install_plan_values(plan, target, job->registry, job->report, job->arena, err) &&
           (plan->values_left == 0 || refuse_values(err)) && check_holders(job, result, err) &&
           (job->what_if ? install_foresee(job, target, plan, err) : apply(job, target, what, result, err));
}

bool install_uninstall(const InstallJob *job, const char *name, InstallResult *result, Error *err)
{
    Entry entry;
    *result = (InstallResult){ .state = SWAP_UNTOUCHED };
    bool ok = enter(job, &entry, &result->state, err) && uninstall(job, entry.target, name, result, err);
    result->plan.tree = NULL; /* it is closed */
    leave(&entry);
    return ok;
}

bool install_recover(const InstallJob *job, SwapFound *ret_found, const char **ret_what, Error *err)
{
    Entry entry = { .tree = NULL };
    *ret_found = SWAP_FOUND_NOTHING;
    bool ok = look_around(job, &entry, err) && (job->what_if || lock_root(job, &entry, err));
    if (ok) {
        Swap swap = swap_of(job, entry.tree);
        ok = job->what_if ? swap_look(&swap, ret_found, ret_what, err)
                          : swap_recover(&swap, true, ret_found, ret_what, err);
    }
    leave(&entry);
    return ok;
}

bool install_list(const InstallJob *job, InstalledPackages *ret_packages, SwapState *ret_state, Error *err)
{
    Entry entry;
    bool ok = enter(job, &entry, ret_state, err) && install_read_packages(entry.target, job->arena, ret_packages, err);
    leave(&entry);
    return ok;
}

/* ---- looking ---- */

/* What is wrong with the file, or NULL. */
static bool verify_file(InstallTarget *target, const InstalledIndex *all, const InstalledFile *file, Hash *hash,
                        Arena *arena, const char **ret_problem, Error *err)
{
    char found[HASH_TEXT_LENGTH + 1];
    TargetFile there;
    *ret_problem = NULL;
    if (!target_find(target, file->path, &there, err))
        return false;
    if (there.status.kind != FILE_PLAIN) {
        *ret_problem = there.status.kind == FILE_NONE ? "is missing" : "was changed";
        return true;
    }
    if (!install_hash_file(target_tree(target), there.path, hash, found, err))
        return false;
    /* Of a file that several packages have, one package's is there. */
    if (strcmp(found, file->sha256) != 0 && !installed_index_has(all, file->path, found, arena))
        *ret_problem = "was changed";
    return true;
}

static bool verify_values(const InstallJob *job, const InstalledPackage *package, InstallProblems *problems, Error *err)
{
    for (size_t i = 0; job->registry != NULL && i < package->values.count; i++) {
        const InstallValue *value = &package->values.items[i];
        RegistryValue now;
        if (!job->registry->read(job->registry, value->key, value->name, job->arena, &now, err))
            return false;
        InstallProblem problem = { .package = package->name,
                                   .path = arena_printf(job->arena, "%s\\%s", value->key, value->name),
                                   .problem = now.state == REGISTRY_VALUE ? "was changed" : "is missing" };
        if (!registry_value_equals(&now, &value->after))
            ARRAY_PUSH(job->arena, problems, problem);
    }
    return true;
}

/* Of an installed package without one, or with a broken one: no files. What is wrong with it, its record tells. */
static bool read_manifest(InstallTarget *target, const char *name, Arena *arena, Manifest *ret_manifest, Error *err)
{
    TargetFile file;
    char *text;
    size_t size;
    Error broken = { .code = ERR_NONE };
    *ret_manifest = (Manifest){ .name = name };
    if (!target_find(target, manifest_path(name, arena), &file, err))
        return false;
    bool ok = file.status.kind == FILE_PLAIN &&
              tree_read(target_tree(target), file.path, LIMIT_MANIFEST_BYTES, arena, &text, &size, &broken) &&
              manifest_parse(text, size, arena, ret_manifest, &broken);
    if (!ok)
        *ret_manifest = (Manifest){ .name = name };
    return true;
}

/* Of a file that the package has and did not put there. *ret_is_told: it is not as in the package. */
static bool verify_left(InstallTarget *target, const ManifestFile *file, Hash *hash, const char **ret_problem,
                        bool *ret_is_told, Error *err)
{
    char found[HASH_TEXT_LENGTH + 1];
    TargetFile there;
    if (!target_find(target, file->path, &there, err))
        return false;
    *ret_problem = there.status.kind == FILE_NONE ? "is missing" : NULL;
    *ret_is_told = there.status.kind != FILE_PLAIN || there.status.size != file->size;
    if (*ret_is_told)
        return true;
    if (!install_hash_file(target_tree(target), there.path, hash, found, err))
        return false;
    *ret_is_told = strcmp(found, file->sha256) != 0;
    return true;
}

/* What the package has and its record has not, by its manifest. */
static bool verify_others(const InstallJob *job, InstallTarget *target, const InstalledPackage *package, Hash *hash,
                          InstallProblems *problems, Error *err)
{
    Manifest manifest;
    InstalledPackage copy = *package;
    const InstalledPackages alone = { .items = &copy, .count = 1 };
    InstalledIndex index = installed_index_make(&alone, job->arena);
    if (!read_manifest(target, package->name, job->arena, &manifest, err))
        return false;
    for (size_t i = 0; i < manifest.files.count; i++) {
        InstallProblem problem = { .package = package->name, .path = manifest.files.items[i].path };
        const char *checked;
        LayoutPlace place;
        bool is_told = false;
        Error ignored = { .code = ERR_NONE };
        if (installed_index_find(&index, problem.path, job->arena).first != NULL ||
            !layout_check(problem.path, job->arena, &checked, &place, &ignored))
            continue;
        if (!verify_left(target, &manifest.files.items[i], hash, &problem.problem, &is_told, err))
            return false;
        if (is_told)
            ARRAY_PUSH(job->arena, problems, problem);
    }
    return true;
}

static bool verify_package(const InstallJob *job, InstallTarget *target, const InstalledIndex *all,
                           const InstalledPackage *package, InstallProblems *problems, Error *err)
{
    Hash *hash = NULL;
    bool ok = hash_create(&hash, err);
    for (size_t i = 0; ok && i < package->files.count; i++) {
        InstallProblem problem = { .package = package->name, .path = package->files.items[i].path };
        job->report->progress(job->report, "verifying", (int) (i * 100 / package->files.count));
        ok = cancel_is_requested(job->cancel)
                 ? error_set(err, ERR_CANCELLED, "interrupted: package '%s' was not verified to the end", package->name)
                 : verify_file(target, all, &package->files.items[i], hash, job->arena, &problem.problem, err);
        if (ok && problem.problem != NULL)
            ARRAY_PUSH(job->arena, problems, problem);
    }
    job->report->progress(job->report, NULL, -1);
    ok = ok && verify_others(job, target, package, hash, problems, err);
    hash_destroy(hash);
    return ok && verify_values(job, package, problems, err);
}

/* All that are asked for and not there, in one error. */
static bool check_installed(const InstalledPackages *all, const StringList *names, const InstallTarget *target,
                            Arena *arena, Error *err)
{
    StringList installed = { 0 }, missing = { 0 };
    for (size_t i = 0; i < all->count; i++)
        ARRAY_PUSH(arena, &installed, all->items[i].name);
    for (size_t i = 0; i < names->count; i++) {
        if (!text_list_has(&installed, names->items[i]))
            ARRAY_PUSH(arena, &missing, names->items[i]);
    }
    if (missing.count > 0)
        return error_set(err, ERR_NOT_FOUND, "no package %s is installed in '%s'", text_list_quoted(&missing, arena),
                         target_root(target));
    if (all->count == 0)
        return error_set(err, ERR_NOT_FOUND, "no package is installed in '%s'", target_root(target));
    return true;
}

static bool verify(const InstallJob *job, InstallTarget *target, const StringList *names,
                   InstalledPackages *ret_packages, InstallProblems *ret_problems, Error *err)
{
    InstalledPackages all, chosen = { 0 };
    InstallProblems problems = { 0 };
    if (!install_is_finished(job, target_tree(target), err) ||
        !install_read_packages(target, job->arena, &all, err) ||
        !check_installed(&all, names, target, job->arena, err))
        return false;
    InstalledIndex index = installed_index_make(&all, job->arena);
    for (size_t i = 0; i < all.count; i++) {
        if (names->count > 0 && !text_list_has(names, all.items[i].name))
            continue;
        ARRAY_PUSH(job->arena, &chosen, all.items[i]);
        if (!verify_package(job, target, &index, &all.items[i], &problems, err))
            return false;
    }
    *ret_packages = chosen;
    *ret_problems = problems;
    return true;
}

bool install_verify(const InstallJob *job, const StringList *names, InstalledPackages *ret_packages,
                    InstallProblems *ret_problems, Error *err)
{
    Entry entry = { .tree = NULL };
    bool ok = look_around(job, &entry, err) && verify(job, entry.target, names, ret_packages, ret_problems, err);
    leave(&entry);
    return ok;
}
