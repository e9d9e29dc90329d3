/* SPDX-License-Identifier: MIT */
/* Where journals and locks are kept on Windows. Those of this computer's Hyper-V are shared by all who may use it,
 * and say what is done to its VMs; so nobody else may write there, or have put a folder of his own there before.
 * Windows SDK, "Security Descriptor String Format", "Well-known SIDs". */
#include "platform/state_win32.h"

#include "platform/error_win32.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "platform/win32.h"

#include <aclapi.h>
#include <sddl.h>
#include <shlobj.h>

#define ADMINISTRATORS "S-1-5-32-544"
#define HYPERV_ADMINISTRATORS "S-1-5-32-578"

/* Protected (P): nothing is inherited from %ProgramData%, where every user may make folders. Full access for the
 * system, the administrators and the Hyper-V administrators, for the folder and all that comes into it. */
#define ADMINISTRATORS_ACCESS L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
#define HYPERV_ACCESS ADMINISTRATORS_ACCESS L"(A;OICI;FA;;;" HYPERV_ADMINISTRATORS ")"

static bool known_folder(const KNOWNFOLDERID *id, Arena *arena, const char **ret_folder, Error *err)
{
    wchar_t *wide = NULL;
    HRESULT result = SHGetKnownFolderPath(id, KF_FLAG_DEFAULT, NULL, &wide);
    bool ok = SUCCEEDED(result);
    if (ok)
        *ret_folder = utf8_from_wide(arena, wide);
    else
        error_set_native(err, ERR_NOT_FOUND, ERROR_SOURCE_HRESULT, result, "cannot find a folder of Windows: %s",
                         win32_message(arena, (uint32_t) result));
    CoTaskMemFree(wide);
    return ok;
}

/* The process has the rights of the group now (an administrator who is not elevated has not). */
static bool has_group(const char *group, Arena *arena)
{
    PSID sid = NULL;
    BOOL is_member = FALSE;
    bool ok = ConvertStringSidToSidW(wide_from_utf8(arena, group), &sid) && CheckTokenMembership(NULL, sid, &is_member);
    (void) LocalFree(sid); /* NULL is fine */
    return ok && is_member;
}

bool process_is_administrator(void)
{
    Arena arena = ARENA_INIT;
    bool has = has_group(ADMINISTRATORS, &arena);
    arena_release(&arena);
    return has;
}

static bool make_folder(const char *folder, const wchar_t *rights, Arena *arena, Error *err)
{
    SECURITY_ATTRIBUTES attributes = { .nLength = sizeof(attributes) };
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, SDDL_REVISION_1,
                                                              &attributes.lpSecurityDescriptor, NULL))
        return error_set_win32(err, GetLastError(), "cannot describe the access rights of '%s'", folder);
    bool ok = CreateDirectoryW(wide_from_utf8(arena, folder), &attributes);
    DWORD cause = GetLastError();
    (void) LocalFree(attributes.lpSecurityDescriptor); /* cannot fail */
    return ok || cause == ERROR_ALREADY_EXISTS || error_set_win32(err, cause, "cannot make folder '%s'", folder);
}

static bool is_current_user(PSID sid)
{
    HANDLE token;
    union {
        TOKEN_USER user;
        char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } owner;
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool same =
        GetTokenInformation(token, TokenUser, &owner, sizeof(owner), &size) && EqualSid(sid, owner.user.User.Sid);
    (void) CloseHandle(token); /* only asked */
    return same;
}

/* Whoever owns a folder may change its access list. What an elevated administrator makes belongs to the group of the
 * administrators (Unverified: under each policy), so they all share it. What a Hyper-V administrator makes who is none
 * of those belongs to him, and the next user is refused, until an administrator settles it once, as the hint says. */
static bool check_owner(HANDLE file, const char *folder, Error *err)
{
    PSID owner = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    DWORD cause =
        GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor);
    if (cause != ERROR_SUCCESS)
        return error_set_win32(err, cause, "cannot ask who owns '%s'", folder);
    bool good = IsWellKnownSid(owner, WinLocalSystemSid) || IsWellKnownSid(owner, WinBuiltinAdministratorsSid) ||
                is_current_user(owner);
    (void) LocalFree(descriptor); /* cannot fail */
    if (good)
        return true;
    (void) error_set_native(err, ERR_DENIED, ERROR_SOURCE_WIN32, ERROR_INVALID_OWNER,
                            "'%s' belongs to another user, who could change the journals in it", folder);
    return error_hint(err,
                      "look at what is in it; then let an administrator remove it, or take it over: icacls \"%s\" "
                      "/setowner *" ADMINISTRATORS,
                      folder);
}

/* What is there is a real folder of somebody who may have it. */
static bool check_folder(const char *folder, Arena *arena, Error *err)
{
    HANDLE file = CreateFileW(wide_from_utf8(arena, folder), FILE_READ_ATTRIBUTES | READ_CONTROL,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    DWORD cause = GetLastError();
    if (file == INVALID_HANDLE_VALUE && cause == ERROR_FILE_NOT_FOUND)
        return true;
    if (file == INVALID_HANDLE_VALUE) {
        error_set_win32(err, cause, "cannot look at '%s'", folder);
        return error_hint(err, "run it as an administrator, or as a member of Hyper-V Administrators");
    }
    BY_HANDLE_FILE_INFORMATION status;
    bool ok;
    if (!GetFileInformationByHandle(file, &status)) {
        ok = error_set_win32(err, GetLastError(), "cannot look at '%s'", folder);
    } else if ((status.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
               (status.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
        (void) error_set_native(err, ERR_DENIED, ERROR_SOURCE_WIN32, ERROR_DIRECTORY,
                                "'%s' is not a plain folder: its journals could be anywhere", folder);
        ok = error_hint(err, "let an administrator remove it");
    } else {
        ok = check_owner(file, folder, err);
    }
    (void) CloseHandle(file); /* only looked at */
    return ok;
}

bool state_claim_folder(const char *folder, Arena *arena, Error *err)
{
    /* Only by those who may use it: a folder that anybody else makes is refused later. */
    bool may_make = has_group(ADMINISTRATORS, arena) || has_group(HYPERV_ADMINISTRATORS, arena);
    return (!may_make || make_folder(folder, HYPERV_ACCESS, arena, err)) && check_folder(folder, arena, err);
}

bool process_claim_folder(const char *folder, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = make_folder(folder, ADMINISTRATORS_ACCESS, &arena, err) && check_folder(folder, &arena, err);
    arena_release(&arena);
    return ok;
}

bool process_system_folder(SystemFolder which, Arena *arena, const char **ret_folder, Error *err)
{
    return known_folder(which == SYSTEM_FOLDER_DATA ? &FOLDERID_ProgramData : &FOLDERID_ProgramFiles, arena, ret_folder,
                        err);
}

bool process_state_folder(bool local_host, Arena *arena, const char **ret_folder, Error *err)
{
    const char *parent = local_host ? NULL : process_environment("LOCALAPPDATA", arena);
    if (parent == NULL &&
        !known_folder(local_host ? &FOLDERID_ProgramData : &FOLDERID_LocalAppData, arena, &parent, err))
        return false;
    const char *folder = fs_join(arena, parent, "HyperPoint");
    if (local_host && !state_claim_folder(folder, arena, err))
        return false;
    *ret_folder = folder;
    return true;
}
