/* SPDX-License-Identifier: MIT */
/* The journal: what is written is read back, others are kept out, damaged records are refused and kept. */
#include "journal/journal.h"

#include "platform/fs.h"
#include "platform/process.h"
#include "support/system.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define ID "F65D0775-1CA1-4804-9305-71F4A38BDD83"
#define OTHER_ID "11111111-2222-3333-4444-555555555555"

static Arena folder_arena;
static const char *folder;

static int make_folder(void **state)
{
    (void) state;
    folder = system_make_folder(&folder_arena);
    return 0;
}

static int remove_folder(void **state)
{
    (void) state;
    system_remove_folder(folder);
    arena_release(&folder_arena);
    return 0;
}

/* A host that has had its key from the beginning. */
static JournalHome home_in(const char *state_folder, const char *key)
{
    JournalPlace place = { state_folder, key };
    return (JournalHome){ place, place };
}

static JournalHome home_of(const char *key)
{
    return home_in(folder, key);
}

static Journal *open_journal(const char *host, const char *id)
{
    Error err = { .code = ERR_NONE };
    Journal *journal = NULL;
    JournalHome home = home_of(host);
    if (!journal_open(&home, id, "test of 'vm'", clock_system(), &journal, &err))
        fail_msg("%s", err.message);
    return journal;
}

static void test_write_read_clear(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    Journal *journal = open_journal("sim:a", ID);
    json_t *record = json_pack("{s:s, s:i}", "verb", "checkpoint", "n", 7);
    json_t *found = record;
    assert_true(journal_read(journal, &found, &err));
    assert_null(found);
    assert_true(journal_write(journal, record, &err));
    assert_true(journal_read(journal, &found, &err));
    assert_true(json_equal(found, record));
    json_decref(found);

    found = NULL;
    JournalHome own = home_of("sim:a"), other = home_of("sim:b");
    assert_true(journal_peek(&own, ID, &found, &err));
    assert_true(json_equal(found, record));
    json_decref(found);
    found = record;
    assert_true(journal_peek(&other, ID, &found, &err));
    assert_null(found);

    assert_true(journal_clear(journal, &err));
    assert_true(journal_clear(journal, &err));
    assert_true(journal_read(journal, &found, &err));
    assert_null(found);
    journal_close(journal);
    json_decref(record);
}

static void test_list(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    StringList ids = { 0 };
    JournalHome home = home_of("sim:list");
    assert_true(journal_list(&home, &arena, &ids, &err));
    assert_int_equal(ids.count, 0);
    json_t *record = json_object();
    Journal *here = open_journal("sim:list", ID);
    Journal *elsewhere = open_journal("sim:elsewhere", OTHER_ID);
    assert_true(journal_write(here, record, &err));
    assert_true(journal_write(elsewhere, record, &err));
    assert_true(journal_list(&home, &arena, &ids, &err));
    assert_int_equal(ids.count, 1);
    assert_string_equal(ids.items[0], ID);
    journal_close(here);
    journal_close(elsewhere);
    json_decref(record);
    arena_release(&arena);
}

/* What an earlier version has left under the key of how the host was written is found, and cleared there. */
static void test_former_key(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    JournalHome home = { .place = { fs_join(&arena, folder, "now"), "hv1" }, .former = { folder, "10.0.0.5" } };
    json_t *record = json_object(), *found = NULL;
    StringList ids;
    Journal *left = open_journal("10.0.0.5", ID), *journal;
    assert_true(journal_write(left, record, &err));
    journal_close(left);

    assert_true(journal_list(&home, &arena, &ids, &err));
    assert_int_equal(ids.count, 1);
    assert_true(journal_peek(&home, ID, &found, &err));
    assert_non_null(found);
    json_decref(found);
    assert_true(journal_open(&home, ID, "x", clock_system(), &journal, &err));
    assert_string_equal(journal_path(journal), journal_file(&home, ID, &arena));
    assert_true(journal_read(journal, &found, &err));
    assert_non_null(found);
    json_decref(found);
    assert_true(journal_write(journal, record, &err)); /* how far a recovery got */
    assert_true(journal_list(&home, &arena, &ids, &err));
    assert_int_equal(ids.count, 1);
    assert_true(journal_clear(journal, &err));
    assert_true(journal_list(&home, &arena, &ids, &err));
    assert_int_equal(ids.count, 0);
    journal_close(journal);

    assert_true(journal_open(&home, ID, "x", clock_system(), &journal, &err));
    assert_true(journal_write(journal, record, &err));
    assert_true(fs_exists(fs_join(&arena, folder, "now")));
    assert_ptr_equal(strstr(journal_path(journal), fs_join(&arena, folder, "now")), journal_path(journal));
    assert_true(journal_clear(journal, &err));
    journal_close(journal);
    json_decref(record);
    arena_release(&arena);
}

/* argument: "<process that holds the lock>@<state folder>" */
static int play_second(const char *argument)
{
    Error err = { .code = ERR_NONE };
    Journal *second = NULL;
    const char *state_folder = strchr(argument, '@') + 1;
    char holder[64];
    (void) snprintf(holder, sizeof(holder), "process %.*s holds it for test of 'vm'",
                    (int) (state_folder - 1 - argument), argument);
    JournalHome home = home_in(state_folder, "sim:lock"), other = home_in(state_folder, "sim:other");
    bool refused = !journal_open(&home, ID, "x", clock_system(), &second, &err) &&
                   err.code == ERR_BUSY && strstr(err.hint, holder) != NULL;
    /* Another VM and another host are free. */
    bool free_vm = journal_open(&home, OTHER_ID, "x", clock_system(), &second, &err);
    bool free_host = journal_open(&other, ID, "x", clock_system(), &second, &err);
    return refused && free_vm && free_host ? 0 : 1;
}

static const ChildRole roles[] = { { "second", play_second }, { NULL, NULL } };

/* Locks belong to a process: the second one has to be another. */
static void test_lock_keeps_others_out(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Journal *journal = open_journal("sim:lock", ID);
    Child *child = child_start(&roles[0], arena_printf(&arena, "%" PRIu64 "@%s", process_id(), folder));
    assert_int_equal(child_wait(child), 0);
    journal_close(journal);
    journal_close(open_journal("sim:lock", ID)); /* free again */
    arena_release(&arena);
}

static void test_damaged_records_are_refused_and_kept(void **state)
{
    (void) state;
    static const char *const damaged[] = {
        "",
        "{",
        "[]",
        "{\"format\": \"hyperpoint-journal/9\", \"host\": \"sim:bad\", \"id\": \"" ID "\", \"record\": {}}",
        "{\"format\": \"hyperpoint-journal/1\", \"host\": \"sim:x\", \"id\": \"" ID "\", \"record\": {}}",
        "{\"format\": \"hyperpoint-journal/1\", \"host\": \"sim:bad\", \"id\": \"" OTHER_ID "\", \"record\": {}}",
        "{\"format\": \"hyperpoint-journal/1\", \"host\": \"sim:bad\", \"id\": \"" ID "\", \"record\": 5}",
        "{\"format\": \"hyperpoint-journal/1\", \"host\": \"sim:bad\", \"id\": \"" ID "\"}",
    };
    Journal *journal = open_journal("sim:bad", ID);
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        Error err = { .code = ERR_NONE };
        json_t *record = NULL;
        assert_true(fs_replace_file(journal_path(journal), damaged[i], strlen(damaged[i]), FS_PRIVATE, &err));
        assert_false(journal_read(journal, &record, &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, journal_path(journal)));
        assert_true(err.hint[0] != '\0');
        assert_true(fs_exists(journal_path(journal)));
    }
    journal_close(journal);
}

static void test_folder_that_cannot_be_made(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    Journal *journal = NULL;
    const char *file = fs_join(&arena, folder, "file");
    assert_true(fs_append_file(file, "", &err));
    JournalHome home = home_in(fs_join(&arena, file, "state"), "sim:a");
    assert_false(journal_open(&home, ID, "x", clock_system(), &journal, &err));
    assert_null(journal);
    assert_true(err.hint[0] != '\0');
    arena_release(&arena);
}

int main(int argc, char **argv)
{
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_read_clear),           cmocka_unit_test(test_list),
        cmocka_unit_test(test_lock_keeps_others_out),      cmocka_unit_test(test_damaged_records_are_refused_and_kept),
        cmocka_unit_test(test_folder_that_cannot_be_made), cmocka_unit_test(test_former_key),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
