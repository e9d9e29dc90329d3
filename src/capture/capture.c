/* SPDX-License-Identifier: MIT */
#include "capture/capture.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "capture/anonymous_host.h"
#include "capture/driver_keys.h"
#include "capture/rows.h"
#include "capture/taken.h"
#include "cim/schema.h"
#include "cim/status.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "platform/fs.h"
#include "sim/host.h"

#include <string.h>

/* Of Windows, as far as the simulated host knows its classes. */
enum { BUILD_MIN = 14393, BUILD_MAX = 99999 };

static bool check_file(const char *file, Error *err)
{
    Arena scratch = ARENA_INIT;
    const char *path;
    bool ok = fs_canonical_path(file, &scratch, &path, err);
    arena_release(&scratch);
    if (!ok)
        return error_hint(err, "the folder of the file must exist");
    if (!fs_exists(file))
        return true;
    (void) error_set(err, ERR_STATE, "'%s' exists already", file);
    return error_hint(err, "name a file that does not exist yet: a capture overwrites nothing");
}

/* ---- which host it is ---- */

static bool read_windows(HyperVHost *from, Arena *arena, const CimInstance **ret_row, Error *err)
{
    CimInstanceList rows;
    if (!host_select(from, NS_CIMV2, "Win32_OperatingSystem", NULL, NULL, arena, &rows, err))
        return false;
    if (rows.count == 0)
        return error_set(err, ERR_DENIED, "the host '%s' does not show its Windows", from->session->host);
    *ret_row = rows.items[0];
    return true;
}

static bool read_build(const CimInstance *windows, uint32_t *ret_build, Error *err)
{
    unsigned long long build = 0;
    const char *text = cim_instance_text(windows, "BuildNumber");
    if (text == NULL || !ascii_parse_uint64(text, &build))
        return error_set(err, ERR_PROTOCOL, "Windows does not tell its build");
    if (build < BUILD_MIN || build > BUILD_MAX)
        return error_set(err, ERR_UNSUPPORTED, "a simulated host cannot be a Windows of build %s", text);
    *ret_build = (uint32_t) build;
    return true;
}

static bool has_no_hyperv(const Error *err)
{
    return err->source == ERROR_SOURCE_HRESULT && (uint32_t) err->native == WMI_E_INVALID_NAMESPACE;
}

/* What it calls itself among its VMs, which have GUIDs for names; or what Windows calls it. */
static const char *host_name(const CimInstanceList *systems, const CimInstance *windows)
{
    const char *name = cim_instance_text(windows, "CSName");
    for (size_t i = 0; i < systems->count; i++) {
        const char *own = cim_instance_text(systems->items[i], "Name");
        if (own != NULL && !guid_is_valid(own))
            name = own;
    }
    bool is_name = name != NULL && *name != '\0' && strpbrk(name, "\\/\"'") == NULL;
    return is_name ? name : "HOST";
}

static bool make_host(HyperVHost *from, Arena *arena, Captured *captured, Error *err)
{
    CimInstanceList systems = { 0 };
    const CimInstance *windows = NULL;
    bool visible = true, has_hyperv = true;
    if (!read_windows(from, arena, &windows, err) || !read_build(windows, &captured->result->build, err))
        return false;
    if (!host_is_visible(from, arena, &visible, &systems, err)) {
        if (!has_no_hyperv(err))
            return false;
        *err = (Error){ .code = ERR_NONE };
        has_hyperv = false;
    }
    if (!visible)
        return host_rights_error(from, err);
    SimKnobs knobs = sim_knobs_default(captured->result->build);
    knobs.address_bits = from->session->address_bits;
    captured->host = sim_host_create(host_name(&systems, windows), captured->result->build, has_hyperv, &knobs);
    captured->host->is_server = cim_instance_uint(windows, "ProductType", 1) != 1;
    captured->host->variant = "captured";
    captured->host->is_captured = true;
    (void) capture_row(captured, NS_CIMV2, windows);
    for (size_t i = 0; i < systems.count; i++)
        (void) capture_row(captured, NS_VIRTUALIZATION, systems.items[i]);
    return true;
}

/* ---- its rows ---- */

static bool take_class(HyperVHost *from, const TakenClass *class, const Captured *captured, Error *err)
{
    Arena scratch = ARENA_INIT;
    CimInstanceList rows = { 0 };
    Error failure = { .code = ERR_NONE };
    bool ok = class->query == NULL
                  ? host_select(from, class->ns, class->class_name, NULL, NULL, &scratch, &rows, &failure)
                  : cim_session_query(from->session, class->ns, class->query, &scratch, &rows, &failure);
    for (size_t i = 0; ok && i < rows.count; i++)
        (void) capture_row(captured, class->ns, rows.items[i]);
    arena_release(&scratch);
    if (ok)
        capture_tell_class(captured, class->class_name);
    else if (!capture_is_over(&failure))
        capture_leave_out(captured, class->class_name, NULL, failure.message);
    else
        *err = failure;
    return ok || !capture_is_over(&failure);
}

/* Msvm_ComputerSystem has been read. */
static bool take_classes(HyperVHost *from, const Captured *captured, Error *err)
{
    for (size_t i = 0; i < taken_class_count; i++) {
        const TakenClass *class = &taken_classes[i];
        bool is_there = captured->host->has_hyperv || !cim_namespace_equals(class->ns, NS_VIRTUALIZATION);
        from->report->progress(from->report, "reading the host", (int) (100 * i / taken_class_count));
        if (is_there && strcmp(class->class_name, "Msvm_ComputerSystem") != 0 &&
            !take_class(from, class, captured, err))
            return false;
    }
    for (size_t i = 0; captured->host->has_hyperv && i < passed_class_count; i++)
        capture_leave_out(captured, passed_classes[i].class_name, NULL, passed_classes[i].why);
    return true;
}

/* The sizes of the VMs' disks. */
static bool take_disks(HyperVHost *from, const Captured *captured, Error *err)
{
    Arena scratch = ARENA_INIT;
    StringList files = { 0 };
    CimInstanceList rows = { 0 };
    Error failure = { .code = ERR_NONE };
    SimWalk walk = sim_walk(captured->host, "Msvm_StorageAllocationSettingData");
    for (const SimObject *disk; captured->host->has_hyperv && (disk = sim_walk_next(&walk)) != NULL;) {
        StringList texts;
        cim_instance_texts(&disk->row, "HostResource", &scratch, &texts);
        if (texts.count > 0 && checkpoint_is_disk(texts.items[0]))
            ARRAY_PUSH(&scratch, &files, texts.items[0]);
    }
    bool ok = checkpoint_read_files(from, &files, &scratch, &rows, &failure);
    for (size_t i = 0; ok && i < rows.count; i++)
        (void) capture_row(captured, NS_CIMV2, rows.items[i]);
    if (!ok && !capture_is_over(&failure))
        capture_leave_out(captured, "CIM_DataFile", NULL, failure.message);
    if (!ok && capture_is_over(&failure))
        *err = failure;
    arena_release(&scratch);
    return ok || !capture_is_over(&failure);
}

/* ---- the file ---- */

/* What is written can be read: a capture that nobody can use would be found out too late. */
static bool make_text(const SimHost *host, Arena *arena, const char **ret_text, size_t *ret_size, Error *err)
{
    SimHost *read = NULL;
    if (!sim_host_write(host, arena, ret_text, ret_size, err))
        return false;
    if (!sim_host_read(*ret_text, *ret_size, &read, err))
        return error_prefix(err, "the captured host cannot be written as a state file");
    sim_host_destroy(read);
    return true;
}

static bool write_file(const CaptureRequest *request, const Captured *captured, Error *err)
{
    Arena scratch = ARENA_INIT;
    const char *text;
    size_t size = 0;
    bool ok = make_text(captured->host, &scratch, &text, &size, err) && check_file(request->file, err) &&
              (request->only_look || fs_replace_file(request->file, text, size, FS_PRIVATE, err));
    arena_release(&scratch);
    captured->result->size = size;
    captured->result->is_written = ok && !request->only_look;
    return ok;
}

/* The host of the capture becomes one without names. */
static bool make_anonymous(const CaptureRequest *request, Captured *captured, Error *err)
{
    Anonymous anonymous;
    if (!anonymous_open(request->secret_folder, request->only_look, &anonymous, err))
        return false;
    anonymous.host = captured->host->name;
    SimHost *copy = anonymous_host_create(&anonymous, captured->host);
    anonymous_close(&anonymous);
    sim_host_destroy(captured->host);
    captured->host = copy;
    captured->result->is_anonymous = true;
    return true;
}

static bool take_all(HyperVHost *from, HostFiles *files, const Captured *captured, Error *err)
{
    if (!take_classes(from, captured, err) || !take_disks(from, captured, err) ||
        !capture_driver_keys(from, files, captured, err))
        return false;
    if (captured->host->has_hyperv) {
        capture_drop_torn_vms(captured);
        capture_link_disks(captured);
    }
    return true;
}

bool capture_host(const CaptureRequest *request, Arena *arena, CaptureResult *ret_result, Error *err)
{
    Arena scratch = ARENA_INIT;
    CaptureResult result = { .file = request->file };
    Captured captured = { .result = &result, .arena = arena };
    bool ok = check_file(request->file, err) && make_host(request->host, &scratch, &captured, err) &&
              take_all(request->host, request->files, &captured, err) &&
              (!request->anonymous || make_anonymous(request, &captured, err)) && write_file(request, &captured, err);
    request->host->report->progress(request->host->report, NULL, -1);
    if (ok) {
        result.name = arena_strdup(arena, captured.host->name);
        *ret_result = result;
    }
    sim_host_destroy(captured.host);
    arena_release(&scratch);
    return ok;
}
