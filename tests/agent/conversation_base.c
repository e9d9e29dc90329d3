/* SPDX-License-Identifier: MIT */
#include "agent/conversation_base.h"

#include "agent/agent.h"
#include "agent/memory.h"
#include "agent/switches.h"
#include "agent/two_ends.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/str.h"
#include "exchange/names.h"
#include "exchange/request.h"
#include "platform/files.h"
#include "support/guest_stage.h"
#include "support/test_package.h"

#include <stdio.h>
#include <string.h>

static void must(bool ok, const Error *err)
{
    if (!ok)
        (void) fprintf(stderr, "%s\n", err->message);
    CHECK(ok);
}

#define OLD_STORE "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"
#define NEW_STORE "nv_dispi.inf_amd64_5b2c7e3a1d0f9e48"

/* The host's own files of its driver, in its store. */
static void put_driver(const char *folder, const char *store, const char *version, const char *text)
{
    static const char *const names[] = { "nvlddmkm.sys",         "nvldumdx.dll",         "nvapi64.dll",   "nvapi.dll",
                                         "nvcuda_loader64.dll", "nvcuda_loader32.dll", "nvml_loader.dll",
                                         "nvidia-smi.exe" };
    Arena arena = ARENA_INIT;
    const char *below = arena_printf(&arena, "drives/C/Windows/System32/DriverStore/FileRepository/%s/", store);
    test_file_put(folder, arena_printf(&arena, "%snv_dispi.inf", below),
                  arena_printf(&arena, "[Version]\nDriverVer = 08/14/2024, %s\n", version));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        test_file_put(folder, arena_printf(&arena, "%s%s", below, names[i]),
                      arena_printf(&arena, "MZ %s %s", names[i], text));
    arena_release(&arena);
}

/* Everywhere in the host's state. */
static const char *replaced(const char *text, const char *from, const char *to, Arena *arena)
{
    Str result;
    Error err = { .code = ERR_NONE };
    str_init(&result, 1 << 24);
    for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from))
        str_appendf(&result, "%.*s%s", (int) (at - text), text, to);
    str_append(&result, text);
    must(str_finish(&result, arena, &text, &err), &err);
    return text;
}

static void edit_state(const char *const (*changes)[2], size_t count)
{
    Error err = { .code = ERR_NONE };
    char *data;
    size_t size;
    must(fs_read_file(stage_path("sim.json"), 1 << 24, &stage.arena, &data, &size, &err), &err);
    const char *text = data;
    for (size_t i = 0; i < count; i++)
        text = replaced(text, changes[i][0], changes[i][1], &stage.arena);
    must(fs_replace_file(stage_path("sim.json"), text, strlen(text), FS_SHARED, &err), &err);
}

/* As the vendor's, so that it may be replaced; before 2020 ended. */
static void put_older_library(void)
{
    enum { IN_2020 = 1577836800 };
    const char *path = stage_path("guest/Windows/System32/nvapi64.dll");
    FileStream *stream = NULL;
    Error err = { .code = ERR_NONE };
    char *data;
    size_t size;
    test_library_put(stage_path("guest"), "Windows/System32/nvapi64.dll", "of Windows", "NVIDIA Corporation");
    must(fs_read_file(path, 1 << 20, &stage.arena, &data, &size, &err) && file_remove(path, &err) &&
             file_create(path, &stream, &err),
         &err);
    must(file_write(stream, data, size, &err) && file_finish_unflushed(stream, IN_2020, &err), &err);
}

/* A guest with a library of Windows' own, and its service; a host with its driver in files. */
static void make_stage(void)
{
    Error err = { .code = ERR_NONE };
    AgentSwitches switches = { .is_set_up = true, .update = true };
    stage_open("", NULL);
    const char *const drives[][2] = {
        { "\"guests\": [", arena_printf(&stage.arena, "\"drives\": \"%s/drives\", \"guests\": [", stage.folder) }
    };
    edit_state(drives, COUNT_OF(drives));
    put_driver(stage.folder, OLD_STORE, "32.0.15.6094", "old");
    put_older_library();
    RegistryValue id = registry_text_value(RENDER_VM, &stage.arena);
    must(stage.registry->write(stage.registry, EXCHANGE_KEY_FACTS, EXCHANGE_FACT_VM_ID, &id, &err), &err);
    must(agent_switches_write(stage.registry, &switches, &err), &err);
    cim_session_close(stage.host.session);
}

/* As it was asked for, but for the content of the file. */
static const char *find_request(Arena *arena)
{
    Tree *tree;
    AgentMemory memory;
    ExchangeRequest request = { .size = 1 };
    Error err = { .code = ERR_NONE };
    must(tree_open(stage_path("guest/ProgramData"), &tree, &err) &&
             agent_memory_read(tree, AGENT_FOLDER "/requests.json", &stage.arena, &memory, &err),
         &err);
    tree_close(tree);
    memcpy(request.id, memory.answered, sizeof(request.id));
    memset(request.sha256, '0', HASH_TEXT_LENGTH);
    for (size_t i = 0; i < strlen(RENDER_VM); i++)
        request.vm[i] = ascii_lower(RENDER_VM[i]);
    return exchange_request_write(&request, arena);
}

const char *conversation_base_make(Arena *arena, const char **ret_request)
{
    static const EndsScript nothing = { .at = 0 };
    static const char *const changes[][2] = { { "32.0.15.6094", "32.0.15.7001" },
                                              { "20240814", "20250901" },
                                              { OLD_STORE, NEW_STORE } };
    make_stage();
    const char *folder = arena_strdup(arena, stage.folder);
    arena_release(&stage.arena); /* it is opened anew, by all three */
    ends_open(folder, &nothing);
    bool ok = ends_update() && ends->ok;
    must(ok && ends->ending == ENDING_DONE && ends_settle(), &ends->err);
    *ret_request = find_request(arena);
    edit_state(changes, COUNT_OF(changes));
    put_driver(folder, NEW_STORE, "32.0.15.7001", "new");
    ends_close();
    return folder;
}
