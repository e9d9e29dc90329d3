/* SPDX-License-Identifier: MIT */
#include "drivers/gather/folders.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/gather/absence.h"
#include "drivers/gather/host_path.h"
#include "drivers/gather/inf.h"
#include "drivers/package/layout.h"
#include "platform/text.h"

#include <string.h>

typedef struct Search {
    const FolderRequest *request;
    HostFiles *files;
    const ActiveDriver *active;
    Report *report;
    Arena *arena;
    const char *architecture; /* "amd64" */
    bool is_listed;
    HostEntries store; /* what is in the driver store, once it is listed */
    StringList found, missing;
} Search;

/* ---- what values lead into ---- */

/* Of the path that the text begins with: to its closing quote, or to a separator, or to where another full path begins
 * ("rundll32.exe C:\x.dll,Entry"). */
static size_t path_length(const char *text)
{
    const char *quote = *text == '"' || *text == '\'' ? strchr(text + 1, *text) : NULL;
    if (quote != NULL)
        return (size_t) (quote - text) + 1;
    size_t length = 0;
    for (; text[length] != '\0' && strchr(",;|", text[length]) == NULL; length++) {
        if ((ascii_is_space(text[length]) || text[length] == '=') && host_path_begins(text + length + 1))
            break;
    }
    return length;
}

bool driver_value_paths(const ManifestValue *value, Arena *arena, PathTake *take, void *context, Error *err)
{
    for (size_t i = 0; i < value->texts.count; i++) {
        for (const char *text = value->texts.items[i]; *text != '\0';) {
            size_t length = path_length(text);
            if (length > 0 && !take(context, value, arena_strndup(arena, text, length), err))
                return false;
            text += length;
            text += strspn(text, ",;|= \t");
        }
    }
    return true;
}

/* The driver store, which is read once, and only for what is not the driver's own folder: it is long. */
static bool list_store(Search *search, Error *err)
{
    if (!search->is_listed &&
        !search->files->ops->list(search->files, search->active->store, search->arena, &search->store, err))
        return false;
    search->is_listed = true;
    return true;
}

/* The folder of that name as the disk spells it, or NULL. */
static const char *name_on_disk(const Search *search, const char *name)
{
    for (size_t i = 0; i < search->store.count; i++) {
        if (search->store.items[i].is_folder && text_equals(search->store.items[i].name, name))
            return search->store.items[i].name;
    }
    return NULL;
}

/* What is behind ".inf" in the name of a package's folder: "_amd64_4a1b6d2f0c9e8d37". NULL: it is no such name. */
static const char *ending_of(const char *folder)
{
    while (*folder != '\0' && !ascii_starts_with(folder, ".inf_"))
        folder++;
    return *folder != '\0' ? folder + strlen(".inf") : NULL;
}

/* A path into the driver store, whatever stands before that. */
static bool names_store(const char *text)
{
    static const char name[] = "DriverStore\\FileRepository\\";
    for (const char *c = text; *c != '\0'; c++) {
        if (ascii_starts_with(c, name) && (c == text || c[-1] == '\\' || c[-1] == '/'))
            return true;
    }
    return false;
}

static bool take_folder(Search *search, const char *value_name, const char *name, Error *err)
{
    if (text_list_has(&search->found, name) || text_list_has(&search->missing, name))
        return true;
    if (!list_store(search, err))
        return false;
    const char *there = name_on_disk(search, name);
    if (there != NULL) {
        ARRAY_PUSH(search->arena, &search->found, there);
        return true;
    }
    ARRAY_PUSH(search->arena, &search->missing, name);
    const char *path = arena_printf(search->arena, "%s\\%s", search->active->store, name);
    report_warning(search->report, "the driver's value %s leads into '%s' of the driver store, which %s", value_name,
                   name, host_absence(search->files, path, search->arena));
    return true;
}

/* "base": what a path that is not a full one is relative to, or NULL. */
static bool take_path(Search *search, const char *value_name, const char *text, const char *base, Error *err)
{
    bool is_full;
    const char *rest, *path = host_path_resolve(text, search->active->windows, base, search->arena, &is_full);
    const char *name =
        path != NULL ? driver_store_folder(path, search->active->store, search->arena, &rest) : NULL;
    if (name != NULL)
        return take_folder(search, value_name, name, err);
    if (names_store(text) && !text_list_has(&search->missing, text)) {
        ARRAY_PUSH(search->arena, &search->missing, text);
        report_warning(search->report,
                       "the driver's value %s names '%s', which is no path into this host's driver store", value_name,
                       text);
    }
    return true;
}

static bool take_named(void *context, const ManifestValue *value, const char *text, Error *err)
{
    Search *search = context;
    const char *store = search->active->store;
    const char *own = arena_printf(search->arena, "%s\\%s", store, search->active->folder);
    const char *first = arena_strndup(search->arena, text, strcspn(text, "\\/"));
    return take_path(search, value->name, text, ending_of(first) != NULL ? store : own, err);
}

/* ---- companions ---- */

static const char *architecture_of(const char *folder, Arena *arena)
{
    const char *ending = ending_of(folder);
    return ending != NULL ? arena_strndup(arena, ending + 1, strcspn(ending + 1, "_")) : "";
}

/* The INF of a package folder, which is called like the folder up to its ".inf". Empty if there is none. */
static bool read_inf(Search *search, const char *folder, Inf *ret_inf, Error *err)
{
    const char *ending = ending_of(folder);
    char *text;
    size_t size;
    *ret_inf = (Inf){ .driver_ver = "", .class_name = "", .class_guid = "" };
    if (ending == NULL)
        return true;
    const char *path = arena_printf(search->arena, "%s\\%s\\%.*s", search->active->store, folder,
                                    (int) (ending - folder), folder);
    if (host_files_read(search->files, path, LIMIT_INF_BYTES, search->arena, &text, &size, err)) {
        *ret_inf = inf_parse(text, size, search->architecture, search->arena);
        return true;
    }
    if (err->code != ERR_NOT_FOUND)
        return false;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* Software for the GPU itself, as far as the INF tells. */
static bool is_for_gpu(const Inf *inf)
{
    static const struct {
        const char *name, *guid;
    } classes[] = {
        { "Display", "{4d36e968-e325-11ce-bfc1-08002be10318}" },
        { "SoftwareComponent", "{5c4c3332-344d-483c-8739-259e934c9cc8}" },
        { "Extension", "{e2f84ce7-8efa-411c-aa69-97454ca4cb57}" },
    };
    bool is_known = *inf->class_guid == '\0' && *inf->class_name == '\0';
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        is_known = is_known || (*inf->class_guid != '\0' ? ascii_equals(inf->class_guid, classes[i].guid)
                                                         : ascii_equals(inf->class_name, classes[i].name));
    }
    return is_known;
}

static bool is_component(const Vendor *vendor, const char *inf_name)
{
    for (size_t i = 0; vendor != NULL && vendor->components != NULL && vendor->components[i] != NULL; i++) {
        if (ascii_starts_with(inf_name, vendor->components[i]))
            return true;
    }
    return false;
}

static void tell_left_out(const Search *search, const char *inf_name, const char *driver_ver, bool is_needed)
{
    const char *text = arena_printf(search->arena,
                                    "the driver's companion '%s' is left out: the host's driver store has no package "
                                    "of it that is of the driver's version (%s)",
                                    inf_name, driver_ver);
    if (is_needed)
        search->report->warning(search->report, text);
    else
        report_detail(search->report, "%s", text);
}

/* A folder of the package of that INF. */
static bool is_package_of(const Search *search, const HostEntry *entry, const char *inf_name)
{
    const char *ending = ending_of(entry->name);
    size_t length = strlen(inf_name);
    return entry->is_folder && ending != NULL && (size_t) (ending - entry->name) == length &&
           ascii_ncasecmp(entry->name, inf_name, length) == 0 &&
           ascii_equals(architecture_of(entry->name, search->arena), search->architecture);
}

/* All packages of that INF that are of the version: which of them is active, only Windows knows. */
static bool add_companion(Search *search, const char *inf_name, const char *driver_ver, Error *err)
{
    bool is_found = false, is_needed = is_component(search->request->vendor, inf_name), is_foreign = false;
    for (size_t i = 0; i < search->store.count; i++) {
        const HostEntry *entry = &search->store.items[i];
        Inf inf;
        if (!is_package_of(search, entry, inf_name))
            continue;
        if (text_list_has(&search->found, entry->name)) {
            is_found = true;
            continue;
        }
        if (!read_inf(search, entry->name, &inf, err))
            return false;
        is_foreign = is_foreign || !is_for_gpu(&inf);
        is_needed = is_needed || is_for_gpu(&inf);
        if (is_for_gpu(&inf) && strcmp(inf.driver_ver, driver_ver) == 0) {
            ARRAY_PUSH(search->arena, &search->found, entry->name);
            is_found = true;
        }
    }
    if (!is_found)
        tell_left_out(search, inf_name, driver_ver, is_needed && !is_foreign);
    return true;
}

/* Of all folders that have been found, and of those that are found on the way. */
static bool add_companions(Search *search, Error *err)
{
    for (size_t i = 0; i < search->found.count; i++) {
        Inf inf;
        if (!read_inf(search, search->found.items[i], &inf, err))
            return false;
        if (inf.copy_infs.count > 0 && !list_store(search, err))
            return false;
        for (size_t j = 0; j < inf.copy_infs.count; j++) {
            if (!add_companion(search, inf.copy_infs.items[j], inf.driver_ver, err))
                return false;
        }
    }
    return true;
}

bool driver_find_folders(const FolderRequest *request, Arena *arena, StringList *ret_folders, Error *err)
{
    const ActiveDriver *active = request->active;
    Search search = { .request = request,
                      .files = request->files,
                      .active = active,
                      .report = request->report,
                      .arena = arena,
                      .architecture = architecture_of(active->folder, arena) };
    ARRAY_PUSH(arena, &search.found, active->folder);
    for (size_t i = 0; i < active->programs.count; i++) {
        if (!take_path(&search, "ImagePath", active->programs.items[i], NULL, err))
            return false;
    }
    for (size_t i = 0; i < active->values.count; i++) {
        if (!driver_value_paths(&active->values.items[i], arena, take_named, &search, err))
            return false;
    }
    for (size_t i = 0; i < request->declarations->count; i++) {
        const ManifestValue *value = request->declarations->items[i].value;
        if (!take_path(&search, value->name, value->texts.items[0], NULL, err))
            return false;
    }
    if (!add_companions(&search, err))
        return false;
    *ret_folders = search.found;
    return true;
}
