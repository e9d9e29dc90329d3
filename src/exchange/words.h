/* SPDX-License-Identifier: MIT */
/* Words of the exchange, one table for each kind, for both ends and both directions. */
#pragma once

/* How far a guest has come with a request. */
typedef enum ExchangePhase {
    EXCHANGE_SEEN,       /* the request has been read */
    EXCHANGE_TAKING,     /* the file is awaited, and copied to where nobody else writes */
    EXCHANGE_CHECKING,   /* what is in it is looked at */
    EXCHANGE_INSTALLING, /* its files are put into their places */
    EXCHANGE_DEVICE,     /* the GPU begins anew, and is looked at */
    EXCHANGE_DONE,       /* nothing went wrong; what is left to do, or whether the GPU works: the reason */
    EXCHANGE_FAILED,     /* the drivers are not installed: the reason */
    EXCHANGE_REFUSED,    /* nothing was begun: the reason */
    EXCHANGE_PHASE_COUNT
} ExchangePhase;

/* Nothing follows the last three. */
static inline int exchange_phase_is_last(ExchangePhase phase)
{
    return phase >= EXCHANGE_DONE;
}

typedef enum ExchangeReason {
    EXCHANGE_NONE,
    EXCHANGE_NOT_ALLOWED, /* the guest's administrator does not want updates by the host */
    EXCHANGE_OTHER_VM,    /* the request is for another VM */
    EXCHANGE_REPEATED,    /* it has been answered: it is the last one that was */
    EXCHANGE_OLDER,       /* it has been answered, and others after it */
    EXCHANGE_MISSING,     /* there is no file */
    EXCHANGE_SHORT,       /* the file's size is another */
    EXCHANGE_HASH,        /* the file's content is another */
    EXCHANGE_PACKAGE,     /* the file is no package that can be installed here */
    EXCHANGE_SPACE,       /* the guest's disk is full */
    EXCHANGE_BUSY,        /* another installation is under way, or has to be ended first */
    EXCHANGE_IN_USE,      /* files are in use. DONE: all of it is put in place when the guest restarts */
    EXCHANGE_RESTART,     /* the GPU needs a restart of the guest: the result is its code */
    EXCHANGE_PROBLEM,     /* the GPU does not work: the result is its code of Windows */
    EXCHANGE_INTERRUPTED, /* the service was stopped; it goes on when it starts again. FAILED: each time */
    EXCHANGE_INTERNAL,    /* anything else; the guest's log has it */
    EXCHANGE_REASON_COUNT
} ExchangeReason;

extern const char *const exchange_version[1];
extern const char *const exchange_phases[EXCHANGE_PHASE_COUNT];
extern const char *const exchange_reasons[EXCHANGE_REASON_COUNT];
extern const char *const exchange_yes_no[2]; /* by a bool */
