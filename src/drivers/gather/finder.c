/* SPDX-License-Identifier: MIT */
#include "drivers/gather/finder.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "drivers/gather/host_registry.h"
#include "drivers/gather/inf.h"
#include "drivers/package/layout.h"
#include "drivers/gather/package_name.h"
#include "drivers/package/vendor.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

#define CONTROL "SYSTEM\\CurrentControlSet\\Control\\Class\\"
#define ENUM "SYSTEM\\CurrentControlSet\\Enum\\"
#define SERVICES "SYSTEM\\CurrentControlSet\\Services\\"
#define WINDOWS "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define STORE "\\System32\\DriverStore\\FileRepository"

enum { FOLDER_DEPTH = 32 };

/* ---- the active driver ---- */

/* Splits "C:\Windows\System32\DriverStore\FileRepository\<folder>\..." in any letter case. */
static bool take_store_path(const char *path, Arena *arena, ActiveDriver *active)
{
    size_t length = strlen(STORE);
    for (const char *c = path; *c != '\0'; c++) {
        if (ascii_ncasecmp(c, STORE "\\", length + 1) != 0)
            continue;
        const char *folder = c + length + 1;
        size_t folder_length = strcspn(folder, "\\");
        Error ignored; /* then the path is not of the kind that is looked for */
        const char *name = arena_strndup(arena, folder, folder_length);
        if (folder[folder_length] != '\\' || !layout_check_part(name, &ignored))
            return false;
        active->store = arena_printf(arena, "%.*s" STORE, (int) (c - path), path);
        active->folder = name;
        return true;
    }
    return false;
}

/* The files that the driver itself hands on to guests. */
static bool find_by_user_driver(CimSession *session, Arena *arena, ActiveDriver *active, Error *err)
{
    StringList names;
    if (!registry_read_texts(session, active->class_key, "UserModeDriverName", arena, &names, err))
        return false;
    for (size_t i = 0; i < names.count && active->folder == NULL; i++)
        (void) take_store_path(names.items[i], arena, active); /* some are "<>": none */
    return true;
}

/* The driver's own program: "\SystemRoot\System32\DriverStore\...". */
static bool find_by_service(CimSession *session, Arena *arena, ActiveDriver *active, Error *err)
{
    const char *image, *windows, *key = arena_printf(arena, SERVICES "%s", active->service);
    const char *prefix = "\\SystemRoot\\";
    if (!registry_read_text(session, key, "ImagePath", arena, &image, err) ||
        !registry_read_text(session, WINDOWS, "SystemRoot", arena, &windows, err))
        return false;
    if (image != NULL && windows != NULL && ascii_starts_with(image, prefix))
        (void) take_store_path(arena_printf(arena, "%s\\%s", windows, image + strlen(prefix)), arena, active);
    return true;
}

/* The last resort, because WMI takes its time over it: all files that Windows knows to be of the device's driver. */
static bool find_by_association(CimSession *session, const char *device_id, Arena *arena, ActiveDriver *active,
                                Error *err)
{
    CimPath path = { .class_name = "Win32_PnPSignedDriver" };
    CimProperty key = { "DeviceID", cim_string(device_id) };
    path.keys = &key;
    path.count = 1;
    CimInstanceList rows;
    if (!cim_session_associators(session, NS_CIMV2, cim_path_format(&path, arena), "Win32_PnPSignedDriverCIMDataFile",
                                 NULL, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count && active->folder == NULL; i++) {
        const char *name = cim_instance_text(rows.items[i], "Name");
        if (name != NULL)
            (void) take_store_path(name, arena, active); /* others lie in System32 */
    }
    return true;
}

static bool read_description(CimSession *session, Arena *arena, ActiveDriver *active, Error *err)
{
    static const char *const names[] = { "DriverDate", "DriverVersion", "InfPath", "ProviderName" };
    const char *texts[COUNT_OF(names)];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!registry_read_text(session, active->class_key, names[i], arena, &texts[i], err))
            return false;
        if (texts[i] == NULL)
            texts[i] = "";
    }
    active->date = package_date_parse(texts[0], arena);
    active->version = texts[1];
    active->inf = texts[2];
    active->provider = texts[3];
    return true;
}

bool driver_find_active(CimSession *session, const char *device_id, Arena *arena, ActiveDriver *ret_active, Error *err)
{
    ActiveDriver active = { 0 };
    const char *key = arena_printf(arena, ENUM "%s", device_id), *driver;
    if (!registry_read_text(session, key, "Driver", arena, &driver, err) ||
        !registry_read_text(session, key, "Service", arena, &active.service, err))
        return false;
    if (driver == NULL) {
        (void) error_set(err, ERR_NOT_FOUND, "the device '%s' has no driver on the host", device_id);
        return error_hint(err, "install the GPU's driver on the host first");
    }
    active.class_key = arena_printf(arena, CONTROL "%s", driver);
    if (!read_description(session, arena, &active, err) || !find_by_user_driver(session, arena, &active, err) ||
        (active.folder == NULL && active.service != NULL && !find_by_service(session, arena, &active, err)) ||
        (active.folder == NULL && !find_by_association(session, device_id, arena, &active, err)))
        return false;
    if (active.folder == NULL) {
        (void) error_set(err, ERR_NOT_FOUND, "the driver of '%s' is not in the host's driver store", device_id);
        return error_hint(err, "GPU paravirtualization needs a driver that runs from the driver store: install the "
                               "vendor's current one on the host");
    }
    *ret_active = active;
    return true;
}

/* ---- files ---- */

typedef struct Finder {
    CimSession *session;
    HostFiles *files;
    Report *report;
    Arena *arena;
    Driver *driver;
    const char *folder; /* the driver's own, on the host */
} Finder;

static bool add_file(Finder *finder, const char *source, const HostEntry *entry, const char *path, FileRule rule,
                     Error *err)
{
    LayoutPlace place;
    DriverFile file = { .source = source, .size = entry->size, .modified_s = entry->modified_s, .rule = rule };
    if (!layout_check(path, finder->arena, &file.path, &place, err))
        return error_prefix(err, "'%s'", source);
    if (finder->driver->files.count >= LIMIT_PACKAGE_FILES)
        return error_set(err, ERR_INVALID, "the driver has more than %d files", LIMIT_PACKAGE_FILES);
    ARRAY_PUSH(finder->arena, &finder->driver->files, file);
    finder->driver->total_size += file.size;
    return true;
}

static bool add_folder(Finder *finder, const char *folder, const char *path, size_t depth, Error *err)
{
    HostEntries entries;
    if (depth > FOLDER_DEPTH)
        return error_set(err, ERR_INVALID, "'%s' is too deep", folder);
    if (!finder->files->ops->list(finder->files, folder, finder->arena, &entries, err))
        return false;
    for (size_t i = 0; i < entries.count; i++) {
        const HostEntry *entry = &entries.items[i];
        const char *source = arena_printf(finder->arena, "%s\\%s", folder, entry->name);
        const char *target = arena_printf(finder->arena, "%s/%s", path, entry->name);
        if (entry->is_folder ? !add_folder(finder, source, target, depth + 1, err)
                             : !add_file(finder, source, entry, target, RULE_ALWAYS, err))
            return false;
    }
    return true;
}

static bool add_package(Finder *finder, const char *store, const char *name, Error *err)
{
    ARRAY_PUSH(finder->arena, &finder->driver->manifest.folders, name);
    return add_folder(finder, arena_printf(finder->arena, "%s\\%s", store, name),
                      arena_printf(finder->arena, LAYOUT_STORE "/%s", name), 0, err);
}

/* The file of that path in the driver's folder, or by its name alone in whatever folder below. NULL: none. Compared as
 * Windows does, and to what was listed, so that no path can lead out of the folder. */
static const DriverFile *find_source(const Finder *finder, const char *source, bool by_name)
{
    for (size_t i = 0; i < finder->driver->files.count; i++) {
        const DriverFile *file = &finder->driver->files.items[i];
        size_t length = strlen(finder->folder);
        bool is_inside = strncmp(file->source, finder->folder, length) == 0 && file->source[length] == '\\';
        if (!is_inside)
            continue;
        const char *rest = by_name ? strrchr(file->source, '\\') + 1 : file->source + length + 1;
        if (text_equals(rest, source))
            return file;
    }
    return NULL;
}

static bool has_target(const Finder *finder, const char *path)
{
    for (size_t i = 0; i < finder->driver->files.count; i++) {
        if (text_equals(finder->driver->files.items[i].path, path))
            return true;
    }
    return false;
}

static bool promote(Finder *finder, const DriverFile *source, const char *path, FileRule rule, Error *err)
{
    HostEntry entry = { .size = source->size, .modified_s = source->modified_s };
    return has_target(finder, path) || add_file(finder, source->source, &entry, path, rule, err);
}

/* ---- what the vendor declares ---- */

static const struct {
    const char *subkey, *folder;
    FileRule rule;
} promotions[] = {
    { "CopyToVmOverwrite", "Windows/System32", RULE_ALWAYS },
    { "CopyToVmWhenNewer", "Windows/System32", RULE_NEWER },
    { "CopyToVmOverwriteWow64", "Windows/SysWOW64", RULE_ALWAYS },
    { "CopyToVmWhenNewerWow64", "Windows/SysWOW64", RULE_NEWER },
};

/* Source path in the package, and the new name if there is a second text. */
static bool promote_declared(Finder *finder, const ManifestValue *value, const char *folder, FileRule rule, Error *err)
{
    Error bad;
    if (value->kind == VALUE_DWORD || value->texts.count == 0)
        return true;
    const char *source = value->texts.items[0];
    const DriverFile *file = find_source(finder, source, false);
    const char *name = value->texts.count > 1 && *value->texts.items[1] != '\0' ? value->texts.items[1]
                       : strrchr(source, '\\') != NULL                          ? strrchr(source, '\\') + 1
                                                                                : source;
    if (file == NULL || !layout_check_part(name, &bad)) {
        finder->report->warning(finder->report,
                                arena_printf(finder->arena,
                                             "the driver declares '%s' for the guest, which its folder does not have",
                                             source));
        return true;
    }
    return promote(finder, file, arena_printf(finder->arena, "%s/%s", folder, name), rule, err);
}

static bool add_declared(Finder *finder, const char *key, Error *err)
{
    for (size_t i = 0; i < COUNT_OF(promotions); i++) {
        ManifestValues values;
        const char *subkey = arena_printf(finder->arena, "%s\\%s", key, promotions[i].subkey);
        if (!registry_read_values(finder->session, subkey, NULL, finder->arena, &values, err))
            return false;
        for (size_t j = 0; j < values.count; j++) {
            if (!promote_declared(finder, &values.items[j], promotions[i].folder, promotions[i].rule, err))
                return false;
        }
    }
    return true;
}

/* A declaration wins over the table. */
static bool add_known(Finder *finder, const Vendor *vendor, Error *err)
{
    for (size_t i = 0; vendor != NULL && i < vendor->file_count; i++) {
        const DriverFile *file = find_source(finder, vendor->files[i].source, true);
        if (file != NULL && !promote(finder, file, vendor->files[i].target, RULE_NEWER, err))
            return false;
    }
    return true;
}

/* The same values, with paths as they are in the guest. */
static const char *path_in_guest(const char *text, Arena *arena)
{
    const char *name = "\\DriverStore\\";
    for (const char *c = text; *c != '\0'; c++) {
        if (ascii_ncasecmp(c, name, strlen(name)) == 0)
            return arena_printf(arena, "%.*s\\HostDriverStore\\%s", (int) (c - text), text, c + strlen(name));
    }
    return text;
}

static bool add_values(Finder *finder, const Vendor *vendor, const char *class_key, Error *err)
{
    ManifestValues values;
    if (vendor == NULL || vendor->values == NULL)
        return true;
    if (!registry_read_values(finder->session, class_key, vendor->values, finder->arena, &values, err))
        return false;
    for (size_t i = 0; i < values.count; i++) {
        for (size_t j = 0; j < values.items[i].texts.count; j++)
            values.items[i].texts.items[j] = path_in_guest(values.items[i].texts.items[j], finder->arena);
        ARRAY_PUSH(finder->arena, &finder->driver->manifest.values, values.items[i]);
    }
    return true;
}

/* ---- companions ---- */

/* The INF of a package folder, which is called like the folder up to its ".inf". ret_inf: empty if there is none. */
static bool read_inf(Finder *finder, const char *store, const char *folder, Inf *ret_inf, Error *err)
{
    const char *ending = folder;
    while (*ending != '\0' && !ascii_starts_with(ending, ".inf_"))
        ending++;
    const char *path = arena_printf(finder->arena, "%s\\%s\\%.*s.inf", store, folder, (int) (ending - folder), folder);
    char *text;
    size_t size;
    *ret_inf = (Inf){ .driver_ver = "" };
    if (host_files_read(finder->files, path, LIMIT_INF_BYTES, finder->arena, &text, &size, err)) {
        *ret_inf = inf_parse(text, size, finder->arena);
        return true;
    }
    if (err->code != ERR_NOT_FOUND)
        return false;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* The one package of that INF that is of the driver's own version. Several, or none: told, and left out. */
static bool add_companion(Finder *finder, const char *store, const HostEntries *folders, const char *inf_name,
                          const char *driver_ver, Error *err)
{
    const char *found = NULL, *prefix = arena_printf(finder->arena, "%s_", inf_name);
    size_t count = 0;
    for (size_t i = 0; i < folders->count; i++) {
        Inf inf;
        if (!folders->items[i].is_folder || !ascii_starts_with(folders->items[i].name, prefix))
            continue;
        if (!read_inf(finder, store, folders->items[i].name, &inf, err))
            return false;
        if (ascii_equals(inf.driver_ver, driver_ver)) {
            found = folders->items[i].name;
            count++;
        }
    }
    if (count == 1)
        return add_package(finder, store, found, err);
    finder->report->notice(
        finder->report,
        arena_printf(finder->arena, "the driver's companion '%s' is left out: %s of its version is in the driver store",
                     inf_name, count == 0 ? "no package" : "more than one package"));
    return true;
}

static bool add_companions(Finder *finder, const ActiveDriver *active, Error *err)
{
    Inf inf;
    HostEntries folders;
    if (!read_inf(finder, active->store, active->folder, &inf, err))
        return false;
    if (inf.copy_infs.count == 0)
        return true;
    if (!finder->files->ops->list(finder->files, active->store, finder->arena, &folders, err))
        return false;
    for (size_t i = 0; i < inf.copy_infs.count; i++) {
        if (!add_companion(finder, active->store, &folders, inf.copy_infs.items[i], inf.driver_ver, err))
            return false;
    }
    return true;
}

/* ---- all of it ---- */

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const DriverFile *) a)->path, ((const DriverFile *) b)->path);
}

static bool fill(Finder *finder, const ManifestGpu *gpu, const ActiveDriver *active, Error *err)
{
    const Vendor *vendor = vendor_find(gpu->device_id);
    Driver *driver = finder->driver;
    finder->folder = arena_printf(finder->arena, "%s\\%s", active->store, active->folder);
    if (!add_package(finder, active->store, active->folder, err))
        return false;
    if (driver->files.count == 0)
        return error_set(err, ERR_NOT_FOUND, "the driver's folder '%s' is empty", finder->folder);
    if (!add_declared(finder, active->class_key, err) ||
        (active->service != NULL &&
         !add_declared(finder, arena_printf(finder->arena, SERVICES "%s", active->service), err)) ||
        !add_known(finder, vendor, err) || !add_values(finder, vendor, active->class_key, err) ||
        !add_companions(finder, active, err))
        return false;
    qsort(driver->files.items, driver->files.count, sizeof(*driver->files.items), compare_files);
    return true;
}

static Driver *find_driver(Drivers *drivers, const char *folder)
{
    for (size_t i = 0; i < drivers->count; i++) {
        if (ascii_equals(drivers->items[i].manifest.folders.items[0], folder))
            return &drivers->items[i];
    }
    return NULL;
}

static bool has_name(const Drivers *drivers, const char *name)
{
    for (size_t i = 0; i < drivers->count; i++) {
        if (strcmp(drivers->items[i].manifest.name, name) == 0)
            return true;
    }
    return false;
}

static const char *free_name(const Drivers *drivers, const char *name, Arena *arena)
{
    const char *candidate = name;
    for (unsigned number = 2; has_name(drivers, candidate); number++)
        candidate = arena_printf(arena, "%s_%u", name, number);
    return candidate;
}

static bool add_gpu(Finder *finder, Drivers *drivers, const ManifestGpu *gpu, Error *err)
{
    ActiveDriver active;
    if (!driver_find_active(finder->session, gpu->device_id, finder->arena, &active, err))
        return error_prefix(err, "%s", gpu->name);
    Driver *known = find_driver(drivers, active.folder);
    if (known != NULL) {
        ARRAY_PUSH(finder->arena, &known->manifest.gpus, *gpu);
        return true;
    }
    Driver driver = { .manifest = { .provider = active.provider,
                                    .driver_version = active.version,
                                    .driver_date = active.date,
                                    .inf = active.inf } };
    const char *name = package_name_make(gpu->device_id, active.provider, active.date, finder->arena);
    driver.manifest.name = free_name(drivers, name, finder->arena);
    ARRAY_PUSH(finder->arena, &driver.manifest.gpus, *gpu);
    finder->driver = &driver;
    if (!fill(finder, gpu, &active, err))
        return error_prefix(err, "%s", gpu->name);
    ARRAY_PUSH(finder->arena, drivers, driver);
    return true;
}

bool drivers_find(CimSession *session, HostFiles *files, const ManifestGpus *gpus, Report *report, Arena *arena,
                  Drivers *ret_drivers, Error *err)
{
    Finder finder = { .session = session, .files = files, .report = report, .arena = arena };
    Drivers drivers = { 0 };
    for (size_t i = 0; i < gpus->count; i++) {
        if (!add_gpu(&finder, &drivers, &gpus->items[i], err))
            return false;
    }
    *ret_drivers = drivers;
    return true;
}
