/* SPDX-License-Identifier: MIT */
/* A connected Hyper-V host: the session, and calls of methods of its services with the jobs they start. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/session.h"
#include "hyperv/report.h"

#include <stdbool.h>

typedef struct HyperVHost {
    CimSession *session;
    Report *report;
    const char *key; /* the same host always has the same key: names its journals and locks */
} HyperVHost;

/* Whether a failed call left the host as it was. */
bool error_outcome_is_unknown(const Error *err);

/* The rows of a class whose property has that value (property NULL: all rows). */
MUST_CHECK bool host_select(HyperVHost *host, const char *ns, const char *class_name, const char *property,
                            const char *value, Arena *arena, CimInstanceList *ret_rows, Error *err);

/* *ret_visible: this user sees the host's own row of Msvm_ComputerSystem. Without rights Hyper-V answers every query with no rows
 * at all (Unverified: it may also refuse them), which must not be told as "no such VM". One round trip; ret_rows
 * (may be NULL) gets all rows of Msvm_ComputerSystem. */
MUST_CHECK bool host_is_visible(HyperVHost *host, Arena *arena, bool *ret_visible, CimInstanceList *ret_rows, Error *err);

/* The error of a user without rights. Always returns false. */
bool host_rights_error(const HyperVHost *host, Error *err);

/* The object path of a service singleton ("Msvm_VirtualSystemManagementService", "vmms"). "near" is the object path of any
 * instance of the host: it names the host, which is one of the service's keys. Costs a round trip only where the back
 * end's paths name no host. */
MUST_CHECK bool host_service_path(HyperVHost *host, const char *class_name, const char *name, const char *near,
                                  Arena *arena, const char **ret_path, Error *err);

/* Calls a method and sees it through to its end: ReturnValue 0, or 4096 and a job that is followed until it has ended
 * (Msvm_ConcreteJob JobState 7, or 32768 with a warning). "what" names the work for progress and messages: "create the checkpoint".
 * ret_out has the OUT parameters; results of a job are not among them.
 * Errors: ERR_UNKNOWN_OUTCOME when the reply or the job was lost (read the state before anything else is done);
 * otherwise nothing was done, or not all of it for a call with several items: ERR_STATE (32775, 5), ERR_BUSY (32774), ERR_DENIED (32769),
 * ERR_UNSUPPORTED (32770, 1), ERR_REMOTE with the job's own text for the rest; native is the return value or the job's ErrorCode. */
MUST_CHECK bool host_call(HyperVHost *host, const char *path, const char *method, const CimInstance *in, const char *what,
                          Arena *arena, CimInstance **ret_out, Error *err);

/* Waits until no job works on the object (an Msvm_ComputerSystem path) any more. For after a lost reply: the
 * call may still be at work. ERR_TIMEOUT if one does not come to an end. */
MUST_CHECK bool host_settle(HyperVHost *host, const char *path, Error *err);
