/* SPDX-License-Identifier: MIT */
/* What a terminal obeys is shown escaped, and what is shown stands for one text. */
#include "base/visible.h"

#include "base/compiler.h"
#include "tests.h"

#include <string.h>

static void test_escapes(void **state)
{
    (void) state;
    static const struct {
        const char *text, *shown; /* shown NULL: as it is */
    } cases[] = {
        { "", NULL },
        { "NVIDIA GeForce RTX 4060 (\xC2\xAE) \xE9\x96\x8B\xE7\x99\xBA \xF0\x9F\x96\xA5", NULL },
        { "PCI\\VEN_10DE&DEV_2882\\4&111\\x41\\u202E", NULL }, /* backslashes are common on Windows */
        { "\xEF\xBF\xBD", NULL },                               /* a real U+FFFD */
        { "\x1b[31m", "\\u{1B}[31m" },
        { "a\r\n\tb", "a\\u{0D}\\u{0A}\\u{09}b" },
        { "\x7f\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\\u{7F}\\u{80}\\u{9B}\\u{9F}\xC2\xA0" },
        { "\xE2\x80\xA8\xE2\x80\xA9", "\\u{2028}\\u{2029}" },
        { "\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F", "\\u{61C}\\u{200E}\\u{200F}" },
        { "\xE2\x80\xAA\xE2\x80\xAE\xE2\x81\xA6\xE2\x81\xA9", "\\u{202A}\\u{202E}\\u{2066}\\u{2069}" },
        { "\xED\xA0\x80", "\\u{D800}" },
        { "a\xff\xC3", "a\\x{FF}\\x{C3}" },
        { "\\u{1B}", "\\u{5C}u{1B}" }, /* not to be taken for the control */
        { "\\x{FF}", "\\u{5C}x{FF}" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Str shown;
        str_init(&shown, 1000);
        visible_append(&shown, cases[i].text, strlen(cases[i].text));
        assert_string_equal(str_text(&shown), cases[i].shown != NULL ? cases[i].shown : cases[i].text);
        bool is_plain = cases[i].shown == NULL || cases[i].text[0] == '\\';
        assert_int_equal(visible_is_plain(cases[i].text), is_plain);
        str_release(&shown);
    }
}

int test_visible(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_escapes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
