/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#define _DEFAULT_SOURCE   /* MAP_ANONYMOUS in glibc */

#include "machine.h"

#include "base/check.h"
#include "base/compiler.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const bool machine_has_forks = true;

static pid_t main_process; /* 0: there are no workers */

int machine_run_in_child(int (*run)(void *context), void *context)
{
    (void) fflush(NULL);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(run(context));
    int status;
    pid_t ended;
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    CHECK(ended == child);
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    CHECK(WTERMSIG(status) == SIGKILL);
    return MACHINE_KILLED;
}

void *machine_shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

void machine_free_shared_memory(void *memory, size_t size)
{
    CHECK(munmap(memory, size) == 0);
}

/* A file system in memory, if there is one: flushing to a disk would take most of the time. */
static const char *make_folder(void)
{
    static char path[64];
    static const char *const places[] = { "/dev/shm", "/tmp" };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        (void) snprintf(path, sizeof(path), "%s/fault_matrix.XXXXXX", places[i]);
        if (mkdtemp(path) != NULL)
            return path;
    }
    perror("fault_matrix: no folder to work in");
    exit(1);
}

bool machine_work(void (*work)(const char *folder, int number), int workers)
{
    const char *folder = make_folder();
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int count = workers > 0 ? workers : processors < 1 ? 1 : processors > 8 ? 8 : (int) processors;
    main_process = getpid();
    (void) fflush(NULL);
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            work(folder, i);
            exit(fflush(NULL) == 0 ? 0 : 1);
        }
    }
    bool ok = true;
    int status;
    for (int left = count; left > 0;) {
        if (wait(&status) > 0) {
            ok = ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
            left--;
        } else {
            CHECK(errno == EINTR);
        }
    }
    machine_remove_tree(folder);
    return ok;
}

void machine_end_if_orphaned(void)
{
    if (getppid() != main_process)
        exit(1);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void) status;
    (void) type;
    (void) position;
    return remove(path);
}

void machine_remove_tree(const char *folder)
{
    (void) nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* what is not there need not be removed */
}
