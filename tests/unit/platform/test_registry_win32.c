/* SPDX-License-Identifier: MIT */
/* The registry of the Windows that runs here, below a key of the tests' own. */
#include "platform/registry.h"

#include "base/compiler.h"
#include "platform/fs.h"
#include "platform/win32.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define TOP "SOFTWARE\\HyperPointTest"
#define KEY                                                                                                            \
    TOP "\\gr\xC3\xB6\xC3\x9F"                                                                                         \
        "e \xF0\x9F\x98\x80\\0000"
#define NAME "Treiber \xE4\xB8\xAD\xE6\x96\x87"

static bool disk_is_full;

int fs_fault_point(FsStep step, const char *path)
{
    (void) path;
    return disk_is_full && step == FS_STEP_WRITE ? ENOSPC : 0;
}

typedef struct Fixture {
    Arena arena;
    Registry *registry;
    Error err;
} Fixture;

static void remove_keys(void)
{
    (void) RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\HyperPointTest"); /* there may be none */
}

static int set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .arena = ARENA_INIT, .registry = registry_system() };
    disk_is_full = false;
    remove_keys();
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    remove_keys();
    arena_release(&fixture->arena);
    return 0;
}

static RegistryValue read_value(Fixture *fixture, const char *key, const char *name)
{
    RegistryValue value = { .size = 99 };
    if (!fixture->registry->read(fixture->registry, key, name, &fixture->arena, &value, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return value;
}

static void write_value(Fixture *fixture, const char *key, const char *name, RegistryValue value)
{
    if (!fixture->registry->write(fixture->registry, key, name, &value, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

/* What was written is what is read, whatever it is. */
static void test_round_trip(void **state)
{
    Fixture *fixture = *state;
    static unsigned char large[200000];
    memset(large, 0xA5, sizeof(large));
    StringList texts = { 0 };
    static const char *const pairs[] = { "\\??\\C:\\a", "", "\\??\\C:\\\xF0\x9F\x98\x80", "!\\??\\C:\\b" };
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        ARRAY_PUSH(&fixture->arena, &texts, pairs[i]);
    const RegistryValue values[] = {
        registry_text_value("C:\\Windows\\System32\\\xC3\xBC.dll", &fixture->arena),
        registry_texts_value(&texts, &fixture->arena),
        registry_dword_value(0xFFFFFFFF, &fixture->arena),
        { .state = REGISTRY_VALUE, .type = REG_BINARY, .data = large, .size = sizeof(large) },
        { .state = REGISTRY_VALUE, .type = REG_BINARY, .data = large, .size = 0 },
        { .state = REGISTRY_VALUE, .type = REG_QWORD, .data = large, .size = 8 },
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        write_value(fixture, KEY, NAME, values[i]);
        RegistryValue found = read_value(fixture, KEY, NAME);
        assert_true(registry_value_equals(&found, &values[i]));
    }
    write_value(fixture, KEY, NAME, values[1]);
    RegistryValue found = read_value(fixture, KEY, NAME);
    StringList read = registry_value_texts(&found, &fixture->arena);
    assert_int_equal(read.count, COUNT_OF(pairs) + 1); /* the empty text that ends the list */
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_string_equal(read.items[i], pairs[i]);
}

static void test_nothing_there(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(read_value(fixture, KEY, NAME).state, REGISTRY_NO_KEY);
    write_value(fixture, KEY, NAME, registry_dword_value(1, &fixture->arena));
    assert_int_equal(read_value(fixture, KEY, "other").state, REGISTRY_NO_VALUE);
    assert_int_equal(read_value(fixture, KEY "\\below", NAME).state, REGISTRY_NO_KEY);
}

static void test_list(void **state)
{
    Fixture *fixture = *state;
    Registry *registry = fixture->registry;
    StringList names = { .count = 9 };
    assert_true(registry->list(registry, KEY, 0, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 0);
    write_value(fixture, KEY, "one", registry_dword_value(1, &fixture->arena));
    write_value(fixture, KEY, NAME, registry_dword_value(2, &fixture->arena));
    assert_false(registry->list(registry, KEY, 1, &fixture->arena, &names, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_true(registry->list(registry, KEY, 2, &fixture->arena, &names, &fixture->err));
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "one");
    assert_string_equal(names.items[1], NAME);
}

/* The value goes, and the key where that is asked for and nothing else is in it; what is gone already is no error. */
static void test_remove(void **state)
{
    Fixture *fixture = *state;
    const RegistryValue no_value = { .state = REGISTRY_NO_VALUE }, no_key = { .state = REGISTRY_NO_KEY };
    write_value(fixture, KEY, NAME, no_value);
    write_value(fixture, KEY, NAME, no_key);
    assert_int_equal(read_value(fixture, TOP, NAME).state, REGISTRY_NO_KEY);

    write_value(fixture, KEY, NAME, registry_dword_value(1, &fixture->arena));
    write_value(fixture, KEY, NAME, no_value);
    assert_int_equal(read_value(fixture, KEY, NAME).state, REGISTRY_NO_VALUE);
    write_value(fixture, KEY, "other", registry_dword_value(2, &fixture->arena));
    write_value(fixture, KEY, NAME, registry_dword_value(1, &fixture->arena));
    write_value(fixture, KEY, NAME, no_key);
    assert_int_equal(read_value(fixture, KEY, NAME).state, REGISTRY_NO_VALUE);
    assert_int_equal(read_value(fixture, KEY, "other").state, REGISTRY_VALUE);
    write_value(fixture, KEY, "other", no_key);
    assert_int_equal(read_value(fixture, KEY, "other").state, REGISTRY_NO_KEY);
    assert_int_equal(read_value(fixture, TOP, NAME).state, REGISTRY_NO_VALUE);

    write_value(fixture, KEY, NAME, registry_dword_value(1, &fixture->arena));
    write_value(fixture, TOP, NAME, no_key); /* a key below it is in it, too */
    assert_int_equal(read_value(fixture, KEY, NAME).state, REGISTRY_VALUE);
}

static void test_write_fails(void **state)
{
    Fixture *fixture = *state;
    const RegistryValue value = registry_dword_value(1, &fixture->arena);
    disk_is_full = true;
    assert_false(fixture->registry->write(fixture->registry, KEY, NAME, &value, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NO_SPACE);
    assert_int_equal(read_value(fixture, KEY, NAME).state, REGISTRY_NO_KEY);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),
        TEST(test_nothing_there),
        TEST(test_list),
        TEST(test_remove),
        TEST(test_write_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
