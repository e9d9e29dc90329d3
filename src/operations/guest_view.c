/* SPDX-License-Identifier: MIT */
#include "operations/guest_view.h"

#include "drivers/guest/store.h"

bool guest_view_open(CimSession *session, const char *name, Arena *arena, GuestView *ret_view, Error *err)
{
    GuestView view = { .session = session, .name = name };
    if (!guest_store_find(session, arena, &view.store, err) ||
        !guest_store_packages(session, view.store, arena, &view.packages, err) ||
        !guest_store_has_journal(session, view.store, arena, &view.has_journal, err) ||
        !guest_gpus_read(session, arena, &view.gpus, err))
        return error_prefix(err, "guest '%s'", name);
    *ret_view = view;
    return true;
}

/* Asks for the one folder; only if it is not there, for all of them, because that takes WMI longer. */
bool guest_view_find(GuestView *view, const char *folder, Arena *arena, Error *err)
{
    FoundDriver found = { .place = view->name };
    bool has;
    if (!guest_store_has(view->session, view->store, folder, arena, &has, err))
        return error_prefix(err, "guest '%s'", view->name);
    if (has)
        ARRAY_PUSH(arena, &found.folders, folder);
    else if (view->is_listed)
        return true;
    else if (!guest_store_folders(view->session, view->store, arena, &found.folders, err))
        return error_prefix(err, "guest '%s'", view->name);
    view->is_listed = view->is_listed || !has;
    ARRAY_PUSH(arena, &view->found, found);
    return true;
}

bool guest_gpus_work(const GuestGpus *gpus)
{
    bool all_work = gpus->count > 0;
    for (size_t i = 0; i < gpus->count; i++)
        all_work = all_work && gpus->items[i].problem == 0;
    return all_work;
}

static const GuestBuilds *cannot_tell(HyperVHost *host, const Error *err)
{
    report_detail(host->report, "%s", err->message);
    return NULL;
}

const GuestBuilds *guest_builds_judge(const WindowsBuild *guest, HyperVHost *host, Arena *arena)
{
    GuestBuilds *builds = ARENA_NEW(arena, GuestBuilds);
    Error unseen = { .code = ERR_NONE };
    builds->guest = *guest;
    if (!windows_build_read(host->session, &builds->host, &unseen))
        return cannot_tell(host, &unseen);
    for (size_t i = 0; i < known_build_count; i++) {
        const KnownBuild *known = &known_builds[i];
        if (known_build_applies(known, &builds->host, &builds->guest))
            ARRAY_PUSH(arena, &builds->problems, known);
    }
    return builds;
}

static const GuestBuilds *read_builds(const GuestView *view, HyperVHost *host, Arena *arena)
{
    WindowsBuild build;
    Error unseen = { .code = ERR_NONE };
    if (!windows_build_read(view->session, &build, &unseen))
        return cannot_tell(host, &unseen);
    return guest_builds_judge(&build, host, arena);
}

static const GuestVm *look_at_vm(HyperVHost *host, const char *name, Arena *arena, const char **ret_problem)
{
    Error unseen = { .code = ERR_NONE };
    Vm vm;
    VmResources resources;
    if (!vm_find(host, name, arena, &vm, &unseen) || !vm_read_resources(host, &vm, arena, &resources, &unseen)) {
        *ret_problem = arena_strdup(arena, unseen.message);
        return NULL;
    }
    GuestVm *seen = ARENA_NEW(arena, GuestVm);
    *seen = (GuestVm){ .name = vm.name,
                       .partitions = resources.partitions.count,
                       .obstacles = vm_gpu_obstacles(&vm, &resources, host->session->address_bits, arena) };
    return seen;
}

void guest_report_look_at_vm(GuestReport *report, HyperVHost *host, const char *vm_name, Arena *arena)
{
    if (!guest_gpus_work(&report->gpus) && vm_name != NULL)
        report->vm = look_at_vm(host, vm_name, arena, &report->vm_problem);
}

GuestReport guest_view_report(const GuestView *view, HyperVHost *host, const char *vm_name, Arena *arena)
{
    GuestReport report = { .name = view->name, .packages = view->packages, .gpus = view->gpus };
    guest_report_look_at_vm(&report, host, vm_name, arena);
    report.builds = read_builds(view, host, arena);
    return report;
}
