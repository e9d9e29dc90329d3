/* SPDX-License-Identifier: MIT */
/* The journal: what is written is read back, others are kept out, what is damaged or not known is refused and kept. */
#include "journal/journal.h"

#include "base/compiler.h"
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

/* Two kinds of records, of which the second is one that a later program writes. */
typedef struct Thing {
    const char *verb;
    size_t number;
} Thing;

static const Field thing_fields[] = { FIELD_TEXT(Thing, verb, "verb"), FIELD_SIZE(Thing, number, "number") };
static const Shape thing_shape = SHAPE(Thing, thing_fields);
static const RecordKind thing_kind = { "thing", 3, &thing_shape, .former = "thing-file/1" };
static const RecordKind other_kind = { "other", 1, &thing_shape, .former = NULL };
static const RecordKind *const kinds[] = { &other_kind, &thing_kind, NULL };
static const RecordKind *const older_kinds[] = { &other_kind, NULL };
static const Thing thing = { "checkpoint", 7 };

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
    if (!journal_open(&home, id, "vm", "test of 'vm'", clock_system(), &journal, &err))
        fail_msg("%s", err.message);
    return journal;
}

static bool read_thing(const Journal *journal, JournalRecord *ret_record)
{
    Error err = { .code = ERR_NONE };
    if (!journal_read(journal, kinds, &folder_arena, ret_record, &err))
        fail_msg("%s", err.message);
    return ret_record->label.kind != NULL;
}

static void write_thing(Journal *journal)
{
    Error err = { .code = ERR_NONE };
    if (!journal_write(journal, &thing_kind, &thing, &err))
        fail_msg("%s", err.message);
}

static bool peek_thing(const JournalHome *home, JournalRecord *ret_record)
{
    Error err = { .code = ERR_NONE };
    if (!journal_peek(home, ID, kinds, &folder_arena, ret_record, &err))
        fail_msg("%s", err.message);
    return ret_record->label.kind != NULL;
}

static size_t count_journals(const JournalHome *home)
{
    Error err = { .code = ERR_NONE };
    StringList ids = { 0 };
    if (!journal_list(home, &folder_arena, &ids, &err))
        fail_msg("%s", err.message);
    assert_true(ids.count == 0 || strcmp(ids.items[0], ID) == 0);
    return ids.count;
}

static void test_write_read_clear(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    JournalRecord record;
    Journal *journal = open_journal("sim:a", ID);
    assert_false(read_thing(journal, &record));
    assert_null(record.kind);
    write_thing(journal);
    assert_true(read_thing(journal, &record));
    assert_ptr_equal(record.kind, &thing_kind);
    assert_string_equal(((const Thing *) record.data)->verb, thing.verb);
    assert_int_equal(((const Thing *) record.data)->number, thing.number);
    assert_string_equal(record.label.kind, "thing/3");
    assert_string_equal(record.label.name, "vm");
    assert_string_equal(record.label.program, HYPERPOINT_VERSION);
    assert_non_null(record.label.written);

    JournalHome own = home_of("sim:a"), other = home_of("sim:b");
    assert_true(peek_thing(&own, &record));
    assert_ptr_equal(record.kind, &thing_kind);
    assert_false(peek_thing(&other, &record));

    assert_true(journal_clear(journal, &err));
    assert_true(journal_clear(journal, &err));
    assert_false(read_thing(journal, &record));
    journal_close(journal);
}

static void test_list(void **state)
{
    (void) state;
    JournalHome home = home_of("sim:list");
    assert_int_equal(count_journals(&home), 0);
    Journal *here = open_journal("sim:list", ID);
    Journal *elsewhere = open_journal("sim:elsewhere", OTHER_ID);
    write_thing(here);
    write_thing(elsewhere);
    assert_int_equal(count_journals(&home), 1);
    journal_close(here);
    journal_close(elsewhere);
}

/* What an earlier version has left under the key of how the host was written is found, and cleared there. */
static void test_former_key(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    Arena arena = ARENA_INIT;
    JournalHome home = { .place = { fs_join(&arena, folder, "now"), "hv1" }, .former = { folder, "10.0.0.5" } };
    JournalRecord record;
    Journal *left = open_journal("10.0.0.5", ID), *journal;
    write_thing(left);
    journal_close(left);

    assert_int_equal(count_journals(&home), 1);
    assert_true(peek_thing(&home, &record));
    assert_true(journal_open(&home, ID, "vm", "x", clock_system(), &journal, &err));
    assert_string_equal(journal_path(journal), journal_file(&home, ID, &arena));
    assert_true(read_thing(journal, &record));
    write_thing(journal); /* how far a recovery got */
    assert_int_equal(count_journals(&home), 1);
    assert_true(journal_clear(journal, &err));
    assert_int_equal(count_journals(&home), 0);
    journal_close(journal);

    assert_true(journal_open(&home, ID, "vm", "x", clock_system(), &journal, &err));
    write_thing(journal);
    assert_true(fs_exists(fs_join(&arena, folder, "now")));
    assert_ptr_equal(strstr(journal_path(journal), fs_join(&arena, folder, "now")), journal_path(journal));
    assert_true(journal_clear(journal, &err));
    journal_close(journal);
    arena_release(&arena);
}

static void put_text(const Journal *journal, const char *text)
{
    Error err = { .code = ERR_NONE };
    assert_true(fs_replace_file(journal_path(journal), text, strlen(text), FS_PRIVATE, &err));
}

#define OWNER ", \"host\": \"sim:kinds\", \"id\": \"" ID "\", \"program\": \"9.5\""

/* What a newer program has written is refused by name, and says what to do; whose it is can be told all the same. */
static void test_what_is_not_known_is_refused_by_name(void **state)
{
    (void) state;
    static const char record[] = "{\"verb\": \"x\", \"number\": 1}";
    static const struct {
        const char *format, *kind, *says;
    } rows[] = {
        { "hyperpoint-journal/2", "restore/1", "it is of the kind 'restore/1', which version 9.5 has written" },
        { "hyperpoint-journal/2", "thing/4", "it is of the kind 'thing/4'" },
        { "hyperpoint-journal/2", "thing/2", "it is of the kind 'thing/2'" },
        { "hyperpoint-journal/2", "thing-file/1", "it is of the kind 'thing-file/1'" },
        { "hyperpoint-journal/3", "thing/3", "its format is 'hyperpoint-journal/3', which version 9.5 has written" },
    };
    Journal *journal = open_journal("sim:kinds", ID);
    JournalHome home = home_of("sim:kinds");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Error err = { .code = ERR_NONE };
        JournalRecord found;
        put_text(journal, arena_printf(&folder_arena, "{\"format\": \"%s\", \"kind\": \"%s\", \"name\": \"vm\"" OWNER
                                       ", \"record\": %s}", rows[i].format, rows[i].kind, record));
        assert_false(journal_read(journal, kinds, &folder_arena, &found, &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, rows[i].says));
        assert_non_null(strstr(err.message, journal_path(journal)));
        assert_non_null(strstr(err.hint, "or with a newer one"));
        err = (Error){ .code = ERR_NONE };
        assert_true(journal_peek(&home, ID, NULL, &folder_arena, &found, &err));
        assert_non_null(found.label.kind);
    }
    Error err = { .code = ERR_NONE };
    JournalRecord found;
    write_thing(journal);
    assert_false(journal_read(journal, older_kinds, &folder_arena, &found, &err));
    assert_non_null(strstr(err.message, "'thing/3', which version " HYPERPOINT_VERSION " has written"));
    journal_close(journal);
}

/* Files from before there were kinds: with the record as a member, or as the whole. */
static void test_former_formats(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "{\"format\": \"thing-file/1\"" OWNER ", \"record\": {\"verb\": \"add\", \"number\": 5, \"vmName\": \"old\"}}",
        "{\"format\": \"thing-file/1\"" OWNER ", \"verb\": \"add\", \"number\": 5, \"vmName\": \"old\"}",
    };
    Journal *journal = open_journal("sim:kinds", ID);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        JournalRecord record;
        put_text(journal, texts[i]);
        assert_true(read_thing(journal, &record));
        assert_ptr_equal(record.kind, &thing_kind);
        assert_string_equal(((const Thing *) record.data)->verb, "add");
        assert_string_equal(record.label.name, "old");
    }
    journal_close(journal);
}

/* A memo stays when the journal goes, and the other way round; it is another host's as little as a journal is. */
static void test_memos(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    JournalRecord record;
    StringList ids = { 0 };
    JournalHome home = home_of("sim:memos"), other = home_of("sim:other memos");
    Journal *journal = open_journal("sim:memos", ID);
    assert_true(journal_memo_read(&home, ID, kinds, &folder_arena, &record, &err));
    assert_null(record.kind);
    write_thing(journal);
    assert_true(journal_memo_write(journal, &thing_kind, &thing, &err));
    assert_true(journal_clear(journal, &err));
    assert_true(journal_memo_read(&home, ID, kinds, &folder_arena, &record, &err));
    assert_ptr_equal(record.kind, &thing_kind);
    assert_string_equal(record.label.name, "vm");
    assert_true(fs_exists(journal_memo_file(&home, ID, &folder_arena)));
    assert_true(journal_memo_list(&home, &folder_arena, &ids, &err));
    assert_int_equal(ids.count, 1);
    assert_int_equal(count_journals(&home), 0);
    assert_true(journal_memo_read(&other, ID, kinds, &folder_arena, &record, &err));
    assert_null(record.kind);
    write_thing(journal);
    assert_true(journal_memo_clear(journal, &err));
    assert_true(journal_memo_clear(journal, &err));
    assert_true(journal_memo_read(&home, ID, kinds, &folder_arena, &record, &err));
    assert_null(record.kind);
    assert_true(read_thing(journal, &record));
    journal_close(journal);
}

/* What a program that was killed while it wrote has left goes with the next one; nothing else does. */
static void test_leftovers_go(void **state)
{
    (void) state;
    static const struct {
        const char *ending;
        bool goes;
    } rows[] = {
        { ".0123ABCD.tmp", true }, { ".json.tmp", false }, { ".0123ABCD.tm", false }, { ".0123ABCDE.tmp", false },
        { "", false },             { ".try", false },
    };
    Error err = { .code = ERR_NONE };
    JournalHome home = home_of("sim:leftovers");
    journal_close(open_journal("sim:leftovers", ID));
    const char *files[] = { journal_file(&home, ID, &folder_arena), journal_memo_file(&home, ID, &folder_arena),
                            journal_file(&home, OTHER_ID, &folder_arena) };
    for (size_t i = 0; i < COUNT_OF(files) * COUNT_OF(rows); i++) {
        const char *file = files[i / COUNT_OF(rows)], *ending = rows[i % COUNT_OF(rows)].ending;
        const char *path = arena_printf(&folder_arena, "%s%s", file, ending);
        assert_true(fs_replace_file(path, "x", 1, FS_PRIVATE, &err));
    }
    journal_close(open_journal("sim:leftovers", ID));
    for (size_t i = 0; i < COUNT_OF(files) * COUNT_OF(rows); i++) {
        const char *file = files[i / COUNT_OF(rows)], *ending = rows[i % COUNT_OF(rows)].ending;
        const char *path = arena_printf(&folder_arena, "%s%s", file, ending);
        bool goes = rows[i % COUNT_OF(rows)].goes && i / COUNT_OF(rows) < 2; /* the third is another VM's */
        if (fs_exists(path) == goes)
            fail_msg("'%s'", path);
    }
}

/* It tells whether there is room for records, and leaves none. */
static void test_check(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    JournalRecord record;
    JournalHome home = home_of("sim:check");
    Journal *journal = open_journal("sim:check", ID);
    assert_true(journal_check(journal, true, &err));
    assert_false(read_thing(journal, &record));
    assert_int_equal(count_journals(&home), 0);
    /* In the way: a folder. */
    const char *in_the_way = arena_printf(&folder_arena, "%s.try", journal_memo_file(&home, ID, &folder_arena));
    assert_true(fs_make_folders(in_the_way, FS_PRIVATE, &err));
    assert_true(journal_check(journal, false, &err));
    assert_false(journal_check(journal, true, &err));
    assert_non_null(strstr(err.message, "cannot write the memo"));
    journal_close(journal);
}

/* The same file on a disk of somebody else's: relative to a tree, and nothing beside it. */
static void test_in_a_tree(void **state)
{
    (void) state;
    Error err = { .code = ERR_NONE };
    Tree *tree;
    JournalRecord record;
    bool is_sure = false;
    if (!tree_open(folder, &tree, &err))
        fail_msg("%s", err.message);
    JournalFile file = { .tree = tree, .path = "journal.json", .limit = 1024 }, small = file;
    small.limit = 16;
    assert_true(journal_file_read(&file, kinds, &folder_arena, &record, &err));
    assert_null(record.label.kind);
    assert_true(journal_file_write(&file, &thing_kind, &thing, &(JournalLabel){ .kind = NULL }, &err));
    assert_true(journal_file_read(&file, kinds, &folder_arena, &record, &err));
    assert_ptr_equal(record.kind, &thing_kind);
    assert_null(record.label.host);
    assert_false(journal_file_read(&small, kinds, &folder_arena, &record, &err));
    assert_true(journal_file_clear(&file, &is_sure, &err));
    assert_true(is_sure);
    assert_true(journal_file_read(&file, kinds, &folder_arena, &record, &err));
    assert_null(record.label.kind);
    tree_close(tree);
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
    bool refused = !journal_open(&home, ID, "vm", "x", clock_system(), &second, &err) &&
                   err.code == ERR_BUSY && strstr(err.hint, holder) != NULL;
    /* Another VM and another host are free. */
    bool free_vm = journal_open(&home, OTHER_ID, "vm", "x", clock_system(), &second, &err);
    bool free_host = journal_open(&other, ID, "vm", "x", clock_system(), &second, &err);
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
    static const char start[] = "{\"format\": \"hyperpoint-journal/2\", \"kind\": \"thing/3\", \"id\": \"" ID "\", ";
    static const char owned[] = "{\"format\": \"hyperpoint-journal/2\", \"host\": \"sim:bad\", \"id\": \"" ID "\", ";
    static const char *const damaged[][2] = {
        { "", "" },
        { "{", "" },
        { "[]", "" },
        { start, "\"host\": \"sim:x\", \"record\": {\"verb\": \"x\", \"number\": 1}}" },
        { start, "\"record\": {\"verb\": \"x\", \"number\": 1}}" },
        { start, "\"host\": \"sim:bad\", \"record\": {\"verb\": \"x\"}}" },
        { start, "\"host\": \"sim:bad\", \"record\": 5}" },
        { start, "\"host\": \"sim:bad\"}" },
        { start, "\"host\": 5, \"record\": {\"verb\": \"x\", \"number\": 1}}" },
        { owned, "\"record\": {\"verb\": \"x\", \"number\": 1}}" },
        { "{\"format\": \"hyperpoint-package/1\", \"host\": \"sim:bad\", ", "\"id\": \"" ID "\"}" },
    };
    Journal *journal = open_journal("sim:bad", ID);
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        Error err = { .code = ERR_NONE };
        JournalRecord record;
        put_text(journal, arena_printf(&folder_arena, "%s%s", damaged[i][0], damaged[i][1]));
        assert_false(journal_read(journal, kinds, &folder_arena, &record, &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, journal_path(journal)));
        assert_non_null(strstr(err.hint, "keep it, look at it"));
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
    assert_false(journal_open(&home, ID, "vm", "x", clock_system(), &journal, &err));
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
        cmocka_unit_test(test_former_formats),             cmocka_unit_test(test_what_is_not_known_is_refused_by_name),
        cmocka_unit_test(test_in_a_tree),                  cmocka_unit_test(test_memos),
        cmocka_unit_test(test_leftovers_go),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
