/* SPDX-License-Identifier: MIT */
/* The session of a simulated host: CIM's three verbs on a shared host. */
#include "cim/sim/sim_session.h"

#include "base/alloc.h"
#include "base/check.h"
#include "sim/host.h"

#include <stdlib.h>

typedef struct SimSession {
    CimSession base;
    SharedHost *shared;
    char *label;
} SimSession;

static const CimSessionOps sim_ops;

static SimSession *sim_from(CimSession *session)
{
    CHECK(session->ops == &sim_ops);
    return (SimSession *) session;
}

static int64_t now_ms(const SimSession *sim)
{
    return sim->base.clock->now_ms(sim->base.clock);
}

static bool enter(SimSession *sim, SharedHostUse use, SimHost **ret_host, Error *err)
{
    if (!shared_host_enter(sim->shared, use, now_ms(sim), &sim->base.cancel, ret_host, err))
        return false;
    sim->base.address_bits = sim_host_address_bits(*ret_host);
    return true;
}

static bool sim_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                      Error *err)
{
    SimSession *sim = sim_from(session);
    SimHost *host;
    if (!enter(sim, SHARED_HOST_READ, &host, err))
        return false;
    bool ok = sim_host_query(host, now_ms(sim), ns, wql, arena, list, err);
    return shared_host_leave(sim->shared, ok, err);
}

static bool sim_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                    Error *err)
{
    SimSession *sim = sim_from(session);
    SimHost *host;
    CimInstance *instance;
    if (!enter(sim, SHARED_HOST_READ, &host, err))
        return false;
    bool ok = sim_host_get(host, now_ms(sim), ns, path, arena, &instance, err);
    if (!shared_host_leave(sim->shared, ok, err))
        return false;
    *ret_instance = instance;
    return true;
}

static bool sim_invoke(CimSession *session, const char *ns, const char *path, const char *method, const CimInstance *in,
                       Arena *arena, CimInstance **ret_out, Error *err)
{
    SimSession *sim = sim_from(session);
    SimHost *host;
    CimInstance *out;
    if (!enter(sim, SHARED_HOST_CHANGE, &host, err))
        return false;
    bool ok = sim_host_invoke(host, now_ms(sim), ns, path, method, in, arena, &out, err);
    if (!shared_host_leave(sim->shared, ok, err))
        return false;
    *ret_out = out;
    return true;
}

static void sim_close(CimSession *session)
{
    SimSession *sim = sim_from(session);
    shared_host_release(sim->shared);
    free(sim->label);
    free(sim);
}

static bool sim_identify(CimSession *session, Arena *arena, const char **ret_name, Error *err)
{
    const char *name = shared_host_identity(sim_from(session)->shared);
    (void) err; /* known since it was opened */
    if (*name != '\0')
        *ret_name = arena_strdup(arena, name);
    return true;
}

static const CimSessionOps sim_ops = {
    .name = "sim",
    .query = sim_query,
    .get = sim_get,
    .invoke = sim_invoke,
    .identify = sim_identify,
    .close = sim_close,
};

CimSession *sim_session_create(SharedHost *shared, Clock *clock)
{
    Arena scratch = ARENA_INIT;
    SimSession *sim = alloc_zeroed(sizeof(*sim));
    sim->shared = shared_host_keep(shared);
    sim->label = alloc_strdup(arena_printf(&scratch, "sim:%s", shared_host_file(shared)));
    arena_release(&scratch);
    cim_session_init(&sim->base, &sim_ops, sim->label, clock);
    return &sim->base;
}

bool sim_session_open(const char *file, const char *variant, Clock *clock, CimSession **ret_session, Error *err)
{
    SharedHost *shared;
    if (!shared_host_open(file, variant, clock->now_ms(clock), NULL, &shared, err))
        return false;
    *ret_session = sim_session_create(shared, clock);
    shared_host_release(shared);
    return true;
}

bool sim_files_open(const char *file, HostFiles **ret_files, Error *err)
{
    return shared_host_open_files(file, ret_files, err);
}
