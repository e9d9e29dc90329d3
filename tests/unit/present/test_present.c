/* SPDX-License-Identifier: MIT */
/* docs/json.md names the members that results have, and no others. A table there begins with "| member of `gpus[]` |";
 * the first cell of each row names one member or several. */
#include "present/capture.h"
#include "present/change.h"
#include "present/check.h"
#include "present/checkpoints.h"
#include "present/drivers.h"
#include "present/install.h"
#include "present/inventory.h"
#include "present/power.h"
#include "present/service.h"
#include "present/update.h"

#include "document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

/* The names in backticks in the first cell of each row. */
static StringList documented_members(const char *section, const char *table)
{
    StringList names = { 0 };
    const char *line = strstr(document, arena_printf(&arena, "\n## %s\n", section));
    if (line == NULL)
        fail_msg("docs/json.md has no section %s", section);
    line = strstr(line, arena_printf(&arena, "| member of `%s` |", table));
    if (line == NULL)
        fail_msg("docs/json.md has no table of %s", table);
    line = strchr(strchr(line, '\n') + 1, '\n') + 1; /* and the rule below the head */
    for (; *line == '|'; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line + 1, '|');
        for (const char *open = strchr(line, '`'); open != NULL && open < end;) {
            const char *close = strchr(open + 1, '`');
            ARRAY_PUSH(&arena, &names, arena_strndup(&arena, open + 1, (size_t) (close - open - 1)));
            open = strchr(close + 1, '`');
        }
    }
    return names;
}

static bool has(const StringList *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

static void every_member_is_documented(void **state)
{
    (void) state;
    static const struct {
        const char *section, *table;
        const Shape *shape;
    } rows[] = {
        { "Listings", "gpus[]", &gpu_shape },
        { "Listings", "assigned[]", &assigned_gpu_shape },
        { "Listings", "vms[]", &vm_summary_shape },
        { "Listings", "checkpoints[]", &checkpoint_info_shape },
        { "Listings", "checkpoints[].gpus[]`, `restorePutsBack[]", &checkpoint_gpu_shape },
        { "check", "findings[]", &finding_shape },
        { "check", "mended[]`, `wouldBeMended[]", &mended_finding_shape },
        { "check", "checked[]", &checked_area_shape },
        { "Changing verbs", "removedCheckpoints[]`, `plan.remove[]`, `plan.keep[]`, `renamed`, `plan.rename",
          &checkpoint_brief_shape },
        { "Changing verbs", "power", &power_shape },
        { "recover", "vms[]", &recovery_shape },
        { "get-drivers", "packages[]", &gathered_package_shape },
        { "check-drivers", "drivers[]", &compared_driver_shape },
        { "check-drivers", "package`, `guest` of `drivers[]", &driver_place_shape },
        { "check-drivers", "problems[]` of `drivers[]", &file_fault_shape },
        { "check-drivers", "guest", &guest_report_shape },
        { "check-drivers", "guest.gpus[]", &guest_gpu_shape },
        { "update-drivers", "drivers[]", &updated_driver_shape },
        { "update-drivers", "guest", &guest_agent_shape },
        { "update-drivers", "leftOut[]", &left_out_gpu_shape },
        { "update-drivers", "brought", &brought_shape },
        { "capture", "capture", &capture_shape },
        { "capture", "classes[]` of `capture", &captured_class_shape },
        { "capture", "leftOut[]` of `capture", &left_out_shape },
        { "installdrivers", "packages[]", &package_report_shape },
        { "installdrivers", "inUse[]", &holder_shape },
        { "installdrivers", "packages[]` of `-VERIFY", &package_check_shape },
        { "installdrivers", "installdrivers -RECOVER", &install_recovery_shape },
        { "installdrivers", "installdrivers", &installed_gpus_shape },
        { "installdrivers", "service", &service_shape },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        StringList documented = documented_members(rows[i].section, rows[i].table), members = { 0 };
        for (size_t j = 0; j < rows[i].shape->count; j++) {
            const char *name = rows[i].shape->fields[j].name;
            if (name == NULL)
                continue;
            ARRAY_PUSH(&arena, &members, name);
            if (!has(&documented, name))
                fail_msg("docs/json.md does not tell of the member '%s' of %s", name, rows[i].table);
        }
        for (size_t j = 0; j < documented.count; j++) {
            if (!has(&members, documented.items[j]))
                fail_msg("docs/json.md tells of '%s' of %s, which has no such member", documented.items[j],
                         rows[i].table);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_documented),
    };
    return cmocka_run_group_tests(tests, document_read, document_release);
}
