/* SPDX-License-Identifier: MIT */
/* A registry in a text file: the same rules as the system's, a text that people can read, and files that are none. */
#include "platform/registry_file.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "platform/fs.h"
#include "support/fixture.h"
#include "support/system.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define TOP "SOFTWARE\\Microsoft\\Virtual Machine"
#define KEY TOP "\\External"
#define FIRST "Windows Registry Editor Version 5.00\n"

/* The step that fails, counted from 1; 0: none. */
static int failing_step, steps_taken;

int fs_fault_point(FsStep step, const char *path)
{
    (void) path;
    return step != FS_STEP_LOCK && ++steps_taken == failing_step ? EIO : 0;
}

static Registry *open_registry(Fixture *fixture)
{
    failing_step = 0;
    return registry_file_open(in_folder(fixture, "registry"), &fixture->arena);
}

static RegistryValue read_value(Fixture *fixture, Registry *registry, const char *key, const char *name)
{
    RegistryValue value = { .size = 99 };
    if (!registry->read(registry, key, name, &fixture->arena, &value, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return value;
}

static void write_value(Fixture *fixture, Registry *registry, const char *key, const char *name, RegistryValue value)
{
    if (!registry->write(registry, key, name, &value, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

/* What was written is what is read, whatever it is, and by whoever opens the file next. */
static void test_round_trip(void **state)
{
    Fixture *fixture = *state;
    static const unsigned char bytes[] = { 0x61, 0, 0, 0, 0xFF };
    static const unsigned char lone[] = { 0x3D, 0xD8, 0, 0 }; /* half of a character */
    StringList texts = { 0 };
    ARRAY_PUSH(&fixture->arena, &texts, "a");
    ARRAY_PUSH(&fixture->arena, &texts, "\xF0\x9F\x98\x80");
    const RegistryValue values[] = {
        registry_text_value("C:\\Windows \"\xC3\xBC\";[x]=1", &fixture->arena),
        registry_text_value("", &fixture->arena),
        registry_text_value("two\r\nlines", &fixture->arena),
        registry_texts_value(&texts, &fixture->arena),
        registry_dword_value(0x89ABCDEF, &fixture->arena),
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT, .data = bytes, .size = 4 },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT, .data = bytes, .size = 5 },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT, .data = bytes, .size = 2 },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT, .data = bytes, .size = 0 },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_TEXT, .data = lone, .size = 4 },
        { .state = REGISTRY_VALUE, .type = REGISTRY_TYPE_DWORD, .data = bytes, .size = 5 },
        { .state = REGISTRY_VALUE, .type = 0xFFFFFFFF, .data = bytes, .size = 1 },
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        write_value(fixture, open_registry(fixture), KEY, "a \"\\ name", values[i]);
        RegistryValue found = read_value(fixture, open_registry(fixture), KEY, "A \"\\ NAME");
        assert_true(registry_value_equals(&found, &values[i]));
    }
}

static void test_text(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    write_value(fixture, registry, KEY, "path", registry_text_value("C:\\\"x\"", &fixture->arena));
    write_value(fixture, registry, KEY, "", registry_dword_value(26, &fixture->arena));
    write_value(fixture, registry, TOP, "list", registry_texts_value(&(StringList){ 0 }, &fixture->arena));
    write_value(fixture, registry, KEY, "PATH", registry_text_value("D:", &fixture->arena));
    assert_string_equal(content(fixture, in_folder(fixture, "registry")),
                        FIRST "\n[HKEY_LOCAL_MACHINE\\" KEY "]\n\"path\"=\"D:\"\n@=dword:0000001a\n"
                              "\n[HKEY_LOCAL_MACHINE\\" TOP "]\n\"list\"=hex(7):00,00\n");
}

static void test_nothing_there(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    StringList names = { .count = 9 };
    assert_int_equal(read_value(fixture, registry, KEY, "x").state, REGISTRY_NO_KEY);
    assert_true(registry->list(registry, KEY, 0, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 0);
    write_value(fixture, registry, KEY, "x", registry_dword_value(1, &fixture->arena));
    assert_int_equal(read_value(fixture, registry, KEY, "y").state, REGISTRY_NO_VALUE);
    assert_int_equal(read_value(fixture, registry, TOP, "x").state, REGISTRY_NO_VALUE); /* a key is below it */
    assert_int_equal(read_value(fixture, registry, KEY "\\below", "x").state, REGISTRY_NO_KEY);
}

static void test_list(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    StringList names = { .count = 9 };
    write_value(fixture, registry, KEY, "one", registry_dword_value(1, &fixture->arena));
    write_value(fixture, registry, KEY, "two", registry_dword_value(2, &fixture->arena));
    write_value(fixture, registry, TOP, "three", registry_dword_value(3, &fixture->arena));
    assert_false(registry->list(registry, KEY, 1, &fixture->arena, &names, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_int_equal(names.count, 9);
    assert_true(registry->list(registry, KEY, 2, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "one");
    assert_string_equal(names.items[1], "two");
}

/* The value goes, and the key where that is asked for and nothing else is in it; what is gone already is no error. */
static void test_remove(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    const RegistryValue no_value = { .state = REGISTRY_NO_VALUE }, no_key = { .state = REGISTRY_NO_KEY };
    write_value(fixture, registry, KEY, "x", no_value);
    write_value(fixture, registry, KEY, "x", no_key);
    assert_int_equal(read_value(fixture, registry, KEY, "x").state, REGISTRY_NO_KEY);
    write_value(fixture, registry, KEY, "x", registry_dword_value(1, &fixture->arena));
    write_value(fixture, registry, KEY, "x", no_value);
    assert_int_equal(read_value(fixture, registry, KEY, "x").state, REGISTRY_NO_VALUE);
    write_value(fixture, registry, KEY, "x", registry_dword_value(1, &fixture->arena));
    write_value(fixture, registry, KEY, "y", registry_dword_value(2, &fixture->arena));
    write_value(fixture, registry, KEY, "x", no_key);
    assert_int_equal(read_value(fixture, registry, KEY, "y").state, REGISTRY_VALUE);
    write_value(fixture, registry, KEY, "y", no_key);
    assert_int_equal(read_value(fixture, registry, KEY, "y").state, REGISTRY_NO_KEY);
}

static void test_broken_files(void **state)
{
    Fixture *fixture = *state;
    static const struct {
        const char *text;
        const char *part; /* of the message; NULL: it can be read */
    } cases[] = {
        { FIRST, NULL },
        { "Windows Registry Editor Version 5.00\r\n\r\n; note\r\n[HKEY_LOCAL_MACHINE\\A]\r\n\"x\"=dword:1\r\n", NULL },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=\"no end of line\"", NULL },
        { "", "line 1 " },
        { "REGEDIT4\n", "line 1 " },
        { FIRST "\"x\"=\"no key\"\n", "line 2 " },
        { FIRST "[HKEY_CURRENT_USER\\A]\n", "line 2 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\]\n", "line 2 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A\n", "line 2 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\nx=\"a\"\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=\"a\\\"\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=\"a\\\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=\"a\"b\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=dword:\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=dword:123456789\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex:61\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex(7):61,\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex(7):161\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=hex(7):6g\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\A]\n\"x\"=-\n", "line 3 " },
        { FIRST "[HKEY_LOCAL_MACHINE\\\xFF]\n", "UTF-8" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Registry *registry = open_registry(fixture);
        const char *path = in_folder(fixture, "registry");
        RegistryValue value = registry_dword_value(1, &fixture->arena);
        Error err = { .code = ERR_NONE };
        assert_true(fs_replace_file(path, cases[i].text, strlen(cases[i].text), FS_SHARED, &fixture->err));
        bool ok = registry->write(registry, KEY, "y", &value, &err);
        if (ok != (cases[i].part == NULL))
            fail_msg("case %zu: %s", i, err.message);
        if (ok)
            continue;
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, cases[i].part));
        assert_string_equal(content(fixture, path), cases[i].text); /* as it was */
    }
}

static void test_too_large(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    RegistryValue value = { .state = REGISTRY_VALUE, .type = 3, .size = LIMIT_REGISTRY_FILE_BYTES / 3 };
    value.data = arena_alloc(&fixture->arena, value.size);
    assert_false(registry->write(registry, KEY, "x", &value, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    value.size -= 200; /* the other lines */
    write_value(fixture, registry, KEY, "x", value);
    assert_int_equal(read_value(fixture, registry, KEY, "x").size, value.size);
}

/* Whichever step fails, the value is there or it is not. */
static void test_write_fails(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    bool ok = false;
    write_value(fixture, registry, KEY, "x", registry_dword_value(1, &fixture->arena));
    for (int step = 1; !ok; step++) {
        RegistryValue value = registry_dword_value(2, &fixture->arena);
        Error err = { .code = ERR_NONE };
        steps_taken = 0;
        failing_step = step;
        ok = registry->write(registry, KEY, "y", &value, &err);
        failing_step = 0;
        assert_int_equal(read_value(fixture, registry, KEY, "x").state, REGISTRY_VALUE);
    }
    assert_int_equal(read_value(fixture, registry, KEY, "y").state, REGISTRY_VALUE);
}

/* ---- several processes ---- */

enum { ROUNDS = 40 };

/* Writes its own values while others write theirs. */
static int play_writer(const char *argument)
{
    Arena arena = ARENA_INIT;
    char name = *argument; /* then the path */
    Registry *registry = registry_file_open(argument + 1, &arena);
    bool ok = true;
    for (uint32_t i = 0; ok && i < ROUNDS; i++) {
        Error err;
        RegistryValue value = registry_dword_value(i, &arena);
        ok = registry->write(registry, KEY, arena_printf(&arena, "%c%u", name, i), &value, &err);
    }
    arena_release(&arena);
    return ok ? 0 : 1;
}

static const ChildRole writer = { "writer", play_writer };

/* No write is lost, and whoever reads meanwhile always finds a whole file. */
static void test_several_writers(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = open_registry(fixture);
    const char *path = in_folder(fixture, "registry");
    Child *a = child_start(&writer, arena_printf(&fixture->arena, "a%s", path));
    Child *b = child_start(&writer, arena_printf(&fixture->arena, "b%s", path));
    StringList names;
    for (int i = 0; i < ROUNDS; i++)
        assert_true(registry->list(registry, KEY, 2 * ROUNDS, &fixture->arena, &names, &fixture->err));
    assert_int_equal(child_wait(a), 0);
    assert_int_equal(child_wait(b), 0);
    assert_true(registry->list(registry, KEY, 2 * ROUNDS, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 2 * ROUNDS);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(int argc, char **argv)
{
    const ChildRole roles[] = { writer, { 0 } };
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),   TEST(test_text),         TEST(test_nothing_there), TEST(test_list),
        TEST(test_remove),       TEST(test_broken_files), TEST(test_too_large),     TEST(test_write_fails),
        TEST(test_several_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
