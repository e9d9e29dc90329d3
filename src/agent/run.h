/* SPDX-License-Identifier: MIT */
/* The agent, step after step, until its guest's cancel is asked for. */
#pragma once

#include "agent/agent.h"
#include "platform/fs.h"
#include "platform/registry_watch.h"

typedef struct AgentWatch AgentWatch;
struct AgentWatch {
    /* Returns when the host may have asked for something, it is to end, or the time has passed. */
    void (*wait)(AgentWatch *watch, int64_t timeout_ms);
};

/* Of this Windows' registry. Whoever asks for the end wakes it. */
typedef struct KeyWatch {
    AgentWatch watch; /* first: the agent hands it back */
    RegistryWatch *registry;
} KeyWatch;
KeyWatch key_watch(RegistryWatch *registry);

/* Of a registry in a file: looks at it several times a second. */
typedef struct FileWatch {
    AgentWatch watch; /* first: the agent hands it back */
    const char *path;
    const AgentGuest *guest;
    FsStamp stamp;
} FileWatch;
FileWatch file_watch(const char *path, const AgentGuest *guest);

/* Fails where it cannot begin. What goes wrong later is told, and tried again. */
MUST_CHECK bool agent_run(const AgentGuest *guest, AgentWatch *watch, Error *err);
