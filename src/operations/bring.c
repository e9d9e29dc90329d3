/* SPDX-License-Identifier: MIT */
#include "operations/bring.h"

#include "exchange/request.h"
#include "operations/guest_errand.h"
#include "operations/update_package.h"
#include "operations/update_supply.h"
#include "platform/files.h"
#include "platform/fs.h"

enum { PROGRAM_BYTES = 64 * 1024 * 1024, SHORT_ID = 8 };

typedef struct Bringing {
    HyperVHost *host;
    const Vm *vm;
    const UpdateRequest *request;
    const char *program;
    Arena *arena;
    UpdateReport *report;
    GuestErrand errand;
    size_t brought; /* files */
} Bringing;

/* The guest's users can make files in its folder for temporary ones, but not see what is in it: the program is started
 * as administrator from a folder that nobody else can have put anything into. */
static const char *choose_folder(Arena *arena)
{
    char id[EXCHANGE_ID_LENGTH + 1];
    exchange_id_create(id);
    return arena_printf(arena, "%%SystemRoot%%\\Temp\\HyperPoint-%.*s", SHORT_ID, id);
}

/* ---- before anything is changed ---- */

static bool check_running(const Bringing *bringing, Error *err)
{
    VmStatus status;
    const Vm *vm = bringing->vm;
    if (!vm_read_status(bringing->host, vm, &status, err) || !vm_check_not_busy(vm, &status, err))
        return false;
    if (status.state == VM_STATE_RUNNING)
        return true;
    (void) vm_error_not_running(vm, &status, err);
    return error_hint(err, "start it, sign in, and try again");
}

static bool check_program(const char *program, Error *err)
{
    FileStatus status;
    if (!file_status(program, &status, err))
        return false;
    if (status.kind == FILE_PLAIN)
        return true;
    (void) error_set(err, ERR_NOT_FOUND, "the program to bring is not there: '%s'", program);
    return error_hint(err, "it is in the folder of the release for Windows: put it there");
}

static bool check(const Bringing *bringing, Error *err)
{
    GuestWay way;
    return check_running(bringing, err) && check_program(bringing->program, err) &&
           guest_way_look(bringing->host, bringing->vm, bringing->arena, &way, err);
}

/* ---- what is brought ---- */

static bool make_packages(Bringing *bringing, const GatherRequest *gathering, const Drivers *drivers, Error *err)
{
    for (size_t i = 0; i < drivers->count; i++) {
        UpdatedDriver *updated = &bringing->report->drivers.items[i];
        UpdatePackage package;
        if (!update_package_make(gathering, &drivers->items[i], bringing->arena, &package, err))
            return false;
        updated->name = package.name;
        updated->size = package.size;
    }
    return true;
}

/* Beside the packages, because the host's own services may not be able to read where this program lies. */
static bool put_program(const Bringing *bringing, uint64_t *ret_size, Error *err)
{
    Arena arena = ARENA_INIT;
    char *data;
    size_t size = 0;
    bool ok = fs_read_file(bringing->program, PROGRAM_BYTES, &arena, &data, &size, err) &&
              fs_replace_file(fs_join(&arena, bringing->request->cache, BRING_PROGRAM), data, size, FS_SHARED, err);
    arena_release(&arena);
    *ret_size = size;
    return ok;
}

static bool bring_file(Bringing *bringing, const char *name, const char *place, uint64_t size, Error *err)
{
    const GuestFile file = {
        .source = update_path_on_host(bringing->request, name, bringing->arena),
        .destination = arena_printf(bringing->arena, "%s\\%s%s", bringing->report->folder, place, name),
        .name = name,
        .size = size,
    };
    if (!guest_way_bring(bringing->host, bringing->vm, &file, err))
        return false;
    bringing->brought++;
    return true;
}

/* The program last: where it is, all is. */
static bool bring_all(Bringing *bringing, Error *err)
{
    uint64_t size;
    UpdatedDrivers *drivers = &bringing->report->drivers;
    if (!put_program(bringing, &size, err) || !guest_errand_open(&bringing->errand, err))
        return false;
    for (size_t i = 0; i < drivers->count; i++) {
        UpdatedDriver *driver = &drivers->items[i];
        if (!bring_file(bringing, arena_printf(bringing->arena, "%s.zip", driver->name), "hostdrivers\\", driver->size,
                        err))
            return false;
        driver->outcome = UPDATE_BROUGHT;
    }
    return bring_file(bringing, BRING_PROGRAM, "", size, err);
}

static bool run(Bringing *bringing, Error *err)
{
    UpdateReport *report = bringing->report;
    const GatherRequest gathering = update_gathering(bringing->host, bringing->request);
    Drivers found;
    if (!check(bringing, err) ||
        !update_find_drivers(&gathering, bringing->vm, bringing->request, bringing->arena, report, &found, err))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        UpdatedDriver updated = updated_driver(&found.items[i], bringing->arena);
        updated.outcome = bringing->request->only_look ? UPDATE_PLANNED : UPDATE_FAILED;
        ARRAY_PUSH(bringing->arena, &report->drivers, updated);
    }
    report->folder = choose_folder(bringing->arena);
    if (bringing->request->only_look)
        return true;
    FsLock *held = NULL;
    bool ok = update_cache_hold(bringing->request->cache, UPDATE_CACHE_BYTES, bringing->host->cancel,
                                bringing->host->report, &held, err) &&
              make_packages(bringing, &gathering, &found, err) && bring_all(bringing, err);
    fs_unlock(held);
    return ok;
}

bool bring_vm(HyperVHost *host, const Vm *vm, const UpdateRequest *request, const char *program, Arena *arena,
              UpdateReport *ret_report, Error *err)
{
    Bringing bringing = { .host = host, .vm = vm, .request = request, .program = program, .arena = arena,
                          .report = ret_report, .errand = { .host = host, .vm = vm, .arena = arena } };
    *ret_report = (UpdateReport){ .vm_name = vm->name, .ending = ENDING_REFUSED };
    if (!guest_errand_begin(&bringing.errand, request->only_look, &ret_report->ending, err))
        return false;
    bool ok = run(&bringing, err);
    if (!ok && bringing.brought > 0)
        report_warning(host->report, "what has been copied stays in the guest, in %s", ret_report->folder);
    ret_report->ending =
        guest_errand_end(&bringing.errand, request->only_look ? ENDING_PLANNED : ENDING_DONE, &ok, err);
    journal_close(bringing.errand.journal);
    return ok;
}
