/* SPDX-License-Identifier: MIT */
/* Fuzz target: the state file of a simulated host. Whatever is taken for a host must answer, do what it is asked,
 * and come out as it went in. */
#include "base/check.h"
#include "cim/schema.h"
#include "sim/host.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t july_2026 = INT64_C(1782914709000);

static CimInstanceList query(SimHost *host, const char *wql, Arena *arena)
{
    CimInstanceList list = { .items = NULL };
    Error err;
    if (!sim_host_query(host, july_2026, NS_VIRTUALIZATION, wql, arena, &list, &err))
        list.count = 0; /* a host without Hyper-V, or an error that is one */
    return list;
}

static void invoke(SimHost *host, const char *path, const char *method, const char *parameter, CimValue value,
                   Arena *arena)
{
    CimInstance *in = cim_instance_create(arena, "__PARAMETERS"), *out;
    Error err;
    cim_instance_set(in, arena, parameter, value);
    if (sim_host_invoke(host, july_2026, NS_VIRTUALIZATION, path, method, in, arena, &out, &err))
        CHECK(cim_instance_find(out, "ReturnValue") != NULL);
}

static void read_everything(SimHost *host, Arena *arena)
{
    CimInstanceList list = query(host, "SELECT * FROM CIM_ManagedElement", arena);
    for (size_t i = 0; i < list.count && i < 50; i++) {
        Error err;
        CimInstance *row;
        const char *path = list.items[i]->path;
        CHECK(sim_host_get(host, july_2026, NS_VIRTUALIZATION, path, arena, &row, &err));
        CHECK(strcmp(row->path, path) == 0);
        query(host, arena_printf(arena, "ASSOCIATORS OF {%s}", path), arena);
        query(host, arena_printf(arena, "REFERENCES OF {%s}", path), arena);
    }
    query(host, "SELECT * FROM CIM_Dependency", arena);
    query(host, "SELECT * FROM CIM_Component", arena);
    query(host, "SELECT * FROM Msvm_AffectedJobElement", arena);
}

static void change_everything(SimHost *host, Arena *arena)
{
    CimInstanceList vms = query(host, "SELECT * FROM Msvm_ComputerSystem", arena);
    CimInstanceList services = query(host, "SELECT * FROM CIM_Service", arena);
    CimInstanceList settings = query(host, "SELECT * FROM CIM_SettingData", arena);
    for (size_t i = 0; i < services.count && i < 4; i++) {
        for (size_t k = 0; k < vms.count && k < 8; k++) {
            CimValue vm = cim_text(CIM_TYPE_REFERENCE, vms.items[k]->path);
            invoke(host, services.items[i]->path, "CreateSnapshot", "AffectedSystem", vm, arena);
            invoke(host, vms.items[k]->path, "RequestStateChange", "RequestedState", cim_uint(CIM_TYPE_UINT16, 2),
                   arena);
            invoke(host, vms.items[k]->path, "RequestStateChange", "RequestedState", cim_uint(CIM_TYPE_UINT16, 3),
                   arena);
            invoke(host, services.items[i]->path, "DestroySystem", "AffectedSystem", vm, arena);
        }
        for (size_t k = 0; k < settings.count && k < 16; k++) {
            CimValue reference = cim_text(CIM_TYPE_REFERENCE, settings.items[k]->path);
            invoke(host, services.items[i]->path, "ApplySnapshot", "Snapshot", reference, arena);
            invoke(host, services.items[i]->path, "DestroySnapshotTree", "SnapshotSettingData", reference, arena);
            invoke(host, services.items[i]->path, "RemoveResourceSettings", "ResourceSettings",
                   cim_array(CIM_TYPE_REFERENCE, &reference, 1), arena);
        }
    }
}

static SimHost *reread(SimHost *host, Arena *arena, const char **ret_text)
{
    Error err;
    size_t size;
    SimHost *again = NULL;
    CHECK(sim_host_write(host, arena, ret_text, &size, &err));
    CHECK(sim_host_read(*ret_text, size, &again, &err));
    *ret_text = arena_strndup(arena, *ret_text, size);
    sim_host_destroy(host);
    return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    Error err = { .code = ERR_NONE };
    SimHost *host = NULL;
    const char *first, *second;
    if (!sim_host_read((const char *) data, size, &host, &err)) {
        CHECK(err.code == ERR_PROTOCOL);
        return 0;
    }
    host = reread(host, &arena, &first);
    host = reread(host, &arena, &second);
    CHECK(strcmp(first, second) == 0);
    read_everything(host, &arena);
    change_everything(host, &arena);
    host = reread(host, &arena, &first);
    read_everything(host, &arena);
    sim_host_destroy(host);
    arena_release(&arena);
    return 0;
}
