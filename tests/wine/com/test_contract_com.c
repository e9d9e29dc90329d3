/* SPDX-License-Identifier: MIT */
/* The session contract through real COM calls: this computer, and another one that is named. */
#include "cim/com/com_session.h"
#include "contract/contract.h"
#include "wine/com/wmi_host.h"

#include <stdio.h>

static CimSession *open_session(void *context)
{
    const char *computer = context;
    CimSession *session = NULL;
    Error err;
    wmi_host_open(NULL);
    if (!com_session_open(computer, computer != NULL ? computer : "this computer", clock_system(), &session, &err))
        (void) fprintf(stderr, "%s\n", err.message);
    return session;
}

static void close_session(void *context, CimSession *session)
{
    (void) context;
    cim_session_close(session);
    wmi_host_close();
}

int main(void)
{
    static char computer[] = "HV1";
    int failed = contract_run("com", &(ContractFactory){ .open = open_session, .close = close_session });
    return failed +
           contract_run("com, by name",
                        &(ContractFactory){ .open = open_session, .close = close_session, .context = computer });
}
