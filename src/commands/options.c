/* SPDX-License-Identifier: MIT */
#include "commands/options.h"

#include "base/ascii.h"

static const char *const checkpoint_types[] = { "production", "standard", NULL };

#define MEMBER(name) offsetof(Options, name)

const Param option_params[] = {
    { .name = "VM",
      .kind = PARAM_TEXT,
      .offset = MEMBER(vm),
      .value_name = "NAME",
      .help = "the virtual machine, by name or as id:GUID" },
    { .name = "DO",
      .kind = PARAM_TEXT,
      .offset = MEMBER(verb),
      .value_name = "VERB",
      .help = "what to do; without it a checkpoint is created" },
    { .name = "GPU",
      .kind = PARAM_LIST,
      .offset = MEMBER(gpus),
      .value_name = "GPU,...",
      .alias = "G", /* of the original; -GUEST begins so, too */
      .help = "GPUs: friendly name, deviceid:ID, instanceid:ID, order:N, all, adapterid:ID (removing only)" },
    { .name = "NAME",
      .kind = PARAM_TEXT,
      .offset = MEMBER(checkpoint_name),
      .value_name = "TEXT",
      .help = "name of the checkpoint; without it Hyper-V gives one" },
    { .name = "CHECKPOINTTYPE",
      .kind = PARAM_CHOICE,
      .offset = MEMBER(checkpoint_type),
      .value_name = "TYPE",
      .help = "production or standard: sets the VM's checkpoint type first, and leaves it so",
      .choices = checkpoint_types },
    { .name = "LOWMMIO",
      .kind = PARAM_SIZE,
      .offset = MEMBER(low_mmio),
      .value_name = "SIZE",
      .help = "low MMIO space of the VM, 128MB to 3584MB; without it raised to 1GB for a new GPU" },
    { .name = "HIGHMMIO",
      .kind = PARAM_SIZE,
      .offset = MEMBER(high_mmio),
      .value_name = "SIZE",
      .help = "high MMIO space of the VM, up to 1TB; without it raised to 32GB for a new GPU" },
    { .name = "FIXMEMORY",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(fix_memory),
      .help = "dynamic memory: set the minimum to what the VM starts with, which a GPU needs" },
    { .name = "ZIP", .kind = PARAM_SWITCH, .offset = MEMBER(zip), .help = "get-drivers: make zips" },
    { .name = "DEST",
      .kind = PARAM_TEXT,
      .offset = MEMBER(destination),
      .value_name = "FOLDER",
      .help = "folder of driver packages; without it hostdrivers beside the program" },
    { .name = "ROOT",
      .kind = PARAM_TEXT,
      .offset = MEMBER(root),
      .value_name = "FOLDER",
      .help = "check-drivers: the guest's system drive, as a share or a folder" },
    { .name = "GUEST",
      .kind = PARAM_TEXT,
      .offset = MEMBER(guest),
      .value_name = "HOST",
      .help = "check-drivers: the running guest, by the name of its Windows; sim:FILE is a simulated one" },
    { .name = "HOST",
      .kind = PARAM_TEXT,
      .offset = MEMBER(host),
      .value_name = "HOST",
      .help = "the Hyper-V host; sim:FILE is a simulated one" },
    { .name = "WHATIF", .kind = PARAM_SWITCH, .offset = MEMBER(what_if), .help = "print the plan, change nothing" },
    { .name = "S",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(silent),
      .help = "silent: only listings, warnings and errors are printed" },
    { .name = "JSON", .kind = PARAM_SWITCH, .offset = MEMBER(json), .help = "print one JSON object instead of text" },
    { .name = "VERBOSE",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(verbose),
      .help = "show each call to the host with its time" },
    { .name = "HELP", .kind = PARAM_SWITCH, .offset = MEMBER(help), .help = "show this help", .alias = "?" },
    { .name = "VERSION", .kind = PARAM_SWITCH, .offset = MEMBER(version), .help = "show the version" },
};

const size_t option_param_count = COUNT_OF(option_params);

bool options_parse(size_t argc, const char *const *argv, Arena *arena, Options *ret_options, Error *err)
{
    return params_parse(option_params, option_param_count, argc, argv, ret_options, arena, err);
}

bool options_want_json(size_t argc, const char *const *argv)
{
    for (size_t i = 0; i < argc; i++) {
        if (ascii_equals(argv[i], "-JSON"))
            return true;
    }
    return false;
}
