/* SPDX-License-Identifier: MIT */
#include "commands/install_options.h"

#include "base/compiler.h"
#include "commands/options.h"

#define MEMBER(name) offsetof(InstallOptions, name)

const Param install_params[] = {
    { .name = "SRC",
      .kind = PARAM_TEXT,
      .offset = MEMBER(source),
      .value_name = "FOLDER",
      .help = "folder with driver packages; without it 'hostdrivers' beside the program" },
    { .name = "DRV",
      .kind = PARAM_LIST,
      .offset = MEMBER(packages),
      .value_name = "NAME,...",
      .help = "packages to install (or verify, or uninstall); without it all" },
    { .name = "DRVSRC",
      .kind = PARAM_TEXT,
      .offset = MEMBER(package),
      .value_name = "PATH",
      .help = "one package, a folder or a zip, wherever it is" },
    { .name = "FORCE",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(force),
      .help = "files in use: ask programs and services to end, start them again; else wait for a restart" },
    { .name = "REPLACENEWER",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(replace_newer),
      .help = "take the package's files also where the guest's are newer" },
    { .name = "ROOT",
      .kind = PARAM_TEXT,
      .offset = MEMBER(root),
      .value_name = "FOLDER",
      .help = "install below this folder, which stands for the guest's system drive" },
    { .name = "VERIFY",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(verify),
      .help = "check the installed packages' files, change nothing" },
    { .name = "UNINSTALL",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(uninstall),
      .help = "remove installed packages, and put back what was there before" },
    { .name = "RECOVER",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(recover),
      .help = "end what an interrupted run left: undo it, call it off, or finish it" },
    { .name = "WHATIF", .kind = PARAM_SWITCH, .offset = MEMBER(what_if), .help = "print the plan, change nothing" },
    { .name = "S",
      .kind = PARAM_SWITCH,
      .offset = MEMBER(silent),
      .help = "silent: only warnings and errors are printed" },
    { .name = "JSON", .kind = PARAM_SWITCH, .offset = MEMBER(json), .help = "print one JSON object instead of text" },
    { .name = "VERBOSE", .kind = PARAM_SWITCH, .offset = MEMBER(verbose), .help = "name every file" },
    { .name = "HELP", .kind = PARAM_SWITCH, .offset = MEMBER(help), .help = "show this help", .alias = "?" },
    { .name = "VERSION", .kind = PARAM_SWITCH, .offset = MEMBER(version), .help = "show the version" },
};

const size_t install_param_count = COUNT_OF(install_params);

bool install_options_check(const InstallOptions *options, Error *err)
{
    const struct {
        const char *name;
        bool given;
    } verbs[] = { { "VERIFY", options->verify }, { "UNINSTALL", options->uninstall }, { "RECOVER", options->recover } };
    const char *verb = NULL;
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        if (verbs[i].given && verb != NULL)
            return error_set(err, ERR_USAGE, "-%s and -%s cannot go together", verb, verbs[i].name);
        verb = verbs[i].given ? verbs[i].name : verb;
    }
    if (verb != NULL && (options->source != NULL || options->package != NULL))
        return error_set(err, ERR_USAGE, "-SRC and -DRVSRC have no meaning for -%s", verb);
    if (verb != NULL && options->replace_newer)
        return error_set(err, ERR_USAGE, "-REPLACENEWER has no meaning for -%s", verb);
    if (options->recover && options->packages.count > 0)
        return error_set(err, ERR_USAGE, "-RECOVER is for the whole guest; -DRV has no meaning for it");
    if (options->package != NULL && (options->source != NULL || options->packages.count > 0))
        return error_set(err, ERR_USAGE, "-DRVSRC names the package; -SRC and -DRV do not go with it");
    return true;
}

void install_options_print_help(Output *output)
{
    output_result(output, "installdrivers " HYPERPOINT_VERSION ": installs the host's GPU drivers in a Hyper-V guest\n"
                 "\n"
                 "usage: installdrivers [-SRC FOLDER] [-DRV NAME,...] [-DRVSRC PATH] [parameters]\n"
                 "\n"
                 "parameters (any letter case; unique beginnings are enough; -NAME value or -NAME:value):\n");
    help_print_params(output, install_params, install_param_count);
    output_result(output, "\n"
                 "examples:\n"
                 "  installdrivers\n"
                 "  installdrivers -SRC \"D:\\MyDriverRepo\" -DRV \"NVIDIA_20240814.zip\"\n"
                 "  installdrivers -DRVSRC \"D:\\MyDriverRepo\\NVIDIA_20240814.zip\" -WHATIF\n"
                 "  installdrivers -VERIFY\n"
                 "\n"
                 "exit codes: 0 done; 1 refused, nothing changed; 2 usage; 3 some of several done; 4 failed, "
                 "everything put back;\n"
                 "  5 failed, a journal stands: run -RECOVER; 7 done when Windows starts the next time;\n"
                 "  8 -VERIFY found something missing or changed\n");
}
