/* SPDX-License-Identifier: MIT */
#include "commands/ask.h"

#include "base/ascii.h"

#include <string.h>

bool app_can_ask(const App *app)
{
    return app->options->yes || (app->environment->in != NULL && !app->options->json && !app->options->silent);
}

bool app_ask(App *app, const char *question, Error *err)
{
    FILE *in = app->environment->in;
    char line[80];
    if (app->options->yes)
        return true;
    if (!app_can_ask(app)) {
        (void) error_set(err, ERR_USAGE, "this has to be wanted, and there is nobody to ask");
        return error_hint(err, "-YES says that it is");
    }
    output_ask(app->output, "%s Type yes to go on: ", question);
    if (fgets(line, sizeof(line), in) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return ascii_equals(line, "yes") || ascii_equals(line, "y") ||
           error_set(err, ERR_CANCELLED, "not wanted; nothing was changed");
}
