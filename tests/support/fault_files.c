/* SPDX-License-Identifier: MIT */
/* See fault_files.h. Steps and their meaning: platform/fs.h. */
#include "support/fault_files.h"

#include "base/check.h"
#include "support/system.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

const char *const file_fault_names[FILE_FAULT_COUNT] = {
    [FILE_FAULT_NONE] = "no fault",         [FILE_FAULT_NO_SPACE] = "disk full",    [FILE_FAULT_LOCKED] = "lock taken",
    [FILE_FAULT_KILL] = "killed at a file", [FILE_FAULT_DEED] = "a deed at a file",
};

/* fs_fault_point() has no context. Whoever sets it need not wait for threads whose files are in other folders. */
static _Atomic(FileScript *) current;

void fault_files_use(FileScript *script)
{
    current = script;
}

const char *fault_files_step_name(FsStep step)
{
    static const char *const names[] = {
        [FS_STEP_OPEN] = "open",     [FS_STEP_WRITE] = "write",         [FS_STEP_FLUSH] = "flush",
        [FS_STEP_RENAME] = "rename", [FS_STEP_REMOVE] = "remove",       [FS_STEP_MAKE_FOLDER] = "make folder",
        [FS_STEP_LOCK] = "lock",     [FS_STEP_TRY_AGAIN] = "try again",
    };
    CHECK((unsigned) step < COUNT_OF(names));
    return names[step];
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

int fs_fault_point(FsStep step, const char *path)
{
    FileScript *script = current;
    if (script == NULL || script->folder == NULL || strncmp(path, script->folder, strlen(script->folder)) != 0)
        return 0;
    size_t number = __atomic_add_fetch(&script->steps, 1, __ATOMIC_RELAXED); /* files are written by several threads */
    CHECK(number <= FILE_TRACE_LENGTH);
    script->trace[number - 1] = step;
    if (script->watch != NULL)
        script->watch(script->context, step, path);
    if (script->fault == FILE_FAULT_DEED && script->from_there_on && number > script->at)
        return ENOSPC;
    bool hit = script->fault != FILE_FAULT_NONE && script->fault != FILE_FAULT_DEED &&
               (script->from_there_on ? number >= script->at : number == script->at) &&
               (script->fault == FILE_FAULT_LOCKED) == (step == FS_STEP_LOCK);
    if (script->fault == FILE_FAULT_DEED && number == script->at) {
        current = NULL;
        script->deed(script->context);
        current = script;
        return 0;
    }
    /* A kill may come at a lock as well. */
    if (script->fault == FILE_FAULT_KILL && number == script->at)
        system_kill_self();
    if (!hit)
        return step == FS_STEP_RENAME && script->busy != NULL && ends_with(path, script->busy) ? EBUSY : 0;
    (void) __atomic_add_fetch(&script->hits, 1, __ATOMIC_RELAXED);
    return script->fault == FILE_FAULT_LOCKED ? EWOULDBLOCK : ENOSPC;
}
