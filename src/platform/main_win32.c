/* SPDX-License-Identifier: MIT */
/* Where a program of ours begins on Windows: the words of the command line become UTF-8, the standard streams carry
 * bytes, and then the portable main() runs. Linked into every program, with -municode. */
#include "platform/win32.h"

#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdio.h>

enum { EXIT_ABORTED = 134 }; /* what shells elsewhere make of SIGABRT; the runtime's own 3 is an exit code of ours */

int main(int argc, char **argv);
int wmain(int argc, wchar_t **argv);

/* Read by the start-up code: '*' and '?' are not for it to expand. */
extern int _dowildcard;
int _dowildcard = 0;

static void on_abort(int number)
{
    (void) number;
    ExitProcess(EXIT_ABORTED);
}

int wmain(int argc, wchar_t **argv)
{
    (void) signal(SIGABRT, on_abort);
    (void) _setmode(_fileno(stdin), _O_BINARY);
    (void) _setmode(_fileno(stdout), _O_BINARY);
    (void) _setmode(_fileno(stderr), _O_BINARY);
    static Arena arena; /* until the end of the process */
    char **words = ARENA_NEW_ARRAY(&arena, char *, (size_t) argc + 1);
    for (int i = 0; i < argc; i++)
        words[i] = utf8_from_wide(&arena, argv[i]);
    return main(argc, words);
}
