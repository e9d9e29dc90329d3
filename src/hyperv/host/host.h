/* SPDX-License-Identifier: MIT */
/* A connected Hyper-V host: the session, and calls of methods of its services with the jobs they start. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/report.h"
#include "cim/session.h"
#include "journal/journal.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct HyperVHost {
    CimSession *session;
    const Cancel *cancel; /* asked between the steps of a change; NULL: never */
    Report *report;
    JournalHome journals; /* of its VMs, and their locks */

    /* Changing calls of host_call() so far, for those who have to put things back. */
    size_t calls_done;     /* went well */
    size_t calls_in_doubt; /* failed, and may have done something all the same */

    bool told_interruption; /* the user knows why nothing stops yet */

    uint64_t bytes_to_move; /* by the next host_call(), whose progress is told in them; 0: that is not what it does */
} HyperVHost;

/* The reply was lost: what was asked for may still be going on. */
bool error_outcome_is_unknown(const Error *err);

/* Whether a changing call that failed may have done something all the same, in part or as a whole. So it is with every
 * one that may have reached the host, whatever it answered: a look has to show that nothing was done. */
bool error_leaves_doubt(const Error *err);

/* Tells of a failure that is not the end: "MESSAGE; WHAT_NEXT". */
void host_tell_detail(const HyperVHost *host, const Error *failure, const char *what_next);

/* The rows of a class whose property has that value (property NULL: all rows). */
MUST_CHECK bool host_select(HyperVHost *host, const char *ns, const char *class_name, const char *property,
                            const char *value, Arena *arena, CimInstanceList *ret_rows, Error *err);

/* *ret_visible: this user sees the host's own row of Msvm_ComputerSystem. Without rights Hyper-V answers every query
 * with no rows at all (Unverified: it may also refuse them), which must not be told as "no such VM". One round trip;
 * ret_rows (may be NULL) gets all rows of Msvm_ComputerSystem. */
MUST_CHECK bool host_is_visible(HyperVHost *host, Arena *arena, bool *ret_visible, CimInstanceList *ret_rows,
                                Error *err);

/* The error of a user without rights. Always returns false. */
bool host_rights_error(const HyperVHost *host, Error *err);

/* The object path of a service singleton ("Msvm_VirtualSystemManagementService", "vmms"). "any_path" is the object path
 * of any instance of the host: it names the host, which is one of the service's keys. Costs a round trip only where
 * the back end's paths name no host. */
MUST_CHECK bool host_service_path(HyperVHost *host, const char *class_name, const char *name, const char *any_path,
                                  Arena *arena, const char **ret_path, Error *err);

/* What a call that went well gave back. */
typedef struct CallResult {
    const CimInstance *out; /* OUT parameters; those that a job filled are not among them */
    const char *job_path;   /* the job that did the work, NULL: done at once */
} CallResult;

/* Calls a method and sees it through to its end: ReturnValue 0, or 4096 and a job that is followed until it has ended
 * (Msvm_ConcreteJob JobState 7, or 32768 with a warning). "what" names the work for progress and messages: "create the
 * checkpoint". ret_result may be NULL.
 * ERR_UNKNOWN_OUTCOME when the reply or the job was lost: read the state before anything else is done. Otherwise the
 * host says that it failed: ERR_STATE (32775, 5), ERR_BUSY (32774), ERR_DENIED (32769), ERR_UNSUPPORTED (32770, 1),
 * ERR_REMOTE for the rest, with the job's own text where there is one; native is the return value or the job's
 * ErrorCode. What was done all the same: error_leaves_doubt(). */
MUST_CHECK bool host_call(HyperVHost *host, const char *path, const char *method, const CimInstance *in,
                          const char *what, Arena *arena, CallResult *ret_result, Error *err);

/* The instances of a class that the job of a call made or worked on. An empty list where the host does not tell. */
MUST_CHECK bool host_job_results(HyperVHost *host, const char *job_path, const char *class_name, Arena *arena,
                                 CimInstanceList *ret_rows, Error *err);

/* Waits until no job works on the object (an Msvm_ComputerSystem path) any more. For after a lost reply: the
 * call may still be at work. "what" names the work for the progress, "merge the disks"; NULL: whatever it is.
 * ERR_TIMEOUT if a job does not come to an end. */
MUST_CHECK bool host_await_jobs(HyperVHost *host, const char *path, const char *what, Error *err);
