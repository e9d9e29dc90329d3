/* SPDX-License-Identifier: MIT */
/* Config files beside the program: which one applies to a GPU, and what is in it. The names of GPUs come from drivers:
 * they are compared with the files that exist, never made into a path. */
#include "hyperv/gpu/adapter_config.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf.h"
#include "platform/fs.h"
#include "platform/text.h"

#include <string.h>

static const char suffix[] = ".config";
static const char general_name[] = "adapter.config";

/* UTF-16 by its BOM, or UTF-8. ret_text has no BOM and ret_size no terminator. */
static bool decode(const char *name, const char *data, size_t size, Arena *arena, const char **ret_text,
                   size_t *ret_size, Error *err)
{
    bool little = size >= 2 && memcmp(data, "\xFF\xFE", 2) == 0;
    bool big = size >= 2 && memcmp(data, "\xFE\xFF", 2) == 0;
    if (!little && !big) {
        size_t mark = size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        *ret_text = arena_strndup(arena, data + mark, size - mark);
        *ret_size = size - mark;
        return true;
    }
    if (size % 2 != 0)
        return error_set(err, ERR_INVALID, "%s: not a text file: half a UTF-16 character at the end", name);
    size_t count = size / 2 - 1;
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, count);
    for (size_t i = 0; i < count; i++) {
        unsigned first = (unsigned char) data[2 * i + 2], second = (unsigned char) data[2 * i + 3];
        units[i] = (uint16_t) (little ? first | second << 8 : first << 8 | second);
    }
    *ret_text = utf8_from_utf16(arena, units, count, ret_size);
    return true;
}

static char *trimmed(Arena *arena, const char *text, size_t length)
{
    while (length > 0 && ascii_is_space(text[length - 1]))
        length--;
    while (length > 0 && ascii_is_space(*text)) {
        text++;
        length--;
    }
    return arena_strndup(arena, text, length);
}

static int find_limit(const char *variable)
{
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (ascii_equals(variable, partition_limit_names[i]))
            return i;
    }
    return -1;
}

static bool parse_line(AdapterConfig *config, const char *line, const char *name, size_t number, Arena *arena,
                       Error *err)
{
    if (*line == '\0' || *line == '#' || *line == ';')
        return true;
    const char *equals = strchr(line, '=');
    if (equals == NULL) {
        (void) error_set(err, ERR_INVALID, "%s:%zu: no '=' in '%s'", name, number, line);
        return error_hint(err, "each line is 'variable = value', for example 'MinPartitionVRAM = 80000000'");
    }
    const char *variable = trimmed(arena, line, (size_t) (equals - line));
    const char *value = trimmed(arena, equals + 1, strlen(equals + 1));
    int index = find_limit(variable);
    if (index < 0) {
        ARRAY_PUSH(arena, &config->warnings,
                   arena_printf(arena, "%s:%zu: unknown variable '%s'", name, number, variable));
        return true;
    }
    unsigned long long parsed;
    if (!ascii_parse_uint64(value, &parsed))
        return error_set(err, ERR_INVALID, "%s:%zu: %s: '%s' is not a whole number from 0 to 18446744073709551615",
                         name, number, partition_limit_names[index], value);
    PartitionLimit *limit = &config->limits.items[index];
    if (limit->is_set)
        ARRAY_PUSH(arena, &config->warnings,
                   arena_printf(arena, "%s:%zu: '%s' is set again; this value counts", name, number,
                                partition_limit_names[index]));
    *limit = (PartitionLimit){ .is_set = true, .value = parsed };
    return true;
}

bool adapter_config_parse(const char *name, const char *data, size_t size, Arena *arena, AdapterConfig *ret_config,
                          Error *err)
{
    AdapterConfig config = { .name = name };
    const char *text = NULL;
    if (size > LIMIT_CONFIG_BYTES)
        return error_set(err, ERR_INVALID, "%s: larger than %d bytes", name, (int) LIMIT_CONFIG_BYTES);
    if (!decode(name, data, size, arena, &text, &size, err))
        return false;
    if (memchr(text, '\0', size) != NULL) {
        (void) error_set(err, ERR_INVALID, "%s: not a text file: it contains zero bytes", name);
        return error_hint(err, "save it as UTF-8");
    }
    for (size_t number = 1; *text != '\0'; number++) {
        if (number > LIMIT_CONFIG_LINES)
            return error_set(err, ERR_INVALID, "%s: more than %d lines", name, (int) LIMIT_CONFIG_LINES);
        size_t length = strcspn(text, "\r\n");
        if (!parse_line(&config, trimmed(arena, text, length), name, number, arena, err))
            return false;
        text += length;
        text += strncmp(text, "\r\n", 2) == 0 ? 2 : *text != '\0';
    }
    *ret_config = config;
    return true;
}

/* The name with something else, or nothing ('\0'), in place of its blanks. Characters that no file name can have on
 * Windows count as blanks. */
static const char *with_blanks_as(Arena *arena, const char *name, char replacement)
{
    char *result = arena_alloc(arena, strlen(name) + 1);
    char *out = result;
    for (; *name != '\0'; name++) {
        bool blank = strchr(" <>:\"/\\|?*", *name) != NULL;
        if (!blank)
            *out++ = *name;
        else if (replacement != '\0')
            *out++ = replacement;
    }
    return result;
}

static bool is_file_of_gpu(Arena *arena, const char *file_name, const char *gpu_name)
{
    static const char replacements[] = { ' ', '-', '_', '\0' };
    size_t length = strlen(file_name);
    if (length <= strlen(suffix) || !ascii_equals(file_name + length - strlen(suffix), suffix))
        return false;
    const char *stem = arena_strndup(arena, file_name, length - strlen(suffix));
    for (size_t i = 0; i < COUNT_OF(replacements); i++) {
        if (text_equals(stem, with_blanks_as(arena, gpu_name, replacements[i])))
            return true;
    }
    return false;
}

/* The one file that applies to the GPU (NULL: any GPU); *ret_name is NULL if there is none. */
static bool choose_file(const StringList *names, const char *gpu_name, Arena *arena, const char **ret_name, Error *err)
{
    const char *found = NULL;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (gpu_name != NULL ? !is_file_of_gpu(arena, name, gpu_name) : !text_equals(name, general_name))
            continue;
        if (found != NULL) {
            (void) error_set(err, ERR_AMBIGUOUS, "both '%s' and '%s' apply to %s", found, name,
                             gpu_name != NULL ? gpu_name : "all GPUs");
            return error_hint(err, "keep one of them");
        }
        found = name;
    }
    *ret_name = found;
    return true;
}

/* Files that have been read, each once. */
typedef struct Folder {
    const char *path;
    StringList names;
    Error problem; /* why its names are not known; ERR_NONE: they are */
    Arena *arena;
    struct {
        const AdapterConfig **items;
        size_t count, capacity;
    } read;
} Folder;

static bool read_config(Folder *folder, const char *name, const AdapterConfig **ret_config, Error *err)
{
    for (size_t i = 0; i < folder->read.count; i++) {
        if (strcmp(folder->read.items[i]->name, name) == 0) {
            *ret_config = folder->read.items[i];
            return true;
        }
    }
    AdapterConfig *config = ARENA_NEW(folder->arena, AdapterConfig);
    char *data;
    size_t size;
    if (!fs_read_file(fs_join(folder->arena, folder->path, name), LIMIT_CONFIG_BYTES, folder->arena, &data, &size,
                      err) ||
        !adapter_config_parse(name, data, size, folder->arena, config, err))
        return false;
    ARRAY_PUSH(folder->arena, &folder->read, config);
    *ret_config = config;
    return true;
}

static bool find_config(Folder *folder, const char *gpu_name, const AdapterConfig **ret_config, Error *err)
{
    const char *name = NULL;
    if (folder->problem.code != ERR_NONE) {
        *err = folder->problem;
        return false;
    }
    if (gpu_name != NULL && !choose_file(&folder->names, gpu_name, folder->arena, &name, err))
        return false;
    if (name == NULL && !choose_file(&folder->names, NULL, folder->arena, &name, err))
        return false;
    return name == NULL || read_config(folder, name, ret_config, err);
}

AdapterConfigs adapter_configs_read(const char *path, const StringList *gpu_names, Arena *arena)
{
    AdapterConfigs configs = { 0 };
    Folder folder = { .path = path, .arena = arena };
    if (!fs_list_folder(path, arena, &folder.names, &folder.problem) && folder.problem.code == ERR_NOT_FOUND)
        folder.problem.code = ERR_NONE;
    for (size_t i = 0; i <= gpu_names->count; i++) {
        GpuConfig of_gpu = { .gpu_name = i < gpu_names->count ? gpu_names->items[i] : NULL };
        Error problem;
        if (!find_config(&folder, of_gpu.gpu_name, &of_gpu.config, &problem)) {
            Error *kept = ARENA_NEW(arena, Error);
            *kept = problem;
            of_gpu.problem = kept;
        }
        ARRAY_PUSH(arena, &configs, of_gpu);
    }
    return configs;
}

bool adapter_configs_find(const AdapterConfigs *configs, const char *gpu_name, const AdapterConfig **ret_config,
                          Error *err)
{
    const AdapterConfig *found = NULL;
    for (size_t i = 0; i < configs->count; i++) {
        const GpuConfig *of_gpu = &configs->items[i];
        bool is_it = of_gpu->gpu_name == gpu_name ||
                     (gpu_name != NULL && of_gpu->gpu_name != NULL && strcmp(of_gpu->gpu_name, gpu_name) == 0);
        if (!is_it)
            continue;
        if (of_gpu->problem != NULL) {
            *err = *of_gpu->problem;
            return false;
        }
        found = of_gpu->config;
    }
    *ret_config = found;
    return true;
}

PartitionLimits adapter_config_apply(const AdapterConfig *config, const PartitionLimits *base)
{
    PartitionLimits limits = *base;
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (config->limits.items[i].is_set)
            limits.items[i] = config->limits.items[i];
    }
    return limits;
}
