/* SPDX-License-Identifier: MIT */
#include "hyperv/gpu/gpu_path.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "platform/text.h"

#include <string.h>

const char *gpu_path_instance_id(const char *host_resource, Arena *arena)
{
    Error not_a_path = { .code = ERR_NONE };
    CimPath path;
    const char *name = NULL;
    if (strstr(host_resource, "Name=") != NULL && cim_path_parse(host_resource, arena, &path, &not_a_path))
        name = cim_path_key(&path, "Name");
    return name != NULL ? name : host_resource;
}

const char *gpu_path_device_id(const char *text, Arena *arena)
{
    const char *instance_id = gpu_path_instance_id(text, arena);
    /* Some shells and documents double the leading backslashes: \\\\?\PCI#... */
    const char *start = instance_id;
    while (*start == '\\')
        start++;
    if (start == instance_id || start[0] != '?' || start[1] != '\\')
        return instance_id;
    start += 2;
    const char *end = strstr(start, "#{");
    size_t length = end != NULL ? (size_t) (end - start) : strlen(start);
    char *device_id = arena_strndup(arena, start, length);
    for (char *p = device_id; *p != '\0'; p++) {
        if (*p == '#')
            *p = '\\';
    }
    return device_id;
}

bool gpu_path_same_device(const char *a, const char *b)
{
    Arena arena = ARENA_INIT;
    bool same = text_equals(gpu_path_device_id(a, &arena), gpu_path_device_id(b, &arena));
    arena_release(&arena);
    return same;
}
