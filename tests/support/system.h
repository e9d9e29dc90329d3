/* SPDX-License-Identifier: MIT */
/* What tests ask of the operating system: system_posix.c, system_win32.c. Where it refuses, the test program ends. */
#pragma once

#include "base/arena.h"

#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>

/* A new, empty folder; its canonical path. */
const char *system_make_folder(Arena *arena);

/* A link to a folder. False where this process may not make one. */
bool system_make_link(const char *target, const char *link);

/* Removes the folder and all that is in it. */
void system_remove_folder(const char *folder);

/* The file takes the place of the other one, in one step, and without a step of platform/fs.h. */
void system_replace_file(const char *from, const char *to);

/* For this process and those it starts. NULL removes the variable. */
void system_set_environment(const char *name, const char *value);

/* A stream to write to, and the text that was written. */
FILE *capture_open(void);
char *capture_close(FILE *stream, Arena *arena);

/* This program once more, as another process that plays a role. */
typedef struct ChildRole {
    const char *name;
    int (*play)(const char *argument); /* its exit code */
} ChildRole;

typedef struct Child Child;

/* To be called first thing in main(): returns only in the process that runs the tests. The last role has no name. */
void child_main(int argc, char **argv, const ChildRole *roles);

Child *child_start(const ChildRole *role, const char *argument);

/* In the child: a word for the parent, which waits for it. */
void child_say(char word);
char child_hear(Child *child);

/* In the child: waits until it is killed. */
void child_hold(void);

/* Both free the child. */
int child_wait(Child *child); /* its exit code */
void child_kill(Child *child);

/* As if somebody had ended this process from outside. */
NORETURN void system_kill_self(void);
