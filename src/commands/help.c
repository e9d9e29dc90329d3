/* SPDX-License-Identifier: MIT */
#include "commands/verbs.h"

#include "base/str.h"

void help_print_params(Output *output, const Param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Param *param = &params[i];
        Str usage;
        str_init(&usage, 80);
        str_appendf(&usage, "-%s", param->name);
        if (param->alias != NULL)
            str_appendf(&usage, ", -%s", param->alias);
        if (param->value_name != NULL)
            str_appendf(&usage, " %s", param->value_name);
        output_result(output, "  %-24s %s\n", str_text(&usage), param->help);
        str_release(&usage);
    }
}

void help_print(Output *output)
{
    output_result(output, "HyperPoint " HYPERPOINT_VERSION
                 ": checkpoints for Hyper-V virtual machines that hold GPU partitions\n"
                 "\n"
                 "usage: hyperpoint -VM NAME [-DO VERB] [-GPU GPU,...] [parameters]\n"
                 "\n"
                 "verbs (-DO):\n");
    for (size_t i = 0; i < verb_count; i++)
        output_result(output, "  %-24s %s\n", verbs[i].name, verbs[i].help);
    output_result(output,
                  "\nparameters (any letter case; unique beginnings are enough; -NAME value or -NAME:value):\n");
    help_print_params(output, option_params, option_param_count);
    output_result(output, "\n"
                 "examples:\n"
                 "  hyperpoint -VM \"my vm\"\n"
                 "  hyperpoint -VM \"my vm\" -NAME \"before the update\"\n"
                 "  hyperpoint -VM \"my vm\" -DO list-gpus\n"
                 "  hyperpoint -VM \"my vm\" -DO add -GPU \"NVIDIA GeForce RTX 4060\",\"order:3\"\n"
                 "  hyperpoint -VM \"my vm\" -DO recover\n"
                 "  hyperpoint -VM \"my vm\" -DO get-drivers -ZIP\n"
                 "  hyperpoint -HOST sim:lab.json -VM \"my vm\" -WHATIF\n"
                 "\n"
                 "exit codes: 0 done; 1 refused, nothing changed; 2 usage; 3 some of several done; 4 failed, "
                 "everything put back;\n"
                 "  5 failed, a journal stands: run -DO recover; 6 host unreachable or no rights; 7 done after the "
                 "next reboot;\n  8 check-drivers: something differs\n");
}
