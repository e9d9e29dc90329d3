/* SPDX-License-Identifier: MIT */
#include "commands/app.h"

#include "base/str.h"

static void print_param(Output *output, const Param *param)
{
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

/* Verbs that are parameters of their own are told there. */
static void print_verbs(Output *output, const Program *program)
{
    if (program->verbs[0].help == NULL)
        return;
    output_result(output, "verbs (-DO):\n");
    for (size_t i = 0; i < program->verb_count; i++)
        output_result(output, "  %-24s %s\n", program->verbs[i].name, program->verbs[i].help);
    output_result(output, "\n");
}

void help_print(const Program *program, Output *output)
{
    output_result(output, "%s " HYPERPOINT_VERSION ": %s\n\nusage: %s\n\n", program->title, program->summary,
                  program->usage);
    print_verbs(output, program);
    output_result(output, "parameters (any letter case; unique beginnings are enough; -NAME value or -NAME:value):\n");
    for (size_t i = 0; i < program->param_count; i++)
        print_param(output, &program->params[i]);
    output_result(output, "\nexamples:\n");
    for (const char *const *example = program->examples; *example != NULL; example++)
        output_result(output, "  %s\n", *example);
    output_result(output,
                  "\nexit codes: 0 done; 1 refused, nothing changed; 2 usage; 3 some of several done; 4 failed, "
                  "everything put back;\n");
    for (const char *const *line = program->exit_codes; *line != NULL; line++)
        output_result(output, "  %s\n", *line);
}
