/* SPDX-License-Identifier: MIT */
#include "platform/native_path_win32.h"

#include "platform/win32.h"

#include <stdbool.h>
#include <string.h>

#define LONG_PREFIX L"\\\\?\\"
#define LONG_UNC_PREFIX L"\\\\?\\UNC\\"

wchar_t *native_join(Arena *arena, const wchar_t *a, const wchar_t *b, const wchar_t *c)
{
    size_t sizes[] = { wcslen(a), wcslen(b), wcslen(c) + 1 };
    wchar_t *joined = ARENA_NEW_ARRAY(arena, wchar_t, sizes[0] + sizes[1] + sizes[2]);
    memcpy(joined, a, sizes[0] * sizeof(*joined));
    memcpy(joined + sizes[0], b, sizes[1] * sizeof(*joined));
    memcpy(joined + sizes[0] + sizes[1], c, sizes[2] * sizeof(*joined));
    return joined;
}

wchar_t *native_path(Arena *arena, const char *path)
{
    wchar_t *given = wide_from_utf8(arena, path);
    if (wcsncmp(given, LONG_PREFIX, wcslen(LONG_PREFIX)) == 0)
        return given;
    DWORD size = GetFullPathNameW(given, 0, NULL, NULL);
    wchar_t *full = ARENA_NEW_ARRAY(arena, wchar_t, (size_t) size + 1);
    size_t length = GetFullPathNameW(given, size, full, NULL);
    if (length == 0 || length >= size)
        return given; /* an empty path: the call that gets it tells */
    while (length > 3 && full[length - 1] == L'\\')
        full[--length] = L'\0';
    if (wcsncmp(full, L"\\\\.\\", 4) == 0)
        return full;
    bool is_share = wcsncmp(full, L"\\\\", 2) == 0;
    return native_join(arena, is_share ? LONG_UNC_PREFIX : LONG_PREFIX, is_share ? full + 2 : full, L"");
}

const char *native_shown(Arena *arena, const wchar_t *native)
{
    if (wcsncmp(native, LONG_UNC_PREFIX, wcslen(LONG_UNC_PREFIX)) == 0)
        return arena_printf(arena, "\\\\%s", utf8_from_wide(arena, native + wcslen(LONG_UNC_PREFIX)));
    bool is_long = wcsncmp(native, LONG_PREFIX, wcslen(LONG_PREFIX)) == 0;
    return utf8_from_wide(arena, is_long ? native + wcslen(LONG_PREFIX) : native);
}

size_t native_root_length(const wchar_t *native)
{
    bool is_share = wcsncmp(native, LONG_UNC_PREFIX, wcslen(LONG_UNC_PREFIX)) == 0;
    const wchar_t *end = native + wcslen(is_share ? LONG_UNC_PREFIX : LONG_PREFIX);
    for (int names = is_share ? 2 : 1; names > 0 && *end != L'\0'; names--) {
        while (*end != L'\0' && *end++ != L'\\')
            ;
    }
    return (size_t) (end - native);
}

wchar_t *native_folder(Arena *arena, const wchar_t *native)
{
    size_t root = native_root_length(native);
    size_t length = wcslen(native);
    while (length > root && native[length - 1] != L'\\')
        length--;
    if (length > root)
        length--;
    wchar_t *folder = ARENA_NEW_ARRAY(arena, wchar_t, length + 1);
    memcpy(folder, native, length * sizeof(*folder));
    return folder;
}
