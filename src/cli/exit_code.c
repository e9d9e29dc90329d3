/* SPDX-License-Identifier: MIT */
#include "cli/exit_code.h"

#include "base/compiler.h"

#include <stddef.h>

ExitCode exit_code_of_error(const Error *err)
{
    if (err->code == ERR_USAGE)
        return EXIT_USAGE;
    /* A refusal of this computer's own system, its files for one, is no matter of the host. */
    bool is_local = !err->is_of_host && (err->source == ERROR_SOURCE_ERRNO || err->source == ERROR_SOURCE_WIN32);
    if (err->code == ERR_UNREACHABLE || (err->code == ERR_DENIED && !is_local))
        return EXIT_NO_HOST;
    return EXIT_REFUSED;
}

void exit_fold_add(ExitFold *fold, ExitCode code)
{
    /* What matters more comes later. */
    static const ExitCode failures[] = { EXIT_DONE,     EXIT_USAGE,  EXIT_REFUSED,   EXIT_NO_HOST,
                                         EXIT_PUT_BACK, EXIT_PARTLY, EXIT_UNFINISHED };
    if (code == EXIT_DONE || code == EXIT_REBOOT || code == EXIT_DIFFERS) {
        fold->any_done = true;
        fold->differs = fold->differs || code == EXIT_DIFFERS;
        fold->waits = fold->waits || code == EXIT_REBOOT;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(failures) && failures[i] != fold->failure; i++) {
        if (failures[i] == code)
            return;
    }
    fold->failure = code;
}

ExitCode exit_fold_code(const ExitFold *fold)
{
    if (fold->failure == EXIT_DONE)
        return fold->differs ? EXIT_DIFFERS : fold->waits ? EXIT_REBOOT : EXIT_DONE;
    return fold->any_done && fold->failure != EXIT_UNFINISHED ? EXIT_PARTLY : fold->failure;
}

ExitCode exit_code_unwritten(ExitCode code, bool changed)
{
    if (code != EXIT_DONE)
        return code;
    return changed ? EXIT_PARTLY : EXIT_REFUSED;
}
