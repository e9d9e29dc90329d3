/* SPDX-License-Identifier: MIT */
#include "agent/update.h"

#include "agent/publish.h"
#include "drivers/install/install.h"
#include "operations/installed_gpus.h"

/* Nobody is asked to end his programs because a host wants an update: what is in use waits for the next start of
 * Windows. */
static bool find_nobody(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    (void) holders;
    (void) paths;
    (void) arena;
    (void) err;
    *ret_holders = (HolderList){ 0 };
    return true;
}

static bool stop_nobody(Holders *holders, const StringList *paths, Error *err)
{
    (void) holders;
    (void) paths;
    (void) err;
    return true;
}

static bool restart_nobody(Holders *holders, Error *err)
{
    (void) holders;
    (void) err;
    return true;
}

static Holders nobody = { .find = find_nobody, .stop = stop_nobody, .restart = restart_nobody };

static InstallJob job_of(const Update *update)
{
    const AgentGuest *guest = update->guest;
    return (InstallJob){ .root = guest->root,
                         .state_folder = guest->locks,
                         .force = true,
                         .holders = &nobody,
                         .registry = guest->registry,
                         .cancel = guest->cancel,
                         .clock = guest->clock,
                         .report = update->report,
                         .arena = update->arena };
}

/* ---- GPUs ---- */

/* The one that is worst off. */
static const GuestGpu *find_bad(const GuestGpus *gpus)
{
    const GuestGpu *bad = NULL;
    for (size_t i = 0; i < gpus->count; i++) {
        const GuestGpu *gpu = &gpus->items[i];
        if (gpu->problem != 0 && (bad == NULL || bad->problem == GUEST_GPU_UNKNOWN))
            bad = gpu;
    }
    return bad;
}

/* Where it cannot be told whether it works, the drivers are installed nevertheless. */
void update_devices(const Update *update, UpdateOutcome *ret_outcome)
{
    const AgentGuest *guest = update->guest;
    InstalledGpus gpus = { .is_known = false };
    CimSession *session;
    Error err = { .code = ERR_NONE };
    *ret_outcome = (UpdateOutcome){ .phase = EXCHANGE_DONE, .reason = EXCHANGE_NONE };
    bool ok = guest->connect(guest->context, &session, &err);
    if (ok) {
        ok = installed_gpus_restart(session, guest->devices, false, update->arena, &gpus, &err);
        cim_session_close(session);
    }
    for (size_t i = 0; i < gpus.restarted.count; i++) {
        if (gpus.restarted.items[i].failure != NULL)
            report_warning(update->report, "%s", gpus.restarted.items[i].failure);
    }
    if (!ok)
        report_warning(update->report, "cannot tell whether the GPU works: %s", err.message);
    const GuestGpu *bad = gpus.is_known ? find_bad(&gpus.gpus) : NULL;
    if (bad == NULL || bad->problem == GUEST_GPU_UNKNOWN)
        return;
    ret_outcome->reason = guest_gpu_needs_restart(bad) ? EXCHANGE_RESTART : EXCHANGE_PROBLEM;
    ret_outcome->result = bad->problem;
}

int64_t update_problem(const Update *update)
{
    const AgentGuest *guest = update->guest;
    GuestGpus gpus = { 0 };
    CimSession *session;
    Error ignored = { .code = ERR_NONE }; /* that it is unknown is what is told */
    if (!guest->connect(guest->context, &session, &ignored))
        return EXCHANGE_GPU_UNKNOWN;
    bool ok = guest_gpus_read(session, update->arena, &gpus, &ignored);
    cim_session_close(session);
    if (!ok)
        return EXCHANGE_GPU_UNKNOWN;
    const GuestGpu *bad = find_bad(&gpus);
    if (bad == NULL)
        return gpus.count == 0 ? EXCHANGE_GPU_NONE : 0;
    return bad->problem == GUEST_GPU_UNKNOWN ? EXCHANGE_GPU_UNKNOWN : (int64_t) bad->problem;
}

/* ---- what is there ---- */

bool update_packages(const Update *update, InstalledPackages *ret_packages, Error *err)
{
    Tree *tree;
    InstallTarget *target;
    if (!target_open_tree(update->guest->root, &tree, err))
        return false;
    bool ok = target_open(tree, /* foreseen= */ NULL, update->arena, &target, err) &&
              install_read_packages(target, update->arena, ret_packages, err);
    tree_close(tree);
    return ok;
}

static bool look(const Update *update, SwapFound *ret_found, Error *err)
{
    InstallJob job = job_of(update);
    const char *what;
    job.what_if = true;
    return install_recover(&job, ret_found, &what, err);
}

bool update_is_kept_waiting(const Update *update, bool is_same, UpdateOutcome *ret_outcome)
{
    SwapFound found;
    Error ignored = { .code = ERR_NONE }; /* then the installation tells */
    if (!look(update, &found, &ignored) || found != SWAP_FOUND_WAITING)
        return false;
    *ret_outcome = is_same ? (UpdateOutcome){ .phase = EXCHANGE_DONE, .reason = EXCHANGE_IN_USE }
                           : (UpdateOutcome){ .phase = EXCHANGE_FAILED, .reason = EXCHANGE_RESTART };
    return true;
}

bool update_recover(const Update *update, bool *ret_waits, Error *err)
{
    InstallJob job = job_of(update);
    InstalledPackages packages;
    SwapFound found;
    SwapState state;
    if (!look(update, &found, err))
        return false;
    *ret_waits = found == SWAP_FOUND_WAITING;
    return *ret_waits || install_list(&job, &packages, &state, err); /* also what was only to be removed goes */
}

/* ---- installing ---- */

static ExchangeReason reason_of(const Update *update, const Error *cause)
{
    SwapFound found;
    Error ignored = { .code = ERR_NONE };
    if (cause->code == ERR_NO_SPACE)
        return EXCHANGE_SPACE;
    if (cause->code == ERR_BUSY)
        return EXCHANGE_BUSY;
    if (cause->code == ERR_INVALID || cause->code == ERR_PROTOCOL)
        return EXCHANGE_PACKAGE;
    return look(update, &found, &ignored) && found != SWAP_FOUND_NOTHING ? EXCHANGE_BUSY : EXCHANGE_INTERNAL;
}

bool update_install(const Update *update, const PackageSource *source, UpdateOutcome *ret_outcome)
{
    InstallJob job = job_of(update);
    InstallResult result;
    Error err = { .code = ERR_NONE };
    if (install_package(&job, source, &result, &err)) {
        *ret_outcome = (UpdateOutcome){ .phase = EXCHANGE_DONE,
                                        .reason = result.state == SWAP_WAITING ? EXCHANGE_IN_USE : EXCHANGE_NONE };
        return true;
    }
    if (err.code == ERR_CANCELLED)
        return false;
    report_warning(update->report, "package '%s': %s", source->name, err.message);
    *ret_outcome = (UpdateOutcome){ .phase = EXCHANGE_FAILED, .reason = reason_of(update, &err) };
    return true;
}

bool update_open(const Update *update, const char *path, PackageSource **ret_source,
                 char ret_manifest[HASH_TEXT_LENGTH + 1], UpdateOutcome *ret_outcome)
{
    PackageSource *source = NULL;
    Error err = { .code = ERR_NONE };
    if (package_open_nameless(path, update->arena, &source, &err) &&
        package_hash_manifest(source, ret_manifest, &err)) {
        *ret_source = source;
        return true;
    }
    package_close(source);
    report_warning(update->report, "%s", err.message);
    *ret_outcome = (UpdateOutcome){ .phase = EXCHANGE_FAILED,
                                    .reason = err.code == ERR_IO ? EXCHANGE_INTERNAL : EXCHANGE_PACKAGE };
    return false;
}
