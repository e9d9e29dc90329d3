/* SPDX-License-Identifier: MIT */
#include "commands/verbs.h"

#include "base/ascii.h"
#include "base/utf.h"
#include "base/visible.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "platform/text.h"

#include <string.h>

#define CHANGE_OF_RUNNING (VERB_NEEDS_VM | VERB_CHANGES)
#define CHANGE (CHANGE_OF_RUNNING | VERB_STOPS)

const Verb verbs[] = {
    { .name = "checkpoint",
      .help = "take the GPUs off, create a checkpoint, put the GPUs back (-GPU: put these on instead)",
      .flags = CHANGE | VERB_TAKES_GPU | VERB_CHECKPOINTS | VERB_ASSIGNS,
      .plan = PLAN_CHECKPOINT,
      .run = change_run },
    { .name = "list-gpus",
      .help = "list the host's partitionable GPUs and those assigned to the VM",
      .flags = VERB_NEEDS_VM,
      .run = list_gpus_run },
    { .name = "list-gpus-partitionable",
      .help = "list the host's partitionable GPUs",
      .flags = VERB_TAKES_VM,
      .run = list_partitionable_run },
    { .name = "list-gpus-assigned",
      .help = "list the GPUs assigned to the VM",
      .flags = VERB_NEEDS_VM,
      .run = list_assigned_run },
    { .name = "check",
      .help = "tell what is wrong with the host and its VMs, or will go wrong (-FIX mends it)",
      .flags = VERB_TAKES_VM | VERB_CHANGES | VERB_CHECKS | VERB_STOPS,
      .run = check_run },
    { .name = "list-vms", .help = "list the host's VMs with their state, GPUs and checkpoints", .run = list_vms_run },
    { .name = "list-checkpoints",
      .help = "list the VM's checkpoints as a tree, and the GPUs that a restore would put back",
      .flags = VERB_NEEDS_VM,
      .run = list_checkpoints_run },
    { .name = "restore",
      .help = "go back to the checkpoint of -CHECKPOINT and put the GPUs of now back (-GPU: put these on instead)",
      .flags = CHANGE | VERB_TAKES_GPU | VERB_OF_CHECKPOINT | VERB_RESTORES,
      .plan = PLAN_RESTORE,
      .run = change_run },
    { .name = "rename-checkpoint",
      .help = "give the checkpoint of -CHECKPOINT the name of -NAME",
      .flags = CHANGE_OF_RUNNING | VERB_OF_CHECKPOINT | VERB_RENAMES,
      .run = rename_checkpoint_run },
    { .name = "remove-checkpoint",
      .help = "remove the checkpoint of -CHECKPOINT (-SUBTREE: and all below it); done when its disks are merged",
      .flags = CHANGE_OF_RUNNING | VERB_OF_CHECKPOINT | VERB_TAKES_SUBTREE,
      .run = remove_checkpoint_run },
    { .name = "prune",
      .help = "remove old checkpoints, of HyperPoint's own or of the names of -NAME, by -KEEP and -OLDERTHAN",
      .flags = CHANGE_OF_RUNNING | VERB_PRUNES,
      .run = prune_run },
    { .name = "add",
      .help = "assign the GPUs of -GPU",
      .flags = CHANGE | VERB_NEEDS_GPU | VERB_ASSIGNS,
      .plan = PLAN_ADD,
      .run = change_run },
    { .name = "add-auto",
      .help = "assign the GPUs of -GPU if any of them exists, else the first suitable one",
      .flags = CHANGE | VERB_TAKES_GPU | VERB_ASSIGNS,
      .plan = PLAN_ADD_AUTO,
      .run = change_run },
    { .name = "add-all",
      .help = "assign all partitionable GPUs",
      .flags = CHANGE | VERB_ASSIGNS,
      .plan = PLAN_ADD_ALL,
      .run = change_run },
    { .name = "remove",
      .help = "take the GPUs of -GPU off",
      .flags = CHANGE | VERB_NEEDS_GPU,
      .plan = PLAN_REMOVE,
      .run = change_run },
    { .name = "remove-all", .help = "take all GPUs off", .flags = CHANGE, .plan = PLAN_REMOVE_ALL, .run = change_run },
    { .name = "reset",
      .help = "take all GPUs off, then as add-auto",
      .flags = CHANGE | VERB_TAKES_GPU | VERB_ASSIGNS,
      .plan = PLAN_RESET,
      .run = change_run },
    { .name = "detach",
      .help = "take all GPUs off and remember them, until attach",
      .flags = CHANGE,
      .plan = PLAN_DETACH,
      .run = change_run },
    { .name = "attach",
      .help = "put exactly the detached GPUs back (-GPU: what takes the place of those that are gone)",
      .flags = CHANGE | VERB_TAKES_GPU | VERB_ASSIGNS | VERB_ATTACHES,
      .plan = PLAN_ATTACH,
      .run = change_run },
    { .name = "get-drivers",
      .help = "gather the drivers of the VM's GPUs, or of -GPU, into packages for installdrivers",
      .flags = VERB_TAKES_VM | VERB_TAKES_GPU | VERB_PACKAGES | VERB_PACKS,
      .run = get_drivers_run },
    { .name = "check-drivers",
      .help = "compare the host's drivers with packages (-DEST), and with what a guest has (-ROOT, -GUEST)",
      .flags = VERB_TAKES_VM | VERB_TAKES_GPU | VERB_PACKAGES | VERB_COMPARES,
      .run = check_drivers_run },
    { .name = "update-drivers",
      .help = "install the drivers of the VM's GPUs, or of -GPU, in its running guest, by the service there",
      .flags = VERB_NEEDS_VM | VERB_TAKES_GPU | VERB_CHANGES | VERB_UPDATES,
      .run = update_drivers_run },
    { .name = "capture",
      .help = "write what HyperPoint reads of the host into the file of -DEST, as a simulated host",
      .flags = VERB_CAPTURES,
      .run = capture_run },
    { .name = "recover",
      .help = "finish or undo what an interrupted run left behind (without -VM: for all VMs of the host)",
      .flags = VERB_TAKES_VM | VERB_TAKES_GPU | VERB_CHANGES | VERB_STOPS | VERB_RECOVERS,
      .run = recover_run },
    { .name = "start",
      .help = "start the VM, and tell what to do where its GPUs keep it from starting",
      .flags = VERB_NEEDS_VM | VERB_CHANGES,
      .run = start_run },
};

const size_t verb_count = COUNT_OF(verbs);

bool verb_find(const char *name, const Verb **ret_verb, Error *err)
{
    enum { CLOSE = 3 };
    const char *nearest = NULL;
    size_t least = CLOSE + 1;
    for (size_t i = 0; i < verb_count; i++) {
        if (name == NULL || ascii_equals(verbs[i].name, name)) {
            *ret_verb = &verbs[i];
            return true;
        }
        size_t distance = text_distance(name, verbs[i].name, CLOSE);
        if (distance < least) {
            least = distance;
            nearest = verbs[i].name;
        }
    }
    (void) error_set(err, ERR_USAGE, "-DO: unknown verb '%s'", name);
    if (nearest != NULL)
        return error_hint(err, "did you mean %s?", nearest);
    return error_hint(err, "hyperpoint -HELP lists the verbs");
}

/* ---- values ---- */

#define MB (UINT64_C(1024) * 1024)

static bool check_mmio(const char *name, uint64_t bytes, uint64_t least_mb, uint64_t most_mb, const char *range,
                       Error *err)
{
    if (bytes != 0 && (bytes % MB != 0 || bytes / MB < least_mb || bytes / MB > most_mb))
        return error_set(err, ERR_USAGE, "-%s takes whole megabytes, %s", name, range);
    return true;
}

static bool check_name(const char *name, Error *err)
{
    if (name == NULL)
        return true;
    if (*name == '\0' || strlen(name) > 400 || utf8_length(name) > 100)
        return error_set(err, ERR_USAGE, "-NAME takes 1 to 100 characters");
    if (!visible_is_plain(name))
        return error_set(err, ERR_USAGE, "-NAME '%s' has characters that cannot be seen, such as line feeds", name);
    return true;
}

static bool read_gpus(App *app, Error *err)
{
    bool ok = selectors_parse(&app->options->gpus, app->arena, &app->selectors, err) &&
              (app->verb->plan == PLAN_REMOVE || selectors_check_gpus(&app->selectors, err));
    return ok || error_prefix(err, "-GPU");
}

static bool check_mends(const Options *options, Error *err)
{
    if (options->fix || (!options->what_if && !options->stop && !options->yes))
        return true;
    return error_set(err, ERR_USAGE, "check changes nothing without -FIX: -%s has no meaning",
                     options->stop      ? "STOP"
                     : options->what_if ? "WHATIF"
                                        : "YES");
}

/* All that can be judged without a host, before one is connected to. */
static bool check_values(App *app, Error *err)
{
    const Options *options = app->options;
    bool ok = check_name(options->checkpoint_name, err) &&
              check_mmio("LOWMMIO", options->low_mmio, 128, 3584, "128MB to 3584MB", err) &&
              check_mmio("HIGHMMIO", options->high_mmio, 512, 1024 * 1024, "512MB to 1TB", err) &&
              (options->vm == NULL || vm_check_name(options->vm, err) || error_prefix(err, "-VM")) &&
              (options->checkpoint == NULL || checkpoint_check_name(options->checkpoint, err) ||
               error_prefix(err, "-CHECKPOINT")) &&
              read_gpus(app, err);
    bool updates = (app->verb->flags & VERB_UPDATES) != 0;
    if (ok && updates && options->stop && !options->start)
        return error_set(err, ERR_USAGE, "-STOP has a meaning only with -START: a VM that was on stays on");
    if (ok && options->bring && options->stop)
        return error_set(err, ERR_USAGE, "-STOP would shut the guest down before anybody there can install what -BRING "
                                         "brings");
    if (ok && !updates && !options->stop &&
        (options->start || options->turn_off || options->discard_saved || options->timeout != 0))
        return error_set(err, ERR_USAGE, "-%s has a meaning only with -STOP",
                         options->start           ? "START"
                         : options->turn_off      ? "TURNOFF"
                         : options->discard_saved ? "DISCARDSAVED"
                                                  : "TIMEOUT");
    if (ok && (app->verb->flags & VERB_CHECKS) != 0 && !check_mends(options, err))
        return false;
    if (ok && options->forget &&
        (options->gpus.count > 0 || options->low_mmio != 0 || options->high_mmio != 0 || options->fix_memory ||
         options->stop))
        return error_set(err, ERR_USAGE, "-FORGET changes nothing of the VM: -%s has no meaning with it",
                         options->gpus.count > 0      ? "GPU"
                         : options->low_mmio != 0    ? "LOWMMIO"
                         : options->high_mmio != 0   ? "HIGHMMIO"
                         : options->fix_memory       ? "FIXMEMORY"
                                                     : "STOP");
    if (ok && options->guest != NULL && options->root != NULL)
        return error_set(err, ERR_USAGE, "-GUEST and -ROOT are two ways to the same guest: give one of them");
    return ok;
}

bool verb_check_options(App *app, Error *err)
{
    const Verb *verb = app->verb;
    const Options *options = app->options;
    if ((verb->flags & VERB_NEEDS_VM) != 0 && options->vms.count == 0) {
        (void) error_set(err, ERR_USAGE, "-VM is missing: %s needs a virtual machine", verb->name);
        return error_hint(err, "for example: hyperpoint -VM \"my vm\"; hyperpoint -HELP shows everything");
    }
    if ((verb->flags & VERB_NEEDS_GPU) != 0 && options->gpus.count == 0) {
        (void) error_set(err, ERR_USAGE, "-GPU is missing: %s needs to know which", verb->name);
        return error_hint(
            err, "by name, deviceid:, instanceid: or order: as -DO list-gpus shows them, or all; add-auto, add-all and "
                 "remove-all choose by themselves");
    }
    if ((verb->flags & VERB_OF_CHECKPOINT) != 0 && options->checkpoint == NULL) {
        (void) error_set(err, ERR_USAGE, "-CHECKPOINT is missing: %s needs to know which", verb->name);
        return error_hint(err, "its name, its ID, or latest; -DO list-checkpoints shows those that there are");
    }
    if (options->discard && options->checkpoint_name != NULL)
        return error_set(err, ERR_USAGE, "-NAME has no meaning with -DISCARD: there is no checkpoint to be named");
    if ((verb->flags & VERB_RENAMES) != 0 && options->checkpoint_name == NULL)
        return error_set(err, ERR_USAGE, "-NAME is missing: the new name of the checkpoint");
    if ((verb->flags & VERB_PRUNES) != 0 && options->keep < 0 && options->older_than == 0) {
        (void) error_set(err, ERR_USAGE, "-KEEP or -OLDERTHAN is missing: which checkpoints are to go?");
        return error_hint(err, "-KEEP 5 leaves the five newest, -OLDERTHAN 14d those of the last 14 days; with both a "
                               "checkpoint goes that neither would keep");
    }
    if ((verb->flags & VERB_PACKAGES) != 0 && options->vms.count == 0 && options->gpus.count == 0) {
        (void) error_set(err, ERR_USAGE, "-VM or -GPU is missing: whose driver is it to be?");
        return error_hint(err, "-VM \"my vm\" takes those it has assigned, -GPU order:1 one of the host, -GPU all "
                               "every one");
    }
    if ((verb->flags & VERB_CAPTURES) != 0 && options->hosts.count > 1)
        return error_set(err, ERR_USAGE, "-HOST names several hosts: a file holds one captured host");
    if ((verb->flags & VERB_CAPTURES) != 0 && options->destination == NULL) {
        (void) error_set(err, ERR_USAGE, "-DEST is missing: which file shall hold the captured host?");
        return error_hint(err, "for example: -DEST host.json");
    }
    return check_values(app, err);
}
