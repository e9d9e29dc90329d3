/* SPDX-License-Identifier: MIT */
/* Windows SDK, "Service Functions", "Service Security and Access Rights". */
#include "platform/service_manager.h"

#include "platform/error_win32.h"
#include "platform/win32.h"

#include <string.h>

enum { WAIT_MS = 30 * 1000, LOOK_MS = 50, RESTART_MS = 60 * 1000 };

/* ---- handles ---- */

static bool open_manager(DWORD rights, SC_HANDLE *ret_manager, Error *err)
{
    *ret_manager = OpenSCManagerW(NULL, NULL, rights);
    return *ret_manager != NULL || error_set_win32(err, GetLastError(), "cannot reach Windows' service manager");
}

/* *ret_service NULL: there is none of that name. */
static bool open_service(const char *name, DWORD rights, SC_HANDLE *ret_service, Error *err)
{
    Arena arena = ARENA_INIT;
    SC_HANDLE manager;
    if (!open_manager(SC_MANAGER_CONNECT, &manager, err))
        return false;
    *ret_service = OpenServiceW(manager, wide_from_utf8(&arena, name), rights);
    DWORD cause = *ret_service == NULL ? GetLastError() : ERROR_SUCCESS;
    (void) CloseServiceHandle(manager); /* only asked */
    arena_release(&arena);
    return cause == ERROR_SUCCESS || cause == ERROR_SERVICE_DOES_NOT_EXIST ||
           error_set_win32(err, cause, "cannot open the service '%s'", name);
}

static bool read_state(SC_HANDLE service, const char *name, DWORD *ret_state, Error *err)
{
    SERVICE_STATUS status;
    if (!QueryServiceStatus(service, &status))
        return error_set_win32(err, GetLastError(), "cannot ask for the state of the service '%s'", name);
    *ret_state = status.dwCurrentState;
    return true;
}

bool service_find(const char *name, ServicePresence *ret_presence, Error *err)
{
    SC_HANDLE service;
    DWORD state = SERVICE_STOPPED;
    if (!open_service(name, SERVICE_QUERY_STATUS, &service, err))
        return false;
    bool ok = service == NULL || read_state(service, name, &state, err);
    if (ok)
        *ret_presence = service == NULL            ? SERVICE_IS_ABSENT
                        : state == SERVICE_STOPPED ? SERVICE_IS_STOPPED
                                                   : SERVICE_IS_RUNNING;
    if (service != NULL)
        (void) CloseServiceHandle(service); /* only asked */
    return ok;
}

/* ---- setting up ---- */

/* A list of texts with an empty one at its end. */
static wchar_t *join_names(const char *const *names, Arena *arena)
{
    size_t units = 1, at = 0;
    for (size_t i = 0; names[i] != NULL; i++)
        units += strlen(names[i]) + 1;
    wchar_t *joined = ARENA_NEW_ARRAY(arena, wchar_t, units);
    for (size_t i = 0; names[i] != NULL; i++) {
        const wchar_t *name = wide_from_utf8(arena, names[i]);
        memcpy(joined + at, name, (wcslen(name) + 1) * sizeof(*joined));
        at += wcslen(name) + 1;
    }
    return joined;
}

static bool describe(SC_HANDLE service, const ServiceSpec *spec, Arena *arena, Error *err)
{
    wchar_t *description = wide_from_utf8(arena, spec->description);
    SC_ACTION restart = { .Type = SC_ACTION_RESTART, .Delay = RESTART_MS };
    SERVICE_DESCRIPTIONW text = { description };
    SERVICE_DELAYED_AUTO_START_INFO delayed = { TRUE };
    SERVICE_REQUIRED_PRIVILEGES_INFOW privileges = { join_names(spec->privileges, arena) };
    SERVICE_FAILURE_ACTIONSW failures = { .dwResetPeriod = 24 * 60 * 60, .cActions = 1, .lpsaActions = &restart };
    const struct {
        DWORD level;
        void *info;
    } parts[] = { { SERVICE_CONFIG_DESCRIPTION, &text },
                  { SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &privileges },
                  { SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed },
                  { SERVICE_CONFIG_FAILURE_ACTIONS, &failures } };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!ChangeServiceConfig2W(service, parts[i].level, parts[i].info) &&
            GetLastError() != ERROR_INVALID_LEVEL) /* Wine; every Windows that has virtual GPUs knows all of them */
            return error_set_win32(err, GetLastError(), "cannot set up the service '%s'", spec->name);
    }
    return true;
}

static bool make_service(SC_HANDLE manager, const ServiceSpec *spec, SC_HANDLE *ret_service, Arena *arena, Error *err)
{
    const wchar_t *name = wide_from_utf8(arena, spec->name), *title = wide_from_utf8(arena, spec->title);
    const wchar_t *command = wide_from_utf8(arena, spec->command);
    enum { TYPE = SERVICE_WIN32_OWN_PROCESS, START = SERVICE_AUTO_START, FAILURE = SERVICE_ERROR_NORMAL };
    SC_HANDLE service = CreateServiceW(manager, name, title, SERVICE_ALL_ACCESS, TYPE, START, FAILURE, command, NULL,
                                       NULL, NULL, NULL, NULL);
    if (service == NULL && GetLastError() == ERROR_SERVICE_EXISTS) {
        service = OpenServiceW(manager, name, SERVICE_ALL_ACCESS);
        if (service != NULL && !ChangeServiceConfigW(service, TYPE, START, FAILURE, command, NULL, NULL, NULL,
                                                     L"LocalSystem", L"", title)) {
            DWORD cause = GetLastError();
            (void) CloseServiceHandle(service); /* nothing was changed */
            return error_set_win32(err, cause, "cannot change the service '%s'", spec->name);
        }
    }
    *ret_service = service;
    return service != NULL || error_set_win32(err, GetLastError(), "cannot make the service '%s'", spec->name);
}

bool service_install(const ServiceSpec *spec, Error *err)
{
    Arena arena = ARENA_INIT;
    SC_HANDLE manager, service = NULL;
    if (!open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE, &manager, err))
        return false;
    bool ok = make_service(manager, spec, &service, &arena, err);
    if (ok) {
        ok = describe(service, spec, &arena, err);
        (void) CloseServiceHandle(service); /* what was changed is so already */
    }
    (void) CloseServiceHandle(manager);
    arena_release(&arena);
    return ok;
}

/* ---- starting, stopping, removing ---- */

static bool wait_for(SC_HANDLE service, const char *name, DWORD wanted, const char *what, Error *err)
{
    DWORD state = 0;
    for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
        if (!read_state(service, name, &state, err))
            return false;
        if (state == wanted)
            return true;
        if (wanted == SERVICE_RUNNING && state == SERVICE_STOPPED)
            return error_set(err, ERR_STATE, "the service '%s' has ended at once", name);
        Sleep(LOOK_MS);
    }
    return error_set(err, ERR_TIMEOUT, "the service '%s' has not %s within %d seconds", name, what, WAIT_MS / 1000);
}

bool service_start(const char *name, Error *err)
{
    SC_HANDLE service;
    if (!open_service(name, SERVICE_START | SERVICE_QUERY_STATUS, &service, err))
        return false;
    if (service == NULL)
        return error_set(err, ERR_NOT_FOUND, "there is no service '%s'", name);
    bool ok = StartServiceW(service, 0, NULL) || GetLastError() == ERROR_SERVICE_ALREADY_RUNNING ||
              error_set_win32(err, GetLastError(), "cannot start the service '%s'", name);
    ok = ok && wait_for(service, name, SERVICE_RUNNING, "started", err);
    (void) CloseServiceHandle(service);
    return ok;
}

bool service_stop(const char *name, Error *err)
{
    SC_HANDLE service;
    SERVICE_STATUS status;
    if (!open_service(name, SERVICE_STOP | SERVICE_QUERY_STATUS, &service, err))
        return false;
    if (service == NULL)
        return true;
    bool ok = ControlService(service, SERVICE_CONTROL_STOP, &status) || GetLastError() == ERROR_SERVICE_NOT_ACTIVE ||
              GetLastError() == ERROR_SERVICE_CANNOT_ACCEPT_CTRL || /* it is on its way */
              error_set_win32(err, GetLastError(), "cannot stop the service '%s'", name);
    ok = ok && wait_for(service, name, SERVICE_STOPPED, "stopped", err);
    (void) CloseServiceHandle(service);
    return ok;
}

bool service_remove(const char *name, Error *err)
{
    SC_HANDLE service;
    if (!open_service(name, DELETE, &service, err))
        return false;
    if (service == NULL)
        return true;
    bool ok = DeleteService(service) || GetLastError() == ERROR_SERVICE_MARKED_FOR_DELETE ||
              error_set_win32(err, GetLastError(), "cannot remove the service '%s'", name);
    (void) CloseServiceHandle(service);
    return ok;
}

/* ---- being one ---- */

/* Windows hands a service no context before it has a name; there is one in a process. */
static struct Running {
    const char *name;
    bool (*work)(void *context);
    void (*stop)(void *context);
    void *context;
    SERVICE_STATUS_HANDLE handle;
} running;

static void tell(DWORD state, DWORD accepted, DWORD exit_code)
{
    SERVICE_STATUS status = { .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
                              .dwCurrentState = state,
                              .dwControlsAccepted = accepted,
                              .dwWin32ExitCode = exit_code,
                              .dwWaitHint = state == SERVICE_STOP_PENDING ? WAIT_MS : 0 };
    (void) SetServiceStatus(running.handle, &status); /* there is nobody to tell of a failure */
}

static DWORD WINAPI on_control(DWORD control, DWORD event, void *data, void *context)
{
    (void) event;
    (void) data;
    (void) context;
    if (control == SERVICE_CONTROL_INTERROGATE)
        return NO_ERROR;
    if (control != SERVICE_CONTROL_STOP && control != SERVICE_CONTROL_SHUTDOWN)
        return ERROR_CALL_NOT_IMPLEMENTED;
    tell(SERVICE_STOP_PENDING, 0, NO_ERROR);
    running.stop(running.context);
    return NO_ERROR;
}

static void WINAPI service_main(DWORD count, wchar_t **words)
{
    Arena arena = ARENA_INIT;
    (void) count;
    (void) words;
    running.handle = RegisterServiceCtrlHandlerExW(wide_from_utf8(&arena, running.name), on_control, NULL);
    arena_release(&arena);
    if (running.handle == NULL)
        return;
    tell(SERVICE_RUNNING, SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN, NO_ERROR);
    bool ok = running.work(running.context);
    tell(SERVICE_STOPPED, 0, ok ? NO_ERROR : ERROR_PROCESS_ABORTED);
}

bool service_run(const char *name, bool (*work)(void *context), void (*stop)(void *context), void *context, Error *err)
{
    Arena arena = ARENA_INIT;
    running = (struct Running){ .name = name, .work = work, .stop = stop, .context = context };
    SERVICE_TABLE_ENTRYW table[] = { { wide_from_utf8(&arena, name), service_main }, { NULL, NULL } };
    bool ok = StartServiceCtrlDispatcherW(table);
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (ok)
        return true;
    if (cause == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT)
        return error_set(err, ERR_STATE, "Windows has not started this as the service '%s'", name);
    return error_set_win32(err, cause, "cannot become the service '%s'", name);
}
