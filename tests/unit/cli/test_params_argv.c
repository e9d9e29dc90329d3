/* SPDX-License-Identifier: MIT */
/* What PowerShell delivers for typed command lines (tests/data/powershell-argv.tsv, measured) must bind as
 * PowerShell's own parameter binder would have bound it, or be refused. */
#include "unit/cli/test_params.h"

#include "base/compiler.h"
#include "base/utf.h"
#include "platform/fs.h"
#include "support/param_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#define DEVICE "deviceid:PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008"
#define INSTANCE                                                                                                       \
    "instanceid:\\\\?\\PCI#VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1#4&17f0f7d2&0&0008"                                 \
    "#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV"
#define ADAPTER "adapterid:Microsoft:F65D0775-1CA1-4804-9305-71F4A38BDD83\\EDF7D457-23FC-4358-902A-57B31399ED19"
#define RADEON_AND_5 "VM=my vm|GPU=[radeon rx 6800 xt][order:5]"

/* One row per line of the file, in its order. "!text": refused, and the message contains the text.
 * legacy: where the old passing has lost what the other two still tell. */
static const struct {
    const char *typed;
    const char *bound;
    const char *legacy;
} expectations[] = {
    { "-VM \"my vm\"", "VM=my vm", NULL },
    { "-VM 'my vm' -DO list-gpus", "VM=my vm|DO=list-gpus", NULL },
    { "-vm \"my vm\" -do \"list-gpus\"", "VM=my vm|DO=list-gpus", NULL },
    { "-VM \"my vm\" -GPU \"Nvidia GeForce RTX 4060\"", "VM=my vm|GPU=[Nvidia GeForce RTX 4060]", NULL },
    { "-VM \"my vm\" -GPU \"" DEVICE "\"", "VM=my vm|GPU=[" DEVICE "]", NULL },
    { "-VM \"my vm\" -GPU \"" INSTANCE "\"", "VM=my vm|GPU=[" INSTANCE "]", NULL },
    { "-VM \"my vm\" -GPU \"radeon rx 6800 xt\",\"order:5\"", RADEON_AND_5, NULL },
    { "-VM \"my vm\" -GPU \"radeon rx 6800 xt\", \"order:5\"", RADEON_AND_5, NULL },
    { "-VM \"my vm\" -GPU \"order:5\",\"radeon rx 6800 xt\"", "VM=my vm|GPU=[order:5][radeon rx 6800 xt]", NULL },
    { "-VM \"my vm\" -GPU order:5,order:2", "VM=my vm|GPU=[order:5][order:2]", NULL },
    { "-VM \"my vm\" -GPU order:5, order:2", "VM=my vm|GPU=[order:5][order:2]", NULL },
    { "-VM \"my vm\" -GPU order:5 , order:2", "VM=my vm|GPU=[order:5][order:2]", NULL },
    { "-VM \"my vm\" -GPU \"order:5\",\"order:2\"", "VM=my vm|GPU=[order:5][order:2]", NULL },
    { "-VM \"my vm\" -GPU 'order:5','order:2'", "VM=my vm|GPU=[order:5][order:2]", NULL },
    { "-VM \"my vm\" -GPU \"nvidia geforce rtx 4060\",\"radeon rx 6800 xt\"",
      "VM=my vm|GPU=[nvidia geforce rtx 4060][radeon rx 6800 xt]", NULL },
    { "-VM \"my vm\" -GPU 'nvidia geforce rtx 4060','radeon rx 6800 xt'",
      "VM=my vm|GPU=[nvidia geforce rtx 4060][radeon rx 6800 xt]", NULL },
    { "-VM \"my vm\" -DO \"add\" -GPU \"Radeon RX 6800 XT\",\"order:4\",\"" DEVICE "\"",
      "VM=my vm|DO=add|GPU=[Radeon RX 6800 XT][order:4][" DEVICE "]", NULL },
    { "-VM \"my vm\" -DO \"remove\" -GPU \"NVIDIA GeForce RTX 4060\",\"order:2\"",
      "VM=my vm|DO=remove|GPU=[NVIDIA GeForce RTX 4060][order:2]", NULL },
    { "-VM \"my vm\" -DO \"remove\" -GPU \"" ADAPTER "\"", "VM=my vm|DO=remove|GPU=[" ADAPTER "]", NULL },
    { "-VM \"my vm\" -DO \"remove\" -GPU \"NVIDIA GeForce RTX 4060\",\"" DEVICE "\"",
      "VM=my vm|DO=remove|GPU=[NVIDIA GeForce RTX 4060][" DEVICE "]", NULL },
    { "-VM \"my vm\" -GPU (\"radeon rx 6800 xt\",\"order:5\")", RADEON_AND_5, NULL },
    { "-VM \"my vm\" -GPU @(\"radeon rx 6800 xt\",\"order:5\")", RADEON_AND_5, NULL },
    { "-VM \"my vm\" -GPU $gpus", RADEON_AND_5, NULL },
    { "-VM \"my vm\" -GPU @gpus", RADEON_AND_5, NULL },
    { "@splat", RADEON_AND_5, NULL },
    { "-VM:\"my vm\" -DO:add -GPU:\"radeon rx 6800 xt\",\"order:5\"",
      "VM=my vm|DO=add|GPU=[radeon rx 6800 xt][order:5]", NULL },
    { "-VM: \"my vm\" -DO: add -GPU: \"radeon rx 6800 xt\",\"order:5\"",
      "VM=my vm|DO=add|GPU=[radeon rx 6800 xt][order:5]", NULL },
    /* Legacy: nothing tells it from -GPU a,b,order:1. */
    { "-VM \"my vm\" -DO add -GPU \"a,b\",\"order:1\"", "VM=my vm|DO=add|GPU=[a,b][order:1]",
      "VM=my vm|DO=add|GPU=[a][b][order:1]" },
    { "-VM \"my vm\" -DO add -GPU \"a, b\"", "!-GPU: cannot tell whether 'a, b' is one value or several", NULL },
    { "-VM \"my vm\" -DO get-drivers -ZIP -DEST \"C:\\drivers\\\"", "VM=my vm|DO=get-drivers|ZIP|DEST=C:\\drivers\\",
      NULL },
    { "-VM \"my vm\" -DO get-drivers -ZIP -DEST \"C:\\my drivers\\\"",
      "VM=my vm|DO=get-drivers|ZIP|DEST=C:\\my drivers\\", NULL },
    { "-VM \"my vm\" -DO get-drivers -DEST \"\\\\server\\share\\drivers\" -S",
      "VM=my vm|DO=get-drivers|DEST=\\\\server\\share\\drivers|S", NULL },
    { "-VM \"my vm\" -DO get-drivers -DEST \\\\server\\share\\drivers",
      "VM=my vm|DO=get-drivers|DEST=\\\\server\\share\\drivers", NULL },
    { "-VM \"my vm\" -DO get-drivers -DEST \"C:\\my drivers\" -ZIP -S",
      "VM=my vm|DO=get-drivers|ZIP|DEST=C:\\my drivers|S", NULL },
    { "-VM \"\" -DO add-all", "!-VM needs a value", NULL },
    { "-VM $null -DO add-all", "!-VM needs a value", NULL },
    /* Legacy: the quotes are gone before any program could see them. */
    { "-VM \"my \"\"vm\"\"\"", "VM=my \"vm\"", "VM=my vm" },
    { "-VM 'my \"vm\"'", "VM=my \"vm\"", "VM=my vm" },
    { "-VM \"it's mine\"", "VM=it's mine", NULL },
    { "-VM \"мой вм\"", "VM=мой вм", NULL },
    { "-VM \"50% off; really\"", "VM=50% off; really", NULL },
    { "-VM \"100%PATH%\"", "VM=100%PATH%", NULL },
    { "-VM \"my vm\" -- -DO add", "!'--' has no meaning here", NULL },
    { "-VM \"my vm\" -S:$true", "VM=my vm|S", NULL },
    { "-VM \"my vm\" -S:$false", "VM=my vm", NULL },
    { "-VM my` vm", "VM=my vm", NULL },
    { "-DRV NVIDIA_20240814", "DRV=[NVIDIA_20240814]", NULL },
    { "-DRV \"NVIDIA_20240814\",\"AMD_20240312\"", "DRV=[NVIDIA_20240814][AMD_20240312]", NULL },
    { "-DRV NVIDIA_20240814,AMD_20240312", "DRV=[NVIDIA_20240814][AMD_20240312]", NULL },
    { "-DRV \"NVIDIA 20240814\",\"AMD 20240312\"", "DRV=[NVIDIA 20240814][AMD 20240312]", NULL },
    { "-SRC \"C:\\path\\to\\packages\" -DRV \"NVIDIA_20240814\" -FORCE",
      "SRC=C:\\path\\to\\packages|DRV=[NVIDIA_20240814]|FORCE", NULL },
    { "-DRVSRC \"\\\\server\\my share\\NVIDIA_20240814.zip\" -FORCE -S",
      "DRVSRC=\\\\server\\my share\\NVIDIA_20240814.zip|FORCE|S", NULL },
};

static char *cut_at(char **rest, char end)
{
    char *start = *rest;
    char *separator = strchr(start, end);
    assert_non_null(separator);
    *separator = '\0';
    *rest = separator + 1;
    return start;
}

static void check_form(const char *typed, const char *form, const char *argv_json, const char *expected)
{
    Arena arena = ARENA_INIT;
    json_t *words = json_loads(argv_json, 0, NULL);
    assert_non_null(words);
    StringList argv = { 0 };
    for (size_t i = 0; i < json_array_size(words); i++)
        ARRAY_PUSH(&arena, &argv, json_string_value(json_array_get(words, i)));
    bool guest = strncmp(typed, "-DRV", 4) == 0 || strncmp(typed, "-SRC", 4) == 0;
    if (check_binding(guest ? &guest_table : &host_table, &argv, expected, &arena) != 0)
        fail_msg("%s form of: %s", form, typed);
    json_decref(words);
    arena_release(&arena);
}

void test_powershell_argv(void **state)
{
    (void) state;
    static const char *const forms[] = { "legacy", "windows", "standard" };
    Arena arena = ARENA_INIT;
    Error err;
    char *data;
    size_t size, line = 0;
    assert_true(fs_read_file(TEST_DATA_FOLDER "/powershell-argv.tsv", 1024 * 1024, &arena, &data, &size, &err));
    for (char *rest = data; rest < data + size;) {
        char *row = cut_at(&rest, '\n');
        if (*row == '#')
            continue;
        assert_true(line < COUNT_OF(expectations));
        assert_string_equal(cut_at(&row, '\t'), expectations[line].typed);
        for (size_t form = 0; form < COUNT_OF(forms); form++) {
            const char *json = form + 1 < COUNT_OF(forms) ? cut_at(&row, '\t') : row;
            bool lost = form == 0 && expectations[line].legacy != NULL;
            check_form(expectations[line].typed, forms[form], json,
                       lost ? expectations[line].legacy : expectations[line].bound);
        }
        line++;
    }
    assert_int_equal(line, COUNT_OF(expectations));
    arena_release(&arena);
}
