/* SPDX-License-Identifier: MIT */
#include "hyperv/vm/component.h"

#include "cim/schema.h"

bool component_look(HyperVHost *host, const Vm *vm, const char *class_name, const char *path, Arena *arena,
                    const CimInstance **ret_row, Error *err)
{
    CimInstanceList rows;
    CimInstance *row = NULL;
    Error failure = { .code = ERR_NONE };
    if (path == NULL) {
        if (!host_select(host, NS_VIRTUALIZATION, class_name, "SystemName", vm->guid, arena, &rows, err))
            return false;
        row = rows.count > 0 ? rows.items[0] : NULL;
    } else if (!cim_session_poll(host->session, NS_VIRTUALIZATION, path, arena, &row, &failure)) {
        if (failure.code != ERR_NOT_FOUND) {
            *err = failure;
            return false;
        }
        row = NULL;
    }
    *ret_row = row;
    return true;
}
