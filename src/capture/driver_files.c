/* SPDX-License-Identifier: MIT */
#include "capture/driver_files.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"
#include "cim/schema.h"
#include "drivers/gather/finder.h"
#include "drivers/gather/host_image.h"
#include "drivers/gather/inf.h"
#include "drivers/gather/leftovers.h"
#include "platform/text.h"

#include <string.h>

#define STORE "\\DriverStore\\FileRepository\\"

/* ---- what is looked at ---- */

typedef struct Seen {
    const char *path; /* of a folder with '\\' at its end */
    uint64_t size;
    int64_t modified_s;
    bool is_opened;
} Seen;

/* Files that go through to others, and remember what was listed and opened. */
typedef struct Watched {
    HostFiles base;
    HostFiles *inner;
    Arena *arena;
    StringList listed; /* folders, whose entries are "seen" */
    struct {
        Seen *items;
        size_t count, capacity;
    } seen;
} Watched;

static Seen *find_seen(Watched *watched, const char *path)
{
    for (size_t i = 0; i < watched->seen.count; i++) {
        if (text_equals(watched->seen.items[i].path, path))
            return &watched->seen.items[i];
    }
    return NULL;
}

static bool watched_list(HostFiles *base, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    Watched *watched = (Watched *) base;
    if (!watched->inner->ops->list(watched->inner, folder, arena, ret_entries, err))
        return false;
    if (text_list_has(&watched->listed, folder))
        return true;
    ARRAY_PUSH(watched->arena, &watched->listed, arena_strdup(watched->arena, folder));
    for (size_t i = 0; i < ret_entries->count; i++) {
        const HostEntry *entry = &ret_entries->items[i];
        const char *path =
            arena_printf(watched->arena, "%s\\%s%s", folder, entry->name, entry->is_folder ? "\\" : "");
        ARRAY_PUSH(watched->arena, &watched->seen, ((Seen){ path, entry->size, entry->modified_s, false }));
    }
    return true;
}

/* Some are opened by their names alone: how large they are, their folder tells. */
static void mark_opened(Watched *watched, const char *path)
{
    HostEntries entries;
    Error ignored = { .code = ERR_NONE };
    const char *name = strrchr(path, '\\');
    bool is_seen = name == NULL || find_seen(watched, path) != NULL;
    if (!is_seen && !watched_list(&watched->base, arena_strndup(watched->arena, path, (size_t) (name - path)),
                                  watched->arena, &entries, &ignored))
        return;
    Seen *seen = find_seen(watched, path);
    if (seen != NULL)
        seen->is_opened = true;
}

static bool watched_open(HostFiles *base, const char *path, HostFile **ret_file, Error *err)
{
    Watched *watched = (Watched *) base;
    if (!watched->inner->ops->open(watched->inner, path, ret_file, err))
        return false;
    mark_opened(watched, path);
    return true;
}

static bool watched_hash(HostFiles *base, const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    Watched *watched = (Watched *) base;
    if (!watched->inner->ops->hash(watched->inner, path, ret_text, err))
        return false;
    mark_opened(watched, path);
    return true;
}

static bool watched_describe(HostFiles *base, const char *path, HostImage *ret_image, Error *err)
{
    Watched *watched = (Watched *) base;
    if (!watched->inner->ops->describe(watched->inner, path, ret_image, err))
        return false;
    mark_opened(watched, path);
    return true;
}

/* The inner ones must outlive it. What they do not have it has not, either. */
static Watched watch(HostFiles *inner, HostFilesOps *ops, Arena *arena)
{
    *ops = *inner->ops; /* what is opened is the inner ones' own */
    ops->list = watched_list;
    ops->open = watched_open;
    ops->hash = inner->ops->hash != NULL ? watched_hash : NULL;
    ops->describe = inner->ops->describe != NULL ? watched_describe : NULL;
    return (Watched){ .base = { .ops = ops, .has_no_contents = inner->has_no_contents, .cancel = inner->cancel },
                      .inner = inner,
                      .arena = arena };
}

/* ---- what is kept of it ---- */

/* What is in a driver's own folder; of Windows' folders only what a driver names. */
static bool is_wanted(const Seen *seen)
{
    for (const char *at = seen->path; *at != '\0'; at++) {
        const char *inside = ascii_starts_with(at, STORE) ? strchr(at + strlen(STORE), '\\') : NULL;
        if (inside != NULL)
            return inside[1] != '\0';
    }
    return seen->is_opened;
}

/* "..._amd64_4a1b6d2f0c9e8d37\nv_dispi.inf" */
static const char *architecture_of(const char *path, Arena *arena)
{
    const char *found = "";
    for (const char *at = path; *at != '\0'; at++) {
        if (ascii_starts_with(at, ".inf_"))
            found = arena_strndup(arena, at + strlen(".inf_"), strcspn(at + strlen(".inf_"), "_\\"));
    }
    return found;
}

/* An INF that says to HyperPoint what the whole one says. */
static const char *reduced_inf(const Inf *inf, Arena *arena)
{
    const char *text = "[Version]\r\nSignature = \"$Windows NT$\"\r\n";
    if (*inf->class_name != '\0')
        text = arena_printf(arena, "%sClass = \"%s\"\r\n", text, inf->class_name);
    if (*inf->class_guid != '\0')
        text = arena_printf(arena, "%sClassGuid = %s\r\n", text, inf->class_guid);
    const char *date = inf->driver_ver; /* yyyy-mm-dd, and the version */
    if (strlen(date) >= 10 && date[4] == '-' && date[7] == '-')
        text = arena_printf(arena, "%sDriverVer = %.2s/%.2s/%.4s%s\r\n", text, date + 5, date + 8, date, date + 10);
    if (inf->copy_infs.count > 0)
        text = arena_printf(arena, "%s[Captured]\r\n", text);
    for (size_t i = 0; i < inf->copy_infs.count; i++)
        text = arena_printf(arena, "%sCopyINF = \"%s\"\r\n", text, inf->copy_infs.items[i]);
    return text;
}

static bool says_the_same(const Inf *a, const Inf *b)
{
    bool same = strcmp(a->driver_ver, b->driver_ver) == 0 && strcmp(a->class_name, b->class_name) == 0 &&
                strcmp(a->class_guid, b->class_guid) == 0 && a->copy_infs.count == b->copy_infs.count;
    for (size_t i = 0; same && i < a->copy_infs.count; i++)
        same = strcmp(a->copy_infs.items[i], b->copy_infs.items[i]) == 0;
    return same;
}

static void take_inf(HostFiles *files, const Captured *captured, SimFile *file)
{
    Arena scratch = ARENA_INIT;
    Error ignored = { .code = ERR_NONE };
    char *text;
    size_t size;
    const char *architecture = architecture_of(file->path, &scratch);
    if (host_files_read(files, file->path, LIMIT_INF_BYTES, &scratch, &text, &size, &ignored)) {
        const Inf inf = inf_parse(text, size, architecture, &scratch);
        const char *reduced = reduced_inf(&inf, &scratch);
        const Inf again = inf_parse(reduced, strlen(reduced), architecture, &scratch);
        if (utf8_is_valid(reduced, strlen(reduced)) && says_the_same(&inf, &again))
            file->text = arena_strdup(&captured->host->arena, reduced);
        else
            capture_leave_out(captured, file->path, NULL, "an INF file that says what cannot be said shorter");
    }
    arena_release(&scratch);
}

/* What is in it is in the list as well, unless nobody looked into it. */
static void take_folder(const Seen *seen, const Captured *captured)
{
    SimFile folder = { .path = arena_strdup(&captured->host->arena, seen->path), .sha256 = "" };
    ARRAY_PUSH(&captured->host->arena, &captured->host->files, folder);
}

static bool is_folder(const Seen *seen)
{
    return seen->path[strlen(seen->path) - 1] == '\\';
}

static bool take_file(HostFiles *files, const Seen *seen, const Captured *captured, Error *err)
{
    char sha256[HASH_TEXT_LENGTH + 1];
    PeVersion version = { .has_number = false };
    Error failure = { .code = ERR_NONE };
    const char *name = strrchr(seen->path, '\\');
    if (name != NULL && leftover_is_file(name + 1)) { /* whose names tell of programs and computers */
        capture_leave_out(captured, "files of drivers", seen->path,
                          "what a running driver has written: no package has it");
        return true;
    }
    if (!utf8_is_valid(seen->path, strlen(seen->path)) || !host_files_hash(files, seen->path, sha256, &failure)) {
        if (failure.code == ERR_CANCELLED) {
            *err = failure;
            return false;
        }
        capture_leave_out(captured, "files of drivers", seen->path, failure.code != ERR_NONE ? failure.message : "odd");
        return true;
    }
    PeKind kind = host_image_kind(files, seen->path, seen->size);
    if (kind.bits != 0 && !host_image_version(files, seen->path, seen->size, &version, &failure))
        version = (PeVersion){ .has_number = false };
    SimFile file = { .path = arena_strdup(&captured->host->arena, seen->path),
                     .size = seen->size,
                     .modified_s = seen->modified_s,
                     .sha256 = arena_strdup(&captured->host->arena, sha256),
                     .bits = kind.bits,
                     .is_library = kind.is_library,
                     .has_number = version.has_number,
                     .is_microsoft = version.is_microsoft,
                     .number = version.number };
    if (ascii_ends_with(file.path, ".inf"))
        take_inf(files, captured, &file);
    ARRAY_PUSH(&captured->host->arena, &captured->host->files, file);
    captured->result->files++;
    return true;
}

/* ---- all of it ---- */

static bool go_on(void *context, const ManifestGpu *gpu, const Error *err)
{
    const Captured *captured = context;
    if (err->code != ERR_NOT_FOUND)
        capture_leave_out(captured, "files of drivers", gpu->name, err->message);
    return true;
}

bool capture_driver_files(CimSession *session, HostFiles *files, const Captured *captured, Error *err)
{
    Arena scratch = ARENA_INIT;
    HostFilesOps ops;
    Watched watched = watch(files, &ops, &scratch);
    Captured told = *captured;
    ManifestGpus gpus = { 0 };
    Drivers drivers;
    SimWalk walk = sim_walk_in(captured->host, NS_CIMV2, "Win32_PnPEntity");
    for (const SimObject *device; (device = sim_walk_next(&walk)) != NULL;) {
        const ManifestGpu gpu = { .name = sim_object_text(device, "Name"),
                                  .device_id = sim_object_text(device, "DeviceID") };
        ARRAY_PUSH(&scratch, &gpus, gpu);
    }
    const DriversRequest request = { .session = session,
                                     .files = &watched.base,
                                     .gpus = &gpus,
                                     .report = report_silent(),
                                     .pass_over = go_on,
                                     .context = &told };
    bool ok = drivers_find(&request, &scratch, &drivers, err);
    for (size_t i = 0; ok && i < watched.seen.count; i++) {
        const Seen *seen = &watched.seen.items[i];
        if (is_wanted(seen) && is_folder(seen))
            take_folder(seen, captured);
        else
            ok = !is_wanted(seen) || take_file(files, seen, captured, err);
    }
    arena_release(&scratch);
    return ok;
}
