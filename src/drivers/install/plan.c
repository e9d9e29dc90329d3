/* SPDX-License-Identifier: MIT */
#include "drivers/install/plan.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/sorted.h"
#include "drivers/install/damage.h"
#include "drivers/install/foreseen.h"
#include "drivers/install/replaced.h"
#include "drivers/install/workers.h"
#include "drivers/package/match.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is installed ---- */

static bool read_record(InstallTarget *target, const char *path, Arena *arena, char **ret_text, size_t *ret_size,
                        Error *err)
{
    TargetFile file;
    if (!target_find(target, path, &file, err))
        return false;
    if (file.foreseen == NULL)
        return tree_read(target_tree(target), path, LIMIT_INSTALL_JOURNAL_BYTES, arena, ret_text, ret_size, err);
    *ret_text = arena_strdup(arena, file.foreseen->text);
    *ret_size = strlen(*ret_text);
    return true;
}

static bool read_package(InstallTarget *target, const char *path, Arena *arena, InstalledPackages *packages, Error *err)
{
    char *text;
    size_t size;
    InstalledPackage package;
    if (packages->count >= LIMIT_INSTALLED_PACKAGES)
        return error_set(err, ERR_INVALID, "'%s' has records of more than %d packages", target_root(target),
                         LIMIT_INSTALLED_PACKAGES);
    if (!read_record(target, path, arena, &text, &size, err))
        return false;
    if (!installed_parse(text, size, arena, &package, err)) {
        (void) error_prefix(err, "the record '%s' cannot be understood", target_full(target, path, arena));
        return error_hint(err, "it tells which files are HyperPoint's and what was there before; remove it only if "
                               "that does not matter any more");
    }
    ARRAY_PUSH(arena, packages, package);
    return true;
}

bool install_read_packages(InstallTarget *target, Arena *arena, InstalledPackages *ret_packages, Error *err)
{
    TargetFile own;
    StringList names = { 0 };
    InstalledPackages packages = { 0 };
    if (!target_find(target, LAYOUT_OWN, &own, err) ||
        (own.status.kind != FILE_NONE && !target_list(target, own.path, arena, &names, err)))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = arena_printf(arena, "%s/%s", own.path, names.items[i]);
        if (ascii_ends_with(names.items[i], LAYOUT_RECORD_ENDING) && !read_package(target, path, arena, &packages, err))
            return false;
    }
    *ret_packages = packages;
    return true;
}

/* Files of packages of ours by key, so that each lookup is fast. */
typedef struct OwnFile {
    const char *key;
    const InstalledFile *file;
    bool is_replaced; /* its package goes */
} OwnFile;

typedef struct OwnFiles {
    OwnFile *items;
    size_t count, capacity;
} OwnFiles;

static int compare_own(const void *a, const void *b)
{
    const OwnFile *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : x->is_replaced - y->is_replaced; /* a package that stays comes first */
}

bool install_is_replaced(const InstallPlan *plan, const char *name)
{
    return text_list_has(&plan->replaced, name);
}

bool install_is_given_up(const PlannedFile *file)
{
    bool is_another_ones = file->is_shared && file->action != PLANNED_SAME;
    return file->is_altered && file->action != PLANNED_WRITE && !is_another_ones;
}

static OwnFiles own_files(const InstallPlan *plan, Arena *arena)
{
    OwnFiles own = { 0 };
    for (size_t i = 0; i < plan->installed.count; i++) {
        const InstalledPackage *package = &plan->installed.items[i];
        bool is_replaced = install_is_replaced(plan, package->name);
        for (size_t j = 0; j < package->files.count; j++) {
            OwnFile file = { package_key(package->files.items[j].path, arena), &package->files.items[j], is_replaced };
            ARRAY_PUSH(arena, &own, file);
        }
    }
    if (own.count > 0)
        qsort(own.items, own.count, sizeof(OwnFile), compare_own);
    return own;
}

static int compare_key(const void *key, const void *own)
{
    return strcmp(key, ((const OwnFile *) own)->key);
}

/* The first one of that key, or NULL. */
static const OwnFile *find_own(const OwnFiles *own, const char *key)
{
    size_t place = sorted_place(key, own->items, own->count, sizeof(OwnFile), compare_key);
    return place < own->count && strcmp(own->items[place].key, key) == 0 ? &own->items[place] : NULL;
}

/* ---- the package and its manifest ---- */

static bool refuse_mismatch(const PackageMismatch *mismatch, Error *err)
{
    static const char *const words[] = { [MISMATCH_LACKS] = "lacks",
                                         [MISMATCH_UNLISTED] = "holds what its manifest does not list:",
                                         [MISMATCH_ALTERED] = "holds an altered" };
    (void) error_set(err, ERR_INVALID, "the package %s '%s'", words[mismatch->kind], mismatch->path);
    return package_hint_damaged(err);
}

static bool read_source(InstallPlan *plan, Arena *arena, Error *err)
{
    const PackageSource *source = plan->source;
    PackageMatch match = { .listed = NULL };
    plan->manifest = source->manifest;
    if (plan->manifest != NULL)
        match = package_match(source, arena);
    if (match.mismatches.count > 0)
        return refuse_mismatch(&match.mismatches.items[0], err);
    for (size_t i = 0; i < source->entries.count; i++) {
        PlannedFile file = { .entry = &source->entries.items[i] };
        if (match.listed != NULL)
            file.expected = match.listed[i];
        ARRAY_PUSH(arena, &plan->files, file);
    }
    return true;
}

/* ---- what goes ---- */

/* A file stays that is not the one that a package of ours wrote, or is Windows' although a record claims it. */
static bool is_kept(const Tree *tree, const TargetFile *target, const InstalledFile *ours, Hash *hash, bool *ret_kept,
                    Error *err)
{
    char found[HASH_TEXT_LENGTH + 1];
    PeVersion version;
    Owner owner;
    bool is_empty = target->status.kind == FILE_PLAIN && target->status.size == 0; /* that is nobody's */
    *ret_kept = target->status.kind != FILE_NONE && !is_empty;
    if (target->status.kind != FILE_PLAIN || is_empty || target->status.size != ours->size)
        return true;
    if (!foreseen_hash(tree, target, hash, found, err))
        return false;
    if (strcmp(found, ours->sha256) != 0)
        return true;
    if (ascii_starts_with(target->path, LAYOUT_STORE "/")) {
        *ret_kept = false;
        return true;
    }
    if (!owner_look(tree, target, true, &version, &owner, err))
        return false;
    *ret_kept = !owner_gives_way(owner);
    return true;
}

/* Whatever it is: the step that needs it refuses what is no file. */
static bool look_for_original(InstallPlan *plan, InstallTarget *target, PlannedRemoval *removal, Report *report,
                              Error *err)
{
    TargetFile original;
    if (removal->stays || removal->ours->original == NULL)
        return true;
    if (!target_find(target, removal->ours->original, &original, err))
        return false;
    removal->original_is_gone = original.status.kind == FILE_NONE;
    if (removal->original_is_gone) {
        plan->originals_gone++;
        report_warning(report, "what was at '%s' before cannot be put back: '%s' is gone", removal->target.full,
                       original.full);
    }
    return true;
}

static bool add_removal(InstallPlan *plan, InstallTarget *target, const InstalledFile *file, Report *report,
                        Arena *arena, Error *err)
{
    PlannedRemoval removal = { .ours = file };
    if (file->before == BEFORE_SAME)
        return true;
    Hash *hash = NULL;
    bool ok = hash_create(&hash, err) && target_find(target, file->path, &removal.target, err) &&
              is_kept(target_tree(target), &removal.target, file, hash, &removal.stays, err) &&
              look_for_original(plan, target, &removal, report, err);
    hash_destroy(hash);
    if (ok && removal.stays)
        report_warning(report, "'%s' is not the package's any more, and stays", removal.target.full);
    if (ok)
        ARRAY_PUSH(arena, &plan->removals, removal);
    plan->files_to_remove += ok && !removal.stays;
    return ok;
}

/* The manifest lies under the name that the package is installed under. */
static const char *path_in_guest(const InstallPlan *plan, const PackageEntry *entry, Arena *arena)
{
    return package_is_manifest(plan->source, entry, arena) ? manifest_path(plan->name, arena) : entry->path;
}

/* The package puts a file there. */
static bool has_file(const InstallPlan *plan, const char *key, Arena *arena)
{
    if (plan->source == NULL)
        return false;
    const PackageEntry *entry = package_find(plan->source, key);
    const char *own = manifest_path(plan->source->name, arena);
    const char *moved = package_key(manifest_path(plan->name, arena), arena);
    if (entry == NULL && plan->manifest != NULL && strcmp(moved, key) == 0)
        entry = package_find(plan->source, package_key(own, arena));
    return entry != NULL && strcmp(package_key(path_in_guest(plan, entry, arena), arena), key) == 0;
}

/* Files of packages that go, which neither this one nor another one has. */
static bool plan_removals(InstallPlan *plan, InstallTarget *target, const OwnFiles *own, Report *report, Arena *arena,
                          Error *err)
{
    for (size_t i = 0; i < own->count; i++) {
        const OwnFile *file = &own->items[i];
        bool first = i == 0 || strcmp(own->items[i - 1].key, file->key) != 0;
        if (first && file->is_replaced && !has_file(plan, file->key, arena) &&
            !add_removal(plan, target, file->file, report, arena, err))
            return false;
    }
    return true;
}

/* ---- what happens to each file ---- */

bool install_hash_entry(InstallWorker *worker, PlannedFile *file, Error *err)
{
    if (file->expected != NULL) {
        memcpy(file->sha256, file->expected->sha256, sizeof(file->sha256));
        return true;
    }
    return package_hash(worker->reader, file->entry, file->sha256, err);
}

/* Handed on whole, or its version is not looked for. */
static bool take_version(void *context, const void *data, size_t size, Error *err)
{
    (void) err;
    *(PeVersion *) context = pe_version_of(data, size);
    return true;
}

bool install_entry_version(PackageReader *reader, const PackageEntry *entry, PeVersion *ret_version, Error *err)
{
    PeVersion version = { .has_number = false };
    if (entry->size <= PACKAGE_WHOLE && !package_read(reader, entry, take_version, &version, err))
        return false;
    *ret_version = version;
    return true;
}

/* <0, 0, >0: the guest's file is older, the same or not to be told, newer than the package's by their versions. */
static bool compare_versions(InstallWorker *worker, const PlannedFile *file, const PeVersion *theirs, int *ret_order,
                             Error *err)
{
    PeVersion ours = { .has_number = false };
    if (theirs->has_number && !install_entry_version(worker->reader, file->entry, &ours, err))
        return false;
    *ret_order = ours.has_number ? (theirs->number > ours.number) - (theirs->number < ours.number) : 0;
    return true;
}

/* Of a file that a package of ours wrote, and that is another one now: nobody has written what is only the rest of it.
 * What that package wrote is only known if this one brings the same. */
static bool look_for_damage(InstallWorker *worker, PlannedFile *file, bool *ret_is_damaged, Error *err)
{
    if (!owner_is_written(file->ours))
        return true;
    if (!install_hash_entry(worker, file, err))
        return false;
    const PackageEntry *same = strcmp(file->sha256, file->ours->sha256) == 0 ? file->entry : NULL;
    return damage_look(worker, &file->target, same, ret_is_damaged, err);
}

/* Of a file that is there, and another one than the package's. */
static bool judge_other(InstallWorker *worker, PlannedFile *file, Error *err)
{
    PeVersion theirs;
    int order = 0;
    bool is_damaged = false;
    if (!owner_look(worker->plan->tree, &file->target, owner_is_written(file->ours) && !file->is_altered, &theirs,
                    &file->owner, err))
        return false;
    if (file->is_altered && file->owner != OWNER_WINDOWS && !look_for_damage(worker, file, &is_damaged, err))
        return false;
    if (is_damaged) {
        file->is_altered = false;
        file->action = PLANNED_WRITE;
        return true;
    }
    bool gives_way = file->entry->place != LAYOUT_IN_SYSTEM || owner_gives_way(file->owner);
    /* Loaders such as OpenCL.dll come with every vendor's driver: the newest serves all. What only the package that
     * goes has brought goes with it, be it newer. */
    bool goes = owner_is_written(file->ours) && !file->is_shared && !file->is_altered;
    bool newest_counts = !worker->plan->replaces_newer && !goes &&
                         (file->is_shared || (file->expected != NULL && file->expected->rule == RULE_NEWER));
    if (newest_counts && !compare_versions(worker, file, &theirs, &order, err))
        return false;
    int64_t modified_s = file->expected != NULL ? file->expected->modified_s : file->entry->modified_s;
    bool is_later = newest_counts && order == 0 && file->target.status.modified_s >= modified_s;
    file->action = order > 0 ? PLANNED_NEWER : !gives_way ? PLANNED_KEPT : is_later ? PLANNED_NEWER : PLANNED_WRITE;
    return true;
}

/* There is nothing to compare with in a link: it is replaced as such, unless its place says that it stays. */
static bool judge_link(InstallWorker *worker, PlannedFile *file, Error *err)
{
    PeVersion version;
    bool is_system = file->entry->place == LAYOUT_IN_SYSTEM;
    file->is_altered = is_system && file->ours != NULL;
    if (!owner_look(worker->plan->tree, &file->target, false, &version, &file->owner, err))
        return false;
    file->action = !is_system || owner_gives_way(file->owner) ? PLANNED_WRITE : PLANNED_KEPT;
    return true;
}

static bool judge_file(InstallWorker *worker, PlannedFile *file, size_t index, Error *err)
{
    (void) index;
    char found[HASH_TEXT_LENGTH + 1] = "";
    bool is_system = file->entry->place == LAYOUT_IN_SYSTEM, same_size = file->target.status.size == file->entry->size;
    file->action = PLANNED_WRITE;
    if (file->target.status.kind == FILE_NONE)
        return true;
    if (file->target.status.kind == FILE_LINK)
        return judge_link(worker, file, err);
    if ((same_size || (is_system && file->ours != NULL)) &&
        !foreseen_hash(worker->plan->tree, &file->target, worker->hash, found, err))
        return false;
    file->is_altered = is_system && file->ours != NULL && strcmp(found, file->ours->sha256) != 0;
    if (same_size && !install_hash_entry(worker, file, err))
        return false;
    if (same_size && strcmp(found, file->sha256) == 0) {
        file->action = PLANNED_SAME;
        return true;
    }
    return judge_other(worker, file, err);
}

static bool is_obstacle(const TargetFile *there)
{
    return there->status.kind == FILE_FOLDER || there->status.kind == FILE_OTHER;
}

/* Where the package's file goes, or what is in its way: told, unless the file before has met the same. */
static bool place_file(InstallTarget *target, const char *path, PlannedFile *file, const char **told, Report *report,
                       Arena *arena, Error *err)
{
    if (!target_find(target, path, &file->target, err)) {
        if (err->code != ERR_STATE)
            return false;
        if (*told == NULL || strcmp(*told, err->message) != 0)
            report_warning(report, "%s", err->message); /* a link or a file in the place of a folder */
        *told = arena_strdup(arena, err->message);
        *err = (Error){ .code = ERR_NONE };
        return true;
    }
    *told = NULL;
    if (is_obstacle(&file->target))
        report_warning(report, "'%s' is %s, and the package has a file there", file->target.full,
                       file->target.status.kind == FILE_FOLDER ? "a folder" : "not a file");
    return true;
}

/* All are told at once: whoever mends them one by one needs a run for each. */
static bool place_files(InstallPlan *plan, InstallTarget *target, const OwnFiles *own, Report *report, Arena *arena,
                        Error *err)
{
    size_t obstacles = 0;
    const char *told = NULL;
    for (size_t i = 0; i < plan->files.count; i++) {
        PlannedFile *file = &plan->files.items[i];
        const char *path = path_in_guest(plan, file->entry, arena);
        if (!place_file(target, path, file, &told, report, arena, err))
            return false;
        const OwnFile *ours = find_own(own, package_key(path, arena));
        obstacles += told != NULL || is_obstacle(&file->target);
        file->ours = ours != NULL ? ours->file : NULL;
        file->is_shared = ours != NULL && !ours->is_replaced;
    }
    if (obstacles == 0)
        return true;
    (void) error_set(err, ERR_STATE, "%zu of the package's files have no place in '%s'", obstacles,
                     tree_root(plan->tree));
    return error_hint(err, "move what is there out of the way, and repeat; nothing was changed");
}

static void find_replaced(InstallPlan *plan, const StringList *served, Arena *arena)
{
    Newcomer newcomer = { .name = plan->source->name, .manifest = plan->manifest };
    if (served != NULL)
        newcomer.served = *served;
    replaced_find(&plan->installed, &newcomer, arena, &plan->replaced, &plan->name);
}

static void count_work(InstallPlan *plan)
{
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        if (file->action == PLANNED_WRITE) {
            plan->files_to_write++;
            plan->bytes_to_write += file->entry->size;
        }
        plan->files_given_up += install_is_given_up(file);
    }
}

bool install_plan(const InstallPlanRequest *request, InstallTarget *target, Arena *arena, InstallPlan *ret_plan,
                  Error *err)
{
    InstallPlan plan = { .source = request->source,
                         .tree = target_tree(target),
                         .replaces_newer = request->replaces_newer };
    if (!read_source(&plan, arena, err) || !install_read_packages(target, arena, &plan.installed, err))
        return false;
    find_replaced(&plan, request->served, arena);
    OwnFiles own = own_files(&plan, arena);
    if (!place_files(&plan, target, &own, request->report, arena, err) ||
        !plan_removals(&plan, target, &own, request->report, arena, err) ||
        !install_for_each(&plan, NULL, judge_file, "comparing with the guest", request->cancel, request->report,
                          err))
        return false;
    count_work(&plan);
    *ret_plan = plan;
    return true;
}

bool install_plan_removal(const char *name, InstallTarget *target, Report *report, Arena *arena, InstallPlan *ret_plan,
                          Error *err)
{
    InstallPlan plan = { .source = NULL, .tree = target_tree(target) };
    if (!install_read_packages(target, arena, &plan.installed, err))
        return false;
    for (size_t i = 0; i < plan.installed.count; i++) {
        if (text_equals(plan.installed.items[i].name, name))
            ARRAY_PUSH(arena, &plan.replaced, plan.installed.items[i].name);
    }
    if (plan.replaced.count == 0)
        return error_set(err, ERR_NOT_FOUND, "no package '%s' is installed in '%s'", name, target_root(target));
    OwnFiles own = own_files(&plan, arena);
    if (!plan_removals(&plan, target, &own, report, arena, err))
        return false;
    *ret_plan = plan;
    return true;
}
