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

const char *places_packages(const char *program_folder, Arena *arena)
{
    return fs_join(arena, program_folder, "hostdrivers");
}
