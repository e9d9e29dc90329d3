/* SPDX-License-Identifier: MIT */
#include "drivers/gather/active.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "drivers/gather/host_path.h"
#include "drivers/gather/host_registry.h"
#include "drivers/gather/package_name.h"
#include "drivers/package/layout.h"
#include "platform/text.h"

#include <string.h>

#define CONTROL "SYSTEM\\CurrentControlSet\\Control\\Class\\"
#define ENUM "SYSTEM\\CurrentControlSet\\Enum\\"
#define SERVICES "SYSTEM\\CurrentControlSet\\Services\\"
#define WINDOWS "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
#define STORE "\\System32\\DriverStore\\FileRepository"

const char *driver_store_folder(const char *path, const char *store, Arena *arena, const char **ret_rest)
{
    const char *name = host_path_below(path, store);
    Error ignored; /* then it is none */
    if (name == NULL)
        return NULL;
    size_t length = strcspn(name, "\\");
    const char *folder = arena_strndup(arena, name, length);
    *ret_rest = name[length] == '\\' ? name + length + 1 : name + length;
    return layout_check_part(folder, &ignored) ? folder : NULL;
}

/* A folder that may be the driver's own: the path leads to something in it. */
static void add_candidate(const char *text, Arena *arena, const ActiveDriver *active, StringList *candidates)
{
    bool is_full;
    const char *rest, *path = host_path_resolve(text, active->windows, NULL, arena, &is_full);
    const char *folder = path != NULL ? driver_store_folder(path, active->store, arena, &rest) : NULL;
    if (folder != NULL && *rest != '\0' && !text_list_has(candidates, folder))
        ARRAY_PUSH(arena, candidates, folder);
}

/* The files that the driver itself hands on to guests; some are "<>": none. */
static void add_user_drivers(const ActiveDriver *active, Arena *arena, StringList *candidates)
{
    static const char *const names[] = { "UserModeDriverName", "UserModeDriverNameWow" };
    for (size_t n = 0; n < COUNT_OF(names); n++) {
        for (size_t i = 0; i < active->values.count; i++) {
            const ManifestValue *value = &active->values.items[i];
            for (size_t j = 0; ascii_equals(value->name, names[n]) && j < value->texts.count; j++)
                add_candidate(value->texts.items[j], arena, active, candidates);
        }
    }
}

/* The driver's own program: "\SystemRoot\System32\DriverStore\...". */
static bool add_service(CimSession *session, Arena *arena, ActiveDriver *active, StringList *candidates, Error *err)
{
    const char *image = NULL;
    if (active->service != NULL && !registry_read_text(session, arena_printf(arena, SERVICES "%s", active->service),
                                                       "ImagePath", arena, &image, err))
        return false;
    if (image == NULL)
        return true;
    ARRAY_PUSH(arena, &active->programs, image);
    add_candidate(image, arena, active, candidates);
    return true;
}

/* The last resort, because WMI takes its time over it: all files that Windows knows to be of the device's driver. */
static bool add_associated(CimSession *session, const char *device_id, Arena *arena, const ActiveDriver *active,
                           StringList *candidates, Error *err)
{
    CimPath path = { .class_name = "Win32_PnPSignedDriver" };
    CimProperty key = { "DeviceID", cim_string(device_id) };
    path.keys = &key;
    path.count = 1;
    CimInstanceList rows;
    if (!cim_session_associators(session, NS_CIMV2, cim_path_format(&path, arena), "Win32_PnPSignedDriverCIMDataFile",
                                 NULL, arena, &rows, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        *err = (Error){ .code = ERR_NONE };
        return true;
    }
    for (size_t i = 0; i < rows.count; i++) {
        const char *name = cim_instance_text(rows.items[i], "Name");
        if (name != NULL)
            add_candidate(name, arena, active, candidates); /* others lie in System32 */
    }
    return true;
}

/* Values outlive the folders that they name, and what was in them. A single one is not looked for: whoever reads it
 * tells what is wrong. */
static const char *first_there(HostFiles *files, const ActiveDriver *active, const StringList *candidates, Arena *arena)
{
    if (candidates->count > 0 && (files == NULL || candidates->count == 1))
        return candidates->items[0];
    for (size_t i = 0; i < candidates->count; i++) {
        const char *path = arena_printf(arena, "%s\\%s", active->store, candidates->items[i]);
        HostEntries entries;
        Error problem = { .code = ERR_NONE };
        if (files->ops->list(files, path, arena, &entries, &problem) ? entries.count > 0
                                                                    : problem.code != ERR_NOT_FOUND)
            return candidates->items[i];
    }
    return NULL;
}

/* active->folder stays NULL if no key names one. */
static bool find_folder(CimSession *session, HostFiles *files, const char *device_id, Arena *arena,
                        ActiveDriver *active, Error *err)
{
    StringList candidates = { 0 };
    add_user_drivers(active, arena, &candidates);
    if (!add_service(session, arena, active, &candidates, err))
        return false;
    active->folder = first_there(files, active, &candidates, arena);
    if (active->folder != NULL)
        return true;
    if (!add_associated(session, device_id, arena, active, &candidates, err))
        return false;
    active->folder = first_there(files, active, &candidates, arena);
    if (active->folder == NULL && candidates.count > 0)
        active->folder = candidates.items[0];
    return true;
}

static const char *text_of(const ActiveDriver *active, const char *name)
{
    for (size_t i = 0; i < active->values.count; i++) {
        const ManifestValue *value = &active->values.items[i];
        if (ascii_equals(value->name, name) && value->texts.count > 0)
            return value->texts.items[0];
    }
    return "";
}

static bool read_class_key(CimSession *session, Arena *arena, ActiveDriver *active, Error *err)
{
    const char *windows;
    if (!registry_read_all_texts(session, active->class_key, arena, &active->values, err) ||
        !registry_read_text(session, WINDOWS, "SystemRoot", arena, &windows, err))
        return false;
    active->date = package_date_parse(text_of(active, "DriverDate"), arena);
    active->version = text_of(active, "DriverVersion");
    active->inf = text_of(active, "InfPath");
    active->provider = text_of(active, "ProviderName");
    active->windows = windows != NULL && *windows != '\0' ? windows : "C:\\Windows";
    active->store = arena_printf(arena, "%s" STORE, active->windows);
    return true;
}

bool driver_find_active(CimSession *session, HostFiles *files, const char *device_id, Arena *arena,
                        ActiveDriver *ret_active, Error *err)
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
    if (!read_class_key(session, arena, &active, err) ||
        !find_folder(session, files, device_id, arena, &active, err))
        return false;
    if (active.folder == NULL) {
        (void) error_set(err, ERR_NOT_FOUND, "the driver of '%s' is not in the host's driver store", device_id);
        return error_hint(err, "GPU paravirtualization needs a driver that runs from the driver store: install the "
                               "vendor's current one on the host");
    }
    *ret_active = active;
    return true;
}
