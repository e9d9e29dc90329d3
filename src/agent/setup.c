/* SPDX-License-Identifier: MIT */
#include "agent/setup.h"

#include "agent/agent.h"
#include "exchange/names.h"
#include "exchange/request.h"
#include "platform/files.h"
#include "platform/process.h"
#include "platform/registry_file.h"
#include "platform/text.h"
#include "platform/tree.h"

#include <string.h>

/* What installing needs of LocalSystem's privileges: files of Windows that belong to nobody, a device that begins
 * anew. Unverified: that no other one is needed. */
static const char *const privileges[] = { "SeChangeNotifyPrivilege", "SeRestorePrivilege", "SeLoadDriverPrivilege",
                                          NULL };

enum { PROGRAM_BYTES = 64 * 1024 * 1024 };

static const char *program_folder(const Setup *setup)
{
    return arena_strndup(setup->arena, setup->program, strlen(setup->program) - strlen("\\installdrivers.exe"));
}

static const char *own_folder(const Setup *setup)
{
    return fs_join(setup->arena, fs_join(setup->arena, setup->data, "HyperPoint"), "guest");
}

static const char *inbox(const Setup *setup)
{
    return fs_join(setup->arena, setup->data, EXCHANGE_INBOX);
}

bool setup_find(const char *root, Registry *registry, Report *report, Arena *arena, Setup *ret_setup, Error *err)
{
    const char *programs, *own;
    Setup setup = { .is_here = registry != NULL && registry == registry_system(),
                    .root = root,
                    .registry = registry,
                    .report = report,
                    .arena = arena };
    if (!setup.is_here) {
        setup.data = fs_join(arena, root, "ProgramData");
        setup.registry_file = fs_join(arena, root, "registry.reg");
        if (registry == NULL)
            setup.registry = registry_file_open(setup.registry_file, arena);
    } else if (process_system_folder(SYSTEM_FOLDER_DATA, arena, &setup.data, err) &&
               process_system_folder(SYSTEM_FOLDER_PROGRAMS, arena, &programs, err) &&
               process_program_folder(arena, &own, err)) {
        setup.program = fs_join(arena, fs_join(arena, programs, "HyperPoint"), "installdrivers.exe");
        setup.own_program = fs_join(arena, own, "installdrivers.exe");
    } else {
        return false;
    }
    *ret_setup = setup;
    return true;
}

bool setup_look(const Setup *setup, SetupState *ret_state, Error *err)
{
    SetupState state = { .service = SERVICE_IS_ABSENT };
    if ((setup->is_here && !service_find(AGENT_SERVICE, &state.service, err)) ||
        !agent_switches_read(setup->registry, &state.switches, err))
        return false;
    *ret_state = state;
    return true;
}

bool setup_claim_folders(const Setup *setup, Error *err)
{
    return fs_make_folders(setup->data, FS_SHARED, err) &&
           process_claim_folder(fs_join(setup->arena, setup->data, "HyperPoint"), err) &&
           process_claim_folder(own_folder(setup), err) && fs_make_folders(inbox(setup), FS_SHARED, err);
}

static bool copy_program(const Setup *setup, Error *err)
{
    char *data;
    size_t size;
    if (text_equals(setup->program, setup->own_program))
        return true;
    return fs_read_file(setup->own_program, PROGRAM_BYTES, setup->arena, &data, &size, err) &&
           fs_make_folders(program_folder(setup), FS_SHARED, err) &&
           fs_replace_file(setup->program, data, size, FS_SHARED, err);
}

static bool install_service(const Setup *setup, Error *err)
{
    const ServiceSpec spec = {
        .name = AGENT_SERVICE,
        .title = "HyperPoint guest service",
        .description = "Installs the GPU drivers that this VM's host brings, as far as the registry key "
                       "HKLM\\" EXCHANGE_KEY_SWITCHES " allows it.",
        .command = arena_printf(setup->arena, "\"%s\" -SERVICE run -ROOT %s", setup->program, setup->root),
        .privileges = privileges,
    };
    return service_stop(AGENT_SERVICE, err) && copy_program(setup, err) && service_install(&spec, err);
}

/* The switches last: until then nothing is allowed. */
bool setup_install(const Setup *setup, const AgentSwitches *switches, Error *err)
{
    return setup_claim_folders(setup, err) && (!setup->is_here || install_service(setup, err)) &&
           agent_switches_write(setup->registry, switches, err) &&
           (!setup->is_here || service_start(AGENT_SERVICE, err));
}

/* ---- taking it away ---- */

/* A folder that others have put something into stays. */
static bool remove_if_empty(const char *folder, Error *err)
{
    Error found = { .code = ERR_NONE };
    if (file_remove_folder(folder, &found) || found.code == ERR_STATE)
        return true;
    *err = found;
    return false;
}

static bool remove_program(const Setup *setup, Error *err)
{
    const char *folder = program_folder(setup);
    if (text_equals(setup->program, setup->own_program)) {
        report_notice(setup->report, "'%s' runs here, and stays: remove the folder by hand", setup->program);
        return true;
    }
    return file_remove(setup->program, err) && file_remove_tree(fs_join(setup->arena, folder, "logs"), err) &&
           remove_if_empty(folder, err);
}

/* Files that were brought for requests, and the folder if that was all. */
static bool empty_inbox(const Setup *setup, Error *err)
{
    Tree *tree;
    StringList names = { 0 };
    if (!tree_open(setup->data, &tree, err))
        return false;
    Error odd = { .code = ERR_NONE }; /* a link in its place is not ours to remove */
    bool ok = true;
    FileStatus status;
    if (tree_status(tree, EXCHANGE_INBOX, &status, &odd) && status.kind == FILE_FOLDER &&
        tree_list(tree, EXCHANGE_INBOX, setup->arena, &names, &odd)) {
        for (size_t i = 0; ok && i < names.count; i++) {
            char id[EXCHANGE_ID_LENGTH + 1];
            if (exchange_file_id(names.items[i], id))
                ok = tree_remove(tree, arena_printf(setup->arena, EXCHANGE_INBOX "/%s", names.items[i]), err);
        }
        ok = ok && (tree_remove_folder(tree, EXCHANGE_INBOX, &odd) || odd.code == ERR_STATE);
    }
    ok = ok && tree_remove_tree(tree, AGENT_FOLDER, err);
    tree_close(tree);
    return ok;
}

/* What is allowed goes first. */
bool setup_remove(const Setup *setup, Error *err)
{
    if (setup->is_here && !service_stop(AGENT_SERVICE, err))
        return false;
    if (!agent_registry_clear(setup->registry, err) || (setup->is_here && !service_remove(AGENT_SERVICE, err)))
        return false;
    return (!fs_exists(setup->data) || empty_inbox(setup, err)) && (!setup->is_here || remove_program(setup, err));
}
