/* SPDX-License-Identifier: MIT */
#include "support/param_tables.h"

#include "base/check.h"
#include "base/compiler.h"

#include <inttypes.h>
#include <string.h>

#define ROW(param_name, param_kind, member, value)                                                                     \
    {                                                                                                                  \
        .name = param_name, .kind = param_kind, .offset = offsetof(TestOptions, member), .value_name = value,          \
        .help = "help"                                                                                                 \
    }

static const char *const checkpoint_types[] = { "production", "standard", NULL };

static const Param host_params[] = {
    ROW("VM", PARAM_TEXT, vm, "NAME"),
    ROW("DO", PARAM_TEXT, verb, "VERB"),
    ROW("GPU", PARAM_LIST, gpus, "GPU"),
    ROW("ZIP", PARAM_SWITCH, zip, NULL),
    ROW("DEST", PARAM_TEXT, dest, "FOLDER"),
    ROW("S", PARAM_SWITCH, silent, NULL),
    ROW("HOST", PARAM_TEXT, host, "HOST"),
    ROW("JSON", PARAM_SWITCH, json, NULL),
    ROW("WHATIF", PARAM_SWITCH, whatif, NULL),
    ROW("NAME", PARAM_TEXT, name, "NAME"),
    { .name = "CHECKPOINTTYPE",
      .kind = PARAM_CHOICE,
      .offset = offsetof(TestOptions, checkpoint_type),
      .value_name = "TYPE",
      .help = "help",
      .choices = checkpoint_types },
    ROW("LOWMMIO", PARAM_SIZE, low_mmio, "SIZE"),
    ROW("HIGHMMIO", PARAM_SIZE, high_mmio, "SIZE"),
    ROW("TIMEOUT", PARAM_DURATION, timeout, "TIME"),
    { .name = "HELP", .kind = PARAM_SWITCH, .offset = offsetof(TestOptions, help), .help = "help", .alias = "?" },
    ROW("VERSION", PARAM_SWITCH, version, NULL),
    ROW("VERBOSE", PARAM_SWITCH, verbose, NULL),
    ROW("MACHINES", PARAM_NAMES, machines, "NAME"),
    { .name = "JSONLINES",
      .kind = PARAM_SWITCH,
      .offset = offsetof(TestOptions, json_lines),
      .help = "help",
      .yields = true },
};

static const Param guest_params[] = {
    ROW("SRC", PARAM_TEXT, src, "FOLDER"),     ROW("DRV", PARAM_LIST, packages, "PACKAGE"),
    ROW("DRVSRC", PARAM_TEXT, drvsrc, "PATH"), ROW("FORCE", PARAM_SWITCH, force, NULL),
    ROW("S", PARAM_SWITCH, silent, NULL),      ROW("ROOT", PARAM_TEXT, root, "FOLDER"),
    ROW("WHATIF", PARAM_SWITCH, whatif, NULL), ROW("JSON", PARAM_SWITCH, json, NULL),
    ROW("VERIFY", PARAM_SWITCH, verify, NULL), ROW("UNINSTALL", PARAM_SWITCH, uninstall, NULL),
};

const TestTable host_table = { host_params, COUNT_OF(host_params) };
const TestTable guest_table = { guest_params, COUNT_OF(guest_params) };

static const char *quoted(Arena *arena, const char *text)
{
    char *result = arena_alloc(arena, 2 * strlen(text) + 3);
    char *out = result;
    *out++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            *out++ = '\'';
        *out++ = *text;
    }
    *out = '\'';
    return result;
}

/* The value of a parameter that was given; NULL if it was not. */
static const char *value_of(const Param *param, const void *member, Arena *arena)
{
    switch (param->kind) {
    case PARAM_SWITCH:
        return *(const bool *) member ? "" : NULL;
    case PARAM_TEXT:
        return *(const char *const *) member;
    case PARAM_DURATION:
        return *(const uint64_t *) member > 0 ? arena_printf(arena, "%" PRIu64 "s", *(const uint64_t *) member) : NULL;
    case PARAM_SIZE:
        return *(const uint64_t *) member > 0 ? arena_printf(arena, "%" PRIu64, *(const uint64_t *) member) : NULL;
    case PARAM_CHOICE:
        return *(const int *) member >= 0 ? param->choices[*(const int *) member] : NULL;
    case PARAM_COUNT:
        return *(const int *) member >= 0 ? arena_printf(arena, "%d", *(const int *) member) : NULL;
    case PARAM_LIST:
    case PARAM_NAMES:
        break;
    }
    CHECK(param->kind != PARAM_LIST && param->kind != PARAM_NAMES);
    return NULL;
}

StringList options_render(const TestTable *table, const TestOptions *options, Arena *arena)
{
    StringList words = { 0 };
    for (size_t i = 0; i < table->count; i++) {
        const Param *param = &table->params[i];
        const void *member = (const char *) options + param->offset;
        if (param->kind == PARAM_LIST || param->kind == PARAM_NAMES) {
            const StringList *list = member;
            for (size_t j = 0; j < list->count; j++) {
                const char *item = list->items[j];
                ARRAY_PUSH(arena, &words,
                           arena_printf(arena, "-%s:%s", param->name,
                                        param->kind == PARAM_LIST ? quoted(arena, item) : item));
            }
            continue;
        }
        const char *value = value_of(param, member, arena);
        if (value != NULL)
            ARRAY_PUSH(arena, &words, arena_printf(arena, "-%s%s%s", param->name, *value != '\0' ? ":" : "", value));
    }
    return words;
}

const char *options_describe(const TestTable *table, const TestOptions *options, Arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < table->count; i++) {
        const Param *param = &table->params[i];
        const void *member = (const char *) options + param->offset;
        const char *value = NULL;
        if (param->kind == PARAM_LIST || param->kind == PARAM_NAMES) {
            const StringList *list = member;
            for (size_t j = 0; j < list->count; j++)
                value = arena_printf(arena, "%s[%s]", value != NULL ? value : "", list->items[j]);
        } else {
            value = value_of(param, member, arena);
        }
        if (value != NULL)
            text = arena_printf(arena, "%s%s%s%s%s", text, *text != '\0' ? "|" : "", param->name,
                                *value != '\0' ? "=" : "", value);
    }
    return text;
}
