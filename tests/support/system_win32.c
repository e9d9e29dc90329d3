/* SPDX-License-Identifier: MIT */
#include "support/system.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/fs.h"
#include "platform/random.h"
#include "platform/win32.h"

#include <stdlib.h>
#include <string.h>

#define CHILD_WORD "--child"

const char *system_make_folder(Arena *arena)
{
    wchar_t parent[MAX_PATH + 1];
    char guid[GUID_TEXT_LENGTH + 1];
    Error err;
    const char *folder;
    CHECK(GetTempPathW(COUNT_OF(parent), parent) > 0);
    random_guid(guid);
    const char *path = fs_join(arena, utf8_from_wide(arena, parent), arena_printf(arena, "hyperpoint-test-%.8s", guid));
    CHECK(fs_make_folders(path, FS_PRIVATE, &err) && fs_canonical_path(path, arena, &folder, &err));
    return folder;
}

bool system_make_link(const char *target, const char *link)
{
    Arena arena = ARENA_INIT;
    bool ok = CreateSymbolicLinkW(wide_from_utf8(&arena, link), wide_from_utf8(&arena, target),
                                  SYMBOLIC_LINK_FLAG_DIRECTORY | SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE) != 0;
    arena_release(&arena);
    return ok;
}

void system_remove_folder(const char *folder)
{
    Arena arena = ARENA_INIT;
    StringList names;
    Error err;
    CHECK(fs_list_folder(folder, &arena, &names, &err));
    for (size_t i = 0; i < names.count; i++) {
        const char *path = fs_join(&arena, folder, names.items[i]);
        wchar_t *native = wide_from_utf8(&arena, arena_printf(&arena, "\\\\?\\%s", path));
        DWORD attributes = GetFileAttributesW(native);
        if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0)
            system_remove_folder(path);
        else if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
            CHECK(RemoveDirectoryW(native));
        else
            CHECK(SetFileAttributesW(native, FILE_ATTRIBUTE_NORMAL) && fs_remove_file(path, &err));
    }
    CHECK(RemoveDirectoryW(wide_from_utf8(&arena, arena_printf(&arena, "\\\\?\\%s", folder))));
    arena_release(&arena);
}

void system_replace_file(const char *from, const char *to)
{
    Arena arena = ARENA_INIT;
    CHECK(MoveFileExW(wide_from_utf8(&arena, from), wide_from_utf8(&arena, to), MOVEFILE_REPLACE_EXISTING));
    arena_release(&arena);
}

void system_set_environment(const char *name, const char *value)
{
    Arena arena = ARENA_INIT;
    wchar_t *wide = wide_from_utf8(&arena, arena_printf(&arena, "%s=%s", name, value != NULL ? value : ""));
    CHECK(_wputenv(wide) == 0); /* changes what the C library and what Windows know */
    arena_release(&arena);
}

FILE *capture_open(void)
{
    wchar_t folder[MAX_PATH + 1], path[MAX_PATH + 1];
    CHECK(GetTempPathW(COUNT_OF(folder), folder) > 0 && GetTempFileNameW(folder, L"hpt", 0, path) != 0);
    FILE *stream = _wfopen(path, L"w+bTD"); /* deleted when it is closed */
    CHECK(stream != NULL);
    return stream;
}

/* ---- children ---- */

struct Child {
    HANDLE process;
    HANDLE words;
};

void child_main(int argc, char **argv, const ChildRole *roles)
{
    if (argc != 4 || strcmp(argv[1], CHILD_WORD) != 0)
        return;
    while (roles->name != NULL && strcmp(roles->name, argv[2]) != 0)
        roles++;
    CHECK(roles->name != NULL);
    ExitProcess((UINT) roles->play(argv[3]));
}

Child *child_start(const ChildRole *role, const char *argument)
{
    Arena arena = ARENA_INIT;
    SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };
    HANDLE read_end, write_end;
    CHECK(CreatePipe(&read_end, &write_end, &inherited, 0) && SetHandleInformation(read_end, HANDLE_FLAG_INHERIT, 0));
    wchar_t program[MAX_PATH + 1];
    CHECK(GetModuleFileNameW(NULL, program, COUNT_OF(program)) < COUNT_OF(program));
    CHECK(strpbrk(argument, "\"") == NULL);
    wchar_t *line = wide_from_utf8(&arena, arena_printf(&arena, "test " CHILD_WORD " %s \"%s\"", role->name, argument));
    STARTUPINFOW start = { .cb = sizeof(start),
                           .dwFlags = STARTF_USESTDHANDLES,
                           .hStdOutput = write_end,
                           .hStdError = GetStdHandle(STD_ERROR_HANDLE),
                           .hStdInput = GetStdHandle(STD_INPUT_HANDLE) };
    PROCESS_INFORMATION made;
    CHECK(CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made));
    CHECK(CloseHandle(made.hThread) && CloseHandle(write_end));
    Child *child = alloc_zeroed(sizeof(*child));
    *child = (Child){ .process = made.hProcess, .words = read_end };
    arena_release(&arena);
    return child;
}

void child_say(char word)
{
    DWORD written;
    CHECK(WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), &word, 1, &written, NULL) && written == 1);
}

char child_hear(Child *child)
{
    char word;
    DWORD count;
    CHECK(ReadFile(child->words, &word, 1, &count, NULL) && count == 1);
    return word;
}

void child_hold(void)
{
    Sleep(INFINITE);
}

int child_wait(Child *child)
{
    DWORD code;
    CHECK(WaitForSingleObject(child->process, INFINITE) == WAIT_OBJECT_0 && GetExitCodeProcess(child->process, &code));
    CHECK(CloseHandle(child->process) && CloseHandle(child->words));
    free(child);
    return (int) code;
}

void child_kill(Child *child)
{
    CHECK(TerminateProcess(child->process, 1));
    (void) child_wait(child); /* 1, as just said */
}

void system_kill_self(void)
{
    (void) TerminateProcess(GetCurrentProcess(), 1);
    abort(); /* not reached */
}
