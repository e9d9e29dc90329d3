/* SPDX-License-Identifier: MIT */
/* The narrow waist: a session with a CIM server. Everything HyperPoint asks of a host goes through these verbs; above
 * nothing knows which back end answers, below nothing knows Hyper-V (the simulated host apart, which is one).
 *
 * A session is a host; the namespace is an argument of each call. One verb is one round trip on every back end.
 * Back ends embed CimSession first in their own struct and fill in "ops" and "host". Callers use the functions below,
 * which check arguments, refuse work after a cancel, trace, count, and prefix errors with nothing more than the host
 * knows. A session serves one thread at a time.
 *
 * Errors every verb may give: ERR_UNREACHABLE, ERR_DENIED, ERR_TIMEOUT, ERR_PROTOCOL, ERR_CANCELLED, ERR_REMOTE,
 * and ERR_UNSUPPORTED with native WBEM_E_INVALID_NAMESPACE when the host lacks the namespace (no Hyper-V role).
 * Whatever the back end, a failure that WMI has a number for carries it: source HRESULT, native 0x8004xxxx. */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "base/error.h"
#include "cim/status.h"
#include "cim/value.h"
#include "platform/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CimSession CimSession;

typedef struct CimSessionOps {
    const char *name; /* "sim", "com", "wsman" */

    /* Runs a WQL data or association query and appends its instances, in the host's order, to the empty list.
     * Rows carry all properties of their class (NULL ones as null values) under SELECT *, their class name and path.
     * An unknown class is ERR_UNSUPPORTED (WMI_E_INVALID_CLASS), bad WQL ERR_INVALID (WMI_E_INVALID_QUERY),
     * no row an empty list. Idempotent. On false the list may hold some rows: the wrapper drops them. */
    bool (*query)(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                  Error *err);

    /* One instance by object path (host and namespace part ignored). ERR_NOT_FOUND if there is none. Idempotent. */
    bool (*get)(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                Error *err);

    /* Runs a method of the instance at the path. "in" holds the IN parameters by name (NULL: none; missing ones are
     * null), a REFERENCE as path. Embedded instances have become texts (cimxml.h) before they come here.
     * The result holds "ReturnValue" (UINT32) and the OUT parameters, typed; a ReturnValue other than 0 is no
     * error here. If the request may have been carried out but no reply came: ERR_UNKNOWN_OUTCOME. Any other error
     * means that nothing was done. Never repeated by the back end. */
    bool (*invoke)(CimSession *session, const char *ns, const char *path, const char *method, const CimInstance *in,
                   Arena *arena, CimInstance **ret_out, Error *err);

    /* What the host calls itself, the same however it was addressed; NULL: it does not say. The op may be missing. */
    bool (*identify)(CimSession *session, Arena *arena, const char **ret_name, Error *err);

    /* Frees the session and all it holds. */
    void (*close)(CimSession *session);
} CimSessionOps;

/* Told after each verb. "what": the query, path, or path and method. */
typedef struct CimTrace CimTrace;
struct CimTrace {
    void (*call)(CimTrace *trace, const char *verb, const char *ns, const char *what, int64_t elapsed_us,
                 size_t rows, const Error *err_or_null);
};

struct CimSession {
    const CimSessionOps *ops;
    const char *host;      /* for messages: "HV1", "sim:lab.json"; lives as long as the session */
    unsigned address_bits; /* of the host's processor, as far as it can be told without asking; 0: it cannot */
    Clock *clock;          /* for traces and waits; never NULL */
    CimTrace *trace;       /* NULL: none */
    uint64_t round_trips;  /* verbs so far, polls apart */
    uint64_t polls;        /* verbs that followed a job: its state, and what it made */
    Cancel cancel;         /* asked before each verb; its owner gives it a parent, and shields it to put things back */
};

/* For back ends: CHECKs that no op but "identify" is missing. The host text is kept, not copied. */
void cim_session_init(CimSession *session, const CimSessionOps *ops, const char *host, Clock *clock);

MUST_CHECK bool cim_session_query(CimSession *session, const char *ns, const char *wql, Arena *arena,
                                  CimInstanceList *ret_list, Error *err);

MUST_CHECK bool cim_session_get(CimSession *session, const char *ns, const char *path, Arena *arena,
                                CimInstance **ret_instance, Error *err);

/* cim_session_get() that counts as a poll of a running job, not as a round trip. */
MUST_CHECK bool cim_session_poll(CimSession *session, const char *ns, const char *path, Arena *arena,
                                 CimInstance **ret_instance, Error *err);

/* Instances that a job which has ended worked on or made (Msvm_AffectedJobElement). Counts as a poll: it is the last
 * step of following a job. */
MUST_CHECK bool cim_session_poll_results(CimSession *session, const char *ns, const char *job_path,
                                         const char *result_class, Arena *arena, CimInstanceList *ret_list,
                                         Error *err);

/* ASSOCIATORS OF {path} WHERE AssocClass = assoc_class ResultClass = result_class (NULL: left out). */
MUST_CHECK bool cim_session_associators(CimSession *session, const char *ns, const char *path, const char *assoc_class,
                                        const char *result_class, Arena *arena, CimInstanceList *ret_list,
                                        Error *err);

MUST_CHECK bool cim_session_invoke(CimSession *session, const char *ns, const char *path, const char *method,
                                   const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err);

/* What the host calls itself, the same however it was addressed; *ret_name NULL: it does not say. A part of connecting:
 * no round trip is counted. Errors as of a verb. */
MUST_CHECK bool cim_session_identify(CimSession *session, Arena *arena, const char **ret_name, Error *err);

/* NULL is fine. */
void cim_session_close(CimSession *session);
