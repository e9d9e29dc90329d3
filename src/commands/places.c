/* SPDX-License-Identifier: MIT */
#include "commands/places.h"

#include "platform/fs.h"
#include "platform/process.h"

bool places_find_program(const char *given, Arena *arena, const char **ret_folder, Error *err)
{
    if (given == NULL)
        return process_program_folder(arena, ret_folder, err);
    *ret_folder = given;
    return true;
}

PackageCache places_cache(const HostAddress *address, const char *state_folder, Arena *arena)
{
    if (address->sim_file != NULL || address->is_local) {
        const char *folder = fs_join(arena, state_folder, "packages");
        return (PackageCache){ folder, folder };
    }
    return (PackageCache){
        .here = arena_printf(arena, "\\\\%s\\C$\\ProgramData\\HyperPoint\\packages", address->text),
        .on_host = "C:\\ProgramData\\HyperPoint\\packages",
    };
}

const char *places_packages(const char *program_folder, Arena *arena)
{
    return fs_join(arena, program_folder, "hostdrivers");
}
