/* SPDX-License-Identifier: MIT */
/* Who may use the folder of journals and locks. Wine keeps of an access list what a Unix mode can hold, and has links
 * that only a name shows, not an open file: that the list is the one asked for, and that links are refused, is tested
 * on Windows alone. */
#include "platform/state_win32.h"

#include "base/compiler.h"
#include "platform/fs.h"
#include "platform/process.h"
#include "platform/win32.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <aclapi.h>
#include <sddl.h>
#include <string.h>

typedef struct Fixture {
    Arena arena;
    const char *parent;
    const char *folder; /* not there yet */
    Error err;
} Fixture;

static int set_up(void **state)
{
    static Fixture fixture;
    fixture = (Fixture){ .arena = ARENA_INIT };
    fixture.parent = system_make_folder(&fixture.arena);
    fixture.folder = fs_join(&fixture.arena, fixture.parent, "HyperPoint");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    system_remove_folder(fixture->parent);
    arena_release(&fixture->arena);
    return 0;
}

static bool claim(Fixture *fixture)
{
    bool ok = state_claim_folder(fixture->folder, &fixture->arena, &fixture->err);
    if (!ok)
        assert_true(fixture->err.code == ERR_DENIED && fixture->err.hint[0] != '\0');
    return ok;
}

/* Owner and access list as text. */
static const char *rights_of(Fixture *fixture)
{
    enum { WANTED = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION };
    PSECURITY_DESCRIPTOR descriptor;
    wchar_t *text;
    assert_int_equal(GetNamedSecurityInfoW(wide_from_utf8(&fixture->arena, fixture->folder), SE_FILE_OBJECT, WANTED,
                                           NULL, NULL, NULL, NULL, &descriptor),
                     ERROR_SUCCESS);
    assert_true(ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, WANTED, &text, NULL));
    const char *rights = utf8_from_wide(&fixture->arena, text);
    assert_null(LocalFree(text));
    assert_null(LocalFree(descriptor));
    return rights;
}

static bool is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

/* Everyone (WD), users (BU) and authenticated users (AU) have no right of any kind. */
static void test_made(void **state)
{
    Fixture *fixture = *state;
    assert_true(claim(fixture));
    assert_true(fs_exists(fixture->folder));
    const char *rights = rights_of(fixture);
    const char *list = strstr(rights, "D:");
    assert_non_null(list);
    assert_null(strstr(list, ";WD)"));
    assert_null(strstr(list, ";BU)"));
    assert_null(strstr(list, ";AU)"));
    if (!is_wine())
        assert_int_equal(strncmp(list, "D:P", 3), 0);
    /* The next one finds it as it is. */
    assert_true(claim(fixture));
    assert_string_equal(rights_of(fixture), rights);
    assert_true(fs_append_file(fs_join(&fixture->arena, fixture->folder, "file"), "x", &fixture->err));
}

static void test_foreign(void **state)
{
    Fixture *fixture = *state;
    fixture->folder = process_environment("FOREIGN_FOLDER", &fixture->arena);
    if (fixture->folder == NULL)
        skip(); /* none was prepared */
    assert_false(claim(fixture));
    assert_non_null(strstr(fixture->err.message, "another user"));
}

static void test_not_a_folder(void **state)
{
    Fixture *fixture = *state;
    assert_true(fs_append_file(fixture->folder, "x", &fixture->err));
    assert_false(claim(fixture));
    assert_non_null(strstr(fixture->err.message, "not a plain folder"));
}

static void test_link(void **state)
{
    Fixture *fixture = *state;
    const char *target = fs_join(&fixture->arena, fixture->parent, "target");
    assert_true(fs_make_folders(target, FS_PRIVATE, &fixture->err));
    if (is_wine() ||
        !CreateSymbolicLinkW(wide_from_utf8(&fixture->arena, fixture->folder), wide_from_utf8(&fixture->arena, target),
                             SYMBOLIC_LINK_FLAG_DIRECTORY | SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE))
        skip(); /* or not allowed to make one */
    assert_false(claim(fixture));
    assert_non_null(strstr(fixture->err.message, "not a plain folder"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_made),
        TEST(test_foreign),
        TEST(test_not_a_folder),
        TEST(test_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
