/* SPDX-License-Identifier: MIT */
/* What both programs look for beside themselves: beside the real file, whatever link they were started by. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* "given": of the environment, for tests; NULL: the folder of the program. */
MUST_CHECK bool places_find_program(const char *given, Arena *arena, const char **ret_folder, Error *err);

/* Where packages are, if neither -DEST nor -SRC says so. */
const char *places_packages(const char *program_folder, Arena *arena);
