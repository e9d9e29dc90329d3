/* SPDX-License-Identifier: MIT */
#include "provider.h"

#include "base/ascii.h"
#include "base/check.h"
#include "cim/path.h"
#include "platform/clock.h"
#include "platform/fs.h"

#include <stdlib.h>
#include <string.h>

static SRWLOCK lock = SRWLOCK_INIT;
static SharedHost *shared;
static Arena arena;            /* of what follows */
static const char *state_file; /* NULL: none is open */
static const char *name;
static uint32_t build;

/* As it is now: tests set it while they run. NULL: not set. */
static const char *environment(const WCHAR *variable, Arena *scratch)
{
    WCHAR value[1024];
    DWORD length = GetEnvironmentVariableW(variable, value, COUNT_OF(value));
    CHECK(length < COUNT_OF(value));
    return length == 0 ? NULL : utf8_of(value, scratch);
}

int64_t host_now_ms(void)
{
    Arena scratch = ARENA_INIT;
    const char *text = environment(L"WMI_PROVIDER_TIME", &scratch);
    int64_t now = text == NULL ? clock_system()->now_ms(clock_system()) : strtoll(text, NULL, 10);
    arena_release(&scratch);
    return now;
}

bool host_is_wanted(void)
{
    Arena scratch = ARENA_INIT;
    bool wanted = environment(L"WMI_PROVIDER_STATE", &scratch) != NULL;
    arena_release(&scratch);
    return wanted;
}

/* What WMI knows of its own computer. */
static bool look_at_computer(Error *err)
{
    SimHost *host;
    CimInstanceList systems = { .items = NULL };
    CimPath path;
    int64_t now = host_now_ms();
    if (!shared_host_enter(shared, SHARED_HOST_READ, now, NULL, &host, err))
        return false;
    bool ok = sim_host_query(host, now, NS_CIMV2, "SELECT * FROM Win32_OperatingSystem", &arena, &systems, err);
    if (!shared_host_leave(shared, ok, err))
        return false;
    CHECK(systems.count == 1 && cim_path_parse(systems.items[0]->path, &arena, &path, err));
    name = path.host;
    build = (uint32_t) strtoul(cim_instance_text(systems.items[0], "BuildNumber"), NULL, 10);
    return true;
}

static bool open_host(const char *file, Error *err)
{
    shared_host_release(shared);
    shared = NULL;
    state_file = NULL;
    arena_release(&arena);
    const char *path;
    if (!fs_canonical_path(file, &arena, &path, err) ||
        !shared_host_open(path, NULL, host_now_ms(), NULL, &shared, err) || !look_at_computer(err))
        return false;
    state_file = arena_strdup(&arena, file);
    return true;
}

static bool enter(SharedHostUse use, SimHost **ret_host, Error *err)
{
    Arena scratch = ARENA_INIT;
    const char *file = environment(L"WMI_PROVIDER_STATE", &scratch);
    bool ok = file == NULL ? error_set(err, ERR_UNSUPPORTED, "WMI_PROVIDER_STATE is not set")
                           : (state_file != NULL && strcmp(file, state_file) == 0) || open_host(file, err);
    arena_release(&scratch);
    return ok && shared_host_enter(shared, use, host_now_ms(), NULL, ret_host, err);
}

bool host_enter(SharedHostUse use, SimHost **ret_host, Error *err)
{
    AcquireSRWLockExclusive(&lock);
    if (enter(use, ret_host, err))
        return true;
    ReleaseSRWLockExclusive(&lock);
    return false;
}

bool host_leave(bool ok, Error *err)
{
    bool left = shared_host_leave(shared, ok, err);
    ReleaseSRWLockExclusive(&lock);
    return left;
}

bool host_is_called(const char *computer)
{
    return computer == NULL || strcmp(computer, ".") == 0 || ascii_equals(computer, "localhost") ||
           ascii_equals(computer, name) || ascii_equals(computer, "10.0.0.5") ||
           ascii_equals(computer, arena_printf(&arena, "%s.example.org", name));
}

const char *host_name(void)
{
    return name;
}

uint32_t host_build(void)
{
    return build;
}

HRESULT hresult_of_error(const Error *err)
{
    if (err->source == ERROR_SOURCE_HRESULT)
        return (HRESULT) (uint32_t) err->native;
    /* A state file that cannot be read or written. */
    return err->code == ERR_DENIED ? WBEM_E_ACCESS_DENIED : WBEM_E_PROVIDER_FAILURE;
}

/* ---- faults ---- */

static bool next_field(const char **text, char *field, size_t size)
{
    size_t length = strcspn(*text, ":");
    if (length == 0 || length >= size)
        return false;
    memcpy(field, *text, length);
    field[length] = '\0';
    *text += length + ((*text)[length] == ':');
    return true;
}

static HRESULT next_fault(const char *text, const char *call, bool after)
{
    static SRWLOCK fault_lock = SRWLOCK_INIT;
    static char armed[128];
    static unsigned long left;
    char wanted[32], number[32], count[32];
    const char *rest = text;
    CHECK(strlen(text) < sizeof(armed) && next_field(&rest, wanted, sizeof(wanted)) &&
          next_field(&rest, number, sizeof(number)) && next_field(&rest, count, sizeof(count)));
    if ((strcmp(wanted, call) != 0 && strcmp(wanted, "any") != 0) || (strncmp(rest, "after", 5) == 0) != after)
        return S_OK;
    AcquireSRWLockExclusive(&fault_lock);
    if (strcmp(armed, text) != 0) {
        memcpy(armed, text, strlen(text) + 1);
        left = strtoul(count, NULL, 10);
    }
    bool hit = left > 0;
    left -= hit;
    ReleaseSRWLockExclusive(&fault_lock);
    return hit ? (HRESULT) strtoul(number, NULL, 16) : S_OK;
}

HRESULT fault_of_call(const char *call, bool after)
{
    Arena scratch = ARENA_INIT;
    const char *text = environment(L"WMI_PROVIDER_FAULT", &scratch);
    HRESULT hr = text == NULL ? S_OK : next_fault(text, call, after);
    arena_release(&scratch);
    return hr;
}
