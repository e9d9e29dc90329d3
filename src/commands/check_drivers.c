/* SPDX-License-Identifier: MIT */
/* -DO check-drivers: whether packages, and a guest, have the drivers that are active on the host now, with all their
 * files. A guest is told files below folders of the active packages' names; without them it has no GPU (code 43). */
#include "commands/drivers.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "commands/print.h"
#include "drivers/gather/finder.h"
#include "cim/connect.h"
#include "drivers/guest/store.h"
#include "drivers/install/target.h"
#include "drivers/package/folder.h"
#include "drivers/package/source_manifest.h"
#include "hyperv/fitness.h"
#include "operations/driver_files.h"
#include "platform/files.h"

#include <string.h>

/* Folders of drivers that were found somewhere: in a package, by a manifest of the guest, or in the guest's store. */
typedef struct Found {
    const char *place;   /* the package, or the guest as it was given */
    const char *version; /* of the driver; NULL: only a manifest tells */
    StringList folders;
    ManifestGpus gpus;        /* that they were gathered for, as the manifest tells */
    const Manifest *manifest; /* or NULL */
} Found;

typedef struct FoundList {
    Found *items;
    size_t count, capacity;
} FoundList;

/* The running guest of -GUEST. */
typedef struct Guest {
    HostAddress address;
    CimSession *session; /* NULL: none was named */
    const char *store;
    bool is_listed; /* all its folders are among what was found in the guest */
    StringList packages;
    GuestGpus gpus;
} Guest;

typedef struct Check {
    const char *packages, *root; /* NULL: not asked for */
    Guest guest;
    FoundList in_packages, in_guest;
    HostFiles *files;      /* NULL: they cannot be read */
    Report quiet;          /* of what get-drivers would say */
    bool is_current;       /* so far */
    bool is_whole;         /* so far */
    bool guest_is_current; /* its drivers, so far, and all of their files */
    bool is_partly;        /* the driver of a display adapter could not be looked for */
    const Vm *vm;          /* of -VM, with what it has; NULL: none was named */
    VmResources resources;
    StringList obstacles;
} Check;

/* One place of one driver, as it was found. */
typedef struct Outcome {
    const char *state; /* "current", "incomplete", "unproven", "outdated", "missing" */
    const Found *found;
    const char *folder;
    DriverFilesResult files;
} Outcome;

/* ---- what is in packages ---- */

static Found found_by_manifest(App *app, const char *place, const Manifest *manifest)
{
    return (Found){ .place = place,
                    .version = manifest->driver_version,
                    .folders = manifest->folders,
                    .gpus = manifest->gpus,
                    .manifest = arena_memdup(app->arena, manifest, sizeof(*manifest)) };
}

/* Packages of the original tool have no manifest; their files tell. */
static StringList folders_of(App *app, const PackageSource *source)
{
    StringList folders = { 0 };
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *entry = &source->entries.items[i];
        if (entry->place != LAYOUT_IN_STORE)
            continue;
        const char *name = entry->path + strlen(LAYOUT_STORE "/");
        size_t length = strcspn(name, "/");
        /* Sorted: what is in a folder comes together. */
        const char *last = folders.count > 0 ? folders.items[folders.count - 1] : "";
        if (strlen(last) != length || ascii_ncasecmp(last, name, length) != 0)
            ARRAY_PUSH(app->arena, &folders, arena_strndup(app->arena, name, length));
    }
    return folders;
}

static bool read_package(App *app, const char *path, FoundList *list, Error *err)
{
    PackageSource *source;
    Manifest manifest;
    Found found = { .place = path };
    if (!package_open(path, &source, err))
        return false;
    bool has_manifest, ok = package_manifest_read(source, app->arena, &has_manifest, &manifest, err);
    if (ok && has_manifest)
        found = found_by_manifest(app, path, &manifest);
    else if (ok)
        found.folders = folders_of(app, source);
    if (ok)
        ARRAY_PUSH(app->arena, list, found);
    package_close(source);
    return ok || error_prefix(err, "'%s'", path);
}

/* A package that cannot be read is as good as none: told, and passed over. */
static bool read_packages(App *app, const char *folder, FoundList *ret_list, Error *err)
{
    StringList paths, passed_over; /* installdrivers tells of those */
    if (!package_folder_list(folder, app->arena, &paths, &passed_over, err))
        return error_hint(err, "-DO get-drivers makes packages there; -DEST names another folder");
    for (size_t i = 0; i < paths.count; i++) {
        Error bad = { .code = ERR_NONE };
        if (!read_package(app, paths.items[i], ret_list, &bad))
            output_warning(app->output, "%s", bad.message);
    }
    return true;
}

/* ---- what is in the guest, by its disk ---- */

static bool has_folder(const StringList *folders, const char *name)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (ascii_equals(folders->items[i], name))
            return true;
    }
    return false;
}

/* The names in a folder of the guest; none, if there is no such folder. */
static bool list_in_guest(App *app, InstallTarget *target, const char *path, TargetFile *ret_folder,
                          StringList *ret_names, Error *err)
{
    *ret_names = (StringList){ 0 };
    return target_find(target, path, ret_folder, err) &&
           (ret_folder->status.kind == FILE_NONE ||
            tree_list(target_tree(target), ret_folder->path, app->arena, ret_names, err));
}

/* What installdrivers has put into the guest; it keeps its own records there, too. */
static bool read_guest_manifests(App *app, const char *root, InstallTarget *target, const StringList *folders,
                                 FoundList *list, Error *err)
{
    TargetFile own;
    StringList names;
    if (!list_in_guest(app, target, LAYOUT_OWN, &own, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = arena_printf(app->arena, "%s/%s", own.path, names.items[i]);
        char *text;
        size_t size;
        Manifest manifest;
        Error bad = { .code = ERR_NONE };
        if (!ascii_ends_with(names.items[i], ".json") || ascii_ends_with(names.items[i], LAYOUT_RECORD_ENDING))
            continue;
        if (!tree_read(target_tree(target), path, LIMIT_MANIFEST_BYTES, app->arena, &text, &size, &bad) ||
            !manifest_parse(text, size, app->arena, &manifest, &bad)) {
            output_warning(app->output, "'%s': %s", target_full(target, path, app->arena), bad.message);
            continue;
        }
        Found found = found_by_manifest(app, root, &manifest);
        if (found.folders.count > 0 && has_folder(folders, found.folders.items[0])) /* nobody has removed it since */
            ARRAY_PUSH(app->arena, list, found);
    }
    return true;
}

/* Manifests first, because they tell more. */
static bool read_guest(App *app, const char *root, FoundList *list, Error *err)
{
    Tree *tree = NULL;
    InstallTarget *target;
    TargetFile store;
    Found found = { .place = root };
    bool ok = (target_open_tree(root, &tree, err) || error_prefix(err, "-ROOT")) &&
              target_open(tree, app->arena, &target, err) &&
              list_in_guest(app, target, LAYOUT_STORE, &store, &found.folders, err) &&
              read_guest_manifests(app, root, target, &found.folders, list, err);
    tree_close(tree);
    if (ok)
        ARRAY_PUSH(app->arena, list, found);
    return ok;
}

/* ---- what is in the guest, as it says itself ---- */

static bool open_guest(App *app, Guest *guest, Error *err)
{
    CimSession *session;
    if (!host_address_parse(app->options->guest, app->arena, &guest->address, err) ||
        !app->environment->connect(&guest->address, app->environment->clock, &session, err))
        return error_prefix(err, "-GUEST");
    session->trace = app->host.session->trace;
    session->cancel.parent = app->environment->cancel;
    guest->session = session;
    return (guest_store_find(session, app->arena, &guest->store, err) &&
            guest_store_packages(session, guest->store, app->arena, &guest->packages, err) &&
            guest_gpus_read(session, app->arena, &guest->gpus, err)) ||
           error_prefix(err, "guest '%s'", guest->address.text);
}

/* Asks for the one folder; only if it is not there, for all of them, because that takes WMI longer. */
static bool ask_guest(App *app, Guest *guest, const char *folder, FoundList *list, Error *err)
{
    Found found = { .place = guest->address.text };
    bool has;
    if (!guest_store_has(guest->session, guest->store, folder, app->arena, &has, err))
        return error_prefix(err, "guest '%s'", guest->address.text);
    if (has)
        ARRAY_PUSH(app->arena, &found.folders, folder);
    else if (guest->is_listed)
        return true;
    else if (!guest_store_folders(guest->session, guest->store, app->arena, &found.folders, err))
        return error_prefix(err, "guest '%s'", guest->address.text);
    guest->is_listed = guest->is_listed || !has;
    ARRAY_PUSH(app->arena, list, found);
    return true;
}

static json_t *tell_guest_packages(App *app, const Guest *guest)
{
    json_t *json = json_array();
    const char *line = "";
    for (size_t i = 0; i < guest->packages.count; i++) {
        const char *name = guest->packages.items[i];
        line = arena_printf(app->arena, "%s%s%s", line, i > 0 ? ", " : "", name);
        (void) json_array_append_new(json, output_json_text(name));
    }
    output_result(app->output, "  installed by installdrivers: %s\n", guest->packages.count > 0 ? line : "nothing");
    return json;
}

/* The VM of -VM is looked at when its guest's GPU does not work. */
static bool look_at_vm(App *app, Check *check, Error *err)
{
    Vm *vm = ARENA_NEW(app->arena, Vm);
    if (app->options->vm == NULL)
        return true;
    if (!vm_find(&app->host, app->options->vm, app->arena, vm, err) ||
        !vm_read_resources(&app->host, vm, app->arena, &check->resources, err))
        return false;
    check->vm = vm;
    check->obstacles = vm_gpu_obstacles(vm, &check->resources, app->host.program, app->arena);
    return true;
}

static void tell_advice(App *app, const Check *check, const GuestGpu *gpu)
{
    GuestFindings findings = { .vm_obstacles = check->vm != NULL ? &check->obstacles : NULL,
                               .drivers = check->guest_is_current ? GUEST_DRIVERS_CURRENT : GUEST_DRIVERS_DIFFER };
    StringList advice = guest_gpu_advice(gpu, &findings, app->arena);
    for (size_t i = 0; i < advice.count; i++)
        output_warning(app->output, "a GPU of the guest %s: %s", guest_gpu_state(gpu, app->arena), advice.items[i]);
}

static void tell_no_gpu(App *app, const Check *check)
{
    output_result(app->output, "  no virtual GPU\n");
    if (check->vm == NULL)
        output_notice(app->output,
                      "the guest gets its GPU when the VM is started with one assigned: %s -VM \"my vm\" -DO add-auto",
                      app->host.program);
    else if (check->resources.partitions.count == 0)
        output_notice(app->output, "VM '%s' has no GPU assigned; shut it down, then: %s -VM \"%s\" -DO add-auto",
                      check->vm->name, app->host.program, check->vm->name);
    else
        output_notice(
            app->output,
            "VM '%s' has a GPU assigned, and this guest shows none: see that -GUEST is its guest, shut the VM "
            "down, and start it again",
            check->vm->name);
}

static bool works(const GuestGpus *gpus)
{
    bool all_work = gpus->count > 0;
    for (size_t i = 0; i < gpus->count; i++)
        all_work = all_work && gpus->items[i].problem == 0;
    return all_work;
}

/* Whether all its GPUs work. */
static bool tell_guest(App *app, Check *check)
{
    const Guest *guest = &check->guest;
    uint32_t told = 0; /* two GPUs often have one problem */
    Error unseen = { .code = ERR_NONE };
    json_t *json = json_object();
    if (!works(&guest->gpus) && !look_at_vm(app, check, &unseen))
        output_warning(app->output, "%s", unseen.message);
    output_result(app->output, "Guest %s\n", guest->address.text);
    (void) json_object_set_new(json, "name", output_json_text(guest->address.text));
    (void) json_object_set_new(json, "packages", tell_guest_packages(app, guest));
    drivers_tell_builds(app, guest->session, json);
    for (size_t i = 0; i < guest->gpus.count; i++) {
        const GuestGpu *gpu = &guest->gpus.items[i];
        output_result(app->output, "  %s: %s\n", gpu->name, guest_gpu_state(gpu, app->arena));
        if (gpu->problem != told)
            tell_advice(app, check, gpu);
        told = gpu->problem;
    }
    if (guest->gpus.count == 0)
        tell_no_gpu(app, check);
    (void) json_object_set_new(json, "gpus", print_guest_gpus_json(&guest->gpus));
    (void) json_object_set_new(output_json(app->output), "guest", json);
    return guest->gpus.count == 0 || works(&guest->gpus);
}

/* ---- the comparison ---- */

/* Folders of one driver in several versions: "nv_dispi.inf_amd64_..." each, AMD's "u0400975.inf_amd64_..." with
 * another number each time. */
static bool is_same_driver(const char *a, const char *b)
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

static bool is_of_driver(const Found *found, const ActiveDriver *active)
{
    return has_folder(&found->folders, active->folder) &&
           (found->version == NULL || strcmp(found->version, active->version) == 0);
}

/* One that was for the same GPU, or another version of the same driver; *ret_folder of that, or NULL. */
static const Found *find_former(const FoundList *list, const ActiveDriver *active, const char *device_id,
                                const char **ret_folder)
{
    for (size_t i = 0; i < list->count; i++) {
        const Found *found = &list->items[i];
        for (size_t j = 0; j < found->gpus.count; j++) {
            if (ascii_equals(found->gpus.items[j].device_id, device_id)) {
                *ret_folder = found->folders.count > 0 ? found->folders.items[0] : NULL;
                return found;
            }
        }
        for (size_t j = 0; j < found->folders.count; j++) {
            if (is_same_driver(found->folders.items[j], active->folder)) {
                *ret_folder = found->folders.items[j];
                return found;
            }
        }
    }
    return NULL;
}

/* The driver that is looked for. */
typedef struct Wanted {
    const ManifestGpu *gpu;
    const ActiveDriver *active;
    bool is_read;   /* what the host has of it: only if it is to be compared with something */
    Driver *driver; /* NULL: it cannot be read */
    bool is_package; /* where it is looked for: packages, or the guest */
} Wanted;

/* Without what the host has itself, manifests have to tell. */
static bool read_driver(App *app, Check *check, Wanted *wanted, Error *err)
{
    if (wanted->is_read || check->files == NULL)
        return true;
    wanted->is_read = true;
    Driver driver;
    if (driver_find_files(app->host.session, check->files, wanted->active, wanted->gpu, &check->quiet, app->arena,
                          &driver, err)) {
        wanted->driver = arena_memdup(app->arena, &driver, sizeof(driver));
        return true;
    }
    if (err->code == ERR_CANCELLED)
        return error_prefix(err, "%s", wanted->gpu->name);
    output_warning(app->output, "%s: the host's own files cannot be read: %s", wanted->gpu->name, err->message);
    *err = (Error){ .code = ERR_NONE };
    return true;
}

static bool compare_files(App *app, Check *check, const Wanted *wanted, const Found *found,
                          DriverFilesResult *ret_result, Error *err)
{
    DriverFilesRequest request = { .cancel = app->environment->cancel,
                                   .files = wanted->driver != NULL ? check->files : NULL,
                                   .driver = wanted->driver,
                                   .manifest = found->manifest };
    if (wanted->is_package)
        return driver_files_in_package(&request, found->place, app->arena, ret_result, err);
    if (check->root != NULL)
        return driver_files_on_disk(&request, check->root, app->arena, ret_result, err);
    return driver_files_in_guest(&request, check->guest.session, check->guest.store, app->arena, ret_result, err) ||
           error_prefix(err, "guest '%s'", check->guest.address.text);
}

/* Of all that have the right folder, the first that is whole, else the first. */
static bool find_current(App *app, Check *check, Wanted *wanted, const FoundList *list, Outcome *ret_outcome,
                         Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        Outcome outcome = { .found = &list->items[i], .folder = wanted->active->folder };
        if (!is_of_driver(outcome.found, wanted->active))
            continue;
        if (!read_driver(app, check, wanted, err) ||
            !compare_files(app, check, wanted, outcome.found, &outcome.files, err))
            return false;
        outcome.state = outcome.files.expected == 0 ? "unproven" : outcome.files.wrong > 0 ? "incomplete" : "current";
        bool is_whole = strcmp(outcome.state, "current") == 0;
        if (is_whole || ret_outcome->found == NULL)
            *ret_outcome = outcome;
        if (is_whole)
            break;
    }
    return true;
}

static void tell_faults(App *app, const FileFaults *faults, json_t *json)
{
    enum { SHOWN = 10 };
    json_t *problems = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const FileFault *fault = &faults->items[i];
        if (i < SHOWN)
            output_result(app->output, "            %s %s\n", fault->path, fault->fault);
        json_t *problem = json_object();
        (void) json_object_set_new(problem, "path", output_json_text(fault->path));
        (void) json_object_set_new(problem, "problem", output_json_text(fault->fault));
        (void) json_array_append_new(problems, problem);
    }
    if (faults->count > SHOWN)
        output_result(app->output, "            and %zu more\n", faults->count - SHOWN);
    (void) json_object_set_new(json, "problems", problems);
}

/* One line of the result, and what is wrong. */
static void tell(App *app, const char *where, const Outcome *outcome, json_t *json)
{
    const Found *found = outcome->found;
    const char *detail = "", *count = "";
    size_t right = outcome->files.expected - outcome->files.wrong;
    if (found != NULL && found->version != NULL)
        detail = arena_printf(app->arena, " (driver %s)", found->version);
    else if (outcome->folder != NULL && strcmp(outcome->state, "outdated") == 0)
        detail = arena_printf(app->arena, " (%s)", outcome->folder);
    if (strcmp(outcome->state, "incomplete") == 0)
        count = arena_printf(app->arena, ": %zu of %zu files", right, outcome->files.expected);
    output_result(app->output, "  %-8s: %s%s%s%s%s\n", where, outcome->state, count, detail, found != NULL ? " " : "",
                  found != NULL ? found->place : "");
    json_t *item = json_object();
    (void) json_object_set_new(item, "state", json_string(outcome->state));
    (void) json_object_set_new(item, "driverVersion", output_json_text(found != NULL ? found->version : NULL));
    (void) json_object_set_new(item, "packageFolder", output_json_text(outcome->folder));
    (void) json_object_set_new(item, "place", output_json_text(found != NULL ? found->place : NULL));
    (void) json_object_set_new(item, "filesExpected", json_integer((json_int_t) outcome->files.expected));
    (void) json_object_set_new(item, "filesRight", json_integer((json_int_t) right));
    tell_faults(app, &outcome->files.faults, item);
    (void) json_object_set_new(json, where, item);
}

static bool check_place(App *app, Check *check, const char *where, Wanted *wanted, const FoundList *list,
                        json_t *json, Error *err)
{
    Outcome outcome = { .found = NULL };
    if (!find_current(app, check, wanted, list, &outcome, err))
        return false;
    if (outcome.found == NULL) {
        outcome.found = find_former(list, wanted->active, wanted->gpu->device_id, &outcome.folder);
        outcome.state = outcome.found != NULL ? "outdated" : "missing";
        check->is_current = false;
    } else if (strcmp(outcome.state, "current") != 0) {
        check->is_whole = false;
    }
    if (!wanted->is_package && strcmp(outcome.state, "current") != 0)
        check->guest_is_current = false;
    if (strcmp(outcome.state, "unproven") == 0)
        output_warning(app->output,
                       "%s: a folder of the right name is there, but the host's files cannot be read from here, and "
                       "there is no manifest: what is in it was not compared",
                       wanted->gpu->name);
    tell(app, where, &outcome, json);
    return true;
}

static bool check_gpu(App *app, Check *check, const ManifestGpu *gpu, Error *err)
{
    ActiveDriver active;
    Wanted wanted = { .gpu = gpu, .active = &active };
    if (!driver_find_active(app->host.session, gpu->device_id, app->arena, &active, err))
        return error_prefix(err, "%s", gpu->name);
    if (check->guest.session != NULL && !ask_guest(app, &check->guest, active.folder, &check->in_guest, err))
        return false;
    output_result(app->output, "%s\n  host    : driver %s, %s\n", gpu->name, active.version, active.folder);
    json_t *json = json_object();
    (void) json_object_set_new(json, "gpu", output_json_text(gpu->name));
    (void) json_object_set_new(json, "deviceId", output_json_text(gpu->device_id));
    (void) json_object_set_new(json, "driverVersion", output_json_text(active.version));
    (void) json_object_set_new(json, "packageFolder", output_json_text(active.folder));
    (void) json_array_append_new(json_object_get(output_json(app->output), "drivers"), json);
    wanted.is_package = true;
    if (check->packages != NULL && !check_place(app, check, "package", &wanted, &check->in_packages, json, err))
        return false;
    wanted.is_package = false;
    bool has_guest = check->root != NULL || check->guest.session != NULL;
    return !has_guest || check_place(app, check, "guest", &wanted, &check->in_guest, json, err);
}

static bool look_around(App *app, Check *check, DriverGpus *ret_gpus, Error *err)
{
    const Options *options = app->options;
    check->root = options->root;
    if (options->destination != NULL || (options->root == NULL && options->guest == NULL))
        check->packages = drivers_folder(app);
    return drivers_choose_gpus(app, ret_gpus, err) &&
           (check->packages == NULL || read_packages(app, check->packages, &check->in_packages, err)) &&
           (check->root == NULL || read_guest(app, check->root, &check->in_guest, err)) &&
           (options->guest == NULL || open_guest(app, &check->guest, err));
}

/* Of several GPUs, one without a driver to compare with does not spoil the others. */
static bool check_gpus(App *app, Check *check, const DriverGpus *gpus, Error *err)
{
    size_t passed_over = 0;
    for (size_t i = 0; i < gpus->list.count; i++) {
        const ManifestGpu *gpu = &gpus->list.items[i];
        if (check_gpu(app, check, gpu, err))
            continue;
        if (err->code != ERR_NOT_FOUND || ++passed_over == gpus->list.count)
            return false;
        output_warning(app->output, "left out: %s", err->message);
        check->is_partly = check->is_partly || !drivers_is_accelerator(gpus, gpu->device_id);
        *err = (Error){ .code = ERR_NONE };
    }
    return true;
}

static ExitCode compare(App *app, Check *check, const DriverGpus *gpus)
{
    Error err = { .code = ERR_NONE };
    (void) json_object_set_new(output_json(app->output), "drivers", json_array());
    if (!check_gpus(app, check, gpus, &err))
        return app_fail(app, &err);
    bool all_work = check->guest.session == NULL || tell_guest(app, check);
    bool is_current = check->is_current && check->is_whole;
    if (is_current && all_work)
        return check->is_partly ? EXIT_PARTLY : EXIT_DONE;
    (void) error_set(&err, ERR_STATE,
                     !check->is_current ? "not everything has the host's active driver"
                     : !is_current      ? "not everything has all files of the host's active driver"
                                        : "not every GPU of the guest works");
    if (!is_current)
        (void) error_hint(&err,
                          "hyperpoint -DO get-drivers makes a new package; installdrivers installs it in the guest");
    output_error(app->output, &err);
    return EXIT_DIFFERS;
}

static void say_nothing(Report *report, const char *text)
{
    (void) report, (void) text;
}

static void show_nothing(Report *report, const char *text, int percent)
{
    (void) report, (void) text, (void) percent;
}

static bool open_host_files(App *app, Check *check, Error *err)
{
    if (cim_connect_files(&app->address, &check->files, err)) {
        check->files->cancel = app->environment->cancel;
        return true;
    }
    check->files = NULL;
    if (err->code != ERR_UNSUPPORTED)
        return false;
    *err = (Error){ .code = ERR_NONE }; /* manifests have to tell */
    return true;
}

ExitCode check_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    DriverGpus gpus;
    Check check = { .is_current = true,
                    .is_whole = true,
                    .guest_is_current = true,
                    .quiet = { .notice = say_nothing, .warning = say_nothing, .progress = show_nothing } };
    ExitCode code = look_around(app, &check, &gpus, &err) && open_host_files(app, &check, &err)
                        ? compare(app, &check, &gpus)
                        : app_fail(app, &err);
    cim_session_close(check.guest.session);
    host_files_close(check.files);
    return code;
}
