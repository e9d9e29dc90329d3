/* SPDX-License-Identifier: MIT */
#include "unit/cli/test_params.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "cli/param_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

int check_binding(const TestTable *table, const StringList *argv, const char *expected, Arena *arena)
{
    TestOptions options = { .vm = "untouched" };
    Error err = { .code = ERR_NONE };
    const char *got;
    bool ok = params_parse(table->params, table->count, argv->count, argv->items, &options, arena, &err);
    if (ok) {
        got = options_describe(table, &options, arena);
        if (err.code == ERR_NONE && strcmp(got, expected) == 0)
            return 0;
    } else {
        got = arena_printf(arena, "!%s\n%s", err.message, err.hint);
        const char *newline = strchr(expected, '\n');
        const char *message = arena_strndup(arena, expected, strcspn(expected, "\n"));
        if (*expected == '!' && err.code == ERR_USAGE && strcmp(options.vm, "untouched") == 0 &&
            strstr(err.message, message + 1) != NULL && (newline == NULL || strstr(err.hint, newline + 1) != NULL))
            return 0;
    }
    print_error("expected: %s\n     got: %s\n", expected, got);
    return 1;
}

/* The words of a command line, between which '^' stands. */
static StringList split_words(const char *words, Arena *arena)
{
    StringList argv = { 0 };
    for (char *word = arena_strdup(arena, words); word != NULL;) {
        char *end = strchr(word, '^');
        if (end != NULL)
            *end++ = '\0';
        ARRAY_PUSH(arena, &argv, word);
        word = end;
    }
    return argv;
}

/* Words are separated by '^' here. */
static int check_words(const TestTable *table, const char *words, const char *expected)
{
    Arena arena = ARENA_INIT;
    StringList argv = split_words(words, &arena);
    int result = check_binding(table, &argv, expected, &arena);
    if (result != 0)
        print_error("   words: %s\n", words);
    arena_release(&arena);
    return result;
}

typedef struct Case {
    const char *words;
    const char *expected;
} Case;

static void check_cases(const Case *cases, size_t count)
{
    int failures = 0;
    for (size_t i = 0; i < count; i++)
        failures += check_words(&host_table, cases[i].words, cases[i].expected);
    assert_int_equal(failures, 0);
}

/* Words of names stay as they came. */
static void test_words_of_names(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-MACHINES^a b", "MACHINES=[a b]" },
        { "-MACHINES^a^b,c^-MACHINES:d", "MACHINES=[a][b,c][d]" },
        { "-MACHINES^it\"s", "MACHINES=[it\"s]" },
        { "-MACHINES^a, b^-Z", "ZIP|MACHINES=[a, b]" },
        { "-MACHINES^\"a^-b\",c^-Z", "ZIP|MACHINES=[\"a][-b\",c]" }, /* a scrap of source text */
        { "-MACHINES^-Z", "!-MACHINES needs a value" },
        { "-MACHINES^", "!-MACHINES needs a value" },
        { "-MACHINES^a^", "!-MACHINES needs a value" },
        { "-MACHINES^-q", "!unknown parameter '-q'" },
        { "-MACHINES^/Z", "!unexpected '/Z'" },
        { "-MACHINES^C:\\x y\" -Z", "!-MACHINES: there is a quote inside" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static bool is_known_name(void *context, const char *word)
{
    (void) context;
    static const char *const names[] = { "a, b", "x,y", "my vm", "it\"s", "*" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(word, names[i]) == 0)
            return true;
    }
    return false;
}

/* What is a name as it stands is one; all else may be a list, in each of the forms in which shells pass one on. */
static void test_splitting_names(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "a", "[a]" },
        { "a,b", "[a][b]" },
        { "x,y", "[x,y]" },
        { "a, b", "[a, b]" },
        { "a, c", "[a][c]" },
        { "x,y^z", "[x,y][z]" },
        { "q^x,y,z^a", "[q][x][y][z][a]" },
        { "'a, b',c", "[a, b][c]" },
        { "my vm,lab", "[my vm][lab]" },
        { "my vm^\"my^vm\",lab", "[my vm][my vm][lab]" }, /* PowerShell 7.3: half evaluated, half as typed */
        { "\"web*\",\"my^vm\"", "[web*][my vm]" }, /* PowerShell 7.3: as typed */
        { "web*,my vm", "[web*][my vm]" },         /* cmd, Windows PowerShell */
        { "my^vm", "[my][vm]" },
        { "it\"s^b", "[it\"s][b]" },
        { "*", "[*]" },
        { "a b,a  b,A b,a b", "[a b][a  b][A b]" }, /* who looks for them knows which mean one */
        { ",", "!there is no name in ','" },
        { "a,\"b", "!the quote in \"b is not closed" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        Error err = { .code = ERR_NONE };
        StringList words = split_words(cases[i].words, &arena), names = { 0 };
        const char *found = "";
        if (!param_names_split(&words, is_known_name, NULL, &arena, &names, &err))
            found = arena_printf(&arena, "!%s", err.message);
        for (size_t j = 0; j < names.count; j++)
            found = arena_printf(&arena, "%s[%s]", found, names.items[j]);
        assert_string_equal(found, cases[i].expected);
        arena_release(&arena);
    }
}

static void test_names(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-vM^x", "VM=x" },
        { "-Z", "ZIP" },
        { "-s", "S" },
        { "-j", "JSON" },
        { "-jso", "JSON" },
        { "-jsonl", "JSONLINES" },
        { "-ve", "!'-ve' is short for several parameters: -VERSION, -VERBOSE" },
        { "-V^x", "!'-V' is short for several parameters: -VM, -VERSION, -VERBOSE" },
        { "-D:x", "!'-D' is short for several parameters: -DO, -DEST" },
        { "-VM^-V", "!'-V' is short for several parameters" },
        { "-?", "HELP" },
        { "\u2013VM^my vm^\u2014S", "VM=my vm|S" },
        { "-VM^\u2013x", "VM=\u2013x" },
        { "-VMM^x", "!unknown parameter '-VMM'\ndid you mean -VM?" },
        { "-DETS^x", "!unknown parameter '-DETS'\ndid you mean -DEST?" },
        { "-GPUS:x", "!unknown parameter '-GPUS:x'\ndid you mean -GPU?" },
        { "-QQQQ", "!unknown parameter '-QQQQ'\n-HELP" },
        { "-", "!unknown parameter '-'" },
        { "-:", "!unknown parameter '-:'" },
        { "--VM^x", "!unknown parameter '--VM'\none dash: -VM" },
        { "-VM=x", "!unknown parameter '-VM=x'\n-VM VALUE" },
        { "--", "!'--' has no meaning here" },
        { "/VM^x", "!unexpected '/VM'\n-VM" },
        { "my vm", "!unexpected 'my vm'\n-NAME VALUE" },
        { "-ZIP^yes", "!unexpected 'yes'\n-ZIP takes no value" },
        { "-VM^my^vm", "!unexpected 'vm'\n-VM \"my vm\"" },
        { "-VM^\"my^vm\"", "!unexpected 'vm\"'\nwithout --%" },
        { "-LOWMMIO^1GB^2GB", "!unexpected '2GB'\n-LOWMMIO takes one value" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_values(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-VM:x", "VM=x" },
        { "-VM::x", "VM=:x" },
        { "-VM:-x", "VM=-x" },
        { "-VM:-S", "VM=-S" },
        { "-VM:^x", "VM=x" },
        { "-VM", "!-VM needs a value" },
        { "-VM:", "!-VM needs a value" },
        { "-VM^", "!-VM needs a value" },
        { "-VM^-S", "!-VM needs a value\nPowerShell" },
        { "-VM^-x", "!unknown parameter '-x'\n-VM:-x" },
        { "-VM:^-x", "!unknown parameter '-x'\n-VM:-x" },
        { "-VM:a^-x", "!unknown parameter '-x'\n-HELP" },
        { "-VM^a^-VM^b", "!-VM is given twice" },
        { "-S^-S", "!-S is given twice" },
        { "-S:TRUE", "S" },
        { "-S:1", "S" },
        { "-S:0", "" },
        { "-S:^True^-ZIP", "ZIP|S" },
        { "-S:^$false^-ZIP", "ZIP" },
        { "-S:", "!-S takes no value but true and false" },
        { "-S:maybe", "!-S takes no value but true and false, not 'maybe'" },
        { "-CHECKPOINTTYPE^Standard", "CHECKPOINTTYPE=standard" },
        { "-CHECK^PRODUCTION", "CHECKPOINTTYPE=production" },
        { "-CHECKPOINTTYPE^off", "!-CHECKPOINTTYPE: 'off' is none of production, standard" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_sizes(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-LOWMMIO^1", "LOWMMIO=1" },
        { "-LOWMMIO^512mb^-HIGHMMIO^32GB", "LOWMMIO=536870912|HIGHMMIO=34359738368" },
        { "-LOWMMIO^1.5GB", "LOWMMIO=1610612736" },
        { "-LOWMMIO^1.1KB", "LOWMMIO=1126" },
        { "-LOWMMIO^0.0009765625KB", "LOWMMIO=1" },
        { "-LOWMMIO^1TB", "LOWMMIO=1099511627776" },
        { "-LOWMMIO^18446744073709551615", "LOWMMIO=18446744073709551615" },
        { "-LOWMMIO^18446744073709551616", "!is not a size" },
        { "-LOWMMIO^18014398509481983.999999KB", "LOWMMIO=18446744073709551615" },
        { "-LOWMMIO^18014398509481984KB", "!is not a size" },
        { "-LOWMMIO^0", "!-LOWMMIO: '0' is not a size\n512MB" },
        { "-LOWMMIO^1.5", "!is not a size" },
        { "-LOWMMIO^1.GB", "!is not a size" },
        { "-LOWMMIO^.5GB", "!is not a size" },
        { "-LOWMMIO^1,5GB", "!is not a size" },
        { "-LOWMMIO^GB", "!is not a size" },
        { "-LOWMMIO^4 GB", "!is not a size" },
        { "-LOWMMIO^4G", "!is not a size" },
        { "-LOWMMIO:-1GB", "!is not a size" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_durations(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-TIMEOUT^1s", "TIMEOUT=1s" },
        { "-TIMEOUT^90S", "TIMEOUT=90s" },
        { "-TIMEOUT:5m", "TIMEOUT=300s" },
        { "-TIMEOUT^2h", "TIMEOUT=7200s" },
        { "-TIMEOUT^14d", "TIMEOUT=1209600s" },
        { "-TIMEOUT^36500d", "TIMEOUT=3153600000s" },
        { "-TIMEOUT^36501d", "!is not a time" },
        { "-TIMEOUT^99999999999999999999s", "!is not a time" },
        { "-TIMEOUT^0s", "!-TIMEOUT: '0s' is not a time\n90s" },
        { "-TIMEOUT^5", "!is not a time" },
        { "-TIMEOUT^m", "!is not a time" },
        { "-TIMEOUT^1.5h", "!is not a time" },
        { "-TIMEOUT^5 m", "!is not a time" },
        { "-TIMEOUT^5min", "!is not a time" },
        { "-TIMEOUT:-5m", "!is not a time" },
        { "-TIMEOUT", "!" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_lists(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-GPU^a^-S^-GPU^b", "GPU=[a][b]|S" },
        { "-GPU^a,b^c^-S", "GPU=[a][b][c]|S" },
        { "-GPU^,a,,b,", "GPU=[a][b]" },
        { "-GPU^A B^a  b^c^C", "GPU=[A B][c]" },
        { "-GPU^\u00fc^\u00dc", "GPU=[\u00fc]" },
        { "-GPU^it's", "GPU=[it's]" },
        { "-GPU", "!-GPU needs a value" },
        { "-GPU:", "!-GPU needs a value" },
        { "-GPU^-S", "!-GPU needs a value" },
        { "-GPU^,", "!-GPU needs a value" },
        { "-GPU^\"\"", "!-GPU needs a value" },
        { "-GPU^a^-x", "!unknown parameter '-x'\n-GPU:-x" },
        { "-GPU:a^b^-GPU:^c", "GPU=[a][b][c]" },
        /* the drop-in scripts, which hand on what PowerShell has bound */
        { "-VM:my vm^-DO:add^-GPU:'a, b'^-GPU:'c'^-GPU:'it''s'^-GPU:'5\" x'^-S:True",
          "VM=my vm|DO=add|GPU=[a, b][c][it's][5\" x]|S" },
        { "-GPU:'A B'^-GPU:'A B,C'^-GPU:'C,D'^-S:False^-ZIP:True", "GPU=[A B][A B,C][C,D]|ZIP" },
        { "-VM:^-GPU:'a'", "!-VM needs a value" },
        { "-GPU:''^-S", "!-GPU needs a value" },
        /* cmd.exe */
        { "-GPU^Nvidia Geforce RTX 4060,order:3", "GPU=[Nvidia Geforce RTX 4060][order:3]" },
        { "-GPU^Nvidia Geforce RTX 4060,^order:3", "GPU=[Nvidia Geforce RTX 4060][order:3]" },
        { "-GPU^\"Nvidia X\", \"order:3\"", "GPU=[Nvidia X][order:3]" },
        { "-GPU^a 5\" disk", "GPU=[a 5\" disk]" },
        { "-GPU^'a, b'^-GPU^c", "GPU=[a, b][c]" },
        { "-GPU^a, b", "!-GPU: cannot tell whether 'a, b' is one value or several\norder:" },
        { "-DO^x^-GPU^a\" -ZI", "!-GPU: there is a quote inside" },
        /* Source text that PowerShell 7 passed on */
        { "-GPU^Nvidia X^\"Nvidia^X\",\"order:3\"", "GPU=[Nvidia X][order:3]" },
        { "-GPU^A B^C D^\"A^B\",\"C^D\",\"order:3\"", "GPU=[A B][C D][order:3]" },
        { "-GPU^A  B^\"A^B\",order:3", "GPU=[A  B][order:3]" },
        { "-GPU^A,x B^\"A,x^B\",\"order:3\"", "GPU=[A,x B][order:3]" },
        { "-GPU^'it''s^x','order:1'", "GPU=[it's x][order:1]" },
        { "-GPU^\"a\"\"b^c\",d", "GPU=[a\"b c][d]" },
        { "-GPU^order:1,deviceid:\"PCI\\VEN_1&DEV_2\\3\"", "GPU=[order:1][deviceid:PCI\\VEN_1&DEV_2\\3]" },
        { "-GPU^Intel -S 770^\"Intel^-S^770\",\"order:1\"^-S", "GPU=[Intel -S 770][order:1]|S" },
        { "-GPU^Radeon 6800^$name,order:5", "GPU=[Radeon 6800][order:5]" },
        { "-GPU^Radeon 6800^\"Radeon^$model\",\"order:2\"", "GPU=[Radeon 6800][order:2]" },
        { "-GPU^A B^(f^x),order:2", "!-GPU: PowerShell passed on '(f'" },
        { "-GPU^A B^$h['a^b'],order:2", "!-GPU: PowerShell passed on '$h['a'" },
        { "-GPU^order:5,$name", "!-GPU: PowerShell passed on '$name' as it was written\nvariable first" },
        { "-GPU^'$a','b'", "GPU=[$a][b]" },
        { "-GPU^pay$", "GPU=[pay$]" },
        { "-GPU^ 680 ^$name,order:5", "GPU=[680][order:5]" },
        { "-GPU^ ^$name,order:5", "GPU=[order:5]" },
        { "-GPU^\"radeon^rx", "!-GPU: the quote in \"radeon rx is not closed" },
        { "-GPU^\"radeon^-S", "!-GPU: the quote in \"radeon is not closed" },
        { "-GPU^\"radeon^-ZIP^-VM^my \"vm\"", "!-GPU: the quote in \"radeon is not closed" },
        { "-GPU^\"radeon^rx^A B", "!-GPU: the quote in \"radeon rx A B is not closed" },
        { "-GPU:\"a^-GPU:-S^-GPU:b\",\"c\"", "GPU=[a -S b][c]" },
        /* Variables: items one by one, nothing is source text */
        { "-GPU^Nvidia X^order:3^order:2", "GPU=[Nvidia X][order:3][order:2]" },
        { "-GPU^Nvidia X^Radeon Y^order:2^Nvidia X^order:1^order:7",
          "GPU=[Nvidia X][Radeon Y][order:2][order:1][order:7]" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_trailing_backslash(void **state)
{
    (void) state;
    static const Case cases[] = {
        /* cmd.exe; and Windows PowerShell 5.1 where there are blanks in the value */
        { "-DEST^C:\\my drivers\" -ZIP^-S", "!-DEST: there is a quote inside 'C:\\my drivers\" -ZIP'\nbackslash" },
        { "-VM^my vm\" -DO list-gpus", "!-VM: there is a quote inside" },
        { "-VM^my vm\" -DO:list-gpus -S", "!-VM: there is a quote inside" },
        { "-GPU^a b\" -DO add -VM my^vm", "!-GPU: there is a quote inside" },
        { "-GPU^a b,c d\" -S", "!-GPU: there is a quote inside" },
        { "-DEST^C:\\drivers\" -ZIP", "!-DEST: there is a quote inside 'C:\\drivers\" -ZIP'\nbackslash" },
        { "-DEST^C:\\drivers\" -ZIP -VM my^vm", "!-DEST: there is a quote inside" },
        { "-DEST^C:\\drivers\"", "!-DEST: there is a quote inside" },
        { "-DEST^D:\"", "!-DEST: there is a quote inside" },
        { "-DEST^\\\\server\\share\"", "!-DEST: there is a quote inside" },
        { "-VM^vm\"  -zip", "!-VM: there is a quote inside" },
        { "-VM^vm\" -later", "VM=vm\" -later" },
        { "-VM^19\" screen", "VM=19\" screen" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_bad_text(void **state)
{
    (void) state;
    static const Case cases[] = {
        { "-VM^a\tb", "!word 2 of the command line contains a control character" },
        { "-VM^a\x7f", "!word 2 of the command line contains a control character" },
        { "-VM^\xc2\x85", "!word 2 of the command line contains a control character" },
        { "-\xff", "!word 1 of the command line is not valid text" },
        { "-VM^\xed\xa0\x80", "!word 2 of the command line is not valid text" },
    };
    check_cases(cases, COUNT_OF(cases));
}

static void test_limits(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    StringList argv = { 0 };
    ARRAY_PUSH(&arena, &argv, "-GPU");
    while (argv.count < LIMIT_ARGUMENT_COUNT)
        ARRAY_PUSH(&arena, &argv, "a");
    assert_int_equal(check_binding(&host_table, &argv, "GPU=[a]", &arena), 0);
    ARRAY_PUSH(&arena, &argv, "a");
    assert_int_equal(check_binding(&host_table, &argv, "!the command line is longer than", &arena), 0);
    char *large = arena_alloc(&arena, LIMIT_ARGUMENT_BYTES + 1);
    memset(large, 'x', LIMIT_ARGUMENT_BYTES);
    argv.count = 1;
    ARRAY_PUSH(&arena, &argv, large);
    assert_int_equal(check_binding(&host_table, &argv, "!the command line is longer than", &arena), 0);
    arena_release(&arena);
}

static void test_nothing_given(void **state)
{
    (void) state;
    TestOptions options;
    Arena arena = ARENA_INIT;
    Error err;
    memset(&options, 0x55, sizeof(options));
    assert_true(params_parse(host_table.params, host_table.count, 0, NULL, &options, &arena, &err));
    assert_string_equal(options_describe(&host_table, &options, &arena), "");
    assert_int_equal(options.checkpoint_type, -1);
    arena_release(&arena);
}

static void test_tables(void **state)
{
    (void) state;
    params_check_table(host_table.params, host_table.count);
    params_check_table(guest_table.params, guest_table.count);
    assert_int_equal(check_words(&guest_table, "-D^x", "!'-D' is short for several parameters: -DRV, -DRVSRC"), 0);
    assert_int_equal(check_words(&guest_table, "-DRV^x^-DRVS^y", "DRV=[x]|DRVSRC=y"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_words_of_names),
        cmocka_unit_test(test_splitting_names),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_trailing_backslash),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nothing_given),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_powershell_argv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
