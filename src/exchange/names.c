/* SPDX-License-Identifier: MIT */
#include "exchange/names.h"

const char *exchange_package_item(unsigned number, Arena *arena)
{
    return arena_printf(arena, "HyperPoint.Package.%u", number);
}

const char *exchange_file_name(const char *id, Arena *arena)
{
    return arena_printf(arena, "%s.zip", id);
}
