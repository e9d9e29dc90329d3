/* SPDX-License-Identifier: MIT */
/* -DO capture: a copy of the host as a simulated one. Changes nothing on the host. */
#include "capture/capture.h"
#include "commands/verbs.h"
#include "platform/process.h"
#include "present/capture.h"
#include "present/result.h"

ExitCode capture_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    CaptureResult result;
    CaptureRequest request = { .host = &app->host,
                               .file = app->options->destination,
                               .only_look = app->options->what_if,
                               .anonymous = app->options->anonymous,
                               .secret_folder = app->environment->state_folder };
    /* The user's own, so that captures of all hosts compare. */
    if (request.anonymous && request.secret_folder == NULL &&
        !process_state_folder(false, app->arena, &request.secret_folder, &err))
        return app_fail(app, &err);
    if (app->options->drivers) {
        if (!cim_connect_files(&app->address, &request.files, &err))
            return app_fail(app, &err);
        request.files->cancel = app->environment->cancel;
    }
    bool ok = capture_host(&request, app->arena, &result, &err);
    host_files_close(request.files);
    if (!ok)
        return app_fail(app, &err);
    app->changed = result.is_written;
    present_whole(app->output, &capture_shape, &result);
    output_notice(app->output, "what HyperPoint remembers of the host on this computer is not part of a capture: "
                               "unfinished changes, detached GPUs, settings files");
    if (result.is_written)
        output_notice(app->output, "rehearse on it: hyperpoint -HOST \"sim:%s\"", result.file);
    return EXIT_DONE;
}
