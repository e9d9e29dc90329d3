/* SPDX-License-Identifier: MIT */
/* check-drivers: builds of Windows that are known to go wrong with GPU partitions. */
#include "commands/drivers.h"

#include "drivers/guest/known_builds.h"

static json_t *build_json(App *app, const WindowsBuild *build)
{
    return output_json_text(windows_build_format(build, app->arena));
}

void drivers_tell_builds(App *app, CimSession *guest, json_t *json)
{
    Error unseen = { .code = ERR_NONE };
    WindowsBuild on_host, in_guest;
    if (!windows_build_read(app->host.session, &on_host, &unseen) ||
        !windows_build_read(guest, &in_guest, &unseen)) {
        output_verbose(app->output, "%s", unseen.message);
        return;
    }
    bool is_told = false;
    json_t *array = json_array();
    for (size_t i = 0; i < known_build_count; i++) {
        const KnownBuild *known = &known_builds[i];
        if (!known_build_applies(known, &on_host, &in_guest))
            continue;
        if (!is_told)
            output_result(app->output, "  Windows: build %s; on the host: build %s\n",
                          windows_build_format(&in_guest, app->arena), windows_build_format(&on_host, app->arena));
        is_told = true;
        output_notice(app->output, "Windows of these builds: %s; %s (%s)", known->symptom, known->advice,
                      known->source);
        (void) json_array_append_new(array, output_json_text(known->symptom));
    }
    (void) json_object_set_new(json, "build", build_json(app, &in_guest));
    (void) json_object_set_new(json, "hostBuild", build_json(app, &on_host));
    (void) json_object_set_new(json, "knownProblems", array);
}
