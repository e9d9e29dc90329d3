/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw, realpath */

#include "support/system.h"

#include "base/alloc.h"
#include "base/check.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *system_make_folder(Arena *arena)
{
    const char *parent = getenv("TMPDIR");
    char *folder = arena_printf(arena, "%s/hyperpoint-test-XXXXXX", parent != NULL ? parent : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
    char *canonical = realpath(folder, NULL);
    CHECK(canonical != NULL);
    folder = arena_strdup(arena, canonical);
    free(canonical);
    return folder;
}

bool system_make_link(const char *target, const char *link)
{
    return symlink(target, link) == 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void) status;
    (void) type;
    (void) position;
    return remove(path);
}

void system_remove_folder(const char *folder)
{
    CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

void system_replace_file(const char *from, const char *to)
{
    CHECK(rename(from, to) == 0);
}

void system_set_environment(const char *name, const char *value)
{
    CHECK((value != NULL ? setenv(name, value, 1) : unsetenv(name)) == 0);
}

FILE *capture_open(void)
{
    FILE *stream = tmpfile();
    CHECK(stream != NULL);
    return stream;
}

/* ---- children ---- */

struct Child {
    pid_t id;
    int words;
};

void child_main(int argc, char **argv, const ChildRole *roles)
{
    (void) argc; /* children are forks here, and need no words to know their role */
    (void) argv;
    (void) roles;
}

Child *child_start(const ChildRole *role, const char *argument)
{
    int ends[2];
    CHECK(pipe(ends) == 0 && fflush(NULL) == 0);
    pid_t id = fork();
    CHECK(id >= 0);
    if (id == 0) {
        CHECK(dup2(ends[1], STDOUT_FILENO) >= 0);
        _exit(role->play(argument));
    }
    Child *child = alloc_zeroed(sizeof(*child));
    *child = (Child){ .id = id, .words = ends[0] };
    CHECK(close(ends[1]) == 0);
    return child;
}

void child_say(char word)
{
    CHECK(write(STDOUT_FILENO, &word, 1) == 1);
}

char child_hear(Child *child)
{
    char word;
    CHECK(read(child->words, &word, 1) == 1);
    return word;
}

void child_hold(void)
{
    for (;;)
        (void) pause();
}

int child_wait(Child *child)
{
    int status;
    pid_t ended;
    do
        ended = waitpid(child->id, &status, 0);
    while (ended < 0 && errno == EINTR);
    CHECK(ended == child->id && close(child->words) == 0);
    free(child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child_kill(Child *child)
{
    CHECK(kill(child->id, SIGKILL) == 0);
    CHECK(child_wait(child) == -1);
}

void system_kill_self(void)
{
    (void) kill(getpid(), SIGKILL);
    abort(); /* not reached */
}
