/* SPDX-License-Identifier: MIT */
/* Terminals on POSIX systems. */
#define _DARWIN_C_SOURCE /* TIOCGWINSZ on macOS */

#include "platform/console.h"

#include "platform/process.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool console_is_terminal(FILE *stream)
{
    Arena arena = ARENA_INIT;
    const char *term = process_environment("TERM", &arena);
    bool is_terminal = isatty(fileno(stream)) && term != NULL && strcmp(term, "dumb") != 0;
    arena_release(&arena);
    return is_terminal;
}

bool console_asks(void)
{
    return isatty(fileno(stdin)) && isatty(fileno(stderr));
}

bool console_is_same(FILE *a, FILE *b)
{
    struct stat of_a, of_b;
    return fstat(fileno(a), &of_a) == 0 && fstat(fileno(b), &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino;
}

/* Reading goes on after a signal, so the wish is looked for while nothing is there to be read. */
bool console_await_input(FILE *stream, const Cancel *cancel_or_null)
{
    enum { LOOK_MS = 50 };
    struct pollfd input = { .fd = fileno(stream), .events = POLLIN };
    while (!cancel_is_requested(cancel_or_null)) {
        if (poll(&input, 1, LOOK_MS) > 0)
            return true;
    }
    return false;
}

int console_width(FILE *stream)
{
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int console_height(FILE *stream)
{
    struct winsize size;
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

bool console_write(FILE *stream, const char *text, size_t size)
{
    return fwrite(text, 1, size, stream) == size;
}
