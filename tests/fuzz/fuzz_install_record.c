/* SPDX-License-Identifier: MIT */
/* Fuzz target: the installer's journal and records. What is accepted names no path outside of the guest, and reads back
 * the same after it was written. */
#include "base/check.h"
#include "drivers/install/install_journal.h"
#include "drivers/install/installed.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const char *path)
{
    if (path == NULL)
        return;
    CHECK(*path != '/' && *path != '\0' && strchr(path, '\\') == NULL && strchr(path, ':') == NULL);
    CHECK(strncmp(path, "../", 3) != 0 && strstr(path, "/../") == NULL && strcmp(path, "..") != 0);
    CHECK(strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static void check_journal(const char *text, size_t size, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    JournalRecord record, again;
    if (!journal_text_parse(text, size, install_record_kinds, arena, &record, &err))
        return;
    const InstallJournal *journal = record.data;
    for (size_t i = 0; i < journal->folders.count; i++)
        check_inside(journal->folders.items[i]);
    for (size_t i = 0; i < journal->steps.count; i++) {
        check_inside(journal->steps.items[i].path);
        check_inside(journal->steps.items[i].fresh);
        check_inside(journal->steps.items[i].old);
    }
    const char *written = journal_text_format(record.kind, record.data, &record.label, arena);
    CHECK(journal_text_parse(written, strlen(written), install_record_kinds, arena, &again, &err));
    CHECK(strcmp(written, journal_text_format(again.kind, again.data, &again.label, arena)) == 0);
}

static void check_package(const char *text, size_t size, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    InstalledPackage package, again;
    if (!installed_parse(text, size, arena, &package, &err))
        return;
    for (size_t i = 0; i < package.files.count; i++)
        check_inside(package.files.items[i].path);
    const char *written = installed_format(&package, arena);
    CHECK(installed_parse(written, strlen(written), arena, &again, &err));
    CHECK(strcmp(written, installed_format(&again, arena)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    check_journal((const char *) data, size, &arena);
    check_package((const char *) data, size, &arena);
    arena_release(&arena);
    return 0;
}
