/* SPDX-License-Identifier: MIT */
#include "commands/ask.h"

#include "base/ascii.h"
#include "platform/console.h"

#include <string.h>

bool app_can_ask(const App *app)
{
    const Options *options = app->options;
    FILE *in = app->environment->in;
    return options->yes || (in != NULL && !options->json && !options->silent && feof(in) == 0);
}

/* An empty answer is one, too. False: there is none. */
static bool read_answer(const App *app, char *line, size_t size)
{
    FILE *in = app->environment->in;
    if (!console_await_input(in, app->environment->cancel) || fgets(line, (int) size, in) == NULL)
        return false;
    for (int next = strchr(line, '\n') != NULL ? '\n' : 0; next != '\n' && next != EOF;)
        next = fgetc(in); /* the rest of a long line */
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

bool app_ask(App *app, const char *question, Error *err)
{
    char line[80];
    if (app->options->yes)
        return true;
    if (!app_can_ask(app)) {
        (void) error_set(err, ERR_USAGE, "this is done only with your consent, and nobody can be asked for it here");
        return error_hint(err, "-YES gives it");
    }
    output_ask(app->output, "%s Type yes to go on: ", question);
    if (!read_answer(app, line, sizeof(line))) {
        output_ask(app->output, "\n");
        return error_set(err, ERR_CANCELLED, "there was no answer; nothing was changed");
    }
    return ascii_equals(line, "yes") || ascii_equals(line, "y") ||
           error_set(err, ERR_CANCELLED, "not wanted; nothing was changed");
}
