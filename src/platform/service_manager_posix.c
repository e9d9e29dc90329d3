/* SPDX-License-Identifier: MIT */
#include "platform/service_manager.h"

static bool refuse(Error *err)
{
    return error_set(err, ERR_UNSUPPORTED, "this system has no services of Windows");
}

bool service_find(const char *name, ServicePresence *ret_presence, Error *err)
{
    (void) name;
    (void) ret_presence;
    return refuse(err);
}

bool service_install(const ServiceSpec *spec, Error *err)
{
    (void) spec;
    return refuse(err);
}

bool service_start(const char *name, Error *err)
{
    (void) name;
    return refuse(err);
}

bool service_stop(const char *name, Error *err)
{
    (void) name;
    return refuse(err);
}

bool service_remove(const char *name, Error *err)
{
    (void) name;
    return refuse(err);
}

bool service_run(const char *name, bool (*work)(void *context), void (*stop)(void *context), void *context, Error *err)
{
    (void) name;
    (void) work;
    (void) stop;
    (void) context;
    return refuse(err);
}
