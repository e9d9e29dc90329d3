/* SPDX-License-Identifier: MIT */
#include "agent/run.h"

#include <string.h>

enum { FILE_LOOK_MS = 200, RETRY_MS = 60 * 1000 };

static void wait_for_key(AgentWatch *watch, int64_t timeout_ms)
{
    registry_watch_wait(((KeyWatch *) watch)->registry, timeout_ms);
}

KeyWatch key_watch(RegistryWatch *registry)
{
    return (KeyWatch){ .watch = { .wait = wait_for_key }, .registry = registry };
}

/* A change between this look and what the agent reads is seen at the next wait: once too often, never missed. */
static void wait_for_file(AgentWatch *watch, int64_t timeout_ms)
{
    FileWatch *file = (FileWatch *) watch;
    Clock *clock = file->guest->clock;
    for (int64_t waited = 0; waited < timeout_ms && !cancel_is_requested(file->guest->cancel); waited += FILE_LOOK_MS) {
        FsStamp now = fs_stamp(file->path);
        if (!fs_stamp_equals(&now, &file->stamp)) {
            file->stamp = now;
            return;
        }
        clock->sleep_ms(clock, FILE_LOOK_MS);
    }
}

FileWatch file_watch(const char *path, const AgentGuest *guest)
{
    return (FileWatch){ .watch = { .wait = wait_for_file }, .path = path, .guest = guest };
}

/* A trouble that lasts is told once. */
static void tell_trouble(const AgentGuest *guest, const Error *err, Error *told)
{
    if (strcmp(err->message, told->message) != 0)
        report_warning(guest->report, "%s", err->message);
    *told = *err;
}

bool agent_run(const AgentGuest *guest, AgentWatch *watch, Error *err)
{
    Agent *agent = agent_create(guest);
    Error told = { .code = ERR_NONE };
    bool ok = agent_begin(agent, err);
    while (ok && !cancel_is_requested(guest->cancel)) {
        Error trouble = { .code = ERR_NONE };
        int64_t wait_ms;
        if (!agent_step(agent, &wait_ms, &trouble)) {
            tell_trouble(guest, &trouble, &told);
            wait_ms = RETRY_MS;
        }
        if (!cancel_is_requested(guest->cancel))
            watch->wait(watch, wait_ms);
    }
    agent_destroy(agent);
    return ok;
}
