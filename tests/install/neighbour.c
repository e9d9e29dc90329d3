/* SPDX-License-Identifier: MIT */
/* A program beside installdrivers on a Windows guest, for test_in_use.py: it has a file open, or reads and writes the
 * list of moves that Windows makes when it starts (Windows SDK, "MoveFileExW": PendingFileRenameOperations).
 *
 *   neighbour hold|share|load FILE   until its input ends: open, for nobody to move; open, and may be moved; loaded as
 *                                    a library. Says "held" and its process.
 *   neighbour list                   writes the texts of the list, one a line
 *   neighbour set-list               takes them from its input; none: removes the list */
#include "platform/fs_win32.h"

#include "base/check.h"
#include "base/compiler.h"
#include "platform/win32.h"

#include <stdio.h>
#include <string.h>

#define SESSION_MANAGER L"SYSTEM\\CurrentControlSet\\Control\\Session Manager"
#define PENDING L"PendingFileRenameOperations"

enum { LIST_LIMIT = 1 << 20 };

static int until_input_ends(bool held)
{
    if (!held)
        return 1;
    CHECK(printf("held %lu\n", (unsigned long) GetCurrentProcessId()) > 0 && fflush(stdout) == 0);
    while (getchar() != EOF)
        ;
    return 0;
}

static int open_file(const wchar_t *file, DWORD sharing)
{
    return until_input_ends(CreateFileW(file, GENERIC_READ, sharing, NULL, OPEN_EXISTING, 0, NULL) !=
                            INVALID_HANDLE_VALUE);
}

static int hold(const wchar_t *file)
{
    return open_file(file, FILE_SHARE_READ | FILE_SHARE_WRITE);
}

static int share(const wchar_t *file)
{
    return open_file(file, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
}

static int load(const wchar_t *file)
{
    return until_input_ends(LoadLibraryW(file) != NULL);
}

static int print_list(void)
{
    static wchar_t texts[LIST_LIMIT];
    Arena arena = ARENA_INIT;
    DWORD size = sizeof(texts), type;
    LSTATUS result = RegGetValueW(HKEY_LOCAL_MACHINE, SESSION_MANAGER, PENDING, RRF_RT_ANY, &type, texts, &size);
    if (result == ERROR_FILE_NOT_FOUND)
        return 0;
    CHECK(result == ERROR_SUCCESS && type == REG_MULTI_SZ);
    size_t end = size / sizeof(*texts) - 1; /* where the list ends; before it, texts may be empty */
    CHECK(end > 0 && texts[end] == L'\0' && texts[end - 1] == L'\0');
    for (size_t i = 0; i < end; i += wcslen(texts + i) + 1)
        CHECK(printf("%s\n", utf8_from_wide(&arena, texts + i)) > 0);
    arena_release(&arena);
    return 0;
}

static int set_list(void)
{
    static char text[LIST_LIMIT];
    Arena arena = ARENA_INIT;
    HKEY key;
    size_t size = fread(text, 1, sizeof(text) - 1, stdin);
    wchar_t *texts = wide_from_utf8(&arena, text); /* and its terminator ends the list */
    size_t length = wcslen(texts);
    for (size_t i = 0; i < length; i++)
        texts[i] = texts[i] == L'\n' ? L'\0' : texts[i];
    CHECK(RegOpenKeyExW(HKEY_LOCAL_MACHINE, SESSION_MANAGER, 0, KEY_SET_VALUE, &key) == ERROR_SUCCESS);
    LSTATUS result = size == 0 ? RegDeleteValueW(key, PENDING)
                               : RegSetValueExW(key, PENDING, 0, REG_MULTI_SZ, (const BYTE *) texts,
                                                (DWORD) ((length + 1) * sizeof(*texts)));
    CHECK(result == ERROR_SUCCESS || (size == 0 && result == ERROR_FILE_NOT_FOUND));
    CHECK(RegCloseKey(key) == ERROR_SUCCESS);
    arena_release(&arena);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*with_file)(const wchar_t *file);
        int (*alone)(void);
    } roles[] = {
        { .name = "hold", .with_file = hold },     { .name = "share", .with_file = share },
        { .name = "load", .with_file = load },     { .name = "list", .alone = print_list },
        { .name = "set-list", .alone = set_list },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; argc > 1 && i < COUNT_OF(roles); i++) {
        if (strcmp(argv[1], roles[i].name) == 0)
            return argc > 2 ? roles[i].with_file(native_path(&arena, argv[2])) : roles[i].alone();
    }
    return 2;
}
