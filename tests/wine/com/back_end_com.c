/* SPDX-License-Identifier: MIT */
/* The fault matrix through real COM calls. What WMI itself can say goes wrong where it would: the stand-in answers with
 * the number, and what the session makes of it is part of what is tried. */
#include "fault/back_end.h"

#include "base/check.h"
#include "base/compiler.h"
#include "cim/com/com_session.h"
#include "support/system.h"
#include "wine/com/wmi_host.h"

#include <inttypes.h>
#include <stdio.h>

static CimSession *session; /* NULL: none */

CimSession *back_end_open(CimSession *direct, const char *host_file)
{
    Error err;
    CHECK(session == NULL);
    system_set_environment("WMI_PROVIDER_STATE", host_file);
    CHECK(com_session_open(NULL, "HV1", direct->clock, &session, &err));
    return session;
}

void back_end_close(void)
{
    cim_session_close(session);
    session = NULL;
    system_set_environment("WMI_PROVIDER_STATE", NULL);
    system_set_environment("WMI_PROVIDER_TIME", NULL);
}

/* ---- faults ---- */

static const struct {
    FaultKind kind;
    unsigned calls; /* FaultCall */
    const char *fault;
} faults[] = {
    { FAULT_REFUSED, FAULT_CALL_READ | FAULT_CALL_POLL, "any:80041001:99" },
    { FAULT_REFUSED, FAULT_CALL_INVOKE, "ExecMethod:80041001:1" },
    { FAULT_DENIED, FAULT_CALL_READ | FAULT_CALL_POLL | FAULT_CALL_INVOKE, "any:80041003:99" },
    { FAULT_UNREACHABLE, FAULT_CALL_READ | FAULT_CALL_POLL | FAULT_CALL_INVOKE, "any:800706BA:99" },
    { FAULT_POLL_NOT_FOUND, FAULT_CALL_POLL, "GetResultObject:80041002:99" },
    { FAULT_NO_RIGHTS, FAULT_CALL_INVOKE, "ExecMethod:80041003:1" },
    { FAULT_LOST_NOT_DONE, FAULT_CALL_INVOKE, "ExecMethod:800706BE:1" },
    { FAULT_CUT_NOT_DONE, FAULT_CALL_INVOKE, "ExecMethod:800706BE:1" },
    { FAULT_LOST_RUNNING, FAULT_CALL_INVOKE, "ExecMethod:80041033:1:after" },
    { FAULT_LOST_DONE, FAULT_CALL_INVOKE, "ExecMethod:800706BE:1:after" },
    { FAULT_CUT_DONE, FAULT_CALL_INVOKE, "ExecMethod:800706BF:1:after" },
};

static bool is_armed;

/* NULL: it cannot. */
static const char *find_fault(FaultKind kind, FaultCall call)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (faults[i].kind == kind && (faults[i].calls & (unsigned) call) != 0)
            return faults[i].fault;
    }
    return NULL;
}

static bool line_can_fail(FaultKind kind, FaultCall call)
{
    return find_fault(kind, call) != NULL;
}

static bool line_begin(FaultKind kind, FaultCall call, int64_t now_ms)
{
    char text[32];
    (void) snprintf(text, sizeof(text), "%" PRId64, now_ms);
    system_set_environment("WMI_PROVIDER_TIME", text);
    const char *fault = find_fault(kind, call);
    is_armed = fault != NULL;
    if (is_armed)
        wmi_host_fault(fault);
    return is_armed;
}

static void line_end(void)
{
    if (is_armed)
        wmi_host_fault(NULL);
    is_armed = false;
}

const FaultLine *back_end_line(void)
{
    static const FaultLine line = { .can_fail = line_can_fail, .begin = line_begin, .end = line_end };
    return &line;
}
