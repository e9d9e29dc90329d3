/* SPDX-License-Identifier: MIT */
/* Records and journals are data from outside: of each list as much as its limit is taken, and not one more. */
#include "drivers/install/install_journal.h"
#include "drivers/install/installed.h"

#include "base/compiler.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

static Arena arena;

#define RECORD \
    "{\"format\":\"hyperpoint-installed/1\",\"name\":\"X\",\"provider\":\"\",\"driverVersion\":\"\",\"installed\":\"\""
#define JOURNAL "{\"format\":\"hyperpoint-install/1\",\"what\":\"x\""
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILE "{\"path\":\"Windows/System32/a\",\"size\":\"0\",\"sha256\":\"" HASH "\",\"before\":\"nothing\"}"
#define VALUE \
    "{\"key\":\"SYSTEM\\\\CurrentControlSet\\\\Control\\\\Class\\\\{4d36e968-e325-11ce-bfc1-08002be10318}\\\\0000\"," \
    "\"name\":\"OpenCLDriverName\",\"before\":{\"state\":\"no-key\",\"data\":\"\"}," \
    "\"after\":{\"state\":\"no-key\",\"data\":\"\"}}"

static bool parse_record(const char *text, Error *err)
{
    InstalledPackage package;
    return installed_parse(text, strlen(text), &arena, &package, err);
}

static bool parse_journal(const char *text, Error *err)
{
    JournalRecord record;
    return journal_text_parse(text, strlen(text), install_record_kinds, &arena, &record, err);
}

static const char *document(const char *start, const char *item, size_t count)
{
    size_t used = strlen(start), length = strlen(item);
    char *text = arena_alloc(&arena, used + count * (length + 1) + 3);
    memcpy(text, start, used);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + used, item, length);
        used += length;
        text[used++] = ',';
    }
    memcpy(text + used - 1, "]}", 3);
    return text;
}

static void test_limits(void **state)
{
    (void) state;
    static const struct {
        const char *start, *item;
        size_t limit;
        bool (*parse)(const char *text, Error *err);
    } cases[] = {
        { RECORD ",\"deviceIds\":[],\"files\":[", FILE, LIMIT_PACKAGE_FILES, parse_record },
        { RECORD ",\"files\":[],\"deviceIds\":[", "\"\"", LIMIT_PACKAGE_LISTED, parse_record },
        { RECORD ",\"files\":[],\"deviceIds\":[],\"values\":[", VALUE, LIMIT_PACKAGE_LISTED, parse_record },
        { JOURNAL ",\"steps\":[],\"folders\":[", "\"Windows\"", LIMIT_JOURNAL_STEPS, parse_journal },
        { JOURNAL ",\"folders\":[],\"steps\":[", "{\"path\":\"Windows/System32/a\"}", LIMIT_JOURNAL_STEPS,
          parse_journal },
        { JOURNAL ",\"folders\":[],\"steps\":[],\"values\":[", VALUE, LIMIT_JOURNAL_VALUES, parse_journal },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err = { .code = ERR_NONE };
        if (!cases[i].parse(document(cases[i].start, cases[i].item, cases[i].limit), &err))
            fail_msg("%s: %s", cases[i].start, err.message);
        assert_false(cases[i].parse(document(cases[i].start, cases[i].item, cases[i].limit + 1), &err));
        assert_int_equal(err.code, ERR_PROTOCOL);
        assert_non_null(strstr(err.message, "has more than"));
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_limits) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
