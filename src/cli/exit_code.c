/* SPDX-License-Identifier: MIT */
#include "cli/exit_code.h"

ExitCode exit_code_of_error(const Error *err)
{
    if (err->code == ERR_USAGE)
        return EXIT_USAGE;
    /* A refusal of this computer's own file system is no matter of the host. */
    if (err->code == ERR_UNREACHABLE || (err->code == ERR_DENIED && err->source != ERROR_SOURCE_ERRNO))
        return EXIT_NO_HOST;
    return EXIT_REFUSED;
}
