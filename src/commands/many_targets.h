/* SPDX-License-Identifier: MIT */
/* Which VMs of which hosts are meant. A name is that of one VM on each host that has one of that name (several of them
 * on one host are ambiguous), a pattern stands for all whose names are so; what none of the hosts has is refused. A
 * word that as it stands is the name of a VM is that VM, whatever commas, '*' and '?' are in it. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "commands/app.h"

typedef struct KnownVm {
    const char *guid, *name;
} KnownVm;

typedef struct KnownVmList {
    KnownVm *items;
    size_t count, capacity;
} KnownVmList;

/* A host, as it was found. */
typedef struct ManyHost {
    const char *option; /* as written after -HOST; NULL: the one of here */
    const char *text;   /* for people */
    HostAddress address; /* with what is open of it, for sessions side by side */
    const char *key;    /* the same host has the same, whatever it is called; NULL: not reached */
    Error failure;      /* why it was not reached */
    KnownVmList vms;
    char *lines; /* of -VERBOSE; on the heap */
    Arena arena; /* of all this */
} ManyHost;

typedef struct ManyHostList {
    ManyHost *items;
    size_t count, capacity;
} ManyHostList;

/* What a run is for. */
typedef struct ManyTarget {
    const ManyHost *host;
    const KnownVm *vm; /* NULL: the host as a whole, or it was not reached */
    StringList ids;    /* "id:GUID" of the VMs of a host as a whole that are meant; none: all */
} ManyTarget;

typedef struct ManyTargetList {
    ManyTarget *items;
    size_t count, capacity;
} ManyTargetList;

/* Connects, and reads the names of its VMs if the options name any: one round trip. In a thread of its own. */
void many_host_read(const App *app, ManyHost *host);
void many_host_release(ManyHost *host);

/* No other VM of the host is called as that one. */
bool many_is_only_name(const ManyHost *host, const KnownVm *vm);

/* The word, as it stands, is the name of a VM of one of the hosts, or the ID of any. */
bool many_is_name(const ManyHostList *hosts, const char *word);

/* For verbs that look at a host as a whole: one target for each host, with the VMs that were found on it. */
ManyTargetList many_by_host(const ManyTargetList *targets, Arena *arena);

/* An error for each name that is none, in ret_errors; of hosts that were not reached nobody knows, then none is wrong.
 * False, with err: the words are no list. */
typedef struct ErrorList {
    Error *items;
    size_t count, capacity;
} ErrorList;
MUST_CHECK bool many_find(const StringList *words, const ManyHostList *hosts, Arena *arena, ManyTargetList *ret_targets,
                          ErrorList *ret_errors, Error *err);
