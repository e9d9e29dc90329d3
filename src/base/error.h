/* SPDX-License-Identifier: MIT */
/* The one way a function fails.
 *
 * A fallible function returns bool, takes "Error *err" last (never NULL), and is MUST_CHECK.
 *   true:  its outputs are set, err is untouched.
 *   false: its outputs are untouched, err has been set exactly once, by the function that knows the cause.
 * "return error_set(err, ...)" is the usual last line of a failing path: the setters return false.
 *
 * message: one line, lower case, no period, what failed and on which object in single quotes.
 * hint:    what the user can do next, or should know for it; a sentence or two; empty if there is nothing to say. It
 *          names nothing that depends on how the user asked, no parameter of a command line for one.
 * advice:  what to do next where that depends on it; it follows the hint. */
#pragma once

#include "base/advice.h"
#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* What the caller can do about it. Names of the codes: error_code_name(). */
typedef enum ErrorCode {
    ERR_NONE = 0,
    ERR_NOT_FOUND,       /* the named thing does not exist */
    ERR_AMBIGUOUS,       /* the name fits several things */
    ERR_STATE,           /* not possible in the present state (VM running, checkpoints disabled) */
    ERR_BUSY,            /* somebody else holds it (lock, job in progress) */
    ERR_DENIED,          /* no rights */
    ERR_UNREACHABLE,     /* no connection to the host */
    ERR_TIMEOUT,         /* no answer in time, and nothing was changed by the call */
    ERR_UNSUPPORTED,     /* this host or platform cannot do it */
    ERR_PROTOCOL,        /* the other side's reply or a file's content cannot be understood */
    ERR_REMOTE,          /* the provider or its job failed; "native" has its number */
    ERR_IO,              /* file system */
    ERR_NO_SPACE,        /* disk full */
    ERR_USAGE,           /* the command line is wrong */
    ERR_INVALID,         /* a value from a file or the user is not acceptable */
    ERR_CANCELLED,       /* the user interrupted */
    ERR_UNKNOWN_OUTCOME, /* a changing call was sent and its reply was lost: read the state, never resend blindly */
    ERR_CODE_COUNT
} ErrorCode;

/* Where the number in "native" comes from. */
typedef enum ErrorSource {
    ERROR_SOURCE_NONE = 0,
    ERROR_SOURCE_ERRNO,      /* errno */
    ERROR_SOURCE_WIN32,      /* GetLastError() */
    ERROR_SOURCE_HRESULT,    /* COM and WMI: 0x8004xxxx */
    ERROR_SOURCE_CIM_RETURN, /* ReturnValue of a CIM method */
    ERROR_SOURCE_JOB,        /* Msvm_ConcreteJob.ErrorCode */
    ERROR_SOURCE_SOAP,       /* WS-Management fault code */
    ERROR_SOURCE_COUNT
} ErrorSource;

typedef struct Error {
    ErrorCode code;
    ErrorSource source;
    int64_t native;
    bool is_of_host; /* the number is this system's, but who refused is another computer: its share, for one */
    char message[1024];
    char hint[512];
    Advice advice;
} Error;

/* Sets code and message (both cut to fit, never in the middle of a UTF-8 sequence). Always returns false. */
bool error_set(Error *err, ErrorCode code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with the number the cause came with. Always returns false. */
bool error_set_native(Error *err, ErrorCode code, ErrorSource source, int64_t native, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* Sets code and text from an errno value: "<formatted message>: <strerror text>". ENOSPC and EDQUOT become
 * ERR_NO_SPACE, ENOENT ERR_NOT_FOUND, EACCES, EPERM and EROFS ERR_DENIED, the rest ERR_IO. Always returns false. */
bool error_set_errno(Error *err, int errno_value, const char *format, ...) PRINTF_LIKE(3, 4);

/* Replaces the hint of an error that has been set. Always returns false. */
bool error_hint(Error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Replaces the advice of an error that has been set; data NULL: it needs none. Always returns false. */
bool error_advise(Error *err, AdviceCode code, const char *data_or_null);

/* Whether there is a hint or advice. */
bool error_tells_what_to_do(const Error *err);

/* Puts "context: " before the message, for a name that the callee did not know. Always returns false. */
bool error_prefix(Error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "; text" behind the message: what happened besides. Always returns false. */
bool error_append(Error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* "not-found", "state" ...: the word used in JSON output and in the journal. */
const char *error_code_name(ErrorCode code);

/* "errno", "job" ...: the word used in JSON output. */
const char *error_source_name(ErrorSource source);
