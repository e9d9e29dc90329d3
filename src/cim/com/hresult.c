/* SPDX-License-Identifier: MIT */
#include "cim/com/hresult.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "platform/error_win32.h"

#include <stddef.h>
#include <stdio.h>

typedef enum Hint {
    HINT_NONE,
    HINT_RIGHTS,
    HINT_NO_HYPERV,
    HINT_HYPERV_SERVICE,
    HINT_NETWORK,
    HINT_WMI_SERVICE,
    HINT_CREDENTIALS,
    HINT_RESTARTING,
    HINT_QUOTA,
    HINT_COUNT
} Hint;

/* [0] on this computer, [1] on another one. */
static const char *const hints[HINT_COUNT][2] = {
    [HINT_NONE] = { "", "" },
    [HINT_RIGHTS] = {
        "run it as an administrator (right-click, 'Run as administrator'), or as a member of the group Hyper-V "
        "Administrators, after signing in again",
        "the account you are signed in with must be an administrator there, or a member of its groups Hyper-V "
        "Administrators and Distributed COM Users; a local account of a computer outside a domain also needs "
        "LocalAccountTokenFilterPolicy=1 there",
    },
    [HINT_NO_HYPERV] = {
        "Hyper-V is not turned on here: turn on the Windows feature Hyper-V, or, if this is a virtual machine, run it "
        "on its host",
        "Hyper-V is not turned on there: name the Hyper-V host itself, not one of its virtual machines",
    },
    [HINT_HYPERV_SERVICE] = {
        "start the service 'Hyper-V Virtual Machine Management' (as an administrator: net start vmms)",
        "start the service 'Hyper-V Virtual Machine Management' (vmms) there",
    },
    [HINT_NETWORK] = {
        "start the service 'Windows Management Instrumentation' (as an administrator: net start winmgmt)",
        "check the name, that the computer is on, and that its firewall lets in the group 'Windows Management "
        "Instrumentation (WMI)'",
    },
    [HINT_WMI_SERVICE] = {
        "start the service 'Windows Management Instrumentation' (as an administrator: net start winmgmt)",
        "start the service 'Windows Management Instrumentation' (winmgmt) there",
    },
    [HINT_CREDENTIALS] = {
        "this is the computer itself",
        "sign in with an account that it knows",
    },
    [HINT_RESTARTING] = {
        "one of its services is restarting: try again in a moment",
        "one of its services is restarting: try again in a moment",
    },
    [HINT_QUOTA] = {
        "WMI has run into its own limits: restart the service winmgmt, or the computer",
        "WMI has run into its own limits: restart the service winmgmt there, or the computer",
    },
};

enum {
    ABOUT_HOST = 1, /* the message names the host instead of the subject */
    LOST = 2,       /* hresult_is_lost_connection() */
    PRECEDES = 4,   /* hresult_precedes_execution() */
    NO_NUMBER = 8,  /* the message says it all */
};

/* Only what WMI itself answers counts as preceding the execution. What RPC answers may be about the question whether
 * the call has ended; E_ACCESSDENIED, too. */
static const struct {
    uint32_t number;
    ErrorCode code;
    int flags;
    Hint hint;
    const char *before, *after; /* the subject stands between them */
} meanings[] = {
    { WBEM_E_FAILED, ERR_REMOTE, 0, HINT_NONE, "the host failed at '", "'" },
    { WBEM_E_NOT_FOUND, ERR_NOT_FOUND, PRECEDES | NO_NUMBER, HINT_NONE, "the host has no '", "'" },
    { WBEM_E_ACCESS_DENIED, ERR_DENIED, PRECEDES, HINT_RIGHTS, "the host refuses access to '", "'" },
    { WBEM_E_PROVIDER_FAILURE, ERR_REMOTE, 0, HINT_NONE, "the host's provider failed at '", "'" },
    { WBEM_E_TYPE_MISMATCH, ERR_INVALID, PRECEDES, HINT_NONE, "a value of the wrong type in '", "'" },
    { WBEM_E_OUT_OF_MEMORY, ERR_REMOTE, 0, HINT_QUOTA, "the host has no memory left for '", "'" },
    { WBEM_E_INVALID_PARAMETER, ERR_INVALID, 0, HINT_NONE, "the host refuses as invalid '", "'" },
    { WBEM_E_NOT_SUPPORTED, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host does not support '", "'" },
    { WBEM_E_INVALID_NAMESPACE, ERR_UNSUPPORTED, PRECEDES | NO_NUMBER, HINT_NO_HYPERV, "the host has no namespace '",
      "'" },
    { WBEM_E_INVALID_CLASS, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host has no class for '", "'" },
    { WBEM_E_PROVIDER_NOT_FOUND, ERR_UNREACHABLE, PRECEDES | ABOUT_HOST, HINT_HYPERV_SERVICE,
      "WMI finds no provider on '", "'" },
    { WBEM_E_PROVIDER_LOAD_FAILURE, ERR_UNREACHABLE, PRECEDES | ABOUT_HOST, HINT_HYPERV_SERVICE,
      "WMI cannot load its provider on '", "'" },
    { WBEM_E_INITIALIZATION_FAILURE, ERR_UNREACHABLE, PRECEDES | ABOUT_HOST, HINT_HYPERV_SERVICE,
      "WMI cannot start its provider on '", "'" },
    { WBEM_E_TRANSPORT_FAILURE, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_NETWORK, "no connection to '", "'" },
    { WBEM_E_INVALID_QUERY, ERR_INVALID, PRECEDES, HINT_NONE, "the host does not understand the query '", "'" },
    { WBEM_E_INVALID_QUERY_TYPE, ERR_INVALID, PRECEDES, HINT_NONE, "the host does not understand the query '", "'" },
    { WBEM_E_UNPARSABLE_QUERY, ERR_INVALID, PRECEDES, HINT_NONE, "the host does not understand the query '", "'" },
    { WBEM_E_PROVIDER_NOT_CAPABLE, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host's provider is not capable of '",
      "'" },
    { WBEM_E_INVALID_METHOD, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host has no method '", "'" },
    { WBEM_E_INVALID_METHOD_PARAMETERS, ERR_INVALID, PRECEDES, HINT_NONE, "the host refuses the parameters of '", "'" },
    { WBEM_E_METHOD_NOT_IMPLEMENTED, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host has no method '", "'" },
    { WBEM_E_METHOD_DISABLED, ERR_UNSUPPORTED, PRECEDES, HINT_NONE, "the host has turned off the method '", "'" },
    { WBEM_E_CALL_CANCELLED, ERR_UNREACHABLE, LOST, HINT_RESTARTING, "the host broke off '", "'" },
    { WBEM_E_SHUTTING_DOWN, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING, "WMI is shutting down on '", "'" },
    { WBEM_E_INVALID_OBJECT_PATH, ERR_INVALID, PRECEDES | NO_NUMBER, HINT_NONE, "'", "' is not the path of an object" },
    { WBEM_E_PRIVILEGE_NOT_HELD, ERR_DENIED, PRECEDES, HINT_RIGHTS, "a privilege is missing for '", "'" },
    { WBEM_E_LOCAL_CREDENTIALS, ERR_DENIED, PRECEDES | ABOUT_HOST, HINT_CREDENTIALS,
      "another account is of no use on '", "', this computer" },
    { WBEM_E_TIMED_OUT, ERR_TIMEOUT, 0, HINT_NONE, "the host took too long for '", "'" },
    { WBEM_E_QUOTA_VIOLATION, ERR_REMOTE, 0, HINT_QUOTA, "the host has no room left for '", "'" },
    { WBEM_E_ENCRYPTED_CONNECTION_REQUIRED, ERR_DENIED, PRECEDES, HINT_NONE,
      "the host wants an encrypted connection for '", "'" },
    { 0x80070005 /* E_ACCESSDENIED */, ERR_DENIED, ABOUT_HOST, HINT_RIGHTS, "access denied by '", "'" },
    { 0x8007052E /* ERROR_LOGON_FAILURE */, ERR_DENIED, ABOUT_HOST, HINT_CREDENTIALS, "'",
      "' does not know the account" },
    { 0x80070721 /* RPC_S_SEC_PKG_ERROR */, ERR_DENIED, ABOUT_HOST, HINT_CREDENTIALS, "cannot sign in to '", "'" },
    { 0x800706BA /* RPC_S_SERVER_UNAVAILABLE */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_NETWORK, "cannot reach '",
      "': nobody answers" },
    { 0x800706D9 /* EPT_S_NOT_REGISTERED */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_NETWORK, "cannot reach '",
      "': its WMI does not answer" },
    { 0x800706BE /* RPC_S_CALL_FAILED */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x800706BF /* RPC_S_CALL_FAILED_DNE */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x80010007 /* RPC_E_SERVER_DIED */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x80010012 /* RPC_E_SERVER_DIED_DNE */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x80010108 /* RPC_E_DISCONNECTED */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x800401FD /* CO_E_OBJNOTCONNECTED */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_RESTARTING,
      "lost the connection to '", "'" },
    { 0x80070422 /* ERROR_SERVICE_DISABLED */, ERR_UNREACHABLE, ABOUT_HOST, HINT_WMI_SERVICE, "WMI is turned off on '",
      "'" },
    { 0x80080005 /* CO_E_SERVER_EXEC_FAILURE */, ERR_UNREACHABLE, ABOUT_HOST, HINT_WMI_SERVICE,
      "WMI does not start on '", "'" },
    { 0x8007045B /* ERROR_SHUTDOWN_IN_PROGRESS */, ERR_UNREACHABLE, ABOUT_HOST | LOST, HINT_NONE, "'",
      "' is shutting down" },
    { 0x80040154 /* REGDB_E_CLASSNOTREG */, ERR_UNSUPPORTED, ABOUT_HOST, HINT_NONE, "there is no WMI on '", "'" },
};

static int flags_of(const Error *err)
{
    for (size_t i = 0; err->source == ERROR_SOURCE_HRESULT && i < COUNT_OF(meanings); i++) {
        if (meanings[i].number == err->native)
            return meanings[i].flags;
    }
    return 0;
}

int64_t hresult_number(HRESULT hr)
{
    return (int64_t) (uint32_t) hr;
}

static bool set_unknown(Error *err, uint32_t number, const WmiPlace *place, const char *subject)
{
    Arena scratch = ARENA_INIT;
    (void) error_set_native(err, ERR_REMOTE, ERROR_SOURCE_HRESULT, number, "'%s' failed on '%s': %s (0x%08X)", subject,
                            place->host, win32_message(&scratch, number), (unsigned) number);
    arena_release(&scratch);
    return false;
}

bool hresult_set_error(Error *err, HRESULT hr, const WmiPlace *place, const char *subject)
{
    uint32_t number = (uint32_t) hr;
    size_t i = 0;
    while (i < COUNT_OF(meanings) && meanings[i].number != number)
        i++;
    if (i == COUNT_OF(meanings))
        return set_unknown(err, number, place, subject);
    const char *name = (meanings[i].flags & ABOUT_HOST) != 0 ? place->host : subject;
    char digits[16] = "";
    if ((meanings[i].flags & NO_NUMBER) == 0)
        (void) snprintf(digits, sizeof(digits), " (0x%08X)", (unsigned) number);
    (void) error_set_native(err, meanings[i].code, ERROR_SOURCE_HRESULT, number, "%s%s%s%s", meanings[i].before, name,
                            meanings[i].after, digits);
    if (meanings[i].hint == HINT_CREDENTIALS && !place->is_remote)
        (void) error_advise(err, ADVICE_USE_LOCAL, NULL);
    return error_hint(err, "%s", hints[meanings[i].hint][place->is_remote]);
}

bool hresult_set_query_error(Error *err, HRESULT hr, const WmiPlace *place, const char *wql)
{
    if (hr != (HRESULT) WBEM_E_NOT_FOUND || !ascii_starts_with(wql, "SELECT"))
        return hresult_set_error(err, hr, place, wql);
    (void) error_set_native(err, ERR_UNREACHABLE, ERROR_SOURCE_HRESULT, hresult_number(hr),
                            "WMI finds no provider on '%s' (0x%08X)", place->host, (unsigned) hr);
    return error_hint(err, "%s", hints[HINT_HYPERV_SERVICE][place->is_remote]);
}

bool hresult_is_lost_connection(const Error *err)
{
    return (flags_of(err) & LOST) != 0;
}

bool hresult_precedes_execution(const Error *err)
{
    return (flags_of(err) & PRECEDES) != 0;
}
