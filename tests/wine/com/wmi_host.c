/* SPDX-License-Identifier: MIT */
#include "wine/com/wmi_host.h"

#include "base/check.h"
#include "cim/sim/sim_session.h"
#include "platform/fs.h"
#include "support/system.h"

#include <string.h>

static Arena arena;
static const char *folder; /* NULL: none */

void wmi_host_open(const char *variant)
{
    wmi_host_close();
    folder = system_make_folder(&arena);
    const char *state_file = fs_join(&arena, folder, "host.json");
    CimSession *session;
    Error err;
    CHECK(sim_session_open(state_file, variant, clock_system(), &session, &err));
    cim_session_close(session);
    system_set_environment("WMI_PROVIDER_STATE", state_file);
}

void wmi_host_fault(const char *fault)
{
    static unsigned count; /* makes each one new */
    const char *mark = fault != NULL && strstr(fault, ":after") != NULL ? ":" : "::";
    system_set_environment("WMI_PROVIDER_FAULT",
                           fault == NULL ? NULL : arena_printf(&arena, "%s%s%u", fault, mark, ++count));
}

void wmi_host_close(void)
{
    system_set_environment("WMI_PROVIDER_STATE", NULL);
    system_set_environment("WMI_PROVIDER_FAULT", NULL);
    if (folder != NULL)
        system_remove_folder(folder);
    folder = NULL;
    arena_release(&arena);
}
